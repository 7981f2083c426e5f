"""The promises, each from the first screen to the last, in a real browser."""

import re
from dataclasses import dataclass

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from mutualaid.aid import lifecycle
from mutualaid.aid.models import Category, Match, Post
from mutualaid.db import db, utcnow
from mutualaid.networks.models import Membership, Network
from mutualaid.notices.sending import send_due
from mutualaid.people.access import new_link
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
from tests.journeys.acts import (
    DESK,
    PHONE,
    ask_for_groceries,
    follow,
    open_with_code,
    open_with_link,
    press,
    says,
    sign_in,
)
from tests.notices.post_office import open_office


@dataclass
class Street:
    network: Network
    bo: Membership
    dee: Person
    offer: Post
    place: dict[str, int]


@pytest.fixture
def street(app):
    """Parkdale: Bo coordinates, Dee offers groceries and is written to by email."""
    network = make_network(languages=["en"])
    area = make_area(network)
    groceries = make_category(network, "groceries", parent=make_category(network, "food"))
    place = {"area_id": area.id, "cell": cell_near(network)}
    dee = make_person(network, "Dee", email="dee@example.org")
    offer = make_offer(dee, groceries, travel="come", reach_km=5, stock=9, **place)
    street = Street(network, make_member(network), dee, offer, place)
    db.session.commit()
    return street


def the_match():
    db.session.commit()  # a new look, at what the server has done since
    return db.session.scalars(select(Match).order_by(Match.id.desc())).first()


def need_of(match):
    return db.session.get_one(Post, (match.network_id, match.need_id))


def amina_asks(street, **more):
    """Amina's need, made by the verb, for journeys that begin later."""
    amina = make_person(street.network, "Amina", email="amina@example.org")
    need = make_need(amina, category_of(street), travel="host", **{**street.place, **more})
    return amina, need


def make_helper(street, name):
    db.session.commit()
    member = make_member(street.network, "helper", name=name)
    db.session.commit()
    return member


def category_of(street):
    return db.session.get_one(Category, (street.network.id, street.offer.category_id))


def agreed_match(street, **more):
    amina, need = amina_asks(street, **more)
    match = lifecycle.propose(need, street.offer, by=actor_of(street.bo), now=NOW)
    lifecycle.consent(match, "offer", by=actor_of(street.dee), now=NOW)
    lifecycle.consent(match, "need", by=actor_of(amina), now=NOW)
    return amina, need, match


def page_of(open_page, street, person, size=PHONE):
    """A person's own page, opened with a new private link."""
    db.session.commit()
    token = new_link(person, NOW)
    db.session.commit()
    return open_with_link(open_page(*size), f"/{street.network.slug}/link/{token}")


def test_need_from_a_phone_without_javascript_until_it_is_counted(phone, open_page, street, app, monkeypatch):
    code, link = ask_for_groceries(phone, street.network, how_many=2)

    bo = sign_in(open_page(*DESK), street.bo)
    follow(bo, "Groceries")
    press(bo, "Propose Dee")
    says(bo, "Proposed")

    with open_office() as office:
        monkeypatch.setitem(app.config, "SMTP_URL", office.url)
        monkeypatch.setitem(app.config, "MAIL_FROM", "notes@example.org")
        db.session.commit()
        send_due(utcnow())
        mail = office.taken[-1].get_content()
    dee = open_with_link(open_page(*PHONE), re.search(r"https?://\S+/link/\S+", mail)[0])
    says(dee, "Can you help with this?")
    press(dee, "Yes, I can")
    says(dee, "You said yes")

    amina = open_with_code(open_page(*PHONE, java_script_enabled=False), street.network, code)
    says(amina, "Someone near you can help")
    press(amina, "Yes, please")
    says(amina, "open your private link")

    amina = open_with_link(phone, link)
    press(amina, "How to reach Dee")
    says(amina, "dee@example.org")

    dee.reload()
    press(dee, "How to reach Amina")
    says(dee, "They did not say how to reach them")
    follow(dee, "Back")
    press(dee, "I brought it")
    says(dee, "We ask your neighbour")

    follow(amina, "Back")
    says(amina, "Did it come?")
    press(amina, "Yes, it came")
    says(amina, "Good that it came")
    match = the_match()
    assert (match.state, match.given, need_of(match).outcome) == ("confirmed", 2, "fulfilled")
    says(amina, "Done")


def test_both_see_the_agreed_contact_and_who_looked(open_page, street):
    amina, _, _ = agreed_match(street)
    helper, neighbour = page_of(open_page, street, street.dee), page_of(open_page, street, amina)
    press(neighbour, "How to reach Dee")
    says(neighbour, "dee@example.org")
    press(helper, "How to reach Amina")
    says(helper, "amina@example.org")
    follow(helper, "Back")
    says(helper, "Amina looked at how to reach you")


def test_helper_with_an_account_claims_a_need(open_page, street):
    amina, need = amina_asks(street)
    eve = sign_in(open_page(*PHONE), make_helper(street, "Eve"))
    press(eve, "I can do this: Groceries")
    says(eve, "It is held for you")
    neighbour = page_of(open_page, street, amina)
    press(neighbour, "Yes, please")
    says(neighbour, "Agreed")
    eve.reload()
    says(eve, "with Amina")
    match = the_match()
    assert (match.state, match.need_id, match.promised) == ("agreed", need.id, 1)


def test_short_delivery_and_a_second_helper(open_page, street):
    amina, *_ = agreed_match(street, quantity=3)
    helper = page_of(open_page, street, street.dee)
    helper.get_by_label("How many?").fill("2")
    press(helper, "I brought it")
    neighbour = page_of(open_page, street, amina)
    says(neighbour, "We were told: 2 boxes")
    press(neighbour, "Yes, it came")
    assert (need_of(the_match()).state, need_of(the_match()).uncovered) == ("open", 1)

    eve = sign_in(open_page(*PHONE), make_helper(street, "Eve"))
    press(eve, "I can do this")
    neighbour.reload()
    press(neighbour, "Yes, please")
    eve.reload()
    press(eve, "I brought it")
    neighbour.reload()
    press(neighbour, "Yes, it came")
    assert need_of(the_match()).outcome == "fulfilled"


def test_dispute_and_resolve(open_page, street):
    amina, _, match = agreed_match(street)
    lifecycle.deliver(match, by=actor_of(street.dee), now=NOW)
    neighbour = page_of(open_page, street, amina)
    follow(neighbour, "It did not come")
    neighbour.get_by_label("What happened?").fill("Nobody rang.")
    press(neighbour, "Tell a coordinator")
    says(neighbour, "A coordinator looks into it")

    bo = sign_in(open_page(*DESK), street.bo)
    follow(bo, "It did not come")
    follow(bo, "Groceries")
    says(bo, "Nobody rang.")
    follow(bo, "You asked both")
    bo.get_by_label("Yes, it came").check(force=True)
    bo.locator(".bar button").click()
    says(bo, "asked both: it came")
    assert (the_match().state, need_of(the_match()).outcome) == ("confirmed", "fulfilled")


def test_release_without_shame_puts_the_need_at_the_head_of_the_queue(open_page, street):
    agreed_match(street)
    make_need(make_person(street.network, "Fay"), category_of(street), urgency=2, **street.place)
    helper = page_of(open_page, street, street.dee)
    follow(helper, "I can't after all")
    helper.get_by_label("Someone is ill").check(force=True)
    press(helper, "Let it go")
    says(helper, "You let it go")
    bo = sign_in(open_page(*DESK), street.bo)
    follow(bo, "All open needs")
    expect(bo.locator(".rows li").first).to_contain_text("Amina")
    assert the_match().state == "released"


def test_declined_helper_is_never_suggested_again(open_page, street):
    _, need = amina_asks(street)
    lifecycle.propose(need, street.offer, by=actor_of(street.bo), now=NOW)
    helper = page_of(open_page, street, street.dee)
    press(helper, "No, thank you")
    says(helper, "You said no, and that is fine")
    bo = sign_in(open_page(*DESK), street.bo)
    bo.goto(f"/{street.network.slug}/desk/{need.id}")
    expect(bo.get_by_role("button", name="Propose Dee")).to_have_count(0)
    says(bo, "Dee said no. Not suggested again for this")


def test_two_coordinators_at_once_one_is_told_who_was_quicker(open_page, street):
    _, need = amina_asks(street)
    ines = make_member(street.network, name="Inês", email="ines@example.org")
    db.session.commit()
    desks = [sign_in(open_page(*DESK), member) for member in (street.bo, ines)]
    for desk in desks:
        desk.goto(f"/{street.network.slug}/desk/{need.id}")
    press(desks[0], "Propose Dee")
    press(desks[1], "Propose Dee")
    says(desks[1], "Somebody was quicker: Bo proposed a match")
    db.session.commit()
    assert len(db.session.scalars(select(Match)).all()) == 1


def test_caller_without_a_phone_is_served_by_a_coordinator_alone(open_page, street):
    bo = sign_in(open_page(*DESK), street.bo)
    follow(bo, "Write down a call")
    bo.get_by_label("What shall we call you?").or_(bo.get_by_label("Name")).first.fill("Teresa")
    groceries = bo.locator("select[name=category] option", has_text="Groceries")
    bo.locator("select[name=category]").select_option(groceries.get_attribute("value"))
    bo.get_by_label("Which area?").select_option("Parkdale")
    bo.get_by_label("Others come to them").check(force=True)
    press(bo, "Write it down")
    follow(bo, "See it on the desk")
    press(bo, "Propose Dee")
    press(bo, "Teresa said yes on the phone")
    press(bo, "Dee said yes on the phone")
    says(bo, "Agreed")
    press(bo, "Dee brought it")
    press(bo, "Teresa says it came")
    match = the_match()
    teresa = db.session.get_one(Person, (match.network_id, need_of(match).person_id))
    assert (match.state, need_of(match).outcome, teresa.answered_for) == ("confirmed", "fulfilled", True)
