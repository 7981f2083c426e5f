"""Words of half a million letters: what takes long to do with them is not begun."""

import unicodedata

import pytest

from tests.factories import make_account, make_network, make_person

LONG = "e" + "\u0301\u0323" * 50_000  # to bring it into one form takes a minute, and all others wait


@pytest.fixture
def longest(monkeypatch):
    """How long the longest text was that had to be brought into one Unicode form."""
    seen, normalize = [0], unicodedata.normalize

    def noted(form, text):
        seen.append(len(text))
        return normalize(form, text[:5_000])

    monkeypatch.setattr(unicodedata, "normalize", noted)
    return lambda: max(seen)


PLACES = [
    ("/sign-in", {"email": f"{LONG}@example.org", "password": "x"}),
    ("/sign-in", {"email": "bo@example.org", "password": LONG}),
    ("/reset", {"email": f"{LONG}@example.org"}),
    ("/garrison/lost", {"contact": f"{LONG}@example.org"}),
    ("/garrison/code", {"code": LONG}),
    ("/garrison/post/need/reach", {"name": LONG, "reach": "email", "email": f"{LONG}@example.org"}),
    ("/garrison/post/need/matters", {"languages": ["en"], "others": LONG, "interpreter": "y"}),
    ("/garrison/post/need/matters", {"languages": ["en"], "details": LONG}),
]


@pytest.mark.once
@pytest.mark.parametrize(("path", "fields"), PLACES)
def test_words_far_too_long_are_not_brought_into_one_form(client, longest, path, fields):
    make_person(make_network(), "Amina", email="amina@example.org")
    make_account()
    assert client.post(path, data=fields).status_code < 500
    assert longest() <= 1_000
