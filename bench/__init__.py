"""Measure the hot pages side by side with a bare Flask app on the same server settings: `make bench`."""
