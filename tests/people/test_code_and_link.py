"""The way in with a code or a private link; a code that is lost."""

import time

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import select

from mutualaid.db import db
from mutualaid.notices.models import Notice
from mutualaid.people.access import new_code, new_link
from tests.factories import NOW, make_network, make_person
from tests.pages import make_town

OPENS_NOTHING = "This code opens nothing here."


@pytest.fixture
def network(app):
    return make_network()


def seat(client, network):
    with client.session_transaction() as session:
        kept = session.get(f"guest:{network.id}")
    return kept and {"person": kept["person"], "via": kept["via"]}


def test_code_opens_ones_page(client, network):
    amina = make_person(network)
    code = new_code(amina)
    answer = client.post("/garrison/code", data={"code": code.lower().replace(" ", "-")})
    assert (answer.status_code, answer.location) == (303, "/garrison/mine/")
    assert seat(client, network) == {"person": str(amina.id), "via": "code"}


def test_wrong_code_opens_nothing_and_stays_in_its_field(client, network):
    answer = client.post("/garrison/code", data={"code": "7KM4 RXQ2"})
    assert OPENS_NOTHING in answer.text
    assert BeautifulSoup(answer.text, "html.parser").select_one("#code")["value"] == "7KM4 RXQ2"
    assert seat(client, network) is None


def test_code_of_another_network_opens_nothing(client, network):
    code = new_code(make_person(make_network("other"), "Chris"))
    assert OPENS_NOTHING in client.post("/garrison/code", data={"code": code}).text


def test_after_ten_misses_no_code_opens_for_an_hour(client, network, clock):
    code = new_code(make_person(network))
    for _ in range(10):
        assert client.post("/garrison/code", data={"code": "0000 0000"}).status_code == 200
    assert client.post("/garrison/code", data={"code": code}).status_code == 429
    assert seat(client, network) is None
    elsewhere = {"REMOTE_ADDR": "203.0.113.9"}
    other = client.post("/garrison/code", data={"code": code}, environ_overrides=elsewhere)
    assert other.status_code == 303
    clock.shift(3600)
    assert client.post("/garrison/code", data={"code": code}).status_code == 303


def test_link_that_is_only_looked_at_opens_nothing(client, network):
    token = new_link(make_person(network), NOW)
    for _ in range(3):
        page = client.get(f"/garrison/link/{token}")
        assert page.status_code == 200
    assert seat(client, network) is None
    form = BeautifulSoup(page.text, "html.parser").select_one("main form")
    assert (form["method"], form["action"]) == ("post", "/garrison/link")
    assert form.select_one("[name=token]")["value"] == token


def test_link_opens_ones_page_again_and_again(client, network):
    amina = make_person(network)
    token = new_link(amina, NOW)
    for _ in range(2):
        answer = client.post("/garrison/link", data={"token": token})
        assert (answer.status_code, answer.location) == (303, "/garrison/mine/")
    assert seat(client, network) == {"person": str(amina.id), "via": "link"}


def test_link_without_our_form_opens_nothing(client, network):
    token = new_link(make_person(network), NOW)
    assert client.post("/garrison/link", data={"token": token}, forged=True).status_code == 400
    assert seat(client, network) is None


@pytest.mark.parametrize("token", ["", "nothing", "ä" * 300])
def test_link_of_nobody_says_what_to_do(client, network, token):
    answer = client.post("/garrison/link", data={"token": token})
    assert answer.status_code == 404
    assert [a["href"] for a in BeautifulSoup(answer.text, "html.parser").select("main a")] == [
        "/garrison/code",
        "/garrison/lost",
    ]


def test_looking_at_a_link_says_nothing_about_whether_it_opens(client, network):
    token = new_link(make_person(network), NOW)
    real, unreal = client.get(f"/garrison/link/{token}"), client.get(f"/garrison/link/{'x' * 22}")
    assert real.status_code == unreal.status_code == 200
    assert real.text.replace(token, "") == unreal.text.replace("x" * 22, "")


def test_code_after_the_link_keeps_what_the_link_allows(client, network):
    amina = make_person(network)
    code = new_code(amina)
    client.enter(amina, "link")
    client.post("/garrison/code", data={"code": code})
    assert seat(client, network) == {"person": str(amina.id), "via": "link"}


def test_code_of_another_person_takes_the_seat_as_a_code(client, network):
    dee = make_person(network, "Dee")
    code = new_code(dee)
    client.enter(make_person(network), "link")
    client.post("/garrison/code", data={"code": code})
    assert seat(client, network) == {"person": str(dee.id), "via": "code"}


def owed(network):
    notices = db.session.scalars(select(Notice).where(Notice.network_id == network.id)).all()
    return sorted((notice.person.name, notice.kind, notice.channel) for notice in notices)


def test_lost_code_is_answered_alike_whoever_asks(client, network):
    make_person(network, email="amina@example.org")
    make_person(network, "Dee", phone="416 555 0142")
    answers = {
        BeautifulSoup(client.post("/garrison/lost", data={"contact": contact}).text, "html.parser").main.text
        for contact in ("amina@example.org", "nobody@example.org", "(416) 555-0142", "+1 416 555 0199")
    }
    assert len(answers) == 1
    assert owed(network) == [("Amina", "link_again", "email"), ("Dee", "link_again", "call")]


@pytest.mark.once
def test_lost_code_is_answered_no_sooner_for_somebody_who_is_not_here(app, client, network, monkeypatch):
    """On a machine that is slow just now every answer is late: so it is looked at how long it would sleep."""
    slept = []
    monkeypatch.setitem(app.config, "TIME_TO_ANSWER", 600)
    monkeypatch.setattr(time, "sleep", slept.append)
    assert client.post("/garrison/lost", data={"contact": "nobody@example.org"}).status_code == 200
    assert [0 < seconds < 600 for seconds in slept] == [True]


def test_lost_code_is_owed_once_however_often_one_asks(client, network):
    make_person(network, email="amina@example.org")
    for _ in range(5):
        assert client.post("/garrison/lost", data={"contact": "AMINA@example.org"}).status_code == 200
    assert owed(network) == [("Amina", "link_again", "email")]


def test_lost_code_is_owed_to_everyone_with_this_contact_but_not_in_other_networks(client, network):
    for name in ("Amina", "Dee"):
        make_person(network, name, phone="416 555 0142")
    other = make_network("other")
    make_person(other, "Chris", phone="416 555 0142")
    client.post("/garrison/lost", data={"contact": "416-555-0142"})
    assert owed(network) == [("Amina", "link_again", "call"), ("Dee", "link_again", "call")]
    assert owed(other) == []


def test_lost_code_of_something_else_is_asked_again(client, network):
    answer = client.post("/garrison/lost", data={"contact": "Amina"})
    page = BeautifulSoup(answer.text, "html.parser")
    assert page.select_one("#contact")["value"] == "Amina"
    assert page.select_one("#contact")["aria-invalid"] == "true"


def test_who_asks_for_many_lost_codes_is_turned_away(client, network):
    for number in range(10):
        client.post("/garrison/lost", data={"contact": f"a{number}@example.org"})
    assert client.post("/garrison/lost", data={"contact": "b@example.org"}).status_code == 429


def test_new_code_and_link_put_everyone_else_out(app, client, network):
    """Somebody who found the link, or sits at it already, must be got rid of by oneself."""
    amina = make_person(network)
    token, code = new_link(amina, NOW), new_code(amina)
    others = [app.test_client() for _ in range(2)]
    assert others[0].post("/garrison/link", data={"token": token}).location == "/garrison/mine/"
    assert others[1].post("/garrison/code", data={"code": code}).location == "/garrison/mine/"
    made = BeautifulSoup(client.enter(amina).post("/garrison/mine/code").text, "html.parser")
    assert client.get("/garrison/mine/").status_code == 200
    for other in others:
        assert other.get("/garrison/mine/").location == "/garrison/code"
    assert others[0].post("/garrison/link", data={"token": token}).status_code == 404
    assert OPENS_NOTHING in others[1].post("/garrison/code", data={"code": code}).text
    again = made.select_one(".coupon .link").text.strip().rsplit("/", 1)[1]
    assert others[0].post("/garrison/link", data={"token": again}).location == "/garrison/mine/"


def test_link_that_was_ended_does_not_make_more_of_a_code(client, network):
    amina = make_person(network)
    client.enter(amina)
    code = new_code(amina)
    client.post("/garrison/code", data={"code": code})
    assert seat(client, network) == {"person": str(amina.id), "via": "code"}


def test_whoever_is_erased_sits_nowhere_any_more(app, client):
    town = make_town()
    elsewhere = app.test_client().enter(town.amina)
    client.enter(town.amina).post("/garrison/mine/erase")
    assert elsewhere.get("/garrison/mine/").location == "/garrison/code"
    assert elsewhere.post(f"/garrison/matches/{town.delivered.id}/confirm").status_code == 404


def test_member_who_erased_themselves_has_no_role(client):
    town = make_town()
    client.sign_in(town.dee)
    client.post("/garrison/mine/erase")
    assert client.get("/garrison/near/").location == "/sign-in?next=/garrison/near/"
    assert client.post(f"/garrison/near/{town.need.id}/claim").location == "/sign-in"


def test_code_made_by_a_coordinator_is_shown_to_its_person(client):
    town = make_town()
    client.sign_in(town.bo).post(f"/garrison/desk/{town.need.id}/code")
    page = BeautifulSoup(client.enter(town.amina).get("/garrison/mine/").text, "html.parser")
    assert "made a new code" in page.select_one("[aria-labelledby=looks]").text
