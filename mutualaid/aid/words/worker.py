"""Whether the worker does what it should, for the desk."""

from flask import g
from flask_babel import gettext

from mutualaid.aid.words.times import moment_words
from mutualaid.heartbeat import LATE


def worker_words() -> list[str]:
    """What is wrong with it; mostly nothing."""
    beat = g.heartbeat
    since = beat.at if beat else g.network.created_at
    if g.now > since + LATE:
        when = moment_words(since, inside=True)
        return [gettext("The worker has not run since %(when)s: nothing is sent or erased.", when=when)]
    held = {
        "ahead": gettext("Nothing is erased now: the clock of the server seems to run days ahead."),
        "back": gettext("Nothing is erased now: the clock of the server went back."),
        "many": gettext(
            "Unusually many people would be erased at once. So only some are each day, those who are due longest first."
        ),
    }
    return [held[beat.held]] if beat and beat.held else []
