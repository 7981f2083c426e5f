"""A steward sets what counts when matches are ranked."""

import pytest
from bs4 import BeautifulSoup

from mutualaid.aid.matching.edges import find_edges
from mutualaid.aid.matching.everyone import load_everyone
from mutualaid.aid.matching.ranking import WEIGHTS
from mutualaid.aid.matching.search import suggestions
from mutualaid.db import db
from tests.factories import (
    NOW,
    cell_near,
    make_category,
    make_member,
    make_need,
    make_network,
    make_offer,
    make_person,
)

PAGE = "/garrison/settings/ranking"


class Street:
    """Amina speaks Spanish; Dee lives next door and speaks none, Eve two kilometres away speaks it."""

    def __init__(self, client):
        self.client = client
        self.network = make_network()
        client.sign_in(make_member(self.network, "steward", name="Inês", email="ines@example.org"))
        rides = make_category(self.network, "rides", unit="rides")
        self.need = make_need(
            make_person(self.network, "Amina"), rides, cell=cell_near(self.network), languages=("es",)
        )
        for name, km, spoken in (("Dee", 0, "en"), ("Eve", 2, "es")):
            make_offer(
                make_person(self.network, name), rides, cell=cell_near(self.network, km), languages=(spoken,)
            )

    def keep(self, **levels):
        answer = self.client.post(PAGE, data=dict.fromkeys(WEIGHTS, "usual") | levels)
        db.session.expire_all()
        return answer

    def order(self):
        found, _ = suggestions(self.network, self.need, now=NOW)
        return [fit.pair.offer.name for fit in found]


@pytest.fixture
def street(client):
    return Street(client)


def test_order_of_suggestions_changes_when_a_weight_changes(street):
    assert street.order() == ["Eve", "Dee"]
    street.keep(language="none")
    assert street.order() == ["Dee", "Eve"]
    street.keep(language="none", distance="none")
    assert street.order() == ["Dee", "Eve"]  # all else is the same: by distance
    street.keep(language="more")
    assert street.order() == ["Eve", "Dee"]


def test_only_what_differs_is_kept(street):
    answer = street.keep(language="none", distance="more", urgency="little")
    assert (answer.status_code, answer.location) == (303, PAGE)
    assert street.network.weights == {"language": 0.0, "distance": 6.0, "urgency": 0.75}
    street.keep()
    assert street.network.weights == {}


def test_page_shows_what_stands_and_what_it_does(street):
    street.keep(language="none", distance="more")
    page = BeautifulSoup(street.client.get(PAGE).text, "html.parser")
    chosen = {field["name"]: field.select_one("[selected]")["value"] for field in page.select("select")}
    assert chosen == dict.fromkeys(WEIGHTS, "usual") | {"language": "none", "distance": "more"}
    lines = [line.get_text() for line in page.select("main form > p")][1:]
    assert lines == [
        "Counts most now: how near they are; the very same kind; who helped less lately.",
        "Does not count: a language that both speak.",
    ]


def test_something_has_to_count(street):
    page = street.keep(**dict.fromkeys(WEIGHTS, "none"))
    summary = BeautifulSoup(page.text, "html.parser").select_one(".summary").get_text()
    assert "At least one of these has to count." in summary
    assert street.network.weights == {}


def test_level_that_is_none_is_refused(street):
    assert street.keep(language="tenfold").status_code == 200
    assert street.network.weights == {}


def test_the_plan_ranks_by_the_network_too(street):
    def best():
        everyone = load_everyone(street.network, now=NOW)
        edges = find_edges(everyone, street.network.weights)
        return max(zip(edges.score.tolist(), everyone.offers.id[edges.offer].tolist(), strict=True))[1]

    near, far = (fit.pair.offer.id for fit in reversed(suggestions(street.network, street.need, now=NOW)[0]))
    assert best() == far
    street.keep(language="none")
    assert best() == near


def test_settings_lead_to_it(street):
    page = BeautifulSoup(street.client.get("/garrison/settings").text, "html.parser")
    assert page.select_one(f"main a[href='{PAGE}']").get_text() == "What counts when we suggest"
    nav = BeautifulSoup(street.client.get(PAGE).text, "html.parser").select_one("nav [aria-current]")
    assert nav.get_text() == "Settings"
