"""Bodies that appeals are addressed to, and the offices and persons there who receive them.

Institutions are shared by all campaigns of a house: their addresses are kept once. Recipients' addresses are sealed,
and an address that changes keeps its history in the audit. Neighbours: who may write here depends on roles in
campaigns, so it stands after them; statements choose addressees among them, deliveries mail them.
"""
