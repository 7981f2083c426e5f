"""Who may be proposed to whom, until when the answer counts, and what a helper takes on by themselves."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from mutualaid.actors import worker
from mutualaid.aid import lifecycle
from mutualaid.aid.lifecycle import Refused, WrongState
from mutualaid.aid.models import Match, Post
from mutualaid.db import db
from mutualaid.events.models import Event
from tests.aid.match_cast import DAY, NOW, Cast, bring_to
from tests.factories import actor_of, make_category, make_need, make_person


@pytest.fixture
def cast(app):
    return Cast()


def test_both_yes_makes_it_agreed_and_the_first_renews_the_lease_once(cast):
    match = cast.proposed()
    later = NOW + timedelta(hours=20)
    lifecycle.consent(match, "offer", by=cast.by_dee, now=later)
    assert (match.state, match.lease_until) == ("proposed", later + DAY)
    lifecycle.consent(match, "need", by=cast.by_amina, now=later + timedelta(hours=23))
    assert (match.state, match.agreed_at) == ("agreed", later + timedelta(hours=23))


def test_urgent_need_has_a_lease_of_four_hours(app):
    cast = Cast(urgency=2)
    assert cast.proposed().lease_until == NOW + timedelta(hours=4)


@pytest.mark.parametrize(("urgency", "hours"), [(0, 12), (1, 12), (2, 2)])
def test_lease_lasts_as_long_as_the_network_says(app, urgency, hours):
    cast = Cast(urgency=urgency)
    cast.network.lease_hours, cast.network.urgent_lease_hours = 12, 2
    match = cast.proposed()
    assert match.lease_until == NOW + timedelta(hours=hours)
    lifecycle.consent(match, "offer", by=cast.by_dee, now=NOW + timedelta(hours=1))
    assert match.lease_until == NOW + timedelta(hours=1 + hours)


def test_yes_a_moment_before_the_lease_ends_counts(cast):
    match = cast.proposed()
    lifecycle.consent(match, "offer", by=cast.by_dee, now=NOW + DAY - timedelta(seconds=1))
    assert match.offer_yes_at is not None


def test_yes_when_the_lease_has_ended_is_too_late(cast):
    match = cast.proposed()
    with pytest.raises(WrongState) as refused:
        lifecycle.consent(match, "offer", by=cast.by_dee, now=NOW + DAY)
    assert refused.value.facts["state"] == "lapsed"


def test_yes_said_twice_is_harmless(cast):
    match = cast.proposed()
    for _ in range(2):
        lifecycle.consent(match, "offer", by=cast.by_dee, now=NOW)
    verbs = db.session.scalars(select(Event.verb).where(Event.match_id == match.id)).all()
    assert (match.state, list(verbs).count("consent")) == ("proposed", 1)


def test_lapse_before_the_lease_ends_is_refused(cast):
    match = cast.proposed()
    with pytest.raises(Refused) as refused:
        lifecycle.lapse(match, by=worker(cast.network.id), now=NOW + DAY - timedelta(seconds=1))
    assert refused.value.reason == "lease_holds"


def test_who_chose_beforehand_is_agreed_with_the_helpers_yes(app):
    cast = Cast(choose_for_me=True)
    match = cast.proposed()
    lifecycle.consent(match, "offer", by=cast.by_dee, now=NOW)
    assert match.state == "agreed"


def test_declined_pair_is_never_proposed_again(cast):
    bring_to(cast, "declined")
    with pytest.raises(Refused) as refused:
        cast.proposed(NOW + 300 * DAY)
    assert refused.value.facts["miss"].rule == "declined"


@pytest.mark.parametrize("state", ["lapsed", "released"])
def test_pair_rests_for_seven_days(cast, state):
    bring_to(cast, state)
    ended = NOW + (2 * DAY if state == "lapsed" else 0 * DAY)
    with pytest.raises(Refused) as refused:
        cast.proposed(ended + 7 * DAY - timedelta(seconds=1))
    assert refused.value.facts["miss"].rule == "resting"
    assert cast.proposed(ended + 7 * DAY).state == "proposed"


def test_live_pair_is_not_proposed_twice(cast):
    cast.proposed(quantity=1)
    with pytest.raises(Refused) as refused:
        cast.proposed(quantity=1)
    assert refused.value.facts["miss"].rule == "live"


@pytest.mark.parametrize("quantity", [0, -1, 4])
def test_propose_more_or_less_than_there_is_refused(cast, quantity):
    with pytest.raises(Refused) as refused:
        cast.proposed(quantity=quantity)
    assert (refused.value.reason, refused.value.facts) == ("not_enough", {"left": 3})


def test_new_helper_has_at_most_three_agreed_until_the_first_is_confirmed(app):
    cast = Cast(need_quantity=1, stock=9)
    matches = []
    for _ in range(4):
        need = make_need(make_person(cast.network, "Amina"), cast.need.category, now=NOW)
        matches.append(lifecycle.propose(need, cast.offer, by=cast.bo, now=NOW))
        lifecycle.consent(matches[-1], "need", by=actor_of(need.person), now=NOW)
    for match in matches[:3]:
        lifecycle.consent(match, "offer", by=cast.by_dee, now=NOW)
    lifecycle.deliver(matches[1], by=cast.by_dee, now=NOW)
    with pytest.raises(Refused) as refused:
        lifecycle.consent(matches[3], "offer", by=cast.by_dee, now=NOW)
    assert refused.value.reason == "new_helper"
    lifecycle.confirm(matches[0], by=cast.bo, now=NOW)
    assert lifecycle.consent(matches[3], "offer", by=cast.by_dee, now=NOW).state == "agreed"


def test_pass_over_is_never_suggested_again(cast):
    lifecycle.pass_over(cast.need, cast.offer, by=cast.by_dee, now=NOW)
    assert cast.counts() == (3, 5)
    with pytest.raises(Refused) as refused:
        cast.proposed()
    assert refused.value.facts["miss"].rule == "declined"


@pytest.mark.parametrize("before", ["pass_over", "propose"])
def test_pass_over_of_what_was_answered_or_is_held_writes_nothing_more(cast, before):
    first = (
        cast.proposed()
        if before == "propose"
        else lifecycle.pass_over(cast.need, cast.offer, by=cast.by_dee, now=NOW)
    )
    with pytest.raises(Refused) as refused:
        lifecycle.pass_over(cast.need, cast.offer, by=cast.by_dee, now=NOW)
    assert refused.value.reason == "met_before"
    assert list(db.session.scalars(select(Match))) == [first]


def test_claim_uses_the_helpers_own_offer(cast):
    match = lifecycle.claim(cast.need, cast.dee, by=cast.by_dee, now=NOW)
    assert (match.offer_id, match.state, match.offer_yes_at, match.need_yes_at) == (
        cast.offer.id,
        "proposed",
        NOW,
        None,
    )


def test_claim_without_a_fitting_offer_makes_one(cast):
    eve = make_person(cast.network, "Eve")
    match = lifecycle.claim(cast.need, eve, by=actor_of(eve, "helper"), now=NOW, quantity=2)
    offer = db.session.get_one(type(cast.offer), (cast.network.id, match.offer_id))
    assert (offer.person_id, offer.stock, offer.stock_left, match.promised) == (
        eve.id,
        2,
        0,
        2,
    )


@pytest.mark.parametrize(
    ("end", "outcome"),
    [
        (lambda match, eve: lifecycle.confirm(match, by=eve, now=NOW), "fulfilled"),
        (lambda match, eve: lifecycle.release(match, "offer", by=eve, now=NOW), "withdrawn"),
    ],
    ids=["came", "let go"],
)
def test_offer_that_a_claim_made_ends_with_its_match(cast, end, outcome):
    eve = make_person(cast.network, "Eve")
    match = lifecycle.claim(cast.need, eve, by=actor_of(eve, "helper"), now=NOW)
    lifecycle.consent(match, "need", by=cast.by_amina, now=NOW)
    end(match, actor_of(eve))
    offer = db.session.get_one(Post, (cast.network.id, match.offer_id))
    assert (offer.claimed, offer.state, offer.outcome) == (True, "closed", outcome)


def test_own_offer_stays_open_when_its_match_ends(cast):
    match = lifecycle.claim(cast.need, cast.dee, by=cast.by_dee, now=NOW)
    lifecycle.retract(match, by=cast.by_dee, now=NOW)
    assert (cast.offer.claimed, cast.offer.state) == (False, "open")


def test_claim_of_a_sensitive_need_is_refused(app):
    cast = Cast()
    money = make_category(cast.network, key="money", unit="dollars", sensitive=True)
    need = make_need(cast.amina, money, now=NOW)
    with pytest.raises(Refused) as refused:
        lifecycle.claim(need, cast.dee, by=cast.by_dee, now=NOW)
    assert refused.value.reason == "sensitive"
