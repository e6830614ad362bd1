"""The cause: its title and summary in each language, its convenors, its chronology, and who works on it in which role.

Roles: owner, editor, coordinator, approver, viewer; what each may do stands in `states`. `access.enter` is the door
that every desk page of a campaign goes through, `navigation.frame_of` what stands around each. Neighbours: stands on
accounts and visibility; statements belong to a campaign.
"""
