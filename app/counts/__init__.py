"""Totals of signatures: a stored checkpoint plus what it has not yet absorbed, read in one snapshot (law 8).

The database itself counts, by triggers on the signatures' table, so that no path can forget it and a signature never
knows that counts exist. Neighbours: stands on signatures; appeals, dashboards and the public pages ask it, and the
signatory's pages do through a port.
"""
