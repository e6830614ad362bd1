"""The joint text: drafting, versions, annexes, addressees; opening and closing.

States: drafting → open → closed → delivered → concluded; drafting or open → withdrawn. A version is a draft until the
statement opens, then immutable, with a SHA-256 over the canonical bytes of each language. `drafting` writes a version's
parts, `actions` takes the statement through its states, `readiness` says what it still lacks. Neighbours: stands on
campaigns and institutions; invitations ask people to sign an open statement; appeals freeze a closed one.
"""
