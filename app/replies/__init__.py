"""What came back, and what changed: replies to deliveries, and outcomes in the world.

A reply is recorded by a person, its text sealed; a summary can be published. An outcome names what happened, when,
and its source, and may quote somebody with their name. Neighbours: stands on deliveries; the public pages show both.
"""
