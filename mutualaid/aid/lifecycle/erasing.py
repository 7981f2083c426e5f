"""Erasing a person: their matches are let go first, then their words go, and only counts stay."""

from datetime import datetime
from itertools import islice

from sqlalchemy import delete, or_, select, update

from mutualaid import erased, restoring
from mutualaid.actors import Actor, command_line
from mutualaid.aid.lifecycle.closing import withdraw
from mutualaid.aid.lifecycle.emptying import empty_person, empty_posts
from mutualaid.aid.lifecycle.moving import let_go_of_all
from mutualaid.aid.models import Draft, Post
from mutualaid.db import day, db
from mutualaid.erased import Erased
from mutualaid.events.history import happened
from mutualaid.events.models import Event, EventNote
from mutualaid.networks import wiping
from mutualaid.networks.leaving import end_memberships, tell_of_roles
from mutualaid.networks.models import Membership, Network
from mutualaid.notices.models import Notice
from mutualaid.people import sessions
from mutualaid.people.models import AccessLink, DoNotMatch, Person

BATCH = 50


def erase(person: Person, *, by: Actor, now: datetime) -> None:
    """Everything that names this person goes; the other side of a match is told in neutral words. Safe to repeat.

    Their own do-not-match list goes: it says whom they fear. What others say about their phone or email stays for as
    long as those others do, so that nobody gets past it by being erased and coming back.
    """
    if person.erased_at is not None:
        return
    posts = _posts(person)
    for post in posts:
        _close(post, by=by, now=now)
    happened("erase", by=by, now=now, person_id=person.id)
    theirs = (Membership.network_id == person.network_id, Membership.person_id == person.id)
    tell_of_roles(*theirs, by=by, now=now)
    erased.note("person", person.network_id, person.id, now)
    db.session.flush()
    empty_posts(person.network_id, [post.id for post in posts], now)
    _forget_history(person)
    for owned in (AccessLink, Draft, DoNotMatch):
        db.session.execute(
            delete(owned).where(owned.network_id == person.network_id, owned.person_id == person.id)
        )
    _drop_notices(person, now)
    standing = select(Membership.account_id).where(*theirs, Membership.recalled_at.is_(None))
    for account_id in db.session.scalars(standing).all():
        sessions.end(account_id)
    end_memberships(*theirs, now=now)
    empty_person(person, now)
    db.session.flush()


def _close(post: Post, *, by: Actor, now: datetime) -> None:
    if post.state == "open":
        withdraw(post, by=by, now=now)
    else:
        let_go_of_all(post, by=by, now=now)


def _posts(person: Person) -> list[Post]:
    mine = (Post.network_id == person.network_id, Post.person_id == person.id)
    return list(db.session.scalars(select(Post).where(*mine).order_by(Post.id)))


def _forget_history(person: Person) -> None:
    """What they wrote in it goes. What is about them, and about no post, keeps its day alone."""
    here, them = Event.network_id == person.network_id, Event.person_id == person.id
    written = select(Event.id).where(here, or_(them, Event.actor_id == person.id))
    db.session.execute(
        delete(EventNote).where(EventNote.network_id == person.network_id, EventNote.id.in_(written))
    )
    alone = update(Event).where(here, them, Event.post_id.is_(None)).values(at=day(Event.at))
    db.session.execute(alone.execution_options(synchronize_session=False))


def _drop_notices(person: Person, now: datetime) -> None:
    """One that is on its way stays for its sender, who then finds it dropped."""
    theirs = (Notice.network_id == person.network_id, Notice.person_id == person.id)
    db.session.execute(delete(Notice).where(*theirs, Notice.done_at.is_not(None)))
    db.session.execute(
        update(Notice).where(*theirs).values(done_at=now, outcome="dropped", numbers={}, claimed_until=None)
    )


def erase_again(now: datetime) -> int:
    """After a backup is put back: whatever was erased since it was made goes again; says how much. Commits.

    Safe to repeat. Then the web and the worker may go on.
    """
    noted, done = iter(erased.entries()), 0
    while batch := list(islice(noted, BATCH)):
        for entry in batch:
            done += _erase_again(entry, now)
        db.session.commit()
    restoring.end()
    return done


def _erase_again(entry: Erased, now: datetime) -> bool:
    """False when there is no such thing, or it is erased."""
    what, network_id, row_id = entry
    by = command_line(network_id)
    if what == "network":
        return _wipe_again(network_id, now)
    if what == "membership":
        this = (Membership.network_id == network_id, Membership.id == row_id)
        return end_memberships(*this, now=now) > 0
    if what == "person":
        person = db.session.get(Person, (network_id, row_id))
        if person is not None and person.erased_at is None:
            erase(person, by=by, now=now)
            return True
    if what == "post":
        post = db.session.get(Post, (network_id, row_id))
        if post is not None and post.erased_at is None:
            _close(post, by=by, now=now)
            empty_posts(network_id, [row_id], now)
            return True
    return False


def _wipe_again(network_id: int, now: datetime) -> bool:
    network = db.session.get(Network, network_id)
    if network is None:
        return False
    wiping.begin(network, now)
    db.session.commit()
    wiping.wipe(network_id)
    return True
