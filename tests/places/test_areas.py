from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from mutualaid.db import db
from mutualaid.networks.models import Network
from mutualaid.places import cells
from mutualaid.places.areas import Counts, area_at, areas_of, import_areas
from mutualaid.places.geojson import Rejected, parse
from mutualaid.places.map import draw
from mutualaid.places.models import Area, AreaCell
from tests.factories import NOW, make_area, make_network
from tests.places.drawn import feature, polygon, square

pytestmark = pytest.mark.usefixtures("app")
EAST = polygon(square(-79.43))


def take(network: Network, *features: Any, days: int = 0) -> Counts:
    return import_areas(network, parse(features, network.resolution), NOW + timedelta(days=days))


def cells_held() -> dict[int, int]:
    return dict(db.session.execute(select(AreaCell.cell, AreaCell.area_id)).all())


def found(network: Network, lat: float, lon: float) -> str | None:
    area = area_at(network, lat, lon)
    return area.name if area else None


def test_areas_are_sorted_letter_by_letter_on_both_databases() -> None:
    network = make_network()
    for n, name in enumerate(("east", "West", "East", "Été", "West-End", "West B")):
        make_area(network, name, at=(43.6 + n * 0.02, -79.4), km=0.5)

    assert [area.name for area in areas_of(network)] == ["East", "West", "West B", "West-End", "east", "Été"]


def test_import_areas_new_ones_are_added_and_found() -> None:
    network = make_network()

    counts = take(network, feature("Parkdale"), feature("Liberty", EAST))

    assert (counts.added, counts.updated, counts.rejected) == (2, 0, [])
    assert [area.name for area in areas_of(network)] == ["Liberty", "Parkdale"]
    assert (found(network, 43.645, -79.435), found(network, 43.645, -79.425)) == ("Parkdale", "Liberty")
    assert found(network, 43.7, -79.435) is None


def test_import_areas_the_same_again_updates_and_writes_no_cell() -> None:
    network = make_network()
    take(network, feature("Parkdale"), feature("Liberty", EAST))
    before, ids = cells_held(), {area.name: area.id for area in areas_of(network)}

    counts = take(network, feature("Parkdale"), feature("Liberty", EAST), days=1)

    assert (counts.added, counts.updated) == (0, 2)
    assert cells_held() == before
    assert {area.name: area.id for area in areas_of(network)} == ids
    assert {area.updated_at for area in areas_of(network)} == {NOW + timedelta(days=1)}
    assert {area.created_at for area in areas_of(network)} == {NOW}


def test_import_areas_a_new_shape_moves_the_area() -> None:
    network = make_network()
    take(network, feature("Parkdale"))
    middle = areas_of(network)[0].middle_cell

    take(network, feature("Parkdale", polygon(square(-79.3))))

    assert (found(network, 43.645, -79.435), found(network, 43.645, -79.295)) == (None, "Parkdale")
    assert areas_of(network)[0].middle_cell != middle
    assert areas_of(network)[0].outline[0][0][0][0] > -79.31


def test_import_areas_another_file_leaves_the_others_alone() -> None:
    network = make_network()
    take(network, feature("Parkdale"))

    counts = take(network, feature("Liberty", EAST))

    assert counts.added == 1
    assert (found(network, 43.645, -79.435), found(network, 43.645, -79.425)) == ("Parkdale", "Liberty")


def test_import_areas_rejected_ones_are_counted_and_the_rest_is_kept() -> None:
    network = make_network()

    counts = take(network, feature(None), feature("Parkdale"))

    assert counts == Counts(1, 0, [Rejected(1, "no name in the property “name”")])
    assert found(network, 43.645, -79.435) == "Parkdale"


def test_import_areas_a_smaller_one_inside_a_larger_is_found_whatever_the_order() -> None:
    for slug, order in (("one", 1), ("two", -1)):
        network = make_network(slug)
        features = [feature("Market", polygon(square(-79.437, 43.643, 0.004))), feature("Parkdale")][::order]

        take(network, *features)

        assert (found(network, 43.645, -79.435), found(network, 43.6405, -79.4395)) == ("Market", "Parkdale")


def test_import_areas_two_smaller_than_a_cell_each_have_a_cell() -> None:
    network = make_network()
    tiny = [feature(f"Block {i}", polygon(square(-79.44 + i * 0.00003, 43.64, 0.00002))) for i in range(9)]

    take(network, *tiny)

    assert len(set(cells_held().values())) == 9


def test_import_areas_one_that_covers_another_leaves_it_a_cell() -> None:
    network = make_network()
    take(network, feature("Parkdale"))

    take(network, feature("West", polygon(square())))

    assert set(cells_held().values()) == {area.id for area in areas_of(network)}


def test_import_areas_a_tap_at_the_waters_edge_is_found() -> None:
    network = make_network()
    take(network, feature("Parkdale"))

    assert found(network, 43.64002, -79.43998) == "Parkdale"
    assert found(network, 43.64998, -79.43002) == "Parkdale"


def test_import_areas_a_parent_of_the_same_file_is_kept() -> None:
    network = make_network()

    take(network, feature("Parkdale", parent="West"), feature("West", polygon(square(-79.45, 43.63, 0.03))))

    parkdale, west = areas_of(network)
    assert (parkdale.parent_id, west.parent_id) == (west.id, None)


@pytest.mark.parametrize("parent", ["Atlantis", "Parkdale", 12, None, "Liberty"])
def test_import_areas_a_parent_that_cannot_be_is_passed_over(parent: Any) -> None:
    network = make_network()

    take(network, feature("Parkdale", parent=parent), feature("Liberty", EAST, parent="Parkdale"))

    assert next(area for area in areas_of(network) if area.name == "Parkdale").parent_id is None


def test_areas_of_two_networks_are_apart() -> None:
    ours, theirs = make_network("ours"), make_network("theirs")

    take(ours, feature("Parkdale"))
    take(theirs, feature("Parkdale"), feature("Liberty", EAST))
    take(theirs, feature("Parkdale", polygon(square(-79.3))))

    assert [area.name for area in areas_of(ours)] == ["Parkdale"]
    assert (found(ours, 43.645, -79.435), found(theirs, 43.645, -79.435)) == ("Parkdale", None)
    assert found(ours, 43.645, -79.425) is None


@pytest.mark.parametrize("resolution", [7, 8, 9])
def test_import_areas_the_middle_cell_has_the_networks_resolution(resolution: int) -> None:
    network = make_network(resolution=resolution)

    take(network, feature("Parkdale", polygon(square(size=0.0001))))

    middle = areas_of(network)[0].middle_cell
    assert cells.parent_cell(middle, resolution) == middle  # a coarser one has no such parent


def test_area_at_a_place_not_on_earth_is_refused() -> None:
    with pytest.raises(ValueError, match="not a place on earth"):
        area_at(make_network(), 91, 0)


def test_import_areas_does_not_commit() -> None:
    network = make_network()
    db.session.commit()
    take(network, feature("Parkdale"))

    db.session.rollback()

    assert db.session.scalar(select(func.count()).select_from(Area)) == 0


def test_outlines_are_read_all_at_once_and_only_to_be_drawn_anew(count_queries: Any) -> None:
    network = make_network()
    for n, name in enumerate(("Liberty", "Parkdale", "Junction")):
        make_area(network, name, at=(43.66, -79.47 + n / 10))
    db.session.flush()
    db.session.expunge_all()
    with count_queries() as asked:
        areas = areas_of(network)
        drawn = draw(areas)
        assert draw(areas) is drawn
    assert (len(asked), [len(area.path) > 9 for area in drawn.areas]) == (2, [True] * 3), asked
