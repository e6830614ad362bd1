"""Mail: an outbox that is the truth, workers that empty it, and what comes back.

A mail is a row written in the transaction of what caused it (`actions`): queued → claimed (lease) → handing over
(committed before DATA) → accepted | refused | deferred | uncertain, or dropped when its reason is gone; later it may
have bounced. A lease that ends in *claimed* is requeued (`outbox`). One that ends in *handing over* is uncertain: an
official mail then waits for proof or a person (`evidence`, `control`), a personal one goes once more with the same
Message-ID. Every try is a row with what the server answered.

A worker (`worker`, `preparing`, `results`) renders what it has claimed, asks the caps that protect third parties
(`addresses`) and the pace towards servers and domains (`pace`), and hands over on a connection of our own
(`connection`). The bell (`bells`, `queues`) only wakes it, and the calendar (`scheduling`, `jobs`) sweeps up after it;
neither holds anything that must not be lost. `engine` runs them as a service.

What comes in is stored first (`inbound`, from `inbox` or a pipe) and sorted afterwards (`sorting`): reports settle
mails and stop addresses (`reports`, `bounces`), letters wait for the stage that they answer.

Mail stands below the stages that write to people: they register their kinds of message and their jobs, and the worker
renders through that registry. Row references and answers are sealed, and occasions and addresses are keyed digests, so
that the raw tables do not tell who was written to about what.
"""
