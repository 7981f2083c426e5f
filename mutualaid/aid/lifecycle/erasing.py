"""Erasing a person: their matches are let go first, then their words go, and only counts stay."""

from datetime import datetime

from sqlalchemy import delete, or_, select, update

from mutualaid.actors import Actor
from mutualaid.aid.lifecycle.closing import withdraw
from mutualaid.aid.lifecycle.moving import let_go_of_all
from mutualaid.aid.messages.models import Message
from mutualaid.aid.models import Draft, Match, MatchDetails, Post, PostDetails
from mutualaid.db import db
from mutualaid.events.history import happened
from mutualaid.events.models import Event, EventNote
from mutualaid.networks.models import Membership
from mutualaid.notices.models import Notice
from mutualaid.people import sessions
from mutualaid.people.models import AccessLink, DoNotMatch, Person


def erase(person: Person, *, by: Actor, now: datetime) -> None:
    """Everything that names this person goes; the other side of a match is told in neutral words. Safe to repeat."""
    if person.erased_at is not None:
        return
    for post in _posts(person):
        if post.state == "open":
            withdraw(post, by=by, now=now)
        else:
            let_go_of_all(post, by=by, now=now)
    happened("erase", by=by, now=now, person_id=person.id)
    db.session.flush()
    _forget_words(person)
    person.name = person.phone = person.phone_typed = person.email = person.hours = None
    person.phone_hash = person.email_hash = person.code_hash = None
    person.reach, person.answered_for, person.digest, person.languages = (
        "none",
        False,
        False,
        [],
    )
    person.told_a_day = None
    person.erased_at = now
    _end_mandates(person, now)
    waiting = (
        Notice.network_id == person.network_id,
        Notice.person_id == person.id,
        Notice.done_at.is_(None),
    )
    db.session.execute(update(Notice).where(*waiting).values(done_at=now, outcome="dropped"))


def _end_mandates(person: Person, now: datetime) -> None:
    """Nobody counts on them any more: a network must not lose its last steward to one who is gone."""
    theirs = (Membership.network_id == person.network_id, Membership.person_id == person.id)
    standing = update(Membership).where(*theirs, Membership.recalled_at.is_(None))
    ended = db.session.scalars(standing.values(recalled_at=now).returning(Membership.account_id)).all()
    for account_id in ended:
        sessions.end(account_id)


def _posts(person: Person) -> list[Post]:
    mine = (Post.network_id == person.network_id, Post.person_id == person.id)
    return list(db.session.scalars(select(Post).where(*mine).order_by(Post.id)))


def _forget_words(person: Person) -> None:
    """Sealed rows of their posts, matches and history; links, drafts and their do-not-match list."""
    network = person.network_id
    posts = select(Post.id).where(Post.network_id == network, Post.person_id == person.id)
    matches = select(Match.id).where(
        Match.network_id == network,
        or_(Match.need_id.in_(posts), Match.offer_id.in_(posts)),
    )
    events = select(Event.id).where(
        Event.network_id == network,
        or_(
            Event.person_id == person.id,
            Event.actor_id == person.id,
            Event.post_id.in_(posts),
        ),
    )
    for table, ids in (
        (PostDetails, posts),
        (MatchDetails, matches),
        (EventNote, events),
    ):
        db.session.execute(delete(table).where(table.network_id == network, table.id.in_(ids)))
    said = (Message.network_id == network, Message.match_id.in_(matches))
    db.session.execute(delete(Message).where(*said))
    for owned in (AccessLink, Draft, DoNotMatch):
        db.session.execute(delete(owned).where(owned.network_id == network, owned.person_id == person.id))
