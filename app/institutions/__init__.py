"""Bodies that appeals are addressed to, and the offices and persons there who receive them.

Institutions are shared by all campaigns of a house: their addresses are kept once, sealed, and every version stays.
What somebody changes is a proposal to the campaigns that use the institution, and each writes to what it has accepted
last. Neighbours: who may write here depends on roles in campaigns, so it stands after them; statements choose
addressees among them and show the proposals, appeals write to what was accepted.
"""
