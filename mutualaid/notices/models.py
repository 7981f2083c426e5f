"""Notice: one message owed to someone."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from mutualaid.db import Base, NetworkOwned, found_by, in_network, named_in, refers
from mutualaid.people.models import Person


class Notice(NetworkOwned, Base):
    """Written in the same transaction as what it tells of. Its words are made when it is sent, so it holds none."""

    __tablename__ = "notice"

    person_id: Mapped[int]
    kind: Mapped[str] = mapped_column(String(24))  # a key of notices.words
    channel: Mapped[str] = mapped_column(String(8))  # email, call (a call to make, on the desk)
    post_id: Mapped[int | None]
    match_id: Mapped[int | None]
    numbers: Mapped[dict[str, Any]] = mapped_column(default=dict)  # counts and times only, nothing personal
    created_at: Mapped[datetime]
    send_after: Mapped[datetime]
    claimed_until: Mapped[datetime | None]  # a sender has it; free again when this has passed
    attempts: Mapped[int] = mapped_column(default=0)
    done_at: Mapped[datetime | None]  # sent, called, or no longer needed
    outcome: Mapped[str | None] = mapped_column(String(12))  # sent, called, dropped, failed

    person: Mapped[Person] = named_in("Notice.person_id", "Person")

    __table_args__ = (
        in_network(),
        refers("person_id", "person"),
        refers("post_id", "post"),
        refers("match_id", "match"),
        CheckConstraint("channel IN ('email', 'call')", name="channel"),
        found_by("notice", "person_id"),
        found_by("notice", "post_id"),
        found_by("notice", "match_id"),
        Index("ix_notice_waiting", "done_at", "channel", "send_after"),
        Index("ix_notice_network", "network_id", "done_at", "channel"),
    )
