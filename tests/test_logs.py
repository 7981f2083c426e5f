"""The log says what broke and where, and nothing about people."""

import json
import logging

import pytest
from bs4 import BeautifulSoup

from mutualaid.logs import Formatter
from tests.factories import make_network


def lines(text):
    return [json.loads(line) for line in text.splitlines()]


@pytest.fixture
def log():
    """Every line that the process would write while a test runs."""
    written = []
    handler = logging.Handler()
    handler.setFormatter(Formatter())
    handler.emit = lambda record: written.append(handler.format(record))
    logging.getLogger().addHandler(handler)
    yield written
    logging.getLogger().removeHandler(handler)


@pytest.fixture
def mistake(app, client, monkeypatch):
    """A page of ours that breaks, saying a name."""

    def broken():
        raise ValueError("Amina, +1 416 555 0199")

    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)
    monkeypatch.setitem(app.view_functions, "access.link", lambda token: broken())
    make_network()
    return "/garrison/link/SECRETTOKEN"


def test_what_broke_is_found_by_the_reference_on_the_page(client, log, mistake):
    page = BeautifulSoup(client.get(mistake).text, "html.parser")
    (line,) = lines("\n".join(log))
    assert line["reference"] == page.select_one("main b").text.replace(" ", "")
    assert (line["level"], line["view"], line["method"]) == ("ERROR", "access.link", "GET")
    assert line["error"].startswith("ValueError: ")
    assert "test_logs.py" in line["error"]


def test_what_broke_is_told_without_its_words_and_without_the_address_asked_for(client, log, mistake):
    client.get(mistake, environ_overrides={"REMOTE_ADDR": "203.0.113.77"})
    for personal in ("Amina", "0199", "SECRETTOKEN", "203.0.113.77"):
        assert personal not in "".join(log)


def test_of_what_libraries_log_only_the_pattern_is_written(log):
    """As gunicorn does, when an answer cannot be sent."""
    try:
        raise OSError("to Amina")
    except OSError:
        logging.getLogger("gunicorn.error").exception(
            "Error handling request %s", "/garrison/link/SECRETTOKEN"
        )
    (line,) = lines("\n".join(log))
    assert line["what"] == "Error handling request %s"
    assert line["exc_info"].startswith("OSError: test_logs.py:")
    assert "SECRETTOKEN" not in log[0]
    assert "Amina" not in log[0]


def test_what_we_log_is_filled_in(log):
    logging.getLogger("mutualaid.worker").error("The job “%s” failed.", "clock")
    (line,) = lines("\n".join(log))
    assert (line["from"], line["what"]) == ("mutualaid.worker", "The job “clock” failed.")
