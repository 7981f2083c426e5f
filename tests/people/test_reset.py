"""A new password by email."""

import json
import re

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import select

from mutualaid.db import db
from mutualaid.notices.models import Notice
from mutualaid.people import accounts
from tests.factories import NOW, PASSWORD, make_account, make_member, make_network

NEW = "otters under the bridge"


@pytest.fixture
def bo(app):
    return make_member(make_network())


def ask(client, email):
    return client.post("/reset", data={"email": email})


def sign_in(client, password):
    return client.post("/sign-in", data={"email": "bo@example.org", "password": password}).status_code


def test_reset_is_answered_alike_with_and_without_an_account(client, bo):
    known, unknown = ask(client, "BO@example.org"), ask(client, "nobody@example.org")
    assert (known.status_code, known.text) == (unknown.status_code, unknown.text)
    assert "If this email has an account here, a link is on its way." in known.text
    notice = db.session.scalars(select(Notice)).one()
    assert (notice.person_id, notice.kind, notice.channel) == (bo.person_id, "reset", "email")


def test_reset_is_owed_three_times_an_hour_at_most(client, bo, clock):
    answers = {ask(client, "bo@example.org").text for _ in range(6)}
    assert len(answers) == 1
    assert len(db.session.scalars(select(Notice)).all()) == 3
    clock.shift(3600)
    ask(client, "bo@example.org")
    assert len(db.session.scalars(select(Notice)).all()) == 4


def test_who_asks_for_many_resets_is_turned_away(client, bo):
    for number in range(20):
        assert ask(client, f"a{number}@example.org").status_code == 200
    assert ask(client, "bo@example.org").status_code == 429


def test_account_without_a_network_is_owed_nothing(client, app):
    make_account("lonely@example.org")
    ask(client, "lonely@example.org")
    assert db.session.scalars(select(Notice)).all() == []


def test_reset_is_written_in_the_name_of_a_network_they_joined(client, bo):
    """Anybody who leads somewhere can invite an email, for longer, too."""
    elsewhere = make_member(make_network("elsewhere"), account=bo.account, days=360)
    elsewhere.joined_at = None
    db.session.commit()
    ask(client, "bo@example.org")
    assert db.session.scalars(select(Notice)).one().network_id == bo.network_id


def test_reset_link_sets_a_password_once_and_ends_other_sessions(client, app, bo):
    token = accounts.mint_token(bo.account, "reset", NOW)
    other = app.test_client().sign_in(bo)
    for _ in range(2):
        assert client.get(f"/reset/{token}").status_code == 200
        assert client.show_link(f"/reset/{token}").location == "/reset/choose"
        assert client.get("/reset/choose").status_code == 200
    answer = client.post("/reset/choose", data={"password": NEW})
    assert (answer.status_code, answer.location) == (303, "/sign-in")
    assert other.get("/garrison/members").status_code == 302
    assert client.show_link(f"/reset/{token}").status_code == 404
    assert client.post("/reset/choose", data={"password": "yet another one here"}).status_code == 404
    assert (sign_in(client, PASSWORD), sign_in(client, NEW)) == (200, 303)


def test_weak_password_is_explained_and_the_link_stays_good(client, bo):
    token = accounts.mint_token(bo.account, "reset", NOW)
    client.show_link(f"/reset/{token}")
    answer = client.post("/reset/choose", data={"password": "bo@example.org"})
    fix = BeautifulSoup(answer.text, "html.parser").select_one("#password-fix").text.strip()
    assert fix == "This is your email. Take something that nobody can guess."
    assert client.post("/reset/choose", data={"password": NEW}).status_code == 303


def test_reset_link_ends_after_an_hour_and_says_what_to_do(client, bo, clock):
    token = accounts.mint_token(bo.account, "reset", NOW)
    client.show_link(f"/reset/{token}")
    clock.shift(3600)
    assert client.get("/reset/choose").status_code == 404
    answer, nothing = client.show_link(f"/reset/{token}"), client.show_link("/reset/nothing")
    assert answer.status_code == 404
    assert BeautifulSoup(answer.text, "html.parser").select_one("main a")["href"] == "/reset"
    assert answer.text == nothing.text


def test_invitation_resets_no_password(client, bo):
    token = accounts.mint_token(bo.account, "invitation", NOW, network_id=bo.network_id)
    assert client.show_link(f"/reset/{token}").status_code == 404
    client.show_link(f"/invitation/{token}")
    assert client.get("/reset/choose").status_code == 404


def test_reset_link_that_is_only_looked_at_opens_nothing(client, bo):
    """Programs that look through mail open every link; and what is real looks like what is not."""
    token = accounts.mint_token(bo.account, "reset", NOW)
    pages = {client.get(f"/reset/{shown}").text.replace(shown, "") for shown in (token, "x" * len(token))}
    assert len({re.sub('name="csrf_token" value="[^"]*"', "", page) for page in pages}) == 1
    assert client.get("/reset/choose").status_code == 404


@pytest.mark.parametrize("purpose", ["reset", "invitation"])
def test_no_address_after_the_button_and_no_cookie_holds_the_token(client, bo, purpose):
    token = accounts.mint_token(bo.account, purpose, NOW, network_id=bo.network_id)
    onward = client.show_link(f"/{purpose}/{token}")
    page = client.get(onward.location)
    assert page.status_code == 200
    with client.session_transaction() as session:
        kept = json.dumps(dict(session))
    assert [token in where for where in (onward.location, page.text, kept)] == [False] * 3
