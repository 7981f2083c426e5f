"""What the clock does: never a second early, at the time yes, and once however often it is asked."""

from datetime import UTC, date, datetime, timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select

from mutualaid.aid import lifecycle, windows
from mutualaid.aid.lifecycle.due import BATCH, do_what_is_due
from mutualaid.aid.models import Draft, Match, Post
from mutualaid.db import db
from mutualaid.events.models import Event
from mutualaid.networks.models import Network
from mutualaid.notices.models import Notice
from mutualaid.people.models import Person
from tests.factories import (
    NOW,
    actor_of,
    make_category,
    make_match,
    make_member,
    make_need,
    make_network,
    make_offer,
    make_person,
)

SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)


class Story:
    """Amina needs groceries, Dee offers them, Bo coordinates; all can be written to."""

    def __init__(self, network: Network | None = None, **need: Any) -> None:
        self.network = network or make_network()
        self.amina, self.dee = self.person("Amina"), self.person("Dee")
        self.bo = actor_of(make_member(self.network, email=f"bo@{self.network.slug}.example"))
        groceries = make_category(self.network)
        self.need = make_need(self.amina, groceries, **need)
        self.offer = make_offer(self.dee, groceries)
        db.session.commit()

    def person(self, name: str) -> Person:
        return make_person(self.network, name, email=f"{name.lower()}@example.org")

    def propose(self, now: datetime = NOW) -> Match:
        match = make_match(self.need, self.offer, by=self.bo, now=now)
        db.session.commit()
        return match

    def agree(self, now: datetime = NOW) -> Match:
        match = self.propose(now)
        lifecycle.consent(match, "need", by=actor_of(self.amina), now=now)
        lifecycle.consent(match, "offer", by=actor_of(self.dee), now=now)
        db.session.commit()
        return match

    def deliver(self, now: datetime = NOW, agreed: datetime = NOW) -> Match:
        match = self.agree(agreed)
        lifecycle.deliver(match, by=actor_of(self.dee), now=now)
        db.session.commit()
        return match


def count(verb: str) -> int:
    return db.session.scalar(select(func.count()).select_from(Event).where(Event.verb == verb)) or 0


def notices(kind: str) -> int:
    return db.session.scalar(select(func.count()).select_from(Notice).where(Notice.kind == kind)) or 0


def work(*moments: datetime) -> list[int]:
    """How much was done at each of them."""
    return [do_what_is_due(moment) for moment in moments]


@pytest.mark.parametrize(("urgency", "hours"), [(0, 24), (1, 24), (2, 4)])
def test_proposal_lapses_when_its_lease_ends(app: Flask, urgency: int, hours: int) -> None:
    story = Story(urgency=urgency)
    match = story.propose()
    end = NOW + hours * HOUR
    assert work(end - SECOND, end, end, end + HOUR) == [0, 1, 0, 0]
    assert (match.state, match.ended_at, count("lapse")) == ("lapsed", end, 1)
    assert (story.need.state, story.need.uncovered) == ("open", 1)


SATURDAYS, EVENINGS = windows.mask([(5, 0), (5, 2)]), windows.mask((day, 2) for day in range(7))


@pytest.mark.parametrize(
    ("need", "offer", "ends"),
    [
        ({}, {}, NOW + 7 * DAY),
        ({"urgency": 2}, {}, NOW + DAY),
        ({"until_day": date(2026, 11, 25)}, {}, datetime(2026, 11, 26, 5, tzinfo=UTC)),
        ({"urgency": 2, "times": SATURDAYS}, {"times": EVENINGS}, datetime(2026, 11, 29, 5, tzinfo=UTC)),
        ({"urgency": 2}, {"from_day": date(2026, 12, 7)}, datetime(2026, 12, 8, 5, tzinfo=UTC)),
    ],
)
def test_promise_is_not_due_before_the_two_can_meet(
    app: Flask, need: Any, offer: Any, ends: datetime
) -> None:
    """Monday, 23 November, at ten in Toronto."""
    story = Story(**{"urgency": 1} | need)
    for name, value in offer.items():
        setattr(story.offer, name, value)
    db.session.commit()
    assert story.agree().due_at == ends


def test_lapse_tells_only_whoever_had_said_yes(app: Flask) -> None:
    story = Story()
    match = story.propose()
    lifecycle.consent(match, "offer", by=actor_of(story.dee), now=NOW + HOUR)
    db.session.commit()
    assert work(NOW + 25 * HOUR - SECOND, NOW + 25 * HOUR) == [0, 1]
    assert (notices("ended_offer"), notices("ended_need")) == (1, 0)
    asked = db.session.scalars(select(Notice).where(Notice.kind == "proposed_need")).one()
    assert asked.outcome == "dropped"


@pytest.mark.parametrize("kind", ["need", "offer"])
def test_post_is_asked_after_23_days_once(app: Flask, kind: str) -> None:
    story = Story()
    post: Post = getattr(story, kind)
    lifecycle.still_needed(story.offer if kind == "need" else story.need, by=story.bo, now=NOW + 10 * DAY)
    db.session.commit()
    at = NOW + 23 * DAY
    assert work(at - SECOND, at, at, at + DAY) == [0, 1, 0, 0]
    assert (post.asked_still_at, notices(f"still_{kind}"), count("ask_still")) == (at, 1, 1)


def test_post_is_asked_anew_23_days_after_the_answer(app: Flask) -> None:
    story = Story()
    lifecycle.withdraw(story.offer, by=story.bo, now=NOW)
    db.session.commit()
    do_what_is_due(NOW + 23 * DAY)
    lifecycle.still_needed(story.need, by=actor_of(story.amina), now=NOW + 24 * DAY)
    db.session.commit()
    assert work(NOW + 47 * DAY - SECOND, NOW + 47 * DAY) == [0, 1]
    assert (notices("still_need"), story.need.state) == (2, "open")


@pytest.mark.parametrize("kind", ["need", "offer"])
def test_post_expires_after_30_days_of_silence(app: Flask, kind: str) -> None:
    story = Story()
    post: Post = getattr(story, kind)
    lifecycle.withdraw(story.offer if kind == "need" else story.need, by=story.bo, now=NOW)
    db.session.commit()
    end = NOW + 30 * DAY
    assert work(NOW + 23 * DAY, end - SECOND, end, end) == [1, 0, 1, 0]
    assert (post.state, post.outcome, post.closed_at) == ("closed", "expired", end)
    assert (notices(f"expired_{kind}"), count("expire")) == (1, 1)
    still = db.session.scalars(select(Notice).where(Notice.kind == f"still_{kind}")).one()
    assert still.outcome == "dropped"


def test_expired_proposal_is_let_go_and_the_other_side_told(app: Flask) -> None:
    story = Story()
    match = story.propose(NOW + 30 * DAY - HOUR)
    lifecycle.still_needed(story.offer, by=story.bo, now=NOW + DAY)
    db.session.commit()
    do_what_is_due(NOW + 30 * DAY)
    assert (story.need.outcome, match.state, notices("ended_offer")) == ("expired", "retracted", 1)


def test_answer_to_a_proposal_is_a_sign_of_life(app: Flask) -> None:
    story = Story()
    match = story.propose(NOW + 20 * DAY)
    lifecycle.decline(match, "need", by=actor_of(story.amina), now=NOW + 20 * DAY)
    db.session.commit()
    assert work(NOW + 30 * DAY) == [1]
    assert (story.need.state, story.offer.outcome) == ("open", "expired")


def test_lapse_is_no_sign_of_life(app: Flask) -> None:
    story = Story()
    story.propose(NOW + 20 * DAY)
    do_what_is_due(NOW + 21 * DAY)
    do_what_is_due(NOW + 30 * DAY)
    assert (story.need.outcome, story.offer.outcome) == ("expired", "expired")


def test_post_that_something_is_agreed_about_is_neither_asked_nor_expired(app: Flask) -> None:
    """A ride promised for the day after tomorrow does not end because it was promised long ago."""
    story = Story(until_day=(NOW + 60 * DAY).date())
    match = story.agree()
    assert work(NOW + 23 * DAY, NOW + 30 * DAY, NOW + 62 * DAY) == [0, 0, 0]
    assert (match.state, story.need.state, story.offer.state) == ("agreed", "open", "open")


def test_need_that_is_disputed_waits_for_the_coordinator(app: Flask) -> None:
    story = Story()
    match = story.deliver()
    lifecycle.dispute(match, by=actor_of(story.amina), now=NOW)
    db.session.commit()
    assert work(NOW + 30 * DAY) == [0]
    assert (match.state, story.need.state, story.offer.state) == ("disputed", "open", "open")


def test_delivery_is_a_sign_of_life_of_the_offer(app: Flask) -> None:
    story = Story()
    story.deliver(NOW + 29 * DAY)
    work(NOW + 36 * DAY, NOW + 51 * DAY)
    assert (story.offer.state, story.need.outcome, notices("still_offer")) == ("open", "fulfilled", 0)
    assert work(NOW + 52 * DAY) == [1]
    assert notices("still_offer") == 1


def test_silence_after_a_delivery_confirms_it_after_7_days(app: Flask) -> None:
    story = Story()
    match = story.deliver(NOW + HOUR)
    end = NOW + HOUR + 7 * DAY
    assert work(end - SECOND, end, end) == [0, 1, 0]
    assert (match.state, match.by_silence, match.confirmed_at) == ("confirmed", True, end)
    assert (story.need.state, story.need.outcome) == ("closed", "fulfilled")
    assert (notices("confirmed_offer"), count("confirm")) == (1, 1)


def test_dispute_stops_the_clock(app: Flask) -> None:
    story = Story()
    match = story.deliver()
    lifecycle.dispute(match, by=actor_of(story.amina), now=NOW + 6 * DAY)
    db.session.commit()
    assert work(NOW + 8 * DAY) == [0]
    assert match.state == "disputed"


@pytest.mark.parametrize(
    ("timezone", "midnight"),
    [
        ("America/Toronto", datetime(2026, 11, 26, 5, 0, tzinfo=UTC)),
        ("Pacific/Kiritimati", datetime(2026, 11, 25, 10, 0, tzinfo=UTC)),
        ("Pacific/Niue", datetime(2026, 11, 26, 11, 0, tzinfo=UTC)),
        ("Asia/Kolkata", datetime(2026, 11, 25, 18, 30, tzinfo=UTC)),
    ],
)
def test_last_day_is_over_at_midnight_of_its_network(app: Flask, timezone: str, midnight: datetime) -> None:
    story = Story(make_network(timezone=timezone), until_day=date(2026, 11, 25))
    Story(make_network("elsewhere", timezone="UTC"))
    assert work(midnight - SECOND, midnight, midnight) == [0, 1, 0]
    assert (story.need.outcome, notices("expired_need")) == ("expired", 1)


def test_drafts_are_gone_when_they_end(app: Flask) -> None:
    network = make_network()
    db.session.add(
        Draft(network_id=network.id, kind="need", token_hash=b"1", created_at=NOW, expires_at=NOW + DAY)
    )
    db.session.commit()
    kept = []
    for moment in (NOW + DAY - SECOND, NOW + DAY):
        do_what_is_due(moment)
        kept.append(db.session.scalar(select(func.count()).select_from(Draft)))
    assert kept == [1, 0]


def test_more_than_a_batch_is_done_in_turns(app: Flask) -> None:
    network = make_network()
    amina, groceries = make_person(network, "Amina"), make_category(network)
    for _ in range(BATCH + 2):
        make_need(amina, groceries)
    db.session.commit()
    end = NOW + 30 * DAY
    assert work(end, end, end) == [BATCH + 2, 2, 0]  # the first asks those whose turn to expire is next, too
    assert count("expire") == BATCH + 2


def two_workers(app: Flask, now: datetime) -> int:
    """How much two workers did who looked at the same moment."""
    start, done = Barrier(2), []

    def worker() -> None:
        with app.app_context():
            start.wait()
            done.append(do_what_is_due(now))

    threads = [Thread(target=worker) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(done)


def test_two_workers_at_once_do_each_thing_once(app: Flask) -> None:
    network = make_network()
    for number in range(4):
        groceries = make_category(network, f"groceries{number}")
        amina, dee = make_person(network, "Amina"), make_person(network, "Dee")
        make_match(
            make_need(amina, groceries),
            make_offer(dee, groceries),
            by=actor_of(make_member(network, name=f"Bo{number}")),
        )
    db.session.commit()
    assert (two_workers(app, NOW + DAY), count("lapse")) == (4, 4)


def test_two_workers_at_once_ask_each_once(app: Flask) -> None:
    network = make_network()
    amina, groceries = make_person(network, email="amina@example.org"), make_category(network)
    for _ in range(4):
        make_need(amina, groceries)
    db.session.commit()
    assert (two_workers(app, NOW + 23 * DAY), count("ask_still"), notices("still_need")) == (4, 4, 4)


def test_worker_lapses_by_the_clock(app: Flask, clock: time_machine.Traveller) -> None:
    match = Story().propose()
    key, states = (match.network_id, match.id), []
    for moment in (DAY - SECOND, DAY, 2 * DAY):
        clock.move_to(NOW + moment, tick=False)
        said = app.test_cli_runner().invoke(args=["worker", "--once"]).output
        states.append((db.session.get_one(Match, key).state, said.split()[0]))
        db.session.commit()
    assert states == [("proposed", "0"), ("lapsed", "1"), ("lapsed", "0")]
