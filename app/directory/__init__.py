"""Signatories, organisations and groups of a campaign, and how two entries are told to be of one person.

A signatory is a person or an organisation in the campaign's directory; an organisation has a representative. Names,
addresses, public lines and notes are sealed. A group is a body that signatories belong to, with the role each holds
in it.

Before it stands `campaigns` (whose directory, who may work on it); after it `imports` (how lists come in) and
`invitations` (who is asked to sign).
"""
