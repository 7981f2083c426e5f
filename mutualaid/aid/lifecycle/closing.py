"""How a post closes, and opens again. Closing lets go of live matches and tells the other side in neutral words."""

from datetime import datetime

from mutualaid.actors import Actor
from mutualaid.aid.lifecycle.counts import confirmed_given
from mutualaid.aid.lifecycle.covering import open_again
from mutualaid.aid.lifecycle.moving import let_go_of_all
from mutualaid.aid.lifecycle.steps import done, start
from mutualaid.aid.lifecycle.table import POST_MOVES, Refused
from mutualaid.aid.models import Post
from mutualaid.db import db
from mutualaid.notices.outbox import owe
from mutualaid.people.models import Person


def withdraw(row: Post, *, by: Actor, now: datetime) -> Post:
    """No longer needed, or no longer offered."""
    return _close(row, "withdraw", by=by, now=now)


def refer(row: Post, to: str, *, by: Actor, now: datetime) -> Post:
    """Passed on to another group, by its person's consent. `to` names the group; it is kept sealed."""
    return _close(row, "refer", by=by, now=now, note=to)


def mark_duplicate(row: Post, of: Post, *, by: Actor, now: datetime) -> Post:
    """The same thing was posted twice; `of` is the one that stays."""
    if of.id == row.id or of.network_id != row.network_id or of.kind != row.kind:
        raise Refused("not_a_duplicate")
    _close(row, "mark_duplicate", by=by, now=now)
    row.duplicate_of_id = of.id
    return row


def expire(row: Post, *, by: Actor, now: datetime) -> Post:
    """Thirty days without a sign of life, or its last day has passed."""
    _close(row, "expire", by=by, now=now)
    owe(_person(row), f"expired_{row.kind}", now=now, post_id=row.id)
    return row


def reopen(row: Post, *, by: Actor, now: datetime) -> Post:
    """A closed one is open again; a last day that has passed no longer counts."""
    start(row, "reopen")
    if _person(row).erased_at is not None:
        raise Refused("erased")
    if row.erased_at is not None:
        raise Refused("emptied")
    if row.is_need and confirmed_given(row) >= row.quantity:
        raise Refused("fulfilled_already")
    open_again(row, now)
    return done(row, "reopen", by, now)


def _close(row: Post, verb: str, *, by: Actor, now: datetime, note: str = "") -> Post:
    start(row, verb)
    row.state, row.outcome, row.closed_at = "closed", POST_MOVES[verb][1], now
    row.intake, row.intake_until, row.paused_at, row.front_at = None, None, None, None
    done(row, verb, by, now, note=note)
    let_go_of_all(row, by=by, now=now)
    return row


def _person(row: Post) -> Person:
    return db.session.get_one(Person, (row.network_id, row.person_id))
