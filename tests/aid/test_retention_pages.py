"""What people see of it: a page that ends soon, and a worker that does not do its work."""

from datetime import timedelta

import pytest
import time_machine
from flask import Flask

from mutualaid import heartbeat
from mutualaid.aid import lifecycle
from mutualaid.db import db
from mutualaid.networks import wiping
from mutualaid.networks.models import Network
from mutualaid.people.access import new_link
from mutualaid.people.models import Person
from tests.factories import NOW, actor_of, make_category, make_member, make_need, make_network, make_person
from tests.web import Browser

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
SOON = "This page ends soon"


@pytest.fixture
def amina(app: Flask) -> Person:
    """Took back the only need she had, 24 days ago."""
    network = make_network(created_at=NOW - 24 * DAY)
    person = make_person(network, "Amina", email="amina@example.org", created_at=NOW - 24 * DAY)
    need = make_need(person, make_category(network), now=NOW - 24 * DAY)
    lifecycle.withdraw(need, by=actor_of(person), now=NOW - 24 * DAY)
    db.session.commit()
    return person


def test_page_says_that_it_ends_and_is_kept_with_one_tap(client: Browser, amina: Person) -> None:
    page = client.enter(amina).get("/garrison/mine/").text
    assert (SOON in page, 'action="/garrison/mine/keep"' in page) == (True, True)
    client.post("/garrison/mine/keep")
    db.session.refresh(amina)
    assert amina.kept_until == NOW + 30 * DAY
    page = client.get("/garrison/mine/").text
    assert (SOON in page, "We keep your page for another 30 days." in page) == (False, True)


def test_page_with_something_open_does_not_end(client: Browser, amina: Person) -> None:
    make_need(amina, make_category(network_of(amina), "rides"))
    assert SOON not in client.enter(amina).get("/garrison/mine/").text


def network_of(person: Person) -> Network:
    return db.session.get_one(Network, person.network_id)


def test_link_in_the_note_keeps_the_page(client: Browser, amina: Person) -> None:
    token = new_link(amina, NOW)
    db.session.commit()
    page = client.get(f"/garrison/link/{token}?keep=1").text
    assert "Keep my page" in page
    db.session.refresh(amina)
    assert amina.kept_until is None  # looking does nothing: programs open every link in a mail
    answer = client.post("/garrison/link", data={"token": token, "keep": "1"})
    db.session.refresh(amina)
    assert (answer.location, amina.kept_until) == ("/garrison/mine/", NOW + 30 * DAY)


def test_plain_link_keeps_nothing(client: Browser, amina: Person) -> None:
    token = new_link(amina, NOW)
    db.session.commit()
    assert "Keep my page" not in client.get(f"/garrison/link/{token}").text
    client.post("/garrison/link", data={"token": token})
    db.session.refresh(amina)
    assert amina.kept_until is None


@pytest.mark.parametrize(
    ("since", "held", "words"),
    [
        (10 * MINUTE, "", None),
        (10 * MINUTE + timedelta(seconds=1), "", "The worker has not run since today, 9:49 AM"),
        (MINUTE, "ahead", "the clock of the server seems to run days ahead"),
        (MINUTE, "back", "the clock of the server went back"),
        (MINUTE, "many", "Unusually many people would be erased at once. So only some are each day"),
    ],
)
def test_desk_says_when_the_worker_does_not_do_its_work(
    client: Browser, since: timedelta, held: str, words: str | None
) -> None:
    bo = make_member(make_network(created_at=NOW - 400 * DAY))
    heartbeat.beat(NOW - since, held)
    page = client.sign_in(bo).get("/garrison/desk").text
    assert ("Tell whoever runs this server." in page) == (words is not None)
    assert words is None or words in page.replace("\u202f", " ")


def test_desk_says_when_the_worker_never_ran(client: Browser, clock: time_machine.Traveller) -> None:
    client.sign_in(make_member(make_network()))
    assert "The worker has not run" not in client.get("/garrison/desk").text
    clock.move_to(NOW + 11 * MINUTE, tick=False)
    assert "The worker has not run" in client.get("/garrison/desk").text


def test_network_that_is_being_wiped_is_found_by_nobody(client: Browser, amina: Person) -> None:
    bo = make_member(network_of(amina))
    make_network("chris")
    wiping.begin(network_of(amina), NOW)
    db.session.commit()
    client.sign_in(bo)
    assert [client.get(f"/{page}").status_code for page in ("garrison/", "garrison/desk", "nowhere/")] == [
        404
    ] * 3
    assert "garrison" not in client.get("/").text
