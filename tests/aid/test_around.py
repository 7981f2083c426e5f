"""Offer first: whoever offers sees how much is asked for near them, as numbers alone."""

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import text

from mutualaid.aid import lifecycle
from mutualaid.aid.categories import add_default_categories
from mutualaid.aid.lifecycle import Said
from mutualaid.aid.matching.around import needs_around
from mutualaid.aid.models import Category, Post
from mutualaid.db import db
from tests.aid.asking import answer, of_need, of_offer, send
from tests.factories import (
    NOW,
    actor_of,
    cell_near,
    make_area,
    make_category,
    make_need,
    make_network,
    make_person,
)


class Around:
    """Dee is about to offer rides in the middle of Parkdale; Amina and her neighbours ask."""

    def __init__(self) -> None:
        self.network = make_network()
        self.rides = make_category(self.network, "rides")
        self.dee = make_person(self.network, "Dee")
        self.categories = [self.rides]

    def category(self, key: str, **more: object) -> Category:
        self.categories.append(make_category(self.network, key, **more))
        return self.categories[-1]

    def need(self, category: Category | None = None, km: float = 1.0, **said: object) -> Post:
        person = make_person(self.network)
        place = {"cell": cell_near(self.network, km), "travel": "host"}
        return make_need(person, category or self.rides, **place | said)

    def counts(self, *offered: Category, placed: bool = True, **said: object) -> dict[str, int]:
        how = {"travel": "come", "reach_km": 4} | said
        told = [(row, Said("offer", row.id, **how)) for row in offered or (self.rides,)]
        cell = cell_near(self.network) if placed else None
        found = needs_around(self.network, told, self.categories, cell=cell, person_id=self.dee.id)
        return {row.key: number for row, number in found}


@pytest.fixture
def around(app):
    return Around()


def test_needs_within_reach_count(around):
    for km in (0.0, 3.0, 6.0):
        around.need(km=km)
    assert around.counts() == {"rides": 2}
    assert around.counts(reach_km=10) == {"rides": 3}


def test_needs_beyond_ten_kilometres_are_not_near(around):
    around.need(km=9)
    around.need(km=12)
    assert around.counts(reach_km=None) == {"rides": 1}


def test_nothing_asked_for_is_none(around):
    assert around.counts() == {"rides": 0}


@pytest.mark.parametrize("travel", ["host", "either"])
def test_whoever_would_come_counts_as_far_as_they_go(around, travel):
    around.need(travel="come", reach_km=4, km=3)
    around.need(travel="come", reach_km=4, km=6)
    assert around.counts(travel=travel, reach_km=None) == {"rides": 1}


def test_two_who_both_stay_at_home_do_not_count(around):
    around.need()
    assert around.counts(travel="host", reach_km=None) == {"rides": 0}


def test_wider_and_narrower_kinds_count_and_their_siblings_do_not(around):
    food = around.category("food")
    meals, groceries = (around.category(key, parent=food) for key in ("meals", "groceries"))
    for category in (food, meals, groceries, groceries):
        around.need(category)
    assert around.counts(food, groceries) == {"food": 4, "groceries": 3}


def test_what_is_sensitive_is_neither_counted_nor_named(around):
    health = around.category("health", sensitive=True)
    supplies = around.category("supplies", parent=health)
    around.need(health)
    around.need(supplies)
    assert around.counts(health, supplies) == {"supplies": 1}


def test_where_place_does_not_count_needs_from_anywhere_do(around):
    company = around.category("company")
    calls = around.category("calls", parent=company, remote=True)
    around.need(calls, km=300)
    around.need(company, km=300)
    assert around.counts(company, calls) == {"company": 1, "calls": 2}


def test_offer_without_a_place_counts_all(around):
    around.need(km=300)
    assert around.counts(placed=False) == {"rides": 1}


@pytest.mark.parametrize("why", ["closed", "paused", "intake", "covered", "own", "network"])
def test_what_helpers_do_not_see_does_not_count(around, why):
    need = around.need()
    by = actor_of(need.person)
    if why == "closed":
        lifecycle.withdraw(need, by=by, now=NOW)
    elif why == "paused":
        lifecycle.pause(need, by=by, now=NOW)
    elif why == "intake":
        lifecycle.hold(need, "call_back", NOW.date(), by=by, now=NOW)
    elif why == "covered":
        need.uncovered = 0
    elif why == "own":
        around.dee = need.person
    else:
        around.network = make_network("elsewhere", name="Elsewhere")
    db.session.flush()
    assert around.counts() == {"rides": 0}


def test_counting_stops_at_a_hundred(around):
    amina = make_person(around.network)
    for _ in range(101):
        make_need(amina, around.rides, travel="host", cell=cell_near(around.network))
    assert around.counts() == {"rides": 100}


@pytest.fixture
def network(client):
    made = make_network()
    add_default_categories(made)
    return made


@pytest.fixture
def area(network):
    return make_area(network)


def ask_for_rides(network, area, many):
    rides = db.session.query(Category).filter_by(network_id=network.id, key="rides").one()
    for number in range(many):
        make_need(make_person(network, f"Amina {number}"), rides, travel="host", area_id=area.id)


def shown(client):
    """What the check page says of what is asked for."""
    page = BeautifulSoup(client.get("/garrison/post/offer/check").text, "html.parser")
    last = page.select(".told > div")[-1]
    return [last.select_one("dt").get_text(), *(line.get_text() for line in last.select("dd:not(.turn)"))]


@pytest.mark.parametrize(
    ("many", "words"), [(0, "fewer than 5"), (4, "fewer than 5"), (5, "5 or more"), (9, "5 or more")]
)
def test_check_page_of_an_offer_says_how_much_is_asked_for_near(client, network, area, many, words):
    ask_for_rides(network, area, many)
    answer(client, network, "offer", of_offer(area))
    assert shown(client) == ["Asked for now, near you", f"A ride: {words}"]


def test_check_page_without_an_area_does_not_say_near(client, network, area):
    answer(client, network, "offer", of_offer(None))
    assert shown(client) == ["Asked for now", "A ride: fewer than 5"]


def test_check_page_of_a_need_says_nothing_of_others(client, network, area):
    answer(client, network, "need", of_need(area))
    page = client.get("/garrison/post/need/check").text
    assert "Asked for now" not in page


def test_offer_can_be_sent_where_counting_fails(client, network, area):
    answer(client, network, "offer", of_offer(area))
    rename("travel", "went")
    try:
        page = client.get("/garrison/post/offer/check")
    finally:
        rename("went", "travel")
    assert (page.status_code, "Asked for now" in page.text) == (200, False)
    send(client, network, "offer", of_offer(area))
    assert db.session.query(Post).filter_by(kind="offer").count() == 1


def rename(column: str, to: str) -> None:
    db.session.commit()
    db.session.execute(text(f"ALTER TABLE post RENAME COLUMN {column} TO {to}"))
    db.session.commit()
