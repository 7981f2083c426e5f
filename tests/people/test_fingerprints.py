"""What is looked up by a fingerprint: the same words have another one in each network, and for each use."""

from collections.abc import Callable

import pytest
from flask import Flask

from mutualaid.aid.lifecycle.emptying import HIDDEN, hidden_row
from mutualaid.people.access import code_hash
from mutualaid.people.contact import email_hash, phone_hash

HERE, ELSEWHERE = 1, 2
MADE: dict[str, Callable[[int, str], bytes | str]] = {
    "phone": phone_hash,
    "email": email_hash,
    "code": code_hash,
    "row of a file": hidden_row,
}


@pytest.mark.once
@pytest.mark.parametrize("made", MADE.values(), ids=MADE)
def test_same_words_have_another_fingerprint_in_another_network(
    app: Flask, made: Callable[[int, str], bytes | str]
) -> None:
    assert made(HERE, "same") == made(HERE, "same") != made(ELSEWHERE, "same")


@pytest.mark.once
def test_same_words_have_another_fingerprint_for_each_use(app: Flask) -> None:
    made = [made(HERE, "same") for made in MADE.values()]
    prints = {one.hex() if isinstance(one, bytes) else one.removeprefix(HIDDEN) for one in made}
    assert len(prints) == len(MADE)
