"""Counters that keep third parties and passwords safe: at most so many in so many seconds, over all processes."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import LargeBinary, String, case, delete, or_, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.base import clock
from app.base.database import Base
from app.base.rows import insert_into
from app.base.sealing import BLIND_INDEX_BYTES, blind_index

CLOCKS_DIFFER = timedelta(minutes=1)  # between two machines


class Throttle(Base):
    """How often something was tried in the current window; the key is a digest that names nobody."""

    __tablename__ = "throttles"

    key: Mapped[bytes] = mapped_column(LargeBinary(BLIND_INDEX_BYTES), primary_key=True)
    scope: Mapped[str] = mapped_column(String(40))
    started_at: Mapped[datetime] = mapped_column(index=True)
    times: Mapped[int]


def allow(session: Session, scope: str, subject: str, limit: int, seconds: int) -> bool:
    """Count one try of `subject`; tell whether it is within `limit` per `seconds`. One atomic statement."""
    now = clock.now()
    key = blind_index(session, f"throttle {scope}", subject)
    # A window that begins in a time still to come is of a clock that ran ahead: nobody waits for that time.
    is_over = or_(Throttle.started_at <= now - timedelta(seconds=seconds), Throttle.started_at > now + CLOCKS_DIFFER)
    upsert = (
        insert_into(session, Throttle)
        .values(key=key, scope=scope, started_at=now, times=1)
        .on_conflict_do_update(
            index_elements=[Throttle.key],
            set_={
                "times": case((is_over, 1), else_=Throttle.times + 1),
                "started_at": case((is_over, now), else_=Throttle.started_at),
            },
            where=or_(is_over, Throttle.times < limit),
        )
        .returning(Throttle.times)
    )
    return session.execute(upsert).scalar_one_or_none() is not None


def give_back(session: Session, scope: str, subject: str) -> None:
    """Take one try back that turned out to be no guess, such as a right code."""
    key = blind_index(session, f"throttle {scope}", subject)
    session.execute(
        update(Throttle)
        .where(Throttle.key == key, Throttle.times > 0)
        .values(times=Throttle.times - 1)
        .execution_options(synchronize_session=False)
    )


def reset(session: Session, scope: str, subject: str) -> None:
    """Forget the tries of a subject, as after a password was right."""
    session.execute(delete(Throttle).where(Throttle.key == blind_index(session, f"throttle {scope}", subject)))


def purge(session: Session, older_than_seconds: int) -> None:
    """Delete windows that are long over."""
    session.execute(delete(Throttle).where(Throttle.started_at < clock.now() - timedelta(seconds=older_than_seconds)))
