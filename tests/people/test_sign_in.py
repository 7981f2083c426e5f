"""Signing in and out, leaving quickly."""

from datetime import timedelta

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import event, func, select
from sqlalchemy.exc import OperationalError

from mutualaid.db import db
from mutualaid.people import accounts, limits
from mutualaid.people.models import AccountSession, Attempt
from tests.factories import NOW, PASSWORD, code_now, make_account, make_member, make_network, make_person

WRONG = "This email and password do not go together."


@pytest.fixture
def network(app):
    return make_network()


def sign_in(client, email, password=PASSWORD, **more):
    return client.post("/sign-in", data={"email": email, "password": password, **more})


def words(response):
    """The page without what differs each time."""
    page = BeautifulSoup(response.text, "html.parser")
    for field in page.select("[name=csrf_token], [name=email]"):
        field["value"] = ""
    return str(page)


@pytest.mark.parametrize(
    ("role", "place"),
    [("helper", "/garrison/near/"), ("coordinator", "/garrison/desk"), ("steward", "/garrison/desk")],
)
def test_sign_in_leads_to_where_one_works(client, network, role, place):
    make_member(network, role, email="bo@example.org")
    answer = sign_in(client, "Bo@Example.org")
    if role != "helper":
        assert (answer.status_code, answer.location) == (303, "/sign-in/second")
        answer = client.post("/sign-in/second", data={"code": code_now()})
    assert (answer.status_code, answer.location) == (303, "/")
    assert client.get("/").location == place


def test_sign_in_with_several_networks_leads_to_the_list_of_ones_own(client, network):
    bo = make_member(network)
    make_member(make_network("other", name="Other Side"), "helper", account=bo.account)
    make_network("third", name="Third")
    client.sign_in(bo)
    page = BeautifulSoup(client.get("/").text, "html.parser")
    own = page.find("h2", string="Your networks").find_parent("section")
    assert [(a["href"], a.text) for a in own.select("a")] == [
        ("/garrison/desk", "Garrison Creek Neighbours"),
        ("/other/near/", "Other Side"),
    ]


def test_sign_in_goes_on_to_where_one_was_going(client, network):
    make_member(network, "helper")
    asked = client.get("/garrison/near/?x=1")
    assert (asked.status_code, asked.location) == (302, "/sign-in?next=/garrison/near/?x%3D1")
    form = BeautifulSoup(client.get(asked.location).text, "html.parser")
    going = form.select_one("[name=next]")["value"]
    assert sign_in(client, "bo@example.org", next=going).location == "/garrison/near/?x=1"


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example", "/\\evil.example", "/\t/evil.example"]
)
def test_sign_in_never_leads_to_another_site(client, network, elsewhere):
    make_member(network, "helper")
    assert sign_in(client, "bo@example.org", next=elsewhere).location == "/"


@pytest.mark.parametrize("password", [PASSWORD + "!", PASSWORD.upper(), "x"])
def test_wrong_password_and_unknown_email_get_the_same_answer(client, network, password):
    make_member(network, "helper")
    known, unknown = (
        sign_in(client, "bo@example.org", password),
        sign_in(client, "nobody@example.org", password),
    )
    assert (known.status_code, unknown.status_code) == (200, 200)
    assert WRONG in known.text
    assert words(known) == words(unknown)
    assert client.get("/garrison/near/").status_code == 302


def test_account_without_a_password_does_not_open(client, network):
    make_account("new@example.org", password=None)
    assert WRONG in sign_in(client, "new@example.org", "None").text


def test_ten_wrong_passwords_close_an_account_for_a_quarter_of_an_hour(client, network, clock):
    make_member(network, "helper")
    for _ in range(10):
        assert sign_in(client, "bo@example.org", "wrong").status_code == 200
    assert sign_in(client, "bo@example.org").status_code == 429
    clock.shift(timedelta(minutes=15))
    assert sign_in(client, "bo@example.org").status_code == 303


def test_unknown_email_is_closed_alike(client, network):
    for _ in range(10):
        assert sign_in(client, "nobody@example.org", "wrong").status_code == 200
    assert sign_in(client, "nobody@example.org", "wrong").status_code == 429


def test_fifty_wrong_passwords_from_one_place_close_it_for_every_account(client, network):
    make_member(network, "helper")
    for _ in range(49):
        limits.take("client", limits.client("127.0.0.1", NOW), now=NOW, limit=50)
    assert sign_in(client, "nobody@example.org", "x").status_code == 200
    assert sign_in(client, "bo@example.org").status_code == 429
    elsewhere = {"REMOTE_ADDR": "203.0.113.9"}
    data = {"email": "bo@example.org", "password": PASSWORD}
    assert client.post("/sign-in", data=data, environ_overrides=elsewhere).status_code == 303


def test_right_password_leaves_no_trace(client, network):
    make_member(network, "helper")
    sign_in(client, "bo@example.org")
    assert db.session.scalar(select(func.count()).select_from(Attempt)) == 0


def test_a_new_password_ends_other_sessions(client, network):
    bo = make_member(network, "helper")
    client.sign_in(bo)
    assert client.get("/garrison/near/").status_code == 200
    accounts.set_password(bo.account, "another four words here", now=bo.starts_at)
    assert client.get("/garrison/near/").status_code == 302


def test_sign_out_forgets_everyone_but_the_language(client, network):
    client.sign_in(make_member(network, "helper")).enter(make_person(network))
    client.post("/language", data={"language": "es"})
    assert client.post("/sign-out").location == "/"
    with client.session_transaction() as session:
        session.pop("csrf_token", None)
        assert dict(session) == {"language": "es"}


def test_sign_out_by_address_or_without_token_does_nothing(client, network):
    client.sign_in(make_member(network, "helper"))
    assert client.get("/sign-out", follow_redirects=True).status_code == 404
    assert client.post("/sign-out", forged=True).status_code == 400
    assert client.get("/garrison/near/").status_code == 200


def test_leave_forgets_everything_and_shows_a_page_without_us(client, network):
    client.sign_in(make_member(network, "helper")).enter(make_person(network))
    answer = client.post("/leave", forged=True)
    assert (answer.status_code, answer.location) == (303, "/away")
    assert answer.headers["Clear-Site-Data"] == '"cache", "cookies", "storage"'
    with client.session_transaction() as session:
        assert dict(session) == {}
    page = client.get("/away")
    assert page.headers["Cache-Control"] == "no-store"
    assert "<title>Notes</title>" in page.text
    for word in ("mutual", "garrison", "neighbour", "aid", "help", "static"):
        assert word not in page.text.lower()


def test_leave_cannot_be_asked_for_by_another_site(client, network):
    client.sign_in(make_member(network, "helper"))
    answer = client.post("/leave", forged=True, headers={"Sec-Fetch-Site": "cross-site"})
    assert "Clear-Site-Data" not in answer.headers
    assert client.get("/garrison/near/").status_code == 200


def test_sign_in_left_empty_names_what_is_missing(client):
    page = BeautifulSoup(client.post("/sign-in").text, "html.parser")
    told = [link.get_text() for link in page.select(".summary li a")]
    assert told == ["Your email: Please fill this in.", "Your password: Please fill this in."]


@pytest.mark.parametrize("step", ["password", "code", "passkey"])
def test_nobody_comes_in_where_tries_cannot_be_written_down(client, network, step):
    """Right or wrong: the limit that cannot count refuses, in plain words."""

    def fail(_connection, _cursor, statement, *_rest):
        if statement.startswith("INSERT INTO attempt"):
            raise OperationalError(statement, {}, OSError("No space left on device"))

    make_member(network)
    if step == "code":
        sign_in(client, "bo@example.org")
    event.listen(db.engine, "before_cursor_execute", fail)
    answer = {
        "password": lambda: sign_in(client, "bo@example.org"),
        "code": lambda: client.post("/sign-in/second", data={"code": code_now()}),
        "passkey": lambda: client.post("/sign-in", data={"passkey": "{}"}),
    }[step]()
    event.remove(db.engine, "before_cursor_execute", fail)
    assert (answer.status_code, "We cannot save anything just now" in answer.text) == (503, True)
    assert client.get("/garrison/members").status_code == 302
    assert db.session.scalars(select(AccountSession)).all() == []
