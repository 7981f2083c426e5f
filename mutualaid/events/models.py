"""Event: one line of history. Append-only; whoever reads it later finds ids, a verb, numbers and a time."""

from datetime import datetime

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from mutualaid.db import Base, NetworkOwned, found_by, in_network, partial_index, refers
from mutualaid.sealed import Sealed, sealed_column

LOOKED = "verb IN ('look', 'read')"
"""At how to reach somebody, or at a message that may say so; counted for the cap of a day (aid.contact)."""


class Event(NetworkOwned, Base):
    __tablename__ = "event"

    at: Mapped[datetime]
    verb: Mapped[str] = mapped_column(String(24))
    actor_id: Mapped[int | None]  # who did it; none: the program itself
    actor_role: Mapped[str] = mapped_column(String(12))
    person_id: Mapped[int | None]  # whom it concerns; for an answer given for somebody: whom it was given for
    post_id: Mapped[int | None]
    match_id: Mapped[int | None]
    quantity: Mapped[int | None]
    reason: Mapped[str | None] = mapped_column(String(24))  # a word from a fixed list, never free text

    __table_args__ = (
        in_network(),
        refers("actor_id", "person"),
        refers("person_id", "person"),
        refers("post_id", "post"),
        refers("match_id", "match"),
        found_by("event", "actor_id"),
        Index("ix_event_post", "network_id", "post_id", "at"),
        Index("ix_event_match", "network_id", "match_id", "at"),
        Index("ix_event_person", "network_id", "person_id", "at"),
        partial_index("ix_event_look", "network_id", "actor_id", "at", where=LOOKED),
    )


class EventNote(NetworkOwned, Base):
    """The free text that goes with an event (same id), sealed, and erased before the event is."""

    __tablename__ = "event_note"

    text_sealed: Mapped[bytes | None] = sealed_column()
    text = Sealed("text_sealed")

    __table_args__ = (in_network(), refers("id", "event"))
