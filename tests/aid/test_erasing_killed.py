"""kill -9 half way, once each; tests/hard does it many times."""

from flask import Flask

from mutualaid.aid.lifecycle.retention import erase_due
from mutualaid.db import utcnow
from mutualaid.networks import wiping
from mutualaid.networks.models import Network
from mutualaid.people.models import Person
from mutualaid.worker import Worker
from tests.aid.killed import check_whole, count, kill_when, left, make_people, start
from tests.web import Browser


def test_worker_killed_while_it_erases_leaves_nobody_half_erased_and_goes_on(app: Flask) -> None:
    make_people(24)
    kill_when(start(app, "worker", "--once"), lambda: 0 < left() < 24)
    check_whole()
    while erase_due(utcnow()):
        check_whole()
    assert left() == 0


def test_wipe_killed_half_way_hides_the_network_and_the_worker_ends_it(app: Flask) -> None:
    network_id = make_people(24)
    assert kill_when(
        start(app, "network", "wipe", "garrison", "--type-slug", "garrison"),
        lambda: bool(wiping.being_wiped()),
    )
    browser = app.test_client()
    assert isinstance(browser, Browser)
    assert browser.get("/garrison/").status_code == 404
    Worker().round(utcnow())
    assert (count(Network, Network.id == network_id), count(Person)) == (0, 0)
