"""A second way beside the password: an app with codes, recovery codes, and who has to have one."""

import re
from datetime import timedelta

import pyotp
import pytest
from bs4 import BeautifulSoup
from sqlalchemy import select

from mutualaid.db import db
from mutualaid.people import accounts, second
from mutualaid.people.models import Account, RecoveryCode
from tests.factories import NOW, PASSWORD, SECRET, code_now, make_account, make_member, make_network
from tests.people.authenticator import Device

HALF_MINUTE = timedelta(seconds=30)


@pytest.fixture
def network(app):
    return make_network()


@pytest.fixture
def bo(network):
    return make_member(network)


@pytest.fixture
def dee(network):
    return make_member(network, "helper", name="Dee")


def password(client, email="bo@example.org", **more):
    return client.post("/sign-in", data={"email": email, "password": PASSWORD, **more})


def code(client, typed):
    return client.post("/sign-in/second", data={"code": typed})


def soup(answer):
    return BeautifulSoup(answer.text, "html.parser")


def is_in(client):
    return client.get("/garrison/members").status_code == 200


def shown_codes(answer):
    return [tag.text for tag in soup(answer).select(".coupon code")]


def set_up_app(client):
    """As a person does: reads the secret off the page, and types the code that the app shows."""
    page = soup(client.get("/account/app"))
    secret = page.select_one("main code").text.replace(" ", "")
    sealed = page.select_one("[name=secret]")["value"]
    return secret, sealed


def test_password_alone_does_not_open_and_the_code_does(client, bo):
    assert password(client, next="/garrison/members").location == "/sign-in/second"
    assert not is_in(client)
    assert code(client, code_now()).location == "/garrison/members"
    assert is_in(client)


def test_nobody_learns_who_has_a_second_way_before_the_password_is_right(client, bo, dee):
    pages = [
        client.post("/sign-in", data={"email": email, "password": "wrong"})
        for email in ("bo@example.org", "dee@example.org", "nobody@example.org")
    ]
    texts = {
        re.sub(r'(name="csrf_token" value|name="email"[^>]* value)="[^"]*"', "", page.text) for page in pages
    }
    assert ({page.status_code for page in pages}, len(texts)) == ({200}, 1)
    assert client.get("/sign-in/second").location == "/sign-in"


@pytest.mark.parametrize("by", [-1, 0, 1])
def test_code_of_the_step_before_and_after_is_fine(client, bo, by):
    password(client)
    assert code(client, code_now(NOW + by * HALF_MINUTE)).location == "/"


@pytest.mark.parametrize("by", [-2, 2])
def test_code_of_another_time_is_not(client, bo, by):
    password(client)
    assert code(client, code_now(NOW + by * HALF_MINUTE)).status_code == 200


def test_code_may_be_typed_with_a_space(client, bo):
    password(client)
    assert code(client, f"{code_now()[:3]} {code_now()[3:]}").location == "/"


def test_code_is_taken_once_and_so_is_none_before_it(client, app, bo, clock):
    password(client)
    assert code(client, code_now(NOW + HALF_MINUTE)).location == "/"
    other = app.test_client()
    password(other)
    for used in (NOW, NOW + HALF_MINUTE):
        assert code(other, code_now(used)).status_code == 200
    clock.shift(HALF_MINUTE * 2)
    assert code(other, code_now(NOW + 2 * HALF_MINUTE)).location == "/"


def test_code_is_taken_once_by_two_at_the_same_moment(app, bo):
    """Both have read that it was not used; the database lets one."""
    assert second.take(bo.account, code_now(), now=NOW)
    bo.account.totp_step = None  # as the slower one still sees it
    db.session.expunge(bo.account)
    assert not second.take(bo.account, code_now(), now=NOW)


@pytest.mark.parametrize("typed", ["", "000000", "12345", "٣٤٥٦٧٨", "9" * 200, "     "])
def test_what_is_no_code_does_not_open(client, bo, typed):
    password(client)
    assert code(client, typed).status_code == 200
    assert not is_in(client)


def test_five_wrong_codes_close_it_for_a_quarter_of_an_hour(client, app, bo, clock):
    password(client)
    for _ in range(5):
        assert code(client, "000000").status_code == 200
    assert code(client, code_now()).status_code == 429
    elsewhere = app.test_client()
    password(elsewhere)
    assert code(elsewhere, code_now()).status_code == 429
    clock.shift(timedelta(minutes=15))
    assert (
        code(client, code_now(NOW + timedelta(minutes=15))).location == "/sign-in"
    )  # the password was too long ago
    password(client)
    assert code(client, code_now(NOW + timedelta(minutes=15))).location == "/"


def test_half_a_sign_in_ends_after_ten_minutes_and_with_a_new_password(client, bo, clock):
    password(client)
    clock.shift(timedelta(minutes=10))
    assert code(client, code_now(NOW + timedelta(minutes=10))).location == "/sign-in"
    password(client)
    accounts.set_password(bo.account, "another four words here", now=NOW)
    assert code(client, code_now(NOW + timedelta(minutes=10))).location == "/sign-in"


def test_secret_is_sealed_and_the_page_seals_it_too(client, dee):
    secret, sealed = set_up_app(client.sign_in(dee))
    answer = client.post("/account/app", data={"secret": sealed, "code": pyotp.TOTP(secret).at(NOW)})
    assert len(shown_codes(answer)) == 10
    db.session.refresh(dee.account)
    assert (dee.account.totp, secret.encode() in dee.account.totp_sealed) == (secret, False)
    assert secret not in sealed


def test_app_needs_one_right_code_and_keeps_its_secret_until_then(client, dee):
    secret, sealed = set_up_app(client.sign_in(dee))
    again = soup(client.post("/account/app", data={"secret": sealed, "code": "000000"}))
    assert again.select_one("main code").text.replace(" ", "") == secret
    assert not second.is_there(dee.account)


def test_code_that_set_the_app_up_does_not_sign_in(client, dee):
    secret, sealed = set_up_app(client.sign_in(dee))
    shown = pyotp.TOTP(secret).at(NOW)
    client.post("/account/app", data={"secret": sealed, "code": shown})
    client.post("/sign-out")
    password(client, "dee@example.org")
    assert code(client, shown).status_code == 200
    assert code(client, pyotp.TOTP(secret).at(NOW + HALF_MINUTE)).location == "/"


def test_secret_sealed_for_one_account_is_none_for_another(client, app, dee, bo):
    _, sealed = set_up_app(client.sign_in(dee))
    other = app.test_client().sign_in(bo)
    for wrong in (sealed, "x", "AAAA", "////", "²", "/w=="):
        assert other.post("/account/app", data={"secret": wrong, "code": "1"}).status_code == 400


def test_picture_shows_what_the_app_has_to_read(client, dee):
    page = soup(client.sign_in(dee).get("/account/app"))
    address = page.select_one("a[href^='otpauth:']")["href"]
    secret = page.select_one("main code").text.replace(" ", "")
    assert (pyotp.parse_uri(address).secret, pyotp.parse_uri(address).name) == (secret, "dee@example.org")
    side = int(page.select_one("main svg[role=img]")["viewbox"].split()[-1]) - 8
    drawn = page.select_one("main svg[role=img] path[fill='#000']")["d"]
    first_row = {int(x) for x in re.findall(r"M(\d+) 0h", drawn)}
    assert {*range(7), *range(side - 7, side)} <= first_row  # the corners that cameras look for
    assert 7 not in first_row


def test_recovery_code_opens_once_however_it_is_typed(client, dee):
    secret, sealed = set_up_app(client.sign_in(dee))
    codes = shown_codes(
        client.post("/account/app", data={"secret": sealed, "code": pyotp.TOTP(secret).at(NOW)})
    )
    assert {len(one.replace(" ", "")) for one in codes} == {16}  # 80 bits
    client.post("/sign-out")
    for typed, opens in ((codes[0].lower().replace(" ", "-"), True), (codes[0], False), (codes[1], True)):
        password(client, "dee@example.org")
        assert (code(client, typed).location == "/") is opens
        client.post("/sign-out")
    kept = db.session.scalars(select(RecoveryCode.code_hash)).all()
    assert (len(kept), {len(one) for one in kept}) == (8, {32})


def test_recovery_code_of_one_opens_no_other(app, dee, bo):
    codes = second.new_codes(dee.account)
    assert not second.take(bo.account, codes[0], now=NOW)
    assert second.take(dee.account, codes[0], now=NOW)


def test_new_recovery_codes_end_the_old_ones(client, bo):
    old = second.new_codes(bo.account)
    new = shown_codes(client.sign_in(bo).post("/account/codes"))
    assert [second.take(bo.account, one, now=NOW) for one in (old[0], new[0])] == [False, True]


def test_whoever_has_no_second_way_gets_no_codes(client, dee):
    assert client.sign_in(dee).post("/account/codes").location == "/account/"
    assert second.codes_left(dee.account) == 0


def test_helper_who_has_one_is_asked_for_it(client, dee):
    dee.account.totp = SECRET
    assert password(client, "dee@example.org").location == "/sign-in/second"


def test_helper_needs_none(client, dee):
    assert password(client, "dee@example.org").location == "/"
    assert client.get("/garrison/near/").status_code == 200


@pytest.fixture
def bare(network):
    """A coordinator who has only a password."""
    made = make_member(network, "coordinator", name="Eve")
    made.account.totp = None
    return made


def test_coordinator_without_one_gets_only_the_page_to_set_it_up(client, network, bare):
    assert password(client, "eve@example.org").location == "/"
    for page in (
        "/garrison/desk",
        "/garrison/members",
        "/garrison/near/",
        "/garrison/mine/",
        "/garrison/phone",
    ):
        assert (page, client.get(page).location) == (page, "/account/?wanted=1")
    assert client.post("/garrison/desk/many").location == "/account/?wanted=1"
    assert "First a second way to sign in" in client.get("/account/?wanted=1").text
    secret, sealed = set_up_app(client)
    client.post("/account/app", data={"secret": sealed, "code": pyotp.TOTP(secret).at(NOW)})
    assert client.get("/garrison/desk").status_code == 200


def test_public_pages_know_nothing_of_a_role_without_a_second_way(client, network, bare):
    client.sign_in(bare)
    assert "/garrison/desk" not in client.get("/garrison/").text


def test_coordinator_without_one_signs_out_and_leaves(client, bare):
    client.sign_in(bare)
    assert client.post("/leave").location == "/away"
    client.sign_in(bare)
    assert client.post("/sign-out").location == "/"


def test_same_person_is_asked_where_they_coordinate_not_where_they_help(client, bare):
    make_member(make_network("other"), "helper", account=bare.account)
    assert client.sign_in(bare).get("/other/near/").status_code == 200


@pytest.mark.parametrize(("days", "open_"), [(0, True), (13.9, True), (14, False)])
def test_network_may_give_fourteen_days(client, network, bare, clock, days, open_):
    network.second_way_later = True
    clock.shift(timedelta(days=days))
    page = client.sign_in(bare).get("/garrison/desk")
    assert (page.status_code == 200) is open_
    if open_:
        assert "You need a second way to sign in before" in page.text


def test_demo_asks_for_none(client, network, bare):
    network.is_demo = True
    assert client.sign_in(bare).get("/garrison/desk").status_code == 200


def test_removing_the_last_way_closes_the_desk_again(client, bo):
    client.sign_in(bo).post("/account/app/remove")
    assert client.get("/garrison/desk").location == "/account/?wanted=1"


def test_steward_gives_the_time_or_does_not(client, network):
    client.sign_in(make_member(network, "steward"))
    data = {
        "name": "G",
        "timezone": "UTC",
        "lease_hours": "1",
        "urgent_lease_hours": "1",
        "retention_days": "30",
    }
    for ticked in (True, False):
        client.post("/garrison/settings", data=data | ({"second_way_later": "y"} if ticked else {}))
        db.session.refresh(network)
        assert network.second_way_later is ticked


def test_password_is_reset_without_losing_the_second_way(client, bo):
    token = accounts.mint_token(bo.account, "reset", NOW)
    client.show_link(f"/reset/{token}")
    client.post("/reset/choose", data={"password": "another four words here"})
    client.post("/sign-in", data={"email": "bo@example.org", "password": "another four words here"})
    assert not is_in(client)
    assert code(client, code_now()).location == "/"


def test_account_with_a_passkey_alone_is_asked_after_a_password_too(client, dee):
    device = Device()
    options = client.sign_in(dee).post("/account/passkeys/challenge").json
    client.post("/account/passkeys", data={"passkey": device.make(options)})
    client.post("/sign-out")
    assert password(client, "dee@example.org").location == "/sign-in/second"
    assert "Use your passkey" in client.get("/sign-in/second").text
    asked = client.post("/sign-in/challenge").json
    assert client.post("/sign-in/second", data={"passkey": device.answer(asked)}).location == "/"


def test_unknown_email_costs_as_many_statements_as_a_known_one(client, bo, count_queries):
    def statements(email):
        with count_queries() as asked:
            client.post("/sign-in", data={"email": email, "password": "wrong"})
        return [statement.split()[0] for statement in asked]

    statements("first@example.org")
    assert statements("bo@example.org") == statements("nobody@example.org")
    assert db.session.scalars(select(Account)).all() == [bo.account]


def test_account_without_anything_is_nobodys_second_way(app):
    assert not second.is_there(make_account())
