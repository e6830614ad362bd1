"""Journeys share the running house, and the one with its post."""

from tests.journeys.house import house
from tests.journeys.post_house import post_house, receipt_server

__all__ = ["house", "post_house", "receipt_server"]
