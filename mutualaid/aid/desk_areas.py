"""Where needs and offers meet, and where not: counts by area of what is open now."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from sqlalchemy import and_, func, or_, select

from mutualaid.actors import Actor
from mutualaid.aid.desk_queries import seen_by
from mutualaid.aid.models import Category, Post
from mutualaid.db import db
from mutualaid.networks.models import Network


@dataclass
class AreaCount:
    """Open needs with something left to find, and free offers, by category id."""

    needs: Counter[int] = field(default_factory=Counter)
    offers: Counter[int] = field(default_factory=Counter)

    @property
    def is_gap(self) -> bool:
        """Somebody needs something, and nobody is free."""
        return self.needs.total() > 0 and self.offers.total() == 0


def by_area(network: Network, actor: Actor) -> dict[int | None, AreaCount]:
    """For each area (None: without one) of this coordinator; one query."""
    is_open = (Post.state == "open", Post.intake.is_(None), Post.paused_at.is_(None))
    free = or_(
        and_(Post.kind == "need", Post.uncovered > 0),
        and_(Post.kind == "offer", or_(Post.stock_left.is_(None), Post.stock_left > 0)),
    )
    found = db.session.execute(
        select(Post.area_id, Post.kind, Post.category_id, func.count())
        .where(Post.network_id == network.id, seen_by(actor), *is_open, free)
        .group_by(Post.area_id, Post.kind, Post.category_id)
    )
    counts: dict[int | None, AreaCount] = {}
    for area_id, kind, category_id, number in found:
        count = counts.setdefault(area_id, AreaCount())
        (count.needs if kind == "need" else count.offers)[category_id] += number
    return counts


def missing_most(count: AreaCount, categories: Mapping[int, Category]) -> Category | None:
    """The category with the most needs beyond the offers in it, in its parent and in its children."""
    short = {key: number - _fitting(key, count.offers, categories) for key, number in count.needs.items()}
    worst = max(short, key=lambda key: (short[key], -key), default=None)
    return categories.get(worst) if worst is not None and short[worst] > 0 else None


def _fitting(category_id: int, offers: Counter[int], categories: Mapping[int, Category]) -> int:
    family: Iterable[int] = (
        category.id
        for category in categories.values()
        if category_id in (category.id, category.parent_id)
        or categories[category_id].parent_id == category.id
    )
    return sum(offers[key] for key in family)
