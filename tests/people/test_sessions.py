"""Where one is signed in: seen, ended one by one, and ended by the clock and by what else happens to a role."""

from datetime import timedelta

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import event, select
from sqlalchemy.exc import OperationalError

from mutualaid.aid import lifecycle
from mutualaid.db import db
from mutualaid.networks import verbs
from mutualaid.networks.ended import end_sessions
from mutualaid.people import accounts, sessions
from mutualaid.people.models import AccountSession
from tests.factories import NOW, PASSWORD, actor_of, make_member, make_network

DAY = timedelta(days=1)


@pytest.fixture
def network(app):
    return make_network()


@pytest.fixture
def dee(network):
    return make_member(network, "helper", name="Dee")


def rows():
    return list(db.session.scalars(select(AccountSession)))


def is_in(client, path="/garrison/near/"):
    return client.get(path).status_code == 200


def stolen(client):
    """What somebody has who copied the cookie."""
    with client.session_transaction() as session:
        return dict(session)


def test_sign_in_makes_a_session_of_which_only_a_hash_is_kept(client, dee):
    client.post("/sign-in", data={"email": "dee@example.org", "password": PASSWORD})
    token = stolen(client)["signed_in"]["token"]
    (row,) = rows()
    assert len(token) == 43  # 256 bits
    assert row.token_hash == sessions.hash_of(token) != token.encode()
    assert (row.created_at, row.proven_at, row.used_on) == (NOW, NOW, NOW.date())


def test_table_of_sessions_holds_nothing_about_where_or_with_what(app):
    assert set(AccountSession.__table__.columns.keys()) == {
        *("id", "account_id", "token_hash", "created_at", "proven_at", "used_on"),
    }


def test_every_sign_in_has_a_token_of_its_own_and_ends_the_one_before(client, dee):
    tokens = set()
    for _ in range(2):
        client.post("/sign-in", data={"email": "dee@example.org", "password": PASSWORD})
        tokens.add(stolen(client)["signed_in"]["token"])
    assert (len(tokens), len(rows())) == (2, 1)


@pytest.mark.parametrize("page", ["/sign-out", "/leave"])
def test_session_is_over_when_signed_out_even_for_a_copy_of_the_cookie(client, app, dee, page):
    client.sign_in(dee)
    copy = app.test_client()
    with copy.session_transaction() as session:
        session.update(stolen(client))
    assert is_in(copy)
    client.post(page)
    assert (is_in(copy), rows()) == (False, [])


def test_leave_forgets_even_when_the_database_fails(client, dee):
    def fail(_connection, _cursor, statement, *_rest):
        if "account_session" in statement:
            raise OperationalError(statement, {}, OSError("No space left on device"))

    client.sign_in(dee)
    db.session.commit()
    event.listen(db.engine, "before_cursor_execute", fail)
    answer = client.post("/leave")
    event.remove(db.engine, "before_cursor_execute", fail)
    assert (answer.location, stolen(client)) == ("/away", {})


@pytest.mark.parametrize(
    ("role", "path", "unused", "whole"),
    [
        ("helper", "/garrison/near/", timedelta(hours=26), timedelta(days=30)),
        ("coordinator", "/garrison/members", timedelta(hours=12), timedelta(days=7)),
        ("steward", "/garrison/members", timedelta(hours=12), timedelta(days=7)),
    ],
)
def test_session_ends_when_unused_and_in_any_case(client, network, clock, role, path, unused, whole):
    member = make_member(network, role, name="Eve")
    client.sign_in(member)
    clock.shift(unused - timedelta(minutes=1))
    assert is_in(client, path)
    clock.shift(unused)
    assert client.get(path).location.startswith("/sign-in")
    client.get("/sign-in")
    assert client.get(path).location.startswith("/sign-in")  # a look at that page wakes nothing
    client.sign_in(member)
    step, gone = timedelta(hours=11), timedelta()
    while gone + step < whole:
        clock.shift(step)
        gone += step
        assert is_in(client, path)
    clock.shift(whole - gone)
    assert client.get(path).location.startswith("/sign-in")


@pytest.mark.parametrize("path", ["/account/", "/chestnut/near/"])
def test_session_of_who_leads_somewhere_rests_no_longer_elsewhere(client, network, clock, path):
    """Else a page of another network would wake it for all that they see here."""
    bo = make_member(network, "coordinator", name="Bo", email="bo@example.org")
    make_member(make_network("chestnut"), "helper", name="Bo", account=bo.account)
    client.sign_in(bo)
    clock.shift(timedelta(hours=12) - timedelta(minutes=1))
    assert is_in(client, path)
    clock.shift(timedelta(hours=12, minutes=1))
    assert client.get(path).location.startswith("/sign-in")
    assert client.get("/garrison/members").location.startswith("/sign-in")


def test_only_the_day_of_the_last_act_is_kept(client, dee, clock):
    client.sign_in(dee)
    clock.shift(timedelta(hours=25))
    client.get("/garrison/near/")
    assert [row.used_on for row in rows()] == [NOW.date()]  # a look changes nothing
    client.post("/garrison/near/settings", data={"per_week": "3"})
    db.session.expire_all()
    assert [row.used_on for row in rows()] == [NOW.date() + DAY]


def test_page_lists_this_browser_and_the_others_and_ends_them(client, app, dee):
    others = [app.test_client().sign_in(dee) for _ in range(3)]
    client.sign_in(dee)
    page = BeautifulSoup(client.get("/account/").text, "html.parser")
    assert [b.text for b in page.select("main li b")] == ["Here, in this browser"] + [
        "In another browser"
    ] * 3
    form = page.select_one(
        "form[action^='/account/sessions/'][action$='/end']:not([action='/account/sessions/end'])"
    )
    client.post(form["action"])
    assert sorted(is_in(other) for other in others) == [False, True, True]
    client.post("/account/sessions/end")
    assert [is_in(other) for other in others] == [False] * 3
    assert is_in(client)


def test_nobody_ends_the_session_of_another(client, network, dee):
    other = make_member(network, name="Bo")
    sessions.begin(other.account, now=NOW)
    db.session.commit()
    theirs = rows()[0].id
    client.sign_in(dee)
    nothing = client.post("/account/sessions/1/end")
    answer = client.post(f"/account/sessions/{theirs}/end")
    assert (answer.status_code, answer.location) == (nothing.status_code, nothing.location)
    assert len(sessions.of_account(other.account_id)) == 1


def test_account_page_asks_strangers_to_sign_in(client, network):
    assert client.get("/account/").location == "/sign-in?next=/account/"
    assert client.post("/account/sessions/end").location == "/sign-in"


def test_sessions_end_when_a_mandate_is_recalled(client, dee):
    client.sign_in(dee)
    verbs.recall_member(dee, now=NOW)
    assert rows() == []


def test_sessions_end_with_another_role_but_not_with_a_longer_one(client, dee):
    client.sign_in(dee)
    verbs.renew(dee, "helper", months=12, now=NOW)
    assert len(rows()) == 1
    verbs.renew(dee, "coordinator", now=NOW)
    assert rows() == []


def test_sessions_end_with_erasing(client, dee):
    client.sign_in(dee)
    lifecycle.erase(dee.person, by=actor_of(dee), now=NOW)
    assert rows() == []


def test_worker_ends_sessions_of_ended_mandates_once(client, network, dee):
    """Whoever signs in after it, for another network, is left alone."""
    make_member(make_network("other"), "helper", account=dee.account)
    client.sign_in(dee)
    db.session.commit()
    ends = dee.ends_at
    assert [end_sessions(at) for at in (ends - timedelta(seconds=1), ends, ends)] == [0, 1, 0]
    sessions.begin(dee.account, now=ends)
    db.session.commit()
    assert (end_sessions(ends + DAY), len(rows())) == (0, 1)


def test_old_sessions_are_forgotten(app, dee):
    sessions.begin(dee.account, now=NOW)
    db.session.commit()
    old = NOW + timedelta(days=30)
    assert [sessions.forget(at) for at in (old - timedelta(seconds=1), old, old)] == [0, 1, 0]


def test_reset_password_ends_sessions_everywhere(client, dee):
    client.sign_in(dee)
    token = accounts.mint_token(dee.account, "reset", NOW)
    client.show_link(f"/reset/{token}")
    client.post("/reset/choose", data={"password": "another four words here"})
    assert (rows(), is_in(client)) == ([], False)
