"""The words for what the core says in keys and numbers: the one place that turns them into language.

Every function here is also there in templates under its own name.
"""

from flask import Flask

from mutualaid.aid.words.asked import hours_words
from mutualaid.aid.words.calls import shows_where, with_calls
from mutualaid.aid.words.history import event_words
from mutualaid.aid.words.matching import (
    but_words,
    fit_buts,
    fit_words,
    miss_words,
    reason_words,
)
from mutualaid.aid.words.messages import signs_words
from mutualaid.aid.words.plan import left_words, unmet_words
from mutualaid.aid.words.posts import (
    away_words,
    band_words,
    category_name,
    how_much,
    languages_words,
    name_words,
    reach_words,
    short_id,
    title,
    traits_words,
    travel_words,
    unit_words,
    urgency_words,
    where_words,
)
from mutualaid.aid.words.refusals import refusal_words, release_reason_words
from mutualaid.aid.words.states import outcome_words, state_words
from mutualaid.aid.words.times import (
    ago,
    day_words,
    moment_words,
    times_words,
    until_words,
    when_words,
)
from mutualaid.aid.words.units import counted, unit_name
from mutualaid.aid.words.worker import worker_words

WORDS = (
    ago,
    away_words,
    band_words,
    but_words,
    category_name,
    counted,
    day_words,
    event_words,
    fit_buts,
    fit_words,
    hours_words,
    how_much,
    languages_words,
    left_words,
    miss_words,
    moment_words,
    name_words,
    outcome_words,
    reach_words,
    reason_words,
    refusal_words,
    release_reason_words,
    shows_where,
    short_id,
    signs_words,
    state_words,
    times_words,
    title,
    traits_words,
    travel_words,
    unit_name,
    unit_words,
    unmet_words,
    until_words,
    urgency_words,
    when_words,
    where_words,
    with_calls,
    worker_words,
)
__all__ = [word.__name__ for word in WORDS]


def register(app: Flask) -> None:
    """Make the words available to every template."""
    app.jinja_env.globals.update({word.__name__: word for word in WORDS})
