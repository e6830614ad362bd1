"""Who stood for an approver when they approved, as it was sealed with the approval."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class VouchedThen:
    """How long its giver had been a member when they approved, and by whose word; older approvals don't tell."""

    member_since: datetime
    let_in_by: str | None
    confirmed_by: str | None
    let_back_by: str | None = None
    let_back_at: datetime | None = None


def vouched_then(opened: Mapping[str, Any]) -> VouchedThen | None:
    """Read what was sealed with an approval; None for those of older releases."""
    if not opened.get("member_since"):
        return None
    back = opened.get("let_back_at")
    return VouchedThen(
        datetime.fromisoformat(opened["member_since"]),
        opened["let_in_by"],
        opened["confirmed_by"],
        opened.get("let_back_by"),
        datetime.fromisoformat(back) if back else None,
    )
