"""Writing history down, and reading it back."""

from datetime import datetime

from mutualaid.actors import Actor
from mutualaid.db import db, new_id
from mutualaid.events.models import Event, EventNote


def happened(
    verb: str,
    *,
    by: Actor,
    now: datetime,
    person_id: int | None = None,
    post_id: int | None = None,
    match_id: int | None = None,
    quantity: int | None = None,
    reason: str | None = None,
    note: str = "",
) -> Event:
    """Write one line of history into the running transaction."""
    event = Event(
        network_id=by.network_id,
        id=new_id(),
        at=now,
        verb=verb,
        actor_id=by.person_id,
        actor_role=by.role,
        person_id=person_id,
        post_id=post_id,
        match_id=match_id,
        quantity=quantity,
        reason=reason,
    )
    db.session.add(event)
    if note:
        row = EventNote(network_id=by.network_id, id=event.id)
        row.text = note
        db.session.add(row)
    return event
