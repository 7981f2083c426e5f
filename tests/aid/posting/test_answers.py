"""What is typed: what does not fit is said plainly, and nothing that was answered is lost."""

from datetime import date, timedelta

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import delete

from mutualaid.aid.models import Category
from mutualaid.db import db
from tests.aid.asking import MATTERS, REACH, WHEN, answer, of_need, people, posts, send, soup


def fixes(text: str) -> list[str]:
    """What stands beside the answers to look at again."""
    return [fix.get_text(strip=True) for fix in BeautifulSoup(text, "html.parser").select(".fix")]


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
    ("reach", REACH | {"name": "Dee 416 555 0199"}, "Please write only a name here: no number and no link."),
    (
        "reach",
        REACH | {"name": "Dee https://pay.me"},
        "Please write only a name here: no number and no link.",
    ),
    *(
        ("reach", REACH | {"name": f"Dee {way}"}, "Please write only a name here: no number and no link.")
        for way in (
            "④①⑥⑤⑤⑤",
            "t.me/dee",
            "four one six five five five oh",
            "dee@example.org",
            "ig dee_b",
            "dee。com",
        )
    ),
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
