"""Where needs and offers meet, and where not: counts by area of what is open now."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from mutualaid.actors import Actor
from mutualaid.aid.models import Category
from mutualaid.networks.models import Network
from mutualaid.sql import is_sqlite, numbered, of_areas, raw_rows

Line = tuple[int, int, int]  # offers beyond the needs, category, offers
Row = tuple[int | None, int, int, str]  # area (None: without one), needs, offers, its lines as JSON


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


def rows_by_area(network: Network, actor: Actor) -> list[Row]:
    """For each area of this coordinator where something is open; one query."""
    list_of = "json_group_array(json_array({0}))" if is_sqlite() else "json_agg(json_build_array({0}))"
    sql = COUNTS.format(
        inside=of_areas("area_id", len(actor.area_ids)),
        lines=list_of.format("offers - needs, category_id, offers"),
    )
    rows = raw_rows(sql, {"network": network.id, **numbered("area", actor.area_ids)})
    return [(area, needs, offers, lines) for area, needs, offers, lines in rows if needs or offers]


def by_area(rows: Iterable[Row], categories: Iterable[Category]) -> dict[int | None, AreaCount]:
    """What the rows say, by area.

    In Python: the database takes longer to look up each line's family than to add the lines up.
    """
    families = _families(categories)
    return {
        area_id: AreaCount(needs, offers, _missing(json.loads(lines), families))
        for area_id, needs, offers, lines in rows
    }


# The lines of an area come as JSON: a row for each takes longer than the counting.
COUNTS = """
SELECT area_id, CAST(sum(needs) AS BIGINT), CAST(sum(offers) AS BIGINT), CAST({lines} AS TEXT)
FROM (
    SELECT area_id, category_id, CAST(sum(CASE WHEN kind = 'need' THEN number ELSE 0 END) AS BIGINT) AS needs,
        CAST(sum(CASE WHEN kind = 'offer' THEN number ELSE 0 END) AS BIGINT) AS offers
    FROM area_count
    WHERE network_id = :network AND {inside}
    GROUP BY area_id, category_id
) AS line
GROUP BY area_id
"""


def _families(categories: Iterable[Category]) -> dict[int, list[int]]:
    """By category, those that help where it is missing: its parent, or its children. They stand on two levels."""
    families: dict[int, list[int]] = defaultdict(list)
    for category in categories:
        if category.parent_id:
            families[category.id].append(category.parent_id)
            families[category.parent_id].append(category.id)
    return families


def _missing(lines: list[Line], families: Mapping[int, list[int]]) -> int | None:
    """Of one area; see AreaCount."""
    free = {category: offers for _, category, offers in lines}
    worst, missing = 0, None
    for spare, category, _ in sorted(lines):
        if -spare <= worst:  # with its family it cannot be shorter than the worst
            break
        short = -spare - sum(free.get(near, 0) for near in families.get(category, ()))
        if short > worst:
            worst, missing = short, category
    return missing
