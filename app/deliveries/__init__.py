"""Handing frozen bytes over: one delivery for each letter of a released appeal, with its proof.

What became of the mail is asked of mail (queued, handing over, accepted, refused, uncertain), never copied. A
delivery that is uncertain waits for a person. Neighbours: stands on appeals; replies are matched to deliveries.
"""
