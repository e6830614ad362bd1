"""The cause: its title and summary in each language, its convenors, its chronology, and who works on it in which role.

Roles: owner, editor, coordinator, approver, viewer; what each may do stands in `states`. Neighbours: stands on
accounts and institutions; statements belong to a campaign. `access.enter` is the door that every desk page of a
campaign goes through.
"""
