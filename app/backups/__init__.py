"""Copies of the house that can be put back: made while it works, proven, encrypted to a key that is kept elsewhere.

`keeping` makes, checks and restores them; `files` is what they look like. It stands on `base` and knows no stage.
"""
