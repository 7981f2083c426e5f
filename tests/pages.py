"""Every page that a person can open, in a network where each has something to show; tests read them all."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select

from mutualaid.aid import lifecycle
from mutualaid.aid.messages.models import Message
from mutualaid.aid.models import Match, Post
from mutualaid.db import db
from mutualaid.networks.models import Membership, Network
from mutualaid.notices.models import Notice
from mutualaid.people.access import new_link
from mutualaid.people.accounts import mint_token
from mutualaid.people.models import Person
from tests.factories import (
    NOW,
    actor_of,
    cell_near,
    make_area,
    make_category,
    make_member,
    make_need,
    make_network,
    make_offer,
    make_person,
)
from tests.web import Browser


@dataclass
class Town:
    """Amina's needs stand in every state; Dee helps with an account, Bo coordinates, Inês is steward."""

    network: Network
    amina: Person
    bo: Membership
    ines: Membership
    dee: Membership
    need: Post
    offer: Post
    proposed: Match
    agreed: Match
    delivered: Match
    disputed: Match
    held: Message


def make_town(each: int = 1) -> Town:
    """With `each` of everything that is listed."""
    network = make_network(emergency_line="In danger? Call 911.", phone_line="Call 416 555 0142.")
    area = make_area(network)
    food = make_category(network, "food")
    groceries = make_category(network, "groceries", parent=food)
    make_category(network, "rides", unit="rides")
    amina = make_person(network, "Amina", phone="416 555 0101")
    bo, ines = make_member(network), make_member(network, "steward", name="Inês", email="ines@example.org")
    dee = make_member(network, "helper", name="Dee")
    place = {"area_id": area.id, "cell": cell_near(network)}
    for _ in range(each):
        make_need(make_person(network, "Eve"), groceries, travel="host", details="Second floor.", **place)
        make_need(make_person(network, "Fay"), groceries, travel="host", intake="call_back", **place)
        make_offer(make_person(network, "Gus"), groceries, travel="come", reach_km=5, **place)
        make_offer(
            make_person(network, "Hal"),
            groceries,
            travel="come",
            reach_km=0,
            area_id=None,
            cell=cell_near(network, 9),
        )
    offer = make_offer(dee.person, groceries, travel="come", reach_km=5, **place)
    by_dee, by_amina = actor_of(dee), actor_of(amina)

    def match(*verbs: str) -> Match:
        need = make_need(amina, groceries, travel="host", **place)
        helper = make_person(network, "Ida") if verbs[:1] == ("quick",) else dee.person
        mine = offer if helper is dee.person else make_offer(helper, groceries, travel="come", **place)
        made = lifecycle.propose(need, mine, by=actor_of(bo), now=NOW - timedelta(hours=1))
        if "agree" in verbs:
            lifecycle.consent(made, "offer", by=actor_of(bo), now=NOW - timedelta(hours=1))
            lifecycle.consent(made, "need", by=by_amina, now=NOW - timedelta(hours=1))
        if "deliver" in verbs:
            lifecycle.deliver(made, by=by_dee, now=NOW)
        if "dispute" in verbs:
            lifecycle.dispute(made, by=by_amina, now=NOW)
        return made

    for _ in range(each - 1):
        match("quick", "agree", "deliver")
        match("quick", "agree")
        match("quick")
    made = match(), match("agree"), match("agree", "deliver"), match("agree", "dispute")
    need = make_need(amina, groceries, travel="host", quantity=3, traits=("lifting",), **place)
    for n in range(each):
        then = NOW - timedelta(hours=3 * (each - n))  # not more a day than one may
        lifecycle.write_message(made[0], "offer", "Is 3 pm fine?", once=n, now=then)
        held = lifecycle.write_message(made[n % 2], "offer", "WhatsApp or $5?", once=100 + n, now=then)
    db.session.commit()
    return Town(network, amina, bo, ines, dee, need, offer, *made, held)


def one_time_links(town: Town) -> list[str]:
    invitation = mint_token(town.bo.account, "invitation", NOW, network_id=town.network.id)
    reset = mint_token(town.bo.account, "reset", NOW)
    db.session.commit()
    return [f"/invitation/{invitation}", f"/reset/{reset}"]


def addresses(town: Town) -> dict[str, list[str]]:
    """Every page that can be opened with GET, by who opens it (public, amina, dee, bo, ines)."""
    base = f"/{town.network.slug}"
    token = new_link(town.amina, NOW)
    call = db.session.scalars(
        select(Notice.id).where(Notice.channel == "call", Notice.done_at.is_(None))
    ).first()
    db.session.commit()
    desk, mine, agreed = f"{base}/desk", f"{base}/mine", town.agreed.id
    of_match = ("release", "dispute", "address", "never", "messages", "end-contact")
    of_desk_match = ("confirm", "deliver", "dispute", "release", "address", "never")
    return {
        "public": [
            "/",
            "/patterns",
            "/sign-in",
            "/reset",
            "/away",
            "/what-we-hold",
            *one_time_links(town),
            "/invitation",
            "/reset/choose",
            *(
                f"{base}/{page}"
                for page in ("", "code", "lost", f"link/{token}", "post/need/what", "post/offer/what")
            ),
        ],
        "amina": [
            *(f"{mine}/{page}" for page in ("", "never", "erase", f"posts/{town.need.id}/change")),
            *(f"{base}/matches/{agreed}/{page}" for page in of_match),
        ],
        "dee": [
            *(f"{base}/near/{page}" for page in ("", "settings")),
            *(f"{mine}/{page}" for page in ("", "told", f"posts/{town.offer.id}/change")),
            *(f"/account/{page}" for page in ("", "?wanted=1", "app", "passkeys")),
            "/sign-in/again?next=/account/app",
        ],
        "bo": [
            *(f"{desk}{page}" for page in ("", f"/{town.need.id}", f"/{town.offer.id}", f"/calls/{call}")),
            *(f"{desk}/{town.need.id}/{page}" for page in ("change", "close", "hold", "never")),
            f"{desk}/{town.offer.id}/change",
            *(
                f"{desk}/{town.agreed.need_id}",
                f"{desk}/{town.delivered.need_id}",
                f"{desk}/{town.disputed.need_id}",
            ),
            *(f"{desk}/matches/{agreed}/{page}?of={town.agreed.need_id}" for page in of_desk_match),
            f"{desk}/matches/{town.disputed.id}/resolve?of={town.disputed.need_id}",
            f"{desk}/chat?post={town.need.id}",
            f"{desk}/sheet?post={town.need.id}",
            f"{desk}?queue=calls",
            f"{desk}?queue=held",
            f"{desk}/messages/{town.held.id}",
            f"{desk}/plan",
            f"{base}/phone",
            f"{base}/members",
        ],
        "ines": [
            f"{base}/settings",
            f"{base}/settings/ranking",
            f"{base}/members",
            f"{base}/members/invite",
            f"{base}/members/{town.dee.id}",
        ],
    }


def enter(browser: Browser, town: Town, who: str) -> Browser:
    """As that person; public: as nobody, who has opened an invitation and a link for a new password."""
    if who == "public":
        for link in one_time_links(town):
            browser.show_link(link)
    if who == "amina":
        return browser.enter(town.amina)
    return browser if who == "public" else browser.sign_in(getattr(town, who))
