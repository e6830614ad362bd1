"""Serving: how requests come to the pages where many come, or slowly.

`arriving` knows when a request is there whole, `conversations` what goes to and fro on one connection, `patient_worker`
is the worker that gunicorn runs: it answers one request at a time, and only such as are there whole. `shedding` says
that there is too much to do, who waits last to be told so, and how. Nothing here knows a page or a database.
"""
