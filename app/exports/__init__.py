"""Lists that organisers take with them: short ones at once, long ones made by a worker and kept for a day.

A stage says how the rows of its list come about (`kinds`); the page and the worker use the same. What a worker makes is
sealed in blocks, is its organiser's alone, and goes when the day is over or their role is another.
Neighbours: stands on campaigns, for who may; directory, imports and dashboards put their lists up.
"""
