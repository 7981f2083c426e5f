"""Twenty processes that do the same to the same at once: made once, then held at a gate before each round."""

import multiprocessing
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection
from typing import Any

from flask import Flask
from sqlalchemy import func, select

from mutualaid.aid import lifecycle
from mutualaid.aid.lifecycle import Refused
from mutualaid.aid.models import Draft, Match, Post
from mutualaid.db import db, reading_only, set_reading_only, utcnow
from mutualaid.events.models import Event
from mutualaid.networks import verbs
from mutualaid.networks.models import Membership, Network
from mutualaid.notices.models import Notice
from mutualaid.people.models import Person
from tests.aid.asking import answer, of_need
from tests.factories import (
    actor_of,
    make_category,
    make_match,
    make_member,
    make_need,
    make_network,
    make_offer,
    make_person,
)
from tests.web import Browser

RACERS = 20
PATIENCE = 120  # seconds, on a machine that has much else to do
WON, REFUSED = "won", "refused"
ONE_WINNER = [REFUSED] * (RACERS - 1) + [WON]

Meet = Callable[[], None]
Race = Callable[..., str]


class Racers:
    def __init__(self, lanes: list[Connection]) -> None:
        self.lanes = lanes

    def run(self, race: Race, **known: Any) -> list[str]:
        """What came of it for each, sorted. `known` is told to all of them, and to each its `place`."""
        for lane in self.lanes:
            lane.send((race, known))
        return sorted(lane.recv() if lane.poll(PATIENCE) else "no answer" for lane in self.lanes)


class Alone(Racers):
    """Runs before the others are made, so that what SQLAlchemy learns by it need not be learned twenty times."""

    def __init__(self, app: Flask) -> None:
        self.app = app

    def run(self, race: Race, **known: Any) -> list[str]:
        return [outcome(lambda: race(self.app, db.session.commit, place=0, **known))]


@contextmanager
def racers(app: Flask) -> Iterator[Racers]:
    """Forked from a process that holds no connection: none may be used by two."""
    with app.app_context():
        for race in RACES:
            with suppress(AssertionError):  # twenty are expected
                race(app, Alone(app), f"alone-{race.__name__.replace('_', '-')}")
        db.session.remove()
        db.engine.dispose()
    fork = multiprocessing.get_context("fork")
    gate = fork.Barrier(RACERS)
    ends = [fork.Pipe() for _ in range(RACERS)]
    made = [
        fork.Process(target=race_on, args=(app, place, gate.wait, end), daemon=True)
        for place, (_, end) in enumerate(ends)
    ]
    for process in made:
        process.start()
    try:
        yield Racers([ours for ours, _ in ends])
    finally:
        for process in made:
            process.kill()
            process.join()


def race_on(app: Flask, place: int, wait: Callable[[float], int], lane: Connection) -> None:
    def meet() -> None:
        """All have read by now, and what they read is old as soon as one of them writes."""
        db.session.commit()
        set_reading_only(False)
        wait(PATIENCE)

    while True:
        race, known = lane.recv()
        with app.app_context():
            set_reading_only(True)
            db.session().expire_on_commit = False
            lane.send(outcome(lambda: race(app, meet, place=place, **known)))  # noqa: B023 - called at once


def outcome(run: Callable[[], str]) -> str:
    try:
        return run()
    except Refused:
        return REFUSED
    except Exception as error:  # noqa: BLE001 - whatever it is, it is not what a person should meet
        return f"{type(error).__name__}: {error}"
    finally:
        db.session.rollback()


# What each of them does: look, wait for the others, act


def accept(_app: Flask, meet: Meet, *, place: int, network_id: int, match_id: int) -> str:
    match = db.session.get_one(Match, (network_id, match_id))
    amina = match.need.person
    meet()
    lifecycle.consent(match, "need", by=actor_of(amina), now=utcnow())
    db.session.commit()
    return WON


def promise(
    _app: Flask, meet: Meet, *, place: int, network_id: int, need_ids: list[int], offer_id: int
) -> str:
    """Each has a need of their own for what one offer has left."""
    need = db.session.get_one(Post, (network_id, need_ids[place]))
    offer = db.session.get_one(Post, (network_id, offer_id))
    meet()
    lifecycle.propose(need, offer, by=actor_of(need.person, "coordinator"), now=utcnow())
    db.session.commit()
    return WON


def claim(
    _app: Flask, meet: Meet, *, place: int, network_id: int, need_id: int, helper_ids: list[int]
) -> str:
    need = db.session.get_one(Post, (network_id, need_id))
    helper = db.session.get_one(Person, (network_id, helper_ids[place]))
    meet()
    lifecycle.claim(need, helper, by=actor_of(helper, "helper"), now=utcnow())
    db.session.commit()
    return WON


def press_yes(
    app: Flask, meet: Meet, *, place: int, slug: str, network_id: int, match_id: int, cookie: str
) -> str:
    """The same on the page. Won: told that it was done; refused: told why not."""
    browser = browser_with(app, cookie)
    meet()
    answer = browser.post(f"/{slug}/matches/{match_id}/consent")
    with browser.session_transaction() as session:
        told = [kind for kind, _ in session["_flashes"]]
    return {(303, ("offer",)): WON, (303, ("now",)): REFUSED}.get(
        (answer.status_code, tuple(told)), f"{answer.status_code} {told}"
    )


def send(app: Flask, meet: Meet, *, place: int, slug: str, cookies: list[str]) -> str:
    """Everybody is led to the same end, whoever was first."""
    browser = browser_with(app, cookies[place])
    meet()
    answer = browser.post(f"/{slug}/post/need/check")
    return f"{answer.status_code} {answer.location}"


def recall(_app: Flask, meet: Meet, *, place: int, network_id: int, member_ids: list[int]) -> str:
    """Each of two stewards, in ten places, recalls the other."""
    one, other = (db.session.get_one(Membership, (network_id, member)) for member in member_ids)
    mine, theirs = (one, other) if place % 2 else (other, one)
    by = actor_of(db.session.get_one(Person, (network_id, mine.person_id)), "steward")
    meet()
    try:
        verbs.recall_member(theirs, now=utcnow(), by=by)
    except verbs.NotPossible:
        return REFUSED
    db.session.commit()
    return WON


def browser_with(app: Flask, cookie: str) -> Browser:
    browser = app.test_client()
    assert isinstance(browser, Browser)
    browser.set_cookie("session", cookie)
    return browser


# Where it happens, and what must hold afterwards. Each has a network of its own.


def check_accept(_app: Flask, racing: Racers, slug: str, race: Race = accept) -> None:
    match = proposed(make_network(slug, created_at=utcnow()))
    known = {"network_id": match.network_id, "match_id": match.id}
    db.session.commit()
    assert racing.run(race, **known) == ONE_WINNER
    check_agreed_once(**known)


def check_press_yes(app: Flask, racing: Racers, slug: str) -> None:
    match = proposed(make_network(slug, created_at=utcnow()))
    known = {"network_id": match.network_id, "match_id": match.id}
    browser = app.test_client()
    assert isinstance(browser, Browser)
    browser.enter(match.need.person)
    db.session.commit()
    assert racing.run(press_yes, slug=slug, cookie=cookie_of(browser), **known) == ONE_WINNER
    check_agreed_once(**known)


def check_agreed_once(network_id: int, match_id: int) -> None:
    with reading_only():
        match = db.session.get_one(Match, (network_id, match_id), populate_existing=True)
        counts = (match.state, match.need.uncovered, match.offer.stock_left)
        db.session.commit()
    told = (Notice.match_id == match_id, Notice.kind == "agreed_offer")
    agreed = (Event.match_id == match_id, Event.verb == "agree")
    assert (counts, count(Event, *agreed), count(Notice, *told)) == (("agreed", 0, 0), 1, 1)


def check_last_unit(_app: Flask, racing: Racers, slug: str, race: Race = promise) -> None:
    network = make_network(slug, created_at=utcnow())
    groceries, now = make_category(network), utcnow()
    offer = make_offer(make_person(network, "Dee", created_at=now), groceries, stock=1, now=now)
    needs = [make_need(make_person(network, created_at=now), groceries, now=now) for _ in range(RACERS)]
    network_id, offer_id, need_ids = network.id, offer.id, [need.id for need in needs]
    db.session.commit()
    assert racing.run(race, network_id=network_id, offer_id=offer_id, need_ids=need_ids) == ONE_WINNER
    open_needs = count(Post, Post.network_id == network_id, Post.kind == "need", Post.uncovered == 1)
    left = count(Post, Post.network_id == network_id, Post.stock_left == 0)
    assert (count(Match, Match.network_id == network_id), left, open_needs) == (1, 1, RACERS - 1)


def check_claim(_app: Flask, racing: Racers, slug: str) -> None:
    network = make_network(slug, created_at=utcnow())
    now = utcnow()
    need = make_need(make_person(network, created_at=now), make_category(network), now=now)
    helpers = [make_person(network, "Dee", created_at=now) for _ in range(RACERS)]
    network_id, need_id, helper_ids = network.id, need.id, [helper.id for helper in helpers]
    db.session.commit()
    assert racing.run(claim, network_id=network_id, need_id=need_id, helper_ids=helper_ids) == ONE_WINNER
    offers = count(Post, Post.network_id == network_id, Post.kind == "offer")
    assert (count(Match, Match.network_id == network_id), offers) == (1, 1)


def check_send(app: Flask, racing: Racers, slug: str, keys: int = 1) -> None:
    """`keys`: how many drafts the twenty hold among them; one, unless the check itself is tried."""
    network = make_network(slug, created_at=utcnow())
    make_category(network, "rides", names={"en": "Rides"})
    network_id, cookies = network.id, []
    for _ in range(keys):
        browser = app.test_client()
        assert isinstance(browser, Browser)
        answer(browser, network, "need", of_one_ride())
        cookies.append(cookie_of(browser))
    db.session.commit()
    done = racing.run(send, slug=slug, cookies=[cookies[place % keys] for place in range(RACERS)])
    assert done == [f"303 /{slug}/posted"] * RACERS
    counts = [count(model, model.network_id == network_id) for model in (Post, Person)]
    assert (counts, count(Draft, Draft.network_id == network_id, Draft.sent_at.is_not(None))) == ([1, 1], 1)


def check_recall(_app: Flask, racing: Racers, slug: str) -> None:
    network, now = make_network(slug, created_at=utcnow()), utcnow()
    both = [
        make_member(network, "steward", email=f"{name}@{slug}.example.org", now=now)
        for name in ("ines", "ada")
    ]
    network_id, member_ids = network.id, [member.id for member in both]
    db.session.commit()
    assert racing.run(recall, network_id=network_id, member_ids=member_ids) == ONE_WINNER
    left = (Membership.network_id == network_id, Membership.recalled_at.is_(None))
    assert count(Membership, *left) == 1


def of_one_ride() -> dict[str, dict[str, Any]]:
    answers = of_need(None, what={"what": ["rides"]}, which={"many_rides": "1"})
    del answers["where"]
    return answers


def proposed(network: Network) -> Match:
    """The one box of Dee's, to Amina; Dee has said yes."""
    groceries, now = make_category(network), utcnow()
    amina = make_person(network, created_at=now)
    dee = make_person(network, "Dee", email="dee@example.org", created_at=now)
    need = make_need(amina, groceries, now=now)
    offer = make_offer(dee, groceries, stock=1, now=now)
    match = make_match(need, offer, by=actor_of(amina, "coordinator"), now=now)
    return lifecycle.consent(match, "offer", by=actor_of(dee), now=now)


def cookie_of(browser: Browser) -> str:
    cookie = browser.get_cookie("session")
    assert cookie is not None
    return cookie.value


def count(model: Any, *which: Any) -> int:
    with reading_only():
        found = db.session.scalar(select(func.count()).select_from(model).where(*which))
        db.session.commit()
    return found or 0


RACES = (check_accept, check_press_yes, check_last_unit, check_claim, check_send, check_recall)
