"""Why two fit, what speaks against it, and why a near miss does not fit."""

from flask_babel import gettext, ngettext

from mutualaid.aid.matching.ranking import NearMiss, Reason, Suggestion
from mutualaid.aid.words.posts import (
    away_words,
    category_name,
    languages_words,
    traits_words,
)
from mutualaid.aid.words.times import moment_words, times_words, when_words


def reason_words(reason: Reason) -> str:
    facts = reason.facts
    return {
        "distance": lambda: away_words(facts["km"]),
        "area": lambda: _area(facts),
        "remote": lambda: gettext("place does not matter"),
        "languages": lambda: gettext(
            "both speak %(languages)s", languages=languages_words(facts["languages"])
        ),
        "times": lambda: gettext("free: %(times)s", times=times_words(facts["times"])),
        "traits": lambda: traits_words(facts["traits"], "offer"),
        "glad": lambda: gettext("helped before, both were glad"),
        "never_asked": lambda: gettext("not asked yet"),
        "not_asked": lambda: ngettext(
            "not asked for %(num)s week", "not asked for %(num)s weeks", facts["weeks"]
        ),
    }[reason.key]()


def _area(facts: dict[str, str]) -> str:
    if facts["area"] == facts["need_area"]:
        return gettext("both in %(area)s", area=facts["area"])
    return gettext("in %(area)s", area=facts["area"]) if facts["area"] else gettext("near enough")


def but_words(but: Reason) -> str:
    facts = but.facts
    return {
        "ask_where": lambda: gettext("ask where"),
        "no_shared_language": lambda: gettext("no shared language"),
        "only_part": lambda: gettext("only %(room)s of %(uncovered)s", **facts),
        "asked_this_week": lambda: ngettext(
            "asked %(num)s time this week",
            "asked %(num)s times this week",
            facts["times"],
        ),
        "wider_category": lambda: gettext(
            "their offer says: %(category)s",
            category=category_name(facts["category"]),
        ),
    }[but.key]()


def miss_words(near: NearMiss) -> str:
    """The first rule that fails, with its numbers."""
    facts = near.miss.facts
    return {
        "place": lambda: _place(facts),
        "time": lambda: gettext(
            "free only %(times)s",
            times=when_words(facts["times"], facts["from"], facts["until"]),
        ),
        "language": lambda: gettext(
            "no shared language, and one is needed: %(l)s",
            l=languages_words(facts["languages"]),
        ),
        "requires": lambda: gettext("does not have: %(traits)s", traits=traits_words(facts["traits"])),
        "capacity": lambda: _capacity(facts),
        "resting": lambda: gettext(
            "it did not work out lately; asked again after %(day)s",
            day=moment_words(facts["until"], inside=True),
        ),
    }[near.miss.rule]()


def _place(facts: dict[str, object]) -> str:
    if not facts["travellers"]:
        return gettext("neither can travel to the other")
    reach = max((km for _, km in facts["travellers"] if km is not None), default=0)  # type: ignore[attr-defined]
    if facts["km"] is None:
        return gettext("too far: goes up to %(reach)s km", reach=reach)
    return gettext("%(km)s km away, goes up to %(reach)s km", km=f"{facts['km']:.1f}", reach=reach)


def _capacity(facts: dict[str, object]) -> str:
    if not facts["uncovered"]:
        return gettext("all of it is promised already")
    return gettext("fits, but the week is full") if facts["week"] else gettext("fits, but all is given away")


def fit_words(suggestion: Suggestion) -> list[str]:
    """All reasons for it."""
    return [reason_words(reason) for reason in suggestion.reasons]


def fit_buts(suggestion: Suggestion) -> list[str]:
    """All that speaks against it."""
    return [but_words(but) for but in suggestion.buts]
