"""The worker erases by the clock; where the clock jumps, or too many are due at once, it waits for somebody to look."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select

from mutualaid import heartbeat
from mutualaid.aid import lifecycle
from mutualaid.aid.lifecycle import retention
from mutualaid.aid.lifecycle.retention import SOME, doubt, erase_some, longest_overdue
from mutualaid.aid.models import Post
from mutualaid.db import db, to_the_day
from mutualaid.events.models import Event
from mutualaid.people.access import keep_page, new_code
from mutualaid.people.models import Person
from tests.aid.overdue import withdrawn
from tests.aid.test_due import DAY, HOUR, SECOND
from tests.factories import NOW, actor_of, make_category, make_member, make_need, make_network, make_person


def beat(now: datetime = NOW, held: str = "") -> None:
    heartbeat.beat(now, held)


@pytest.mark.parametrize(
    ("later", "why"),
    [
        (timedelta(), ""),
        (3 * DAY, ""),
        (3 * DAY + SECOND, "ahead"),
        (timedelta(minutes=-10), ""),
        (timedelta(minutes=-10, seconds=-1), "back"),
    ],
)
def test_clock_is_believed_near_the_last_round(app: Flask, later: timedelta, why: str) -> None:
    beat()
    assert doubt(NOW + later) == why


def test_clock_that_jumped_ahead_stays_in_doubt_until_it_is_right_again(app: Flask) -> None:
    beat()
    for hour in range(3):
        beat(NOW + 400 * DAY + hour * HOUR, "ahead")
    assert [doubt(NOW + 400 * DAY + 3 * HOUR), doubt(NOW + HOUR)] == ["ahead", ""]


def many(number: int, others: int = 0, slug: str = "garrison", after: timedelta = timedelta()) -> None:
    network = make_network(slug)
    groceries = make_category(network)
    for index in range(number + others):
        need = make_need(make_person(network, "Amina"), groceries)
        if index < number:
            lifecycle.withdraw(need, by=actor_of(need.person), now=NOW + after)
    db.session.commit()


@pytest.mark.parametrize(
    ("due", "others", "why"), [(SOME, 0, ""), (SOME + 3, 0, "many"), (SOME + 3, 7, ""), (SOME + 4, 7, "many")]
)
def test_too_many_at_once_are_held_back(app: Flask, due: int, others: int, why: str) -> None:
    many(due, others)
    assert doubt(NOW + 30 * DAY) == why


Work = Callable[..., str]


@pytest.fixture
def work(app: Flask, clock: time_machine.Traveller) -> Work:
    """A command at that moment, and what it says."""

    def run(now: datetime, *arguments: str) -> str:
        clock.move_to(now, tick=False)
        said = app.test_cli_runner().invoke(args=arguments).output
        db.session.expire_all()
        return said

    return run


FEW = 10


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """So many may go at once, instead of SOME, and each test erases dozens instead of hundreds."""
    monkeypatch.setattr(retention, "SOME", FEW)


def left() -> int:
    return db.session.scalar(select(func.count()).select_from(Person).where(Person.erased_at.is_(None))) or 0


def test_worker_erases_by_the_clock(work: Work) -> None:
    need = withdrawn()
    key = (need.network_id, need.person_id)
    for moment, name in ((29 * DAY, "Amina"), (30 * DAY - SECOND, "Amina"), (30 * DAY, "")):
        beat(NOW + moment)
        work(NOW + moment, "worker", "--once")
        assert db.session.get_one(Person, key).name == name


def test_nothing_is_erased_by_a_clock_that_jumped_until_somebody_confirms(work: Work) -> None:
    withdrawn()
    work(NOW, "worker", "--once")
    work(NOW + 40 * DAY, "worker", "--once")
    assert left() == 1
    said = work(NOW + 40 * DAY, "erase", "due")
    assert ("something of 1 people" in said, "runs more than three days ahead" in said, left()) == (
        True,
        True,
        1,
    )
    assert work(NOW + 40 * DAY, "erase", "due", "--confirm").endswith("Done.\n")
    assert left() == 0


@pytest.mark.usefixtures("few")
def test_of_too_many_so_many_go_a_day_and_the_rest_once_somebody_confirms(work: Work) -> None:
    """Who posts and withdraws a lot must not stop the erasing for everybody."""
    number, a_day = FEW + 20, FEW + 1  # and a twentieth of all
    many(number)
    beat(NOW + 30 * DAY)
    for hour in range(3):
        work(NOW + 30 * DAY + hour * HOUR, "worker", "--once")
    assert (left(), heartbeat_held()) == (number - a_day, "many")
    said = work(NOW + 30 * DAY + 3 * HOUR, "erase", "due")
    assert "something of 19 people" in said
    assert "Unusually many people would be erased at once. The worker erases some each day." in said
    work(NOW + 30 * DAY + 3 * HOUR, "erase", "due", "--confirm")
    assert left() == 0


@pytest.mark.usefixtures("few")
def test_rest_of_too_many_goes_the_next_day(work: Work) -> None:
    many(FEW + 10)
    beat(NOW + 30 * DAY)
    work(NOW + 30 * DAY, "worker", "--once")
    midnight = to_the_day(NOW + 31 * DAY)
    work(midnight - SECOND, "worker", "--once")
    assert (left(), heartbeat_held()) == (9, "many")
    work(midnight, "worker", "--once")
    assert (left(), heartbeat_held()) == (0, "")


@pytest.mark.usefixtures("few")
def test_of_too_many_the_longest_overdue_go_first(work: Work) -> None:
    many(FEW + 20, slug="later", after=DAY)
    amina, bo = withdrawn().person, make_member(make_network("members"), days=0)
    chris = withdrawn(slug="kept").person
    keep_page(chris, 29, NOW)
    db.session.commit()
    first = {(person.network_id, person.id) for person in (amina, bo.person, chris)}
    assert set(longest_overdue(NOW + 31 * DAY, 3)) == first
    beat(NOW + 31 * DAY)
    work(NOW + 31 * DAY, "worker", "--once")
    assert all(db.session.get_one(Person, key).erased_at for key in first)
    assert (left(), heartbeat_held()) == (22, "many")


@pytest.mark.usefixtures("few")
def test_words_that_are_emptied_count_as_the_people_whose_they_were(app: Flask) -> None:
    """A clock that jumped takes no more of those who have another post open."""
    network = make_network()
    groceries = make_category(network)
    for _ in range(FEW + 20):
        need = make_need(make_person(network, "Amina"), groceries)
        lifecycle.withdraw(need, by=actor_of(need.person), now=NOW)
        make_need(need.person, groceries)
    db.session.commit()
    beat(NOW + 30 * DAY, "many")
    while erase_some(NOW + 30 * DAY):
        pass
    emptied = db.session.scalars(select(Post.person_id).where(Post.erased_at.is_not(None))).all()
    assert len(emptied) == FEW + (FEW + 20) // 20


@pytest.mark.usefixtures("few")
def test_who_erases_themselves_takes_nothing_from_what_the_clock_may_erase(work: Work) -> None:
    """A program that posts and erases a lot each day must not stop the erasing for everybody."""
    number, now = FEW + 20, NOW + 30 * DAY
    many(number)
    passing = make_network("passing")
    for _ in range(FEW + 10):
        person = make_person(passing, "Dee", created_at=now)
        lifecycle.erase(person, by=actor_of(person), now=now)
    beat(now, "many")
    work(now, "worker", "--once")
    work(now + HOUR, "worker", "--once")
    assert (number - left(), heartbeat_held()) == (FEW + 2, "many")  # a twentieth of all who were here


def heartbeat_held() -> str:
    last = heartbeat.last()
    assert last is not None
    return last.held


def test_person_is_erased_at_the_command_line_by_code_or_number(work: Work) -> None:
    network = make_network()
    amina, dee = make_person(network, "Amina"), make_person(network, "Dee")
    code = new_code(amina)
    db.session.commit()
    assert "Aborted" in work(NOW, "erase", "person", "garrison", code)
    assert left() == 2
    work(NOW, "erase", "person", "garrison", code, "--yes")
    work(NOW, "erase", "person", "garrison", str(dee.id), "--yes")
    assert left() == 0
    logged = db.session.execute(select(Event.person_id, Event.actor_role).where(Event.verb == "erase")).all()
    assert set(logged) == {(amina.id, "worker"), (dee.id, "worker")}
    assert "Nobody in" in work(NOW, "erase", "person", "garrison", code, "--yes")
