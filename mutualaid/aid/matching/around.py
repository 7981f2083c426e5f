"""How much is asked for near somebody who is offering: numbers of open needs, before there is a post to match.

One query. Of each thing offered it counts the needs in the same category, or one the ancestor of the other, that
helpers may see: open, not paused, not at intake, something of it uncovered, not sensitive, not their own. Where place
counts they stand within reach of whoever travels, and never more than NEAR_KM away. Times, languages and what a need
requires are not looked at, and nobody's lists or history: it says what is asked for, not who fits whom.
"""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from mutualaid.aid.lifecycle import Said
from mutualaid.aid.matching.sieve import TRAVELS, travels
from mutualaid.aid.models import Category
from mutualaid.networks.models import Network
from mutualaid.places import cells
from mutualaid.sql import json_rows, raw_rows

NEAR_KM = 10
MOST = 100  # counting stops here
HERE = {"cell": "BIGINT", "km": "DOUBLE PRECISION"}
SEEN = """other.network_id = :network AND other.kind = 'need' AND other.state = 'open' AND other.paused_at IS NULL
    AND other.intake IS NULL AND other.uncovered >= 1 AND other.person_id <> :person"""
NEAR = "other.measure_cell = here.cell AND ({travels})"
COUNT = """SELECT {n} AS part, count(*) AS number
FROM (SELECT 1 FROM {tables} WHERE {seen} AND other.category_id IN :asked_{n} AND {where} LIMIT :most) AS counted"""


class Part(NamedTuple):
    """What is asked for that one thing offered could be for; `near`: only around there."""

    offered: int
    said: Said
    asked: list[int]
    near: bool


def needs_around(
    network: Network,
    offered: Iterable[tuple[Category, Said]],
    categories: Iterable[Category],
    *,
    cell: int | None,
    person_id: int | None,
) -> list[tuple[Category, int]]:
    """For each thing offered how many needs, MOST at most; what is sensitive is left out.

    `cell`: where distances count from; None: the offer has no place, so needs anywhere in the network count.
    """
    told = [(row, said) for row, said in offered if not row.sensitive]
    parts = [part for row, said in told for part in _parts(row, said, list(categories), cell is not None)]
    if not parts:
        return []
    values: dict[str, Any] = {"network": network.id, "person": person_id or 0, "most": MOST}
    values["here"] = [list(one) for one in cells.within(cell, NEAR_KM)] if cell else []
    for n, part in enumerate(parts):
        values |= {f"{name}_{n}": value for name, value in _values(part).items()}
    counts: dict[int, int] = {}
    for n, number in raw_rows(_sql(parts), values):
        offer = parts[n].offered
        counts[offer] = min(MOST, counts.get(offer, 0) + number)
    return [(row, counts[row.id]) for row, _ in told if row.id in counts]


def _parts(row: Category, said: Said, categories: list[Category], placed: bool) -> Iterator[Part]:
    family = [
        other
        for other in categories
        if not other.sensitive and (row.id in (other.id, other.parent_id) or other.id == row.parent_id)
    ]
    near = [other.id for other in family if placed and not (other.remote or row.remote)]
    anywhere = [other.id for other in family if other.id not in near]
    for asked, is_near in ((near, True), (anywhere, False)):
        if asked:
            yield Part(row.id, said, asked, is_near)


def _values(part: Part) -> dict[str, Any]:
    asked = {"asked": part.asked}
    return asked | travels(part.said.travel, part.said.reach_km) if part.near else asked


def _sql(parts: list[Part]) -> str:
    """Names and conditions are ours; all that anybody said is a parameter."""
    counts = (
        COUNT.format(
            n=n,
            seen=SEEN,
            tables="here CROSS JOIN post AS other" if part.near else "post AS other",
            where=NEAR.format(travels=TRAVELS.format(n=f"_{n}", km="here.km")) if part.near else "TRUE",
        )
        for n, part in enumerate(parts)
    )
    return f"WITH here AS ({json_rows('here', HERE)}) " + " UNION ALL ".join(counts)
