"""Locking posts, and keeping count of what is promised, given and left. Counts are derived, never kept by hand."""

from datetime import datetime

from sqlalchemy import ColumnElement, SQLColumnExpression, case, func, select

from mutualaid.aid.models import PROMISED, USED, Match, Post
from mutualaid.db import db
from mutualaid.people.models import Person

HOLDS_NEED = case(
    (Match.state.in_(PROMISED), Match.promised),
    (Match.state.in_(("delivered", "confirmed")), Match.given),
    else_=0,
)
USES_OFFER = case((Match.state.in_(USED), Match.promised), else_=0)


def lock(network_id: int, *post_ids: int) -> dict[int, Post]:
    """The posts and then their people, fresh and locked, always in the same order so that nobody waits in a ring."""
    rows = db.session.scalars(
        select(Post)
        .where(Post.network_id == network_id, Post.id.in_(post_ids))
        .order_by(Post.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    posts = {post.id: post for post in rows}
    helpers = [post.person_id for post in posts.values() if not post.is_need]
    db.session.execute(
        select(Person.id)
        .where(Person.network_id == network_id, Person.id.in_(helpers))
        .order_by(Person.id)
        .with_for_update()
    )
    return posts


def held_by(need: Post) -> int:
    """How many of a need are promised or given; 0 for an offer."""
    return _sum(HOLDS_NEED, need, Match.need_id == need.id)


def used_of(offer: Post) -> int:
    """How many of an offer are promised or given; 0 for a need."""
    return _sum(USES_OFFER, offer, Match.offer_id == offer.id)


def confirmed_given(need: Post) -> int:
    return _sum(Match.given, need, Match.need_id == need.id, Match.state == "confirmed")


def _sum(part: SQLColumnExpression[int], row: Post, *which: ColumnElement[bool]) -> int:
    total = select(func.coalesce(func.sum(part), 0)).where(Match.network_id == row.network_id, *which)
    return int(db.session.scalar(total) or 0)


def recount(need: Post, offer: Post) -> None:
    """Set what the need still lacks and what the offer still has from their matches; both must be locked."""
    db.session.flush()
    need.uncovered = max(0, need.quantity - held_by(need))
    if offer.stock is not None:
        offer.stock_left = max(0, offer.stock - used_of(offer))
    db.session.flush()


def agreed_before_first_confirmed(helper_id: int, network_id: int) -> int | None:
    """How many agreed matches a helper has whose first is not confirmed yet; None once one is."""
    row = db.session.execute(
        select(
            func.coalesce(
                func.sum(case((Match.state.in_(("agreed", "delivered")), 1), else_=0)),
                0,
            ),
            func.coalesce(func.sum(case((Match.state == "confirmed", 1), else_=0)), 0),
        )
        .join(Post, (Post.network_id == Match.network_id) & (Post.id == Match.offer_id))
        .where(Match.network_id == network_id, Post.person_id == helper_id)
    ).one()
    return None if row[1] else int(row[0])


def is_new(person: Person, side: str) -> bool:
    """Nothing that they did on this side (need or offer) was confirmed yet."""
    post_id = Match.need_id if side == "need" else Match.offer_id
    own = select(Post.id).where(Post.network_id == person.network_id, Post.person_id == person.id)
    confirmed = select(Match.id).where(
        Match.network_id == person.network_id, Match.state == "confirmed", post_id.in_(own)
    )
    return db.session.scalar(confirmed.limit(1)) is None


def claims_since(helper: Person, since: datetime) -> int:
    """How many needs they claimed, whatever came of it."""
    own = select(Post.id).where(Post.network_id == helper.network_id, Post.person_id == helper.id)
    claimed = (Match.proposed_by_id == helper.id, Match.offer_yes_at.is_not(None), Match.proposed_at > since)
    found = select(func.count()).where(
        Match.network_id == helper.network_id, *claimed, Match.offer_id.in_(own)
    )
    return db.session.scalar(found) or 0
