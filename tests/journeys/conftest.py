"""Journeys share the running house."""

from tests.journeys.house import house

__all__ = ["house"]
