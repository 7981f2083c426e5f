"""What stops programs that fill in forms, and no person."""

from datetime import timedelta

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import func, select

from mutualaid.aid import pace
from mutualaid.aid.categories import add_default_categories
from mutualaid.aid.models import Draft
from mutualaid.db import db
from tests.aid.asking import REACH, answer, of_need
from tests.factories import make_member, make_network

PAGE = "/garrison/post/need/reach"


@pytest.fixture(autouse=True)
def network(client):
    """Only how to be reached is not answered yet."""
    network = make_network(phone_line="416 555 0100, in the evening")
    add_default_categories(network)
    answers = of_need(None)
    del answers["reach"]
    answer(client, network, "need", answers)
    return network


def soup(answer):
    return BeautifulSoup(answer.text, "html.parser")


def test_line_that_people_do_not_see_is_left_alone(client):
    assert client.post(PAGE, data=REACH).location.endswith("/post/need/check")


def test_whoever_fills_it_in_is_shown_it_and_loses_nothing(client):
    page = soup(client.post(PAGE, data=REACH | {"website": "https://buy.example"}))
    line = page.select_one(".field.wrong [name=website]")
    assert (line["value"], line.get("tabindex")) == ("https://buy.example", None)
    assert page.select_one("[name=phone]")["value"] == "416 555 0142"


def test_it_is_out_of_sight_and_out_of_the_way_of_keyboards(client):
    line = soup(client.get(PAGE)).select_one("[name=website]")
    assert (line["tabindex"], line["autocomplete"], line.parent["aria-hidden"]) == ("-1", "off", "true")
    assert line.parent["class"] == ["vh"]


CHECK = "/garrison/post/need/check"


@pytest.fixture
def three_seconds(app, monkeypatch):
    """As it is where people post; other tests answer at once."""
    monkeypatch.setitem(app.config, "TIME_TO_POST", timedelta(seconds=3))


def sent():
    """How many were."""
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(Draft).where(Draft.sent_at.is_not(None)))


@pytest.mark.usefixtures("three_seconds")
def test_whoever_is_quicker_than_a_person_is_asked_to_press_once_more_and_loses_nothing(client, clock):
    client.post(PAGE, data=REACH)
    clock.shift(2.9)
    answer = client.post(CHECK)
    assert (answer.status_code, answer.location, sent()) == (303, CHECK, 0)
    page = soup(client.get(CHECK))
    assert page.select_one(".note b").text == "That was very quick. Please press “Send it” once more."
    assert "416 555 0142" in page.main.text
    clock.shift(0.1)
    assert (client.post(CHECK).location, sent()) == ("/garrison/posted", 1)


def post_again(app, network, address="203.0.113.7", who=None):
    """From one place, in a browser of its own; where it leads."""
    browser = app.test_client()
    browser.environ_base["REMOTE_ADDR"] = address
    if who:
        browser.sign_in(who)
    answer(browser, network, "need", of_need(None))
    return browser, browser.post(CHECK).location


@pytest.fixture
def three(monkeypatch):
    """Posts an hour from one place, so that no test needs thirty."""
    monkeypatch.setattr(pace, "FROM_ONE_PLACE", 3)


@pytest.mark.usefixtures("three")
def test_so_many_posts_an_hour_from_one_place_and_the_next_waits_with_its_answers(app, network, clock):
    assert [post_again(app, network)[1] for _ in range(3)] == ["/garrison/posted"] * 3
    for _ in range(2):
        browser, led = post_again(app, network)
        assert (led, sent()) == (CHECK, 3)
    page = soup(browser.get(CHECK))
    assert [note.text for note in page.select(".note b")] == [
        "Many posts came from here in the last hour, so we wait a little. Your answers are kept.",
        "Please press “Send it” again in an hour. You can also call us: 416 555 0100, in the evening",
    ]
    assert "416 555 0142" in page.main.text
    clock.shift(3600)
    assert (browser.post(CHECK).location, sent()) == ("/garrison/posted", 4)


@pytest.mark.usefixtures("three")
def test_another_place_and_a_member_are_not_counted_with_it(app, network):
    bo = make_member(network)
    led = {post_again(app, network)[1] for _ in range(3)}
    led |= {post_again(app, network, "203.0.113.8")[1]}
    led |= {post_again(app, network, who=bo)[1] for _ in range(2)}
    assert led == {"/garrison/posted"}


@pytest.mark.usefixtures("three")
def test_same_send_repeated_counts_once(app, network):
    browser, _ = post_again(app, network)
    for _ in range(5):
        assert browser.post(CHECK).location == "/garrison/posted"
    assert post_again(app, network)[1] == "/garrison/posted"


WHAT = "/garrison/post/need/what"


def begin(app, address="203.0.113.7", who=None):
    """The first step, from one place, in a browser of its own."""
    browser = app.test_client()
    browser.environ_base["REMOTE_ADDR"] = address
    if who:
        browser.sign_in(who)
    return browser, browser.post(WHAT, data={"what": "food"})


def begun():
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(Draft))


def test_so_many_drafts_an_hour_from_one_place_and_the_next_is_shown_what_was_typed(
    app, network, monkeypatch, clock
):
    monkeypatch.setattr(pace, "BEGUN_FROM_ONE_PLACE", 3)
    before = begun()
    assert [begin(app)[1].status_code for _ in range(3)] == [303] * 3
    browser, answer = begin(app)
    page = soup(answer)
    assert (answer.status_code, begun()) == (200, before + 3)
    assert [note.text for note in page.select(".note b")] == [
        "Many began to write here in the last hour, so we wait a little. What you chose is still here.",
        "Please press the button again in an hour. You can also call us: 416 555 0100, in the evening",
    ]
    assert page.select_one("[name=what][value=food]").has_attr("checked")
    assert begin(app, "203.0.113.8")[1].status_code == 303
    assert begin(app, who=make_member(network))[1].status_code == 303
    assert begun() == before + 5
    clock.shift(3600)
    assert browser.post(WHAT, data={"what": "food"}).status_code == 303


def test_answers_added_to_a_draft_are_no_new_draft(app, network, monkeypatch):
    monkeypatch.setattr(pace, "BEGUN_FROM_ONE_PLACE", 1)
    browser, first = begin(app)
    answers = [first, *(browser.post(WHAT, data={"what": "food"}) for _ in range(3))]
    assert [answer.status_code for answer in answers] == [303] * 4


def test_thirty_posts_and_ninety_drafts_an_hour_are_fine_from_one_place():
    assert (pace.FROM_ONE_PLACE, pace.BEGUN_FROM_ONE_PLACE) == (30, 90)
