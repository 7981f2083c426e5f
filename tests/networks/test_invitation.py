"""Accepting an invitation."""

from datetime import timedelta

import pytest
from bs4 import BeautifulSoup

from mutualaid.db import db
from mutualaid.networks import verbs
from tests.factories import NOW, PASSWORD, make_account, make_member, make_network

ANSWERS = {"name": "Dee", "password": PASSWORD}


@pytest.fixture
def network(app):
    return make_network()


def invited(network, email="dee@example.org", role="helper"):
    member, token = verbs.add_member(network, email, role, now=NOW)
    return member, f"/invitation/{token}"


def test_invitation_that_is_only_looked_at_stays_good(client, network):
    member, url = invited(network)
    for _ in range(3):
        page = client.get(url)
        assert page.status_code == 200
        assert network.name in page.text
    db.session.refresh(member)
    assert (member.joined_at, member.account.password_hash) == (None, None)


def test_invitation_sets_name_and_password_and_signs_in(client, network):
    member, url = invited(network)
    answer = client.post(url, data=ANSWERS)
    assert (answer.status_code, answer.location) == (303, "/")
    assert client.get("/").location == "/garrison/near/"
    db.session.refresh(member)
    assert (member.joined_at, member.person.name) == (NOW, "Dee")
    client.post("/sign-out")
    signed_in = client.post("/sign-in", data={"email": "dee@example.org", "password": PASSWORD})
    assert signed_in.status_code == 303


def test_invitation_is_used_once(client, app, network):
    _, url = invited(network)
    client.post(url, data=ANSWERS)
    second = app.test_client()
    assert second.get(url).status_code == 404
    assert second.post(url, data={"name": "Eve", "password": "four words of mine"}).status_code == 404
    assert second.post("/sign-in", data={"email": "dee@example.org", "password": PASSWORD}).status_code == 303


def test_invitation_with_a_weak_password_keeps_the_name_and_stays_good(client, network):
    _, url = invited(network)
    answer = client.post(url, data={"name": "Dee", "password": "short"})
    page = BeautifulSoup(answer.text, "html.parser")
    assert page.select_one("#name")["value"] == "Dee"
    assert page.select_one("#password-fix").text.strip().startswith("This is too short.")
    assert client.post(url, data=ANSWERS).status_code == 303


def test_invitation_ends_after_14_days(client, network, clock):
    _, url = invited(network)
    clock.shift(timedelta(days=14).total_seconds())
    answer = client.get(url)
    assert answer.status_code == 404
    assert answer.text == client.get("/invitation/nothing").text


def test_invitation_to_a_recalled_mandate_leads_nowhere(client, network):
    member, url = invited(network)
    verbs.recall_member(member, now=NOW)
    assert client.post(url, data=ANSWERS).status_code == 404


def test_invitation_for_an_account_in_use_asks_to_sign_in_and_joins(client, network):
    chris = make_member(make_network("other"), name="Chris")
    member, url = invited(network, chris.account.email, "coordinator")
    page = BeautifulSoup(client.get(url).text, "html.parser")
    assert page.select_one("main form") is None
    assert page.select_one("main a")["href"] == f"/sign-in?next={url}"
    client.sign_in(chris)
    assert BeautifulSoup(client.get(url).text, "html.parser").select("[name=password]") == []
    assert client.post(url, data={"name": "Chris"}).status_code == 303
    db.session.refresh(member)
    assert (member.joined_at, member.person.name) == (NOW, "Chris")


def test_invitation_never_changes_the_password_of_an_account_in_use(client, network):
    account = make_account("chris@example.org")
    before = account.password_hash
    member, url = invited(network, "chris@example.org")
    client.post(url, data={"name": "Eve", "password": "four words of mine"})
    client.sign_in(make_account("eve@example.org"))
    client.post(url, data={"name": "Eve", "password": "four words of mine"})
    db.session.refresh(member)
    db.session.refresh(account)
    assert (account.password_hash, member.joined_at) == (before, None)


def test_invitation_to_one_network_opens_no_other(client, network):
    """Whoever holds a link of a second network does not get the place that waits in the first."""
    waiting, _ = invited(network, "dee@example.org", "steward")
    _, url = invited(make_network("other"), "dee@example.org")
    client.post(url, data=ANSWERS)
    db.session.refresh(waiting)
    assert waiting.stands(NOW) is False
    assert client.get("/garrison/members").status_code == 404
    assert client.get("/other/near/").status_code == 200
