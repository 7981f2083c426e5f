"""Passkeys: made, used to sign in alone, and refused when anything about the answer is not right."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import select

from mutualaid.db import db
from mutualaid.people import second
from mutualaid.people.models import AccountSession, Passkey
from tests.factories import make_member, make_network
from tests.people.authenticator import PRESENT, Device

OPENS_NOTHING = "This passkey opens nothing here."


@pytest.fixture
def dee(app):
    return make_member(make_network(), "helper", name="Dee")


def asked(client, path="/sign-in/challenge"):
    return client.post(path).json


def make_passkey(client, device, **how):
    return client.post(
        "/account/passkeys",
        data={"passkey": device.make(asked(client, "/account/passkeys/challenge"), **how)},
    )


def come(client, answer):
    return client.post("/sign-in", data={"passkey": answer})


@pytest.fixture
def device(client, dee):
    """Dee's, with a passkey for here."""
    made = Device()
    assert "Your recovery codes" in make_passkey(client.sign_in(dee), made).text
    client.post("/sign-out")
    return made


def is_in(client):
    return client.get("/garrison/near/").status_code == 200


def test_browser_is_asked_for_a_passkey_that_opens_alone(client, dee):
    options = asked(client.sign_in(dee), "/account/passkeys/challenge")
    assert options["rp"] == {"id": "localhost", "name": "localhost"}
    assert options["authenticatorSelection"]["residentKey"] == "required"
    assert options["authenticatorSelection"]["userVerification"] == "required"
    assert (options["attestation"], len(options["challenge"])) == ("none", 43)
    sign_in = asked(client)
    assert (sign_in["rpId"], sign_in["userVerification"]) == ("localhost", "required")
    assert sign_in.get("allowCredentials", []) == []  # nobody is named


def test_passkey_alone_signs_in_again_and_again(client, device, dee):
    for _ in range(2):
        assert come(client, device.answer(asked(client))).location == "/"
        assert is_in(client)
        client.post("/sign-out")
    assert db.session.scalars(select(Passkey.sign_count)).one() == 2


def test_second_passkey_brings_no_new_codes(client, device, dee):
    client.sign_in(dee)
    assert make_passkey(client, Device()).location == "/account/"
    assert (len(second.passkeys(dee.account)), second.codes_left(dee.account)) == (2, 10)
    assert len(asked(client, "/account/passkeys/challenge")["excludeCredentials"]) == 2


@pytest.mark.parametrize("wrong", ["origin", "host", "unverified", "unknown", "challenge", "copied"])
def test_answer_that_is_not_right_opens_nothing(client, device, wrong):
    flags = {}
    come(client, device.answer(asked(client)))
    client.post("/sign-out")
    options = asked(client)
    if wrong == "origin":
        device.origin = "http://localhost:9000"
    elif wrong == "host":
        device.host = "elsewhere.example"
    elif wrong == "unverified":
        flags = {"flags": PRESENT}
    elif wrong == "unknown":
        device.id = b"0" * 32
    elif wrong == "challenge":
        options = options | {"challenge": "A" * 43}
    elif wrong == "copied":
        device.count -= 1
    assert OPENS_NOTHING in come(client, device.answer(options, **flags)).text
    assert not is_in(client)


@pytest.mark.parametrize(
    "nonsense",
    [
        "x",
        "{}",
        "[]",
        "null",
        '{"id": "AA", "rawId": "AA", "type": "public-key", "response": {}}',
        '{"id": 7}',
        "[" * 200_000,
    ],
    ids=lambda nonsense: nonsense[:20],
)
def test_nonsense_opens_nothing(client, device, nonsense):
    asked(client)
    assert OPENS_NOTHING in come(client, nonsense).text


def test_answer_with_broken_parts_opens_nothing(client, device):
    for part in ("clientDataJSON", "authenticatorData", "signature"):
        answer = json.loads(device.answer(asked(client)))
        answer["response"][part] = answer["response"][part][:-6]
        assert OPENS_NOTHING in come(client, json.dumps(answer)).text


def test_question_is_answered_once_even_from_a_copy_of_the_browser(client, app, device):
    device.count = -1  # a device that does not count: only the question tells
    answer = device.answer(asked(client))
    with client.session_transaction() as session:
        before = dict(session)
    assert come(client, answer).location == "/"
    copy = app.test_client()
    with copy.session_transaction() as session:
        session.update(before)
    assert OPENS_NOTHING in come(copy, answer).text
    assert OPENS_NOTHING in come(client, answer).text


def test_question_of_another_browser_is_not_answered_here(client, app, device):
    other = app.test_client()
    asked(other)
    assert OPENS_NOTHING in come(other, device.answer(asked(client))).text


@pytest.mark.parametrize(("minutes", "opens"), [(4.9, True), (5, False)])
def test_question_ends_after_five_minutes(client, device, clock, minutes, opens):
    options = asked(client)
    clock.shift(timedelta(minutes=minutes))
    come(client, device.answer(options))
    assert is_in(client) is opens


@pytest.mark.parametrize("wrong", ["origin", "unverified", "late", "nothing", "deep"])
def test_passkey_that_was_not_made_here_is_not_kept(client, dee, clock, wrong):
    client.sign_in(dee)
    device = Device("http://evil.example" if wrong == "origin" else "http://localhost:8000")
    made = device.make(
        asked(client, "/account/passkeys/challenge"), **({"flags": PRESENT} if wrong == "unverified" else {})
    )
    if wrong == "late":
        clock.shift(timedelta(minutes=5))
    sent = {"nothing": "", "deep": "[" * 200_000}.get(wrong, made)
    assert client.post("/account/passkeys", data={"passkey": sent}).status_code == 303
    assert second.passkeys(dee.account) == []


def test_passkey_of_one_is_not_taken_by_another(client, app, device, dee):
    bo = make_member(make_network("other"), "helper")
    other = app.test_client().sign_in(bo)
    assert make_passkey(other, device).location == "/account/passkeys"
    assert (second.passkeys(bo.account), len(second.passkeys(dee.account))) == ([], 1)


def test_removing_the_last_passkey_takes_the_codes_along(client, device, dee):
    client.sign_in(dee)
    (row,) = second.passkeys(dee.account)
    client.post(f"/account/passkeys/{row.id}/remove")
    assert (second.is_there(dee.account), second.codes_left(dee.account)) == (False, 0)
    assert OPENS_NOTHING in come(client, device.answer(asked(client))).text


def test_nobody_removes_the_passkey_of_another(client, device, dee):
    bo = make_member(make_network("other"), "helper")
    (row,) = second.passkeys(dee.account)
    client.sign_in(bo).post(f"/account/passkeys/{row.id}/remove")
    assert len(second.passkeys(dee.account)) == 1


def test_fifty_misses_close_the_place_they_come_from(client, device):
    for _ in range(50):
        assert come(client, "x").status_code == 200
    assert come(client, device.answer(asked(client))).status_code == 429
    assert db.session.scalars(select(AccountSession)).all() == []
