"""Where needs and offers meet, and where not: counts by area of what is open now."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import sub
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, case, cast, func, select

from mutualaid.actors import Actor
from mutualaid.aid.desk_queues import seen_by
from mutualaid.aid.models import Category
from mutualaid.aid.open_counts import area_counts
from mutualaid.db import db
from mutualaid.networks.models import Network

Line = Sequence[Any]  # area, category, needs, offers


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
    for line in lines:
        found[line[0]].append(line)
    # In Python: the database takes longer to look up each line's family than to add the lines up.
    families = _families(categories)
    counts = {area_id: _added_up(of_area, families) for area_id, of_area in found.items()}
    return {area_id: count for area_id, count in counts.items() if count.needs or count.offers}


def _sum_of(kind: str) -> ColumnElement[int]:
    number = case((area_counts.c.kind == kind, area_counts.c.number), else_=0)
    return cast(func.sum(number), BigInteger)  # PostgreSQL would make it a decimal one


def _families(categories: Iterable[Category]) -> dict[int, list[int]]:
    """By category, those that help where it is missing: its parent, or its children. They stand on two levels."""
    families: dict[int, list[int]] = defaultdict(list)
    for category in categories:
        if category.parent_id:
            families[category.id].append(category.parent_id)
            families[category.parent_id].append(category.id)
    return families


def _added_up(lines: list[Line], families: Mapping[int, list[int]]) -> AreaCount:
    """Of one area."""
    _, categories, needs, offers = zip(*lines, strict=True)
    free = dict(zip(categories, offers, strict=True))
    worst, missing = 0, None
    for spare, category in sorted(zip(map(sub, offers, needs), categories, strict=True)):
        if -spare <= worst:  # with its family it cannot be shorter than the worst
            break
        short = -spare - sum(free.get(near, 0) for near in families.get(category, ()))
        if short > worst:
            worst, missing = short, category
    return AreaCount(sum(needs), sum(offers), missing)
