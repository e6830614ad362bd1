"""Lines as Postfix writes them about one mail to one office."""

OURS = "<k3j2h1g0@example.org>"
OFFICE = "minister@ministry.example.org"
POSTFIX = """\
Nov 23 10:00:00 relay postfix/smtpd[11]: 4XyZ1k2Bv7z1: client=app.example.org[192.0.2.1]
Nov 23 10:00:00 relay postfix/cleanup[12]: 4XyZ1k2Bv7z1: message-id=<k3j2h1g0@example.org>
Nov 23 10:00:00 relay postfix/qmgr[13]: 4XyZ1k2Bv7z1: from=<bounces+x@example.org>, size=999, nrcpt=2 (queue active)
"""
TO = "Nov 23 10:00:02 relay postfix/smtp[14]: 4XyZ1k2Bv7z1: to=<Minister@Ministry.example.org>, "
SENT = TO + (
    "relay=mx.ministry.example.org[198.51.100.7]:25, delay=1.2, delays=0.1/0/0.5/0.6, dsn=2.0.0, "
    "status=sent (250 2.0.0 Ok: queued as 9C0FFEE)\n"
)
BOUNCED = TO + "relay=mx[198.51.100.7]:25, delay=1, dsn=5.1.1, status=bounced (host mx said: 550 5.1.1 unknown user)\n"
DEFERRED = TO + "relay=none, delay=30, delays=0/0/30/0, dsn=4.4.1, status=deferred (connect to mx[198.51.100.7]:25)\n"
