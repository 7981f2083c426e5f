"""What people read when something goes wrong."""

from io import BytesIO

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from mutualaid import errors
from mutualaid.db import db
from tests.factories import make_member, make_network


@pytest.fixture
def network(app):
    return make_network()


def heading(answer):
    page = BeautifulSoup(answer.text, "html.parser")
    return answer.status_code, page.html["lang"], page.h1.text


@pytest.fixture
def full_disk(app, network):
    """The disk is full in the middle of a request: whatever would be written down of an attempt cannot be."""

    def fail(_connection, _cursor, statement, *_rest):
        if statement.startswith("INSERT INTO attempt"):
            raise OperationalError(statement, {}, OSError("No space left on device"))

    event.listen(db.engine, "before_cursor_execute", fail)
    yield
    event.remove(db.engine, "before_cursor_execute", fail)


def test_nothing_there(client, network):
    client.sign_in(make_member(network, "helper"))
    nothing = client.get("/garrison/nothing")
    assert heading(nothing) == (404, "en", "There is nothing here")
    for elsewhere in ("/nowhere/code", "/nowhere/", "/%00/", "/garrison%00/code", "/garrison/members"):
        answer = client.get(elsewhere)
        assert (answer.status_code, answer.text) == (404, nothing.text)


def test_nothing_there_looks_alike_whatever_languages_a_network_has(client):
    client.sign_in(make_member(make_network(languages=["es"]), "helper"))
    assert client.get("/garrison/members").text == client.get("/garrison/nothing").text


def test_page_open_too_long(client, network):
    answer = client.post("/garrison/code", data={"code": "x"}, forged=True)
    assert heading(answer) == (400, "en", "This page was open too long")


def test_too_many_tries_in_ones_own_language(client, network):
    client.post("/language", data={"language": "es"})
    for _ in range(10):
        client.post("/garrison/code", data={"code": "0000 0000"})
    answer = client.post("/garrison/code", data={"code": "0000 0000"})
    assert heading(answer)[:2] == (429, "es")


def test_too_much_at_once(client, network):
    answer = client.post("/garrison/code", data={"code": "x" * 3_000_000})
    assert heading(answer) == (413, "en", "That file is too big")


@pytest.mark.parametrize("name", sorted(errors.SECRET))
def test_database_that_fails_says_that_nothing_is_lost_and_repeats_no_secret(
    client, network, full_disk, name
):
    client.sign_in(make_member(network))
    answer = client.post("/garrison/code", data={"code": "7KM4 RXQ3", name: "7KM4 RXQ2", "more": "Zoë"})
    assert heading(answer) == (503, "en", "We cannot save anything just now")
    assert ("7KM4" in answer.text, "Zoë" in answer.text) == (False, False)


def test_database_that_fails_repeats_no_file(client, network, full_disk):
    client.sign_in(make_member(network))
    data = {"code": "", "file": (BytesIO(b"words"), "a.csv"), "more": "Zoë"}
    with client.application.test_request_context("/garrison/code", method="POST", data=data):
        assert errors.typed() == []
    with client.application.test_request_context("/garrison/code", method="POST", data={"more": "Zoë"}):
        assert errors.typed() == [("more", "Zoë")]


def test_database_that_fails_repeats_nobody_whom_somebody_fears(client, network):
    data = {"phone": "416 555 0199"}
    with client.application.test_request_context("/garrison/mine/never", method="POST", data=data):
        assert errors.typed() == []


def test_mistake_of_ours_shows_nothing_of_its_insides(app, client, network, monkeypatch):
    def mistake():
        raise ValueError("an inside word")

    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)
    monkeypatch.setitem(app.view_functions, "people.away", mistake)
    answer = client.get("/away")
    assert heading(answer) == (500, "en", "Something broke on our side")
    assert "inside word" not in answer.text
