"""`make run`: everything on one machine, with a demonstration and a local mailbox, for people who want to see it work.

It stands above every stage, since it plays the whole story through their actions. It never mails outside this machine
and refuses to start with settings that could.
"""
