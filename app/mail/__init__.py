"""Outgoing mail: the outbox that is the truth, and the worker that empties it.

A mail is a row written in the transaction of what caused it: queued → claimed (lease) → handing over (committed
before DATA) → accepted | refused | deferred | uncertain, or dropped when its reason is gone. A lease that ends in
*claimed* is requeued. One that ends in *handing over* is uncertain: an official mail then waits for a person, a
personal one goes once more with the same Message-ID.

Mail stands below the stages that write to people: they register their kinds of message, and the worker renders
through that registry. Row references are sealed and the occasion is a keyed digest, so that the raw outbox does not
tell who was reminded of what.
"""
