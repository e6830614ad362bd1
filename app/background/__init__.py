"""Background: jobs that come round, the bell that wakes workers, and the processes that run them.

The calendar (`calendar`, `scheduling`) runs each due job once over all workers and machines. The bell (`bells`,
`queues`) only wakes; it holds nothing that must not be lost. `processes` keeps the workers alive and ends them
politely. What they do belongs to later stages, which hand it in.
"""
