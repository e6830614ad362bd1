"""The mailroom: what operators see and steer of mail.

The queue at a glance (`queue`), lists and single mails (`selections`), pausing, trying again, dropping and deciding
(`control`), a trial of the mail server (`checking`), and the demonstration's local mailbox (`mailbox`).
"""
