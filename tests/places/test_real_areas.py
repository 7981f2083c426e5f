"""Real neighbourhoods: every one can be found from a tap inside it, and has a middle cell."""

import gzip
import json
import math
import random
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from mutualaid.networks.models import Network
from mutualaid.places import cells
from mutualaid.places.areas import area_at, areas_of, import_areas
from mutualaid.places.geojson import load, parse
from mutualaid.places.map import draw
from mutualaid.places.shapes import look_through
from tests.factories import NOW, make_network
from tests.places.drawn import DATA, DEMO, Point, is_inside, polygons_in

FILES = {
    "toronto": (DATA / "toronto_neighbourhoods.geojson", 140),
    "brooklyn": (DATA / "brooklyn_neighbourhoods.geojson", 54),
    "demo": (DEMO, 140),
}
TAPS = 20
EDGE_M = 80  # a tap nearer than this to a border may lead to the neighbour: a fine cell is 130 m across
METRES = 111_195


@pytest.fixture(params=list(FILES))
def place(request: pytest.FixtureRequest, app: Flask) -> tuple[Path, int, Network]:
    path, count = FILES[request.param]
    if not path.exists():
        pytest.skip(f"{path.name} is not here: the data for tests lies in shared/data beside the project.")
    network = make_network(request.param)
    counts = import_areas(network, parse(load(path), network.resolution), NOW)
    assert (counts.added, counts.updated, counts.rejected) == (count, 0, [])
    return path, count, network


def taps_in(polygons: list[list[list[Point]]], count: int) -> Iterator[Point]:
    """Places spread at random inside an area, the same ones every time."""
    chance = random.Random(json.dumps(polygons[0][0][0]))
    border = [point for rings in polygons for point in rings[0]]
    lons, lats = [lon for lon, _ in border], [lat for _, lat in border]
    while count:
        point = chance.uniform(min(lons), max(lons)), chance.uniform(min(lats), max(lats))
        if is_inside(point, polygons):
            count -= 1
            yield point


def metres_to_border(point: Point, polygons: list[list[list[Point]]]) -> float:
    squeeze = math.cos(math.radians(point[1]))

    def off(a: Point, b: Point) -> float:
        (ax, ay), (bx, by) = (((lon - point[0]) * squeeze, lat - point[1]) for lon, lat in (a, b))
        square = (bx - ax) ** 2 + (by - ay) ** 2
        share = min(1.0, max(0.0, -(ax * (bx - ax) + ay * (by - ay)) / square)) if square else 0.0
        return math.hypot(ax + share * (bx - ax), ay + share * (by - ay))

    return METRES * min(off(a, b) for rings in polygons for ring in rings for a, b in pairwise(ring))


def shapes_in(path: Path) -> dict[str, Any]:
    return {
        f["properties"]["name"]: polygons_in(f["geometry"]) for f in json.loads(path.read_text())["features"]
    }


@pytest.mark.once
def test_real_areas_each_is_found_from_taps_in_it(place: tuple[Path, int, Network]) -> None:
    path, count, network = place
    shapes = shapes_in(path)
    hits = dict.fromkeys(shapes, 0)
    for name, polygons in shapes.items():
        for lon, lat in taps_in(polygons, TAPS):
            area = area_at(network, lat, lon)
            if area is not None and area.name == name:
                hits[name] += 1
            elif area is None or not is_inside((lon, lat), shapes[area.name]):
                assert metres_to_border((lon, lat), polygons) < EDGE_M, (name, lon, lat)

    assert [name for name, found in hits.items() if not found] == []
    assert sum(hits.values()) / (count * TAPS) > 0.9


@pytest.mark.once
def test_real_areas_each_has_a_middle_cell_that_touches_it(place: tuple[Path, int, Network]) -> None:
    path, count, network = place
    areas, shapes = areas_of(network), shapes_in(path)

    assert len(areas) == count
    for area in areas:
        touched = {
            cells.parent_cell(cell, network.resolution) for cell in cells.touched_cells(shapes[area.name])
        }
        assert area.middle_cell in touched


@pytest.mark.once
def test_real_areas_drawn_are_small_and_sound(place: tuple[Path, int, Network]) -> None:
    _, count, network = place
    areas = areas_of(network)

    drawn = draw(areas)

    assert len([area for area in drawn.areas if area.path]) == count
    assert len(gzip.compress("".join(area.path for area in drawn.areas).encode())) < 5_000
    assert [a.name for a in areas for rings in a.outline if look_through(rings).is_crossed] == []


def test_real_areas_again_update_and_change_no_cell(place: tuple[Path, int, Network]) -> None:
    path, count, network = place
    before = {area.name: (area.id, area.outline, area.middle_cell) for area in areas_of(network)}

    counts = import_areas(network, parse(load(path), network.resolution), NOW)

    assert (counts.added, counts.updated) == (0, count)
    assert {area.name: (area.id, area.outline, area.middle_cell) for area in areas_of(network)} == before


def test_demo_areas_say_their_licence() -> None:
    sentence = "Contains information licensed under the Open Government Licence – Toronto"

    assert json.loads(DEMO.read_text())["licence"] == sentence
    assert sentence in DEMO.with_name("README.md").read_text()
    assert DEMO.stat().st_size < 150_000
