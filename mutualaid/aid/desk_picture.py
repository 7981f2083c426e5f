"""The picture on the desk: where needs and offers meet, and where not; a map and the same numbers as rows.

To draw it takes as long as half of the page. Its numbers are read anew each time; while they are the same, so is the
picture, and the last few are kept.
"""

from typing import Any

from flask import g, render_template
from markupsafe import Markup

from mutualaid.aid.desk_areas import AreaCount, Row, by_area, rows_by_area
from mutualaid.aid.models import Category
from mutualaid.aid.words.posts import category_name, language
from mutualaid.aid.words.units import open_words
from mutualaid.places import map as area_map
from mutualaid.places.areas import Named, areas_of

KEPT = 64  # pictures in memory
_kept: dict[tuple[object, ...], Markup] = {}


def picture_of(areas: list[Named], categories: list[Category], href: str) -> Markup:
    """Of this coordinator's areas, each of which leads to its needs: `href` and its id. Empty where nothing is open."""
    rows = rows_by_area(g.network, g.actor)
    if not rows:
        return Markup()
    mine = [area for area in areas if not g.actor.area_ids or area.id in g.actor.area_ids]
    names = [(category.id, category.parent_id, category_name(category)) for category in categories]
    key = (language(), href, *rows, *mine, *names)
    drawn = _kept.get(key)
    if drawn is None:
        if len(_kept) >= KEPT:
            _kept.clear()
        html = render_template("desk/areas.html", href=href, **_shown(rows, mine, categories))
        drawn = _kept[key] = Markup(html)  # noqa: S704  # nosec B704 -- the template has escaped it
    return drawn


def _shown(rows: list[Row], mine: list[Named], categories: list[Category]) -> dict[str, Any]:
    by_id = {category.id: category for category in categories}
    names = {area.id: area.name for area in mine}
    found = by_area(rows, categories)
    counts = {key: count for key, count in found.items() if key is None or key in names}
    offers = {area.id: counts.get(area.id, AreaCount()).offers for area in mine}
    in_order = sorted(counts.items(), key=lambda row: (-row[1].needs, names.get(row[0] or 0, "")))
    shown = [area for area in areas_of(g.network) if area.id in counts]
    return {
        "drawn": area_map.draw(shown, with_numbers=True),
        "classes": area_map.tints(offers)
        | {key: "gap" for key, count in counts.items() if key and count.is_gap},
        "numbers": {key: count.needs for key, count in counts.items() if count.needs},
        "rows": [(names.get(key or 0), count, by_id.get(count.missing or 0)) for key, count in in_order],
        "says": {key: open_words(count.needs, count.offers) for key, count in counts.items() if key},
    }
