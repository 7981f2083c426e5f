import re
from itertools import pairwise
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask import Flask, get_template_attribute
from hypothesis import given
from hypothesis import strategies as st

from mutualaid.places.map import AreaMap, broken, draw, near, tints
from mutualaid.places.models import Area
from mutualaid.places.shapes import turned_area
from tests.factories import make_area, make_network

SQUARE = [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0), (0.0, 0.0)]


def area(name: str = "Parkdale", *polygons: list[list[tuple[float, float]]], key: int = 1) -> Area:
    return Area(id=key, name=name, outline=list(polygons) or [[SQUARE]], middle_cell=0)


def moved(east: float, north: float = 0.0, size: float = 1.0) -> list[tuple[float, float]]:
    return [(east + x * size, north + y * size) for x, y in SQUARE]


def row_of(count: int) -> list[Area]:
    return [area(f"Block {i}", [moved(i)], key=i) for i in range(count)]


def points_of(path: str) -> list[tuple[int, int]]:
    """The corners of a path of one ring, read as a browser does."""
    numbers = [int(n) for n in re.findall(r"-?\d+", path)]
    points = [(numbers[0], numbers[1])]
    for dx, dy in zip(numbers[2::2], numbers[3::2], strict=True):
        points.append((points[-1][0] + dx, points[-1][1] + dy))
    return points


def test_draw_a_square_fills_the_viewbox_north_up() -> None:
    drawn = draw([area()])

    assert (drawn.width, drawn.height) == (1000, 1000)
    assert points_of(drawn.areas[0].path) == [(6, 994), (6, 6), (994, 6), (994, 994)]


def test_draw_far_north_is_as_narrow_as_it_is() -> None:
    corners = points_of(draw([area("Igloolik", [moved(0, 59.5)])]).areas[0].path)

    wide, high = (max(axis) - min(axis) for axis in zip(*corners, strict=True))
    assert wide / high == pytest.approx(0.5, abs=0.01)
    assert min(corners)[0] + max(corners)[0] == 1000


def test_draw_wide_areas_are_as_low_as_they_are() -> None:
    assert draw(row_of(4)).height == 259


def test_draw_over_the_antimeridian_is_one_piece() -> None:
    drawn = draw([area("West", [moved(179.0)], key=1), area("East", [moved(-180.0)], key=2)])

    west, east = (points_of(a.path) for a in drawn.areas)
    assert max(x for x, _ in west) == min(x for x, _ in east) == 500


def test_draw_a_hole_and_a_second_part_are_rings_of_one_path() -> None:
    drawn = draw([area("Islands", [SQUARE, moved(0.3, 0.3, 0.3)], [moved(2.0)])])

    assert drawn.areas[0].path.count("M") == drawn.areas[0].path.count("z") == 3


def test_draw_a_hole_turns_the_other_way_so_that_it_stays_open() -> None:
    for hole in (moved(0.3, 0.3, 0.3), moved(0.3, 0.3, 0.3)[::-1]):
        rings = draw([area("Ring", [SQUARE, hole])]).areas[0].path.split("z")

        border, inner = (
            turned_area([(x, y) for x, y in [*points_of(ring), points_of(ring)[0]]]) for ring in rings[:2]
        )
        assert border > 0 > inner


def test_draw_points_that_fall_together_are_one() -> None:
    dense = [(i / 5000, 0.0) for i in range(5000)] + SQUARE[1:]

    corners = points_of(draw([area("Dense", [dense])]).areas[0].path)

    assert len(corners) < 1000
    assert all(a != b for a, b in pairwise(corners))


def test_draw_an_area_too_small_to_see_is_a_sign() -> None:
    drawn = draw([area("Large", key=1), area("Tiny", [moved(0.5, 0.5, 0.0001)], key=2)])

    corners = points_of(drawn.areas[1].path)
    assert len(corners) == 4
    assert max(x for x, _ in corners) - min(x for x, _ in corners) == 12


def test_draw_no_areas_is_an_empty_map() -> None:
    assert draw([]) == AreaMap(0, [])


def test_draw_few_areas_have_their_names_inside() -> None:
    for drawn in draw([area("Parkdale", key=1), area("Roncesvalles", [moved(1.0)], key=2)]).areas:
        xs, ys = zip(*points_of(drawn.path), strict=True)
        assert drawn.lines == (drawn.name,)
        assert min(xs) < drawn.x < max(xs)
        assert min(ys) < drawn.y < max(ys)


def test_draw_more_than_twelve_have_no_names() -> None:
    assert [draw(row_of(count)).is_named for count in (12, 13)] == [True, False]
    assert {drawn.lines for drawn in draw(row_of(13)).areas} == {()}


def test_draw_names_that_would_lie_on_one_another_are_left_out() -> None:
    thin = [
        area(f"Quite a long name {i}", [[(0, i), (1, i), (1, i + 1), (0, i + 1), (0, i)]], key=i)
        for i in range(12)
    ]
    flat = [area(a.name, [[(x * 40, y) for x, y in a.outline[0][0]]], key=a.id) for a in thin]

    labels = [drawn for drawn in draw(flat).areas if drawn.lines]

    assert 0 < len(labels) < 12
    heights = sorted(drawn.y for drawn in labels)
    assert all(b - a >= 44 for a, b in pairwise(heights))


@given(st.text(alphabet="ab -/", min_size=1, max_size=40).filter(str.strip), st.integers(1, 20))
def test_broken_keeps_every_letter_on_three_lines_at_most(name: str, letters: int) -> None:
    lines = broken(name, letters)

    assert len(lines) <= 3
    assert "".join(lines).replace(" ", "") == name.replace(" ", "")


@pytest.mark.parametrize(
    ("name", "letters", "lines"),
    [("Annex", 3, ("Annex",)), ("Little Portugal", 20, ("Little Portugal",)),
     ("Little Portugal", 8, ("Little", "Portugal")), ("Palmerston-Little Italy", 14, ("Palmerston-", "Little Italy")),
     ("Waterfront Communities-The Island", 13, ("Waterfront", "Communities-", "The Island")),
     ("東京都", 1, ("東京都",))],
)  # fmt: skip
def test_broken_uses_as_few_lines_as_fit(name: str, letters: int, lines: tuple[str, ...]) -> None:
    assert broken(name, letters) == lines


def test_tints_go_by_thirds_of_the_largest() -> None:
    assert tints({1: 0, 2: 1, 3: 3, 4: 4, 5: 6, 6: 7, 7: 9}) == {
        1: "o0", 2: "o1", 3: "o1", 4: "o2", 5: "o2", 6: "o3", 7: "o3",
    }  # fmt: skip


def test_tints_of_nothing_are_none() -> None:
    assert (tints({}), tints({1: 0, 2: 0})) == ({}, {1: "o0", 2: "o0"})


@pytest.mark.usefixtures("app")
def test_near_gives_the_chosen_and_those_around_it() -> None:
    network = make_network()
    areas = [make_area(network, f"Block {i}", (43.64, -79.6 + i * 0.03)) for i in range(12)]

    assert [a.name for a in near(areas, areas[3], 4)] == ["Block 3", "Block 2", "Block 4", "Block 1"]


def rendered(app: Flask, drawn: AreaMap, **more: Any) -> Any:
    with app.test_request_context():
        macro = get_template_attribute("components/map.html", "area_map")
        return BeautifulSoup(str(macro(drawn, "Map of our areas", **more)), "html.parser")


def test_area_map_to_pick_from_has_a_named_link_for_each_area(app: Flask) -> None:
    page = rendered(app, draw(row_of(14)), href="/demo/ask/where?area=", after="#where", chosen=3)

    links = page.svg.find_all("a")
    assert [link["href"] for link in links] == [f"/demo/ask/where?area={i}#where" for i in range(14)]
    assert [link.title.string for link in links] == [f"Block {i}" for i in range(14)]
    assert [link["href"] for link in page.svg.select("[aria-current=true]")] == [
        "/demo/ask/where?area=3#where"
    ]
    assert page.svg["role"] == "group"
    assert page.find(id=page.find(class_="skip")["href"][1:]) is not None


def test_area_map_of_a_state_is_a_picture_with_words(app: Flask) -> None:
    drawn = draw(row_of(3), with_numbers=True)

    page = rendered(
        app, drawn, classes={0: "o3", 1: "gap"}, numbers={0: 12, 1: "!"}, says={0: "12 need something"}
    )

    assert (page.svg["role"], page.find(id=page.svg["aria-labelledby"]).string) == ("img", "Map of our areas")
    assert [path.title.string for path in page.find_all("path")] == [
        "Block 0: 12 need something",
        "Block 1",
        "Block 2",
    ]
    assert [path.get("class") for path in page.find_all("path")] == [["o3"], ["gap"], None]
    assert [text.string for text in page.select("text.num")] == ["12", "!"]
    assert page.find_all("a") == []


def test_area_map_of_many_shows_numbers_only_where_they_fit(app: Flask) -> None:
    areas = [*row_of(13), area("Sliver", [[(20, 0), (20.01, 0), (20.01, 1), (20, 1), (20, 0)]], key=99)]

    page = rendered(app, draw(areas), numbers=dict.fromkeys([*range(13), 99], 7))

    assert len(page.find_all("text")) == 13


def test_area_map_shows_a_strange_name_as_it_is(app: Flask) -> None:
    page = rendered(app, draw([area("<b>&\"'")]))

    assert page.find("b") is None
    assert page.path.title.string == page.find("text").string == "<b>&\"'"


def test_area_map_has_no_inline_style(app: Flask) -> None:
    assert "style" not in str(rendered(app, draw(row_of(3)), href="?area="))
