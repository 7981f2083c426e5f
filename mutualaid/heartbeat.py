"""When the worker last went round, and whether its clock can be believed: what a wrong clock erases is gone."""

from datetime import datetime, timedelta

from sqlalchemy import BigInteger, CheckConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from mutualaid.db import Base, db, reading_only

ROUNDS = timedelta(minutes=1)  # it is written so often at most
LATE = timedelta(minutes=10)  # then the desk says so
AHEAD = timedelta(days=3)  # a clock that runs ahead so far is not believed
BACK = timedelta(minutes=10)
CLOCK = ("ahead", "back")  # `held` because of the clock


class Heartbeat(Base):
    """One row, with the id 1."""

    __tablename__ = "heartbeat"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False, default=1)
    at: Mapped[datetime]  # the end of the worker's last whole round
    believed_at: Mapped[datetime]  # the same, by a clock that could be believed
    held: Mapped[str] = mapped_column(String(8), default="")  # why nothing is erased: ahead, back, many

    __table_args__ = (CheckConstraint("id = 1", name="one"),)


def last() -> Heartbeat | None:
    return db.session.get(Heartbeat, 1, populate_existing=True)


def doubt(now: datetime) -> str:
    """Why this clock is not believed: ahead or back; empty when it is. An installation's first clock is."""
    beat = last()
    if beat is None:
        return ""
    if now < beat.believed_at - BACK:
        return "back"
    return "ahead" if now > beat.believed_at + AHEAD else ""


def beat(now: datetime, held: str) -> bool:
    """A whole round is done; whether `held`, why it erased nothing, is new. Written when it says something. Commits."""
    with reading_only():
        row = last()
        changed = held != (row.held if row else "")
        fresh = row is not None and now - ROUNDS < row.at <= now
        db.session.commit()
    if changed or not fresh:
        row = last()
        if row is None:
            row = Heartbeat(id=1, believed_at=now)
            db.session.add(row)
        row.at, row.held = now, held
        if held not in CLOCK:
            row.believed_at = now
        db.session.commit()
    return changed


def believe(now: datetime) -> None:
    """Whoever runs the server says that the clock is right. The caller commits."""
    beat = last()
    if beat is not None:
        beat.believed_at = now
