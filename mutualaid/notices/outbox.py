"""The outbox: what is owed to whom is written here, with the change it tells of."""

from datetime import datetime
from typing import Any

from sqlalchemy import update

from mutualaid.db import db
from mutualaid.notices.models import Notice
from mutualaid.people.models import Person


def channel_for(person: Person) -> str | None:
    """email, call (a call to make, on the desk), or None for those who look with their code."""
    if person.erased_at is not None:
        return None
    if person.reach == "email":
        return "email"
    return "call" if person.reach == "call" or person.answered_for else None


def owe(
    person: Person,
    kind: str,
    *,
    now: datetime,
    post_id: int | None = None,
    match_id: int | None = None,
    numbers: dict[str, Any] | None = None,
    send_after: datetime | None = None,
) -> Notice | None:
    """Write a notice into the running transaction; None when this person is not to be written to or called."""
    channel = channel_for(person)
    if channel is None:
        return None
    notice = Notice(
        network_id=person.network_id,
        person_id=person.id,
        kind=kind,
        channel=channel,
        post_id=post_id,
        match_id=match_id,
        numbers=numbers or {},
        created_at=now,
        send_after=send_after or now,
    )
    db.session.add(notice)
    return notice


def drop_for_match(network_id: int, match_id: int, *, now: datetime) -> None:
    """What waits to be told about a match is no longer true once the match has moved on."""
    waiting = (Notice.network_id == network_id, Notice.match_id == match_id, Notice.done_at.is_(None))
    db.session.execute(update(Notice).where(*waiting).values(done_at=now, outcome="dropped"))
