"""Cells: H3 hexagons as whole numbers that fit a signed 64-bit column. The only importer of h3."""

import math
from collections.abc import Iterable
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


def distance_km(a: int, b: int) -> float:
    """Great-circle distance between two cells' centres.

    From the angle between two vectors, which holds at the poles, at the antimeridian and at antipodes alike.
    """
    p, q = _vector(a), _vector(b)
    cross = (p[1] * q[2] - p[2] * q[1], p[2] * q[0] - p[0] * q[2], p[0] * q[1] - p[1] * q[0])
    return EARTH_KM * math.atan2(math.hypot(*cross), _dot(p, q))


def ring(cell: int, distance: int) -> list[int]:
    """The cells so many steps from a cell, in the order of their numbers."""
    return sorted(h3.grid_ring(cell, distance))


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
    vectors = {cell: _vector(cell) for cell in fine}
    x, y, z = (math.fsum(axis) for axis in zip(*vectors.values(), strict=True))
    nearest = max(sorted(vectors), key=lambda cell: _dot(vectors[cell], (x, y, z)))
    return parent_cell(nearest, resolution)


def _vector(cell: int) -> Vector:
    lat, lon = map(math.radians, centre(cell))
    return math.cos(lat) * math.cos(lon), math.cos(lat) * math.sin(lon), math.sin(lat)


def _dot(p: Vector, q: Vector) -> float:
    return p[0] * q[0] + p[1] * q[1] + p[2] * q[2]


def _shape(polygons: Polygons) -> Any:
    return h3.LatLngMultiPoly(
        *(h3.LatLngPoly(*([(lat, lon) for lon, lat in ring] for ring in polygon)) for polygon in polygons)
    )
