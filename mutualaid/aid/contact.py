"""Who may see how to reach whom. Every look is an event that the person concerned can read."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select, text

from mutualaid.actors import Actor
from mutualaid.aid.between import in_touch
from mutualaid.aid.lifecycle.table import Refused
from mutualaid.aid.models import Match, MatchDetails, Post
from mutualaid.db import db
from mutualaid.events.history import happened
from mutualaid.events.models import LOOKED, Event
from mutualaid.people.models import Person

LOOKS_A_DAY = {"helper": 5, "coordinator": 250, "steward": 250}
DAY = timedelta(days=1)
LOOK_REASONS = ("call", "safety", "unclear", "asked")


@dataclass(frozen=True)
class Contact:
    """`way` is email, call or none: only the way the person chose is filled in. `address`: where to come."""

    name: str
    way: str
    value: str
    hours: str
    address: str


def is_shown(match: Match, now: datetime) -> bool:
    """After both said yes, for as long as they may be in touch."""
    return match.agreed_at is not None and in_touch(match, now)


def look(match: Match, side: str, *, by: Actor, now: datetime) -> Contact:
    """`side` (need or offer) looks at how to reach the other; written down."""
    if not is_shown(match, now):
        raise Refused("contact_closed")
    other = match.offer.person if side == "need" else match.need.person
    if by.is_member or side == "offer":  # a neighbour looks at those who come to them as often as they like
        check_looks(by, now)
    happened(
        "look",
        by=by,
        now=now,
        person_id=other.id,
        match_id=match.id,
        post_id=match.need_id,
        reason="match",
    )
    details = db.session.get(MatchDetails, (match.network_id, match.id))
    return _contact(other, details.address if details else "")


def look_early(person: Person, post: Post, *, by: Actor, reason: str, now: datetime) -> Contact:
    """A coordinator of the area looks, with a reason from LOOK_REASONS; written down."""
    if reason not in LOOK_REASONS:
        raise Refused("no_such_reason")
    if person.erased_at is not None:
        raise Refused("contact_closed")
    check_looks(by, now)
    happened("look", by=by, now=now, person_id=person.id, post_id=post.id, reason=reason)
    return _contact(person, "")


def check_looks(by: Actor, now: datetime) -> None:
    """Refused when whoever looks has done so as often within a day as they may. Staff are no exception."""
    most = LOOKS_A_DAY.get(by.role, LOOKS_A_DAY["helper"])
    if by.person_id is not None and looks_within_a_day(by, now) >= most:
        raise Refused("looked_enough", most=most)


def looks_within_a_day(by: Actor, now: datetime) -> int:
    """How often they looked, or read what is held: in twenty-four hours, by no clock that a steward can set. One after
    the other: two looks at once are not both the last one."""
    db.session.execute(
        select(Person.id)
        .where(Person.network_id == by.network_id, Person.id == by.person_id)
        .with_for_update()
    )
    theirs = (Event.network_id == by.network_id, Event.actor_id == by.person_id)
    lately = select(func.count()).where(*theirs, text(LOOKED), Event.at > now - DAY)
    return db.session.scalar(lately) or 0


def _contact(person: Person, address: str) -> Contact:
    value = {
        "email": person.email,
        "call": person.phone_typed or person.phone,
        "none": "",
    }[person.reach]
    return Contact(person.name, person.reach, value, person.hours, address)


def looks_at(person: Person) -> list[Event]:
    """Who looked at how to reach this person, read a message of theirs, or made a code of theirs; newest first."""
    which = (
        Event.network_id == person.network_id,
        Event.person_id == person.id,
        Event.verb.in_(("look", "read", "code")),
    )
    return list(db.session.scalars(select(Event).where(*which).order_by(Event.at.desc(), Event.id.desc())))
