"""Rings of cells around a cell, from itself to the whole earth, each without what the narrower ones hold.

A ring is some runs of numbers (places.cells.span): of cells near by, of much coarser ones farther away.
"""

import json
import math
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from mutualaid.places import cells

DISKS = (0, 1, 3)  # steps, in cells of the network's own resolution
COARSE = ((2, 1), (3, 2), (4, 2))  # how much coarser, steps: of resolution 8 some 5, 25 and 80 km
ALL = len(DISKS) + len(COARSE)
FAR = 1000  # the place of a coarse cell comes after that of any in the disks
EVERY_CELL = (0, (1 << 63) - 1)
Span = tuple[int, int]


class Ring(NamedTuple):
    """`spans`: (lowest cell, highest, place by distance, kilometres at least); `whole_km`: none outside is nearer."""

    spans: list[tuple[int, int, int, int]]
    whole_km: float


@lru_cache(maxsize=1 << 12)
def rings(cell: int, resolution: int) -> list[Ring]:
    """Each without what the ones before it hold. In the disks each cell stands alone, with its place by distance."""
    by_km = sorted((cells.distance_km(cell, other), other) for other in cells.disk(cell, DISKS[-1]))
    order = {km: place for place, km in enumerate(sorted({km for km, _ in by_km}))}
    found, seen = [], list[Span]()
    for steps in DISKS:
        inside = set(cells.disk(cell, steps))
        ring = [(cells.span(other, resolution), km) for km, other in by_km if other in inside]
        new = [(*span, order[km], int(km)) for span, km in ring if span not in seen]
        seen += [span[:2] for span in new]
        found.append(Ring(new, cells.disk_km(cell, steps)))
    for coarse, steps in COARSE:
        reached = found[-1].whole_km
        around, whole_km = cells.coarse_disk(cell, resolution - coarse, steps)
        nearest_first = sorted(around, key=lambda other: cells.distance_km(cell, other))
        parts = [
            (place, _without([cells.span(other, resolution)], seen))
            for place, other in enumerate(nearest_first)
        ]
        seen += [span for _, rest in parts for span in rest]
        new = [(*span, FAR + place, int(reached)) for place, rest in parts for span in rest]
        found.append(Ring(new, max(reached, whole_km)))
    rest = _without([EVERY_CELL], seen)
    return [*found, Ring([(*span, 2 * FAR, int(found[-1].whole_km)) for span in rest], math.inf)]


def _without(spans: Iterable[Span], seen: list[Span]) -> list[Span]:
    """What of the spans is in none of those seen, which do not overlap."""
    rest = []
    for start, highest in spans:
        lowest = start
        for first, last in sorted(seen):
            if first > highest or lowest > highest:
                break
            if last >= lowest:
                if first > lowest:
                    rest.append((lowest, first - 1))
                lowest = last + 1
        if lowest <= highest:
            rest.append((lowest, highest))
    return rest


@lru_cache(maxsize=1 << 12)
def spans(cell: int, resolution: int) -> str:
    """Where to look from a cell, as JSON: the ring, and what `Ring.spans` says."""
    numbered = enumerate(rings(cell, resolution))
    return json.dumps([(number, *span) for number, ring in numbered for span in ring.spans])
