"""Where needs and offers meet, and where not: counts by area of what is open now."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, case, func, select

from mutualaid.actors import Actor
from mutualaid.aid.desk_queues import seen_by
from mutualaid.aid.models import Category
from mutualaid.aid.open_counts import area_counts
from mutualaid.db import db
from mutualaid.networks.models import Network


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


def by_area(network: Network, actor: Actor) -> dict[int | None, AreaCount]:
    """For each area (None: without one) of this coordinator; one query."""
    area, category = area_counts.c.area_id, area_counts.c.category_id
    lines = (
        select(area, category, _sum_of("need").label("needs"), _sum_of("offer").label("offers"))
        .where(area_counts.c.network_id == network.id, seen_by(actor.area_ids, area))
        .group_by(area, category)
        .subquery("lines")
    )
    # Categories stand on two levels: a family is a parent with its children.
    is_parent = Category.parent_id.is_(None)
    family = (lines.c.area_id, func.coalesce(Category.parent_id, Category.id))
    of_family = func.sum(lines.c.offers).over(partition_by=family)
    of_parent = func.sum(case((is_parent, lines.c.offers), else_=0)).over(partition_by=family)
    short = lines.c.needs - case((is_parent, of_family), else_=lines.c.offers + of_parent)
    shortages = (
        select(lines, short.label("short"))
        .join(Category, and_(Category.network_id == network.id, Category.id == lines.c.category_id))
        .subquery("shortages")
    )
    of_area = shortages.c.area_id
    worst_first = (shortages.c.short.desc(), shortages.c.category_id)
    ranked = select(
        of_area,
        func.sum(shortages.c.needs).over(partition_by=of_area).label("needs"),
        func.sum(shortages.c.offers).over(partition_by=of_area).label("offers"),
        case((shortages.c.short > 0, shortages.c.category_id)).label("missing"),
        func.row_number().over(partition_by=of_area, order_by=worst_first).label("place"),
    ).subquery("ranked")
    found = db.session.execute(
        select(ranked).where(ranked.c.place == 1, ranked.c.needs + ranked.c.offers > 0)
    )
    return {row.area_id: AreaCount(int(row.needs), int(row.offers), row.missing) for row in found}


def _sum_of(kind: str) -> ColumnElement[int]:
    return func.sum(case((area_counts.c.kind == kind, area_counts.c.number), else_=0))
