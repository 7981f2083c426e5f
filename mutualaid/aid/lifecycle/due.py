"""What the clock does: lapses, questions, silence, endings. The worker calls these; each is safe to repeat."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, delete, exists, or_, select

from mutualaid.actors import worker
from mutualaid.aid.between import AFTER_END
from mutualaid.aid.lifecycle.agreeing import lapse
from mutualaid.aid.lifecycle.closing import expire
from mutualaid.aid.lifecycle.counts import lock
from mutualaid.aid.lifecycle.giving import confirm
from mutualaid.aid.lifecycle.table import ASK_DAYS, EXPIRE_DAYS, SILENCE_DAYS, Refused, WrongState
from mutualaid.aid.messages.models import Message
from mutualaid.aid.models import Draft, Match, Post
from mutualaid.aid.windows import local_day
from mutualaid.db import db
from mutualaid.events.history import happened
from mutualaid.networks.models import Network
from mutualaid.notices.outbox import owe
from mutualaid.one_by_one import each, first_of
from mutualaid.people.models import Person

BATCH = 50
Row = tuple[type, int, int]  # table, network id, id
Which = Callable[[datetime], Select[Any]]
Act = Callable[[Any, datetime], None]


def do_what_is_due(now: datetime) -> int:
    """A batch of all that the clock asks for, each in a transaction of its own; says how much was done. Commits.

    Raises SomeFailed.
    """
    db.session.execute(delete(Draft).where(Draft.expires_at <= now))
    db.session.execute(delete(Message).where(_over(now)))
    db.session.commit()
    todo: tuple[tuple[Which, Act], ...] = (
        (_lapsing, _lapse),
        (_silent, _confirm),
        (_ending, _expire),
        (_to_ask, _ask),
    )
    return each(todo, lambda job: _do_first(*job, now))


def _do_first(which: Which, act: Act, now: datetime) -> int:
    def find(most: int) -> list[Row]:
        query = which(now)
        table = query.column_descriptions[0]["entity"]
        rows = db.session.execute(query.with_only_columns(table.network_id, table.id).limit(most)).all()
        db.session.commit()
        return [(table, network_id, row_id) for network_id, row_id in rows]

    def do(row: Row) -> int:
        table, *key = row
        try:
            act(db.session.get_one(table, key, populate_existing=True), now)
        except Refused:  # somebody was quicker than the clock: there is nothing to do for that row
            db.session.rollback()
            return 0
        return 1

    return first_of(find, BATCH, do, now=now)


def _over(now: datetime) -> ColumnElement[bool]:
    """Messages that nobody may read any more."""
    same = (Match.network_id == Message.network_id, Match.id == Message.match_id)
    ended = or_(Match.ended_at <= now - AFTER_END, and_(Match.ended_at <= now, Match.agreed_at.is_(None)))
    return exists().where(*same, ended)


def _lapsing(now: datetime) -> Select[Match]:
    over = (Match.state == "proposed", Match.lease_until <= now)
    return select(Match).where(*over).order_by(Match.lease_until, Match.id)


def _lapse(match: Match, now: datetime) -> None:
    lapse(match, by=worker(match.network_id), now=now)


def _silent(now: datetime) -> Select[Match]:
    since = now - timedelta(days=SILENCE_DAYS)
    return select(Match).where(Match.state == "delivered", Match.delivered_at <= since).order_by(Match.id)


def _confirm(match: Match, now: datetime) -> None:
    confirm(match, by=worker(match.network_id), now=now, by_silence=True)


def _ending(now: datetime) -> Select[Post]:
    """Thirty days without a sign of life, or the last day over in the network's own time."""
    silent = Post.last_sign_at <= now - timedelta(days=EXPIRE_DAYS)
    return _quiet().where(or_(silent, *_days_over(now)))


def _days_over(now: datetime) -> list[ColumnElement[bool]]:
    """The last day of a post is over at another moment in each time zone."""
    zones = db.session.scalars(select(Network.timezone).distinct()).all()
    return [and_(Network.timezone == zone, Post.until_day < local_day(now, zone)) for zone in zones]


def _quiet() -> Select[Post]:
    """Open, and nothing is being done about it: what is agreed ends first, however long that takes."""
    in_hand = exists().where(
        Match.network_id == Post.network_id,
        or_(Match.need_id == Post.id, Match.offer_id == Post.id),
        Match.state.in_(("agreed", "delivered", "disputed")),
    )
    here = select(Post).join(Network, Network.id == Post.network_id)
    return here.where(Post.state == "open", ~in_hand).order_by(Post.id)


def _expire(post: Post, now: datetime) -> None:
    expire(post, by=worker(post.network_id), now=now)


def _to_ask(now: datetime) -> Select[Post]:
    since = now - timedelta(days=ASK_DAYS)
    return _quiet().where(Post.last_sign_at <= since, Post.asked_still_at.is_(None))


def _ask(post: Post, now: datetime) -> None:
    """ "Still needed?" is asked once per silence."""
    lock(post.network_id, post.id)
    if post.asked_still_at is not None:
        raise WrongState("ask_still", state=post.state)
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
