import json
import math
from pathlib import Path
from typing import Any

import pytest

from mutualaid.places import cells, geojson
from mutualaid.places.geojson import NotGeoJSON, ParsedArea, Rejected, load, parse
from tests.places.drawn import collection, feature, multipolygon, polygon, square


def parsed(*features: Any, name_property: str = "name") -> list[ParsedArea | Rejected]:
    return list(parse(features, 8, name_property))


def reason(geometry: Any) -> str:
    """Why a feature with this shape is left out; it goes through JSON, as from a file."""
    (result,) = parsed(json.loads(json.dumps(feature(geometry=geometry))))
    assert isinstance(result, Rejected)
    return result.reason


def area(feature: Any, **more: Any) -> ParsedArea:
    (result,) = parsed(feature, **more)
    assert isinstance(result, ParsedArea)
    return result


def write(folder: Path, text: str | bytes) -> Path:
    path = folder / "areas.geojson"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def test_load_a_collection_gives_its_features(tmp_path: Path) -> None:
    assert load(write(tmp_path, collection(feature("A"), feature("B")))) == [feature("A"), feature("B")]


def test_load_a_single_feature_gives_it(tmp_path: Path) -> None:
    assert load(write(tmp_path, json.dumps(feature("A")))) == [feature("A")]


def test_load_a_file_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    assert load(write(tmp_path, b"\xef\xbb\xbf" + collection(feature("A")).encode())) == [feature("A")]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "name,lat,lon\nParkdale,43,-79\n",
        "{",
        "[1, 2",
        b"\xff\xfe{\x00}\x00",
        b"PK\x03\x04\xff",
        "[" * 100_000,
    ],
)
def test_load_what_is_not_json_says_so(tmp_path: Path, text: str | bytes) -> None:
    with pytest.raises(NotGeoJSON) as raised:
        load(write(tmp_path, text))

    assert str(raised.value) == "areas.geojson is not a GeoJSON file: it is not JSON in UTF-8."


@pytest.mark.parametrize(
    "document",
    [None, 7, "Feature", [], {}, {"type": "FeatureCollection"}, {"type": "FeatureCollection", "features": {}},
     polygon(square()), {"type": "Topology", "objects": {}}, [feature()]],
)  # fmt: skip
def test_load_json_without_features_says_so(tmp_path: Path, document: Any) -> None:
    with pytest.raises(NotGeoJSON, match="it holds no FeatureCollection and no Feature"):
        load(write(tmp_path, json.dumps(document)))


def test_load_no_such_file_says_so(tmp_path: Path) -> None:
    with pytest.raises(NotGeoJSON) as raised:
        load(tmp_path / "nowhere.geojson")

    assert str(raised.value) == "nowhere.geojson cannot be read: no such file or directory."


def test_load_too_large_a_file_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "huge.geojson"
    with path.open("wb") as file:
        file.truncate(geojson.MAX_BYTES + 1)

    with pytest.raises(NotGeoJSON, match="larger than 50 MB"):
        load(path)


def test_parse_an_area_has_its_cells_and_its_middle() -> None:
    found = area(feature("Parkdale"))

    assert (found.number, found.name) == (1, "Parkdale")
    assert cells.cell_at(43.645, -79.435, cells.FINE) in found.fine
    assert found.middle_cell == cells.cell_at(43.645, -79.435, 8)


def test_parse_a_multipolygon_with_a_hole_has_both_parts_and_not_the_hole() -> None:
    hole = square(-79.437, 43.643, 0.004)
    found = area(feature(geometry=multipolygon([square(), hole], [square(-79.40)])))

    assert cells.cell_at(43.645, -79.395, cells.FINE) in found.fine
    assert cells.cell_at(43.641, -79.439, cells.FINE) in found.fine
    assert cells.cell_at(43.645, -79.435, cells.FINE) not in found.fine


def test_parse_an_unclosed_ring_is_closed() -> None:
    assert area(feature(geometry=polygon(square()[:-1]))) == area(feature())


def test_parse_points_with_a_height_keep_their_place() -> None:
    assert area(feature(geometry=polygon([[*point, 76.5] for point in square()]))) == area(feature())


def test_parse_an_area_smaller_than_a_cell_has_the_cell_of_a_point_inside() -> None:
    found = area(feature(geometry=polygon(square(-79.44, 43.64, 0.00002))))

    assert found.fine == {cells.cell_at(43.64001, -79.43999, cells.FINE)}
    assert found.middle_cell == cells.cell_at(43.64001, -79.43999, 8)


@pytest.mark.parametrize(
    ("name", "shown"),
    [(12, "12"), (12.0, "12"), (1.5, "1.5"), ("  The \n Junction ", "The Junction"), ("Cote\u0301", "Cot\u00e9"),
     ("Park\x00dale", "Parkdale"), ("Park\ud800dale", "Parkdale"), ("ص" * 120, "ص" * 120)],
)  # fmt: skip
def test_parse_a_name_is_text_on_one_line(name: Any, shown: str) -> None:
    assert area(feature(name)).name == shown


@pytest.mark.parametrize("name", [None, "", "  ", "\x00", True, [], {}, math.nan, math.inf])
def test_parse_a_name_that_is_none_is_rejected(name: Any) -> None:
    assert parsed(feature(name)) == [Rejected(1, "no name in the property “name”")]


def test_parse_a_name_in_another_property_is_found() -> None:
    assert area(feature("x", AREA_NAME="Annex"), name_property="AREA_NAME").name == "Annex"
    assert parsed(feature("x"), name_property="AREA_NAME") == [
        Rejected(1, "no name in the property “AREA_NAME”")
    ]


def test_parse_too_long_a_name_is_rejected() -> None:
    assert parsed(feature("n" * 121)) == [Rejected(1, "its name is longer than 120 letters")]


def test_parse_the_same_name_again_is_rejected_with_the_first_ones_number() -> None:
    crossed = feature("Annex", polygon([[0, 0], [1, 1], [1, 0], [0, 1]]))
    results = parsed(crossed, feature("Annex"), feature("Parkdale"), feature(" Annex "))

    assert [type(result) for result in results] == [Rejected, ParsedArea, ParsedArea, Rejected]
    assert results[3] == Rejected(4, "the name “Annex” is already that of feature 2")


@pytest.mark.parametrize(
    "thing", [None, 5, "Feature", [], {}, {"type": "Polygon", "coordinates": [square()]}]
)
def test_parse_what_is_no_feature_is_rejected(thing: Any) -> None:
    assert parsed(thing) == [Rejected(1, "it is not a Feature")]


@pytest.mark.parametrize("properties", [None, [], "name"])
def test_parse_without_properties_has_no_name(properties: Any) -> None:
    assert parsed(feature() | {"properties": properties}) == [Rejected(1, "no name in the property “name”")]


@pytest.mark.parametrize("geometry", [[], "POLYGON ((0 0))", 3])
def test_parse_without_a_shape_is_rejected(geometry: Any) -> None:
    assert reason(geometry) == "it has no shape"


def test_parse_a_null_shape_is_rejected() -> None:
    assert parsed(feature() | {"geometry": None}) == [Rejected(1, "it has no shape")]


@pytest.mark.parametrize("kind", ["Point", "LineString", "GeometryCollection"])
def test_parse_another_shape_is_rejected(kind: str) -> None:
    expected = f"its shape is a {kind}, not a Polygon or MultiPolygon"

    assert reason({"type": kind, "coordinates": [0, 0], "geometries": [polygon(square())]}) == expected


@pytest.mark.parametrize(
    "geometry",
    [{"type": "Polygon"}, polygon(), multipolygon(), multipolygon([]), polygon([]),
     {"type": "Polygon", "coordinates": 5}, {"type": "MultiPolygon", "coordinates": {"a": 1}}, polygon(square(), [])],
)  # fmt: skip
def test_parse_a_shape_without_a_border_is_rejected(geometry: Any) -> None:
    assert reason(geometry) == "its shape has no border"


@pytest.mark.parametrize(
    "ring", [[[0, 0]], [[0, 0], [1, 1]], [[0, 0], [1, 1], [0, 0]], [[0, 0], [1, 1], [1, 1], [0, 0]]]
)
def test_parse_too_few_points_are_rejected(ring: Any) -> None:
    assert reason(polygon(ring)) == "its border has fewer than 3 different points"


@pytest.mark.parametrize("point", [None, [], [1], ["-79.4", "43.6"], [None, 43], [True, 43], 5, [math.nan, 43],
                                   [math.inf, 43], {"lon": 1}, [[-79.4, 43.6]]])  # fmt: skip
def test_parse_a_point_that_is_none_is_rejected(point: Any) -> None:
    assert reason(polygon([*square()[:3], point])) == "one of its points is not two numbers"


@pytest.mark.parametrize(
    ("point", "said"),
    [([-79.4, 97.25], "latitude 97.25 is not on earth; each point needs its longitude first"),
     ([37.77, -122.42], "latitude -122.42 is not on earth; each point needs its longitude first"),
     ([181, 43.6], "longitude 181 is not on earth; points must be in degrees"),
     ([-8838000, 5410000], "longitude -8.838e+06 is not on earth; points must be in degrees"),
     ([120, 91], "latitude 91 is not on earth; points must be in degrees"),
     ([10**400, 0], "longitude with 16 digits or more is not on earth; points must be in degrees")],
)  # fmt: skip
def test_parse_a_point_not_on_earth_is_rejected(point: Any, said: str) -> None:
    assert reason(polygon([*square()[:3], point])) == said


def test_parse_a_bow_tie_is_rejected_with_where() -> None:
    bow_tie = [[-79.44, 43.64], [-79.43, 43.65], [-79.43, 43.64], [-79.44, 43.65], [-79.44, 43.64]]

    assert reason(polygon(bow_tie)).startswith("its border crosses itself, near latitude 43.6")


def test_parse_a_bow_tie_of_many_points_is_rejected() -> None:
    ring = [[-79.4 + 0.05 * math.sin(2 * math.pi * i / 2000), 43.6 + 0.05 * math.sin(4 * math.pi * i / 2000)]
            for i in range(2000)]  # fmt: skip

    assert reason(polygon(ring)).startswith("its border crosses itself")


def test_parse_one_bad_part_rejects_the_whole() -> None:
    bow_tie = [[-79.3, 43.64], [-79.29, 43.65], [-79.29, 43.64], [-79.3, 43.65], [-79.3, 43.64]]

    assert reason(multipolygon([square()], [bow_tie])).startswith("its border crosses itself")


@pytest.mark.parametrize(
    "rings", [[square(), square()], [[[0, 0], [1, 1], [2, 2], [0, 0]]], [square(size=1e-9)]]
)
def test_parse_a_shape_without_an_inside_is_rejected(rings: Any) -> None:
    assert reason(polygon(*rings)) == "its shape has no inside"


def test_parse_a_ring_round_the_pole_is_rejected() -> None:
    ring = [[-180 + 10 * i, 85 + 0.01 * (i % 3)] for i in range(36)]

    assert isinstance(parsed(feature(geometry=polygon(ring)))[0], Rejected)


def test_parse_too_large_an_area_is_rejected() -> None:
    assert (
        reason(polygon(square(-80, 43, 5)))
        == "it is too large: all areas of a file together may cover 30,000 km²"
    )


def test_parse_areas_too_large_together_are_rejected_and_smaller_ones_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(geojson, "MAX_KM2", 1.2)

    results = parsed(feature("A"), feature("B"), feature("C", polygon(square(size=0.005))))

    assert [isinstance(result, ParsedArea) for result in results] == [True, False, True]


def test_parse_too_many_points_are_rejected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(geojson, "MAX_POINTS", 4)

    assert reason(polygon(square())) == "its shape has more than 4 points"


def test_parse_keeps_the_rest_and_counts_from_one() -> None:
    results = parsed(
        feature("A"), feature(None), feature("B", {"type": "Point", "coordinates": [0, 0]}), feature("C")
    )

    assert [(result.number, isinstance(result, ParsedArea)) for result in results] == [
        (1, True), (2, False), (3, False), (4, True),
    ]  # fmt: skip
