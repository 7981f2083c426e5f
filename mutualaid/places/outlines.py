"""Outlines small enough for a map, simplified together so that neighbours still share their borders."""

import math
from collections import defaultdict
from collections.abc import Sequence
from itertools import chain, pairwise

from mutualaid.places.shapes import (
    Plane,
    Point,
    Polygon,
    Polygons,
    Ring,
    along,
    off_segment,
    share_along,
    turned_area,
)

DETAIL = 450  # how many steps across a map a line may be seen to leave its course

Arcs = dict[tuple[Point, ...], list[Point]]


def simplified(shapes: Sequence[Polygons], detail: int = DETAIL) -> list[Polygons]:
    """The same shapes with far fewer points, in degrees; every shape keeps at least one ring.

    Points that lie close are welded into one and put into the borders they lie on, so that neighbours drawn apart by
    a hair share the same points. Where three borders meet is kept; each stretch between is simplified once
    (Douglas-Peucker), whoever it belongs to. Specks and slivers are left out.
    """
    if not shapes:
        return []
    plane = Plane.over(chain.from_iterable(ring for shape in shapes for polygon in shape for ring in polygon))
    flat = [[plane.flatten(polygon) for polygon in shape] for shape in shapes]
    tolerance = _extent(flat) / detail
    digits = max(0, math.ceil(1.3 - math.log10(tolerance)))  # a twentieth of what may be seen
    welded = _weld(flat, tolerance / 2)
    joints = _joints(welded)
    arcs: Arcs = {}
    drawn = [
        [[_thin(ring, joints, tolerance, arcs) for ring in rings] for rings in shape] for shape in welded
    ]
    return [
        [
            [[plane.degrees(p, digits) for p in ring] for ring in rings]
            for rings in _worth(new, old, tolerance)
        ]
        for new, old in zip(drawn, flat, strict=True)
    ]


def _extent(shapes: list[Polygons]) -> float:
    points = [p for shape in shapes for polygon in shape for p in polygon[0]]
    xs, ys = [x for x, _ in points], [y for _, y in points]
    return max(max(xs) - min(xs), max(ys) - min(ys))


class _Weld:
    """Points at least `reach` apart, found again by where they lie."""

    def __init__(self, reach: float) -> None:
        self.reach = reach
        self.boxes: dict[tuple[int, int], list[Point]] = defaultdict(list)

    def near(self, point: Point) -> list[Point]:
        column, row = math.floor(point[0] / self.reach), math.floor(point[1] / self.reach)
        boxes = ((column + i, row + j) for i in (-1, 0, 1) for j in (-1, 0, 1))
        return [p for box in boxes for p in self.boxes.get(box, ()) if math.dist(p, point) < self.reach]

    def add(self, point: Point) -> Point:
        near = self.near(point)
        if near:
            return min(near, key=lambda p: (math.dist(p, point), p))
        self.boxes[math.floor(point[0] / self.reach), math.floor(point[1] / self.reach)].append(point)
        return point

    def between(self, start: Point, end: Point) -> list[Point]:
        """The points that a segment passes within reach, in the order it passes them."""
        length = math.dist(start, end)
        steps = math.ceil(length / self.reach)
        found = {p for k in range(1, steps) for p in self.near(along(start, end, k / steps))}
        order = [(share_along(p, start, end), p) for p in found if p not in (start, end)]
        return [p for share, p in sorted(order) if 0 < share < 1]


def _weld(shapes: list[Polygons], reach: float) -> list[Polygons]:
    weld = _Weld(reach)
    moved = [[[[weld.add(p) for p in ring] for ring in polygon] for polygon in shape] for shape in shapes]
    return [[[_stitch(ring, weld) for ring in polygon] for polygon in shape] for shape in moved]


def _stitch(ring: Ring, weld: _Weld) -> Ring:
    """The ring with the points it passes close by put in, and without spikes."""
    path: Ring = []
    for start, end in pairwise(ring):
        for point in (start, *weld.between(start, end)):
            _step(path, point)
    while len(path) > 2 and (path[-1] == path[0] or path[-2] == path[0]):
        path.pop()
    while len(path) > 2 and path[-1] == path[1]:
        path = path[1:-1]
    return [*path, path[0]]


def _step(path: Ring, point: Point) -> None:
    if path and path[-1] == point:
        return
    if len(path) > 1 and path[-2] == point:
        path.pop()
    else:
        path.append(point)


def _joints(shapes: list[Polygons]) -> set[Point]:
    """The points where borders part: not every ring through them has the same two neighbours."""
    seen: dict[Point, frozenset[Point]] = {}
    joints: set[Point] = set()
    for ring in (ring for shape in shapes for polygon in shape for ring in polygon):
        for before, point, after in zip([ring[-2], *ring], ring[:-1], ring[1:], strict=False):
            if seen.setdefault(point, frozenset((before, after))) != {before, after}:
                joints.add(point)
    return joints


def _thin(ring: Ring, joints: set[Point], tolerance: float, arcs: Arcs) -> Ring:
    """The ring put together again from its simplified stretches between joints."""
    path = ring[:-1]
    first = next((i for i, p in enumerate(path) if p in joints), path.index(min(path)))
    path = [*path[first:], *path[:first], path[first]]
    cuts = [0, *(i for i in range(1, len(path) - 1) if path[i] in joints), len(path) - 1]
    thinned: Ring = [path[0]]
    for start, end in pairwise(cuts):
        thinned += _thin_arc(tuple(path[start : end + 1]), tolerance, arcs)[1:]
    return thinned


def _thin_arc(arc: tuple[Point, ...], tolerance: float, arcs: Arcs) -> list[Point]:
    turned = arc > arc[::-1]
    key = arc[::-1] if turned else arc
    if key not in arcs:
        arcs[key] = douglas_peucker(key, tolerance)
    return arcs[key][::-1] if turned else arcs[key]


def douglas_peucker(line: Sequence[Point], tolerance: float) -> list[Point]:
    """The fewest of the line's points such that no other lies further than `tolerance` from it; ends stay."""
    keep, stack = {0, len(line) - 1}, [(0, len(line) - 1)]
    while stack:
        start, end = stack.pop()
        far, at = max(
            ((off_segment(line[i], line[start], line[end]), i) for i in range(start + 1, end)),
            default=(0.0, 0),
        )
        if far > tolerance:
            keep.add(at)
            stack += [(start, at), (at, end)]
    return [line[i] for i in sorted(keep)]


def _worth(new: Polygons, old: Polygons, tolerance: float) -> Polygons:
    """Without what is too small to see; but never nothing: a tiny area keeps the box around its largest part."""
    least = 2 * (3 * tolerance) ** 2
    kept: list[Polygon] = [
        [polygon[0], *(hole for hole in polygon[1:] if abs(turned_area(hole)) > least)]
        for polygon in new
        if abs(turned_area(polygon[0])) > least
    ]
    if kept:
        return kept
    largest = max(range(len(new)), key=lambda i: abs(turned_area(old[i][0])))
    return [new[largest][:1]] if turned_area(new[largest][0]) else [[_box(old[largest][0])]]


def _box(ring: Ring) -> Ring:
    xs, ys = [x for x, _ in ring], [y for _, y in ring]
    west, east, south, north = min(xs), max(xs), min(ys), max(ys)
    return [(west, south), (east, south), (east, north), (west, north), (west, south)]
