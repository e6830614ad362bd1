"""One SMTP conversation: envelopes, the session, the connection, and what the server's answers mean.

It knows no database and no queue. `session` speaks the protocol, `connection` hands over one finished message and
gives a verdict (`verdicts`), `troubles` reads why a server said no, and `mending` says in plain words what an operator
can do.
"""
