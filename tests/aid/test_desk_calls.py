"""Calls to make: whom, what to say, and what came of it."""

from datetime import timedelta

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import select

from mutualaid.aid import lifecycle
from mutualaid.aid.models import Match
from mutualaid.db import db
from mutualaid.events.models import Event
from mutualaid.notices.models import Notice
from mutualaid.notices.outbox import owe
from mutualaid.people.contact import set_email, set_phone
from tests.aid.desk_cast import Desk, last_event, only_match, verbs, words
from tests.aid.street import HOUR
from tests.factories import NOW, make_area, make_member, make_network, make_person


@pytest.fixture
def desk(client):
    return Desk(client)


@pytest.fixture
def call(desk):
    """Amina has a phone and no email, so whoever proposes somebody to her owes her a call."""
    desk.proposed()
    return db.session.scalars(select(Notice).where(Notice.channel == "call")).one()


def test_call_to_make_is_listed_with_whom_and_why(desk, call):
    page = desk.get(queue="calls")
    assert words(page.h1) == "Calls to make 1"
    assert (
        words(page.select_one(".rows li")) == "Amina Someone can help: yes or no? · 1 hour · safe: mornings"
    )


def test_call_page_says_what_to_say_and_no_number(desk, call):
    page = desk.get(f"/calls/{call.id}")
    assert "Someone can help. Ask if that suits them" in words(page.main)
    assert "416 555 0142" not in words(page)


def test_number_is_shown_for_a_look_to_call(desk, call):
    page = BeautifulSoup(desk.post(f"/calls/{call.id}/number").data, "html.parser")
    assert "416 555 0142" in words(page.main)
    event = last_event()
    assert (event.verb, event.reason, event.person_id) == ("look", "call", desk.amina.id)


def test_called_ends_the_call_and_leads_to_where_the_answer_is_written_down(desk, call):
    answer = desk.post(f"/calls/{call.id}/called")
    assert answer.location.startswith(f"/garrison/desk/{desk.need.id}")
    assert desk.told(answer) == "Noted: they were called. What did they say?"
    assert (desk.fresh(call).outcome, verbs()[-1]) == ("called", "called")


def test_no_answer_brings_it_back_tomorrow_morning(desk, call):
    assert desk.told(desk.post(f"/calls/{call.id}/no-answer")) == "Noted. It comes back tomorrow morning."
    assert desk.fresh(call).send_after == NOW.replace(hour=14) + timedelta(days=1)  # nine in Toronto
    assert "Calls to make" not in words(desk.get(queue="new").select_one(".queues"))


def test_second_coordinator_is_told_that_somebody_has_called(desk, call, app):
    ines = make_member(desk.network, name="Inês", email="ines@example.org")
    second = app.test_client().sign_in(ines)
    desk.post(f"/calls/{call.id}/called")
    said = desk.told(desk.post(f"/calls/{call.id}/called", client=second), client=second)
    assert said == "Somebody has called already. Nothing was changed by you."
    assert verbs().count("called") == 1


def test_call_about_no_post_leads_to_their_newest(desk):
    notice = owe(desk.amina, "link_again", now=NOW)
    db.session.flush()
    links = [link.get("href") for link in desk.get(f"/calls/{notice.id}").find_all("a")]
    assert f"/garrison/desk/{desk.need.id}?queue=calls" in links


def test_lost_code_is_called_about_where_its_person_posted_and_nowhere_else(desk, app):
    junction = make_area(desk.network, "Junction", at=(43.66, -79.47))
    ines = make_member(desk.network, name="Inês", email="ines@example.org", areas=(junction,))
    eli = make_member(desk.network, name="Eli", email="eli@example.org", areas=(desk.area,))
    owe(desk.amina, "link_again", now=NOW)
    db.session.flush()
    calls = [
        [
            words(row)
            for row in desk.get(client=app.test_client().sign_in(who), queue="calls").select(".rows li")
        ]
        for who in (ines, eli)
    ]
    assert calls == [[], ["Amina A new link · 0 minutes · safe: mornings"]]


def test_email_is_not_a_call(desk):
    notice = owe(desk.dee, "still_offer", now=NOW, post_id=desk.offer.id)
    db.session.flush()
    assert desk.client.get(f"/garrison/desk/calls/{notice.id}").status_code == 404


def test_email_that_was_not_sent_is_shown(desk):
    owe(desk.dee, "still_offer", now=NOW, post_id=desk.offer.id)
    page = desk.get(queue="unsent")
    assert (
        words(page.select_one(".rows li")) == "Dee Still offered? · 0 minutes · kept: no mail server is set"
    )


@pytest.mark.parametrize("act", ["number", "called", "no-answer"])
def test_calls_one_may_not_make_are_the_404_of_none(desk, call, app, act):
    junction = make_area(desk.network, "Junction", at=(43.66, -79.47))
    ines = make_member(desk.network, name="Inês", email="ines@example.org", areas=(junction,))
    of_area = app.test_client().sign_in(ines)
    elsewhere = make_network("junction", name="Junction")
    theirs = owe(make_person(elsewhere, "Chris", phone="416 555 0143"), "link_again", now=NOW)
    db.session.flush()
    before = verbs()
    for client, notice in ((of_area, call), (desk.client, theirs)):
        answer, nothing = (desk.post(f"/calls/{n}/{act}", client=client) for n in (notice.id, 12345))
        assert (answer.status_code, answer.data) == (404, nothing.data)
    assert verbs() == before


@pytest.fixture
def agreed_call(desk):
    """Dee said yes by link, Amina is told by phone that both did: a coordinator has to read it out to her."""
    desk.dee.hours = "evenings"
    match = desk.proposed(2)
    lifecycle.consent(match, "need", by=desk.by_amina, now=NOW - HOUR)
    lifecycle.consent(match, "offer", by=desk.by_dee, now=NOW - HOUR)
    return the_call("agreed_need")


def the_call(kind):
    return db.session.scalars(select(Notice).where(Notice.channel == "call", Notice.kind == kind)).one()


def number_of(desk, notice):
    return words(BeautifulSoup(desk.post(f"/calls/{notice.id}/number").data, "html.parser").main)


def test_call_after_both_said_yes_says_who_what_and_when_but_not_how_to_reach_them(desk, agreed_call):
    page = words(desk.get(f"/calls/{agreed_call.id}").main)
    for told in ("Groceries, 2 boxes", "any time", "Their name is Dee", "Dee comes to Amina"):
        assert told in page, told
    assert "dee@example.org" not in page


def test_look_for_a_call_after_both_said_yes_shows_both_ways_and_each_person_can_see_it(desk, agreed_call):
    page = number_of(desk, agreed_call)
    assert ("416 555 0142" in page, "dee@example.org" in page) == (True, True)
    assert "Nobody has said yet where to come." in page
    looks = [
        (event.person_id, event.reason)
        for event in db.session.scalars(select(Event).where(Event.verb == "look").order_by(Event.id))
    ]
    assert sorted(looks) == sorted([(desk.amina.id, "call"), (desk.dee.id, "match")])


def test_helper_who_is_called_hears_where_to_come(desk):
    set_email(desk.dee, "")
    set_phone(desk.dee, "416 555 0177", "CA")
    desk.dee.reach = "call"
    match = desk.agreed()
    lifecycle.set_address(match, "12 Elm Road, ring at Ortiz", by=desk.by_amina, now=NOW - HOUR)
    page = number_of(desk, the_call("agreed_offer"))
    assert ("12 Elm Road, ring at Ortiz" in page, "416 555 0142" in page) == (True, True)


def test_nobody_is_read_out_to_whom_they_do_not_want_to_meet(desk, agreed_call):
    match = db.session.get(Match, (desk.network.id, agreed_call.match_id))
    lifecycle.never_match(match, "offer", by=desk.by_dee, now=NOW)
    assert "dee@example.org" not in number_of(desk, agreed_call)


def test_yes_is_given_on_the_page_of_the_call(desk, call):
    page = desk.get(f"/calls/{call.id}")
    for told in ("Groceries, 3 boxes", "Their name is Dee", "Less than 1 km away", "any time"):
        assert told in words(page.main), told
    form = page.select_one('form[action*="/yes"]')
    fields = {tag["name"]: tag["value"] for tag in form.find_all("input") if tag["name"] == "side"}
    assert words(form) == "Amina said yes on the phone"
    answer = desk.client.post(form["action"], data=fields)
    assert desk.told(answer) == "Noted: Amina said yes."
    assert only_match().need_yes_at == NOW


def test_post_opened_from_a_call_keeps_the_calls_beside_it(desk, call):
    page = desk.get(f"/{desk.need.id}", queue="calls")
    assert words(page.select_one("#list-title")) == "Calls to make 1"
    assert [words(row.a) for row in page.select(".rows li.on")] == ["Amina"]
