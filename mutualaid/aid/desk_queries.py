"""What waits for a coordinator: the queues of the desk, their counts, the list of one. Each is one query."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    String,
    Subquery,
    and_,
    case,
    cast,
    false,
    func,
    not_,
    or_,
    select,
    true,
)
from sqlalchemy.orm import aliased, joinedload

from mutualaid.actors import Actor
from mutualaid.aid.models import LIVE, Category, Match, Post
from mutualaid.aid.queries import WITH_ALL
from mutualaid.aid.windows import end_of_day, local_day
from mutualaid.db import db
from mutualaid.networks.models import Network
from mutualaid.notices.models import Notice

LONG = timedelta(days=7)  # a need that waits for more is stale
PAGE = 50
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
    rows: list[Row]
    total: int
    page: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // PAGE))


def counts(network: Network, actor: Actor, *, mail_works: bool, now: datetime) -> dict[str, int]:
    """How many wait in each queue of QUEUES, as far as this coordinator's areas go; one query."""
    standing = _standing(network, now)
    held = _queues(standing, network, now)
    sums = [func.coalesce(func.sum(case((held[key], 1), else_=0)), 0).label(key) for key in POST_QUEUES]
    others = [
        select(func.count()).select_from(waiting.subquery()).scalar_subquery().label(key)
        for key, waiting in (
            ("calls", calls(network, actor, now=now)),
            ("unsent", unsent(network, actor, mail_works=mail_works)),
        )
    ]
    row = db.session.execute(
        select(*sums, *others)
        .select_from(Post)
        .outerjoin(standing, standing.c.need_id == Post.id)
        .where(Post.network_id == network.id, seen_by(actor))
    ).one()
    return {key: int(row._mapping[key]) for key in QUEUES}


def listed(network: Network, actor: Actor, queue: str, sift: Sift, *, now: datetime, page: int = 1) -> Listed:
    """One page of a queue: what was let go of first, then the most urgent, then the newest; one query."""
    standing = _standing(network, now)
    query = (
        select(Post, standing, func.count().over().label("total"))
        .outerjoin(standing, standing.c.need_id == Post.id)
        .where(Post.network_id == network.id, seen_by(actor), _queues(standing, network, now)[queue])
        .where(*_sifted(sift, network, now))
        .order_by(*_order(queue, standing))
        .limit(PAGE)
        .offset((page - 1) * PAGE)
        .options(*WITH_ALL)
    )
    found = db.session.execute(query).all()
    rows = [Row(row.Post, *_where_it_stands(row)) for row in found]
    return Listed(rows, found[0].total if found else 0, page)


def spoken(network: Network) -> list[str]:
    """The languages of all open posts; one query."""
    is_open = (Post.network_id == network.id, Post.state == "open")
    texts = select(cast(Post.languages, String)).where(*is_open).distinct()
    return sorted({code for text in db.session.scalars(texts) for code in json.loads(text)})


def seen_by(actor: Actor) -> ColumnElement[bool]:
    """The posts of a coordinator's areas, and those without one: permissions.may_coordinate as a query."""
    if not actor.area_ids:
        return true()
    return or_(Post.area_id.is_(None), Post.area_id.in_(sorted(actor.area_ids)))


def _standing(network: Network, now: datetime) -> Subquery:
    """By need: how many matches stand where, how many lapse today or are overdue, and the first moments."""
    today = end_of_day(local_day(now, network.timezone), network.timezone)
    proposed, agreed, delivered = (Match.state == state for state in LIVE)

    def count(which: ColumnElement[bool]) -> ColumnElement[int]:
        return func.sum(case((which, 1), else_=0))

    return (
        select(
            Match.need_id,
            count(Match.state.in_(LIVE)).label("live"),
            count(Match.state == "disputed").label("disputed"),
            count(and_(proposed, Match.lease_until <= today)).label("lapsing"),
            count(and_(agreed, Match.due_at <= now)).label("overdue"),
            count(proposed).label("proposed"),
            count(agreed).label("agreed"),
            count(delivered).label("delivered"),
            func.min(case((proposed, Match.lease_until))).label("lease_until"),
            func.min(case((agreed, Match.due_at))).label("due_at"),
            func.max(case((delivered, Match.delivered_at))).label("delivered_at"),
        )
        .where(Match.network_id == network.id, Match.state.in_((*LIVE, "disputed")))
        .group_by(Match.need_id)
        .subquery("standing")
    )


def _queues(standing: Subquery, network: Network, now: datetime) -> dict[str, ColumnElement[bool]]:
    """Which posts each queue holds. A need waits in new, looking or stale; in none once all is promised."""
    has = {
        key: func.coalesce(standing.c[key], 0) > 0
        for key in ("live", "disputed", "lapsing", "overdue", "delivered")
    }
    is_open = Post.state == "open"
    need = and_(is_open, Post.kind == "need")
    waits = and_(
        need, Post.intake.is_(None), Post.paused_at.is_(None), Post.uncovered > 0, not_(has["disputed"])
    )
    long = or_(Post.created_at <= now - LONG, Post.asked_still_at.is_not(None))
    unread = Post.taken_in_at.is_(None)
    due = or_(Post.intake_until.is_(None), Post.intake_until <= local_day(now, network.timezone))
    return {
        "disputed": has["disputed"],
        "lapsing": has["lapsing"],
        "overdue": has["overdue"],
        "unconfirmed": has["delivered"],
        "new": and_(waits, not_(has["live"]), unread, not_(long)),
        "looking": and_(waits, or_(has["live"], and_(not_(unread), not_(long)))),
        "stale": and_(waits, not_(has["live"]), long),
        "call_back": and_(is_open, Post.intake.is_not(None), due),
        "needs": need,
        "offers": and_(is_open, Post.kind == "offer"),
    }


def _order(queue: str, standing: Subquery) -> tuple[Any, ...]:
    first: dict[str, tuple[Any, ...]] = {
        "lapsing": (standing.c.lease_until,),
        "overdue": (standing.c.due_at.desc(),),
        "unconfirmed": (standing.c.delivered_at.desc(),),
        "call_back": (Post.intake_until,),
        "stale": (Post.created_at,),
    }
    front = (Post.front_at.is_(None), Post.front_at.desc())
    return (*first.get(queue, (*front, Post.urgency.desc())), Post.created_at.desc(), Post.id.desc())


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


def calls(network: Network, actor: Actor, *, now: datetime) -> Select[Notice]:
    """Calls to make: what somebody without another channel is owed."""
    return _notices(network, actor).where(
        Notice.channel == "call", Notice.done_at.is_(None), Notice.send_after <= now
    )


def unsent(network: Network, actor: Actor, *, mail_works: bool) -> Select[Notice]:
    """Emails that failed; and, where no mail server is set, all that are kept until one is."""
    failed = Notice.outcome == "failed"
    kept = and_(Notice.done_at.is_(None), false() if mail_works else true())
    return _notices(network, actor).where(Notice.channel == "email", or_(failed, kept))


def _notices(network: Network, actor: Actor) -> Select[Notice]:
    """One that is about no post (a lost code) goes where its person's newest post is, as desk_calls opens it."""
    theirs = aliased(Post)
    newest = (
        select(theirs.id)
        .where(theirs.network_id == Notice.network_id, theirs.person_id == Notice.person_id)
        .order_by(theirs.state.desc(), theirs.id.desc())
        .limit(1)
        .correlate(Notice)
        .scalar_subquery()
    )
    about = func.coalesce(Notice.post_id, newest)
    return (
        select(Notice)
        .outerjoin(Post, and_(Post.network_id == Notice.network_id, Post.id == about))
        .where(Notice.network_id == network.id, seen_by(actor))
    )


def notices(query: Select[Notice], most: int = 100) -> list[Notice]:
    """Proposals first, for they lapse; then the oldest; with their people."""
    order = (Notice.kind.startswith("proposed").desc(), Notice.created_at, Notice.id)
    return list(db.session.scalars(query.order_by(*order).limit(most).options(joinedload(Notice.person))))
