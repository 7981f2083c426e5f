"""Where needs and offers meet, and where not: counts by area of what is open now."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import BigInteger, ColumnElement, case, cast, func, select

from mutualaid.actors import Actor
from mutualaid.aid.desk_queues import seen_by
from mutualaid.aid.models import Category
from mutualaid.aid.open_counts import area_counts
from mutualaid.db import db
from mutualaid.networks.models import Network

Lines = Mapping[int, tuple[int, int]]  # by category: needs and offers of one area
NOTHING = (0, 0)


@dataclass(frozen=True)
class AreaCount:
    """Open needs with something left to find, and free offers.

    `missing`: the id of the category with the most needs beyond the offers in it, in its parent and in its children.
    """

    needs: int = 0
    offers: int = 0
    missing: int | None = None

    @property
    def is_gap(self) -> bool:
        """Somebody needs something, and nobody is free."""
        return self.needs > 0 and self.offers == 0


def by_area(network: Network, actor: Actor, categories: Iterable[Category]) -> dict[int | None, AreaCount]:
    """For each area (None: without one) of this coordinator; one query."""
    area, category = area_counts.c.area_id, area_counts.c.category_id
    lines = db.session.execute(
        select(area, category, _sum_of("need"), _sum_of("offer"))
        .where(area_counts.c.network_id == network.id, seen_by(actor.area_ids, area))
        .group_by(area, category)
    )
    found: dict[int | None, dict[int, tuple[int, int]]] = defaultdict(dict)
    for area_id, category_id, needs, offers in lines:
        if needs or offers:
            found[area_id][category_id] = needs, offers
    # In Python: to look up each line's family takes the database three times as long as to add the lines up.
    parents = {category.id: category.parent_id for category in categories}
    return {area_id: _added_up(of_area, parents) for area_id, of_area in found.items()}


def _sum_of(kind: str) -> ColumnElement[int]:
    number = case((area_counts.c.kind == kind, area_counts.c.number), else_=0)
    return cast(func.sum(number), BigInteger)  # PostgreSQL would make it a decimal one


def _added_up(lines: Lines, parents: Mapping[int, int | None]) -> AreaCount:
    """Categories stand on two levels: a family is a parent with its children."""
    of_family: Counter[int] = Counter()
    for category, (_, offers) in lines.items():
        of_family[parents.get(category) or category] += offers
    worst, missing = 0, None
    for category, (needs, offers) in sorted(lines.items()):
        parent = parents.get(category)
        free = of_family[category] if parent is None else offers + lines.get(parent, NOTHING)[1]
        if needs - free > worst:
            worst, missing = needs - free, category
    return AreaCount(sum(line[0] for line in lines.values()), sum(of_family.values()), missing)
