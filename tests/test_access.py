"""Reads the app itself: every route says who may use it, and strangers learn nothing."""

import inspect
import re

import pytest
from flask import Flask

from mutualaid.aid.models import MatchDetails
from mutualaid.db import db
from tests.factories import make_category, make_member, make_need, make_network, make_person
from tests.pages import make_town

TOKEN = re.compile(rb'(name="csrf_token"[^>]*value|value)="[^"]+"')


def views(app):
    return {rule.endpoint: app.view_functions[rule.endpoint] for rule in app.url_map.iter_rules()}


def unmarked(app):
    return [name for name, view in views(app).items() if name != "static" and not hasattr(view, "permission")]


def test_every_route_has_a_permission_or_is_public(app):
    assert unmarked(app) == []


def test_a_route_without_a_mark_is_found():
    app = Flask("planted")
    app.add_url_rule("/open", "open_to_all", lambda: "")
    assert unmarked(app) == ["open_to_all"]


def test_every_view_that_says_inside_asks_inside(app):
    """`@permission_inside` is a promise that `require` (or a loader that calls it) stands in the view."""
    for name, view in views(app).items():
        if getattr(view, "permission", "") == "inside":
            source = inspect.getsource(inspect.unwrap(view))
            assert re.search(r"\brequire\(|\bload\(|_act\(|own_post\(|\bget_\w+\(|_of\(", source), name


def test_nothing_that_changes_something_answers_to_get(app):
    """A link, a preview or a scanner opens with GET; only POST may do anything."""
    for rule in app.url_map.iter_rules():
        assert rule.methods <= {"GET", "HEAD", "OPTIONS", "POST"}, rule


def plain(answer):
    """Status and page, without the token that differs in every answer."""
    return answer.status_code, TOKEN.sub(b"", answer.data)


def test_another_networks_post_looks_like_none(client):
    bo = make_member(make_network())
    other = make_network("chris")
    foreign = make_need(make_person(other, "Chris"), make_category(other))
    client.sign_in(bo)
    assert plain(client.get(f"/garrison/desk/{foreign.id}")) == plain(client.get("/garrison/desk/1"))
    assert client.get("/garrison/desk/1").status_code == 404


def test_strangers_match_looks_like_none(client):
    town = make_town()
    client.enter(make_person(town.network, "Mallory"))
    for page in ("consent", "decline", "confirm", "deliver", "contact", "retract"):
        there, nowhere = (client.post(f"/garrison/matches/{n}/{page}") for n in (town.agreed.id, 1))
        assert plain(there) == plain(nowhere)
        assert there.status_code == 404
    assert town.agreed.state == "agreed"


def test_strangers_post_looks_like_none(client):
    town = make_town()
    client.enter(make_person(town.network, "Mallory"))
    there, nowhere = (client.post(f"/garrison/mine/posts/{n}/withdraw") for n in (town.need.id, 1))
    assert (plain(there), there.status_code) == (plain(nowhere), 404)


def test_helper_sees_no_desk(client):
    town = make_town()
    client.sign_in(town.dee)
    assert plain(client.get("/garrison/desk")) == plain(client.get("/garrison/nothing"))


@pytest.mark.parametrize("who", ["bo", "dee"])
def test_only_stewards_open_the_settings(client, who):
    client.sign_in(getattr(make_town(), who))
    for page in ("settings", "settings/ranking"):
        assert client.get(f"/garrison/{page}").status_code == 404


def test_member_of_another_network_is_a_stranger_here(client):
    make_town()
    chris = make_member(make_network("chris"), "steward", name="Chris")
    client.sign_in(chris)
    for page in ("desk", "settings", "near/", "members", "phone"):
        assert client.get(f"/garrison/{page}").status_code == 404


def test_post_without_its_token_changes_nothing(client):
    town = make_town()
    client.enter(town.amina)
    answer = client.post(f"/garrison/mine/posts/{town.need.id}/withdraw", forged=True)
    assert (answer.status_code, town.need.state) == (400, "open")


def test_code_alone_neither_erases_nor_shows_contact(client):
    town = make_town()
    client.enter(town.amina, via="code")
    assert client.post(f"/garrison/matches/{town.agreed.id}/contact").status_code == 404
    client.post("/garrison/mine/erase")
    assert town.amina.erased_at is None


def test_only_whoever_receives_the_visit_says_where_to_come(client):
    """The one who comes could else send the other to a place of their choice."""
    town = make_town()
    page = f"/garrison/matches/{town.agreed.id}/address"
    client.sign_in(town.dee)
    assert client.get(page).status_code == 404
    assert client.post(page, data={"address": "Behind the station"}).status_code == 404
    assert db.session.get(MatchDetails, (town.network.id, town.agreed.id)) is None
    client.enter(town.amina).post(page, data={"address": "12 Elm Street"})
    assert db.session.get_one(MatchDetails, (town.network.id, town.agreed.id)).address == "12 Elm Street"


def test_personal_pages_are_not_kept_by_browsers(client):
    town = make_town()
    answer = client.enter(town.amina).get("/garrison/mine/")
    assert answer.headers["Cache-Control"] == "no-store"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Referrer-Policy"] == "no-referrer"


def test_forms_work_over_https_where_no_page_tells_where_it_was_sent_from(client):
    """`Referrer-Policy: no-referrer` stands on every page, so no browser says it."""
    make_network()
    answer = client.post("/garrison/code", data={"code": "7KM4 RXQ2"}, base_url="https://localhost")
    assert (answer.status_code, answer.headers["Referrer-Policy"]) == (200, "no-referrer")
    assert client.post("/garrison/code", base_url="https://localhost", forged=True).status_code == 400
