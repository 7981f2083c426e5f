"""The area map: outlines as SVG paths in whole numbers, with labels where there is room for them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, combinations, pairwise, repeat

from sqlalchemy import inspect, select
from sqlalchemy.orm import undefer

from mutualaid.db import db
from mutualaid.places.cells import distance_km
from mutualaid.places.models import Area
from mutualaid.places.shapes import Plane, Point, Polygon, Polygons, Ring, off_segment, stretches, turned_area

WIDTH = 1000  # of the viewBox; a higher map is fitted into a square
MARGIN = 6  # for the stroke
NAMED = 12  # up to so many areas, names stand on the map; beyond, only in titles and in the list beside it
LETTER, LINE, NUMBER = 21, 44, 66  # the size of a label's letters, lines and number in units of the viewBox
KEPT = 64  # drawings in memory
SPECK = 6  # half the width of the sign for an area too small to draw

Spot = tuple[float, float, float]  # x, y, and how wide the area is there
Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class DrawnArea:
    id: int
    name: str
    path: str
    x: int  # the middle of its label
    y: int  # the first line's baseline
    number_y: int  # the number's baseline
    lines: tuple[str, ...]  # the name as it stands on the map; empty where there is no room
    room: int  # how many letters fit


@dataclass(frozen=True)
class AreaMap:
    height: int
    areas: list[DrawnArea]
    width: int = WIDTH

    @property
    def is_named(self) -> bool:
        return len(self.areas) <= NAMED


def near(areas: Sequence[Area], chosen: Area, most: int = 9) -> list[Area]:
    """The chosen area and those around it, for a map large enough to tap on and to show names."""
    return sorted(areas, key=lambda area: (distance_km(area.middle_cell, chosen.middle_cell), area.name))[
        :most
    ]


def tints(counts: Mapping[int, int]) -> dict[int, str]:
    """A class by area id: o0 for nothing, then o1 to o3 by thirds of the largest count."""
    most = max(counts.values(), default=0)
    return {
        area_id: f"o{-(-3 * max(0, count) // most) if most > 0 else 0}" for area_id, count in counts.items()
    }


_kept: dict[tuple[object, ...], AreaMap] = {}


def draw(areas: Sequence[Area], with_numbers: bool = False) -> AreaMap:
    """Areas laid flat and scaled to the viewBox; `with_numbers` leaves room above each name for one.

    A city's outlines seldom change, and to draw them takes a tenth of a second: the last few drawings are kept.
    """
    key = (with_numbers, *((area.network_id, area.id, area.name, area.updated_at) for area in areas))
    drawn = _kept.get(key)
    if drawn is None:
        if len(_kept) >= KEPT:
            _kept.clear()
        load_outlines(areas)
        drawn = _kept[key] = _draw(areas, with_numbers)
    return drawn


def load_outlines(areas: Sequence[Area]) -> None:
    """Those of one network that were loaded without; one query instead of one for each."""
    if any("outline" in inspect(area).unloaded for area in areas):
        everywhere = select(Area).where(Area.network_id == areas[0].network_id)
        db.session.scalars(everywhere.options(undefer(Area.outline))).all()


def _draw(areas: Sequence[Area], with_numbers: bool) -> AreaMap:
    if not areas:
        return AreaMap(0, [])
    shapes = [[[[(p[0], p[1]) for p in ring] for ring in rings] for rings in area.outline] for area in areas]
    placed, height = place(shapes)
    named = len(areas) <= NAMED
    spots = [label_spots(shape, 24 if named else 8) for shape in placed]
    chosen = labels([area.name for area in areas], spots, with_numbers) if named else {}
    drawn = [
        drawn_area(area, path_of(shape), *chosen.get(i, (spots[i][0], ())), with_numbers and named)
        for i, (area, shape) in enumerate(zip(areas, placed, strict=True))
    ]
    return AreaMap(height, drawn)


def drawn_area(area: Area, path: str, spot: Spot, lines: tuple[str, ...], big_number: bool) -> DrawnArea:
    x, y, room = spot
    top = y - (len(lines) * LINE + big_number * NUMBER) / 2
    number_y = top + 0.75 * NUMBER if big_number else y + 0.32 * LINE
    first = top + big_number * NUMBER + 0.75 * LINE
    return DrawnArea(
        area.id, area.name, path, round(x), round(first), round(number_y), lines, int(room / LETTER)
    )


def place(shapes: list[Polygons]) -> tuple[list[Polygons], int]:
    """The shapes in whole units of the viewBox, north up, and its height."""
    plane = Plane.over(chain.from_iterable(rings[0] for shape in shapes for rings in shape))
    flat = [[plane.flatten(rings) for rings in shape] for shape in shapes]
    points = [p for shape in flat for rings in shape for p in rings[0]]
    west, east = min(x for x, _ in points), max(x for x, _ in points)
    south, north = min(y for _, y in points), max(y for _, y in points)
    scale = (WIDTH - 2 * MARGIN) / max(east - west, north - south)
    left = (WIDTH - scale * (east - west)) / 2

    def put(point: Point) -> Point:
        return round(left + scale * (point[0] - west)), round(MARGIN + scale * (north - point[1]))

    placed = [[[[put(p) for p in ring] for ring in rings] for rings in shape] for shape in flat]
    return placed, round(scale * (north - south)) + 2 * MARGIN


def path_of(shape: Polygons) -> str:
    """The `d` of a path, in relative steps to keep it short; borders turn one way and holes the other, to stay open.

    Rings without an inside are left out.
    """
    rings = [
        ring if (turned_area(ring) > 0) == is_border else ring[::-1]
        for rings in shape
        for ring, is_border in zip(rings, chain([True], repeat(False)), strict=False)
        if turned_area(ring)
    ]
    if rings:
        return "".join(ring_path(ring) for ring in rings)
    x, y = shape[0][0][0]
    return f"M{x - SPECK} {y}l{SPECK}-{SPECK} {SPECK} {SPECK}-{SPECK} {SPECK}z"


def ring_path(ring: Ring) -> str:
    steps = [f"{bx - ax} {by - ay}" for (ax, ay), (bx, by) in pairwise(ring[:-1]) if (ax, ay) != (bx, by)]
    return f"M{ring[0][0]} {ring[0][1]}l{' '.join(steps)}z".replace(" -", "-")


def label_spots(shape: Polygons, lines: int) -> list[Spot]:
    """Places for a label in the largest part, the one farthest from its border first."""
    largest: Polygon = max(shape, key=lambda rings: abs(turned_area(rings[0])))
    found = [((a + b) / 2, y, b - a) for winding, (a, b), y, _ in stretches(largest, lines) if winding == 1]
    return sorted(found, key=lambda spot: -clearance(spot, largest)) or [(*largest[0][0], 0.0)]


def clearance(spot: Spot, polygon: Polygon) -> float:
    """How far the border is, above and below counted double: a label is wider than high."""
    x, y, _ = spot
    return min(
        off_segment((x, 2 * y), (ax, 2 * ay), (bx, 2 * by))
        for ring in polygon
        for (ax, ay), (bx, by) in pairwise(ring)
    )


def labels(
    names: list[str], spots: list[list[Spot]], with_numbers: bool
) -> dict[int, tuple[Spot, tuple[str, ...]]]:
    """Where each label goes and its lines, roomiest first; one that finds no place free of others is left out."""
    taken: list[Box] = []
    chosen: dict[int, tuple[Spot, tuple[str, ...]]] = {}
    for i in sorted(range(len(names)), key=lambda i: (-spots[i][0][2], names[i])):
        for spot in spots[i][:8]:
            lines = broken(names[i], int(spot[2] / LETTER))
            box = box_of(spot, lines, with_numbers)
            if not any(overlap(box, other) for other in taken):
                taken.append(box)
                chosen[i] = spot, lines
                break
    return chosen


def box_of(spot: Spot, lines: tuple[str, ...], with_numbers: bool) -> Box:
    wide, high = max(map(len, lines)) * LETTER / 2, (len(lines) * LINE + with_numbers * NUMBER) / 2
    return spot[0] - wide, spot[1] - high, spot[0] + wide, spot[1] + high


def overlap(a: Box, b: Box) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def broken(name: str, letters: int) -> tuple[str, ...]:
    """The name on as few lines as keep each within `letters`, three at most, broken after a space, hyphen or slash."""
    words = re.findall(r".+?(?:[ /-]|$)", name)
    best: tuple[str, ...] = (name,)
    for breaks in range(1, min(3, len(words))):
        if max(map(len, best)) <= letters:
            break
        ways = ((0, *cuts, len(words)) for cuts in combinations(range(1, len(words)), breaks))
        tried = [tuple("".join(words[a:b]).strip() for a, b in pairwise(way)) for way in ways]
        best = min([best, *tried], key=lambda lines: max(map(len, lines)))
    return best
