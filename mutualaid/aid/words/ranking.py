"""What counts when matches are ranked, in words."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from flask_babel import gettext, lazy_gettext

MOST = 3  # so many are named as what counts most


class Factor(NamedTuple):
    label: Any
    hint: Any = ""


FACTORS = {
    "category": Factor(
        lazy_gettext("The very same kind"), lazy_gettext("A cooked meal for a cooked meal, before any food.")
    ),
    "distance": Factor(lazy_gettext("How near they are")),
    "urgency": Factor(lazy_gettext("How urgent it is")),
    "waiting": Factor(lazy_gettext("How long someone has waited")),
    "language": Factor(lazy_gettext("A language that both speak")),
    "times": Factor(lazy_gettext("Days and times that suit both")),
    "fairness": Factor(
        lazy_gettext("Who helped less lately"),
        lazy_gettext("So that nobody gets too much, and nobody is forgotten."),
    ),
    "continuity": Factor(lazy_gettext("Who helped them before"), lazy_gettext("And both were glad.")),
}


def counts_words(weights: Mapping[str, float]) -> list[str]:
    """What counts most and what does not count, a line each."""
    order = sorted(FACTORS, key=lambda name: -weights[name])
    most = [name for name in order if weights[name]][:MOST]
    lines = [gettext("Counts most now: %(what)s.", what=_named(most))]
    if none := [name for name in order if not weights[name]]:
        lines.append(gettext("Does not count: %(what)s.", what=_named(none)))
    return lines


def _named(names: list[str]) -> str:
    return "; ".join(str(FACTORS[name].label).lower() for name in names)
