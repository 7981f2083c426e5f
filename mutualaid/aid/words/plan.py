"""Why a plan leaves somebody out."""

from flask_babel import gettext

from mutualaid.aid.lifecycle.table import Refused
from mutualaid.aid.words.refusals import refusal_words


def left_words(refused: Refused | None) -> str:
    """Why a line was left out."""
    if refused is None:
        return gettext("It is not there any more, or not in your areas.")
    miss = refused.facts.get("miss")
    if miss is not None and miss.rule == "live":
        return gettext("It is proposed already.")
    return refusal_words(refused)


def unmet_words(reason: str) -> str:
    """Why a need gets nothing; see aid.matching.edges.REASONS."""
    return {
        "no_offer": gettext("Nobody offers it"),
        "too_far": gettext("Too far away"),
        "no_time": gettext("No time that suits both"),
        "no_language": gettext("No shared language, and one is needed"),
        "requires": gettext("Nobody can do all that is asked"),
        "nobody_else": gettext("Whoever fits was asked before"),
        "no_capacity": gettext("Whoever fits has nothing left this week"),
        "taken": gettext("Whoever fits is needed elsewhere"),
    }[reason]
