"""What the two sides of a match write to each other: who reads it, when, and until when."""

from datetime import timedelta

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import delete, event, func, select

from mutualaid.aid import lifecycle
from mutualaid.aid.lifecycle import Refused, write_message
from mutualaid.aid.lifecycle.due import do_what_is_due
from mutualaid.aid.lifecycle.table import MESSAGES_A_DAY, NEW_WRITTEN_TO_A_DAY
from mutualaid.aid.messages.models import Message
from mutualaid.aid.messages.queries import messages_of
from mutualaid.db import db
from mutualaid.notices.models import Notice
from mutualaid.notices.words import letter
from mutualaid.people import limits
from tests.aid.desk_cast import filled_in, verbs, words
from tests.aid.street import Street
from tests.aid.talk import NUMBER, owed, page_of, said
from tests.factories import NOW, actor_of, make_category, make_need, make_offer, make_person

DAY, HOUR, SECOND = timedelta(days=1), timedelta(hours=1), timedelta(seconds=1)
HELLO = "Is three fine?"


@pytest.fixture
def street(client):
    return Street()


def send(client, person, match, text, via="link", **more):
    client.enter(person, via)
    return client.post(f"/garrison/matches/{match.id}/messages", data={"text": text} | more)


def texts():
    db.session.expire_all()
    return [
        (row.side, row.text, row.state) for row in db.session.scalars(select(Message).order_by(Message.id))
    ]


@pytest.mark.parametrize("via", ["link", "code"])
def test_each_side_writes_and_the_other_reads(street, client, via):
    match = street.proposed()
    assert send(client, street.dee, match, HELLO, via).location == f"/garrison/matches/{match.id}/messages"
    send(client, street.amina, match, "Yes, thank you.", via)
    assert texts() == [("offer", HELLO, "sent"), ("need", "Yes, thank you.", "sent")]
    for person in (street.amina, street.dee):
        assert said(page_of(client, person, match, via)) == [HELLO, "Yes, thank you."]


def test_page_says_how_many_came_and_nothing_of_what_they_say(street, client):
    match = street.proposed()
    send(client, street.dee, match, HELLO)
    send(client, street.dee, match, NUMBER)
    page = client.enter(street.amina).get("/garrison/mine/").text
    assert ("1 message from them" in page, HELLO in page) == (True, False)
    assert "Write to them here" in client.enter(street.dee).get("/garrison/mine/").text


def test_same_form_sent_twice_is_one_message(street, client):
    match = street.proposed()
    form = filled_in(page_of(client, street.dee, match)) | {"text": HELLO}
    for _ in range(2):
        assert client.post(f"/garrison/matches/{match.id}/messages", data=form).status_code == 303
    assert texts() == [("offer", HELLO, "sent")]
    assert filled_in(page_of(client, street.dee, match))["once"] != form["once"]


@pytest.mark.parametrize("text", ["", "x" * 501])
def test_what_cannot_be_sent_is_kept_on_the_page(street, client, text):
    match = street.proposed()
    answer = send(client, street.dee, match, text, once="7")
    page = BeautifulSoup(answer.data, "html.parser")
    assert (answer.status_code, filled_in(page)) == (200, {"text": text, "once": "7"})
    assert texts() == []


@pytest.mark.parametrize("once", ["", "seven", "-1", "9" * 30])
def test_form_without_a_proper_number_is_sent_all_the_same(street, client, once):
    assert send(client, street.dee, street.proposed(), HELLO, once=once).status_code == 303
    assert texts() == [("offer", HELLO, "sent")]


def test_message_that_is_gone_the_moment_it_is_kept_breaks_nothing(street, client):
    """The match ends, or somebody is erased, between the two."""
    match = street.proposed()

    def gone(_session):
        with db.engine.begin() as another:
            another.execute(delete(Message))

    event.listen(db.session, "after_commit", gone)
    try:
        answer = send(client, street.dee, match, HELLO)
    finally:
        event.remove(db.session, "after_commit", gone)
    assert (answer.status_code, texts()) == (303, [])


def test_what_was_written_is_sealed(street, client):
    send(client, street.dee, street.proposed(), HELLO)
    assert b"three" not in db.session.scalar(select(Message.text_sealed))


def test_strangers_find_no_messages(street, client):
    match = street.proposed()
    send(client, street.dee, match, HELLO)
    for who in (
        make_person(street.network, "Mallory"),
        make_person(street.network, "Eve", phone="416 555 0198"),
    ):
        client.enter(who)
        assert client.get(f"/garrison/matches/{match.id}/messages").status_code == 404
        assert client.post(f"/garrison/matches/{match.id}/messages", data={"text": "x"}).status_code == 404
    coordinator = client.enter(street.amina).sign_in(street.bo)  # who has a link of somebody, too
    with coordinator.session_transaction() as session:
        del session[f"guest:{street.network.id}"]
    assert coordinator.get(f"/garrison/matches/{match.id}/messages").status_code == 404
    assert len(texts()) == 1


# What is held


def test_number_before_both_said_yes_waits_for_a_coordinator(street, client):
    match = street.proposed()
    send(client, street.dee, match, NUMBER)
    assert "A coordinator reads it first." in words(page_of(client, street.dee, match).main)
    assert (said(page_of(client, street.amina, match)), owed(street.amina)) == ([], ["proposed_need"])


@pytest.mark.parametrize(
    ("text", "state"), [(NUMBER, "sent"), ("Bring 20 dollars", "held"), ("example.com", "held")]
)
def test_once_both_said_yes_numbers_go_straight_and_money_and_links_do_not(street, text, state):
    assert write_message(street.agreed(), "need", text, once=1, now=NOW).state == state


@pytest.mark.parametrize("text", [NUMBER, "I am @deehelps.", "dee@example.org", "Come to 12 King St."])
def test_code_alone_opens_no_way_to_reach_somebody(street, client, text):
    match = street.agreed()
    send(client, street.dee, match, text)
    for person in (street.amina, street.dee):
        assert text not in words(page_of(client, person, match, "code").main)
        assert text in words(page_of(client, person, match, "link").main)


# Until when


def closed(match, now=NOW):
    with pytest.raises(Refused) as refused:
        write_message(match, "offer", HELLO, once=99, now=now)
    return refused.value.reason


@pytest.mark.parametrize("verb", ["decline", "retract", "lapse"])
def test_after_a_proposal_that_came_to_nothing_nobody_writes_or_reads(street, client, clock, verb):
    match, end = street.proposed(), NOW + 2 * DAY
    write_message(match, "need", HELLO, once=1, now=NOW)
    if verb == "decline":
        lifecycle.decline(match, "need", by=street.by_amina, now=end)
    else:
        getattr(lifecycle, verb)(match, by=street.by_bo, now=end)
    assert closed(match, end) == "messages_closed"
    clock.move_to(end)
    assert said(page_of(client, street.dee, match)) == []
    do_what_is_due(end)
    assert texts() == []


def test_nobody_writes_once_the_time_to_answer_is_over(street):
    match = street.proposed()
    write_message(match, "offer", HELLO, once=1, now=match.lease_until - SECOND)
    assert closed(match, match.lease_until) == "messages_closed"


@pytest.mark.parametrize("verb", ["release", "confirm"])
def test_messages_go_on_until_14_days_after_the_end_and_are_deleted_then(street, client, clock, verb):
    match = street.agreed()
    if verb == "release":
        lifecycle.release(match, "offer", by=street.by_dee, now=NOW)
    else:
        lifecycle.confirm(match, by=street.by_amina, now=NOW)
    write_message(match, "offer", HELLO, once=1, now=NOW + 14 * DAY - SECOND)
    assert closed(match, NOW + 14 * DAY) == "messages_closed"
    do_what_is_due(NOW + 14 * DAY - SECOND)
    assert len(texts()) == 1
    do_what_is_due(NOW + 14 * DAY)
    assert texts() == []


def test_dispute_after_silence_keeps_what_was_written(street):
    match = street.delivered()
    lifecycle.confirm(match, by=street.by_bo, now=NOW, by_silence=True)
    write_message(match, "offer", HELLO, once=1, now=NOW)
    lifecycle.dispute(match, by=street.by_amina, now=NOW)
    do_what_is_due(NOW + 20 * DAY)
    assert len(texts()) == 1


@pytest.mark.parametrize("who", ["amina", "dee"])
@pytest.mark.parametrize("how", ["never", "erase", "end_contact"])
def test_whoever_ends_it_leaves_nothing_to_read(street, client, who, how):
    match = street.delivered()
    for side in ("need", "offer"):
        write_message(match, side, "Bring $5", once=1, now=NOW)
        write_message(match, side, HELLO, once=2, now=NOW)
    person, other = (street.amina, street.dee) if who == "amina" else (street.dee, street.amina)
    by = actor_of(person)
    if how == "never":
        lifecycle.never_match_person(person, other, by=by, now=NOW)
    elif how == "erase":
        lifecycle.erase(person, by=by, now=NOW)
    else:
        lifecycle.end_contact(match, by=by, now=NOW)
    assert (texts(), closed(match)) == ([], "messages_closed")
    page = page_of(client, other, match)
    assert (said(page), page.find("textarea")) == ([], None)
    assert "Nothing can be written here any more." in words(page.main)


def test_what_was_typed_when_it_ended_meanwhile_is_still_there(street, client):
    match = street.proposed()
    lifecycle.retract(match, by=street.by_bo, now=NOW)
    page = BeautifulSoup(send(client, street.dee, match, HELLO).data, "html.parser")
    assert (filled_in(page)["text"], texts()) == (HELLO, [])
    assert "It was not sent." in words(page.find(role="alert"))


# How much, and how one hears of it


def test_twenty_a_day_from_one_side_to_the_other(street):
    match = street.agreed()
    for n in range(MESSAGES_A_DAY):
        write_message(match, "offer", HELLO, once=n, now=NOW)
    with pytest.raises(Refused) as refused:
        write_message(match, "offer", HELLO, once=99, now=NOW + DAY - SECOND)
    assert refused.value.reason == "messages_a_day"
    assert write_message(match, "offer", HELLO, once=0, now=NOW).once == 0  # sent before: no new one
    write_message(match, "offer", HELLO, once=100, now=NOW + DAY)


def test_what_one_side_writes_takes_nothing_from_the_other(street):
    match = street.agreed()
    for n in range(MESSAGES_A_DAY):
        write_message(match, "offer", HELLO, once=n, now=NOW)
    mine = write_message(match, "need", "Four, please.", once=0, now=NOW)
    assert (mine.side, mine.text) == ("need", "Four, please.")


def matches_of_dee(street, number):
    rides = make_category(street.network, "rides", unit="rides")
    offer = make_offer(street.dee, rides)
    needs = (make_need(make_person(street.network, f"Fay {n}"), rides) for n in range(number))
    return [lifecycle.propose(need, offer, by=street.by_bo, now=NOW) for need in needs]


def test_whoever_is_new_writes_to_five_people_a_day(street):
    *some, last = matches_of_dee(street, NEW_WRITTEN_TO_A_DAY + 1)
    for match in some:
        write_message(match, "offer", HELLO, once=1, now=NOW)
    with pytest.raises(Refused) as refused:
        write_message(last, "offer", HELLO, once=1, now=NOW)
    assert refused.value.reason == "written_to_a_day"
    write_message(some[0], "offer", HELLO, once=2, now=NOW)
    write_message(last, "need", HELLO, once=1, now=NOW)
    lifecycle.confirm(street.agreed(), by=street.by_amina, now=NOW)
    write_message(last, "offer", HELLO, once=2, now=NOW)


def test_whoever_deletes_what_they_wrote_has_written_all_the_same(street):
    *some, last = matches_of_dee(street, NEW_WRITTEN_TO_A_DAY + 1)
    for match in some:
        write_message(match, "offer", HELLO, once=1, now=NOW)
        lifecycle.never_match(match, "offer", by=street.by_dee, now=NOW)
    limits.forget(NOW + 2 * HOUR)
    with pytest.raises(Refused) as refused:
        write_message(last, "offer", HELLO, once=1, now=NOW + 2 * HOUR)
    assert (texts(), refused.value.reason) == ([], "written_to_a_day")


def test_other_is_told_once_an_hour_and_never_by_a_call(street):
    match = street.proposed()
    write_message(match, "need", HELLO, once=1, now=NOW)
    write_message(match, "need", HELLO, once=2, now=NOW)
    write_message(match, "offer", HELLO, once=1, now=NOW)
    told = db.session.scalars(select(Notice).where(Notice.kind.startswith("message"))).all()
    assert [(notice.kind, notice.person_id) for notice in told] == [("message_offer", street.dee.id)]
    told[0].done_at = NOW
    write_message(match, "need", HELLO, once=3, now=NOW)
    waiting = db.session.scalars(
        select(Notice).where(Notice.kind == "message_offer", Notice.done_at.is_(None))
    ).one()
    assert waiting.send_after == NOW + HOUR


def test_letter_holds_nothing_of_it(app):
    with app.test_request_context("/"):
        text = letter("message_offer", link="https://x.test/a", network="Garrison")
    assert "There is something new to read on your page." in text


def test_history_does_not_say_who_wrote_to_whom(street):
    match = street.agreed()
    before = verbs()
    write_message(match, "need", HELLO, once=1, now=NOW)
    db.session.flush()
    assert (verbs(), db.session.scalar(select(func.count()).select_from(Message))) == (before, 1)
    assert [m.text for m in messages_of(match, "offer")] == [HELLO]
