"""Accepting an invitation."""

from datetime import timedelta

import pytest
from bs4 import BeautifulSoup

from mutualaid.db import db
from mutualaid.networks import verbs
from tests.factories import NOW, PASSWORD, code_now, make_account, make_member, make_network

ANSWERS = {"name": "Dee", "password": PASSWORD}


@pytest.fixture
def network(app):
    return make_network()


def invited(network, email="dee@example.org", role="helper"):
    member, token = verbs.add_member(network, email, role, now=NOW)
    return member, f"/invitation/{token}"


def test_invitation_that_is_only_looked_at_opens_nothing_and_stays_good(client, network):
    """Programs that look through mail open every link."""
    member, url = invited(network)
    for _ in range(3):
        page = client.get(url)
        assert page.status_code == 200
        assert network.name not in page.text
    assert client.get("/invitation").status_code == 404
    for _ in range(3):
        assert client.show_link(url).location == "/invitation"
        assert network.name in client.get("/invitation").text
    db.session.refresh(member)
    assert (member.joined_at, member.account.password_hash) == (None, None)


def test_invitation_sets_name_and_password_and_signs_in(client, network):
    member, url = invited(network)
    client.show_link(url)
    answer = client.post("/invitation", data=ANSWERS)
    assert (answer.status_code, answer.location) == (303, "/")
    assert client.get("/").location == "/garrison/near/"
    db.session.refresh(member)
    assert (member.joined_at, member.person.name) == (NOW, "Dee")
    client.post("/sign-out")
    signed_in = client.post("/sign-in", data={"email": "dee@example.org", "password": PASSWORD})
    assert signed_in.status_code == 303


def test_invitation_is_used_once(client, app, network):
    _, url = invited(network)
    second, third = app.test_client(), app.test_client()
    second.show_link(url)
    client.show_link(url)
    client.post("/invitation", data=ANSWERS)
    eve = {"name": "Eve", "password": "four words of mine"}
    assert third.show_link(url).status_code == 404
    assert (second.get("/invitation").status_code, third.get("/invitation").status_code) == (404, 404)
    assert second.post("/invitation", data=eve).status_code == 404
    assert second.post("/sign-in", data={"email": "dee@example.org", "password": PASSWORD}).status_code == 303


def test_invitation_with_a_weak_password_keeps_the_name_and_stays_good(client, network):
    _, url = invited(network)
    client.show_link(url)
    answer = client.post("/invitation", data={"name": "Dee", "password": "short"})
    page = BeautifulSoup(answer.text, "html.parser")
    assert page.select_one("#name")["value"] == "Dee"
    assert page.select_one("#password-fix").text.strip().startswith("This is too short.")
    assert client.post("/invitation", data=ANSWERS).status_code == 303


def test_invitation_ends_after_14_days(client, network, clock):
    _, url = invited(network)
    client.show_link(url)
    clock.shift(timedelta(days=14).total_seconds())
    assert client.get("/invitation").status_code == 404
    answer, nothing = client.show_link(url), client.show_link("/invitation/nothing")
    assert answer.status_code == 404
    assert answer.text == nothing.text


def test_invitation_to_a_recalled_mandate_leads_nowhere(client, network):
    member, url = invited(network)
    client.show_link(url)
    verbs.recall_member(member, now=NOW)
    assert client.post("/invitation", data=ANSWERS).status_code == 404


def test_invitation_for_an_account_in_use_asks_to_sign_in_and_joins(client, network):
    chris = make_member(make_network("other"), name="Chris")
    member, url = invited(network, chris.account.email, "coordinator")
    client.show_link(url)
    page = BeautifulSoup(client.get("/invitation").text, "html.parser")
    assert page.select_one("main form") is None
    assert page.select_one("main a")["href"] == "/sign-in?next=/invitation"
    client.post("/sign-in", data={"email": "chris@example.org", "password": PASSWORD, "next": "/invitation"})
    assert client.post("/sign-in/second", data={"code": code_now()}).location == "/invitation"
    assert BeautifulSoup(client.get("/invitation").text, "html.parser").select("[name=password]") == []
    assert client.post("/invitation", data={"name": "Chris"}).status_code == 303
    db.session.refresh(member)
    assert (member.joined_at, member.person.name) == (NOW, "Chris")


def test_invitation_never_changes_the_password_of_an_account_in_use(client, network):
    account = make_account("chris@example.org")
    before = account.password_hash
    member, url = invited(network, "chris@example.org")
    client.show_link(url)
    client.post("/invitation", data={"name": "Eve", "password": "four words of mine"})
    client.sign_in(make_account("eve@example.org"))
    client.post("/invitation", data={"name": "Eve", "password": "four words of mine"})
    db.session.refresh(member)
    db.session.refresh(account)
    assert (account.password_hash, member.joined_at) == (before, None)


def test_invitation_to_one_network_opens_no_other(client, network):
    """Whoever holds a link of a second network does not get the place that waits in the first."""
    waiting, _ = invited(network, "dee@example.org", "steward")
    _, url = invited(make_network("other"), "dee@example.org")
    client.show_link(url)
    client.post("/invitation", data=ANSWERS)
    db.session.refresh(waiting)
    assert waiting.stands(NOW) is False
    assert client.get("/garrison/members").status_code == 404
    assert client.get("/other/near/").status_code == 200


def test_older_link_ends_with_a_newer_one(client, app, network):
    """It may have been made for another role, and be in other hands."""
    _, first = invited(network)
    _, second = invited(network, role="coordinator")
    assert app.test_client().show_link(first).status_code == 404
    assert client.show_link(second).location == "/invitation"


def test_link_to_another_network_stays(client, network):
    _, url = invited(network)
    invited(make_network("other"))
    assert client.show_link(url).location == "/invitation"


def test_invitation_sets_no_first_password_of_whoever_leads_elsewhere(client, network):
    """As after a network has moved here: whoever invites them could else be them there."""
    bo = make_member(make_network("other"))
    bo.account.password_hash = None
    _, url = invited(network, bo.account.email)
    client.show_link(url)
    assert "please sign in with it first" in client.post("/invitation", data=ANSWERS).text
    db.session.refresh(bo.account)
    assert bo.account.password_hash is None


def test_recalling_who_never_joined_signs_nobody_out(client, network):
    bo = make_member(make_network("other"))
    client.sign_in(bo)
    member, _ = invited(network, bo.account.email)
    verbs.recall_member(member, now=NOW)
    db.session.commit()
    assert client.get("/other/desk").status_code == 200
