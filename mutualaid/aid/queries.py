"""Loaders and plural questions about posts and matches. Loaders give None for another network's rows as for none."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, bindparam, func, or_, select
from sqlalchemy.orm import joinedload

from mutualaid.aid.matching.candidates import met
from mutualaid.aid.models import Category, Match, MatchDetails, Post, PostDetails
from mutualaid.db import db
from mutualaid.networks.models import Network
from mutualaid.people.blocks import Entry, hidden_from, who
from mutualaid.people.models import Person

WITH_PEOPLE = (
    joinedload(Match.need).joinedload(Post.person),
    joinedload(Match.need).joinedload(Post.category),
    joinedload(Match.need).joinedload(Post.area),
    joinedload(Match.offer).joinedload(Post.person),
    joinedload(Match.offer).joinedload(Post.category),
    joinedload(Match.offer).joinedload(Post.area),
)
# Made once: to make a statement takes longer than to ask it.
ALL = (
    select(Category)
    .where(Category.network_id == bindparam("network"))
    .order_by(Category.position, Category.id)
)
TOPS = (
    select(Category.id)
    .where(
        Category.network_id == bindparam("network"),
        Category.parent_id.is_(None),
        Category.key.in_(bindparam("keys", expanding=True)),
    )
    .scalar_subquery()
)
UNDER = ALL.where(or_(Category.id.in_(TOPS), Category.parent_id.in_(TOPS)))
WITH_ALL = (joinedload(Post.person), joinedload(Post.category), joinedload(Post.area))


def get_post(network: Network, post_id: int) -> Post | None:
    """With its person, category and area, in one query."""
    return db.session.scalars(
        select(Post).where(Post.network_id == network.id, Post.id == post_id).options(*WITH_ALL)
    ).first()


def get_match(network: Network, match_id: int) -> Match | None:
    """With both posts, their people, categories and areas, in one query."""
    return db.session.scalars(
        select(Match).where(Match.network_id == network.id, Match.id == match_id).options(*WITH_PEOPLE)
    ).first()


def posts_of(network_id: int, person_id: int) -> list[Post]:
    """A person's own posts, open ones first, newest first."""
    mine = (Post.network_id == network_id, Post.person_id == person_id)
    return list(
        db.session.scalars(
            select(Post).where(*mine).order_by(Post.state.desc(), Post.id.desc()).options(*WITH_ALL)
        )
    )


def categories_of(network: Network, *, under: Sequence[str] | None = None) -> list[Category]:
    """In their order: all, or the top-level ones of these keys and what is under them."""
    values: dict[str, Any] = {"network": network.id}
    if under is None:
        return list(db.session.scalars(ALL, values))
    return list(db.session.scalars(UNDER, values | {"keys": under}))


def details_of(post: Post) -> str:
    row = db.session.get(PostDetails, (post.network_id, post.id))
    return row.text if row else ""


def open_needs_for(
    network: Network, helper: Person, entries: list[Entry], *, now: datetime, most: int = 20
) -> list[Post]:
    """Needs that a helper may see and claim, the head of the queue first.

    Not their own, nothing sensitive, nothing at intake, nothing that lists hide (blocks.hidden_from), and nothing that
    one of the two said no to, or that they have promised already. `entries`: all about the helper.
    """
    apart, later = hidden_from(who(helper), entries)
    query = (
        select(Post)
        .join(
            Category,
            (Category.network_id == Post.network_id) & (Category.id == Post.category_id),
        )
        .where(
            Post.network_id == network.id,
            Post.kind == "need",
            Post.state == "open",
            Post.uncovered >= 1,
            Post.person_id != helper.id,
            Post.intake.is_(None),
            Post.paused_at.is_(None),
            Category.sensitive.is_(False),
            Post.person_id.not_in(apart),
            *(
                ~and_(Post.created_at > at, Post.person_id.in_(_who_gave(network, digest)))
                for digest, at in later.items()
            ),
            ~met(Post, helper.id, now),
        )
        .order_by(
            Post.front_at.desc().nulls_last(),
            Post.urgency.desc(),
            Post.created_at,
            Post.id,
        )
        .limit(most)
    )
    return list(db.session.scalars(query.options(joinedload(Post.category), joinedload(Post.area))))


def _who_gave(network: Network, digest: bytes) -> Select[int]:
    same = or_(Person.phone_hash == digest, Person.email_hash == digest)
    return select(Person.id).where(Person.network_id == network.id, same)


def came_between(network: Network, since: datetime, until: datetime) -> list[tuple[int | None, int, int]]:
    """What came to neighbours: (area of the need, category, how many times)."""
    query = (
        select(Post.area_id, Post.category_id, func.count())
        .join(Match, (Match.network_id == Post.network_id) & (Match.need_id == Post.id))
        .where(
            Match.network_id == network.id,
            Match.state == "confirmed",
            Match.confirmed_at >= since,
            Match.confirmed_at < until,
        )
        .group_by(Post.area_id, Post.category_id)
    )
    return [(area, category, int(times)) for area, category, times in db.session.execute(query)]


def address_of(match: Match) -> str:
    """Where to come, as it was said last; empty when nobody has."""
    row = db.session.get(MatchDetails, (match.network_id, match.id))
    return row.address if row else ""
