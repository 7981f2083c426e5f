"""Signing in by hand, in real browsers: a phone without scripts, and Chromium with a device that keeps passkeys."""

import re
from datetime import timedelta

import pyotp
import pytest
from playwright.sync_api import Page, expect

from mutualaid.db import db
from mutualaid.people import second
from tests.factories import NOW, PASSWORD, code_now
from tests.journeys.acts import follow, press, says, sign_in, violations
from tests.pages import make_town

DESK = (1280, 800)


def type_password(page: Page, email: str) -> None:
    page.goto("/sign-in")
    page.get_by_label("Your email").fill(email)
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def test_phone_without_scripts_signs_in_and_is_asked_again_without_losing_a_word(phone, clock):
    town = make_town()
    type_password(phone, "bo@example.org")
    phone.get_by_label("Your code").fill(code_now())
    press(phone, "Go on")
    says(phone, "All open needs")
    phone.goto(f"/garrison/desk/{town.need.id}")
    phone.locator("#reason").select_option("safety")
    clock.shift(timedelta(minutes=31))
    press(phone, "How to reach Amina")
    expect(phone.get_by_role("heading", level=1)).to_have_text("Is it still you?")
    phone.get_by_label("Your password").fill(PASSWORD)
    phone.get_by_label("Your code").fill(code_now(NOW + timedelta(minutes=31)))
    press(phone, "Go on")
    press(phone, "Go on")
    says(phone, "416 555 0101")


def test_app_is_set_up_and_its_codes_are_kept(open_page):
    town = make_town()
    page = sign_in(open_page(360, 740), town.dee)
    page.goto("/account/")
    follow(page, "Use an app with codes")
    page.get_by_label("The code that the app shows").fill(
        pyotp.TOTP(page.locator("main code").inner_text().replace(" ", "")).at(NOW)
    )
    press(page, "Use this app")
    assert page.locator(".coupon code").count() == 10
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    follow(page, "I have kept them")
    expect(page).to_have_url(re.compile("/garrison/near/$"))


@pytest.fixture
def town_here(app, live_server, monkeypatch):
    """Passkeys are bound to a name, and an address of numbers is none."""
    here = live_server.replace("127.0.0.1", "localhost")
    monkeypatch.setitem(app.config, "BASE_URL", here)
    return make_town(), here


def with_device(page: Page) -> str:
    """Chromium's own device, which says yes to everything; returns its id."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    return devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})["authenticatorId"]


def test_passkey_is_made_and_then_opens_alone(new_context, town_here, clock):
    town, here = town_here
    page = new_context(base_url=here, viewport={"width": DESK[0], "height": DESK[1]}).new_page()
    refused = []
    page.on("console", lambda said: refused.append(said.text) if said.type == "error" else None)
    with_device(page)
    sign_in(page, town.bo)
    page.goto("/account/passkeys")
    assert violations(page) == []
    press(page, "Make a passkey")
    expect(page.get_by_role("heading", level=1)).to_have_text("Your recovery codes")
    db.session.commit()
    assert len(second.passkeys(town.bo.account)) == 1
    page.goto("/account/")
    press(page, "Sign out")
    page.goto("/sign-in?next=/garrison/members")
    press(page, "Sign in with a passkey")
    expect(page).to_have_url(f"{here}/garrison/members")
    clock.shift(timedelta(minutes=31))
    page.goto("/account/app")
    press(page, "Use your passkey")
    expect(page).to_have_url(f"{here}/account/app")
    assert refused == []


def test_passkey_that_is_not_there_leaves_the_page_usable(new_context, town_here):
    _, here = town_here
    page = new_context(base_url=here).new_page()
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    with_device(page)
    page.goto("/sign-in")
    press(page, "Sign in with a passkey")
    says(page, "The passkey did not answer.")
    assert violations(page) == []
