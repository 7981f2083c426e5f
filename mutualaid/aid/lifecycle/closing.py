"""How a post closes, and opens again. Closing lets go of live matches and tells the other side in neutral words."""

from datetime import datetime

from sqlalchemy import select

from mutualaid.actors import Actor
from mutualaid.aid.lifecycle.counts import confirmed_given
from mutualaid.aid.lifecycle.covering import open_again
from mutualaid.aid.lifecycle.moving import let_go
from mutualaid.aid.lifecycle.steps import done, start
from mutualaid.aid.lifecycle.table import POST_MOVES, Refused
from mutualaid.aid.models import Match, Post
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
    row.duplicate_of_id = of.id
    return _close(row, "mark_duplicate", by=by, now=now)


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
    if row.is_need and confirmed_given(row) >= row.quantity:
        raise Refused("fulfilled_already")
    open_again(row, now)
    return done(row, "reopen", by, now)


def _close(row: Post, verb: str, *, by: Actor, now: datetime, note: str = "") -> Post:
    """Close, then let go of every live match that nobody has delivered on yet."""
    start(row, verb)
    row.state, row.outcome, row.closed_at = "closed", POST_MOVES[verb][1], now
    row.intake, row.intake_until, row.paused_at, row.front_at = None, None, None, None
    done(row, verb, by, now, note=note)
    for match in live_matches(row):
        let_go(match, of=row, by=by, now=now)
    return row


def live_matches(row: Post) -> list[Match]:
    """Proposed and agreed; what was delivered ends by itself, as it was."""
    side = Match.need_id if row.is_need else Match.offer_id
    which = (
        Match.network_id == row.network_id,
        side == row.id,
        Match.state.in_(("proposed", "agreed")),
    )
    return list(db.session.scalars(select(Match).where(*which).order_by(Match.id)))


def _person(row: Post) -> Person:
    return db.session.get_one(Person, (row.network_id, row.person_id))
