"""Whoever asks learns nothing about who is here: the answers are the same to the letter. The times: tests/hard."""

import pytest
from flask import abort

from mutualaid.people import accounts, signing_in
from tests.people.telling import HOW, Asked


@pytest.mark.parametrize("how", HOW)
def test_known_and_unknown_people_get_one_and_the_same_answer(app, clock, how):
    told = Asked(10).answers(app, how)
    assert told.answers[True] == told.answers[False]
    assert len(told.answers[True]) == 1


def test_page_that_answers_otherwise_for_whom_it_knows_is_found(app, clock, monkeypatch):
    monkeypatch.setattr(
        signing_in, "opened_by", lambda email, _: None if accounts.find(email) else abort(404)
    )
    told = Asked(2).answers(app, "sign in")
    assert told.answers[True] != told.answers[False]
