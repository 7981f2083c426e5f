"""The long version: two thousand pairs, and the clock tells no more than the answer does."""

import pytest
from flask import Flask

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
def test_known_and_unknown_people_take_as_long(as_served: Flask, how: str, record_property) -> None:
    told = Asked(PAIRS).answers(as_served, how)
    record_property("gap_ms", told.gap_ms)
    assert told.answers[True] == told.answers[False]
    assert abs(told.gap_ms) < MOST_MS


def test_password_that_is_not_looked_at_for_unknown_people_is_found(
    as_served: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    verify = accounts.is_password
    monkeypatch.setattr(
        accounts, "is_password", lambda hashed, typed: hashed is not None and verify(hashed, typed)
    )
    assert Asked(50).answers(as_served, "sign in").gap_ms > MOST_MS
