"""What people do in a browser, in their own words. A page object would only repeat these sentences."""

import re
from collections.abc import Callable

from axe_playwright_python.sync_playwright import Axe
from flask import current_app
from playwright.sync_api import Page, expect

from mutualaid.db import db, utcnow
from mutualaid.networks.models import Membership, Network
from mutualaid.people import sessions

PHONE, DESK = (360, 740), (1280, 800)
WIDTHS = (320, 360, 1280, 1440)
FOUND = """async options => (await axe.run(options)).violations.flatMap(
    rule => rule.nodes.map(node => [rule.id, node.html.slice(0, 120)]))"""


def ask_for_groceries(
    page: Page, network: Network, *, how_many: int = 1, look: Callable[[], None] = lambda: None
) -> tuple[str, str]:
    """Post a need, one question a screen; returns the code and the private link. `look` is called at each screen."""

    def go_on() -> None:
        look()
        page.locator(".bar button").click()
        expect(page.locator(".summary")).to_have_count(0)

    page.goto(f"/{network.slug}/")
    page.get_by_role("link", name="I need something").click()
    page.get_by_label("Food").check(force=True)
    go_on()
    page.get_by_label("Groceries", exact=True).check(force=True)
    page.get_by_label("How many?").first.fill(str(how_many))
    go_on()
    page.get_by_label("Which area?").select_option("Parkdale")
    go_on()
    page.get_by_label("They come to me").check(force=True)
    go_on()
    page.get_by_label("This week").check(force=True)
    go_on()
    page.get_by_label("English").check(force=True)
    go_on()
    page.get_by_label("What shall we call you?").fill("Amina")
    page.get_by_label("Neither: I will look with my code").check(force=True)
    go_on()
    expect(page.get_by_role("heading", level=1)).to_have_text("Is this right?")
    look()
    press(page, "Send it")
    expect(page.get_by_role("heading", level=1)).to_contain_text("It is sent")
    look()
    code = page.locator(".coupon .say").inner_text()
    return code, page.locator(".coupon .link a").get_attribute("href") or ""


def press(page: Page, words: str) -> None:
    page.get_by_role("button", name=words).first.click()


def follow(page: Page, words: str) -> None:
    page.get_by_role("link", name=words).first.click()


def sign_in(page: Page, member: Membership) -> Page:
    """As somebody who has just signed in; by hand it is done in test_sign_in.py."""
    db.session.commit()  # what was read before must not stand in the way
    now = utcnow()
    kept = {"token": sessions.begin(member.account, now=now), "seen": int(now.timestamp())}
    db.session.commit()
    signer = current_app.session_interface.get_signing_serializer(current_app)
    page.goto("/away")
    cookie = {"name": current_app.config["SESSION_COOKIE_NAME"], "value": signer.dumps({"signed_in": kept})}
    page.context.add_cookies([{**cookie, "url": page.url}])
    page.goto("/")
    expect(page).to_have_url(re.compile(rf"/{member_slug(member)}/"))
    return page


def member_slug(member: Membership) -> str:
    return db.session.get_one(Network, member.network_id).slug


def open_with_code(page: Page, network: Network, code: str) -> Page:
    page.goto(f"/{network.slug}/code")
    page.get_by_label("Your code").fill(code.lower())
    press(page, "Open my page")
    return page


def open_with_link(page: Page, link: str) -> Page:
    page.goto(re.sub(r"^https?://[^/]+", "", link))
    press(page, "Open my page")
    return page


def says(page: Page, words: str) -> None:
    """Somewhere on the page it stands."""
    expect(page.locator("main")).to_contain_text(words)


def flaws(page: Page, address: str) -> list[tuple[str, str]]:
    """What is wrong with a page on a phone by light, and at a desk in the dark; the other two: tests/hard."""
    _sized(page, *PHONE)
    page.goto(address)
    found = _found(page)
    _sized(page, *DESK)
    page.goto(address)
    return found + in_the_dark(page) + sideways(page)


def all_flaws(page: Page, address: str) -> list[tuple[str, str]]:
    """What is wrong with it on both, by light and in the dark."""
    found = []
    for size in (PHONE, DESK):
        _sized(page, *size)
        page.goto(address)
        found += violations(page) + sideways(page)
    return found


def violations(page: Page) -> list[tuple[str, str]]:
    """What axe finds by light, then in the dark, where the colours alone are others: each rule and where."""
    return _found(page) + in_the_dark(page, runOnly=["color-contrast"])


def in_the_dark(page: Page, **options: list[str]) -> list[tuple[str, str]]:
    # Without motion: else a button is still between two colours.
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    found = _found(page, **options)
    page.emulate_media(color_scheme="light")
    return found


def sideways(page: Page) -> list[tuple[str, str]]:
    """The widths, from the smallest phone to a wide window, at which something sticks out."""
    found = []
    for width in WIDTHS:
        _sized(page, width, 800)
        wide = page.evaluate("document.documentElement.scrollWidth")
        found += [("sideways", f"{wide} at {width}")] if wide != width else []
    return found


def _sized(page: Page, width: int, height: int) -> None:
    page.set_viewport_size({"width": width, "height": height})


def _found(page: Page, **options: list[str]) -> list[tuple[str, str]]:
    if not page.evaluate("'axe' in window"):
        page.evaluate(Axe().axe_script)
    found = page.evaluate(FOUND, {"resultTypes": ["violations"], **options})
    return [(rule, where) for rule, where in found]
