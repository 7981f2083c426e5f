"""Where a match or a post stands, in a word."""

from flask_babel import gettext


def state_words(state: str) -> str:
    return {
        "open": gettext("Open"),
        "proposed": gettext("Proposed"),
        "agreed": gettext("Agreed"),
        "delivered": gettext("Delivered"),
        "confirmed": gettext("Confirmed"),
        "disputed": gettext("Did not come"),
        "declined": gettext("Declined"),
        "retracted": gettext("Taken back"),
        "lapsed": gettext("Lapsed"),
        "released": gettext("Released"),
        "paused": gettext("Paused"),
        "closed": gettext("Closed"),
    }.get(state) or outcome_words(state)


def outcome_words(outcome: str) -> str:
    return {
        "fulfilled": gettext("Done"),
        "withdrawn": gettext("No longer needed"),
        "referred": gettext("Passed on to another group"),
        "duplicate": gettext("Was posted twice"),
        "expired": gettext("Ended by itself"),
    }[outcome]
