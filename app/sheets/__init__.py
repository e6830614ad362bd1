"""Lists as people have them: read in a child from whatever file they stand in, into a header and rows.

Before it stands `background` (which runs the child); after it every stage that takes a list in. Nothing here knows what
a column means.
"""
