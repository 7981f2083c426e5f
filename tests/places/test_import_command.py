from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask

from mutualaid.db import db
from mutualaid.places.areas import areas_of
from tests.factories import make_network
from tests.places.drawn import collection, feature, polygon, square

EAST = polygon(square(-79.43))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "areas.geojson"


def run(app: Flask, *words: str | Path) -> Result:
    db.session.commit()
    return app.test_cli_runner().invoke(args=["areas", "import", *map(str, words)])


def test_import_prints_what_was_added(app: Flask, path: Path) -> None:
    network = make_network("demo")
    path.write_text(collection(feature("Parkdale"), feature("Liberty", EAST)))

    result = run(app, "demo", path)

    assert (result.exit_code, result.output) == (0, "Areas: 2 added, 0 updated, 0 rejected.\n")
    db.session.rollback()
    assert [area.name for area in areas_of(network)] == ["Liberty", "Parkdale"]


def test_import_again_updates(app: Flask, path: Path) -> None:
    make_network("demo")
    path.write_text(collection(feature("Parkdale")))
    run(app, "demo", path)
    path.write_text(collection(feature("Parkdale"), feature("Liberty", EAST)))

    assert run(app, "demo", path).output == "Areas: 1 added, 1 updated, 0 rejected.\n"


def test_import_says_why_features_were_left_out_and_keeps_the_rest(app: Flask, path: Path) -> None:
    make_network("demo")
    bow_tie = polygon([[0, 0], [0.01, 0.01], [0.01, 0], [0, 0.01], [0, 0]])
    path.write_text(collection(feature("Parkdale"), feature(None), feature("Bow", bow_tie)))

    result = run(app, "demo", path)

    assert result.exit_code == 0
    first, second, last = result.output.splitlines()
    assert first == "Feature 2: no name in the property “name”."
    assert second.startswith("Feature 3: its border crosses itself, near latitude 0.0")
    assert last == "Areas: 1 added, 0 updated, 2 rejected."


def test_import_with_another_property_for_names(app: Flask, path: Path) -> None:
    network = make_network("demo")
    path.write_text(collection(feature("x", AREA_NAME="Parkdale")))

    assert run(app, "demo", path, "--name-property", "AREA_NAME").exit_code == 0
    db.session.rollback()
    assert [area.name for area in areas_of(network)] == ["Parkdale"]


@pytest.mark.parametrize("text", ["", "name\nParkdale\n", "{}", '{"type": "Polygon"}'])
def test_import_what_is_not_geojson_says_one_line_and_changes_nothing(
    app: Flask, path: Path, text: str
) -> None:
    network = make_network("demo")
    path.write_text(text)

    result = run(app, "demo", path)

    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("Error: areas.geojson is not a GeoJSON file")
    assert result.stderr.count("\n") == 1
    db.session.rollback()
    assert areas_of(network) == []


def test_import_no_such_file_says_so(app: Flask, path: Path) -> None:
    make_network("demo")

    result = run(app, "demo", path)

    assert (result.exit_code, result.stderr) == (
        1,
        "Error: areas.geojson cannot be read: no such file or directory.\n",
    )


def test_import_no_such_network_says_so(app: Flask, path: Path) -> None:
    path.write_text(collection(feature()))

    result = run(app, "nowhere", path)

    assert (result.exit_code, result.stderr) == (1, "Error: There is no network “nowhere”.\n")
