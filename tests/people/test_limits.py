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


def test_who_comes_by_ipv4_to_a_server_of_both_is_one_place_as_elsewhere():
    both = limits.client("::ffff:192.0.2.7", NOW)
    assert both == limits.client("192.0.2.7", NOW)
    assert both != limits.client("::ffff:192.0.2.8", NOW)


def test_tries_are_forgotten_after_an_hour(app):
    take()
    assert [limits.forget(NOW + timedelta(minutes=minutes)) for minutes in (59, 60, 60)] == [0, 1, 0]


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


def test_only_tries_of_one_kind_within_the_time_count(app):
    for minutes in (0, 20, 40):
        take(NOW + timedelta(minutes=minutes))
    later = NOW + timedelta(minutes=50)
    assert limits.take("sign_in", WHO, now=later, limit=1) is not None
    assert limits.take("code", WHO, now=later, limit=2, per=timedelta(minutes=15)) is not None
    assert take(later) is None


def test_try_that_is_rolled_back_does_not_count(app):
    def along():
        return limits.take_along("post", WHO, now=NOW, limit=2)

    assert (along(), along(), along()) == (True, True, False)
    db.session.rollback()
    assert along() is True


def test_try_that_counts_for_a_day_is_kept_for_a_day(app):
    day, second = timedelta(days=1), timedelta(seconds=1)

    def along(now):
        return limits.take_along("never", WHO, now=now, limit=1, per=day)

    assert along(NOW)
    db.session.commit()
    assert limits.forget(NOW + day - second) == 0
    assert not along(NOW + day - second)
    db.session.rollback()
    assert along(NOW + day)
    db.session.rollback()
    assert limits.forget(NOW + day) == 1


def test_place_is_another_each_day_and_in_each_network_and_a_home_is_one(app):
    def client(address="2001:db8:1:2::7", now=NOW, network_id=1):
        return limits.client(address, now, network_id)

    assert client() == client("2001:db8:1:2::8") == client(now=NOW + timedelta(minutes=1))
    others = (client("2001:db8:1:3::7"), client(now=NOW + timedelta(days=1)), client(network_id=2))
    assert len({client(), *others}) == 4
