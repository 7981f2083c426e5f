"""The life of a post: every (state, verb) pair of the table, legal and illegal."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from mutualaid.actors import worker
from mutualaid.aid import lifecycle
from mutualaid.aid.lifecycle import POST_MOVES, Refused, WrongState
from mutualaid.aid.models import OUTCOMES
from mutualaid.db import db, to_the_day
from mutualaid.events.models import Event
from mutualaid.notices.models import Notice
from tests.aid.test_match_verbs import NOW, Cast
from tests.factories import actor_of, make_need, make_person

DAY = timedelta(days=1)
STATES = ("open", "paused", "at_intake", *OUTCOMES)


@pytest.fixture
def cast(app):
    return Cast()


def bring_to(cast, state):
    """Amina's need in `state`, by real verbs."""
    need = cast.need
    if state == "paused":
        lifecycle.pause(need, by=cast.by_amina, now=NOW)
    elif state == "at_intake":
        lifecycle.hold(need, "call_back", date(2026, 11, 4), by=cast.bo, now=NOW)
    elif state == "fulfilled":
        lifecycle.confirm(cast.agreed(), by=cast.by_amina, now=NOW)
    elif state != "open":
        close = {
            "withdrawn": "withdraw",
            "referred": "refer",
            "duplicate": "mark_duplicate",
            "expired": "expire",
        }
        VERBS[close[state]](cast, need)
    return need


VERBS = {
    "take_in": lambda cast, need: lifecycle.take_in(need, by=cast.bo, now=NOW),
    "change": lambda cast, need: lifecycle.change(
        need, replace(lifecycle.said(need), quantity=4), by=cast.by_amina, now=NOW
    ),
    "still_needed": lambda cast, need: lifecycle.still_needed(need, by=cast.by_amina, now=NOW),
    "pause": lambda cast, need: lifecycle.pause(need, by=cast.by_amina, now=NOW),
    "resume": lambda cast, need: lifecycle.resume(need, by=cast.by_amina, now=NOW),
    "withdraw": lambda cast, need: lifecycle.withdraw(need, by=cast.by_amina, now=NOW),
    "refer": lambda cast, need: lifecycle.refer(need, "The food bank", by=cast.bo, now=NOW),
    "mark_duplicate": lambda cast, need: lifecycle.mark_duplicate(
        need, make_need(cast.amina, need.category, now=NOW), by=cast.bo, now=NOW
    ),
    "expire": lambda cast, need: lifecycle.expire(need, by=worker(cast.network.id), now=NOW),
    "reopen": lambda cast, need: lifecycle.reopen(need, by=cast.by_amina, now=NOW),
}
OPEN = {"open", "paused", "at_intake"}
LEGAL = {
    "take_in": OPEN,
    "change": OPEN,
    "still_needed": OPEN,
    "pause": OPEN - {"paused"},
    "resume": {"paused"},
    "withdraw": OPEN,
    "refer": OPEN,
    "mark_duplicate": OPEN,
    "expire": OPEN,
    "reopen": set(OUTCOMES) - {"fulfilled"},
}
ENDS = {
    "withdraw": "withdrawn",
    "refer": "referred",
    "mark_duplicate": "duplicate",
    "expire": "expired",
}


@pytest.mark.parametrize("verb", POST_MOVES)
@pytest.mark.parametrize("state", STATES)
def test_every_verb_from_every_state_does_what_the_table_says(cast, state, verb):
    need = bring_to(cast, state)
    before = (need.state, need.outcome, need.quantity, need.paused_at)
    if state in LEGAL[verb]:
        VERBS[verb](cast, need)
        assert (need.state, need.outcome) == (("closed", ENDS[verb]) if verb in ENDS else ("open", None))
        return
    with pytest.raises(Refused):
        VERBS[verb](cast, need)
    assert (need.state, need.outcome, need.quantity, need.paused_at) == before


def test_take_in_twice_tells_the_second_that_it_was_done(cast):
    VERBS["take_in"](cast, cast.need)
    with pytest.raises(WrongState):
        VERBS["take_in"](cast, cast.need)


def test_take_in_ends_intake(cast):
    need = bring_to(cast, "at_intake")
    assert (need.intake, need.intake_until) == ("call_back", date(2026, 11, 4))
    VERBS["take_in"](cast, need)
    assert (need.intake, need.intake_until, need.taken_in_at) == (None, None, NOW)


@pytest.mark.parametrize("verb", ["withdraw", "refer", "expire", "mark_duplicate"])
def test_closing_lets_go_of_what_was_agreed_and_tells_the_other(cast, verb):
    cast.dee.reach, cast.dee.email = "email", "dee@example.org"
    match = cast.agreed()
    VERBS[verb](cast, cast.need)
    told = db.session.scalars(
        select(Notice.kind).where(Notice.person_id == cast.dee.id, Notice.done_at.is_(None))
    ).all()
    assert (match.state, list(told), cast.counts()[1]) == (
        "released",
        ["ended_offer"],
        5,
    )


def test_closing_takes_back_what_was_only_proposed(cast):
    match = cast.proposed()
    VERBS["withdraw"](cast, cast.need)
    assert match.state == "retracted"


def test_closing_leaves_what_was_delivered(cast):
    match = cast.agreed()
    lifecycle.deliver(match, by=cast.by_dee, now=NOW)
    VERBS["withdraw"](cast, cast.need)
    assert (match.state, match.given) == ("delivered", 3)


def test_withdrawn_offer_puts_the_need_at_the_head_of_the_queue(cast):
    cast.agreed()
    lifecycle.withdraw(cast.offer, by=cast.by_dee, now=NOW)
    assert (cast.need.state, cast.need.front_at, cast.counts()[0]) == ("open", NOW, 3)


def test_change_to_less_than_is_promised_is_refused(cast):
    cast.agreed(quantity=2)
    with pytest.raises(Refused) as refused:
        lifecycle.change(
            cast.need,
            replace(lifecycle.said(cast.need), quantity=1),
            by=cast.by_amina,
            now=NOW,
        )
    assert (refused.value.reason, refused.value.facts, cast.need.quantity) == (
        "promised_more",
        {"promised": 2},
        3,
    )


def test_change_of_quantity_moves_what_is_uncovered(cast):
    cast.agreed(quantity=2)
    lifecycle.change(
        cast.need,
        replace(lifecycle.said(cast.need), quantity=7),
        by=cast.by_amina,
        now=NOW,
    )
    assert cast.counts()[0] == 5


def test_change_to_what_came_already_closes_it(cast):
    lifecycle.confirm(cast.agreed(quantity=2), by=cast.by_amina, now=NOW)
    lifecycle.change(
        cast.need,
        replace(lifecycle.said(cast.need), quantity=2),
        by=cast.by_amina,
        now=NOW,
    )
    assert cast.need.outcome == "fulfilled"


@pytest.mark.parametrize(("stock", "left"), [(4, 1), (None, None)])
def test_change_of_stock_keeps_what_is_used(cast, stock, left):
    cast.agreed()
    lifecycle.change(
        cast.offer,
        replace(lifecycle.said(cast.offer), stock=stock),
        by=cast.by_dee,
        now=NOW,
    )
    assert cast.counts()[1] == left


def test_change_of_stock_below_what_is_promised_is_refused(cast):
    cast.agreed()
    with pytest.raises(Refused):
        lifecycle.change(
            cast.offer,
            replace(lifecycle.said(cast.offer), stock=2),
            by=cast.by_dee,
            now=NOW,
        )


def test_reopened_need_forgets_a_last_day_that_has_passed(cast):
    lifecycle.change(
        cast.need,
        replace(lifecycle.said(cast.need), until_day=date(2026, 11, 3)),
        by=cast.by_amina,
        now=NOW,
    )
    lifecycle.expire(cast.need, by=worker(cast.network.id), now=NOW + 2 * DAY)
    lifecycle.reopen(cast.need, by=cast.by_amina, now=NOW + 3 * DAY)
    assert (cast.need.state, cast.need.until_day) == ("open", None)


def test_reopen_what_came_altogether_is_refused(cast):
    with pytest.raises(Refused) as refused:
        lifecycle.reopen(bring_to(cast, "fulfilled"), by=cast.by_amina, now=NOW)
    assert refused.value.reason == "fulfilled_already"


def test_duplicate_of_itself_is_refused(cast):
    with pytest.raises(Refused):
        lifecycle.mark_duplicate(cast.need, cast.need, by=cast.bo, now=NOW)


def test_paused_offer_is_not_matched(cast):
    lifecycle.pause(cast.offer, by=cast.by_dee, now=NOW)
    with pytest.raises(Refused) as refused:
        cast.proposed()
    assert refused.value.facts["miss"].rule == "open"


def test_need_at_intake_is_not_matched(cast):
    bring_to(cast, "at_intake")
    with pytest.raises(Refused) as refused:
        cast.proposed()
    assert refused.value.facts["miss"].rule == "open"


def test_erase_in_the_middle_of_an_agreed_match_releases_it_and_tells_the_other_neutrally(
    cast,
):
    cast.amina.reach, cast.amina.email = "email", "amina@example.org"
    match = cast.agreed()
    lifecycle.set_address(match, "12 Queen Street", by=cast.by_amina, now=NOW)
    lifecycle.erase(cast.dee, by=cast.by_dee, now=NOW)
    told = db.session.scalars(
        select(Notice.kind).where(Notice.person_id == cast.amina.id, Notice.done_at.is_(None))
    ).all()
    assert (match.state, cast.need.state, cast.counts()[0]) == ("released", "open", 3)
    assert (list(told), cast.dee.name, cast.dee.email, cast.dee.erased_at) == (
        ["ended_need"],
        "",
        "",
        to_the_day(NOW),
    )
    assert cast.offer.outcome == "withdrawn"


def test_need_that_its_person_took_back_does_not_come_before_others_when_it_opens_again(cast):
    match = cast.agreed()
    lifecycle.withdraw(cast.need, by=cast.by_amina, now=NOW)
    lifecycle.reopen(cast.need, by=cast.by_amina, now=NOW)
    assert (match.state, cast.need.front_at) == ("released", None)


def test_erase_twice_is_harmless(cast):
    for _ in range(2):
        lifecycle.erase(cast.amina, by=cast.by_amina, now=NOW)
    assert list(db.session.scalars(select(Event.verb).where(Event.verb == "erase"))) == ["erase"]


def test_erased_persons_need_cannot_be_opened_again(cast):
    lifecycle.erase(cast.amina, by=cast.by_amina, now=NOW)
    with pytest.raises(Refused) as refused:
        lifecycle.reopen(cast.need, by=cast.bo, now=NOW)
    assert refused.value.reason == "erased"


def test_post_for_someone_on_the_phone_names_who_wrote_it_down(cast):
    need = make_need(make_person(cast.network, "Teresa"), cast.need.category, now=NOW, by=cast.bo)
    assert need.posted_by_id == cast.bo.person_id


def test_own_post_names_nobody_else(cast):
    assert cast.need.posted_by_id is None
    assert actor_of(cast.amina).person_id == cast.need.person_id
