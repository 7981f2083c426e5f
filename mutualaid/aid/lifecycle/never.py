"""Whom never to match a person with. What lives between the two is let go, in the usual neutral words."""

from datetime import datetime

from sqlalchemy import or_, select

from mutualaid.actors import Actor
from mutualaid.aid.lifecycle.moving import let_go
from mutualaid.aid.models import PROMISED, Match, Post
from mutualaid.db import db, new_id
from mutualaid.people.models import DoNotMatch, Person


def never_match(match: Match, side: str, *, by: Actor, now: datetime) -> None:
    """`side` of a match never wants to meet the other again."""
    own, other = (match.need, match.offer) if side == "need" else (match.offer, match.need)
    never_match_person(own.person, other.person, by=by, now=now)


def never_match_person(person: Person, other: Person, *, by: Actor, now: datetime) -> None:
    """Said twice it stands once. No event is written: nobody else can notice."""
    known = select(DoNotMatch.id).where(
        DoNotMatch.network_id == person.network_id,
        DoNotMatch.person_id == person.id,
        DoNotMatch.other_id == other.id,
    )
    if db.session.scalar(known) is None:
        db.session.add(
            DoNotMatch(
                network_id=person.network_id,
                id=new_id(),
                person_id=person.id,
                other_id=other.id,
                created_at=now,
            )
        )
    for match, own in _between(person, other):
        let_go(match, of=own, by=by, now=now)


def never_match_contact(person: Person, contact_hash: bytes, *, now: datetime) -> None:
    """The same for a phone or email, whether or not anyone here has it yet."""
    known = select(DoNotMatch.id).where(
        DoNotMatch.network_id == person.network_id,
        DoNotMatch.person_id == person.id,
        DoNotMatch.contact_hash == contact_hash,
    )
    if db.session.scalar(known) is None:
        row = DoNotMatch(
            network_id=person.network_id,
            id=new_id(),
            person_id=person.id,
            contact_hash=contact_hash,
            created_at=now,
        )
        db.session.add(row)


def _between(person: Person, other: Person) -> list[tuple[Match, Post]]:
    """Proposed and agreed matches between two people, each with the first one's own post."""
    mine = select(Post).where(Post.network_id == person.network_id, Post.person_id == person.id)
    own = {post.id: post for post in db.session.scalars(mine)}
    theirs = select(Post.id).where(Post.network_id == person.network_id, Post.person_id == other.id)
    found = db.session.scalars(
        select(Match)
        .where(
            Match.network_id == person.network_id,
            Match.state.in_(PROMISED),
            or_(
                Match.need_id.in_(own) & Match.offer_id.in_(theirs),
                Match.offer_id.in_(own) & Match.need_id.in_(theirs),
            ),
        )
        .order_by(Match.id)
    )
    return [(match, own.get(match.need_id) or own[match.offer_id]) for match in found]
