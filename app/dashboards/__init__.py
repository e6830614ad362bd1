"""What organisers see over all stages; reads only.

The funnel of a statement, who needs attention first, each person's history, signatures per day, and exports.
"""
