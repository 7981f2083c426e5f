import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mutualaid.places import cells

lats = st.floats(-90, 90)
lons = st.floats(-180, 180)
places = st.builds(lambda lat, lon: cells.cell_at(lat, lon, 8), lats, lons)
HALF_ROUND_KM = math.pi * cells.EARTH_KM


@given(lats, lons, st.sampled_from([7, 8, 9, 10]))
def test_cell_at_any_place_fits_a_signed_column(lat: float, lon: float, resolution: int) -> None:
    cell = cells.cell_at(lat, lon, resolution)

    assert 0 < cell < 2**63
    assert cells.parent_cell(cell, resolution) == cell


@pytest.mark.parametrize(("lat", "lon"), [(91, 0), (0, 181), (math.nan, 0), (0, math.inf), (-90.1, 0)])
def test_cell_at_a_place_not_on_earth_is_refused(lat: float, lon: float) -> None:
    with pytest.raises(ValueError, match="not a place on earth"):
        cells.cell_at(lat, lon, 8)


@given(lats, lons)
def test_parent_cell_is_the_coarser_cell_of_the_centre(lat: float, lon: float) -> None:
    parent = cells.parent_cell(cells.cell_at(lat, lon, 10), 8)

    assert cells.cell_at(*cells.centre(parent), 8) == parent


@given(places, places)
def test_distance_is_the_same_both_ways(a: int, b: int) -> None:
    assert cells.distance_km(a, b) == cells.distance_km(b, a)
    assert 0 <= cells.distance_km(a, b) <= HALF_ROUND_KM
    assert (cells.distance_km(a, b) == 0) == (a == b)


@given(places, places, places)
def test_distance_by_a_third_place_is_never_shorter(a: int, b: int, c: int) -> None:
    assert cells.distance_km(a, c) <= cells.distance_km(a, b) + cells.distance_km(b, c) + 1e-6


@given(st.floats(-85, 85), lons)
def test_distance_of_neighbours_is_short_wherever_they_are(lat: float, lon: float) -> None:
    here = cells.cell_at(lat, lon, 8)
    beside = cells.ring(here, 1)

    assert len(beside) in (5, 6)
    assert all(0.4 < cells.distance_km(here, other) < 1.4 for other in beside)


def test_distance_over_the_antimeridian_is_short() -> None:
    west, east = cells.cell_at(-17.0, 179.95, 9), cells.cell_at(-17.0, -179.95, 9)

    assert cells.distance_km(west, east) == pytest.approx(10.6, abs=0.5)


def test_distance_over_the_pole_is_short() -> None:
    here, there = cells.cell_at(89.9, 0, 9), cells.cell_at(89.9, 180, 9)

    assert cells.distance_km(here, there) == pytest.approx(22.2, abs=0.5)


def test_distance_to_the_other_side_is_half_the_round() -> None:
    here, there = cells.cell_at(43.65, -79.38, 10), cells.cell_at(-43.65, 100.62, 10)

    assert cells.distance_km(here, there) == pytest.approx(HALF_ROUND_KM, abs=0.2)


def test_distance_toronto_to_new_york_is_as_in_an_atlas() -> None:
    toronto, new_york = cells.cell_at(43.6532, -79.3832, 10), cells.cell_at(40.7128, -74.0060, 10)

    assert cells.distance_km(toronto, new_york) == pytest.approx(551, abs=3)


def test_fine_cells_of_a_square_cover_its_area() -> None:
    ring = [(-79.44, 43.64), (-79.43, 43.64), (-79.43, 43.65), (-79.44, 43.65), (-79.44, 43.64)]
    km2 = 1.112 * 0.805

    fine = cells.fine_cells([[ring]])

    assert len(fine) * cells.FINE_KM2 == pytest.approx(km2, rel=0.15)
    assert fine < cells.touched_cells([[ring]])


def test_fine_cells_leave_a_hole_out() -> None:
    ring = [(-79.44, 43.64), (-79.42, 43.64), (-79.42, 43.66), (-79.44, 43.66), (-79.44, 43.64)]
    hole = [(-79.435, 43.645), (-79.425, 43.645), (-79.425, 43.655), (-79.435, 43.655), (-79.435, 43.645)]

    whole, with_hole, inner = (cells.fine_cells([rings]) for rings in ([ring], [ring, hole], [hole]))

    assert with_hole == whole - inner
    assert cells.cell_at(43.65, -79.43, cells.FINE) in inner


def test_fine_cells_over_the_antimeridian_lie_on_both_sides() -> None:
    ring = [(179.98, -17.0), (-179.98, -17.0), (-179.98, -16.96), (179.98, -16.96), (179.98, -17.0)]

    east_of_it = {cells.centre(cell)[1] < 0 for cell in cells.fine_cells([[ring]])}

    assert east_of_it == {True, False}


def test_middle_cell_of_too_few_fine_cells_is_their_parent() -> None:
    fine = cells.cell_at(43.65, -79.38, cells.FINE)

    assert cells.middle_cell({fine}, 8) == cells.parent_cell(fine, 8)


def test_middle_cell_over_the_antimeridian_is_in_the_middle() -> None:
    ring = [(179.9, -17.0), (-179.9, -17.0), (-179.9, -16.9), (179.9, -16.9), (179.9, -17.0)]

    lat, lon = cells.centre(cells.middle_cell(cells.fine_cells([[ring]]), 8))

    assert lat == pytest.approx(-16.95, abs=0.01)
    assert abs(lon) == pytest.approx(180, abs=0.01)


def test_middle_cell_lies_in_an_area_bent_round_its_mean() -> None:
    ring = [
        (0.0, 0.0),
        (0.1, 0.0),
        (0.1, 0.01),
        (0.01, 0.01),
        (0.01, 0.09),
        (0.1, 0.09),
        (0.1, 0.1),
        (0.0, 0.1),
    ]
    fine = cells.fine_cells([[[*ring, ring[0]]]])

    assert cells.middle_cell(fine, 8) in {cells.parent_cell(cell, 8) for cell in fine}


@pytest.mark.parametrize("resolution", [7, 8, 9])
def test_within_holds_every_cell_that_is_near_enough(resolution: int) -> None:
    here = cells.cell_at(43.6405, -79.4360, resolution)
    around = {other: cells.distance_km(here, other) for other in cells.disk(here, 12)}
    assert dict(cells.within(here, 2.0)) == {other: km for other, km in around.items() if km <= 2.0}
