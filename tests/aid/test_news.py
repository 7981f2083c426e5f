"""Both ways live: what is new is told to those who asked for it and whom it fits best, in turn, not too often."""

from datetime import timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from mutualaid.aid import lifecycle
from mutualaid.aid.lifecycle import never_match_person
from mutualaid.aid.models import Category, Post
from mutualaid.aid.news import AT_MOST, BATCH, owe_news
from mutualaid.db import db
from mutualaid.networks.models import Network
from mutualaid.notices.models import Notice
from mutualaid.people.models import Person
from tests.factories import (
    NOW,
    actor_of,
    cell_near,
    make_category,
    make_member,
    make_need,
    make_network,
    make_offer,
    make_person,
)

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


class Street:
    """Helpers with offers of rides that stand since yesterday, and neighbours who post now."""

    def __init__(self, slug: str = "garrison") -> None:
        self.network: Network = make_network(slug)
        self.rides: Category = make_category(self.network, "rides")

    def person(self, name: str, told_a_day: int | None = 5, **more: Any) -> Person:
        email = f"{name.lower()}@example.org"
        return make_person(self.network, name, **{"email": email, "told_a_day": told_a_day} | more)

    def helper(self, name: str = "Dee", told_a_day: int | None = 5, km: float = 0, **more: Any) -> Person:
        person = self.person(name, told_a_day, **more)
        make_offer(person, self.rides, now=NOW - 2 * DAY, travel="come", cell=cell_near(self.network, km))
        return person

    def need(self, *, person: Person | None = None, category: Category | None = None, **said: Any) -> Post:
        place = {"cell": cell_near(self.network), "travel": "host", "now": NOW}
        return make_need(person or make_person(self.network), category or self.rides, **place | said)


@pytest.fixture
def street(app: Flask) -> Street:
    return Street()


def owed(*moments: Any) -> list[int]:
    db.session.commit()
    return [owe_news(moment) for moment in moments or (NOW,)]


def told() -> list[tuple[str, str]]:
    """Who was told of what, in the order of it."""
    rows = db.session.scalars(select(Notice).order_by(Notice.created_at, Notice.id))
    return [(notice.person.name, notice.kind) for notice in rows]


def test_new_need_is_told_once_to_a_helper_whom_it_fits(street: Street) -> None:
    street.helper()
    street.need()
    assert owed(NOW, NOW, NOW + MINUTE) == [1, 0, 0]
    assert told() == [("Dee", "new_need")]


def test_notice_says_neither_what_nor_who(street: Street) -> None:
    street.helper()
    street.need()
    owed()
    notice = db.session.scalars(select(Notice)).one()
    assert (notice.channel, notice.post_id, notice.match_id, notice.numbers) == ("email", None, None, {})


def test_new_offer_is_told_to_a_neighbour_who_asked_for_it(street: Street) -> None:
    street.need(person=street.person("Amina"), now=NOW - 2 * DAY)
    make_offer(
        make_person(street.network, "Dee"), street.rides, travel="come", cell=cell_near(street.network)
    )
    assert owed() == [1]
    assert told() == [("Amina", "new_offer")]


@pytest.mark.parametrize(
    "dee", [{"told_a_day": None}, {"told_a_day": 0}, {"reach": "none"}, {"reach": "call"}, {"erased_at": NOW}]
)
def test_whoever_did_not_ask_for_it_or_cannot_be_written_to_is_not_told(street: Street, dee: Any) -> None:
    street.helper(**dee)
    street.helper("Eve", km=3)
    street.need()
    owed()
    assert told() == [("Eve", "new_need")]


def test_nobody_is_told_more_often_a_day_than_they_said(street: Street) -> None:
    street.helper(told_a_day=2)
    for _ in range(3):
        street.need()
    assert owed() == [2]
    street.need(now=NOW + DAY)
    assert owed(NOW + DAY) == [1]


def test_day_is_the_networks_own(street: Street) -> None:
    street.helper(told_a_day=1)
    midnight = NOW + 14 * HOUR  # in Toronto
    for moment in (NOW, midnight - MINUTE, midnight):
        street.need(now=moment)
        owed(moment)
    told_at = db.session.scalars(select(Notice.created_at).order_by(Notice.created_at)).all()
    assert told_at == [NOW, midnight]


def test_whom_it_fits_best_is_told_and_no_more_than_three(street: Street) -> None:
    for km, name in enumerate(("Dee", "Eve", "Fay", "Gil", "Hal")):
        street.helper(name, km=km)
    street.need()
    assert owed() == [AT_MOST] == [3]
    assert [name for name, _ in told()] == ["Dee", "Eve", "Fay"]


def test_helpers_are_told_in_turn(street: Street) -> None:
    for km, name in enumerate(("Dee", "Eve", "Fay", "Gil")):
        street.helper(name, km=km)
    for step in range(3):
        street.need(now=NOW + step * MINUTE)
        owed(NOW + step * MINUTE)
    names = [name for name, _ in told()]
    assert names[:3] == ["Dee", "Eve", "Fay"]
    assert names[3:6] == ["Gil", "Dee", "Eve"]
    assert names[6:] == ["Fay", "Dee", "Eve"]


@pytest.mark.parametrize("why", ["sensitive", "intake", "paused", "closed", "old", "imported", "far"])
def test_post_that_is_not_new_or_not_for_helpers_is_not_told(street: Street, why: str) -> None:
    street.helper()
    if why == "sensitive":
        street.rides.sensitive = True
    said = {
        "intake": {"intake": "call_back"},
        "old": {"now": NOW - DAY},
        "imported": {"source": ("spring list", "1")},
        "far": {"cell": cell_near(street.network, 300), "travel": "come", "reach_km": 1},
    }
    need = street.need(**said.get(why, {}))
    by = actor_of(need.person)
    if why == "paused":
        lifecycle.pause(need, by=by, now=NOW)
    elif why == "closed":
        lifecycle.withdraw(need, by=by, now=NOW)
    assert owed() == [0]


def test_need_that_leaves_intake_is_told_then(street: Street) -> None:
    street.helper()
    need = street.need(intake="call_back")
    assert owed() == [0]
    lifecycle.take_in(need, by=actor_of(make_member(street.network)), now=NOW + HOUR)
    assert owed(NOW + HOUR) == [1]


@pytest.mark.parametrize("says", ["neighbour", "helper"])
def test_whoever_is_never_to_be_matched_is_not_told(street: Street, says: str) -> None:
    dee, need = street.helper(), street.need()
    one, other = (need.person, dee) if says == "neighbour" else (dee, need.person)
    never_match_person(one, other, by=actor_of(one), now=NOW)
    assert owed() == [0]


def test_own_post_is_not_told(street: Street) -> None:
    dee = street.helper()
    street.need(person=dee)
    assert owed() == [0]


def test_helper_of_another_network_is_not_told(street: Street) -> None:
    Street("elsewhere").helper("Chris")
    street.need()
    assert owed() == [0]


def test_many_new_posts_come_in_batches(street: Street) -> None:
    dee = street.helper(told_a_day=20)
    amina = make_person(street.network)
    for _ in range(BATCH + 1):
        street.need(person=amina)
    dee.told_a_day = BATCH + 5
    assert owed(NOW, NOW, NOW) == [BATCH, 1, 0]


def test_two_workers_at_once_tell_once(app: Flask, street: Street) -> None:
    street.helper(told_a_day=1)
    for _ in range(2):
        street.need()
    db.session.commit()
    together, counts = Barrier(2), []

    def work() -> None:
        with app.app_context():
            together.wait()
            counts.append(owe_news(NOW))

    workers = [Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert (sum(counts), told()) == (1, [("Dee", "new_need")])


def test_erased_person_is_no_longer_told(street: Street) -> None:
    dee = street.helper()
    lifecycle.erase(dee, by=actor_of(dee), now=NOW)
    assert dee.told_a_day is None


def test_neighbour_sets_it_on_their_own_page(client: Any) -> None:
    street = Street()
    amina = street.person("Amina", None)
    street.need(person=amina)
    client.enter(amina)
    assert "/garrison/mine/told" in client.get("/garrison/mine/").text
    for typed, kept in (("2", 2), ("0", 2), ("", None)):
        client.post("/garrison/mine/told", data={"told_a_day": typed})
        db.session.expire_all()
        assert amina.told_a_day == kept


def test_neighbour_who_has_no_email_is_not_asked(client: Any) -> None:
    street = Street()
    amina = make_person(street.network, phone="416 555 0142")
    street.need(person=amina)
    client.enter(amina)
    assert "/garrison/mine/told" not in client.get("/garrison/mine/").text
    assert client.get("/garrison/mine/told").status_code == 404
    assert client.post("/garrison/mine/told", data={"told_a_day": "2"}).status_code == 404


def test_helper_sets_it_near_them(client: Any) -> None:
    dee = make_member(make_network(), "helper", name="Dee")
    client.sign_in(dee)
    client.post("/garrison/near/settings", data={"told_a_day": "3"})
    db.session.expire_all()
    assert dee.person.told_a_day == 3
