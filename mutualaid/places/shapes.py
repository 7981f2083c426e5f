"""Plane geometry of polygons: laid flat, looked through line by line."""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

Point = tuple[float, float]  # longitude, latitude in degrees, as in GeoJSON; or x, y once laid flat
Ring = list[Point]  # the last point is the first again
Polygon = list[Ring]  # the border, then holes
Polygons = list[Polygon]

KM_PER_DEGREE = 111.195  # of latitude
LINES = 256
NOISE = 0.005  # the share of a shape that rounded coordinates may turn inside out


@dataclass(frozen=True)
class Plane:
    """A flat sheet around a place: x to the east, y to the north, both in degrees of latitude."""

    lon: float
    squeeze: float

    @classmethod
    def over(cls, points: Iterable[Point]) -> "Plane":
        """The sheet on which these points keep their angles, wherever the antimeridian runs."""
        points = list(points)
        lats = [lat for _, lat in points]
        return cls(points[0][0], max(0.01, math.cos(math.radians((min(lats) + max(lats)) / 2))))

    def flat(self, point: Point) -> Point:
        return ((point[0] - self.lon + 180) % 360 - 180) * self.squeeze, point[1]

    def degrees(self, point: Point, digits: int = 5) -> Point:
        lon = (self.lon + point[0] / self.squeeze + 180) % 360 - 180
        return round(lon, digits), round(point[1], digits)

    def flatten(self, polygon: Polygon) -> Polygon:
        return [[self.flat(point) for point in ring] for ring in polygon]


def turned_area(ring: Ring) -> float:
    """Twice the area: positive when the ring runs against the clock."""
    x0, y0 = ring[0]
    return math.fsum((x1 - x0) * (y2 - y0) - (x2 - x0) * (y1 - y0) for (x1, y1), (x2, y2) in pairwise(ring))


@dataclass
class Look:
    """What was found by looking through a flat polygon line by line."""

    area: float = 0.0
    wrong: float = 0.0  # where the border crosses itself, or a hole its border
    widest: float = 0.0
    inside: Point = (0.0, 0.0)  # the middle of the widest stretch inside: a place for a label
    widest_wrong: float = 0.0
    crossing: Point = (0.0, 0.0)

    @property
    def is_crossed(self) -> bool:
        return self.wrong > NOISE * (self.area + self.wrong)


def look_through(polygon: Polygon) -> Look:
    """Walk along lines through a flat polygon and count how often its rings wind round each stretch.

    In a sound polygon, border turned one way and holes the other, that is never anything but 0 or 1. So this finds
    bow-ties, loops, and holes that stick out, also where they meet in a point, and leaves be what is only rounding.
    """
    look = Look()
    for winding, (x1, x2), y, step in stretches(polygon, LINES):
        _note(look, winding, (x1 + x2) / 2, y, x2 - x1, step)
    return look


def stretches(polygon: Polygon, lines: int) -> Iterator[tuple[int, Point, float, float]]:
    """How often the rings wind round a stretch, its two ends, and the height and thickness of its line."""
    low = min(y for ring in polygon for _, y in ring)
    step = (max(y for ring in polygon for _, y in ring) - low) / lines
    if step <= 0:
        return
    for number, crossings in enumerate(_crossings(polygon, low, step, lines)):
        winding = 0
        crossings.sort()
        for (x1, turn), (x2, _) in pairwise(crossings):
            winding += turn
            yield winding, (x1, x2), low + (number + 0.5) * step, step


def off_segment(point: Point, start: Point, end: Point) -> float:
    """How far a point lies from a segment."""
    return math.dist(point, along(start, end, min(1.0, max(0.0, share_along(point, start, end)))))


def along(start: Point, end: Point, share: float) -> Point:
    return start[0] + share * (end[0] - start[0]), start[1] + share * (end[1] - start[1])


def share_along(point: Point, start: Point, end: Point) -> float:
    """How far along a segment the point nearest to `point` is: below 0 before it, above 1 behind it."""
    dx, dy = end[0] - start[0], end[1] - start[1]
    square = dx * dx + dy * dy
    return ((point[0] - start[0]) * dx + (point[1] - start[1]) * dy) / square if square else 0.0


def _note(look: Look, winding: int, x: float, y: float, width: float, step: float) -> None:
    if winding == 1:
        look.area += width * step
        if width > look.widest:
            look.widest, look.inside = width, (x, y)
    elif winding:
        look.wrong += width * step
        if width > look.widest_wrong:
            look.widest_wrong, look.crossing = width, (x, y)


def _crossings(polygon: Polygon, low: float, step: float, lines: int) -> list[list[tuple[float, int]]]:
    """For each line, where the rings cross it and which way: 1 into the polygon, -1 out of it."""
    crossings: list[list[tuple[float, int]]] = [[] for _ in range(lines)]
    for number, ring in enumerate(polygon):
        sense = -1 if (turned_area(ring) > 0) == (number == 0) else 1
        for (x1, y1), (x2, y2) in pairwise(ring):
            up = sense if y2 > y1 else -sense
            first = math.ceil((min(y1, y2) - low) / step - 0.5)
            last = math.ceil((max(y1, y2) - low) / step - 0.5)
            for line in range(first, min(last, lines)):
                y = low + (line + 0.5) * step
                crossings[line].append((x1 + (y - y1) / (y2 - y1) * (x2 - x1), up))
    return crossings
