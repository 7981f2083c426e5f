"""Every page in a real browser: no axe violation, nothing sideways, and a first page that an old phone can load."""

import pytest

from mutualaid.aid.home import LIVELY, WHOLE
from mutualaid.db import db
from tests.factories import make_area, make_network
from tests.journeys.acts import PHONE, ask_for_groceries, flaws, open_with_link, sideways, sign_in, violations
from tests.pages import addresses, make_town, one_time_links

pytestmark = pytest.mark.once
WHO = ("public", "amina", "dee", "bo", "ines")
MOST_BYTES, MOST_REQUESTS = 30_000, 5


def browser_of(open_page, town, who):
    page = open_page(*PHONE)
    if who == "amina":
        link = next(a for a in addresses(town)["public"] if "/link/" in a)
        return open_with_link(page, link)
    if who != "public":
        return sign_in(page, getattr(town, who))
    for link in one_time_links(town):
        page.goto(link)
        page.locator("main form button").click()
    return page


@pytest.mark.parametrize("who", WHO)
def test_axe_finds_nothing_and_nothing_scrolls_sideways(open_page, who):
    town = make_town()
    pages = addresses(town)[who]
    page = browser_of(open_page, town, who)
    for address in pages:
        assert (address, flaws(page, address)) == (address, [])


def test_axe_finds_nothing_at_any_step_of_posting(open_page):
    town = make_town()
    page = open_page(*PHONE)
    found = {}
    ask_for_groceries(page, town.network, look=lambda: found.update({page.url: violations(page)}))
    assert len(found) == 9
    assert [at for at, flaws in found.items() if flaws] == []


def test_axe_finds_a_planted_flaw(open_page):
    town = make_town()
    page = open_page(*PHONE)
    page.goto(f"/{town.network.slug}/code")
    page.evaluate("document.querySelector('label').remove()")
    assert "label" in {rule for rule, _ in violations(page)}


def test_axe_finds_a_planted_flaw_that_only_the_dark_shows(open_page):
    town = make_town()
    page = open_page(*PHONE)
    page.goto(f"/{town.network.slug}/code")
    page.evaluate("document.querySelector('h1').style.color = '#1a1a1a'")
    assert {rule for rule, _ in violations(page)} == {"color-contrast"}


def test_what_sticks_out_at_one_width_alone_is_found(open_page):
    town = make_town()
    page = open_page(*PHONE)
    page.goto(f"/{town.network.slug}/code")
    assert sideways(page) == []
    page.evaluate("document.querySelector('h1').style.width = '340px'")
    assert [where.partition(" at ")[2] for _, where in sideways(page)] == ["320"]


def test_first_page_of_the_demo_is_light(app, open_page, monkeypatch):
    monkeypatch.delenv("HOST", raising=False)
    assert app.test_cli_runner().invoke(args=["demo"]).exit_code == 0
    page = open_page(*PHONE)
    sizes = []
    page.on("requestfinished", lambda request: sizes.append(request.sizes()["responseBodySize"]))
    page.goto("/demo/", wait_until="networkidle")
    assert len(sizes) <= MOST_REQUESTS
    assert 3_000 < sum(sizes) <= MOST_BYTES


def test_first_page_is_light_even_with_a_citys_areas(open_page):
    network = make_network()
    for n in range(WHOLE + LIVELY):
        make_area(network, f"Area {n}", at=(43.6 + n * 0.01, -79.4), km=0.5)
    db.session.commit()
    page = open_page(*PHONE)
    sizes = []
    page.on("requestfinished", lambda request: sizes.append(request.sizes()["responseBodySize"]))
    page.goto(f"/{network.slug}/", wait_until="networkidle")
    assert len(sizes) <= MOST_REQUESTS
    assert 3_000 < sum(sizes) <= MOST_BYTES
