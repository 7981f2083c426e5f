"""The long version: two thousand pairs, and the clock tells no more than the answer does."""

import time
from collections.abc import Callable

import pytest
from flask import Flask, request

from mutualaid.people import accounts
from tests.people.telling import HOW, Asked
from tests.web import Browser

PAIRS = 2_000
MOST_MS = 5.0


@pytest.fixture
def as_served(place: Flask) -> Flask:
    """The database waits for the disk here, as it does where people ask."""
    place.test_client_class = Browser
    return place


@pytest.mark.parametrize("how", HOW)
def test_known_and_unknown_people_take_as_long(as_served: Flask, how: str) -> None:
    told = Asked(PAIRS).answers(as_served, how)
    print(f"{how}: {PAIRS} pairs, {told.gap_ms:.2f} ms apart.")
    assert told.answers[True] == told.answers[False]
    assert abs(told.gap_ms) < MOST_MS


def test_lost_code_that_is_answered_at_once_is_found(as_served: Flask) -> None:
    as_served.config["TIME_TO_ANSWER"] = 0
    as_served.view_functions["lost.ask"] = slow_for_whom_we_know(as_served.view_functions["lost.ask"])
    assert Asked(50).answers(as_served, "lost, by email").gap_ms > MOST_MS


def slow_for_whom_we_know(view: Callable[[], str]) -> Callable[[], str]:
    def asked() -> str:
        if request.form["contact"].startswith("a"):
            time.sleep(0.02)
        return view()

    return asked


def test_password_that_is_not_looked_at_for_unknown_people_is_found(
    as_served: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    verify = accounts.is_password
    monkeypatch.setattr(
        accounts, "is_password", lambda hashed, typed: hashed is not None and verify(hashed, typed)
    )
    assert Asked(50).answers(as_served, "sign in").gap_ms > MOST_MS
