"""The first page of the installation, and the language of all pages."""

import pytest
from bs4 import BeautifulSoup

from tests.factories import make_member, make_network


def links(client):
    page = BeautifulSoup(client.get("/").text, "html.parser")
    return [(a["href"], a.text.strip()) for a in page.select("main .todo a")]


def test_without_a_network_it_says_how_to_begin(client):
    page = client.get("/")
    assert page.status_code == 200
    assert BeautifulSoup(page.text, "html.parser").find("pre").text.split("\n") == [
        '.venv/bin/flask --app wsgi network create garrison "Garrison Creek Neighbours"',
        ".venv/bin/flask --app wsgi members add garrison you@example.org --role steward",
    ]


@pytest.mark.parametrize("public", [True, False])
def test_with_one_network_it_goes_there(client, public):
    make_network(public=public)
    answer = client.get("/")
    assert (answer.status_code, answer.location) == (302, "/garrison/")


def test_with_several_it_lists_those_that_show_themselves(client):
    make_network("west", name="Westside")
    make_network("hidden", name="Hidden", public=False)
    make_network("east", name="Eastside")
    assert links(client) == [("/east/", "Eastside"), ("/west/", "Westside")]


def test_with_only_hidden_ones_it_names_none(client):
    for slug in ("one", "two"):
        make_network(slug, name=f"Network {slug}", public=False)
    page = client.get("/").text
    assert "Ask your neighbours for the address of yours." in page
    assert "Network" not in page
    assert "flask" not in page


def test_member_whose_mandate_ended_is_a_visitor(client):
    bo = make_member(make_network(), days=-1)
    make_network("other", name="Other")
    client.sign_in(bo)
    assert links(client) == [("/garrison/", "Garrison Creek Neighbours"), ("/other/", "Other")]


def test_network_that_is_not_there_is_not_found(client):
    make_network()
    assert client.get("/nowhere/code").status_code == 404


def language_of(client, url):
    return BeautifulSoup(client.get(url).text, "html.parser").html["lang"]


def test_language_is_the_browsers_until_one_is_chosen(client):
    make_network()
    assert language_of(client, "/garrison/code") == "en"
    answer = client.post("/garrison/language", data={"language": "es", "next": "/garrison/code"})
    assert (answer.status_code, answer.location) == (303, "/garrison/code")
    assert language_of(client, "/garrison/code") == language_of(client, "/sign-in") == "es"


def test_language_that_a_network_does_not_have_is_not_used_there(client):
    make_network(languages=["en"])
    client.post("/language", data={"language": "es"})
    assert language_of(client, "/garrison/code") == "en"


@pytest.mark.parametrize("language", ["", "xx", "<script>", "e" * 5000])
def test_language_that_nobody_speaks_changes_nothing(client, language):
    make_network()
    assert client.post("/language", data={"language": language}).location == "/"
    assert language_of(client, "/garrison/code") == "en"


def test_language_leads_to_no_other_site(client):
    make_network()
    answer = client.post("/garrison/language", data={"language": "es", "next": "//evil.example"})
    assert answer.location == "/garrison/"
