"""Other parts for an application of a test."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import Flask

from app.base.parts import join_parts, parts_of


def exchange(app: Flask, **others: Any) -> None:
    """Put other parts in the place of some; a name that no part has is an error."""
    join_parts(app, replace(parts_of(app), **others))
