"""Whatever the core says by a key (a verb, an outcome, a refusal, a rule, a unit) has words."""

import re
from pathlib import Path

import pytest
from flask import g

from mutualaid.aid.categories import DEFAULTS
from mutualaid.aid.contact import LOOK_REASONS
from mutualaid.aid.desk_forms import LOOK_WORDS
from mutualaid.aid.lifecycle import MATCH_MOVES, POST_MOVES, Refused
from mutualaid.aid.lifecycle.table import RELEASE_REASONS
from mutualaid.aid.matching.ranking import NearMiss
from mutualaid.aid.matching.rules import TOLD, Miss
from mutualaid.aid.models import OUTCOMES, STATES
from mutualaid.aid.words import (
    event_words,
    miss_words,
    outcome_words,
    refusal_words,
    release_reason_words,
    state_words,
)
from mutualaid.aid.words.asked import TRAITS_OF
from mutualaid.aid.words.posts import ASKED_TRAITS, HAD_TRAITS, UNITS
from mutualaid.aid.words.units import UNIT_NAMES
from mutualaid.events.models import Event
from tests.factories import NOW

CODE = "".join(path.read_text() for path in Path(__file__).parents[2].glob("mutualaid/aid/**/*.py"))
REFUSALS = sorted(set(re.findall(r'\bRefused\(\s*"(\w+)"', CODE)))
HAPPENS = sorted(
    set(re.findall(r'\b(?:happened|write_down)\(\s*"(\w+)"', CODE)) | {*MATCH_MOVES, *POST_MOVES}
)


@pytest.fixture(autouse=True)
def page(app):
    with app.test_request_context("/"):
        g.now = NOW
        yield


@pytest.mark.parametrize("reason", REFUSALS)
def test_every_refusal_says_why(reason):
    assert len(refusal_words(Refused(reason, left=1, limit=3, promised=2, most=3))) > 20


@pytest.mark.parametrize("rule", sorted(TOLD))
def test_every_near_miss_says_why(rule):
    facts = {
        "km": 4.2,
        "travellers": (("helper", 3),),
        "times": 1,
        "from": None,
        "until": NOW if rule == "resting" else None,
    }
    facts |= {"languages": ["es"], "traits": ["vehicle"], "week": True, "uncovered": 1}
    assert miss_words(NearMiss(None, Miss(rule, facts)))


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_every_outcome_has_a_word(outcome):
    assert outcome_words(outcome) == state_words(outcome)


@pytest.mark.parametrize("state", STATES)
def test_every_state_has_a_word(state):
    assert state_words(state)


@pytest.mark.parametrize("reason", RELEASE_REASONS)
def test_every_reason_to_let_go_has_words(reason):
    assert release_reason_words(reason)


@pytest.mark.parametrize("verb", HAPPENS)
@pytest.mark.parametrize("role", ["neighbour", "coordinator", "worker"])
def test_every_verb_that_is_written_down_has_words(verb, role):
    assert event_words(Event(verb=verb, actor_role=role, actor_id=1, person_id=2, quantity=3))


def test_every_reason_to_look_has_words():
    assert set(LOOK_WORDS) == set(LOOK_REASONS)


def test_every_unit_has_words():
    used = {row.unit for parent, children in DEFAULTS for row in (parent, *children)}
    assert used <= set(UNITS) == set(UNIT_NAMES)


def test_every_trait_has_words_for_who_needs_it_and_who_has_it():
    assert set(ASKED_TRAITS) == set(HAD_TRAITS) == set(TRAITS_OF["need"]) == set(TRAITS_OF["offer"])
