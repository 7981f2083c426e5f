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


def is_cell(value: Any, resolution: int) -> bool:
    """Whether a value from outside is a cell of this resolution."""
    if not isinstance(value, int) or not 0 < value < 1 << 63:
        return False
    return bool(h3.is_valid_cell(value)) and h3.get_resolution(value) == resolution


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


def disk_km(cell: int, steps: int) -> float:
    """How far from a cell's centre every centre of a cell outside its disk must be, at least."""
    return min(distance_km(cell, other) for other in set(disk(cell, steps + 1)) - set(disk(cell, steps)))


def span(coarse: int, resolution: int) -> tuple[int, int]:
    """The lowest and the highest number of the cells of a finer resolution that a coarse cell holds.

    They follow one another without a gap: each finer step writes one more digit, 0 to 6, behind the coarser ones.
    """
    lowest = int(h3.cell_to_center_child(coarse, resolution))
    digits = range(h3.get_resolution(coarse) + 1, resolution + 1)
    return lowest, lowest | sum(6 << 3 * (15 - digit) for digit in digits)


def coarse_disk(cell: int, resolution: int) -> tuple[list[int], float]:
    """The coarse cells round a cell (the one that holds it and its neighbours), and how far at least the rest is.

    In kilometres, to the centre of any finer cell that none of them holds. Finer cells stick out of the coarse one
    that holds them by up to a fifth of its radius; a quarter is taken off.
    """
    middle = parent_cell(cell, resolution)
    near = disk(middle, 1)
    beyond = set(disk(middle, 2)) - set(near)
    here = vector(cell)
    return near, min(_angle_km(here, vector(other)) - 1.25 * _radius_km(other) for other in beyond)


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


def vector(cell: int) -> Vector:
    """Where a cell's centre lies on a sphere of radius 1."""
    return _unit(*centre(cell))


def _unit(lat: float, lon: float) -> Vector:
    lat, lon = math.radians(lat), math.radians(lon)
    return math.cos(lat) * math.cos(lon), math.cos(lat) * math.sin(lon), math.sin(lat)


def _angle_km(p: Vector, q: Vector) -> float:
    cross = (p[1] * q[2] - p[2] * q[1], p[2] * q[0] - p[0] * q[2], p[0] * q[1] - p[1] * q[0])
    return EARTH_KM * math.atan2(math.hypot(*cross), _dot(p, q))


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
