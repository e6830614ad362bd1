"""Background: jobs that come round, and the processes that run them and what later stages hand in.

The calendar (`calendar`, `scheduling`) runs each due job once over all workers and machines. `processes` keeps loops
alive, each in a process of its own, and ends them politely by one flag (`stopping`). Long work that people order and
wait for is worked off in portions (`long_works`, `pacing`), in a process that slows no other. Nothing here holds what
must not be lost: what is to be done stands in the tables of the stages. `children` let a child with little time and
memory read what somebody sent, and `holders` says of whom it is known that they are gone.
"""
