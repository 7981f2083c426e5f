"""Who sees how to reach whom: after both said yes, the way each chose, until it ends and 14 days more."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from mutualaid.actors import worker
from mutualaid.aid import contact, lifecycle
from mutualaid.aid.lifecycle import Refused
from mutualaid.aid.models import MatchDetails
from mutualaid.db import db
from mutualaid.events.history import happened
from mutualaid.people.models import Person
from tests.aid.desk_cast import last_event, verbs
from tests.aid.street import Street
from tests.counting import count_queries
from tests.factories import NOW, actor_of

DAY, SECOND = timedelta(days=1), timedelta(seconds=1)


@pytest.fixture
def street(app):
    return Street()


def looks(street, match, side, now=NOW):
    """What `side` is shown, or why nothing."""
    by = street.by_amina if side == "need" else street.by_dee
    try:
        return contact.look(match, side, by=by, now=now).value
    except Refused as refused:
        return refused.reason


def both(street, match, now=NOW):
    return looks(street, match, "need", now), looks(street, match, "offer", now)


CLOSED = ("contact_closed", "contact_closed")
OPEN = ("dee@example.org", "416 555 0142")


@pytest.mark.parametrize("said", [(), ("need",), ("offer",)])
def test_nothing_is_shown_before_both_said_yes(street, said):
    match = street.proposed()
    for side in said:
        lifecycle.consent(match, side, by=street.by_bo, now=NOW)
    assert both(street, match) == CLOSED


@pytest.mark.parametrize("state", ["agreed", "delivered", "disputed"])
def test_each_sees_the_way_the_other_chose_once_agreed(street, state):
    assert both(street, getattr(street, state)()) == OPEN


@pytest.mark.parametrize("verb", ["release", "confirm"])
def test_contact_is_shown_until_14_days_after_the_end(street, verb):
    match = street.agreed()
    if verb == "release":
        lifecycle.release(match, "offer", by=street.by_dee, now=NOW)
    else:
        lifecycle.confirm(match, by=street.by_amina, now=NOW)
    assert both(street, match, NOW + 14 * DAY - SECOND) == OPEN
    assert both(street, match, NOW + 14 * DAY) == CLOSED


def test_dispute_of_what_was_counted_by_silence_opens_contact_again(street):
    match = street.delivered()
    lifecycle.confirm(match, by=worker(street.network.id), now=NOW, by_silence=True)
    assert both(street, match, NOW + 14 * DAY) == CLOSED
    lifecycle.dispute(match, by=street.by_amina, now=NOW + 14 * DAY)
    assert both(street, match, NOW + 14 * DAY) == OPEN


@pytest.mark.parametrize("verb", ["decline", "retract", "lapse"])
def test_what_never_was_agreed_is_never_shown(street, verb):
    match = street.proposed()
    {
        "decline": lambda: lifecycle.decline(match, "need", by=street.by_amina, now=NOW),
        "retract": lambda: lifecycle.retract(match, by=street.by_bo, now=NOW),
        "lapse": lambda: lifecycle.lapse(match, by=street.by_bo, now=NOW + 2 * DAY),
    }[verb]()
    assert both(street, match) == CLOSED


@pytest.mark.parametrize(
    ("reach", "value"), [("email", "amina@example.org"), ("call", "416 555 0142"), ("none", "")]
)
def test_only_the_way_that_was_chosen_is_shown(street, reach, value):
    street.amina.email, street.amina.reach = "amina@example.org", reach
    assert looks(street, street.agreed(), "offer") == value


def test_hours_to_call_come_with_the_number(street):
    found = contact.look(street.agreed(), "offer", by=street.by_dee, now=NOW)
    assert (found.name, found.way, found.hours, found.address) == ("Amina", "call", "mornings", "")


@pytest.mark.parametrize("who", ["amina", "dee"])
def test_nothing_is_shown_once_either_wants_no_match_with_the_other(street, who):
    match = street.delivered()  # what was brought is not let go
    one, other = (street.amina, street.dee) if who == "amina" else (street.dee, street.amina)
    lifecycle.never_match_person(one, other, by=street.by_bo, now=NOW)
    assert both(street, match) == CLOSED


@pytest.mark.parametrize("who", ["amina", "dee"])
def test_nothing_is_shown_of_or_to_someone_who_erased_themselves(street, who):
    match = street.delivered()
    lifecycle.erase(getattr(street, who), by=street.by_bo, now=NOW)
    assert both(street, match) == CLOSED


def test_each_look_is_an_event_that_the_person_can_see(street):
    match = street.agreed()
    contact.look(match, "offer", by=street.by_dee, now=NOW)
    contact.look(match, "offer", by=street.by_dee, now=NOW + DAY)
    db.session.flush()
    looked = contact.looks_at(street.amina)
    assert [(event.at, event.actor_id, event.match_id) for event in looked] == [
        (NOW + DAY, street.dee.id, match.id),
        (NOW, street.dee.id, match.id),
    ]
    assert contact.looks_at(street.dee) == []


def test_look_that_is_refused_is_no_event(street):
    match = street.proposed()
    assert looks(street, match, "offer") == "contact_closed"
    assert last_event().verb == "propose"


@pytest.mark.parametrize("reason", ["", "curious"])
def test_coordinator_looks_only_with_a_reason(street, reason):
    with pytest.raises(Refused) as refused:
        contact.look_early(street.amina, street.need, by=street.by_bo, reason=reason, now=NOW)
    assert refused.value.reason == "no_such_reason"


def test_coordinator_finds_nobody_who_erased_themselves(street):
    lifecycle.erase(street.amina, by=street.by_amina, now=NOW)
    with pytest.raises(Refused) as refused:
        contact.look_early(street.amina, street.need, by=street.by_bo, reason="safety", now=NOW)
    assert (refused.value.reason, "look" in verbs()) == ("contact_closed", False)


def test_coordinators_early_look_says_why(street):
    contact.look_early(street.amina, street.need, by=street.by_bo, reason="safety", now=NOW)
    event = last_event()
    assert (event.verb, event.actor_id, event.person_id, event.reason) == (
        "look",
        street.bo.person_id,
        street.amina.id,
        "safety",
    )


def test_address_is_shown_to_the_other_and_erased_at_the_end(street):
    match = street.agreed()
    lifecycle.set_address(match, "12 Elm Street", by=street.by_amina, now=NOW)
    assert contact.look(match, "offer", by=street.by_dee, now=NOW).address == "12 Elm Street"
    lifecycle.deliver(match, by=street.by_dee, now=NOW)
    assert contact.look(match, "offer", by=street.by_dee, now=NOW).address == "12 Elm Street"
    lifecycle.confirm(match, by=street.by_amina, now=NOW)
    assert db.session.scalars(select(MatchDetails)).all() == []


def test_address_of_what_was_let_go_is_erased(street):
    match = street.agreed()
    lifecycle.set_address(match, "12 Elm Street", by=street.by_amina, now=NOW)
    lifecycle.release(match, "offer", by=street.by_dee, now=NOW)
    assert db.session.scalars(select(MatchDetails)).all() == []


@pytest.mark.parametrize("state", ["proposed", "disputed"])
def test_no_address_is_taken_before_it_is_agreed_or_when_it_is_over(street, state):
    match = getattr(street, state)()
    with pytest.raises(Refused) as refused:
        lifecycle.set_address(match, "12 Elm Street", by=street.by_amina, now=NOW)
    assert refused.value.facts["state"] == state


def test_what_is_sealed_cannot_be_read_in_the_database(street):
    street.agreed()
    kept = db.session.execute(select(Person.name_sealed, Person.phone_sealed, Person.email_sealed)).all()
    assert [
        word for word in (b"Amina", b"416", b"dee@") for row in kept for cell in row if word in (cell or b"")
    ] == []


def looked(by, times, now=NOW):
    for _ in range(times):
        happened("look", by=by, now=now, reason="match")


@pytest.mark.parametrize(("via", "most"), [("account", 5), ("link", 5)])
def test_helper_looks_five_times_a_day(street, via, most):
    match, by = street.agreed(), actor_of(street.dee, "helper" if via == "account" else "neighbour", via)
    for _ in range(most):
        assert contact.look(match, "offer", by=by, now=NOW).value == "416 555 0142"
    with pytest.raises(Refused) as refused:
        contact.look(match, "offer", by=by, now=NOW)
    assert (refused.value.reason, refused.value.facts) == ("looked_enough", {"most": 5})
    assert len(contact.looks_at(street.amina)) == most


def test_day_of_the_cap_is_twenty_four_hours_whatever_zone_a_steward_sets(street):
    match, a_day_later = street.agreed(), NOW + timedelta(hours=24)
    looked(street.by_dee, 5)
    street.network.timezone = "Asia/Yakutsk"  # where it is midnight just then
    for at, shown in (
        (NOW, "looked_enough"),
        (a_day_later - SECOND, "looked_enough"),
        (a_day_later, "416 555 0142"),
    ):
        assert looks(street, match, "offer", at) == shown


def test_coordinator_looks_two_hundred_and_fifty_times_a_day(street):
    looked(street.by_bo, 249)
    contact.look_early(street.amina, street.need, by=street.by_bo, reason="safety", now=NOW)
    with pytest.raises(Refused) as refused:
        contact.look_early(street.amina, street.need, by=street.by_bo, reason="safety", now=NOW)
    assert (refused.value.reason, refused.value.facts) == ("looked_enough", {"most": 250})


def test_looks_of_others_do_not_count(street):
    looked(street.by_bo, 9)
    looked(street.by_amina, 9)
    assert looks(street, street.agreed(), "offer") == "416 555 0142"


def test_neighbour_looks_at_who_comes_to_them_as_often_as_they_like(street):
    match = street.agreed()
    assert {looks(street, match, "need") for _ in range(7)} == {"dee@example.org"}


def test_two_looks_at_once_are_not_both_the_last(street):
    """The second waits for the first, and then counts it."""
    match = street.agreed()
    with count_queries() as asked:
        contact.look(match, "offer", by=street.by_dee, now=NOW)
    counting = [n for n, query in enumerate(asked) if "count(" in query]
    locking = [n for n, query in enumerate(asked) if "FOR UPDATE" in query or db.engine.name == "sqlite"]
    assert len(counting) == 1
    assert locking[0] < counting[0]
