"""What the clock does: lapses, questions, silence, endings. The worker calls these; each is safe to repeat."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, or_, select

from mutualaid.aid.lifecycle.closing import expire
from mutualaid.aid.lifecycle.matches import confirm, lapse
from mutualaid.aid.lifecycle.table import ASK_DAYS, EXPIRE_DAYS, SILENCE_DAYS, Refused
from mutualaid.aid.models import Draft, Match, Post
from mutualaid.aid.windows import local_day
from mutualaid.db import db
from mutualaid.events.history import happened
from mutualaid.networks.models import Network
from mutualaid.notices.outbox import owe
from mutualaid.people.actors import worker
from mutualaid.people.models import Person

BATCH = 200


def do_what_is_due(now: datetime) -> int:
    """All that the clock asks for, each in a transaction of its own; says how much was done."""
    done = sum(
        _each(rows, act, now)
        for rows, act in ((_lapsing, _lapse), (_silent, _confirm), (_ending, _expire))
    )
    done += _each(_to_ask, _ask, now)
    db.session.execute(delete(Draft).where(Draft.expires_at <= now))
    db.session.commit()
    return done


def _each(
    rows: Callable[[datetime], list[Any]],
    act: Callable[[Any, datetime], None],
    now: datetime,
) -> int:
    """Somebody may be quicker than the clock: then there is nothing to do for that row."""
    ids = [(type(row), (row.network_id, row.id)) for row in rows(now)]
    db.session.commit()
    for table, key in ids:
        try:
            act(db.session.get_one(table, key, populate_existing=True), now)
            db.session.commit()
        except Refused:
            db.session.rollback()
    return len(ids)


def _lapsing(now: datetime) -> list[Match]:
    return _first(
        select(Match)
        .where(Match.state == "proposed", Match.lease_until <= now)
        .order_by(Match.lease_until)
    )


def _lapse(match: Match, now: datetime) -> None:
    lapse(match, by=worker(match.network_id), now=now)


def _silent(now: datetime) -> list[Match]:
    since = now - timedelta(days=SILENCE_DAYS)
    return _first(
        select(Match)
        .where(Match.state == "delivered", Match.delivered_at <= since)
        .order_by(Match.id)
    )


def _confirm(match: Match, now: datetime) -> None:
    confirm(match, by=worker(match.network_id), now=now, by_silence=True)


def _ending(now: datetime) -> list[Post]:
    """Thirty days without a sign of life, or the last day over in the network's own time; not while a match is live."""
    silent = Post.last_sign_at <= now - timedelta(days=EXPIRE_DAYS)
    # One day of slack for the time zone; the exact day is asked below.
    over = Post.until_day <= (now + timedelta(days=1)).date()
    rows = _first(
        select(Post).where(Post.state == "open", or_(silent, over)).order_by(Post.id)
    )
    return [row for row in rows if _is_over(row, now)]


def _is_over(row: Post, now: datetime) -> bool:
    network = db.session.get_one(Network, row.network_id)
    if row.last_sign_at <= now - timedelta(days=EXPIRE_DAYS):
        return True
    return (
        row.until_day is not None
        and row.until_day < local_day(now, network.timezone)
        and not _in_hand(row)
    )


def _in_hand(row: Post) -> bool:
    side = Match.need_id if row.is_need else Match.offer_id
    agreed = select(Match.id).where(
        Match.network_id == row.network_id,
        side == row.id,
        Match.state.in_(("agreed", "delivered", "disputed")),
    )
    return db.session.scalar(agreed.limit(1)) is not None


def _expire(post: Post, now: datetime) -> None:
    expire(post, by=worker(post.network_id), now=now)


def _to_ask(now: datetime) -> list[Post]:
    since = now - timedelta(days=ASK_DAYS)
    quiet = (
        Post.state == "open",
        Post.last_sign_at <= since,
        Post.asked_still_at.is_(None),
    )
    return _first(select(Post).where(*quiet).order_by(Post.id))


def _ask(post: Post, now: datetime) -> None:
    """ "Still needed?" is asked once per silence."""
    post.asked_still_at = now
    person = db.session.get_one(Person, (post.network_id, post.person_id))
    owe(person, f"still_{post.kind}", now=now, post_id=post.id)
    happened(
        "ask_still",
        by=worker(post.network_id),
        now=now,
        person_id=person.id,
        post_id=post.id,
    )


def _first(query: Any) -> list[Any]:
    return list(db.session.scalars(query.limit(BATCH)))
