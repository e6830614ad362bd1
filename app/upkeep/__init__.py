"""What keeps a house: copies that can be put back, and keys that are exchanged.

`keeping` makes, checks and restores backups while the house works or stands still, `files` is what they look like, and
`resealing` seals everything with a newer key. The room stands on `base` and knows no stage.
"""
