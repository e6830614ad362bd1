"""Signatories, organisations and groups of a campaign; how lists come in and how duplicates are found.

A signatory is a person or an organisation in the campaign's directory; an organisation has a representative. Names,
addresses, public lines and notes are sealed. A group is a body that signatories belong to, with the role each holds
in it. An import is uploaded → mapped → reviewed → applied, or discarded; the uploaded file and the decisions are
sealed, and deleted once it is applied or discarded.

Before it stands `campaigns` (whose directory, who may work on it); after it `invitations` (who is asked to sign).
"""
