"""Limits hold however many ask at the same moment."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from mutualaid.db import db
from mutualaid.people import limits
from tests.factories import NOW

WHO = b"somebody"


def take(now=NOW, who=WHO):
    return limits.take("code", who, now=now, limit=3)


def test_so_many_tries_within_an_hour_and_no_more(app):
    assert [take() is not None for _ in range(5)] == [True, True, True, False, False]
    assert take(NOW + timedelta(minutes=59, seconds=59)) is None
    assert take(NOW, b"somebody else") is not None


def test_an_hour_later_one_may_try_again(app):
    for _ in range(3):
        take()
    assert take(NOW + timedelta(hours=1)) is not None


def test_a_try_that_is_given_back_does_not_count(app):
    for _ in range(5):
        limits.give_back(take())
        db.session.commit()
    assert take() is not None


def test_of_many_at_once_no_more_than_the_limit_go_on(app):
    """Each in a transaction of its own, as several workers have."""

    def one(_number):
        with app.app_context():
            return take() is not None

    with ThreadPoolExecutor(8) as pool:
        passed = list(pool.map(one, range(24)))
    assert sum(passed) <= 3
