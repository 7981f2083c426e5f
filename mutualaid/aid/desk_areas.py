"""Where needs and offers meet, and where not: counts by area of what is open now."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import func, select

from mutualaid.actors import Actor
from mutualaid.aid.desk_queues import seen_by
from mutualaid.aid.models import Category
from mutualaid.aid.open_counts import area_counts
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
    keys = (area_counts.c.area_id, area_counts.c.kind, area_counts.c.category_id)
    number = func.sum(area_counts.c.number)
    found = db.session.execute(
        select(*keys, number)
        .where(area_counts.c.network_id == network.id, seen_by(actor, area_counts.c.area_id))
        .group_by(*keys)
        .having(number > 0)
    )
    counts: dict[int | None, AreaCount] = {}
    for area_id, kind, category_id, number in found:
        count = counts.setdefault(area_id, AreaCount())
        (count.needs if kind == "need" else count.offers)[category_id] += int(number)
    return counts


def missing_most(count: AreaCount, categories: Mapping[int, Category]) -> Category | None:
    """The category with the most needs beyond the offers in it, in its parent and in its children."""
    parents = {key: category.parent_id for key, category in categories.items()}
    fitting = Counter(count.offers)
    for key, number in count.offers.items():
        parent = parents.get(key)
        if parent is not None:
            fitting[parent] += number
    for key, parent in parents.items():
        if parent is not None:
            fitting[key] += count.offers[parent]
    short = {key: number - fitting[key] for key, number in count.needs.items()}
    worst = max(short, key=lambda key: (short[key], -key), default=None)
    return categories.get(worst) if worst is not None and short[worst] > 0 else None
