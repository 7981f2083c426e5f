"""Rings of cells around a cell, from itself to the whole earth, each without what the narrower ones hold.

A ring is some runs of numbers (places.cells.span): of cells near by, of much coarser ones farther away.
"""

import json
import math
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from mutualaid.places import cells

DISKS = (0, 1, 2, 3, 4, 6)  # steps, in cells of the network's own resolution
COARSE = ((2, 2), (3, 2), (4, 2))  # how much coarser, steps: of resolution 8 some 13, 35 and 95 km
ALL = len(DISKS) + len(COARSE)
EVERY_CELL = (0, (1 << 63) - 1)
Span = tuple[int, int]


class Ring(NamedTuple):
    """`spans`: (lowest cell, highest, place by distance, kilometres at least); `whole_km`: none outside is nearer."""

    spans: list[tuple[int, int, int, float]]
    whole_km: float


@lru_cache(maxsize=1 << 12)
def rings(cell: int, resolution: int) -> list[Ring]:
    """In the disks each cell stands alone, with its place by distance; farther out one place is as good as another."""
    found, seen = [], set[int]()
    for steps in DISKS:
        new = [other for other in cells.disk(cell, steps) if other not in seen]
        seen.update(new)
        found.append(Ring(_one_by_one(cell, new, resolution), cells.disk_km(cell, steps)))
    held = _merged(cells.span(other, resolution) for other in seen)
    for coarse, steps in COARSE:
        around, whole_km = cells.coarse_disk(cell, resolution - coarse, steps)
        wider = _merged([*held, *(cells.span(other, resolution) for other in around)])
        found.append(_beyond(found[-1], wider, held, whole_km))
        held = wider
    return [*found, _beyond(found[-1], [EVERY_CELL], held, math.inf)]


def _one_by_one(cell: int, others: list[int], resolution: int) -> list[tuple[int, int, int, float]]:
    by_km = sorted((cells.distance_km(cell, other), other) for other in others)
    order = {km: place for place, km in enumerate(dict.fromkeys(km for km, _ in by_km))}
    return [(*cells.span(other, resolution), order[km], km) for km, other in by_km]


def _beyond(last: Ring, wider: list[Span], held: list[Span], whole_km: float) -> Ring:
    spans = [(*span, 0, last.whole_km) for span in _without(wider, held)]
    return Ring(spans, max(last.whole_km, whole_km))


def _merged(spans: Iterable[Span]) -> list[Span]:
    """In order, those that touch or overlap as one."""
    merged: list[Span] = []
    for lowest, highest in sorted(spans):
        if merged and lowest <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(highest, merged[-1][1]))
        else:
            merged.append((lowest, highest))
    return merged


def _without(wider: list[Span], held: list[Span]) -> list[Span]:
    """What of the wider spans is in none of those held, which lie within them; all in order."""
    rest, left = [], iter(held)
    hole = next(left, None)
    for start, highest in wider:
        lowest = start
        while hole is not None and hole[0] <= highest:
            if hole[0] > lowest:
                rest.append((lowest, hole[0] - 1))
            lowest = hole[1] + 1
            hole = next(left, None)
        if lowest <= highest:
            rest.append((lowest, highest))
    return rest


@lru_cache(maxsize=1 << 12)
def spans(cell: int, resolution: int) -> str:
    """Where to look from a cell beyond itself, as JSON: the ring, and what `Ring.spans` says."""
    numbered = enumerate(rings(cell, resolution))
    return json.dumps([(number, *span) for number, ring in numbered if number for span in ring.spans])


def ring_that_holds(km: float, cell: int, resolution: int) -> int:
    """The narrowest ring outside of which everything is farther away."""
    return next((n for n, ring in enumerate(rings(cell, resolution)) if ring.whole_km > km), ALL)
