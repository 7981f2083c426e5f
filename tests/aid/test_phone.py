"""A coordinator writes down a call: with a phone and without, once, and for whoever it really is."""

from datetime import date, timedelta

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import select

from mutualaid.aid.categories import add_default_categories
from mutualaid.aid.models import Category, Post, PostDetails
from mutualaid.db import db
from mutualaid.events.history import happened
from mutualaid.events.models import Event
from mutualaid.people.access import new_code, person_by_code
from mutualaid.people.models import Person
from tests.factories import NOW, actor_of, make_area, make_member, make_need, make_network, make_person

TOKEN = "a form's own token"
OPENS_NOTHING = "This code opens nothing here. Ask them to say it again, or leave it empty."


@pytest.fixture
def network(app):
    made = make_network()
    add_default_categories(made)
    return made


@pytest.fixture
def area(network):
    return make_area(network)


@pytest.fixture
def bo(client, network):
    made = make_member(network)
    client.sign_in(made)
    return made


@pytest.fixture
def call(network, area):
    return {
        "once": TOKEN,
        "name": "Rosa",
        "phone": "416 555 0142",
        "hours": ["morning"],
        "kind": "need",
        "category": str(category(network).id),
        "many": "2",
        "urgency": "1",
        "area": str(area.id),
        "travel": "host",
        "reach": "any",
        "times": "any",
        "languages": ["es"],
        "details": "Third floor.",
        "intake": "ready",
    }


def category(network, key="groceries"):
    return db.session.scalars(
        select(Category).where(Category.network_id == network.id, Category.key == key)
    ).one()


def posts():
    db.session.rollback()
    return list(db.session.scalars(select(Post).order_by(Post.id)))


def callers(bo):
    db.session.rollback()
    return list(db.session.scalars(select(Person).where(Person.id != bo.person_id).order_by(Person.id)))


def write(client, call, **more):
    return client.post("/garrison/phone", data=call | more)


def fixes(text):
    return [fix.get_text(strip=True) for fix in BeautifulSoup(text, "html.parser").select(".fix")]


def choices(text):
    return [box["value"] for box in BeautifulSoup(text, "html.parser").select("input[name=same]")]


def test_call_becomes_a_post_that_is_taken_in(client, network, area, bo, call):
    assert write(client, call).location == "/garrison/phone/written"
    (post,) = posts()
    (rosa,) = callers(bo)
    assert (post.kind, post.quantity, post.area_id, post.urgency) == ("need", 2, area.id, 1)
    assert (post.person_id, post.posted_by_id, post.travel) == (rosa.id, bo.person_id, "host")
    assert (post.intake, post.taken_in_at) == (None, NOW)
    assert (rosa.name, rosa.phone, rosa.reach, rosa.answered_for) == ("Rosa", "+14165550142", "call", False)
    assert (rosa.hours, rosa.language, rosa.languages) == ("morning", "es", ["es"])
    assert db.session.get_one(PostDetails, (network.id, post.id)).text == "Third floor."


def test_code_is_there_to_be_read_out(client, network, bo, call):
    page = BeautifulSoup(client.get(write(client, call).location).text, "html.parser")
    assert person_by_code(network.id, page.select_one(".say").get_text()).id == callers(bo)[0].id
    assert page.select_one(f'a[href="/garrison/desk/{posts()[0].id}"]')


def test_caller_without_a_phone_is_answered_for(client, bo, call):
    page = client.get(write(client, call, phone="").location).text
    (rosa,) = callers(bo)
    assert (rosa.phone, rosa.phone_hash, rosa.reach, rosa.answered_for, rosa.hours) == (
        "",
        None,
        "none",
        True,
        "",
    )
    assert "you answer for them" in page


def test_call_to_go_on_with_later_waits_at_intake(client, bo, call):
    write(client, call, intake="call_back", call_on="2026-11-25")
    (post,) = posts()
    assert (post.intake, post.intake_until, post.taken_in_at) == ("call_back", date(2026, 11, 25), None)


def test_offer_on_the_phone(client, bo, call):
    write(
        client, call, kind="offer", week="3", stock="", travel="come", reach="4", urgency="2", interpreter="y"
    )
    (post,) = posts()
    assert (post.kind, post.per_week, post.stock, post.travel, post.reach_km) == ("offer", 3, None, "come", 4)
    assert (post.urgency, post.interpreter, post.quantity) == (0, False, 1)


def test_form_sent_twice_makes_one_post_and_shows_the_same_code(client, bo, call):
    pages = [client.get(write(client, call).location).text for _ in range(2)]
    codes = [BeautifulSoup(page, "html.parser").select_one(".say").get_text() for page in pages]
    assert codes[0] == codes[1]
    assert (len(posts()), len(callers(bo))) == (1, 1)


def test_same_phone_is_shown_and_links_only_when_said_so(client, network, bo, call):
    amina = make_person(network, phone="+1 (416) 555-0142")
    make_need(amina, category(network, "rides"))
    shown = write(client, call)
    assert choices(shown.text) == [str(amina.id), "new"]
    assert len(posts()) == 1
    assert 'value="Rosa"' in shown.text
    page = client.get(write(client, call, same=str(amina.id)).location).text
    assert {post.person_id for post in posts()} == {amina.id}
    assert "Their code stays the same." in page
    assert len(callers(bo)) == 1


def test_somebody_else_with_the_same_phone_becomes_a_new_person(client, network, bo, call):
    amina = make_person(network, phone="416 555 0142")
    make_need(amina, category(network, "rides"))
    for _ in range(2):
        write(client, call, same="new")
    assert [person.name for person in callers(bo)] == ["Amina", "Rosa"]


@pytest.mark.parametrize("guess", ["", "new", "Amina"])
def test_whoever_is_found_by_their_phone_can_see_it(client, network, bo, call, guess):
    """Also where a coordinator says who it is before that was asked. Once, for one call."""
    amina = make_person(network, phone="416 555 0142")
    make_need(amina, category(network, "rides"))
    for _ in range(2):
        write(client, call, same=str(amina.id) if guess == "Amina" else guess)
    (look,) = db.session.scalars(select(Event).where(Event.verb == "look"))
    assert (look.person_id, look.actor_id, look.reason) == (amina.id, bo.person_id, "call")
    assert len(posts()) == (1 if guess == "" else 2)


def test_phone_of_somebody_shown_by_their_need_is_another_look(client, network, area, bo, call):
    """Else each phone could be tried on them."""
    amina = make_person(network, phone="416 555 0142")
    make_need(amina, category(network), area_id=area.id, now=NOW)
    for phone in ("416 555 0143", "416 555 0142"):
        assert choices(write(client, call, phone=phone, same=str(amina.id)).text) == [str(amina.id), "new"]
    assert len(db.session.scalars(select(Event).where(Event.verb == "look")).all()) == 1


def test_whoever_looked_enough_within_a_day_finds_nobody_by_phone_and_still_writes_it_down(
    client, network, bo, call
):
    amina = make_person(network, phone="416 555 0142")
    make_need(amina, category(network, "rides"))
    for _ in range(250):
        happened("look", by=actor_of(bo), now=NOW, person_id=amina.id)
    assert write(client, call, same=str(amina.id)).status_code == 303
    assert [person.name for person in callers(bo)] == ["Amina", "Rosa"]
    assert len(db.session.scalars(select(Event).where(Event.verb == "look")).all()) == 250


def test_open_need_like_this_one_is_shown(client, network, area, bo, call):
    groceries = category(network)
    eve = make_person(network, "Eve")
    make_need(eve, groceries, area_id=area.id, now=NOW - timedelta(days=13))
    make_need(make_person(network, "Old"), groceries, area_id=area.id, now=NOW - timedelta(days=14))
    make_need(
        make_person(network, "Far"), groceries, area_id=make_area(network, "Junction", (43.66, -79.5)).id
    )
    make_need(make_person(network, "Ride"), category(network, "rides"), area_id=area.id)
    assert choices(write(client, call).text) == [str(eve.id), "new"]


def test_choice_that_was_not_offered_links_nothing(client, network, bo, call):
    eve = make_person(network, "Eve")
    make_need(eve, category(network, "rides"))
    write(client, call, same=str(eve.id))
    assert [post.person_id for post in posts()] != [eve.id, eve.id]
    assert len(callers(bo)) == 2


def test_coordinator_of_one_area_does_not_learn_of_another(client, network, area, call):
    elsewhere = make_area(network, "Junction", (43.66, -79.5))
    amina = make_person(network, phone="416 555 0142")
    make_need(amina, category(network, "rides"), area_id=area.id)
    client.sign_in(make_member(network, name="Cleo", areas=(elsewhere,)))
    assert write(client, call).status_code == 303
    assert db.session.scalars(select(Event).where(Event.verb == "look")).all() == []


def test_phone_of_another_network_is_not_known_here(client, network, bo, call):
    other = make_network("other")
    add_default_categories(other)
    make_need(make_person(other, "Chris", phone="416 555 0142"), category(other))
    assert write(client, call).status_code == 303


def test_code_said_on_the_phone_says_who_it_is(client, network, bo, call):
    amina = make_person(network)
    code = new_code(amina)
    write(client, call, code=code.lower(), name="", phone="")
    assert [post.person_id for post in posts()] == [amina.id]


def test_after_ten_misses_no_code_says_who_it_is_and_the_call_is_still_written_down(
    client, network, bo, call, clock
):
    """Whoever works at the desk has no more tries than anybody else."""
    code = new_code(make_person(network))
    for _ in range(10):
        assert fixes(write(client, call, code="0000 0000").text) == [OPENS_NOTHING]
    shown = write(client, call, code=code)
    assert fixes(shown.text) == [
        "Too many codes opened nothing. Leave it empty and ask for a name, or wait an hour."
    ]
    page = BeautifulSoup(shown.text, "html.parser")
    assert (page.select_one("#code")["value"], page.select_one("#name")["value"]) == (code, "Rosa")
    assert posts() == []
    assert write(client, call, code="").location == "/garrison/phone/written"
    assert [person.name for person in callers(bo)] == ["Amina", "Rosa"]
    clock.shift(3600)
    assert write(client, call, code=code, once="another").status_code == 303
    assert [person.name for person in callers(bo)] == ["Amina", "Rosa"]


def test_misses_of_one_coordinator_do_not_stop_another(client, network, bo, call):
    amina = make_person(network)
    code = new_code(amina)
    for _ in range(10):
        write(client, call, code="0000 0000")
    client.sign_in(make_member(network, name="Cleo"))
    write(client, call, code=code)
    assert [post.person_id for post in posts()] == [amina.id]


def test_code_that_opens_is_no_miss_whatever_else_is_wrong(client, network, bo, call):
    code = new_code(make_person(network))
    for _ in range(11):
        assert fixes(write(client, call, code=code, many="0").text) == [
            "Please write a number from 1 to 10000."
        ]
    assert write(client, call, code=code).status_code == 303


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"name": " "}, "What shall we call them? Any name is fine."),
        ({"code": "0000 0000"}, OPENS_NOTHING),
        ({"phone": "416"}, "This does not look like a phone number. Write it with its area code."),
        ({"category": ""}, "What is it about? Please choose one."),
        ({"category": "77"}, "What is it about? Please choose one."),
        ({"many": ""}, "How many? Please write a number, like 3."),
        ({"many": "0"}, "Please write a number from 1 to 10000."),
        ({"travel": ""}, "Who goes to whom? Please choose one."),
        ({"intake": "call_back"}, "On which day shall we call back?"),
        (
            {"intake": "call_back", "call_on": "2026-11-22"},
            "Please choose a day from today on, within three months.",
        ),
    ],
)
def test_what_does_not_fit_is_said_and_nothing_is_lost(client, bo, call, more, words):
    shown = write(client, call, **more)
    assert fixes(shown.text) == [words]
    assert (
        BeautifulSoup(shown.text, "html.parser").select_one("#details").get_text(strip=True) == "Third floor."
    )
    assert posts() == []


@pytest.mark.parametrize("path", ["/garrison/phone", "/garrison/phone/written"])
def test_phone_is_for_coordinators(client, network, path):
    assert client.get(path).location.startswith("/sign-in")
    client.sign_in(make_member(network, "helper", name="Dee"))
    assert client.get(path).status_code == 404
    assert client.post("/garrison/phone").status_code in (404, 405)


def test_code_is_shown_only_to_whoever_wrote_it_down(client, network, bo, call):
    write(client, call)
    client.sign_in(make_member(network, name="Cleo"))
    with client.session_transaction() as session:
        del session[f"called:{network.id}"]
    assert client.get("/garrison/phone/written").location == "/garrison/phone"


def test_phone_pages_ask_the_database_at_most_8_times(client, network, bo, call, count_queries):
    with count_queries() as asked:
        assert client.get("/garrison/phone").status_code == 200
    assert len(asked) <= 8
    write(client, call)
    with count_queries() as asked:
        assert client.get("/garrison/phone/written").status_code == 200
    assert len(asked) <= 8


def test_phone_form_has_named_fields_and_no_id_twice(client, bo):
    page = BeautifulSoup(client.get("/garrison/phone").text, "html.parser")
    ids = [tag["id"] for tag in page.select("[id]")]
    assert len(ids) == len(set(ids))
    labelled = {label["for"] for label in page.select("label[for]")}
    assert {
        tag["id"] for tag in page.select("input:not([type=hidden]), select, textarea")
    } - labelled == set()


def test_words_with_an_address_get_a_kind_note(client, bo, call):
    write(client, call, details="She lives at 12 Queen Street.")
    page = BeautifulSoup(client.get("/garrison/phone/written").text, "html.parser")
    assert "seem to hold a number or an address" in page.select_one("main .note").get_text()
