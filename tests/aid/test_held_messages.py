"""A message that waits: who reads it at the desk, who decides, and what is written down."""

import pytest
from bs4 import BeautifulSoup

from mutualaid.aid import lifecycle
from mutualaid.aid.contact import LOOKS_A_DAY, look_early, looks_at
from mutualaid.aid.lifecycle import Refused, write_message
from mutualaid.db import db
from tests.aid.desk_cast import last_event, verbs, words
from tests.aid.street import Street
from tests.aid.talk import NUMBER, owed, page_of, said
from tests.factories import NOW, actor_of, make_area, make_member, make_network, make_offer


@pytest.fixture
def street(client):
    return Street()


class Desk:
    """Bo at the desk, with a message of Dee's that waits."""

    def __init__(self, street, client, text=NUMBER):
        self.street, self.client = street, client
        self.match = street.proposed()
        self.message = write_message(self.match, "offer", text, once=1, now=NOW)
        client.sign_in(street.bo)

    def post(self, verb):
        answer = self.client.post(f"/garrison/desk/messages/{self.message.id}/{verb}")
        db.session.expire_all()
        return answer


@pytest.fixture
def desk(street, client):
    return Desk(street, client)


def test_desk_shows_who_wrote_to_whom_and_what_it_seems_to_hold(desk, client):
    page = words(BeautifulSoup(client.get("/garrison/desk?queue=held").data, "html.parser").main)
    assert ("Messages to read 1" in page, "Dee → Amina" in page, "a number to call" in page) == (
        True,
        True,
        True,
    )
    shown = client.get(f"/garrison/desk/messages/{desk.message.id}").text
    assert ("0199" in page, "0199" in shown) == (False, False)


def test_reading_counts_with_the_looks_of_a_day(desk, monkeypatch):
    """What is held is often a number."""
    monkeypatch.setitem(LOOKS_A_DAY, "coordinator", 2)
    assert [NUMBER in desk.post("read").text for _ in range(3)] == [True, True, False]
    assert [e.verb for e in looks_at(desk.street.dee)] == ["read", "read"]
    with pytest.raises(Refused) as refused:
        look_early(desk.street.amina, desk.match.need, by=actor_of(desk.street.bo), reason="call", now=NOW)
    assert refused.value.reason == "looked_enough"


def test_each_reading_is_written_down_for_whoever_wrote_it(desk):
    assert NUMBER in desk.post("read").text
    desk.post("read")
    event = last_event()
    assert (event.verb, event.actor_id, event.match_id) == ("read", desk.street.bo.person_id, desk.match.id)
    assert [e.verb for e in looks_at(desk.street.dee)] == ["read", "read"]
    assert looks_at(desk.street.amina) == []
    assert "A coordinator read a message" in desk.client.enter(desk.street.dee).get("/garrison/mine/").text


def test_passed_on_it_is_read_by_the_other_who_is_told(desk, client):
    assert desk.post("pass-on").location == "/garrison/desk?queue=held"
    assert (desk.message.state, desk.message.decided_by_id) == ("sent", desk.street.bo.person_id)
    assert said(page_of(client, desk.street.amina, desk.match)) == [NUMBER]
    assert last_event().verb == "pass_on"


def test_kept_back_the_writer_alone_is_told_without_blame(desk, client):
    desk.post("keep-back")
    assert (desk.message.state, last_event().verb) == ("stopped", "keep_back")
    assert "A coordinator did not pass this on." in words(page_of(client, desk.street.dee, desk.match).main)
    assert said(page_of(client, desk.street.amina, desk.match)) == []
    assert owed(desk.street.dee) == ["proposed_offer", "message_offer"]


@pytest.mark.parametrize("verb", ["pass-on", "keep-back"])
def test_what_is_decided_waits_no_more(desk, client, verb):
    assert "Dee" in client.get("/garrison/desk?queue=held").text
    desk.post(verb)
    client.get("/garrison/desk")  # what it said of that is read
    assert "Dee" not in client.get("/garrison/desk?queue=held").text


@pytest.mark.parametrize("second", ["pass-on", "keep-back", "read"])
def test_it_is_decided_once(desk, client, second):
    desk.post("keep-back")
    before = verbs()
    answer = desk.post(second)
    assert "Somebody was quicker" in client.get(answer.location).text
    assert (desk.message.state, verbs()) == ("stopped", before)


def test_coordinator_of_another_area_or_network_finds_nothing(desk, client):
    far = make_area(desk.street.network, "Weston", (43.70, -79.52))
    ana = make_member(desk.street.network, name="Ana", areas=(far,))
    chris = make_member(make_network("chris"), name="Chris")
    for who in (ana, chris):
        client.sign_in(who)
        for path, ask in (("", client.get), ("/read", client.post), ("/pass-on", client.post)):
            assert ask(f"/garrison/desk/messages/{desk.message.id}{path}").status_code == 404
    assert "Dee" not in client.sign_in(ana).get("/garrison/desk?queue=held").text
    assert "Dee" not in client.sign_in(chris).get("/chris/desk?queue=held").text
    assert desk.message.state == "held"


def test_coordinator_of_either_area_reads_it(street, client):
    far = make_area(street.network, "Weston", (43.70, -79.52))
    street.offer.area_id = far.id
    desk = Desk(street, client)
    client.sign_in(make_member(street.network, name="Ana", areas=(far,)))
    assert NUMBER in desk.post("read").text


def test_nobody_reads_first_what_is_in_a_match_of_their_own(street, client):
    bo = street.bo
    offer = make_offer(bo.person, street.groceries)
    match = lifecycle.propose(street.need, offer, by=actor_of(bo), now=NOW)
    message = write_message(match, "offer", NUMBER, once=1, now=NOW)
    client.sign_in(bo)
    assert client.post(f"/garrison/desk/messages/{message.id}/pass-on").status_code == 404
    assert "somebody else reads it" in client.get("/garrison/desk?queue=held").text
