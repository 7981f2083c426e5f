from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mutualaid.places.outlines import douglas_peucker, simplified
from mutualaid.places.shapes import Point, Polygons, Ring, look_through, off_segment, turned_area

points = st.tuples(st.floats(-1, 1), st.floats(-1, 1))


def edges(shape: Polygons) -> set[frozenset[Point]]:
    return {frozenset(edge) for rings in shape for ring in rings for edge in pairwise(ring)}


def wavy(x: float, wave: float, count: int = 80) -> Ring:
    return [(x + wave * (i % 7) / 7, i / count) for i in range(count + 1)]


@given(st.lists(points, min_size=2, max_size=60), st.floats(0.001, 0.5))
def test_douglas_peucker_leaves_no_point_farther_than_the_tolerance(
    line: list[Point], tolerance: float
) -> None:
    thin = douglas_peucker(line, tolerance)

    assert (thin[0], thin[-1]) == (line[0], line[-1])
    assert set(thin) <= set(line)
    assert all(min(off_segment(p, a, b) for a, b in pairwise(thin)) <= tolerance for p in line)


@given(st.lists(points, min_size=2, max_size=60), st.floats(0.001, 0.5))
def test_douglas_peucker_of_a_thinned_line_changes_nothing(line: list[Point], tolerance: float) -> None:
    thin = douglas_peucker(line, tolerance)

    assert len(douglas_peucker(thin, tolerance)) <= len(thin)


def test_douglas_peucker_of_a_straight_line_keeps_its_ends() -> None:
    assert douglas_peucker([(0, 0), (1, 1), (2, 2), (3, 3)], 0.01) == [(0, 0), (3, 3)]


def test_simplified_neighbours_share_their_border() -> None:
    border = wavy(1.0, 0.2)
    left = [(0.0, 0.0), *border, (0.0, 1.0), (0.0, 0.0)]
    right = [(2.0, 1.0), *border[::-1], (2.0, 0.0), (2.0, 1.0)]

    one, other = simplified([[[left]], [[right]]], detail=60)

    shared = edges(one) & edges(other)
    assert len(shared) >= 3
    assert {p for edge in shared for p in edge} == {p for p in one[0][0] if p[0] > 0.5}


def test_simplified_neighbours_drawn_apart_by_a_hair_share_their_border() -> None:
    left = [(0.0, 0.0), (1.0, 0.0), (1.0, 0.3), (1.3, 0.6), (1.0, 1.0), (0.0, 1.0), (0.0, 0.0)]
    right = [
        (2.0, 0.0),
        (2.0, 1.0),
        (1.0004, 1.0),
        (1.15, 0.8),
        (1.3003, 0.6),
        (1.0002, 0.3),
        (1.0, 0.0),
        (2.0, 0.0),
    ]

    one, other = simplified([[[left]], [[right]]], detail=200)

    assert len(edges(one) & edges(other)) == 3


def test_simplified_a_corner_on_a_neighbours_straight_border_is_put_into_it() -> None:
    corner = (1.004, 0.5)
    left = [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0), (0.0, 0.0)]
    low = [(1.0, 0.0), (2.0, 0.0), (2.0, 0.5), corner, (1.0, 0.0)]
    high = [corner, (2.0, 0.5), (2.0, 1.0), (1.0, 1.0), corner]

    shapes = simplified([[[left]], [[low]], [[high]]], detail=100)

    assert all(corner in shape[0][0] for shape in shapes)


def test_simplified_a_border_with_two_equal_bends_is_the_same_from_both_sides() -> None:
    border = [(1.0, 0.0), (1.2, 1.0), (1.2, 2.0), (1.0, 3.0)]
    left = [(0.0, 0.0), *border, (0.0, 3.0), (0.0, 0.0)]
    right = [(2.0, 3.0), *border[::-1], (2.0, 0.0), (2.0, 3.0)]

    one, other = simplified([[[left]], [[right]]], detail=20)

    assert len(edges(one) & edges(other)) == 2


def test_simplified_where_three_meet_keeps_the_joint() -> None:
    joint = (1.0, 0.5)
    left = [(0.0, 0.0), (1.0, 0.0), joint, (1.0, 1.0), (0.0, 1.0), (0.0, 0.0)]
    low = [(1.0, 0.0), (2.0, 0.0), (2.0, 0.5), joint, (1.0, 0.0)]
    high = [joint, (2.0, 0.5), (2.0, 1.0), (1.0, 1.0), joint]

    shapes = simplified([[[left]], [[low]], [[high]]], detail=50)

    assert all(joint in shape[0][0] for shape in shapes)


def test_simplified_island_without_joints_keeps_its_shape() -> None:
    square = [
        (0.0, 0.0),
        (0.5, 0.0),
        (1.0, 0.0),
        (1.0, 0.5),
        (1.0, 1.0),
        (0.5, 1.0),
        (0.0, 1.0),
        (0.0, 0.5),
        (0.0, 0.0),
    ]

    (shape,) = simplified([[[square]]], detail=50)

    assert set(shape[0][0]) == {(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)}


def test_simplified_keeps_a_large_hole_and_drops_a_speck() -> None:
    border = [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0), (0.0, 0.0)]
    hole = [(0.3, 0.3), (0.6, 0.3), (0.6, 0.6), (0.3, 0.6), (0.3, 0.3)]
    speck = [(0.8, 0.8), (0.805, 0.8), (0.805, 0.805), (0.8, 0.8)]
    islet = [(2.0, 2.0), (2.005, 2.0), (2.005, 2.005), (2.0, 2.0)]

    (shape,) = simplified([[[border, hole, speck], [islet]]], detail=100)

    assert [len(rings) for rings in shape] == [2]


def test_simplified_area_too_small_to_draw_keeps_a_ring() -> None:
    large = [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0), (0.0, 0.0)]
    tiny = [(1.001, 0.5), (1.0012, 0.5), (1.0012, 0.5002), (1.001, 0.5002), (1.001, 0.5)]

    _, shape = simplified([[[large]], [[tiny]]], detail=100)

    assert abs(turned_area(shape[0][0])) > 0
    assert 0.99 < shape[0][0][0][0] < 1.01


def test_simplified_over_the_antimeridian_stays_there() -> None:
    ring = [(179.9, -17.0), (-179.9, -17.0), (-179.9, -16.9), (179.9, -16.9), (179.9, -17.0)]

    (shape,) = simplified([[[ring]]])

    assert {round(abs(lon), 1) for lon, _ in shape[0][0]} == {179.9}


def test_simplified_nothing_is_nothing() -> None:
    assert simplified([]) == []


@given(
    st.lists(st.floats(0.3, 0.7), min_size=3, max_size=30),
    st.integers(20, 400),
)
def test_simplified_any_shared_border_leaves_both_areas_sound(border: list[float], detail: int) -> None:
    line = [(0.5, 0.0), *((x, (i + 1) / (len(border) + 1)) for i, x in enumerate(border)), (0.5, 1.0)]
    left: Ring = [(0.0, 0.0), *line, (0.0, 1.0), (0.0, 0.0)]
    right: Ring = [(1.0, 1.0), *line[::-1], (1.0, 0.0), (1.0, 1.0)]

    shapes = simplified([[[left]], [[right]]], detail)

    looks = [look_through(shape[0]) for shape in shapes]
    assert not any(look.is_crossed for look in looks)
    assert sum(look.area for look in looks) == pytest.approx(1, rel=0.02)
