"""What a message seems to hold, in words."""

from collections.abc import Iterable

from flask_babel import gettext

SIGNS = {
    "phone": lambda: gettext("a number to call"),
    "email": lambda: gettext("an email"),
    "handle": lambda: gettext("a name in another app"),
    "link": lambda: gettext("a link"),
    "money": lambda: gettext("money"),
    "address": lambda: gettext("an address"),
}


def signs_words(signs: Iterable[str]) -> str:
    return ", ".join(SIGNS[sign]() for sign in signs)
