"""Once a day: whoever is erased within a week is told; and what ended by itself goes: links, tokens, old notices."""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, exists, select

from mutualaid import erased, heartbeat
from mutualaid.aid.lifecycle.retention import ends_at, people_due
from mutualaid.db import db, delete_some, reading_only
from mutualaid.networks.leaving import forget_accounts, unused_accounts
from mutualaid.networks.models import Network
from mutualaid.notices.models import Notice
from mutualaid.notices.outbox import channel_for, owe
from mutualaid.one_by_one import each
from mutualaid.people.models import AccessLink, AccountToken, Person

WEEK = timedelta(days=7)
HOUR = 8  # in the network's own time
NOTICES_KEPT = timedelta(days=30)  # after they are sent


def owe_page_ends(now: datetime, looked: dict[int, date]) -> int:
    """Tell everyone who is erased within a week and can be written to; says how many. Commits.

    Each network once a day, from eight in the morning. `looked`: by network, the local day on which this was done; it
    only saves work. Where things are kept for a week or less it would come with the end itself: nobody is told.
    Raises SomeFailed.
    """
    with reading_only():
        days = _whose_turn(now, looked)
        keys = [key for key in people_due(now + WEEK) if key[0] in days] if days else []
        db.session.commit()
    looked |= days
    return each(keys, lambda key: _owe(*key, now))


def _whose_turn(now: datetime, looked: dict[int, date]) -> dict[int, date]:
    """By network, its local day."""
    which = (Network.retention_days > WEEK.days, Network.wiping_at.is_(None))
    zones = db.session.execute(select(Network.id, Network.timezone).where(*which)).all()
    local = {network_id: now.astimezone(ZoneInfo(zone)) for network_id, zone in zones}
    return {key: at.date() for key, at in local.items() if at.hour >= HOUR and looked.get(key) != at.date()}


def _owe(network_id: int, person_id: int, now: datetime) -> bool:
    """False when they are told already, cannot be written to, or have something open."""
    this = (Person.network_id == network_id, Person.id == person_id, Person.erased_at.is_(None))
    locked = select(Person).where(*this).with_for_update().execution_options(populate_existing=True)
    person = db.session.scalars(locked).first()
    notice = None
    if person is not None and channel_for(person) == "email" and not _is_told(person, now):
        end = ends_at(person)
        if end is not None and now < end <= now + WEEK:
            notice = owe(person, "page_ends", now=now, channel="email", numbers={"until": end.isoformat()})
    db.session.commit()
    return notice is not None


def _is_told(person: Person, now: datetime) -> bool:
    theirs = (Notice.network_id == person.network_id, Notice.person_id == person.id)
    told = (*theirs, Notice.kind == "page_ends", Notice.created_at > now - WEEK)
    return bool(db.session.scalar(select(exists().where(*told))))


def tidy(now: datetime) -> int:
    """Delete what has ended, in batches; says how many rows. Nothing while the clock is not believed. Commits."""
    with reading_only():
        strange = heartbeat.doubt(now)
        accounts = unused_accounts()
        db.session.commit()
    if strange:
        return 0
    erased.prune(now)
    gone = forget_accounts(accounts)
    for model, which in (
        (AccessLink, AccessLink.expires_at <= now),
        (AccountToken, AccountToken.expires_at <= now),
        (Notice, Notice.done_at <= now - NOTICES_KEPT),
    ):
        gone += _delete(model, which)
    return gone


def _delete(model: Any, which: ColumnElement[bool]) -> int:
    gone = 0
    while rows := delete_some(model.__table__, which):
        db.session.commit()
        gone += rows
    db.session.commit()
    return gone
