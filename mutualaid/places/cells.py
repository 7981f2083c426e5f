"""Cells: H3 hexagons as whole numbers that fit a signed 64-bit column. The only importer of h3."""

import math
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

import h3.api.basic_int as h3
from h3 import H3BaseException

from mutualaid.places.shapes import Polygons

FINE = 10  # about 130 m across: finds an area from a tap, never stored for a post
FINE_KM2 = 0.01504  # the mean area of a fine cell
EARTH_KM = 6371.0088  # mean radius

Vector = tuple[float, float, float]


def cell_at(lat: float, lon: float, resolution: int) -> int:
    """The cell that holds a place in degrees. ValueError when it is not on earth."""
    if not (-90 <= lat <= 90 and -180 <= lon <= 180):
        raise ValueError(f"{lat}, {lon} is not a place on earth.")
    return int(h3.latlng_to_cell(lat, lon, resolution))


def parent_cell(cell: int, resolution: int) -> int:
    """The coarser cell that holds a cell."""
    return int(h3.cell_to_parent(cell, resolution))


def centre(cell: int) -> tuple[float, float]:
    """Latitude and longitude of a cell's centre, in degrees."""
    lat, lon = h3.cell_to_latlng(cell)
    return float(lat), float(lon)


@lru_cache(maxsize=1 << 16)
def distance_km(a: int, b: int) -> float:
    """Great-circle distance between two cells' centres.

    From the angle between two vectors, which holds at the poles, at the antimeridian and at antipodes alike.
    """
    return _angle_km(vector(a), vector(b))


def ring(cell: int, distance: int) -> list[int]:
    """The cells so many steps from a cell, in the order of their numbers."""
    return sorted(h3.grid_ring(cell, distance))


def disk(cell: int, steps: int) -> list[int]:
    """The cells at most so many steps from a cell, itself among them, in the order of their numbers."""
    return sorted(h3.grid_disk(cell, steps))


@lru_cache(maxsize=1 << 10)
def within(cell: int, km: float) -> list[tuple[int, float]]:
    """The cells whose centre lies within `km` of a cell's own, itself among them, with the distance of each."""
    found: list[tuple[int, float]] = []
    steps, near = 0, [(cell, 0.0)]
    while near:
        found += near
        steps += 1
        near = [(other, away) for other in ring(cell, steps) if (away := distance_km(cell, other)) <= km]
    return found


def disk_km(cell: int, steps: int) -> float:
    """How far from a cell's centre every centre of a cell outside its disk must be, at least."""
    return min(distance_km(cell, other) for other in h3.grid_ring(cell, steps + 1))


def span(coarse: int, resolution: int) -> tuple[int, int]:
    """A run of numbers that holds the cells of a finer (or the same) resolution inside a coarse cell, and no others.

    Each finer step writes one more digit of three bits behind the coarser ones; the bits behind the last are all set.
    The resolution stands in four bits before the digits.
    """
    behind = (1 << 3 * (15 - (coarse >> 52 & 15))) - 1
    first = coarse & ~(15 << 52) | resolution << 52
    return first & ~behind, first | behind


def coarse_disk(cell: int, resolution: int, steps: int) -> tuple[list[int], float]:
    """The disk of coarse cells round the one that holds a cell, and how far at least all else is, in kilometres.

    That is to the centre of any finer cell that the disk does not hold. Finer cells stick out of the coarse one that
    holds them: their centres lie within 1.03 times its radius (measured over the whole earth); 1.1 is taken.
    """
    middle, here = parent_cell(cell, resolution), vector(cell)
    inside = disk(middle, steps)
    beyond = set(disk(middle, steps + 1)) - set(inside)
    return inside, min(_angle_km(here, vector(other)) - 1.1 * _radius_km(other) for other in beyond)


def fine_cells(polygons: Polygons) -> set[int]:
    """The fine cells whose centre lies inside the polygons. ValueError for what no cell can fill, as round a pole."""
    try:
        return set(h3.h3shape_to_cells(_shape(polygons), FINE))
    except H3BaseException as error:
        raise ValueError("These polygons cannot be filled with cells.") from error


def touched_cells(polygons: Polygons) -> set[int]:
    """The fine cells that overlap the polygons at all; for polygons that `fine_cells` takes."""
    return set(h3.h3shape_to_cells_experimental(_shape(polygons), FINE, contain="overlap"))


def middle_cell(fine: Iterable[int], resolution: int) -> int:
    """The cell that area-only posts are measured from: the parent of the fine cell nearest their mean.

    So every area has one, even where it is too small to hold the centre of any cell of `resolution`.
    """
    vectors = {cell: vector(cell) for cell in fine}
    x, y, z = (math.fsum(axis) for axis in zip(*vectors.values(), strict=True))
    nearest = max(sorted(vectors), key=lambda cell: _dot(vectors[cell], (x, y, z)))
    return parent_cell(nearest, resolution)


@lru_cache(maxsize=1 << 16)
def vector(cell: int) -> Vector:
    """Where a cell's centre lies on a sphere of radius 1."""
    return _unit(*centre(cell))


def _unit(lat: float, lon: float) -> Vector:
    lat, lon = math.radians(lat), math.radians(lon)
    return math.cos(lat) * math.cos(lon), math.cos(lat) * math.sin(lon), math.sin(lat)


def _angle_km(p: Vector, q: Vector) -> float:
    cross = (p[1] * q[2] - p[2] * q[1], p[2] * q[0] - p[0] * q[2], p[0] * q[1] - p[1] * q[0])
    return EARTH_KM * math.atan2(math.hypot(*cross), _dot(p, q))


@lru_cache(maxsize=1 << 12)
def _radius_km(cell: int) -> float:
    """From a cell's centre to its farthest corner."""
    middle = vector(cell)
    return max(_angle_km(middle, _unit(*corner)) for corner in h3.cell_to_boundary(cell))


def _dot(p: Vector, q: Vector) -> float:
    return p[0] * q[0] + p[1] * q[1] + p[2] * q[2]


def _shape(polygons: Polygons) -> Any:
    return h3.LatLngMultiPoly(
        *(h3.LatLngPoly(*([(lat, lon) for lon, lat in ring] for ring in polygon)) for polygon in polygons)
    )
