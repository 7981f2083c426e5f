"""Who may be matched, in which order, and why."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from mutualaid.aid import lifecycle, windows
from mutualaid.aid.lifecycle import never_match_contact, never_match_person
from mutualaid.aid.matching.candidates import facts_of_pair
from mutualaid.aid.matching.rules import RULES, first_failing
from mutualaid.aid.matching.search import suggestions
from mutualaid.db import db
from mutualaid.people.models import Person
from mutualaid.sealed import keyring
from tests.factories import (
    NOW,
    actor_of,
    cell_near,
    make_area,
    make_category,
    make_need,
    make_network,
    make_offer,
    make_person,
)

DAY = timedelta(days=1)
EVENING = windows.mask([(1, 2)])
MORNING = windows.mask([(1, 0)])


@pytest.fixture
def network(app):
    return make_network()


@pytest.fixture
def rides(network):
    return make_category(network, "rides", unit="rides")


class Pair:
    """Amina's need and Dee's offer, which fit unless a test says otherwise."""

    def __init__(self, network, category, need=None, offer=None, offer_category=None):
        self.network = network
        self.amina, self.dee = (
            make_person(network, "Amina"),
            make_person(network, "Dee"),
        )
        at = {"cell": cell_near(network)}
        self.need = make_need(self.amina, category, **{**at, "travel": "host"} | (need or {}))
        self.offer = make_offer(
            self.dee,
            offer_category or category,
            **{**at, "travel": "come", "reach_km": 5} | (offer or {}),
        )

    def facts(self, now=NOW):
        return facts_of_pair(self.network, self.need, self.offer, now=now)

    def failing(self, now=NOW):
        miss = first_failing(self.facts(now))
        return miss.rule if miss else None

    def ranked(self, now=NOW):
        return suggestions(self.network, self.need, now=now)


def test_pair_that_fits_fails_no_rule(network, rides):
    assert Pair(network, rides).failing() is None


CASES = [
    ("time", {"times": EVENING}, {"times": MORNING}),
    (
        "time",
        {"until_day": date(2026, 11, 23), "times": EVENING},
        {},
    ),  # a Tuesday after the last day
    ("time", {"until_day": date(2026, 11, 30)}, {"from_day": date(2026, 12, 1)}),
    (
        "language",
        {"interpreter": True, "languages": ("es",)},
        {"languages": ("en", "pt")},
    ),
    ("requires", {"traits": ("vehicle", "step_free")}, {"traits": ("vehicle",)}),
    ("place", {"travel": "host"}, {"travel": "host"}),
    ("place", {"travel": "come", "reach_km": 2}, {"travel": "come"}),
]


@pytest.mark.parametrize(("rule", "need", "offer"), CASES)
def test_first_rule_that_fails_is_named(network, rides, rule, need, offer):
    assert Pair(network, rides, need, offer).failing() == rule


FITS = [
    ({"times": EVENING}, {"times": EVENING | MORNING}),
    ({"times": EVENING}, {}),
    ({"interpreter": True, "languages": ("es", "pt")}, {"languages": ("pt",)}),
    ({"interpreter": False, "languages": ("es",)}, {"languages": ("en",)}),
    ({"traits": ("vehicle",)}, {"traits": ("vehicle", "lifting")}),
    ({"travel": "come", "reach_km": 2}, {"travel": "host"}),
    ({"travel": "either"}, {"travel": "either"}),
    ({"cell": None}, {"reach_km": 1}),
]


@pytest.mark.parametrize(("need", "offer"), FITS)
def test_what_need_not_be_equal_fits(network, rides, need, offer):
    assert Pair(network, rides, need, offer).failing() is None


def test_reach_counts_between_the_middles_of_cells(network, rides):
    pair = Pair(network, rides, {"cell": cell_near(network, north_km=4)}, {"reach_km": 5})
    assert 3 < pair.facts().distance < 5
    assert pair.failing() is None
    lifecycle.change(
        pair.offer,
        replace(lifecycle.said(pair.offer), reach_km=3),
        by=actor_of(pair.dee),
        now=NOW,
    )
    assert pair.failing() == "place"


def test_whoever_may_travel_farther_makes_it_fit(network, rides):
    far = cell_near(network, north_km=4)
    assert (
        Pair(
            network,
            rides,
            {"cell": far, "travel": "either", "reach_km": 9},
            {"travel": "either", "reach_km": 1},
        ).failing()
        is None
    )


def test_remote_category_does_not_ask_for_place(network):
    calls = make_category(network, "calls", unit="calls", remote=True)
    assert Pair(network, calls, {"cell": cell_near(network, north_km=90)}, {"reach_km": 1}).failing() is None


def test_area_only_post_measures_from_the_middle_of_its_area(network, rides):
    area = make_area(network)
    pair = Pair(network, rides, {"cell": None, "area_id": area.id}, {})
    assert (pair.facts().need.cell, pair.facts().need.exact) == (
        area.middle_cell,
        False,
    )


def test_parent_category_fits_both_ways_but_siblings_do_not(network):
    food = make_category(network, "food")
    groceries = make_category(network, "groceries", parent=food)
    meals = make_category(network, "meals", parent=food)
    assert Pair(network, food, offer_category=groceries).failing() is None
    assert Pair(network, groceries, offer_category=food).failing() is None
    assert Pair(network, groceries, offer_category=meals).failing() == "category"


def test_same_person_is_not_matched_with_themselves(network, rides):
    amina = make_person(network, "Amina")
    need, offer = make_need(amina, rides), make_offer(amina, rides)
    assert first_failing(facts_of_pair(network, need, offer, now=NOW)).rule == "two_people"


def test_same_phone_counts_as_the_same_person(network, rides):
    pair = Pair(network, rides)
    pair.amina.phone_hash = pair.dee.phone_hash = keyring.digest("+14165550142", "phone", network.id)
    assert pair.failing() == "two_people"


@pytest.mark.parametrize("who", ["need", "offer"])
def test_do_not_match_list_of_either_side_keeps_them_apart(network, rides, who):
    pair = Pair(network, rides)
    one, other = (pair.amina, pair.dee) if who == "need" else (pair.dee, pair.amina)
    never_match_person(one, other, by=actor_of(one), now=NOW)
    assert pair.failing() == "blocked"
    assert pair.ranked() == ([], [])


def test_do_not_match_list_knows_a_phone_that_comes_later(network, rides):
    pair = Pair(network, rides)
    digest = keyring.digest("+14165550142", "phone", network.id)
    never_match_contact(pair.amina, digest, by=actor_of(pair.amina), now=NOW)
    assert pair.failing() is None
    pair.dee.phone_hash = digest
    assert pair.failing() == "blocked"


def test_capacity_is_the_least_of_stock_week_and_persons_week(network, rides):
    pair = Pair(network, rides, {"quantity": 9}, {"stock": 5, "per_week": 2})
    assert pair.facts().room == 2
    bo = actor_of(make_person(network, "Bo"), "coordinator")
    lifecycle.propose(pair.need, pair.offer, by=bo, now=NOW, quantity=2)
    other = make_need(make_person(network, "Eve"), rides, cell=cell_near(network), travel="host")
    facts = facts_of_pair(network, other, pair.offer, now=NOW)
    assert (
        facts.room,
        first_failing(facts).rule,
        first_failing(facts).facts["week"],
    ) == (0, "capacity", True)
    next_week = facts_of_pair(network, other, pair.offer, now=NOW + 7 * DAY)
    assert (next_week.room, first_failing(next_week)) == (2, None)


def test_persons_own_week_counts_over_all_their_offers(network, rides):
    pair = Pair(network, rides)
    pair.dee.per_week = 1
    bo = actor_of(make_person(network, "Bo"), "coordinator")
    lifecycle.propose(pair.need, pair.offer, by=bo, now=NOW)
    second = make_offer(pair.dee, rides, cell=cell_near(network), travel="come")
    other = make_need(make_person(network, "Eve"), rides, cell=cell_near(network), travel="host")
    assert first_failing(facts_of_pair(network, other, second, now=NOW)).rule == "capacity"


def test_every_rule_is_shown_failing_somewhere(network, rides):
    shown = {rule for rule, _, _ in CASES} | {
        "open",
        "two_people",
        "blocked",
        "live",
        "declined",
        "category",
        "capacity",
        "resting",
    }
    assert shown == {rule for rule, _ in RULES}


def offers_by_name(network, category, **each):
    """Offers of people with these names; says the ranked names for Amina's need."""
    need = make_need(make_person(network, "Amina"), category, cell=cell_near(network), travel="host")
    for name, said in each.items():
        make_offer(
            make_person(network, name),
            category,
            **{"cell": cell_near(network), "travel": "come"} | said,
        )
    fits, _ = suggestions(network, need, now=NOW + DAY)
    return [s.pair.offer.name for s in fits]


def test_nearer_comes_first(network, rides):
    far, near = (
        {"cell": cell_near(network, north_km=6)},
        {"cell": cell_near(network, north_km=1)},
    )
    assert offers_by_name(network, rides, Far=far, Near=near) == ["Near", "Far"]


def test_no_place_comes_last(network, rides):
    far = {"cell": cell_near(network, north_km=9)}
    assert offers_by_name(network, rides, Nowhere={"cell": None}, Far=far) == [
        "Far",
        "Nowhere",
    ]


def test_shared_language_comes_first(network, rides):
    assert offers_by_name(network, rides, Pt={"languages": ("pt",)}, En={"languages": ("en",)}) == [
        "En",
        "Pt",
    ]


def test_tie_goes_to_the_longest_waiting_then_the_lowest_id(network, rides):
    names = offers_by_name(network, rides, First={}, Second={}, Waiting={"now": NOW - 3 * DAY})
    assert names == ["Waiting", "First", "Second"]


def test_whoever_helped_least_lately_comes_first(network, rides):
    bo = actor_of(make_person(network, "Bo"), "coordinator")
    busy = make_offer(
        make_person(network, "Busy"),
        rides,
        cell=cell_near(network),
        travel="come",
        now=NOW - 9 * DAY,
    )
    make_offer(
        make_person(network, "Rested"),
        rides,
        cell=cell_near(network),
        travel="come",
        now=NOW,
    )
    for _ in range(3):
        need = make_need(make_person(network, "Eve"), rides, cell=cell_near(network), travel="host")
        lifecycle.propose(need, busy, by=bo, now=NOW - 8 * DAY)
    assert offers_by_name(network, rides) == ["Rested", "Busy"]


def test_who_was_helped_before_and_glad_is_suggested_again(network, rides):
    pair = Pair(network, rides)
    bo = actor_of(make_person(network, "Bo"), "coordinator")
    match = lifecycle.propose(pair.need, pair.offer, by=bo, now=NOW)
    for side, person in (("offer", pair.dee), ("need", pair.amina)):
        lifecycle.consent(match, side, by=actor_of(person), now=NOW)
    lifecycle.confirm(match, by=actor_of(pair.amina), now=NOW)
    again = make_need(pair.amina, rides, cell=cell_near(network), travel="host")
    best = suggestions(network, again, now=NOW)[0][0]
    assert ("glad" in [reason.key for reason in best.reasons], best.pair.glad) == (
        True,
        1,
    )


def test_who_was_counted_by_silence_is_not_known_to_have_been_glad(network, rides):
    pair = Pair(network, rides)
    bo = actor_of(make_person(network, "Bo"), "coordinator")
    match = lifecycle.propose(pair.need, pair.offer, by=bo, now=NOW)
    for side in ("offer", "need"):
        lifecycle.consent(match, side, by=bo, now=NOW)
    lifecycle.deliver(match, by=bo, now=NOW)
    lifecycle.confirm(match, by=bo, now=NOW, by_silence=True)
    again = make_need(pair.amina, rides, cell=cell_near(network), travel="host")
    assert facts_of_pair(network, again, pair.offer, now=NOW).glad == 0


def test_only_the_nearest_hundred_are_ranked(network, rides):
    offers = {f"n{i:03}": {"cell": cell_near(network, north_km=i / 10)} for i in range(104)}
    names = offers_by_name(network, rides, **offers)
    assert len(names) == 100
    assert {"n103", "n102"} & set(names) == set()


def test_reasons_say_what_speaks_for_and_against(network, rides):
    pair = Pair(
        network,
        rides,
        {
            "quantity": 3,
            "times": EVENING,
            "traits": ("vehicle",),
            "languages": ("en", "es"),
        },
        {
            "cell": cell_near(network, north_km=1),
            "stock": 2,
            "traits": ("vehicle",),
            "languages": ("es",),
        },
    )
    best = pair.ranked()[0][0]
    assert [reason.key for reason in best.reasons] == [
        "distance",
        "languages",
        "times",
        "traits",
        "never_asked",
    ]
    assert [but.key for but in best.buts] == ["only_part"]


def test_near_misses_say_the_first_rule_and_never_what_is_nobodys_business(network, rides):
    Pair(network, rides, {}, {"traits": ()})
    need = make_need(
        make_person(network, "Eve"),
        rides,
        traits=("lifting",),
        cell=cell_near(network),
        travel="host",
    )
    own = make_offer(network_person(need), rides)
    fits, misses = suggestions(network, need, now=NOW)
    assert (fits, [near.miss.rule for near in misses]) == ([], ["requires"])
    assert own.id not in [near.pair.offer.id for near in misses]


def network_person(post):
    return db.session.get_one(Person, (post.network_id, post.person_id))


def test_suggestions_for_an_offer_are_needs(network, rides):
    pair = Pair(network, rides)
    fits, _ = suggestions(network, pair.offer, now=NOW)
    assert [s.pair.need.id for s in fits] == [pair.need.id]


def test_other_networks_posts_are_never_candidates(network, rides):
    pair = Pair(network, rides)
    other = make_network("chris")
    Pair(other, make_category(other, "rides"))
    assert [s.pair.offer.id for s in pair.ranked()[0]] == [pair.offer.id]
