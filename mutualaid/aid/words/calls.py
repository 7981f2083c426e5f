"""Phone numbers in what a network or a neighbour wrote."""

from flask import g
from markupsafe import Markup, escape

from mutualaid.normal import phones_in, region_of, says_where


def with_calls(text: str) -> Markup:
    """The text, escaped, with a link on each phone number: one tap calls it."""
    parts, last = [], 0
    for start, end, number in phones_in(text, region_here()):
        parts += [escape(text[last:start]), Markup('<a href="tel:{}">{}</a>').format(number, text[start:end])]
        last = end
    return Markup("").join([*parts, escape(text[last:])])


def shows_where(text: str | None) -> bool:
    """Whether somebody's own words seem to hold a number or an address."""
    return says_where(text or "", region_here())


def region_here() -> str | None:
    return region_of(g.network.timezone) if g.get("network") else None
