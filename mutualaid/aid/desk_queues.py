"""Which posts each queue of the desk holds, and in which order: what was let go of first, the most urgent, the newest.

A queue is made of parts that an index gives in their order (desk_lists.LISTS), so that the list of a million begins as
soon as the list of ten. Words in quotes stand in the query as they are: an index of some rows is used for no others.
What changes from one look to the next (`known`) are parameters: to put such queries together takes longer than to ask
them, so they are put together once.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Date,
    Integer,
    Select,
    Subquery,
    and_,
    bindparam,
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

from mutualaid.aid.models import LIVE, STANDING, URGENCIES, Match, Post
from mutualaid.aid.windows import end_of_day, local_day
from mutualaid.db import UTCDateTime
from mutualaid.networks.models import Network

LONG = timedelta(days=7)  # a need that waits for more is stale
Which = tuple[ColumnElement[bool], ...]
NETWORK, BEYOND = bindparam("network", type_=BigInteger), bindparam("beyond", type_=Integer)
NOW, LONG_AGO, TONIGHT = (bindparam(name, type_=UTCDateTime) for name in ("now", "long_ago", "tonight"))
TODAY = bindparam("today", type_=Date)


def quoted(word: str) -> ColumnElement[str]:
    return literal_column(f"'{word}'")


OPEN, NEED, OFFER = Post.state == quoted("open"), Post.kind == quoted("need"), Post.kind == quoted("offer")
FREE = (OPEN, NEED, Post.intake.is_(None), Post.paused_at.is_(None), Post.uncovered > literal_column("0"))
LIVES = Match.state.in_([quoted(state) for state in LIVE])
STANDS = Match.state.in_([quoted(state) for state in STANDING])
ONE: ColumnElement[int] = literal_column("1")
NEVER = cast(null(), UTCDateTime)
NEWEST = (Post.created_at.desc(), Post.id.desc())


@dataclass(frozen=True)
class Part:
    """Some posts of a queue in the order of an index. `at`: the moment that the queue is sorted by, if it is."""

    which: Which
    order: tuple[Any, ...] = NEWEST
    front: Any = NEVER
    at: Any = NEVER
    matches: Subquery | None = None  # one row by need: need_id, at
    needs: Select[int] | None = None  # the same without the moment


def known(network: Network, now: datetime, *, most: int) -> dict[str, Any]:
    """The parameters of every query here; `most` rows are read, and one to tell that there are more."""
    today = local_day(now, network.timezone)
    tonight = end_of_day(today, network.timezone)
    moments = {"now": now, "long_ago": now - LONG, "today": today, "tonight": tonight}
    return {"network": network.id, "beyond": most + 1, **moments}


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


def in_order(part: Part, *which: ColumnElement[bool]) -> Select[Any]:
    """The first of a part, as a query that can be put together with others."""
    return _first(picked(part, *which), part.order)


def to_count(part: Part, *which: ColumnElement[bool]) -> Select[Any]:
    """The same without what they are sorted by. Along its index all the same: so they are found soonest."""
    bare = picked(part, *which).with_only_columns(ONE.label("one"), maintain_column_froms=True)
    return _first(bare, part.order[:1])


def _first(posts: Select[Any], order: tuple[Any, ...]) -> Select[Any]:
    return select(posts.order_by(*order).limit(BEYOND).subquery())


def picked(part: Part, *which: ColumnElement[bool]) -> Select[Any]:
    """The posts of a part, with what a queue may be sorted by."""
    columns = (
        Post.id,
        part.front.label("front"),
        Post.urgency,
        Post.created_at,
        part.at.label("at"),
    )
    query = select(*columns).where(Post.network_id == NETWORK, *part.which, *which)
    if part.matches is not None:
        return query.join(part.matches, part.matches.c.need_id == Post.id)
    return query


def seen_by(areas: frozenset[int], area_id: Any = Post.area_id) -> ColumnElement[bool]:
    """The posts of a coordinator's areas, and those without one: permissions.may_coordinate as a query."""
    return or_(area_id.is_(None), area_id.in_(sorted(areas))) if areas else true()


def standing(needs: Select[Any]) -> Subquery:
    """By need, of these: how many matches stand where, how many are overdue, and the first moments."""
    proposed, agreed, delivered = (Match.state == state for state in LIVE)

    def count(which: ColumnElement[bool]) -> ColumnElement[int]:
        return func.sum(case((which, 1), else_=0))

    return (
        select(
            Match.need_id,
            count(Match.state == "disputed").label("disputed"),
            count(and_(agreed, Match.due_at <= NOW)).label("overdue"),
            count(proposed).label("proposed"),
            count(agreed).label("agreed"),
            count(delivered).label("delivered"),
            func.min(case((proposed, Match.lease_until))).label("lease_until"),
            func.min(case((agreed, Match.due_at))).label("due_at"),
            func.max(case((delivered, Match.delivered_at))).label("delivered_at"),
        )
        .where(Match.network_id == NETWORK, STANDS, Match.need_id.in_(needs))
        .group_by(Match.need_id)
        .subquery("standing")
    )


def _has(*which: ColumnElement[bool]) -> ColumnElement[bool]:
    pair = (Match.network_id == Post.network_id, Match.need_id == Post.id, STANDS)
    return select(ONE).select_from(Match).where(*pair, *which).correlate(Post).exists()


HAS_LIVE = _has(LIVES)
WAITS = (*FREE, not_(_has(Match.state == quoted("disputed"))))
WAITS_ALONE = (*FREE, not_(_has()))


def _in_line(*which: ColumnElement[bool]) -> list[Part]:
    """Let go of: the last first; then the most urgent, of them the newest."""
    at_head = (*which, Post.front_at.is_not(None))
    front = Part(at_head, (Post.front_at.desc(), *NEWEST), front=Post.front_at)
    return [front, *_by_urgency(NEWEST, *which)]


def _by_urgency(in_order: tuple[Any, ...], *which: ColumnElement[bool]) -> list[Part]:
    rest = (*which, Post.front_at.is_(None))
    return [Part((*rest, Post.urgency == literal_column(str(soon))), in_order) for soon in URGENCIES]


def _matched(at: Any, *which: ColumnElement[bool]) -> list[Part]:
    """Needs of which some match stands so."""
    stand = (Match.network_id == NETWORK, *which)
    matches = select(Match.need_id, at.label("at")).where(*stand).group_by(Match.need_id).subquery()
    needs = select(Match.need_id).where(*stand).distinct()
    return [Part((), NEWEST, front=Post.front_at, at=matches.c.at, matches=matches, needs=needs)]


UNREAD, YOUNG, ASKED = (
    Post.taken_in_at.is_(None),
    Post.created_at > LONG_AGO,
    Post.asked_still_at.is_not(None),
)
FRESH = (YOUNG, not_(ASKED))
OLDEST = (Post.created_at, Post.id.desc())
UNTIL = Post.intake_until
CALL_BACK = (OPEN, Post.intake.is_not(None))

PARTS: dict[str, list[Part]] = {
    "disputed": _matched(func.min(Match.lease_until), Match.state == quoted("disputed")),
    "lapsing": _matched(
        func.min(Match.lease_until), Match.state == quoted("proposed"), Match.lease_until <= TONIGHT
    ),
    "overdue": _matched(func.min(Match.due_at), Match.state == quoted("agreed"), Match.due_at <= NOW),
    "unconfirmed": _matched(func.max(Match.delivered_at), Match.state == quoted("delivered")),
    "new": _in_line(*WAITS_ALONE, UNREAD, *FRESH),
    "call_back": [  # whoever has no day at once, then by the day
        Part((*CALL_BACK, UNTIL.is_(None)), at=UNTIL),
        Part((*CALL_BACK, UNTIL <= TODAY), (UNTIL, *NEWEST), at=UNTIL),
    ],
    "looking": _in_line(*WAITS, or_(and_(not_(UNREAD), *FRESH), HAS_LIVE)),
    "stale": [  # the oldest first; and those who did not say yet whether they still need it
        *_by_urgency(OLDEST, *WAITS_ALONE, not_(YOUNG)),
        Part((*WAITS_ALONE, Post.front_at.is_not(None), or_(not_(YOUNG), ASKED)), OLDEST),
        Part((*WAITS_ALONE, Post.front_at.is_(None), YOUNG, ASKED), OLDEST),
    ],
    "needs": _in_line(OPEN, NEED),
    "offers": _in_line(OPEN, OFFER),
}
