"""Sending: workers claim due mails, keep the pace, hand over, and write down what the server said.

`claims` moves mails between states behind a fence, `preparing` renders them, `pace`, `rates` and `seats` say what may
go now, `worker` hands over and `results` records, so that a kill at any point leaves rows that tell the truth. `loop`
is the process that does it all over again, and the jobs sweep up after the dead.
"""
