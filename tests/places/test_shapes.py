import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mutualaid.places.shapes import Plane, Ring, look_through, turned_area
from tests.places.drawn import is_inside

SQUARE: Ring = [(0, 0), (1, 0), (1, 1), (0, 1), (0, 0)]
SMALL: Ring = [(0.4, 0.4), (0.6, 0.4), (0.6, 0.6), (0.4, 0.6), (0.4, 0.4)]


@st.composite
def stars(draw: st.DrawFn) -> Ring:
    """A ring round (0, 0) that never crosses itself: one corner in each direction, near or far."""
    reaches = draw(st.lists(st.floats(0.2, 1), min_size=3, max_size=40))
    steps = [2 * math.pi * i / len(reaches) for i in range(len(reaches))]
    corners = [(reach * math.cos(a), reach * math.sin(a)) for reach, a in zip(reaches, steps, strict=True)]
    return [*corners, corners[0]]


@given(stars(), st.booleans())
def test_look_through_a_sound_ring_finds_its_area_and_a_point_inside(ring: Ring, backwards: bool) -> None:
    look = look_through([ring[::-1] if backwards else ring])

    assert not look.is_crossed
    assert look.area == pytest.approx(abs(turned_area(ring)) / 2, rel=0.03)
    assert is_inside(look.inside, [[ring]])


@pytest.mark.parametrize(
    "rings",
    [
        pytest.param([[(0, 0), (1, 1), (1, 0), (0, 1), (0, 0)]], id="bow-tie"),
        pytest.param([[(0, 0), (2, 2), (2, 0), (1, 1), (0, 2), (0, 0)]], id="crossing in a corner"),
        pytest.param(
            [[(0, 0), (1, 1), (2, 2), (2, 0), (1, 1), (0, 2), (0, 0)]], id="crossing in two corners"
        ),
        pytest.param([[(0, 0), (4, 0), (4, 4), (1, 4), (1, 1), (3, 1), (3, 5), (0, 5), (0, 0)]], id="loop"),
        pytest.param([[*SQUARE, *SQUARE[1:]]], id="twice round"),
        pytest.param([SQUARE, [(0.9, 0.4), (1.2, 0.4), (1.2, 0.6), (0.9, 0.4)]], id="hole that sticks out"),
        pytest.param([SQUARE, [(2, 2), (3, 2), (3, 3), (2, 2)]], id="hole beside it"),
        pytest.param([SQUARE, SMALL, SMALL], id="hole in a hole"),
    ],
)
def test_look_through_what_crosses_itself_finds_it(rings: list[Ring]) -> None:
    for turned in (rings, [ring[::-1] for ring in rings], [[(y, x) for x, y in ring] for ring in rings]):
        assert look_through(turned).is_crossed


@pytest.mark.parametrize(
    "rings",
    [
        pytest.param([SQUARE, SMALL], id="hole"),
        pytest.param([SQUARE, SMALL[::-1]], id="hole turned like its border"),
        pytest.param([[(0, 0), (2, 0), (2, 1), (1, 0), (0, 1), (0, 0)]], id="border touched by a corner"),
        pytest.param([[(0, 0), (3, 0), (3, 3), (1.5, 1), (0, 3), (0, 0)]], id="dent"),
        pytest.param([[(0, 0), (1, 0), (1, 1), (1, 2), (1, 1), (0, 1), (0, 0)]], id="spike"),
        pytest.param([[(0, 0), (1, 0), (1, 1), (0.500001, 1), (0.5, 1.00001), (0.500002, 1.00001), (0.499, 1),
                       (0, 1), (0, 0)]], id="crossing by rounding"),
    ],
)  # fmt: skip
def test_look_through_what_only_touches_itself_is_sound(rings: list[Ring]) -> None:
    assert not look_through(rings).is_crossed


def test_look_through_a_hole_as_large_as_its_border_finds_no_inside() -> None:
    assert look_through([SQUARE, SQUARE]).area == 0


def test_look_through_a_line_finds_no_inside() -> None:
    assert look_through([[(0, 0), (1, 0), (0.5, 0), (0, 0)]]).area == 0


@given(st.floats(-180, 179.99), st.floats(-80, 80), st.floats(-1, 1), st.floats(-1, 1))
def test_plane_there_and_back_is_the_same_place(lon: float, lat: float, east: float, north: float) -> None:
    plane = Plane.over([(lon, lat)])

    back = plane.degrees(plane.flat(((lon + east + 180) % 360 - 180, lat + north)), 7)

    assert math.dist(plane.flat(back), (east * plane.squeeze, north + lat)) < 1e-6
