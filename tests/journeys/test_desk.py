"""The desk in a real browser: by keyboard, on a phone without JavaScript, and no axe violation on any of its pages."""

import pytest
from playwright.sync_api import expect

from mutualaid.aid import lifecycle
from mutualaid.db import db
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
from tests.journeys.acts import flaws, press, sign_in, violations


class Town:
    """Three new needs, Amina's the newest; Dee could do each; Bo coordinates."""

    def __init__(self):
        self.network = make_network()
        self.area = make_area(self.network)
        self.groceries = make_category(self.network)
        self.bo = make_member(self.network)
        self.dee = make_person(self.network, "Dee", phone="416 555 0142")
        self.offer = make_offer(self.dee, self.groceries, now=NOW, **self.place)
        self.eve, self.fay, self.amina = (self.need(name) for name in ("Eve", "Fay", "Amina"))
        db.session.commit()

    @property
    def place(self):
        return {"area_id": self.area.id, "cell": cell_near(self.network)}

    def need(self, name, **said):
        person = make_person(self.network, name, phone="416 555 0101")
        return make_need(person, self.groceries, now=NOW, quantity=2, **self.place, **said)

    def match(self, *verbs):
        match = lifecycle.propose(self.need("Gus"), self.offer, by=actor_of(self.bo), now=NOW)
        if verbs:
            for side in ("offer", "need"):
                lifecycle.consent(match, side, by=actor_of(self.bo), now=NOW)
        for verb in verbs[1:]:
            getattr(lifecycle, verb)(match, by=actor_of(self.bo), now=NOW)
        db.session.commit()
        return match


@pytest.fixture
def town(app):
    return Town()


def test_keys_walk_the_list_choose_and_propose(town, desk_page):
    page = sign_in(desk_page, town.bo)
    page.goto("/garrison/desk?queue=new")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(page.locator(".rows li:nth-child(2) .tick")).to_be_checked()
    expect(page.locator("[data-chosen]")).to_have_text("Chosen: 1")
    page.keyboard.press("a")
    expect(page.locator("[data-chosen]")).to_have_text("Chosen: 3")
    expect(page.locator(".rows .tick:checked")).to_have_count(3)
    page.keyboard.press("a")
    expect(page.locator(".rows .tick:checked")).to_have_count(0)
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    page.keyboard.press("Enter")
    expect(page.locator("article .tag + .soft")).to_contain_text("Amina")
    page.keyboard.press("j")
    expect(page.locator("article .tag + .soft")).to_contain_text("Fay")
    page.keyboard.press("p")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("You proposed Dee.")


@pytest.mark.once
def test_keys_show_themselves_and_can_be_turned_off(town, desk_page):
    page = sign_in(desk_page, town.bo)
    page.goto("/garrison/desk?queue=new")
    page.keyboard.press("?")
    page.get_by_label("Listen to these keys").uncheck()
    page.reload()
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement.tagName") != "A"


@pytest.mark.once
def test_keys_are_letters_in_a_field(town, desk_page):
    page = sign_in(desk_page, town.bo)
    page.goto(f"/garrison/desk/{town.amina.id}")
    amount = page.get_by_label("How many")
    amount.focus()
    page.keyboard.press("j")
    expect(page).to_have_url(f"{page.url.split('/garrison')[0]}/garrison/desk/{town.amina.id}")


def test_on_a_phone_the_list_and_the_opened_need_are_two_pages(town, phone):
    page = sign_in(phone, town.bo)
    page.goto("/garrison/desk?queue=new")
    expect(page.locator("article")).to_have_count(0)
    page.locator(".rows a").first.click()
    expect(page.locator(".list")).to_be_hidden()
    press(page, "Propose Dee")
    expect(page.get_by_role("status")).to_contain_text("You proposed Dee.")
    press(page, "Dee said yes on the phone")
    press(page, "Amina said yes on the phone")
    expect(page.locator(".between .tag")).to_have_text("Agreed")
    page.locator("a.back").click()
    expect(page.locator(".list h1")).to_contain_text("New")


def test_call_to_make_from_the_list_to_the_answer(town, phone):
    match = town.match()
    page = sign_in(phone, town.bo)
    page.goto("/garrison/desk?queue=calls")
    page.get_by_role("link", name="Gus").click()
    press(page, "Show the number")
    expect(page.get_by_role("link", name="416 555 0101")).to_be_visible()
    press(page, "Called")
    press(page, "Gus said yes on the phone")
    expect(page.get_by_role("status")).to_contain_text("Noted: Gus said yes.")
    db.session.rollback()  # to see what the server has written
    db.session.refresh(match)
    assert match.need_yes_at is not None


@pytest.mark.once
def test_chat_list_is_copied(town, desk_page):
    page = sign_in(desk_page, town.bo)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto("/garrison/desk?queue=new")
    page.get_by_label("Choose: Groceries, 2 boxes, Amina").check()
    press(page, "Copy for the chat")
    page.get_by_role("button", name="Copy").click()
    assert "- Groceries, 2 boxes · Parkdale" in page.evaluate("navigator.clipboard.readText()")


MATCHES = ((), ("agree",), ("agree", "deliver"), ("agree", "deliver", "dispute"))


def pages_of(town):
    """The queues, and posts in states, that are not among the other pages of the desk in tests/pages.py."""
    lifecycle.hold(town.eve, "no_answer", NOW.date(), by=actor_of(town.bo), now=NOW)
    proposed, *_ = (town.match(*verbs) for verbs in MATCHES)
    town.dee.reach = "email"
    db.session.commit()
    queues = ("disputed", "new", "unsent", "offers", "call_back", "lapsing")
    return [
        *(f"?queue={queue}" for queue in queues),
        *(f"/{post}" for post in (proposed.need_id, town.eve.id)),
    ]


@pytest.mark.once
def test_axe_finds_nothing_on_the_desk_and_nothing_scrolls_sideways(town, desk_page):
    paths = pages_of(town)
    page = sign_in(desk_page, town.bo)
    for path in paths:
        assert (path, flaws(page, f"/garrison/desk{path}")) == (path, [])


@pytest.mark.once
@pytest.mark.parametrize("act", ["look", "code", "refer"])
def test_axe_finds_nothing_on_what_an_act_brings(town, desk_page, act):
    page = sign_in(desk_page, town.bo)
    page.goto(f"/garrison/desk/{town.amina.id}" + ("/close" if act == "refer" else ""))
    if act == "code":
        page.get_by_text("More", exact=True).click()
    press(page, {"look": "How to reach", "code": "A new code", "refer": "Pass it on"}[act])
    assert violations(page) == []
