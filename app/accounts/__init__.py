"""Organisers: who may sign in, with what, and for how long.

Sign-in is by e-mail address and password (argon2id); sessions live in the database and can be ended there. A password
is set and reset through a link that is mailed, or printed once for the first owner. Which role an organiser has in
which campaign is a row of campaigns. Neighbours: stands on mail and audit; every stage's desk pages stand behind its
guard.
"""
