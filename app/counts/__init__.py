"""Totals of signatures, counted by SQL in the snapshot of the request, so that every total equals its recount (law 8).

Neighbours: pulls from signatures; appeals, dashboards and the public pages ask it. A signature never knows that
counts exist.
"""
