"""What is delicate asks whether it is still them: half an hour after a sign-in, and nothing typed is lost."""

import json
from datetime import timedelta

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import select

from mutualaid.db import db
from mutualaid.events.models import Event
from mutualaid.people.models import AccountSession
from tests.factories import NOW, PASSWORD, code_now, make_member
from tests.pages import make_town
from tests.people.authenticator import Device

RECENT = timedelta(minutes=30)
LATER = NOW + RECENT


@pytest.fixture
def town(app):
    return make_town()


def again(client, **answers):
    return client.post("/sign-in/again", data={"kept": "", "next": "", **answers})


def fields(answer):
    """Where the page's form goes, and what it carries along unseen."""
    form = BeautifulSoup(answer.text, "html.parser").select_one("main form")
    hidden = {tag["name"]: tag.get("value") or "" for tag in form.select("input[type=hidden]")}
    return form["action"], {name: value for name, value in hidden.items() if name != "csrf_token"}


def looks():
    return db.session.scalars(select(Event).where(Event.verb == "look")).all()


def test_every_delicate_view_asks(app):
    """A view that is added to what is delicate is added here; one that lost its mark is found."""
    marked = {name for name, view in app.view_functions.items() if hasattr(view, "recent")}
    assert marked == {
        *(
            f"account.{name}"
            for name in ("app", "remove_app", "challenge", "passkey", "remove_passkey", "codes")
        ),
        *(f"members.{name}" for name in ("invite", "change", "recall", "invite_again")),
        *(f"members.{name}" for name in ("say_yes", "say_no", "take_back")),
        *("desk_posts.look", "desk_posts.code", "desk_calls.number", "desk_messages.read"),
        "steward.settings",
    }


@pytest.mark.parametrize("path", ["/garrison/mine/code", "/garrison/mine/erase"])
def test_members_own_link_is_made_and_they_are_erased_only_by_whoever_has_just_signed_in(
    client, town, clock, path
):
    """A link outlives the sign-in that it was made with; what is erased does not come back."""
    client.sign_in(town.dee)
    clock.shift(RECENT)
    asked = client.post(path)
    assert (asked.status_code, asked.location) == (307, f"/sign-in/again?next={path}")
    client.sign_in(town.dee)
    assert client.post(path).status_code in (200, 303)


@pytest.mark.parametrize(("minutes", "asks"), [(29.9, False), (30, True)])
def test_page_is_asked_for_after_half_an_hour(client, town, clock, minutes, asks):
    client.sign_in(town.ines)
    clock.shift(timedelta(minutes=minutes))
    page = client.get("/garrison/members/invite")
    assert (page.status_code, page.location) == (
        (302, "/sign-in/again?next=/garrison/members/invite") if asks else (200, None)
    )


def test_password_and_code_lead_back_and_the_half_hour_begins_anew(client, town, clock):
    client.sign_in(town.ines)
    clock.shift(RECENT)
    _, kept = fields(client.get("/sign-in/again?next=/garrison/members/invite"))
    answer = client.post(
        "/sign-in/again", data=kept | {"kept": "", "password": PASSWORD, "code": code_now(LATER)}
    )
    assert (answer.status_code, answer.location) == (303, "/garrison/members/invite")
    clock.shift(RECENT - timedelta(seconds=1))
    assert client.get("/garrison/members/invite").status_code == 200


@pytest.mark.parametrize(
    "wrong",
    [{"password": "wrong"}, {"code": "000000"}, {"password": "wrong", "code": "000000"}, {"passkey": "x"}],
)
def test_one_wrong_part_is_not_enough_and_nobody_learns_which(client, town, clock, wrong):
    client.sign_in(town.ines)
    clock.shift(RECENT)
    answer = again(client, **{"password": PASSWORD, "code": code_now(LATER)} | wrong)
    assert answer.status_code == 200
    assert ("That was not right." in answer.text) is ("passkey" not in wrong)
    assert client.get("/garrison/members/invite").status_code == 302


def test_helper_without_a_second_way_shows_the_password(client, town, clock):
    client.sign_in(town.dee)
    clock.shift(RECENT)
    assert BeautifulSoup(client.get("/sign-in/again").text, "html.parser").select("[name=code]") == []
    assert again(client, password=PASSWORD, next="/account/app").location == "/account/app"


def test_token_of_before_ends(client, app, town, clock):
    client.sign_in(town.dee)
    with client.session_transaction() as session:
        before = dict(session)
    clock.shift(RECENT)
    again(client, password=PASSWORD)
    copy = app.test_client()
    with copy.session_transaction() as session:
        session.update(before)
    assert (copy.get("/garrison/near/").status_code, client.get("/garrison/near/").status_code) == (302, 200)
    assert len(db.session.scalars(select(AccountSession)).all()) == 1


def test_what_was_being_sent_goes_on_with_all_that_was_typed(client, town, clock):
    client.sign_in(town.bo)
    clock.shift(RECENT)
    path = f"/garrison/desk/{town.need.id}/look?queue=needs"
    sent = client.post(path, data={"reason": "safety"})
    assert (sent.status_code, looks()) == (307, [])
    asked = client.post(sent.location, data={"reason": "safety"})  # as a browser does
    assert asked.status_code == 200
    _, kept = fields(asked)
    assert (kept["next"], json.loads(kept["kept"])) == (path, [["reason", "safety"]])
    wrong = client.post("/sign-in/again", data=kept | {"password": "wrong", "code": "1"})
    assert json.loads(fields(wrong)[1]["kept"]) == [["reason", "safety"]]
    to, going = fields(
        client.post("/sign-in/again", data=kept | {"password": PASSWORD, "code": code_now(LATER)})
    )
    assert (to, going["reason"]) == (path, "safety")
    assert "416 555 0101" in client.post(to, data=going).text
    assert [look.reason for look in looks()] == ["safety"]


def test_every_answer_is_kept_but_no_password(client, town, clock):
    client.sign_in(town.ines)
    clock.shift(RECENT)
    data = {
        "email": "eve@example.org",
        "role": "helper",
        "months": "3",
        "areas": ["1", "2"],
        "password": "secret",
    }
    asked = client.post(client.post("/garrison/members/invite", data=data).location, data=data)
    kept = json.loads(fields(asked)[1]["kept"])
    assert ["areas", "2"] in kept
    assert "password" not in dict(kept)


def test_kept_answers_that_are_none_are_refused(client, town, clock):
    client.sign_in(town.dee)
    for nonsense in ("x", "7", "[7]", '[["a"]]', "[" * 200_000):
        assert again(client, password=PASSWORD, kept=nonsense).status_code == 400


def test_asking_again_never_leads_to_another_site(client, town):
    client.sign_in(town.dee)
    assert again(client, password=PASSWORD, next="//evil.example").location == "/"


def test_passkey_shows_it_too_but_only_ones_own(client, app, town, clock):
    devices = {}
    for who in (town.dee, make_member(town.network, "helper", name="Gita")):
        other = app.test_client().sign_in(who)
        devices[who.id] = device = Device()
        options = other.post("/account/passkeys/challenge").json
        other.post("/account/passkeys", data={"passkey": device.make(options)})
    clock.shift(RECENT)
    mine, theirs = devices.values()
    other = app.test_client().sign_in(town.dee)
    clock.shift(RECENT)
    for device, opens in ((theirs, False), (mine, True)):
        answer = device.answer(other.post("/sign-in/challenge").json)
        assert (again(other, passkey=answer, next="/account/app").location == "/account/app") is opens


def test_signed_out_visitor_is_asked_to_sign_in(client, town):
    assert client.get("/sign-in/again?next=/x").location.startswith("/sign-in?next=")
    assert client.post(f"/garrison/desk/{town.need.id}/look").location == "/sign-in"


def test_helper_looks_at_a_contact_after_half_an_hour_only_once_they_showed_it(client, town, clock):
    path = f"/garrison/matches/{town.agreed.id}/contact"
    client.sign_in(town.dee)
    clock.shift(RECENT)
    assert client.post(path).status_code == 307
    again(client, password=PASSWORD)
    assert "416 555 0101" in client.post(path).text


def test_neighbour_by_link_is_never_asked(client, town, clock):
    client.enter(town.amina)
    clock.shift(timedelta(hours=5))
    assert client.post(f"/garrison/matches/{town.agreed.id}/contact").status_code == 200


def test_stranger_to_a_match_is_not_asked_but_finds_nothing(client, town, clock):
    client.sign_in(make_member(town.network, "helper", name="Mallory"))
    clock.shift(RECENT)
    assert client.post(f"/garrison/matches/{town.agreed.id}/contact").status_code == 404
