"""What the two sides of a match do on their own pages, by link, code or account; and what they may not."""

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import select

from mutualaid.aid import lifecycle
from mutualaid.aid.models import MatchDetails
from mutualaid.db import db
from mutualaid.events.models import EventNote
from tests.aid.desk_cast import last_event, verbs, words
from tests.aid.street import Street
from tests.factories import NOW, actor_of, make_category, make_member, make_need, make_offer, make_person


@pytest.fixture
def street(client):
    return Street()


@pytest.fixture
def act(client):
    """Somebody, by link or code, does something with a match: (status, state of the match)."""

    def acted(person, match, verb, via="link", **fields):
        client.enter(person, via)
        answer = client.post(f"/garrison/matches/{match.id}/{verb}", data=fields)
        db.session.expire_all()
        return answer.status_code, match.state

    return acted


def page_of(client, person, path="mine/", via="link"):
    answer = client.enter(person, via).get(f"/garrison/{path}")
    assert answer.status_code == 200
    return BeautifulSoup(answer.data, "html.parser")


def told(client):
    return words(BeautifulSoup(client.get("/garrison/mine/").data, "html.parser").find(role="status"))


@pytest.mark.parametrize("via", ["link", "code"])
def test_both_say_yes_on_their_own_pages(street, act, via):
    match = street.proposed()
    assert act(street.dee, match, "consent", via) == (303, "proposed")
    assert act(street.amina, match, "consent", via) == (303, "agreed")
    assert (last_event().actor_id, last_event().actor_role) == (street.amina.id, "neighbour")


@pytest.mark.parametrize("who", ["amina", "dee"])
def test_either_side_declines(street, act, who):
    match = street.proposed()
    assert act(getattr(street, who), match, "decline") == (303, "declined")
    assert last_event().reason == ("need" if who == "amina" else "offer")


@pytest.mark.parametrize(
    ("state", "who", "verb"),
    [
        ("proposed", "amina", "retract"),
        ("proposed", "dee", "retract"),
        ("agreed", "amina", "deliver"),
        ("agreed", "dee", "confirm"),
        ("delivered", "dee", "confirm"),
        ("agreed", "dee", "dispute"),
        ("delivered", "dee", "dispute"),
    ],
)
def test_what_is_the_other_sides_to_say_is_not_there(street, act, state, who, verb):
    match = getattr(street, state)()
    assert act(getattr(street, who), match, verb, given="3") == (404, state)


def test_whoever_claimed_may_take_it_back(street, client):
    dee = make_member(street.network, "helper", name="Eve")
    match = lifecycle.claim(street.need, dee.person, by=actor_of(dee), now=NOW)
    client.sign_in(dee)
    assert client.post(f"/garrison/matches/{match.id}/retract").location == "/garrison/near/"
    db.session.expire_all()
    assert match.state == "retracted"


def test_short_delivery_and_its_yes(street, act):
    match = street.agreed()
    assert act(street.dee, match, "deliver", given="2") == (303, "delivered")
    assert act(street.amina, match, "confirm", given="3") == (303, "confirmed")
    assert (match.given, street.need.uncovered, street.offer.stock_left) == (2, 1, 2)


@pytest.mark.parametrize("given", ["0", "4", "-1", "many"])
def test_number_that_cannot_be_changes_nothing(street, act, client, given):
    match = street.agreed()
    assert act(street.dee, match, "deliver", given=given) == (303, "agreed")
    assert told(client) == "Please write a number from 1 to 3."


def test_release_says_why_and_puts_the_need_first(street, act):
    match = street.agreed()
    assert act(street.dee, match, "release", reason="ill") == (303, "released")
    assert (last_event().reason, street.need.front_at) == ("ill", NOW)


def test_release_with_no_reason_from_the_list_asks_again(street, act):
    match = street.agreed()
    assert act(street.dee, match, "release", reason="lazy") == (200, "agreed")


@pytest.mark.parametrize("state", ["agreed", "delivered"])
def test_neighbour_says_that_it_did_not_come(street, act, state):
    match = getattr(street, state)()
    assert act(street.amina, match, "dispute", note="Nobody rang.") == (303, "disputed")
    assert (street.need.state, street.need.uncovered, street.need.front_at) == ("open", 3, NOW)
    assert [note.text for note in db.session.scalars(select(EventNote))] == ["Nobody rang."]


def test_only_who_receives_the_visit_says_where(street, act):
    match = street.agreed()
    assert act(street.dee, match, "address", address="Mine") == (404, "agreed")
    assert act(street.amina, match, "address", via="code", address="Mine") == (404, "agreed")
    assert act(street.amina, match, "address", address="12 Elm Street") == (303, "agreed")
    assert [row.address for row in db.session.scalars(select(MatchDetails))] == ["12 Elm Street"]


@pytest.mark.parametrize(
    ("need", "offer", "who"),
    [
        ({"travel": "host"}, {"travel": "come"}, "Amina"),
        ({"travel": "either"}, {"travel": "either"}, "Amina"),
        ({"travel": "come"}, {"travel": "either"}, "Dee"),
        ({"travel": "either"}, {"travel": "host"}, "Dee"),
        ({"travel": "host"}, {"travel": "come", "remote": True}, None),
    ],
)
def test_place_is_asked_of_whoever_receives_the_visit(street, client, need, offer, who):
    category = make_category(street.network, "rides", unit="rides", remote=offer.pop("remote", False))
    match = lifecycle.propose(
        make_need(street.amina, category, **need),
        make_offer(street.dee, category, **offer),
        by=street.by_bo,
        now=NOW,
    )
    for side in ("need", "offer"):
        lifecycle.consent(match, side, by=street.by_bo, now=NOW)
    asked = [
        person.name
        for person in (street.amina, street.dee)
        if page_of(client, person).find("a", href=f"/garrison/matches/{match.id}/address")
    ]
    assert asked == ([who] if who else [])


def test_contact_page_shows_the_way_and_the_words_and_writes_the_look_down(street, client):
    match = street.agreed()
    client.enter(street.dee)
    page = words(BeautifulSoup(client.post(f"/garrison/matches/{match.id}/contact").data, "html.parser").main)
    assert ("416 555 0142" in page, "Please ring twice." in page) == (True, True)
    assert (last_event().verb, last_event().person_id) == ("look", street.amina.id)
    assert "Dee looked at how to reach you" in words(page_of(client, street.amina).main)
    assert "A neighbour looked at how to reach you" in words(page_of(client, street.amina, via="code").main)


def test_neither_name_nor_words_of_a_sensitive_need_are_shown_before_both_said_yes(street, client):
    money = make_category(street.network, "money", unit="dollars", sensitive=True)
    need = make_need(street.amina, money, details="I owe two months.", area_id=street.area.id)
    match = lifecycle.propose(need, make_offer(street.dee, money), by=street.by_bo, now=NOW)
    before = words(page_of(client, street.dee).main)
    assert ("Money" in before, "Parkdale" in before) == (True, True)
    assert ("Amina" in before, "two months" in before) == (False, False)
    for side in ("offer", "need"):
        lifecycle.consent(match, side, by=street.by_bo, now=NOW)
    assert "Amina" in words(page_of(client, street.dee).main)
    shown = words(
        BeautifulSoup(client.post(f"/garrison/matches/{match.id}/contact").data, "html.parser").main
    )
    assert "I owe two months." in shown


def test_before_both_said_yes_each_sees_name_languages_and_a_band_of_distance(street, client):
    street.proposed()
    for person, other in ((street.dee, "Amina"), (street.amina, "Dee")):
        page = words(page_of(client, person).main)
        assert (
            f"Their name is {other}" in page,
            "Speaks English" in page,
            "Less than 1 km away" in page,
        ) == (
            True,
            True,
            True,
        )
        assert ("416 555" in page, "dee@" in page, "ring twice" in page) == (False, False, False)


def test_never_again_ends_what_is_agreed_and_tells_nobody_why(street, act):
    match = street.agreed()
    assert act(street.amina, match, "never") == (303, "released")
    assert verbs()[-1] == "release"
    eve = make_need(street.amina, street.groceries)
    with pytest.raises(lifecycle.Refused) as refused:
        lifecycle.propose(eve, street.offer, by=street.by_bo, now=NOW)
    assert refused.value.facts["miss"].rule == "blocked"


def test_yes_after_somebody_else_ended_it_says_so(street, act, client):
    match = street.proposed()
    lifecycle.retract(match, by=street.by_bo, now=NOW)
    assert act(street.dee, match, "consent") == (303, "retracted")
    assert (
        told(client)
        == "Somebody was quicker: A coordinator took the proposal back, 0 minutes ago. Nothing was changed by you."
    )


@pytest.mark.parametrize("verb", ["release", "dispute", "address", "never"])
def test_page_before_an_act_changes_nothing(street, client, verb):
    match = street.agreed()
    before = verbs()
    page_of(client, street.amina, f"matches/{match.id}/{verb}")
    assert (verbs(), match.state) == (before, "agreed")


def test_strangers_find_none_of_it(street, act):
    match, mallory = street.agreed(), make_person(street.network, "Mallory")
    for verb in ("release", "dispute", "address", "never"):
        assert act(mallory, match, verb) == (404, "agreed")
