"""Whom never to match a person with. What lives between the two is let go, in the usual neutral words."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, or_, select

from mutualaid.actors import Actor
from mutualaid.aid.lifecycle.messages import forget_messages
from mutualaid.aid.lifecycle.moving import let_go
from mutualaid.aid.lifecycle.table import NEVER_A_DAY, NEVER_FOR_OTHERS_A_DAY, NEVER_FROM_A_CONTACT, Refused
from mutualaid.aid.models import PROMISED, Match, Post
from mutualaid.db import db, new_id
from mutualaid.people import limits
from mutualaid.people.blocks import same_as, who
from mutualaid.people.models import DoNotMatch, Person
from mutualaid.sealed import keyring


def never_match(match: Match, side: str, *, by: Actor, now: datetime) -> None:
    """`side` of a match never wants to meet the other again."""
    own, other = (match.need, match.offer) if side == "need" else (match.offer, match.need)
    never_match_person(own.person, other.person, by=by, now=now)


def never_match_person(person: Person, other: Person, *, by: Actor, now: datetime) -> None:
    """Also not when they come back as somebody new, with the same phone or email."""
    _write(person, now, other_id=other.id)
    _let_go_of(person, Person.id == other.id, by=by, now=now)
    for contact_hash in (other.phone_hash, other.email_hash):
        if contact_hash:
            never_match_contact(person, contact_hash, by=by, now=now)


def never_match_contact(person: Person, contact_hash: bytes, *, by: Actor, now: datetime) -> None:
    """The same for a phone or email, whether or not anyone here has it yet."""
    _write(person, now, contact_hash=contact_hash)
    theirs = or_(Person.phone_hash == contact_hash, Person.email_hash == contact_hash)
    _let_go_of(person, theirs, by=by, now=now)


def never_match_contacts(
    person: Person, contact_hashes: Iterable[bytes], *, by: Actor, now: datetime
) -> None:
    """What is said at once about somebody. Not often a day: what ends, and what is not suggested, shows who is here."""
    this = (Person.network_id == person.network_id, Person.id == by.person_id)
    # Two at once count one after the other.
    db.session.execute(select(Person.id).where(*this).with_for_update())
    if by.person_id == person.id:
        _take("never_a_day", NEVER_A_DAY, person, str(person.id), now)
        for contact in who(person).hashes:  # else each post without an account has three more
            _take("never_a_day", NEVER_FROM_A_CONTACT, person, contact.hex(), now)
    elif by.person_id is not None:
        _take("never_for_others", NEVER_FOR_OTHERS_A_DAY, person, str(by.person_id), now)
    for contact_hash in contact_hashes:
        never_match_contact(person, contact_hash, by=by, now=now)


def _take(reason: str, limit: int, person: Person, key: str, now: datetime) -> None:
    counted = keyring.digest(key, reason, person.network_id)
    if not limits.take_along("never", counted, now=now, limit=limit, per=timedelta(days=1)):
        raise Refused(reason, limit=limit)


def match_again(person: Person, line_id: int) -> None:
    """What was said at once with this line (blocks.Line) is taken off their list; what ended stays so."""
    theirs = {"network_id": person.network_id, "person_id": person.id}
    line = db.session.scalars(select(DoNotMatch).filter_by(id=line_id, **theirs)).first()
    if line is not None:
        same = select(DoNotMatch).filter_by(created_at=line.created_at, **theirs)
        for row in db.session.scalars(same).all():
            db.session.delete(row)


def _write(person: Person, now: datetime, **whom: Any) -> None:
    """Said twice it stands once. No event is written: nobody else can notice."""
    known = select(DoNotMatch.id).filter_by(network_id=person.network_id, person_id=person.id, **whom)
    if db.session.scalar(known) is None:
        row = DoNotMatch(
            network_id=person.network_id, id=new_id(), person_id=person.id, created_at=now, **whom
        )
        db.session.add(row)


def _let_go_of(person: Person, them: ColumnElement[bool], *, by: Actor, now: datetime) -> None:
    """What is proposed or agreed between the two ends, nothing that they wrote to each other stays, and neither reaches
    the other."""
    between = _between(person, them, checked=by.coordinates)
    for match, own in between:
        if match.state in PROMISED:
            let_go(match, of=own, by=by, now=now)
        match.apart_at = match.apart_at or now
    forget_messages(person.network_id, [match.id for match, _ in between], now=now)


def _between(person: Person, them: ColumnElement[bool], *, checked: bool) -> list[tuple[Match, Post]]:
    """All matches between a person and others, each with the first one's own post.

    `checked`: theirs under a lost code too, by the same phone or email. Where no coordinator has checked who it is,
    a stranger who knows the phone could end what somebody depends on.
    """
    same = same_as(who(person)) if checked else Person.id == person.id
    ours = select(Person.id).where(Person.network_id == person.network_id, same)
    mine = select(Post).where(Post.network_id == person.network_id, Post.person_id.in_(ours))
    own = {post.id: post for post in db.session.scalars(mine)}
    others = select(Person.id).where(Person.network_id == person.network_id, Person.id.not_in(ours), them)
    theirs = select(Post.id).where(Post.network_id == person.network_id, Post.person_id.in_(others))
    found = db.session.scalars(
        select(Match)
        .where(
            Match.network_id == person.network_id,
            or_(
                Match.need_id.in_(own) & Match.offer_id.in_(theirs),
                Match.offer_id.in_(own) & Match.need_id.in_(theirs),
            ),
        )
        .order_by(Match.id)
    )
    return [(match, own.get(match.need_id) or own[match.offer_id]) for match in found]
