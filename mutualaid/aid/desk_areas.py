"""Where needs and offers meet, and where not: counts by area of what is open now."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import BigInteger, ColumnElement, case, cast, func, select

from mutualaid.actors import Actor
from mutualaid.aid.desk_queues import seen_by
from mutualaid.aid.models import Category
from mutualaid.aid.open_counts import area_counts
from mutualaid.db import db
from mutualaid.networks.models import Network

Line = list[int]  # category, needs, offers


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
    ).all()
    found: dict[int | None, list[Line]] = defaultdict(list)
    for area_id, *line in lines:
        found[area_id].append(line)
    # In Python: the database takes longer to look up each line's family than to add the lines up.
    parents = {category.id: category.parent_id for category in categories}
    counts = {area_id: _added_up(of_area, parents) for area_id, of_area in found.items()}
    return {area_id: count for area_id, count in counts.items() if count.needs or count.offers}


def _sum_of(kind: str) -> ColumnElement[int]:
    number = case((area_counts.c.kind == kind, area_counts.c.number), else_=0)
    return cast(func.sum(number), BigInteger)  # PostgreSQL would make it a decimal one


def _added_up(lines: list[Line], parents: Mapping[int, int | None]) -> AreaCount:
    """Of one area. Categories stand on two levels, so their family is a parent or children."""
    free = {category: offers for category, _, offers in lines}
    worst, missing = 0, None
    for category, needs, offers in sorted(lines):
        if needs - offers > worst:  # seldom so: the rest of the family is looked at only then
            parent = parents.get(category)
            family = [parent] if parent else [key for key, above in parents.items() if above == category]
            short = needs - offers - sum(free.get(key, 0) for key in family)
            if short > worst:
                worst, missing = short, category
    return AreaCount(sum(needs for _, needs, _ in lines), sum(free.values()), missing)
