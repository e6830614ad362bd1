"""What a claim comes to, in the terms of the outbox."""

from __future__ import annotations

import random

from app.base import clock
from app.mail.sending.claims import Claimed, Settled, Tried, wait_after
from app.mail.sending.pace import Admission
from app.mail.states import MailState
from app.smtp.states import Trouble


def failed(claim: Claimed, trouble: Trouble, tried: Tried, *, is_final: bool) -> Settled:
    """Return what a failed try comes to: another one later, or the end."""
    jitter = random.random()  # noqa: S311 - no secret
    wait = None if is_final else wait_after(claim.failures + 1, jitter)
    state = MailState.REFUSED if wait is None else MailState.DEFERRED
    due_at = None if wait is None else clock.now() + wait
    return Settled(claim, state, trouble, due_at, has_failed=True, tried=tried, takes_back_handover=True)


def untried(claim: Claimed, trouble: Trouble | None = None) -> Settled:
    """Return what a claim comes to that is given back: it keeps its place, and was not handed over."""
    return Settled(
        claim, MailState.QUEUED, trouble, due_at=claim.due_at, has_slot=claim.has_slot, takes_back_handover=True
    )


def later(claim: Claimed, admission: Admission) -> Settled:
    """Return what a claim comes to that must wait before it goes."""
    return Settled(claim, MailState.QUEUED, due_at=admission.later, has_slot=admission.has_slot, is_counted=True)


def stopped(claim: Claimed, trouble: Trouble) -> Settled:
    """Return what a claim comes to that may not go: dropped, or uncertain if an earlier try may have arrived."""
    if claim.handovers:
        return Settled(claim, MailState.UNCERTAIN, Trouble.NO_ANSWER, takes_back_handover=True)
    return Settled(claim, MailState.DROPPED, trouble, takes_back_handover=True)
