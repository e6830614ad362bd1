"""Who did what, when: append-only, and sealed, since it would tell who declined.

In the clear stand the order of the entries and the day. Actor, action, subject and details are in the envelope; a
subject's history is found by a keyed index. Actors are opaque ids: audit stands below everyone and knows nobody.
"""
