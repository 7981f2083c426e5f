"""The life of a match: every (state, verb) pair of the table, legal and illegal."""

import pytest
from sqlalchemy import select

from mutualaid.actors import worker
from mutualaid.aid import lifecycle
from mutualaid.aid.lifecycle import MATCH_MOVES, Refused, WrongState
from mutualaid.aid.models import STATES, Match
from mutualaid.db import db
from mutualaid.events.models import Event
from mutualaid.notices.models import Notice
from tests.aid.match_cast import DAY, NOW, Cast, bring_to
from tests.factories import actor_of, make_person


@pytest.fixture
def cast(app):
    return Cast()


VERBS = {
    "consent": lambda cast, match, now: lifecycle.consent(match, "offer", by=cast.by_dee, now=now),
    "decline": lambda cast, match, now: lifecycle.decline(match, "offer", by=cast.by_dee, now=now),
    "retract": lambda cast, match, now: lifecycle.retract(match, by=cast.bo, now=now),
    "lapse": lambda cast, match, now: lifecycle.lapse(match, by=worker(cast.network.id), now=now + 10 * DAY),
    "release": lambda cast, match, now: lifecycle.release(match, "offer", by=cast.by_dee, now=now),
    "deliver": lambda cast, match, now: lifecycle.deliver(match, by=cast.by_dee, now=now),
    "confirm": lambda cast, match, now: lifecycle.confirm(match, by=cast.by_amina, now=now),
    "dispute": lambda cast, match, now: lifecycle.dispute(match, by=cast.by_amina, now=now),
    "resolve": lambda cast, match, now: lifecycle.resolve(match, "confirmed", by=cast.bo, now=now),
}
# The table of domain.md, written out once more by hand. A first yes stays proposed; confirmed is disputed only
# when it was confirmed by silence, which test_dispute_after_silence_reopens_the_need holds.
LEGAL = {
    ("proposed", "consent"): "proposed",
    ("proposed", "decline"): "declined",
    ("proposed", "retract"): "retracted",
    ("proposed", "lapse"): "lapsed",
    ("agreed", "release"): "released",
    ("agreed", "deliver"): "delivered",
    ("agreed", "confirm"): "confirmed",
    ("agreed", "dispute"): "disputed",
    ("delivered", "confirm"): "confirmed",
    ("delivered", "dispute"): "disputed",
    ("disputed", "resolve"): "confirmed",
}


@pytest.mark.parametrize("verb", MATCH_MOVES)
@pytest.mark.parametrize("state", STATES)
def test_every_verb_from_every_state_does_what_the_table_says(cast, state, verb):
    match = bring_to(cast, state)
    before = cast.counts()
    if (state, verb) in LEGAL:
        assert VERBS[verb](cast, match, NOW).state == LEGAL[state, verb]
        return
    with pytest.raises(WrongState) as refused:
        VERBS[verb](cast, match, NOW)
    assert refused.value.facts["state"] == state
    assert (match.state, cast.counts()) == (state, before)


def test_propose_reserves_on_both_sides(cast):
    match = cast.proposed()
    assert (match.promised, cast.counts()) == (3, (0, 2))


@pytest.mark.parametrize("state", ["declined", "retracted", "lapsed", "released"])
def test_an_end_without_help_gives_back_to_both(cast, state):
    bring_to(cast, state)
    assert cast.counts() == (3, 5)


def test_short_delivery_returns_the_rest_to_the_need_not_to_the_offer(cast):
    lifecycle.deliver(cast.agreed(), by=cast.by_dee, now=NOW, given=2)
    assert cast.counts() == (1, 2)


def test_need_closes_when_confirmed_deliveries_cover_it(cast):
    lifecycle.confirm(cast.agreed(), by=cast.by_amina, now=NOW)
    assert (cast.need.state, cast.need.outcome) == ("closed", "fulfilled")


def test_need_stays_open_when_less_came(cast):
    lifecycle.confirm(cast.agreed(), by=cast.by_amina, now=NOW, given=2)
    assert (cast.need.state, cast.counts()) == ("open", (1, 2))


def test_dispute_counts_nothing_for_the_need_and_keeps_the_stock_used(cast):
    match = cast.agreed()
    lifecycle.deliver(match, by=cast.by_dee, now=NOW)
    lifecycle.dispute(match, by=cast.by_amina, now=NOW)
    assert cast.counts() == (3, 2)


def test_dispute_after_silence_reopens_the_need(cast):
    match = cast.agreed()
    lifecycle.deliver(match, by=cast.by_dee, now=NOW)
    lifecycle.confirm(match, by=worker(cast.network.id), now=NOW, by_silence=True)
    assert cast.need.outcome == "fulfilled"
    lifecycle.dispute(match, by=cast.by_amina, now=NOW)
    assert (match.state, cast.need.state, cast.counts()) == ("disputed", "open", (3, 2))


def test_what_a_coordinator_settled_is_not_disputed_again(cast):
    match = cast.agreed()
    lifecycle.deliver(match, by=cast.by_dee, now=NOW)
    lifecycle.confirm(match, by=worker(cast.network.id), now=NOW, by_silence=True)
    lifecycle.dispute(match, by=cast.by_amina, now=NOW)
    lifecycle.resolve(match, "confirmed", by=cast.bo, now=NOW)
    with pytest.raises(WrongState):
        lifecycle.dispute(match, by=cast.by_amina, now=NOW)


def test_silence_confirms_only_what_was_delivered(cast):
    match = cast.agreed()
    with pytest.raises(WrongState):
        lifecycle.confirm(match, by=worker(cast.network.id), now=NOW, by_silence=True)


def test_resolved_as_released_gives_the_stock_back(cast):
    match = bring_to(cast, "disputed")
    lifecycle.resolve(match, "released", by=cast.bo, now=NOW)
    assert (match.state, cast.counts()) == ("released", (3, 5))


def test_resolved_as_confirmed_closes_the_need(cast):
    match = bring_to(cast, "disputed")
    lifecycle.resolve(match, "confirmed", by=cast.bo, now=NOW)
    assert (match.state, cast.need.outcome) == ("confirmed", "fulfilled")


def test_released_need_goes_to_the_head_of_the_queue(cast):
    bring_to(cast, "released")
    assert cast.need.front_at == NOW


@pytest.mark.parametrize("given", [0, -1, 4])
def test_deliver_more_or_less_than_promised_is_refused(cast, given):
    match = cast.agreed()
    with pytest.raises(Refused) as refused:
        lifecycle.deliver(match, by=cast.by_dee, now=NOW, given=given)
    assert (refused.value.facts["most"], match.state) == (3, "agreed")


def test_coordinator_who_says_yes_for_someone_is_named_beside_them(cast):
    match = cast.proposed()
    lifecycle.consent(match, "need", by=cast.bo, now=NOW)
    event = db.session.scalars(select(Event).where(Event.match_id == match.id, Event.verb == "consent")).one()
    assert (event.actor_id, event.person_id) == (cast.bo.person_id, cast.amina.id)


def test_notices_of_a_proposal_are_dropped_when_it_ends(cast):
    for person in (cast.amina, cast.dee):
        person.reach, person.email = "email", "someone@example.org"
    lifecycle.decline(cast.proposed(), "offer", by=cast.by_dee, now=NOW)
    rows = db.session.execute(select(Notice.person_id, Notice.kind, Notice.outcome).order_by(Notice.id)).all()
    assert [tuple(row) for row in rows] == [
        (cast.amina.id, "proposed_need", "dropped"),
        (cast.dee.id, "proposed_offer", "dropped"),
        (cast.amina.id, "ended_need", None),
    ]


@pytest.mark.parametrize(
    ("side", "told"),
    [("need", ["ended_offer"]), ("offer", ["ended_need"]), (None, ["ended_need", "ended_offer"])],
)
def test_release_tells_whoever_did_not_let_go(cast, side, told):
    for person in (cast.amina, cast.dee):
        person.reach, person.email = "email", "someone@example.org"
    lifecycle.release(cast.agreed(), side, by=cast.bo, now=NOW)
    waiting = select(Notice.kind).where(Notice.done_at.is_(None)).order_by(Notice.kind)
    assert list(db.session.scalars(waiting)) == told


def test_whoever_travels_hears_that_the_other_said_where(cast):
    cast.dee.reach, cast.dee.phone = "call", "+14165550142"
    match = cast.agreed()
    lifecycle.set_address(match, "12 Queen Street", by=cast.by_amina, now=NOW)
    kinds = db.session.scalars(
        select(Notice.kind)
        .where(Notice.person_id == cast.dee.id, Notice.done_at.is_(None))
        .order_by(Notice.id)
    )
    assert list(kinds)[-1] == "address_offer"


def test_two_short_deliveries_and_a_second_helper_fulfil_a_need(cast):
    lifecycle.confirm(cast.agreed(), by=cast.by_amina, now=NOW, given=1)
    eve = make_person(cast.network, "Eve")
    second = lifecycle.claim(cast.need, eve, by=actor_of(eve, "helper"), now=NOW)
    lifecycle.consent(second, "need", by=cast.by_amina, now=NOW)
    lifecycle.deliver(second, by=actor_of(eve), now=NOW)
    lifecycle.confirm(second, by=cast.by_amina, now=NOW)
    given = db.session.scalars(select(Match.given).order_by(Match.id)).all()
    assert (list(given), cast.need.outcome) == ([1, 2], "fulfilled")


def test_need_that_is_covered_after_all_lets_go_of_what_was_promised_meanwhile(cast):
    """While the first was disputed a second helper was found; then it turned out that all had come."""
    disputed = bring_to(cast, "disputed")
    eve = make_person(cast.network, "Eve", email="eve@example.org")
    second = lifecycle.claim(cast.need, eve, by=actor_of(eve, "helper"), now=NOW)
    lifecycle.consent(second, "need", by=cast.by_amina, now=NOW)
    lifecycle.resolve(disputed, "confirmed", by=cast.bo, now=NOW)
    told = db.session.scalars(
        select(Notice.kind).where(Notice.person_id == eve.id, Notice.done_at.is_(None))
    ).all()
    assert (cast.need.outcome, second.state, list(told)) == ("fulfilled", "released", ["ended_offer"])
