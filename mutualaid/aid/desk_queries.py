"""How many wait in each queue of the desk, and the list of one. Each is one query; counts and lists end at MOST."""

import json
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    ScalarSelect,
    Select,
    String,
    bindparam,
    cast,
    func,
    or_,
    select,
    union_all,
)

from mutualaid.actors import Actor
from mutualaid.aid import desk_queues
from mutualaid.aid.bits import bits_of
from mutualaid.aid.desk_notices import calls, unsent
from mutualaid.aid.desk_queues import BEYOND, NETWORK, PARTS, seen_by
from mutualaid.aid.messages.queries import held
from mutualaid.aid.models import Category, Post
from mutualaid.aid.queries import WITH_ALL
from mutualaid.db import UTCDateTime, db
from mutualaid.networks.models import Network

PAGE = 50
KEPT = 256  # queries that were put together once
MOST = 1000  # nobody reads on beyond; one more says that there is more
TROUBLE = ("disputed", "lapsing", "overdue", "new", "call_back", "looking", "unconfirmed", "stale")
POST_QUEUES = (*TROUBLE, "needs", "offers")
QUEUES = (
    "disputed",
    "lapsing",
    "overdue",
    "new",
    "call_back",
    "calls",
    "held",
    "unconfirmed",
    "looking",
    "stale",
    "needs",
    "offers",
    "unsent",
)
AGES = {
    "day": timedelta(days=1),
    "week": timedelta(days=7),
    "longer": timedelta(days=7),
    "month": timedelta(days=30),
}
YOUNGER = ("day", "week")


@dataclass(frozen=True)
class Sift:
    """What to show only. `age`: day, week (younger), longer (than a week), month (older than 30 days)."""

    area: int | None = None
    category: int | None = None
    urgency: int | None = None
    language: str = ""
    age: str = ""


@dataclass(frozen=True)
class Row:
    """One line of the list. `standing`: where its most pressing match stands; `moment`: when that counts."""

    post: Post
    standing: str | None
    moment: datetime | None


@dataclass(frozen=True)
class Listed:
    """`total` is MOST + 1 when there are more than MOST; the pages end at MOST."""

    rows: list[Row]
    total: int
    page: int

    @property
    def pages(self) -> int:
        return max(1, -(-min(self.total, MOST) // PAGE))


def counts(network: Network, actor: Actor, *, mail_works: bool, now: datetime) -> dict[str, int]:
    """How many wait in each queue of QUEUES, as far as this coordinator's areas go; MOST + 1 is more; one query."""
    query = _counting(actor.area_ids, mail_works)
    row = db.session.execute(query, desk_queues.known(network, now, most=MOST)).one()
    return {key: int(row._mapping[key]) for key in QUEUES}


@lru_cache(maxsize=KEPT)
def _counting(areas: frozenset[int], mail_works: bool) -> Select[Any]:
    waiting = {queue: _waiting(queue, areas) for queue in POST_QUEUES}
    waiting |= {"calls": calls(areas), "held": held(areas), "unsent": unsent(areas, mail_works=mail_works)}
    numbers: list[Any] = [_how_many(query).label(key) for key, query in waiting.items()]
    return select(*numbers)


def _waiting(queue: str, areas: frozenset[int]) -> Select[Any]:
    parts = PARTS[queue]
    if parts[0].needs is not None and not areas:
        return parts[0].needs
    return select(union_all(*(desk_queues.to_count(part, seen_by(areas)) for part in parts)).subquery())


def _how_many(query: Select[Any]) -> ScalarSelect[int]:
    return select(func.count()).select_from(query.limit(BEYOND).subquery()).scalar_subquery()


def listed(
    network: Network,
    actor: Actor,
    queue: str,
    sift: Sift,
    *,
    now: datetime,
    page: int = 1,
    total: int | None = None,
) -> Listed:
    """One page of a queue; one query. It counts all of them too, unless `total` was counted before."""
    most = MOST if total is None else min(MOST, page * PAGE)
    since = now - AGES.get(sift.age, timedelta())
    asked = {**desk_queues.known(network, now, most=most), "since": since, "first": (page - 1) * PAGE}
    asked |= {"area": sift.area, "category": sift.category}
    found = db.session.execute(_listing(queue, actor.area_ids, _alike(sift)), asked).all()
    rows = [Row(row.Post, *_where_it_stands(row)) for row in found]
    if total is None:
        total = found[0].total if found else 0
    return Listed(rows, total, page)


def _alike(sift: Sift) -> Sift:
    """The same for every area and category: those are parameters."""
    area, category = (None if of is None else 0 for of in (sift.area, sift.category))
    return replace(sift, area=area, category=category)


@lru_cache(maxsize=KEPT)
def _listing(queue: str, areas: frozenset[int], sift: Sift) -> Select[Any]:
    some = (desk_queues.in_order(part, seen_by(areas), *_sifted(sift)) for part in PARTS[queue])
    together = union_all(*some).subquery()
    found = select(together).order_by(*desk_queues.order(queue, together.c)).limit(BEYOND).cte("found")
    in_order = desk_queues.order(queue, found.c)
    first = bindparam("first", type_=Integer)
    shown = select(found).order_by(*in_order).limit(PAGE).offset(first).cte("shown")
    standing = desk_queues.standing(select(shown.c.id))
    total = select(func.count()).select_from(found).scalar_subquery()
    return (
        select(Post, standing, total.label("total"))
        .select_from(shown)
        .join(Post, (Post.network_id == NETWORK) & (Post.id == shown.c.id))
        .outerjoin(standing, standing.c.need_id == Post.id)
        .order_by(*desk_queues.order(queue, shown.c))
        .options(*WITH_ALL)
    )


def _sifted(sift: Sift) -> list[ColumnElement[bool]]:
    """A category stands for its children too."""
    which: list[ColumnElement[bool]] = []
    if sift.area is not None:
        which.append(Post.area_id == bindparam("area", type_=BigInteger))
    if sift.category is not None:
        category = bindparam("category", type_=BigInteger)
        children = select(Category.id).where(Category.network_id == NETWORK, Category.parent_id == category)
        which.append(or_(Post.category_id == category, Post.category_id.in_(children)))
    if sift.urgency is not None:
        which.append(Post.urgency == sift.urgency)
    if sift.language:
        which.append(Post.language_bits.op("&")(bits_of([sift.language])) != 0)
        which.append(cast(Post.languages, String).contains(json.dumps(sift.language), autoescape=True))
    if sift.age in AGES:
        since = bindparam("since", type_=UTCDateTime)
        which.append(Post.created_at > since if sift.age in YOUNGER else Post.created_at <= since)
    return which


def _where_it_stands(row: Any) -> tuple[str | None, datetime | None]:
    """The most pressing first."""
    moments = {
        "overdue": row.due_at,
        "delivered": row.delivered_at,
        "agreed": row.due_at,
        "proposed": row.lease_until,
    }
    for state in ("disputed", "overdue", "delivered", "agreed", "proposed"):
        if getattr(row, state):
            return state, moments.get(state)
    return None, None
