"""Mail: an outbox that is the truth, how mails are composed, and what is known of their fate.

A mail is a row written in the transaction of what caused it (`actions`): queued → claimed (lease) → handing over
(committed before DATA) → accepted | refused | deferred | uncertain, or dropped when its reason is gone; later it may
have bounced. A lease that ends in *claimed* is requeued. One that ends in *handing over* is uncertain: an official
mail then waits for proof (`evidence`) or a person, a personal one goes once more with the same Message-ID. Every try
is a row with what the server answered. `sending` does it.

Mail stands below the stages that write to people: they register their kinds of message (`registry`), and the worker
renders through that registry, composes (`composing`, `merging`, `signing`) and asks the caps that protect third
parties (`addresses`). Row references and answers are sealed, and occasions and addresses are keyed digests, so that
the raw tables do not tell who was written to about what.
"""
