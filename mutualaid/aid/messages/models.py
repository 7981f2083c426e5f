"""Message: what one side of a match wrote to the other."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from mutualaid.aid.models import Match
from mutualaid.db import Base, NetworkOwned, found_by, in_network, named_in, partial_index, refers
from mutualaid.sealed import Sealed, sealed_column


class Message(NetworkOwned, Base):
    """Goes with its match: once nobody may read it any more it is deleted."""

    __tablename__ = "message"

    match_id: Mapped[int]
    side: Mapped[str] = mapped_column(String(5))  # need, offer: who wrote it
    text_sealed: Mapped[bytes | None] = sealed_column()
    once: Mapped[int]  # from the form: a repeated send is the same message
    signs: Mapped[list[Any]] = mapped_column(default=list)  # keys of signs: what it seems to hold
    state: Mapped[str] = mapped_column(String(7), default="sent")
    created_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]  # a coordinator has read it, and passed it on or not
    decided_by_id: Mapped[int | None]
    text = Sealed("text_sealed")

    match: Mapped[Match] = named_in("Message.match_id", "Match")

    __table_args__ = (
        in_network(),
        refers("match_id", "match"),
        refers("decided_by_id", "person"),
        CheckConstraint("side IN ('need', 'offer')", name="side"),
        CheckConstraint("state IN ('sent', 'held', 'stopped')", name="state"),
        Index("uq_message_once", "network_id", "match_id", "side", "once", unique=True),
        found_by("message", "decided_by_id"),
        partial_index("ix_message_held", "network_id", "created_at", where="state = 'held'"),
    )
