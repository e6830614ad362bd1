"""What came back, and what changed: replies to deliveries, and outcomes in the world.

A reply comes as a mail or is recorded by a person; its words are sealed, and a summary can be published. A mail that
carries the mark of a letter, or answers its Message-ID, is filed by the machine and not read yet until a person says
what it is; automatic answers are notices. Any other mail is held for a person. An outcome names what happened, when,
and its source, and may quote somebody with their name. Neighbours: stands on deliveries and on what mail has taken in;
the public pages show both.
"""
