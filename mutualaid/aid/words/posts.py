"""What a post says, in words."""

from functools import lru_cache

from babel import Locale, UnknownLocaleError
from flask_babel import get_locale, gettext, ngettext

from mutualaid.aid.models import Category, Match, Post
from mutualaid.places.cells import distance_km

UNITS = {
    "boxes": lambda n: ngettext("%(num)s box", "%(num)s boxes", n),
    "meals": lambda n: ngettext("%(num)s meal", "%(num)s meals", n),
    "visits": lambda n: ngettext("%(num)s visit", "%(num)s visits", n),
    "hours": lambda n: ngettext("%(num)s hour", "%(num)s hours", n),
    "rides": lambda n: ngettext("%(num)s ride", "%(num)s rides", n),
    "nights": lambda n: ngettext("%(num)s night", "%(num)s nights", n),
    "dollars": lambda n: ngettext("%(num)s dollar", "%(num)s dollars", n),
    "items": lambda n: ngettext("%(num)s thing", "%(num)s things", n),
    "calls": lambda n: ngettext("%(num)s call", "%(num)s calls", n),
    "people": lambda n: ngettext("%(num)s person", "%(num)s people", n),
    "families": lambda n: ngettext("%(num)s family", "%(num)s families", n),
    "times": lambda n: ngettext("%(num)s time", "%(num)s times", n),
}
ASKED_TRAITS = {
    "vehicle": lambda: gettext("a car or van"),
    "lifting": lambda: gettext("lifting"),
    "step_free": lambda: gettext("no steps"),
    "woman": lambda: gettext("a woman only"),
    "no_pets": lambda: gettext("no pets"),
    "no_smoke": lambda: gettext("no smoke"),
}
URGENCIES = (
    lambda: gettext("Can wait"),
    lambda: gettext("This week"),
    lambda: gettext("Today"),
)
HAD_TRAITS = {
    "vehicle": lambda: gettext("has a car or van"),
    "lifting": lambda: gettext("can lift"),
    "step_free": lambda: gettext("no steps"),
    "woman": lambda: gettext("a woman"),
    "no_pets": lambda: gettext("has no pets"),
    "no_smoke": lambda: gettext("does not smoke"),
}


def language() -> str:
    return str(get_locale())


def category_name(category: Category) -> str:
    return category.name(language())


def unit_words(unit: str, n: int) -> str:
    return str(UNITS[unit](n))


def how_much(post: Post) -> str:
    """A need: "3 boxes". An offer: "2 rides a week", "5 boxes in all", or nothing when there is no limit."""
    unit = post.category.unit
    if post.is_need:
        return unit_words(unit, post.quantity)
    parts = []
    if post.per_week is not None:
        parts.append(gettext("%(amount)s a week", amount=unit_words(unit, post.per_week)))
    if post.stock is not None:
        parts.append(gettext("%(amount)s in all", amount=unit_words(unit, post.stock)))
    return ", ".join(parts)


def title(post: Post) -> str:
    """The name of the category, and how much when it is more than one: "Groceries, 3 boxes"."""
    amount = how_much(post)
    plain = not amount or (post.is_need and post.quantity == 1)
    return category_name(post.category) if plain else f"{category_name(post.category)}, {amount}"


def where_words(post: Post) -> str:
    """The area's name, never finer."""
    if post.category.remote:
        return gettext("place does not matter")
    if post.area:
        return post.area.name
    return gettext("ask where") if post.cell is None else gettext("outside our areas")


def short_id(post: Post) -> str:
    """Four figures, enough to find it again from a list on paper."""
    return f"{post.id % 10000:04}"


def name_words(post: Post) -> str:
    """Whose it is: a first name; for what was brought in without one, where it came from: "haiti 427"."""
    source = f"{post.source} {post.source_row or ''}".strip() if post.source else ""
    return post.person.name or source or gettext("No name")


def urgency_words(urgency: int) -> str:
    return str(URGENCIES[urgency]())


def language_name(code: str) -> str:
    """In the language itself, as its speakers look for it; else in the reader's."""
    return _own_name(code) or str(Locale.parse(language()).languages.get(code, code))


@lru_cache(maxsize=500)
def _own_name(code: str) -> str:
    try:
        name = Locale.parse(code).get_display_name() or code
    except (UnknownLocaleError, ValueError):
        return ""
    return str(name[:1].upper() + name[1:])


def languages_words(codes: list[str]) -> str:
    return ", ".join(language_name(code) for code in codes)


def traits_words(traits: list[str], kind: str = "need") -> str:
    words = ASKED_TRAITS if kind == "need" else HAD_TRAITS
    return ", ".join(words[trait]() for trait in traits if trait in words)


def travel_words(post: Post) -> str:
    """Who comes to whom, for the desk."""
    return {
        "host": gettext("others come to them"),
        "come": gettext("they go there"),
        "either": gettext("either way"),
    }[post.travel]


def reach_words(reach_km: int | None) -> str:
    return gettext("anywhere") if reach_km is None else gettext("up to %(km)s km", km=reach_km)


def away_words(km: float) -> str:
    """A distance between two cells, as roughly as it is known."""
    if km < 0.3:
        return gettext("very near")
    return gettext("%(km)s km away", km=f"{km:.1f}" if km < 10 else round(km))


def band_words(match: Match) -> str:
    """How far apart the two live, as a band: before both said yes nobody learns more."""
    cells = match.need.measure_cell, match.offer.measure_cell
    if match.need.category.remote or match.offer.category.remote:
        return gettext("Place does not matter")
    if cells[0] is None or cells[1] is None:
        return gettext("You will have to say where")
    km = distance_km(cells[0], cells[1])
    if km < 1:
        return gettext("Less than 1 km away")
    if km < 3:
        return gettext("1 to 3 km away")
    return gettext("3 to 10 km away") if km < 10 else gettext("More than 10 km away")
