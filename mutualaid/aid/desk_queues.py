"""Which posts each queue of the desk holds, and in which order: what was let go of first, the most urgent, the newest.

A queue is made of parts that an index gives in their order (desk_lists.LISTS), so that the list of a million begins as
soon as the list of ten. Words in quotes stand in the query as they are: an index of some rows is used for no others.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    Subquery,
    and_,
    case,
    cast,
    func,
    literal_column,
    not_,
    null,
    or_,
    select,
    true,
)

from mutualaid.actors import Actor
from mutualaid.aid.models import LIVE, URGENCIES, Match, Post
from mutualaid.aid.windows import end_of_day, local_day
from mutualaid.db import UTCDateTime
from mutualaid.networks.models import Network

LONG = timedelta(days=7)  # a need that waits for more is stale
Which = tuple[ColumnElement[bool], ...]


def quoted(word: str) -> ColumnElement[str]:
    return literal_column(f"'{word}'")


OPEN, NEED, OFFER = Post.state == quoted("open"), Post.kind == quoted("need"), Post.kind == quoted("offer")
FREE = (OPEN, NEED, Post.intake.is_(None), Post.paused_at.is_(None), Post.uncovered > literal_column("0"))
LIVES = Match.state.in_([quoted(state) for state in LIVE])
STANDS = Match.state.in_([quoted(state) for state in (*LIVE, "disputed")])
NEVER = cast(null(), UTCDateTime)
NEWEST = (Post.created_at.desc(), Post.id.desc())


@dataclass(frozen=True)
class Part:
    """Some posts of a queue in the order of an index. `at`: the moment that the queue is sorted by, if it is."""

    index: str
    which: Which
    order: tuple[Any, ...] = NEWEST
    front: Any = NEVER
    at: Any = NEVER
    matches: Subquery | None = None  # one row by need: need_id, at


def parts(queue: str, network: Network, now: datetime) -> list[Part]:
    return PARTS[queue](network, now)


def order(queue: str, found: Any) -> tuple[Any, ...]:
    """The order of a queue as a whole, by the columns that `picked` gives."""
    newest = (found.created_at.desc(), found.id.desc())
    sorted_by: dict[str, tuple[Any, ...]] = {
        "lapsing": (found.at, *newest),
        "overdue": (found.at.desc(), *newest),
        "unconfirmed": (found.at.desc(), *newest),
        "call_back": (found.at.is_not(None), found.at, *newest),
        "stale": (found.created_at, found.id.desc()),
    }
    front = (found.front.is_(None), found.front.desc(), found.urgency.desc())
    return sorted_by.get(queue, (*front, *newest))


def in_order(part: Part, network: Network, *which: ColumnElement[bool], most: int) -> Select[Any]:
    """The first of a part, as a query that can be put together with others."""
    return select(picked(part, network, *which).order_by(*part.order).limit(most).subquery())


def picked(part: Part, network: Network, *which: ColumnElement[bool]) -> Select[Any]:
    """The posts of a part, with what a queue may be sorted by."""
    columns = (
        Post.id,
        part.front.label("front"),
        Post.urgency,
        Post.created_at,
        part.at.label("at"),
    )
    query = select(*columns).where(Post.network_id == network.id, *part.which, *which)
    if part.matches is not None:
        return query.join(part.matches, part.matches.c.need_id == Post.id)
    # SQLite would guess which of several indexes is the narrowest, and be wrong.
    return query.with_hint(Post, f"INDEXED BY {part.index}", "sqlite")


def seen_by(actor: Actor, area_id: Any = Post.area_id) -> ColumnElement[bool]:
    """The posts of a coordinator's areas, and those without one: permissions.may_coordinate as a query."""
    return or_(area_id.is_(None), area_id.in_(sorted(actor.area_ids))) if actor.area_ids else true()


def standing(network: Network, now: datetime, needs: Select[Any]) -> Subquery:
    """By need, of these: how many matches stand where, how many are overdue, and the first moments."""
    proposed, agreed, delivered = (Match.state == state for state in LIVE)

    def count(which: ColumnElement[bool]) -> ColumnElement[int]:
        return func.sum(case((which, 1), else_=0))

    return (
        select(
            Match.need_id,
            count(Match.state == "disputed").label("disputed"),
            count(and_(agreed, Match.due_at <= now)).label("overdue"),
            count(proposed).label("proposed"),
            count(agreed).label("agreed"),
            count(delivered).label("delivered"),
            func.min(case((proposed, Match.lease_until))).label("lease_until"),
            func.min(case((agreed, Match.due_at))).label("due_at"),
            func.max(case((delivered, Match.delivered_at))).label("delivered_at"),
        )
        .where(Match.network_id == network.id, STANDS, Match.need_id.in_(needs))
        .group_by(Match.need_id)
        .subquery("standing")
    )


def _has(*which: ColumnElement[bool]) -> ColumnElement[bool]:
    pair = (Match.network_id == Post.network_id, Match.need_id == Post.id, STANDS)
    return select(literal_column("1")).select_from(Match).where(*pair, *which).correlate(Post).exists()


HAS_LIVE = _has(LIVES)
WAITS = (*FREE, not_(_has(Match.state == quoted("disputed"))))


def _in_line(index: str, *which: ColumnElement[bool]) -> list[Part]:
    """Let go of: the last first; then the most urgent, of them the newest."""
    at_head = (*which, Post.front_at.is_not(None))
    front = Part("ix_post_front", at_head, (Post.front_at.desc(), *NEWEST), front=Post.front_at)
    return [front, *_by_urgency(index, NEWEST, *which)]


def _by_urgency(index: str, in_order: tuple[Any, ...], *which: ColumnElement[bool]) -> list[Part]:
    rest = (*which, Post.front_at.is_(None))
    return [Part(index, (*rest, Post.urgency == literal_column(str(soon))), in_order) for soon in URGENCIES]


def _young(now: datetime) -> Which:
    return Post.created_at > now - LONG, Post.asked_still_at.is_(None)


def _new(_network: Network, now: datetime) -> list[Part]:
    unread = Post.taken_in_at.is_(None)
    return _in_line("ix_post_unread", *WAITS, unread, *_young(now), not_(HAS_LIVE))


def _looking(_network: Network, now: datetime) -> list[Part]:
    read = and_(Post.taken_in_at.is_not(None), *_young(now))
    return _in_line("ix_post_waiting", *WAITS, or_(read, HAS_LIVE))


def _stale(_network: Network, now: datetime) -> list[Part]:
    """The oldest first; and those who did not say yet whether they still need it."""
    waits, oldest = (*WAITS, not_(HAS_LIVE)), (Post.created_at, Post.id.desc())
    old, asked = Post.created_at <= now - LONG, Post.asked_still_at.is_not(None)
    at_head, young = Post.front_at.is_not(None), Post.created_at > now - LONG
    return [
        *_by_urgency("ix_post_waiting", oldest, *waits, old),
        Part("ix_post_front", (*waits, at_head, or_(old, asked)), oldest),
        Part("ix_post_asked", (*waits, Post.front_at.is_(None), young, asked), oldest),
    ]


def _call_back(network: Network, now: datetime) -> list[Part]:
    """Whoever has no day at once, then by the day."""
    waits, until = (OPEN, Post.intake.is_not(None)), Post.intake_until
    due = until <= local_day(now, network.timezone)
    return [
        Part("ix_post_intake", (*waits, until.is_(None)), at=until),
        Part("ix_post_intake", (*waits, due), (until, *NEWEST), at=until),
    ]


def _matched(at: Any, *which: ColumnElement[bool]) -> Callable[[Network, datetime], list[Part]]:
    """Needs of which some match stands so."""

    def found(network: Network, now: datetime) -> list[Part]:
        query = select(Match.need_id, at.label("at")).where(Match.network_id == network.id, *which)
        matches = (
            query.group_by(Match.need_id).with_hint(Match, "INDEXED BY ix_match_state", "sqlite").subquery()
        )
        return [Part("", (), NEWEST, front=Post.front_at, at=matches.c.at, matches=matches)]

    return found


def _lapsing(network: Network, now: datetime) -> list[Part]:
    today = end_of_day(local_day(now, network.timezone), network.timezone)
    lapse = (Match.state == quoted("proposed"), Match.lease_until <= today)
    return _matched(func.min(Match.lease_until), *lapse)(network, now)


def _overdue(network: Network, now: datetime) -> list[Part]:
    late = (Match.state == quoted("agreed"), Match.due_at <= now)
    return _matched(func.min(Match.due_at), *late)(network, now)


PARTS: dict[str, Callable[[Network, datetime], list[Part]]] = {
    "disputed": _matched(func.min(Match.lease_until), Match.state == quoted("disputed")),
    "lapsing": _lapsing,
    "overdue": _overdue,
    "unconfirmed": _matched(func.max(Match.delivered_at), Match.state == quoted("delivered")),
    "new": _new,
    "call_back": _call_back,
    "looking": _looking,
    "stale": _stale,
    "needs": lambda _network, _now: _in_line("ix_post_listed", OPEN, NEED),
    "offers": lambda _network, _now: _in_line("ix_post_listed", OPEN, OFFER),
}
