"""What the clock erases: never a second early, at the time yes; and nothing by a clock that cannot be believed."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select

from mutualaid import heartbeat
from mutualaid.aid import lifecycle
from mutualaid.aid.lifecycle.leftovers import owe_page_ends, tidy
from mutualaid.aid.lifecycle.retention import SOME, doubt, ends_at, erase_due, erase_some, longest_overdue
from mutualaid.aid.models import Match, Post, PostDetails
from mutualaid.db import db, to_the_day
from mutualaid.events.models import Event
from mutualaid.networks.models import Membership, Network
from mutualaid.notices.models import Notice
from mutualaid.notices.outbox import owe
from mutualaid.people.access import keep_page, new_code, new_link
from mutualaid.people.models import AccessLink, Account, DoNotMatch, Person
from tests.aid.test_due import DAY, HOUR, SECOND, Story
from tests.factories import (
    NOW,
    actor_of,
    make_category,
    make_member,
    make_need,
    make_network,
    make_offer,
    make_person,
)


def erase_at(*moments: datetime) -> list[int]:
    """Of how many people something went at each of them."""
    return [erase_due(moment) for moment in moments]


def withdrawn(now: datetime = NOW, **settings: Any) -> Post:
    """Amina's need, taken back; nothing else is hers."""
    network = make_network(**settings)
    amina = make_person(network, "Amina", email="amina@example.org")
    need = make_need(amina, make_category(network), details="Second floor.", now=now)
    lifecycle.withdraw(need, by=actor_of(amina), now=now)
    db.session.commit()
    return need


def is_erased(person: Person) -> bool:
    db.session.refresh(person)
    return person.erased_at is not None


@pytest.mark.parametrize("days", [1, 30, 365])
def test_person_is_erased_when_their_last_post_was_closed_for_long(app: Flask, days: int) -> None:
    need, end = withdrawn(retention_days=days), NOW + days * DAY
    assert erase_at(end - SECOND) == [0]
    assert not is_erased(need.person)
    assert erase_at(end, end) == [1, 0]
    assert is_erased(need.person)


def test_words_of_a_post_go_in_time_while_its_person_has_another_open(app: Flask) -> None:
    need = withdrawn()
    later = make_need(need.person, need.category, details="Fourth floor.", now=NOW)
    lifecycle.withdraw(later, by=actor_of(need.person), now=NOW + DAY)
    other = make_need(need.person, need.category, details="Third floor.", now=NOW)
    db.session.commit()
    assert erase_at(NOW + 30 * DAY - SECOND, NOW + 30 * DAY, NOW + 30 * DAY) == [0, 1, 0]
    left = db.session.scalars(select(PostDetails.id).order_by(PostDetails.id)).all()
    assert (left, is_erased(need.person)) == ([later.id, other.id], False)


def test_each_network_has_its_own_time(app: Flask) -> None:
    short, long = withdrawn(slug="short", retention_days=2), withdrawn(slug="long", retention_days=3)
    assert erase_at(NOW + 2 * DAY) == [1]
    assert (is_erased(short.person), is_erased(long.person)) == (True, False)


@pytest.mark.parametrize("whose", ["need", "offer"])
def test_nobody_is_erased_while_a_match_of_theirs_goes_on(app: Flask, whose: str) -> None:
    story = Story()
    match = story.deliver()
    lifecycle.dispute(match, by=actor_of(story.amina), now=NOW)
    post = story.need if whose == "need" else story.offer
    lifecycle.withdraw(post, by=actor_of(post.person), now=NOW)
    db.session.commit()
    assert erase_at(NOW + 100 * DAY) == [0]
    lifecycle.resolve(match, "released", by=story.bo, now=NOW + 100 * DAY)
    db.session.commit()
    assert erase_at(NOW + 130 * DAY - SECOND, NOW + 130 * DAY) == [0, 1]


@pytest.mark.parametrize("whose", ["need", "offer"])
def test_the_end_of_a_match_counts_when_it_is_later_than_that_of_the_post(app: Flask, whose: str) -> None:
    story = Story()
    match = story.deliver()
    post = story.need if whose == "need" else story.offer
    lifecycle.withdraw(post, by=actor_of(post.person), now=NOW)
    lifecycle.confirm(match, by=actor_of(story.amina), now=NOW + 3 * DAY)
    db.session.commit()
    assert erase_at(NOW + 30 * DAY, NOW + 33 * DAY - SECOND) == [0, 0]
    erase_due(NOW + 33 * DAY)
    assert is_erased(post.person)


@pytest.mark.parametrize("how", ["ended", "recalled"])
def test_member_is_erased_when_their_mandate_was_over_for_long(app: Flask, how: str) -> None:
    network = make_network()
    bo = make_member(network, days=10)
    over = NOW + (10 if how == "ended" else 4) * DAY
    bo.recalled_at = over if how == "recalled" else None
    db.session.commit()
    person = bo.person
    assert erase_at(over + 30 * DAY - SECOND) == [0]
    assert erase_at(over + 30 * DAY, over + 30 * DAY) == [1, 0]
    assert is_erased(person)
    assert (
        db.session.scalars(select(Membership.id)).all() == db.session.scalars(select(Account.id)).all() == []
    )


def test_account_stays_while_it_has_a_place_elsewhere(app: Flask) -> None:
    bo = make_member(make_network(), days=10)
    there = make_member(make_network("chris"), account=bo.account)
    db.session.commit()
    erase_due(NOW + 40 * DAY)
    assert db.session.scalars(select(Membership)).all() == [there]
    assert db.session.scalars(select(Account)).all() == [there.account]


def test_helper_with_an_open_offer_stays_when_their_mandate_was_over_for_long(app: Flask) -> None:
    network = make_network()
    dee = make_member(network, "helper", name="Dee", days=10)
    make_offer(dee.person, make_category(network))
    db.session.commit()
    person = dee.person
    assert erase_at(NOW + 40 * DAY, NOW + 40 * DAY) == [1, 0]
    assert (person.name, db.session.scalars(select(Membership)).all()) == ("Dee", [])


def test_page_that_is_kept_stays_as_long_again(app: Flask) -> None:
    need = withdrawn()
    keep_page(need.person, 30, NOW + 25 * DAY)
    db.session.commit()
    assert erase_at(NOW + 30 * DAY) == [1]
    assert (need.person.name, db.session.scalars(select(PostDetails)).all()) == ("Amina", [])
    assert erase_at(NOW + 55 * DAY - SECOND, NOW + 55 * DAY) == [0, 1]
    assert is_erased(need.person)


def test_page_that_was_kept_is_forgotten_about_once_something_is_open(app: Flask) -> None:
    need = withdrawn()
    keep_page(need.person, 30, NOW)
    make_need(need.person, need.category)
    db.session.commit()
    erase_due(NOW + 30 * DAY)
    assert (need.person.kept_until, need.person.name, erase_due(NOW + 90 * DAY)) == (None, "Amina", 0)


def test_what_is_counted_stays_and_times_become_days(app: Flask) -> None:
    story = Story(quantity=3)
    match = story.deliver(NOW + HOUR)
    lifecycle.confirm(match, by=actor_of(story.amina), now=NOW + 2 * HOUR)
    lifecycle.withdraw(story.need, by=actor_of(story.amina), now=NOW + 2 * HOUR)
    db.session.commit()
    verbs = select(Event.verb, Event.quantity).where(Event.post_id == story.need.id).order_by(Event.id)
    before = db.session.execute(verbs).all()
    erase_due(NOW + 31 * DAY)
    need, match = story.need, db.session.get_one(Match, (match.network_id, match.id))
    assert db.session.execute(verbs).all() == before
    assert (need.kind, need.quantity, need.outcome, match.state, match.given) == (
        "need",
        3,
        "withdrawn",
        "confirmed",
        1,
    )
    assert {need.created_at, need.closed_at, match.confirmed_at, match.ended_at} == {to_the_day(NOW)}
    assert set(db.session.scalars(select(Event.at).where(Event.post_id == need.id))) == {to_the_day(NOW)}


def test_post_whose_words_are_gone_is_neither_opened_nor_disputed_again(app: Flask) -> None:
    story = Story()
    match = story.deliver()
    lifecycle.confirm(match, by=story.bo, now=NOW, by_silence=True)
    make_need(story.amina, story.need.category)
    db.session.commit()
    erase_due(NOW + 30 * DAY)
    for verb in (
        lambda: lifecycle.reopen(story.need, by=story.bo, now=NOW + 30 * DAY),
        lambda: lifecycle.dispute(match, by=story.bo, now=NOW + 30 * DAY),
    ):
        with pytest.raises(lifecycle.Refused) as refused:
            verb()
        assert refused.value.reason == "emptied"


def test_own_do_not_match_list_goes_and_what_others_say_stays(app: Flask) -> None:
    """Somebody who is dangerous must not get past it by being erased and coming back."""
    need = withdrawn()
    mo = make_person(db.session.get_one(Network, need.network_id), "Mo", phone="416 555 0102")
    make_need(mo, need.category)
    lifecycle.never_match_person(mo, need.person, by=actor_of(mo), now=NOW)
    lifecycle.never_match_person(need.person, mo, by=actor_of(need.person), now=NOW)
    db.session.commit()
    erase_due(NOW + 30 * DAY)
    left = db.session.scalars(select(DoNotMatch)).all()
    assert {row.person_id for row in left} == {mo.id}
    assert len([row for row in left if row.contact_hash]) == 1


def test_when_somebody_is_erased_is_what_their_page_says(app: Flask) -> None:
    need = withdrawn()
    assert ends_at(need.person) == NOW + 30 * DAY
    keep_page(need.person, 30, NOW + DAY)
    assert ends_at(need.person) == NOW + 31 * DAY
    make_need(need.person, need.category)
    db.session.flush()
    assert ends_at(need.person) is None


# A week before


def told() -> list[Notice]:
    return list(db.session.scalars(select(Notice).where(Notice.kind == "page_ends")))


def test_who_can_be_written_to_is_told_a_week_before_and_once(app: Flask) -> None:
    withdrawn()
    owed = [owe_page_ends(NOW + moment, {}) for moment in (23 * DAY - SECOND, 23 * DAY, 23 * DAY, 29 * DAY)]
    [notice] = told()
    assert (owed, notice.channel, notice.numbers) == (
        [0, 1, 0, 0],
        "email",
        {"until": (NOW + 30 * DAY).isoformat()},
    )


def test_nobody_is_told_at_night_nor_twice_a_day(app: Flask) -> None:
    withdrawn()
    looked: dict[int, Any] = {}
    night = NOW + 24 * DAY - 3 * HOUR  # seven in the morning in Toronto
    assert [owe_page_ends(moment, looked) for moment in (night, night + HOUR)] == [0, 1]
    assert list(looked.values()) == [night.date()]


@pytest.mark.parametrize("reach", ["call", "none"])
def test_who_cannot_be_written_to_is_not_told(app: Flask, reach: str) -> None:
    need = withdrawn()
    need.person.reach = reach
    db.session.commit()
    assert owe_page_ends(NOW + 25 * DAY, {}) == 0


def test_who_has_something_open_is_not_told(app: Flask) -> None:
    need = withdrawn()
    make_need(need.person, need.category)
    db.session.commit()
    assert owe_page_ends(NOW + 25 * DAY, {}) == 0


def test_nobody_is_told_where_things_are_kept_for_a_week_only(app: Flask) -> None:
    withdrawn(retention_days=7)
    assert owe_page_ends(NOW + DAY, {}) == 0


def test_member_whose_mandate_is_over_is_told(app: Flask) -> None:
    make_member(make_network(), days=10)
    db.session.commit()
    assert owe_page_ends(NOW + 33 * DAY, {}) == 1


# What ended by itself


def test_links_and_notices_go_when_they_have_ended(app: Flask) -> None:
    person = make_person(make_network(), "Amina", email="amina@example.org")
    new_link(person, NOW, days=5)
    notice = owe(person, "agreed_need", now=NOW)
    assert notice is not None
    notice.done_at, notice.outcome = NOW, "sent"
    db.session.commit()
    gone = [tidy(NOW + moment) for moment in (5 * DAY - SECOND, 5 * DAY, 30 * DAY - SECOND, 30 * DAY)]
    assert gone == [0, 1, 0, 1]
    assert (
        db.session.scalars(select(AccessLink.id)).all() == db.session.scalars(select(Notice.id)).all() == []
    )


# A clock that cannot be believed, and too many at once


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


def test_of_too_many_so_many_go_a_day_and_the_rest_once_somebody_confirms(work: Work) -> None:
    """Who posts and withdraws a lot must not stop the erasing for everybody."""
    number, a_day = SOME + 20, SOME + 3  # and a twentieth of all
    many(number)
    beat(NOW + 30 * DAY)
    for hour in range(3):
        work(NOW + 30 * DAY + hour * HOUR, "worker", "--once")
    assert (left(), heartbeat_held()) == (number - a_day, "many")
    said = work(NOW + 30 * DAY + 3 * HOUR, "erase", "due")
    assert "something of 17 people" in said
    assert "Unusually many people would be erased at once. The worker erases some each day." in said
    work(NOW + 30 * DAY + 3 * HOUR, "erase", "due", "--confirm")
    assert left() == 0


def test_rest_of_too_many_goes_the_next_day(work: Work) -> None:
    many(SOME + 20)
    beat(NOW + 30 * DAY)
    work(NOW + 30 * DAY, "worker", "--once")
    midnight = to_the_day(NOW + 31 * DAY)
    work(midnight - SECOND, "worker", "--once")
    assert (left(), heartbeat_held()) == (17, "many")
    work(midnight, "worker", "--once")
    assert (left(), heartbeat_held()) == (0, "")


def test_of_too_many_the_longest_overdue_go_first(work: Work) -> None:
    many(SOME + 20, slug="later", after=DAY)
    amina, bo = withdrawn().person, make_member(make_network("members"), days=0)
    chris = withdrawn(slug="kept").person
    keep_page(chris, 29, NOW)
    db.session.commit()
    first = {(person.network_id, person.id) for person in (amina, bo.person, chris)}
    assert set(longest_overdue(NOW + 31 * DAY, 3)) == first
    beat(NOW + 31 * DAY)
    work(NOW + 31 * DAY, "worker", "--once")
    assert all(db.session.get_one(Person, key).erased_at for key in first)
    assert (left(), heartbeat_held()) == (20, "many")


def test_words_that_are_emptied_count_as_the_people_whose_they_were(app: Flask) -> None:
    """A clock that jumped takes no more of those who have another post open."""
    network = make_network()
    groceries = make_category(network)
    for _ in range(SOME + 20):
        need = make_need(make_person(network, "Amina"), groceries)
        lifecycle.withdraw(need, by=actor_of(need.person), now=NOW)
        make_need(need.person, groceries)
    db.session.commit()
    beat(NOW + 30 * DAY, "many")
    while erase_some(NOW + 30 * DAY):
        pass
    emptied = db.session.scalars(select(Post.person_id).where(Post.erased_at.is_not(None))).all()
    assert len(emptied) == SOME + (SOME + 20) // 20


def test_who_erases_themselves_takes_nothing_from_what_the_clock_may_erase(work: Work) -> None:
    """A program that posts and erases a lot each day must not stop the erasing for everybody."""
    number, now = SOME + 20, NOW + 30 * DAY
    many(number)
    passing = make_network("passing")
    for _ in range(SOME + 10):
        person = make_person(passing, "Dee", created_at=now)
        lifecycle.erase(person, by=actor_of(person), now=now)
    beat(now, "many")
    work(now, "worker", "--once")
    work(now + HOUR, "worker", "--once")
    assert (number - left(), heartbeat_held()) == (SOME + 6, "many")  # a twentieth of all who were here


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
