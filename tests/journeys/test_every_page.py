"""Every page in a real browser: no axe violation, nothing sideways, and a first page that an old phone can load."""

import pytest

from mutualaid.aid.home import LIVELY, WHOLE
from mutualaid.db import db
from tests.factories import make_area, make_network
from tests.journeys.acts import (
    PHONE,
    all_flaws,
    ask_for_groceries,
    flaws,
    open_with_link,
    sideways,
    sign_in,
    violations,
)
from tests.pages import addresses, make_town, one_time_links

pytestmark = pytest.mark.once
PARTS = {"public": 2, "amina": 2, "dee": 2, "bo": 5, "ines": 1}  # of their pages, so that no test takes long
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


@pytest.mark.parametrize(
    ("who", "part"), [(who, part) for who, parts in PARTS.items() for part in range(parts)]
)
def test_axe_finds_nothing_and_nothing_scrolls_sideways(open_page, who, part):
    town = make_town()
    pages = addresses(town)[who]
    page = browser_of(open_page, town, who)
    for address in pages[part :: PARTS[who]]:
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


FLAWED = """<!doctype html><html lang="en"><title>Flawed</title><style>
    body { margin: 0; background: white; color: black }
    @media (prefers-color-scheme: light) { .light { color: #eee } }
    @media (prefers-color-scheme: dark) { .dark { color: #eee } }
    @media (min-width: 50rem) { .phone { display: none } }
    @media (max-width: 50rem) { .desk { display: none } }
    </style><main><h1 style="width: 340px">Flawed</h1><p class="light">By light</p><p class="dark">In the dark</p>
    <img class="phone" src="data:,"><img class="desk" src="data:,"></main></html>"""
LIGHT, DARK = (
    ("color-contrast", '<p class="light">By light</p>'),
    ("color-contrast", '<p class="dark">In the dark</p>'),
)
PHONES, DESKS = (
    ("image-alt", '<img class="phone" src="data:,">'),
    ("image-alt", '<img class="desk" src="data:,">'),
)
STICKS_OUT = ("sideways", "340 at 320")


@pytest.mark.parametrize(
    ("look", "found"),
    [
        (flaws, [LIGHT, PHONES, DARK, DESKS, STICKS_OUT]),
        (all_flaws, [LIGHT, PHONES, DARK, STICKS_OUT, LIGHT, DESKS, DARK, STICKS_OUT]),
    ],
)
def test_what_is_wrong_on_a_phone_or_at_a_desk_by_light_or_in_the_dark_is_found(open_page, look, found):
    page = open_page(*PHONE)
    page.route("**/flawed", lambda route: route.fulfill(content_type="text/html", body=FLAWED))
    assert look(page, "/flawed") == found


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
