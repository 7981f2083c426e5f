"""Made-up shapes, near Toronto unless said otherwise, and a point-in-polygon of the tests' own."""

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

Point = tuple[float, float]
DEGREE = 0.01  # about 1.1 km up, 0.8 km across

DATA = Path(__file__).parents[2].parent / "shared" / "data"
DEMO = Path(__file__).parents[2] / "mutualaid" / "demo" / "toronto.geojson"


def square(west: float = -79.44, south: float = 43.64, size: float = DEGREE) -> list[list[float]]:
    east, north = west + size, south + size
    return [[west, south], [east, south], [east, north], [west, north], [west, south]]


def polygon(*rings: list[list[float]]) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": list(rings)}


def multipolygon(*polygons: list[list[list[float]]]) -> dict[str, Any]:
    return {"type": "MultiPolygon", "coordinates": list(polygons)}


def feature(name: Any = "Parkdale", geometry: Any = None, **properties: Any) -> dict[str, Any]:
    geometry = polygon(square()) if geometry is None else geometry
    return {"type": "Feature", "properties": {"name": name} | properties, "geometry": geometry}


def collection(*features: Any) -> str:
    return json.dumps({"type": "FeatureCollection", "features": list(features)})


def polygons_in(geometry: dict[str, Any]) -> list[list[list[Point]]]:
    listed = geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
    return [[[(lon, lat) for lon, lat in ring] for ring in rings] for rings in listed]


def is_inside(point: Point, polygons: list[list[list[Point]]]) -> bool:
    """Counts how often a line to the east crosses the rings of any polygon: odd inside, holes taken out."""
    x, y = point
    return any(
        sum(
            (y1 > y) != (y2 > y) and x < x1 + (y - y1) / (y2 - y1) * (x2 - x1)
            for ring in rings
            for (x1, y1), (x2, y2) in pairwise(ring)
        )
        % 2
        for rings in polygons
    )
