"""The outbox: what is owed to whom is written here, with the change it tells of."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, select, update

from mutualaid.db import db
from mutualaid.notices.models import Notice
from mutualaid.people.models import Person

# Good news that asks nothing: a coordinator's hour is short.
NOT_WORTH_A_CALL = frozenset({"confirmed_offer", "message_need", "message_offer"})


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
    channel: str | None = None,
) -> Notice | None:
    """Write a notice into the running transaction; None when this person is not to be written to or called.

    `channel`: for what they asked for just now (a lost link, a password), however they want to be told the rest.
    """
    channel = channel or channel_for(person)
    if channel is None or person.erased_at is not None or (channel == "call" and kind in NOT_WORTH_A_CALL):
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
    _drop(now, Notice.network_id == network_id, Notice.match_id == match_id)


def first_yes(network_id: int, match_id: int, side: str, *, until: datetime, now: datetime) -> None:
    """`side` need not be asked any more; the other, if not asked yet, has until then to answer."""
    match = (Notice.network_id == network_id, Notice.match_id == match_id)
    _drop(now, *match, Notice.kind == f"proposed_{side}")
    waiting = update(Notice).where(*match, Notice.done_at.is_(None))
    db.session.execute(waiting.values(numbers={"until": until.isoformat()}))


def owe_once(person: Person, kind: str, match_id: int, *, now: datetime, pause: timedelta) -> None:
    """Not while the same still waits, and not sooner than `pause` after the last: many at once are one notice."""
    same = (
        Notice.network_id == person.network_id,
        Notice.match_id == match_id,
        Notice.person_id == person.id,
        Notice.kind == kind,
    )
    last = select(Notice.created_at, Notice.done_at).where(*same).order_by(Notice.created_at.desc()).limit(1)
    before = db.session.execute(last).first()
    if before is None or before.done_at is not None:
        after = max(now, before.created_at + pause) if before else now
        owe(person, kind, now=now, match_id=match_id, send_after=after)


def drop_messages(network_id: int, match_ids: Iterable[int], *, now: datetime) -> None:
    """There is nothing to read there any more."""
    kinds = Notice.kind.in_(("message_need", "message_offer"))
    _drop(now, Notice.network_id == network_id, Notice.match_id.in_(match_ids), kinds)


def drop_asking(network_id: int, post_id: int, *, now: datetime) -> None:
    """Nobody needs to be asked "still needed?" once there was a sign of life, or an end."""
    asking = Notice.kind.in_(("still_need", "still_offer"))
    _drop(now, Notice.network_id == network_id, Notice.post_id == post_id, asking)


def _drop(now: datetime, *which: ColumnElement[bool]) -> None:
    waiting = update(Notice).where(Notice.done_at.is_(None), *which)
    db.session.execute(waiting.values(done_at=now, outcome="dropped"))
