"""Where a match or a post stands, in a word."""

from flask_babel import gettext


def state_words(state: str) -> str:
    said = STATES.get(state)
    return said() if said else outcome_words(state)


STATES = {
    "open": lambda: gettext("Open"),
    "proposed": lambda: gettext("Proposed"),
    "agreed": lambda: gettext("Agreed"),
    "delivered": lambda: gettext("Delivered"),
    "confirmed": lambda: gettext("Confirmed"),
    "disputed": lambda: gettext("Did not come"),
    "declined": lambda: gettext("Declined"),
    "retracted": lambda: gettext("Taken back"),
    "lapsed": lambda: gettext("Lapsed"),
    "released": lambda: gettext("Released"),
    "paused": lambda: gettext("Paused"),
    "closed": lambda: gettext("Closed"),
}


def outcome_words(outcome: str) -> str:
    return OUTCOMES[outcome]()


OUTCOMES = {
    "fulfilled": lambda: gettext("Done"),
    "withdrawn": lambda: gettext("No longer needed"),
    "referred": lambda: gettext("Passed on to another group"),
    "duplicate": lambda: gettext("Was posted twice"),
    "expired": lambda: gettext("Ended by itself"),
}
