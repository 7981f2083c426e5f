"""Posting without an account: one question a screen, nothing lost, nothing made twice."""

import json
import re
from datetime import date, timedelta

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import delete, select

from mutualaid.aid.categories import add_default_categories
from mutualaid.aid.models import Category, Draft, Post, PostDetails
from mutualaid.db import db
from mutualaid.people.access import person_by_code, person_by_link
from mutualaid.people.models import Person
from tests.aid.asking import MATTERS, REACH, WHEN, answer, of_need, of_offer, send
from tests.factories import (
    NOW,
    PARKDALE,
    make_area,
    make_category,
    make_member,
    make_need,
    make_network,
    make_person,
)

CODE = re.compile(r"[0-9A-Z]{4} [0-9A-Z]{4}")


@pytest.fixture
def network(app):
    made = make_network()
    add_default_categories(made)
    return made


@pytest.fixture
def area(network):
    return make_area(network)


def posts() -> list[Post]:
    db.session.rollback()
    return list(db.session.scalars(select(Post).order_by(Post.id)))


def people() -> list[Person]:
    db.session.rollback()
    return list(db.session.scalars(select(Person)))


def soup(client, path):
    return BeautifulSoup(client.get(path).text, "html.parser")


def fixes(text: str) -> list[str]:
    """What stands beside the answers to look at again."""
    return [fix.get_text(strip=True) for fix in BeautifulSoup(text, "html.parser").select(".fix")]


def key_of(post: Post) -> str:
    return db.session.get_one(Category, (post.network_id, post.category_id)).key


def test_need_for_two_things_becomes_two_posts(client, network, area):
    matters = {"languages": ["en", "es"], "others": "Kreyòl", "traits": ["lifting"], "details": "No lift."}
    send(client, network, "need", of_need(area, matters=matters))
    groceries, ride = posts()
    assert [key_of(groceries), key_of(ride)] == ["groceries", "rides"]
    assert (groceries.quantity, groceries.uncovered, ride.quantity) == (3, 3, 1)
    assert (groceries.area_id, groceries.cell, groceries.measure_cell) == (area.id, None, area.middle_cell)
    assert (groceries.travel, groceries.reach_km, groceries.urgency, groceries.times) == ("host", None, 1, 0)
    assert (groceries.languages, groceries.traits) == (["en", "es", "ht"], ["lifting"])
    assert groceries.person_id == ride.person_id
    assert db.session.get_one(PostDetails, (network.id, groceries.id)).text == "No lift."


def test_offer_says_how_much_how_far_and_when(client, network, area):
    send(client, network, "offer", of_offer(area))
    (offer,) = posts()
    assert (offer.kind, offer.per_week, offer.stock, offer.stock_left) == ("offer", 2, 10, 10)
    assert (offer.travel, offer.reach_km) == ("come", 10)
    assert offer.times == 0b11_000  # Tuesday morning and afternoon


def test_offer_without_numbers_has_no_limit(client, network, area):
    send(client, network, "offer", of_offer(area, which={"week_rides": "", "stock_rides": ""}))
    (offer,) = posts()
    assert (offer.per_week, offer.stock, offer.stock_left) == (None, None, None)


def test_code_and_link_open_the_page_of_who_posted(client, network, area):
    page = BeautifulSoup(send(client, network, "need", of_need(area)), "html.parser")
    (amina,) = people()
    code = page.select_one(".say").get_text()
    token = page.select_one(".link a")["href"].rpartition("/")[2]
    assert page.select_one(".link a")["href"].startswith("http://")
    assert person_by_code(network.id, code).id == amina.id
    assert person_by_link(network.id, token, NOW).id == amina.id
    assert client.get(f"/{network.slug}/mine/").status_code == 200


def test_person_is_reached_only_as_they_chose(client, network, area):
    send(client, network, "need", of_need(area, reach=REACH | {"email": "amina@example.org"}))
    (amina,) = people()
    assert (amina.name, amina.reach, amina.phone, amina.hours) == ("Amina", "call", "+14165550142", "morning")
    assert (amina.email, amina.email_hash) == ("", None)


def test_each_answer_leads_to_the_next_question(client, network, area):
    led = answer(client, network, "need", of_need(area))
    assert led == ["which", "where", "travel", "when", "matters", "reach", "check"]


def test_looking_at_a_question_writes_nothing(client, network, area):
    for step in ("what", "which", "where", "travel", "when", "matters", "reach", "check"):
        client.get(f"/{network.slug}/post/need/{step}")
    assert db.session.scalars(select(Draft)).all() == []


def test_back_shows_what_was_answered(client, network, area):
    answer(client, network, "need", of_need(area, reach=REACH | {"name": "Zoë 🌿"}))
    base = f"/{network.slug}/post/need"
    ticked = soup(client, f"{base}/what").select("input[checked]")
    assert [box["value"] for box in ticked] == ["food", "rides"]
    assert soup(client, f"{base}/which").select_one("#many_groceries")["value"] == "3"
    assert soup(client, f"{base}/where").select_one("#area option[selected]")["value"] == str(area.id)
    assert soup(client, f"{base}/reach").select_one("#name")["value"] == "Zoë 🌿"
    assert soup(client, f"{base}/when").select_one(".bar a")["href"] == f"{base}/travel"


def test_change_from_the_check_leads_back_to_the_check(client, network, area):
    answer(client, network, "need", of_need(area))
    assert answer(client, network, "need", {"when": WHEN | {"urgency": "2"}}) == ["check"]
    assert answer(client, network, "need", {"what": {"what": ["food", "care"]}}) == ["which"]


def test_check_says_everything_in_words(client, network, area):
    answer(client, network, "need", of_need(area))
    told = [part.get_text() for part in soup(client, f"/{network.slug}/post/need/check").select(".told dd")]
    for words in (
        "Groceries: 3 boxes",
        "A ride: 1 ride",
        "Parkdale",
        "They come to me",
        "This week",
        "Amina",
    ):
        assert words in told


def test_language_without_a_name_of_its_own_is_named_in_the_readers(client, network, area):
    answer(client, network, "need", of_need(area, matters=MATTERS | {"others": "klingon"}))
    told = [part.get_text() for part in soup(client, f"/{network.slug}/post/need/check").select(".told dd")]
    assert "You speak English, Klingon" in told


def test_page_opened_too_early_leads_to_the_first_missing_answer(client, network, area):
    base = f"/{network.slug}/post/need"
    assert client.get(f"{base}/check").location == f"{base}/what"
    answer(client, network, "need", {"what": {"what": ["rides"]}})
    assert client.get(f"{base}/reach").location == f"{base}/which"
    assert client.post(f"{base}/check").location == f"{base}/which"


def test_answer_given_too_early_is_kept(client, network, area):
    led = answer(client, network, "need", {"reach": REACH, "what": {"what": ["rides"]}})
    assert led == ["what", "which"]
    assert answer(client, network, "need", {"which": {"many_rides": "1"}}) == ["where"]
    later = {"where": {"area": "none"}, "travel": {"travel": "host"}, "when": WHEN, "matters": MATTERS}
    assert answer(client, network, "need", later)[-1] in ("reach", "check")
    assert soup(client, f"/{network.slug}/post/need/reach").select_one("#name")["value"] == "Amina"


def test_send_twice_makes_everything_once(client, network, area):
    first = send(client, network, "need", of_need(area))
    again = client.post(f"/{network.slug}/post/need/check", follow_redirects=True).text
    assert (len(posts()), len(people())) == (2, 1)
    assert CODE.search(first).group() == CODE.search(again).group()


def test_send_whose_answer_was_lost_shows_the_same_code(client, network, area):
    answer(client, network, "need", of_need(area))
    with client.session_transaction() as session:
        before = dict(session)
    first = client.post(f"/{network.slug}/post/need/check", follow_redirects=True).text
    with client.session_transaction() as session:  # the browser never heard of it
        session.clear()
        session.update(before)
    again = client.get(f"/{network.slug}/post/need/check", follow_redirects=True).text
    assert CODE.search(first).group() == CODE.search(again).group()
    assert len(posts()) == 2
    assert client.get(f"/{network.slug}/mine/").status_code == 200


def test_first_question_after_sending_starts_anew(client, network, area):
    send(client, network, "need", of_need(area))
    assert soup(client, f"/{network.slug}/post/need/what").select("input[checked]") == []
    assert client.get(f"/{network.slug}/post/need/when").location == f"/{network.slug}/posted"


def test_code_is_not_shown_again_to_whoever_comes_after(client, network, area):
    send(client, network, "need", of_need(area))
    with client.session_transaction() as session:
        del session[f"guest:{network.id}"]
    assert client.get(f"/{network.slug}/posted").location == f"/{network.slug}/mine/"
    client.get(f"/{network.slug}/post/need/check")
    with client.session_transaction() as session:
        assert f"guest:{network.id}" not in session


def test_draft_lets_nobody_in_whose_link_has_ended(client, network, area):
    """A browser with an old cookie, after the person has a new code and link."""
    answer(client, network, "need", of_need(area))
    with client.session_transaction() as session:
        before = dict(session)
    client.post(f"/{network.slug}/post/need/check")
    client.post(f"/{network.slug}/mine/code")
    with client.session_transaction() as session:
        session.clear()
        session.update(before)
    client.get(f"/{network.slug}/post/need/check")
    assert client.get(f"/{network.slug}/mine/").location == f"/{network.slug}/code"


def test_choice_sent_a_thousand_times_is_kept_once(client, network, area):
    matters = MATTERS | {"traits": ["lifting"] * 1000}
    reach = REACH | {"hours": ["morning"] * 1000}
    send(client, network, "need", of_need(area, matters=matters, reach=reach))
    assert [post.traits for post in posts()] == [["lifting"], ["lifting"]]
    assert people()[0].hours == "morning"


def test_expired_draft_says_so_and_keeps_the_last_answer(client, network, area, clock):
    answers = of_need(area)
    answer(client, network, "need", {step: answers[step] for step in ("what", "which", "where", "travel")})
    clock.shift(timedelta(hours=24))
    led = client.post(f"/{network.slug}/post/need/reach", data=REACH)
    assert led.location == f"/{network.slug}/post/need/what"
    assert "that day is over" in client.get(led.location).text
    answer(
        client,
        network,
        "need",
        {step: answers[step] for step in ("what", "which", "where", "travel", "when")},
    )
    assert answer(client, network, "need", {"matters": MATTERS}) == ["check"]


def test_expired_draft_on_opening_a_page_says_so_once(client, network, area, clock):
    answer(client, network, "need", {"what": {"what": ["rides"]}})
    clock.shift(timedelta(hours=24))
    assert "that day is over" in client.get(f"/{network.slug}/post/need/which", follow_redirects=True).text
    assert "that day is over" not in client.get(f"/{network.slug}/post/need/what").text


@pytest.mark.parametrize("tapped", ["²", "9" * 19, "x", "12"])
def test_tap_on_an_area_that_is_none_is_passed_over(client, network, area, tapped):
    answers = of_need(area)
    answer(client, network, "need", {step: answers[step] for step in ("what", "which")})
    page = soup(client, f"/{network.slug}/post/need/where?area={tapped}")
    assert page.select("option[selected]") == page.select("option[selected][value='']")


def test_draft_is_sealed_and_only_the_hash_of_its_token_is_kept(client, network, area):
    answer(client, network, "need", of_need(area))
    with client.session_transaction() as session:
        token = session[f"draft:{network.id}:need"]
    (draft,) = db.session.scalars(select(Draft))
    assert "Amina" in draft.answers
    for column in (draft.answers_sealed, draft.token_hash):
        assert b"Amina" not in column
        assert token.encode() not in column


def test_sent_draft_no_longer_holds_the_answers(client, network, area):
    send(client, network, "need", of_need(area))
    (draft,) = db.session.scalars(select(Draft))
    assert list(json.loads(draft.answers)) == ["link"]


BAD = [
    ("what", {}, "Please choose at least one."),
    ("what", {"what": ["gone"]}, "Our list has changed. Please choose again."),
    ("which", {"many_rides": "1"}, "Food: please choose at least one kind."),
    (
        "which",
        {"kinds_food": "groceries", "many_groceries": "0", "many_rides": "1"},
        "Please write a number from 1 to 10000.",
    ),
    (
        "which",
        {"kinds_food": "groceries", "many_groceries": "10" * 6, "many_rides": "1"},
        "Please write a number from 1 to 10000.",
    ),
    (
        "which",
        {"kinds_food": "groceries", "many_groceries": "two", "many_rides": "1"},
        "Please write a number, like 3.",
    ),
    (
        "which",
        {"kinds_food": "groceries", "many_groceries": "", "many_rides": "1"},
        "How many? Please write a number, like 3.",
    ),
    ("where", {"area": ""}, "Which area? You may also say that you would rather not say."),
    ("where", {"area": "12"}, "Our list has changed. Please choose again."),
    ("travel", {}, "Who goes to whom? Please choose one."),
    ("travel", {"travel": "come"}, "How far can you go? Please choose one."),
    ("when", {"times": "any"}, "How soon do you need it? Please choose one."),
    ("when", WHEN | {"times": "some"}, "Please tick at least one time, or choose “Any time”."),
    ("when", WHEN | {"until": "2026-11-22"}, "This day is over. Please choose today or a later day."),
    ("when", WHEN | {"until": "2028-01-01"}, "This is very far away. Please choose a day within one year."),
    ("when", WHEN | {"until": "soon"}, "Please write a day, like 2026-11-24."),
    (
        "matters",
        MATTERS | {"others": "Klingonn"},
        "We do not know the language “Klingonn”. Try its name in English.",
    ),
    ("matters", {"interpreter": "y"}, "Which language should they speak? Please tick or write it."),
    ("matters", MATTERS | {"details": "x" * 1001}, "This is too long. There is room for 1000 letters."),
    ("reach", REACH | {"name": " \x00"}, "What shall we call you? Any name is fine."),
    ("reach", REACH | {"name": "x" * 61}, "This is too long. There is room for 60 letters."),
    ("reach", {"name": "Amina", "language": "en"}, "How should we let you know? Please choose one."),
    (
        "reach",
        REACH | {"phone": "416 555 017"},
        "This does not look like a phone number. Write it with its area code.",
    ),
    ("reach", REACH | {"phone": ""}, "What is your phone number?"),
    ("reach", REACH | {"hours": []}, "Choose at least one time, so that nobody rings when it is not safe."),
    (
        "reach",
        REACH | {"reach": "email", "email": "amina"},
        "This does not look like an email. Emails look like rosa@example.org.",
    ),
    ("reach", REACH | {"reach": "email"}, "What is your email?"),
]


@pytest.mark.parametrize(("step", "fields", "words"), BAD)
def test_answer_that_does_not_fit_says_so_plainly(client, network, area, step, fields, words):
    answer(client, network, "need", {"what": {"what": ["food", "rides"]}})
    shown = client.post(f"/{network.slug}/post/need/{step}", data=fields)
    assert shown.status_code == 200
    assert fixes(shown.text) == [words]


def test_wrong_answer_stays_in_its_field(client, network, area):
    answer(client, network, "need", {"what": {"what": ["food"]}})
    fields = {"kinds_food": ["groceries", "meals"], "many_groceries": "two", "many_meals": "4"}
    page = BeautifulSoup(client.post(f"/{network.slug}/post/need/which", data=fields).text, "html.parser")
    assert page.select_one("#many_groceries")["value"] == "two"
    assert page.select_one("#many_meals")["value"] == "4"
    assert [box["value"] for box in page.select("input[type=checkbox][checked]")] == ["groceries", "meals"]


def test_number_of_a_kind_that_is_not_ticked_is_not_asked(client, network, area):
    fields = {"kinds_food": ["groceries"], "many_groceries": "3", "many_meals": "lots", "many_rides": "1"}
    assert answer(client, network, "need", of_need(area, which=fields))[1] == "where"


def test_way_that_was_not_chosen_is_not_looked_at(client, network, area):
    led = answer(client, network, "need", of_need(area, reach=REACH | {"email": "amina"}))
    assert led[-1] == "check"


def test_nothing_but_characters_that_can_be_stored_stays_in_a_name(client, network, area):
    send(client, network, "need", of_need(area, reach=REACH | {"name": "A\x00mi\x1bna 🌿"}))
    assert people()[0].name == "Amina 🌿"


@pytest.mark.parametrize("path", ["/post/wish", "/post/wish/what", "/post/need/why", "/post/Need/what"])
def test_what_is_neither_need_nor_offer_is_not_there(client, network, path):
    assert client.get(f"/{network.slug}{path}").status_code == 404


def test_category_that_is_gone_is_asked_for_again(client, network, area):
    answer(client, network, "need", of_need(area))
    db.session.execute(delete(Category).where(Category.key == "rides"))
    led = client.post(f"/{network.slug}/post/need/check")
    assert led.location == f"/{network.slug}/post/need/what"
    assert "does not fit any more" in client.get(led.location).text
    assert posts() == []


def test_day_that_is_over_by_now_is_asked_for_again(client, network, area, clock):
    answer(client, network, "need", of_need(area, when=WHEN | {"until": "2026-11-23"}))
    clock.shift(timedelta(hours=15))  # past midnight in Toronto
    assert client.get(f"/{network.slug}/post/need/check").location == f"/{network.slug}/post/need/when"


def test_until_is_a_day_of_the_network(client, network, area):
    send(client, network, "need", of_need(area, when=WHEN | {"until": "2026-11-23"}))
    assert [post.until_day for post in posts()] == [date(2026, 11, 23)] * 2


def test_need_without_a_place_skips_where(client, network, area):
    steps = {"what": {"what": ["company"]}, "which": {"kinds_company": ["calls"], "many_calls": "1"}}
    assert answer(client, network, "need", steps) == ["which", "when"]
    for step in ("where", "travel"):
        assert client.get(f"/{network.slug}/post/need/{step}").location == f"/{network.slug}/post/need/when"
    send(
        client,
        network,
        "need",
        {"when": WHEN, "matters": MATTERS | {"traits": ["vehicle", "woman"]}, "reach": REACH},
    )
    (call,) = posts()
    assert (call.area_id, call.measure_cell, call.travel, call.traits) == (None, None, "either", ["woman"])


def test_network_without_areas_is_not_asked_for_one(client, network):
    asked = {step: fields for step, fields in of_need(None).items() if step != "where"}
    assert answer(client, network, "need", asked)[1:3] == ["travel", "when"]
    where = client.get(f"/{network.slug}/post/need/where")
    assert where.location == f"/{network.slug}/post/need/check"
    told = soup(client, where.location).select(".told dt")
    assert "Where" not in [part.get_text() for part in told]


def test_area_may_stay_unsaid(client, network, area):
    send(client, network, "need", of_need(None))
    assert [(post.area_id, post.measure_cell) for post in posts()] == [(None, None)] * 2


def test_area_tapped_on_the_map_is_chosen(client, network, area):
    answer(client, network, "need", {step: of_need(area)[step] for step in ("what", "which")})
    base = f"/{network.slug}/post/need/where"
    assert soup(client, base).select_one("svg.map a")["href"] == f"{base}?area={area.id}"
    assert soup(client, f"{base}?area={area.id}").select_one("#area option[selected]")["value"] == str(
        area.id
    )
    assert soup(client, f"{base}?area=77").select_one("#area option[selected]") is None


def test_tap_on_the_map_loses_no_answer(client, network, area):
    """Areas are links: whatever else stood on the page would be gone."""
    answer(client, network, "need", {step: of_need(area)[step] for step in ("what", "which")})
    asked = soup(client, f"/{network.slug}/post/need/where").select("form.form [name]:not([type=hidden])")
    assert [field["name"] for field in asked] == ["area"]


def test_chosen_among_many_areas_shows_those_around_it(client, network, area):
    for place in range(14):
        make_area(network, f"Ward {place}", (PARKDALE[0] + 0.05 * (place + 1), PARKDALE[1]), km=0.5)
    answer(client, network, "need", {step: of_need(area)[step] for step in ("what", "which")})
    base = f"/{network.slug}/post/need/where"
    assert len(soup(client, base).select("svg.map a")) == 15
    assert len(soup(client, f"{base}?area={area.id}").select("svg.map a")) == 9
    assert len(soup(client, f"{base}?area={area.id}&all=1").select("svg.map a")) == 15


def test_guest_posts_again_without_saying_who_they_are(client, network, area):
    send(client, network, "need", of_need(area))
    led = answer(client, network, "offer", {s: f for s, f in of_offer(area).items() if s != "reach"})
    assert led[-1] == "check"
    page = client.post(f"/{network.slug}/post/offer/check", follow_redirects=True).text
    assert "Your code stays the same." in page
    assert CODE.search(page) is None
    assert {post.person_id for post in posts()} == {people()[0].id}
    assert len(posts()) == 3


def test_guest_finds_their_area_and_languages_filled_in(client, network, area):
    amina = make_person(network, languages=["es"])
    make_need(amina, make_category(network, "bread"), area_id=area.id, travel="host")
    client.enter(amina, "code")
    answer(client, network, "need", {s: f for s, f in of_need(area).items() if s in ("what", "which")})
    where = soup(client, f"/{network.slug}/post/need/where")
    assert where.select_one("#area option[selected]")["value"] == str(area.id)
    answer(client, network, "need", {"where": of_need(area)["where"]})
    travel = soup(client, f"/{network.slug}/post/need/travel")
    assert travel.select_one("input[name=travel][checked]")["value"] == "host"
    answer(client, network, "need", {s: f for s, f in of_need(area).items() if s in ("travel", "when")})
    matters = soup(client, f"/{network.slug}/post/need/matters")
    assert [box["value"] for box in matters.select("input[name=languages][checked]")] == ["es"]


def test_member_posts_as_themselves(client, network, area):
    dee = make_member(network, "helper", name="Dee")
    client.sign_in(dee)
    send(client, network, "offer", {s: f for s, f in of_offer(area).items() if s != "reach"})
    (offer,) = posts()
    assert (offer.person_id, offer.posted_by_id) == (dee.person_id, None)


def test_somebody_else_on_the_same_phone_says_who_they_are(client, network, area):
    amina = make_person(network)
    client.enter(amina)
    answer(client, network, "need", {s: f for s, f in of_need(area).items() if s != "reach"})
    assert "I am not Amina" in client.get(f"/{network.slug}/post/need/check").text
    assert (
        client.post(f"/{network.slug}/post/need/somebody-else").location == f"/{network.slug}/post/need/reach"
    )
    send(client, network, "need", {"reach": REACH | {"name": "Eve"}})
    assert [person.name for person in people() if person.id == posts()[0].person_id] == ["Eve"]


def test_same_phone_never_links_two_people_silently(client, network, area):
    amina = make_person(network, phone="416 555 0142")
    page = send(client, network, "need", of_need(area))
    assert {post.person_id for post in posts()} == {person.id for person in people()} - {amina.id}
    assert len(people()) == 2
    assert CODE.search(page)


def test_erased_person_is_asked_who_they_are(client, network, area):
    client.enter(make_person(network, erased_at=NOW))
    led = answer(client, network, "need", of_need(area))
    assert led[-2:] == ["reach", "check"]


def test_nothing_is_kept_without_the_token_against_forgery(client, network, area):
    assert (
        client.post(f"/{network.slug}/post/need/what", data={"what": ["rides"]}, forged=True).status_code
        == 400
    )
    assert db.session.scalars(select(Draft)).all() == []


@pytest.mark.parametrize("kind", ["need", "offer"])
def test_every_question_asks_the_database_at_most_8_times(client, network, area, kind, count_queries):
    answers = of_need(area) if kind == "need" else of_offer(area)
    base = f"/{network.slug}"  # the test itself asks for it anew after each commit
    for step in (*answers, "check"):
        with count_queries() as asked:
            assert client.get(f"{base}/post/{kind}/{step}").status_code == 200
        assert len(asked) <= 8
        if step != "check":
            answer(client, network, kind, {step: answers[step]})
    client.post(f"{base}/post/{kind}/check")
    with count_queries() as asked:
        assert client.get(f"{base}/posted").status_code == 200
    assert len(asked) <= 8


def test_sending_asks_the_database_at_most_12_times_however_much_is_posted(
    client, network, area, count_queries
):
    answer(client, network, "need", of_need(area))
    base = f"/{network.slug}"
    with count_queries() as asked:
        assert client.post(f"{base}/post/need/check").location == f"{base}/posted"
    assert (len(posts()), len(asked) <= 12) == (2, True)


@pytest.mark.parametrize("kind", ["need", "offer"])
def test_every_question_has_a_title_and_named_fields(client, network, area, kind):
    answers = of_need(area) if kind == "need" else of_offer(area)
    for step in (*answers, "check"):
        page = soup(client, f"/{network.slug}/post/{kind}/{step}")
        assert "Step" in page.title.get_text()
        ids = [tag["id"] for tag in page.select("[id]")]
        assert len(ids) == len(set(ids))
        labelled = {label["for"] for label in page.select("label[for]")}
        asked = page.select("input:not([type=hidden]), select:not([hidden]), textarea")
        assert {tag["id"] for tag in asked} - labelled == set()
        if step != "check":
            answer(client, network, kind, {step: answers[step]})


def test_reach_says_that_coordinators_see_it_too(client, network, area):
    answers = of_need(area)
    answer(client, network, "need", {step: answers[step] for step in answers if step != "reach"})
    hint = soup(client, f"/{network.slug}/post/need/reach").select_one("h1 + .hint").get_text()
    assert "A coordinator can see it too" in hint
    assert "Each look is written down" in hint


@pytest.mark.parametrize(("key", "hints"), [("groceries", 1), ("meals", 0)])
def test_boxes_of_groceries_may_be_a_guess(client, network, area, key, hints):
    answer(client, network, "need", {"what": {"what": ["food"]}})
    page = soup(client, f"/{network.slug}/post/need/which")
    assert len(page.select(f"#many_{key}-hint")) == hints


@pytest.mark.parametrize(
    ("step", "fields", "words"),
    [
        ("travel", {}, "Who goes to whom? Please choose one."),
        ("where", {"area": "12"}, "Which area: Our list has changed. Please choose again."),
    ],
)
def test_list_of_what_to_look_at_again_names_each_question_once(client, network, area, step, fields, words):
    page = BeautifulSoup(client.post(f"/{network.slug}/post/need/{step}", data=fields).text, "html.parser")
    assert [link.get_text() for link in page.select(".summary li a")] == [words]


@pytest.mark.parametrize(
    ("words", "notes"),
    [
        ("Call me at 416 555 0142 please.", 1),
        ("I live at 12 Queen Street, at the back.", 1),
        ("Vivo en la calle Mayor 3.", 1),
        ("Two bags, and 3 kids who love apples.", 0),
        ("", 0),
    ],
)
def test_own_words_with_a_number_or_an_address_get_a_kind_note(client, network, area, words, notes):
    led = answer(client, network, "need", of_need(area, matters=MATTERS | {"details": words}))
    page = soup(client, f"/{network.slug}/post/need/check")
    assert (led[-1], len(page.select("form .note"))) == ("check", notes)


def test_language_can_be_changed_while_asking_and_on_ones_own_page(client, network, area):
    network.languages = ["en", "es"]
    send(client, network, "need", of_need(area))
    for page in ("post/offer/what", "posted", "mine/"):
        switch = soup(client, f"/{network.slug}/{page}").select_one("footer form.langs")
        assert (switch["action"], switch.button["value"]) == (f"/{network.slug}/language", "es")
        assert switch.select_one("[name=next]")["value"] == f"/{network.slug}/{page}"
