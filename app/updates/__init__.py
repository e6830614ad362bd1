"""News of a campaign: published on its page and mailed to the signatories who asked for it.

An update is a draft until it is published; publishing queues one mail for each signatory who ticked the box, with a
link to stop them. Neighbours: reads signatures; the public pages show it.
"""
