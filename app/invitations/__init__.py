"""Asking: one signatory, one statement, one invitation; reminders; what came of asking.

States: prepared → asked, or cancelled. The answer (none, signed, declined, asked for a change, withdrawn) stands in a
table of its own, under a keyed digest and in an envelope that has the same length whatever it holds, so that decline
and silence look alike in the raw database (law 5). A wish not to be reminded is noted in there too. Asking very
many is an order that a worker works off in chunks (bulk_orders, jobs). A mail's fate is asked of mail, never copied.
Neighbours: stands on statements and directory; signatures record the answers.
"""
