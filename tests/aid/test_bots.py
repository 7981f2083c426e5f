"""What stops programs that fill in forms, and no person."""

import pytest
from bs4 import BeautifulSoup

from mutualaid.aid.categories import add_default_categories
from tests.aid.asking import REACH, answer, of_need
from tests.factories import make_network

PAGE = "/garrison/post/need/reach"


@pytest.fixture(autouse=True)
def almost_done(client):
    """Only how to be reached is not answered yet."""
    network = make_network()
    add_default_categories(network)
    answers = of_need(None)
    del answers["reach"]
    answer(client, network, "need", answers)


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
