"""A network's first page: two doors, the areas, and what came to neighbours lately. No names, no small numbers."""

from collections import Counter
from collections.abc import Mapping
from datetime import timedelta

from flask import Blueprint, g, render_template
from werkzeug.wrappers import Response

from mutualaid.aid.models import Category
from mutualaid.aid.queries import came_between, categories_of
from mutualaid.aid.windows import day_start
from mutualaid.aid.words import category_name
from mutualaid.aid.words.units import FEW, public_count
from mutualaid.guard import public
from mutualaid.places import map as area_map
from mutualaid.places.areas import areas_of
from mutualaid.places.models import Area

bp = Blueprint("home", __name__, url_prefix="/<slug>")
LATELY = timedelta(days=30)
ROWS = 6
WHOLE, LIVELY = 24, 3  # so many areas are all drawn; of more only the lively ones, if they are so many


@bp.get("/")
@public
def show() -> Response | str:
    today = day_start(g.now, g.network.timezone)  # or whoever watches would see each one come
    came = came_between(g.network, today - LATELY, today)
    by_area: Counter[int] = Counter()
    for area_id, _, times in came:
        if area_id is not None:
            by_area[area_id] += times
    areas = where_it_happens(areas_of(g.network), by_area)
    told = {area_id: times for area_id, times in by_area.items() if times >= FEW}
    return render_template(
        "home/show.html",
        drawn=area_map.draw(areas, with_numbers=True) if areas else None,
        tints=area_map.tints(told),
        told=told,
        says={area_id: public_count(times) for area_id, times in by_area.items()},
        areas=areas,
        rows=[(area.name, public_count(by_area[area.id])) for area in areas if by_area[area.id]],
        total=sum(times for _, _, times in came),
        tally=tally(came, categories_of(g.network)),
    )


def where_it_happens(areas: list[Area], by_area: Mapping[int, int]) -> list[Area]:
    """Of a whole city only the areas where somebody came lately: large enough to be read on a phone."""
    lively = [area for area in areas if area.id in by_area]
    return lively if len(areas) > WHOLE and len(lively) >= LIVELY else areas


def tally(came: list[tuple[int | None, int, int]], categories: list[Category]) -> list[tuple[str, int]]:
    """By top-level category, most first; what is sensitive is counted in the total alone."""
    by_id = {category.id: category for category in categories}
    counts: Counter[int] = Counter()
    for _, category_id, times in came:
        category = by_id[category_id]
        if not category.sensitive:
            counts[category.parent_id or category.id] += times
    most = sorted(counts.items(), key=lambda item: (-item[1], by_id[item[0]].position))
    return [(category_name(by_id[category_id]), times) for category_id, times in most[:ROWS]]
