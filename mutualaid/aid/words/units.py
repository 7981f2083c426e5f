"""What a number counts, as it stands beside the number."""

from flask_babel import format_decimal, gettext, ngettext

from mutualaid.aid.desk_queries import MOST

FEW = 5  # smaller numbers are not told to everyone

UNIT_NAMES = {
    "boxes": lambda: gettext("boxes"),
    "meals": lambda: gettext("meals"),
    "visits": lambda: gettext("visits"),
    "hours": lambda: gettext("hours"),
    "rides": lambda: gettext("rides"),
    "nights": lambda: gettext("nights"),
    "dollars": lambda: gettext("dollars"),
    "items": lambda: gettext("things"),
    "calls": lambda: gettext("calls"),
    "people": lambda: gettext("people"),
    "families": lambda: gettext("families"),
    "times": lambda: gettext("times"),
}


def unit_name(unit: str) -> str:
    return str(UNIT_NAMES[unit]())


def counted(number: int) -> str:
    """As far as the desk counts; beyond, "1,000+"."""
    return f"{format_decimal(MOST)}+" if number > MOST else format_decimal(number)


def open_words(needs: int, offers: int) -> str:
    """What is open somewhere, and who is free."""
    needed = ngettext("%(num)s open need", "%(num)s open needs", needs)
    free = ngettext("%(num)s free offer", "%(num)s free offers", offers)
    return f"{needed}, {free}"


def public_count(number: int) -> str:
    """A number that anyone may read."""
    return str(number) if number >= FEW else str(gettext("fewer than %(few)s", few=FEW))
