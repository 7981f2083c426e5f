"""What a steward sets."""

import pytest
from bs4 import BeautifulSoup

from mutualaid.db import db
from tests.factories import make_member, make_network

ANSWERS = {
    "name": "Parkdale Neighbours",
    "emergency_line": "In danger now? Call 911.",
    "phone_line": "416 555 0142, evenings",
    "welcome": "Welcome.\r\nEveryone.",
    "timezone": "America/Halifax",
    "lease_hours": "48",
    "urgent_lease_hours": "2",
    "retention_days": "14",
}


@pytest.fixture
def network(client):
    made = make_network()
    client.sign_in(make_member(made, "steward"))
    return made


def test_settings_are_kept(client, network):
    answer = client.post("/garrison/settings", data=ANSWERS)
    assert (answer.status_code, answer.location) == (303, "/garrison/settings")
    db.session.refresh(network)
    kept = {key: str(getattr(network, key)) for key in ANSWERS}
    assert kept == ANSWERS | {"welcome": "Welcome.\nEveryone."}
    assert network.public is False
    page = BeautifulSoup(client.get("/garrison/code").text, "html.parser")
    assert page.select_one(".urgent").get_text() == "In danger now? Call 911."


def test_settings_are_filled_in_with_what_stands(client, network):
    page = BeautifulSoup(client.get("/garrison/settings").text, "html.parser")
    assert page.select_one("#name")["value"] == "Garrison Creek Neighbours"
    assert page.select_one("#timezone [selected]")["value"] == "America/Toronto"
    assert page.select_one("#public").has_attr("checked")
    assert page.select_one("#retention_days")["value"] == "30"


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("name", ""),
        ("name", "a" * 81),
        ("timezone", "Mars/Olympus"),
        ("lease_hours", "0"),
        ("lease_hours", "a day"),
        ("urgent_lease_hours", "49"),
        ("retention_days", "-1"),
        ("retention_days", "9" * 30),
        ("emergency_line", "a" * 201),
        ("welcome", "a" * 601),
    ],
)
def test_settings_that_make_no_sense_are_explained_and_nothing_is_changed(client, network, field, wrong):
    page = BeautifulSoup(client.post("/garrison/settings", data=ANSWERS | {field: wrong}).text, "html.parser")
    assert page.select_one(f"#{field}-fix") is not None
    assert page.select_one("#phone_line")["value"] == ANSWERS["phone_line"]
    db.session.refresh(network)
    assert (network.name, network.retention_days) == ("Garrison Creek Neighbours", 30)


@pytest.mark.parametrize(
    ("field", "given", "words"),
    [
        ("name", "", "Name of the network: Please fill this in."),
        ("lease_hours", "0", "Hours to say yes: Please write a number from 1 to 168."),
        ("lease_hours", "", "Hours to say yes: Please fill this in."),
        ("retention_days", "a week", "Days until names and words are erased: Please write a number, like 3."),
    ],
)
def test_setting_to_look_at_again_is_named(client, network, field, given, words):
    answer = client.post("/garrison/settings", data=ANSWERS | {field: given})
    links = BeautifulSoup(answer.text, "html.parser").select(".summary li a")
    assert [(link["href"], link.get_text()) for link in links] == [(f"#{field}", words)]


def test_numbers_in_the_lines_can_be_tapped_and_the_rest_is_escaped(client, network):
    lines = {
        "emergency_line": "<b>In danger?</b> Call 911 at once.",
        "phone_line": "416 555 0142, 100 people",
    }
    client.post("/garrison/settings", data=ANSWERS | lines | {"timezone": "America/Toronto"})
    page = BeautifulSoup(client.get("/garrison/").text, "html.parser")
    calls = [(link["href"], link.get_text()) for link in page.select("a[href^='tel:']")]
    assert calls == [("tel:+14165550142", "416 555 0142"), ("tel:911", "911")]
    assert page.select_one(".urgent").get_text() == lines["emergency_line"]
