"""The numbers that anyone may read: none small, and none that moves the moment somebody comes."""

from datetime import UTC, datetime, timedelta

import pytest
from bs4 import BeautifulSoup

from mutualaid.aid import lifecycle
from mutualaid.db import db
from tests.aid.desk_cast import words
from tests.aid.street import Street
from tests.factories import NOW, actor_of, make_need, make_offer, make_person

MIDNIGHT = datetime(2026, 11, 24, 5, tzinfo=UTC)  # in Toronto, of the night after NOW


def came(street, times):
    for _ in range(times):
        amina = make_person(street.network)
        need = make_need(amina, street.groceries, area_id=street.area.id, travel="either")
        offer = make_offer(make_person(street.network, "Dee"), street.groceries)
        match = lifecycle.propose(need, offer, by=street.by_bo, now=NOW)
        lifecycle.consent(match, "offer", by=street.by_bo, now=NOW)
        lifecycle.consent(match, "need", by=actor_of(amina), now=NOW)
        lifecycle.confirm(match, by=actor_of(amina), now=NOW)
    db.session.commit()


def shown(client):
    page = BeautifulSoup(client.get("/garrison/").data, "html.parser")
    return [words(row) for row in page.select("tbody tr")], [words(row) for row in page.select(".huge")]


@pytest.mark.parametrize(("times", "says", "total"), [(4, "fewer than 5", []), (6, "6", ["6"])])
def test_what_came_is_counted_from_the_next_day_on(client, clock, times, says, total):
    street = Street()
    came(street, times)
    clock.move_to(MIDNIGHT - timedelta(seconds=1))
    assert shown(client) == ([], [])
    clock.move_to(MIDNIGHT)
    assert shown(client) == ([f"Parkdale {says}"], total)
