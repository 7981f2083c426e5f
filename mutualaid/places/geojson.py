"""Areas from a GeoJSON file: what can be used, and in plain words why the rest cannot."""

import json
import math
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mutualaid.places import cells
from mutualaid.places.shapes import KM_PER_DEGREE, Look, Plane, Point, Polygon, Polygons, Ring, look_through

MAX_BYTES = 50 * 1024 * 1024
MAX_POINTS = 100_000  # of one area
MAX_KM2 = 30_000  # all areas of a file together: about two million fine cells
LEAST_KM2 = 1e-6  # a square metre
MAX_NAME = 120


class NotGeoJSON(Exception):
    """The file as a whole cannot be used; says why in one line."""


class Unusable(Exception):
    """A feature cannot be used; says why in a few words."""


@dataclass(frozen=True)
class ParsedArea:
    """One feature that can become an area: its exact shape and the fine cells whose centre lies in it."""

    number: int
    name: str
    shape: Polygons
    fine: set[int]
    middle_cell: int
    parent: str = ""  # the name of the area it belongs to, as the feature's property "parent" says


@dataclass(frozen=True)
class Rejected:
    """A feature that was left out; features count from 1."""

    number: int
    reason: str


def load(path: Path) -> list[Any]:
    """The features of a FeatureCollection, or a single Feature, none of them looked at yet. Raises NotGeoJSON."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise NotGeoJSON(f"{path.name} is larger than 50 MB. Split it, or simplify its shapes first.")
        document = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise NotGeoJSON(
            f"{path.name} cannot be read: {(error.strerror or 'unknown reason').lower()}."
        ) from error
    except (ValueError, RecursionError) as error:
        raise NotGeoJSON(f"{path.name} is not a GeoJSON file: it is not JSON in UTF-8.") from error
    return features_of(document, path.name)


def features_of(document: Any, name: str) -> list[Any]:
    kind = document.get("type") if isinstance(document, dict) else None
    if kind == "FeatureCollection" and isinstance(document.get("features"), list):
        return list(document["features"])
    if kind == "Feature":
        return [document]
    raise NotGeoJSON(
        f"{name} is not a GeoJSON file with areas: it holds no FeatureCollection and no Feature."
    )


def parse(
    features: Iterable[Any], resolution: int, name_property: str = "name"
) -> Iterator[ParsedArea | Rejected]:
    """Each feature in turn as an area of a network whose cells have this resolution, or why it cannot be one."""
    names: dict[str, int] = {}
    room = float(MAX_KM2)
    for number, feature in enumerate(features, start=1):
        try:
            name = read_name(feature, name_property)
            if name in names:
                raise Unusable(f"the name “{name}” is already that of feature {names[name]}")
            shape, looks = read_shape(feature.get("geometry"))
            room -= measure(looks, room)
            yield parsed_area(number, name, shape, looks, resolution, parent_of(feature))
            names[name] = number
        except Unusable as error:
            yield Rejected(number, str(error))


def parsed_area(
    number: int, name: str, shape: Polygons, looks: list[tuple[Plane, Look]], resolution: int, parent: str
) -> ParsedArea:
    try:
        fine = cells.fine_cells(shape)
    except ValueError as error:
        raise Unusable("its shape cannot be filled with cells") from error
    if not fine:  # too small to hold a fine cell's centre: the one that a point inside it lies in
        plane, look = max(looks, key=lambda item: item[1].widest)
        lon, lat = plane.degrees(look.inside, 7)
        fine = {cells.cell_at(lat, lon, cells.FINE)}
    return ParsedArea(number, name, shape, fine, cells.middle_cell(fine, resolution), parent)


def read_name(feature: Any, name_property: str) -> str:
    if not isinstance(feature, dict) or feature.get("type") != "Feature":
        raise Unusable("it is not a Feature")
    properties = feature.get("properties")
    name = text_of(properties.get(name_property) if isinstance(properties, dict) else None)
    if not name:
        raise Unusable(f"no name in the property “{name_property}”")
    if len(name) > MAX_NAME:
        raise Unusable(f"its name is longer than {MAX_NAME} letters")
    return name


def text_of(value: Any) -> str:
    """Text, or a number as text, on one line and without what no database keeps; empty for anything else."""
    if not isinstance(value, str) and not is_number(value):
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = unicodedata.normalize("NFC", " ".join(str(value).split()))
    return "".join(letter for letter in text if unicodedata.category(letter) not in ("Cc", "Cs", "Cn"))


def parent_of(feature: dict[str, Any]) -> str:
    parent = (feature.get("properties") or {}).get("parent")
    return text_of(parent) if isinstance(parent, str) else ""


def read_shape(geometry: Any) -> tuple[Polygons, list[tuple[Plane, Look]]]:
    """A Polygon or MultiPolygon with every ring closed, and what a look through each of its polygons found."""
    if not isinstance(geometry, dict):
        raise Unusable("it has no shape")
    kind, coordinates = geometry.get("type"), geometry.get("coordinates")
    if kind not in ("Polygon", "MultiPolygon"):
        raise Unusable(f"its shape is a {text_of(kind) or 'nothing'}, not a Polygon or MultiPolygon")
    listed = listed_in([coordinates] if kind == "Polygon" else coordinates)
    shape = [[read_ring(ring) for ring in listed_in(polygon)] for polygon in listed]
    if sum(len(ring) for polygon in shape for ring in polygon) > MAX_POINTS:
        raise Unusable(f"its shape has more than {MAX_POINTS:,} points")
    return shape, [sound(polygon) for polygon in shape]


def listed_in(value: Any) -> list[Any]:
    if not isinstance(value, list) or not value:
        raise Unusable("its shape has no border")
    return value


def read_ring(points: Any) -> Ring:
    ring = [read_point(point) for point in listed_in(points)]
    if ring[0] != ring[-1]:
        ring.append(ring[0])
    if len(set(ring)) < 3:
        raise Unusable("its border has fewer than 3 different points")
    return ring


def read_point(point: Any) -> Point:
    if not isinstance(point, list) or len(point) < 2 or not all(is_number(value) for value in point[:2]):
        raise Unusable("one of its points is not two numbers")
    lon, lat = point[:2]
    if not -90 <= lat <= 90 and abs(lon) <= 90 and abs(lat) <= 180:
        raise Unusable(f"latitude {shown(lat)} is not on earth; each point needs its longitude first")
    for word, value, most in (("longitude", lon, 180), ("latitude", lat, 90)):
        if not -most <= value <= most:
            raise Unusable(f"{word} {shown(value)} is not on earth; points must be in degrees")
    return float(lon), float(lat)


def is_number(value: Any) -> bool:
    return (isinstance(value, float) and math.isfinite(value)) or type(value) is int


def shown(value: float) -> str:
    return f"{value:.5g}" if abs(value) < 10**15 else "with 16 digits or more"


def sound(polygon: Polygon) -> tuple[Plane, Look]:
    """A look through one polygon, laid flat. Refuses what has no inside or crosses itself."""
    plane = Plane.over(polygon[0])
    look = look_through(plane.flatten(polygon))
    if (look.area + look.wrong) * KM_PER_DEGREE**2 < LEAST_KM2:
        raise Unusable("its shape has no inside")
    if look.is_crossed:
        lon, lat = plane.degrees(look.crossing, 4)
        raise Unusable(f"its border crosses itself, near latitude {lat}, longitude {lon}")
    return plane, look


def measure(looks: list[tuple[Plane, Look]], room: float) -> float:
    """The area in km², refused when it does not fit in what is left of MAX_KM2."""
    km2 = sum(look.area for _, look in looks) * KM_PER_DEGREE**2
    if km2 > room:
        raise Unusable(f"it is too large: all areas of a file together may cover {MAX_KM2:,} km²")
    return km2
