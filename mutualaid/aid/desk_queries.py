"""How many wait in each queue of the desk, and the list of one. Each is one query; counts and lists end at MOST."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    ScalarSelect,
    Select,
    String,
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
from mutualaid.aid.desk_queues import seen_by
from mutualaid.aid.models import Category, Post
from mutualaid.aid.queries import WITH_ALL
from mutualaid.db import db
from mutualaid.networks.models import Network

PAGE = 50
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
    waiting = {queue: _waiting(queue, network, actor, now) for queue in POST_QUEUES}
    waiting["calls"] = calls(network, actor, now=now)
    waiting["unsent"] = unsent(network, actor, mail_works=mail_works)
    row = db.session.execute(select(*(_how_many(query).label(key) for key, query in waiting.items()))).one()
    return {key: int(row._mapping[key]) for key in QUEUES}


def _waiting(queue: str, network: Network, actor: Actor, now: datetime) -> Select[Any]:
    parts = desk_queues.parts(queue, network, now)
    if parts[0].matches is not None and not actor.area_ids:
        return select(parts[0].matches)
    some = (desk_queues.in_order(part, network, seen_by(actor), most=MOST + 1) for part in parts)
    return select(union_all(*some).subquery())


def _how_many(query: Select[Any]) -> ScalarSelect[int]:
    return select(func.count()).select_from(query.limit(MOST + 1).subquery()).scalar_subquery()


def listed(network: Network, actor: Actor, queue: str, sift: Sift, *, now: datetime, page: int = 1) -> Listed:
    """One page of a queue; one query."""
    which = (seen_by(actor), *_sifted(sift, network, now))
    parts = desk_queues.parts(queue, network, now)
    some = (desk_queues.in_order(part, network, *which, most=MOST + 1) for part in parts)
    together = union_all(*some).subquery()
    found = select(together).order_by(*desk_queues.order(queue, together.c)).limit(MOST + 1).cte("found")
    in_order = desk_queues.order(queue, found.c)
    first = (page - 1) * PAGE
    shown = select(found).order_by(*in_order).limit(PAGE).offset(first).cte("shown")
    standing = desk_queues.standing(network, now, select(shown.c.id))
    total = select(func.count()).select_from(found).scalar_subquery()
    query = (
        select(Post, standing, total.label("total"))
        .select_from(shown)
        .join(Post, (Post.network_id == network.id) & (Post.id == shown.c.id))
        .outerjoin(standing, standing.c.need_id == Post.id)
        .order_by(*desk_queues.order(queue, shown.c))
        .options(*WITH_ALL)
    )
    rows = db.session.execute(query).all()
    return Listed([Row(row.Post, *_where_it_stands(row)) for row in rows], rows[0].total if rows else 0, page)


def _sifted(sift: Sift, network: Network, now: datetime) -> list[ColumnElement[bool]]:
    """A category stands for its children too."""
    which: list[ColumnElement[bool]] = []
    if sift.area is not None:
        which.append(Post.area_id == sift.area)
    if sift.category is not None:
        children = select(Category.id).where(
            Category.network_id == network.id, Category.parent_id == sift.category
        )
        which.append(or_(Post.category_id == sift.category, Post.category_id.in_(children)))
    if sift.urgency is not None:
        which.append(Post.urgency == sift.urgency)
    if sift.language:
        which.append(Post.language_bits.op("&")(bits_of([sift.language])) != 0)
        which.append(cast(Post.languages, String).contains(json.dumps(sift.language), autoescape=True))
    if sift.age in AGES:
        since = now - AGES[sift.age]
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
