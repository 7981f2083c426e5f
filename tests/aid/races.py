"""What twenty do to the same at once. Each looks, waits for the others, and acts; then it is checked what holds."""

from typing import Any

from flask import Flask
from sqlalchemy import func, select

from mutualaid.aid import lifecycle
from mutualaid.aid.models import Draft, Match, Post
from mutualaid.db import db, reading_only, utcnow
from mutualaid.events.models import Event
from mutualaid.networks import verbs
from mutualaid.networks.models import Membership, Network
from mutualaid.notices.models import Notice
from mutualaid.people.models import Person
from tests.aid.asking import answer, of_need
from tests.aid.racing import ONE_WINNER, RACERS, REFUSED, WON, Meet, Race, Racers
from tests.factories import (
    PASSWORD,
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

# What each of them does


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


def accept_invitation(app: Flask, meet: Meet, *, place: int, cookies: list[str], name: str) -> str:
    """Two networks have invited somebody who has no password yet; each link sets one."""
    browser = browser_with(app, cookies[place % 2])
    meet()
    answer = browser.post("/invitation", data={"name": name, "password": f"{PASSWORD} {place}"})
    return WON if answer.location == "/" else REFUSED


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


def check_accept_invitation(app: Flask, racing: Racers, slug: str) -> None:
    cookies = []
    for network in (make_network(slug), make_network(f"{slug}-2")):
        _, token = verbs.add_member(network, f"dee@{slug}.example.org", "helper", now=utcnow())
        browser = app.test_client()
        assert isinstance(browser, Browser)
        browser.show_link(f"/invitation/{token}")
        cookies.append(cookie_of(browser))
    db.session.commit()
    assert racing.run(accept_invitation, cookies=cookies, name="Dee") == ONE_WINNER


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


RACES = (
    check_accept,
    check_press_yes,
    check_last_unit,
    check_claim,
    check_send,
    check_recall,
    check_accept_invitation,
)
