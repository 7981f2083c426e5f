"""Codes, private links, and limits on how often something is tried."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from mutualaid.db import db
from mutualaid.people import access, limits
from mutualaid.people.models import Attempt
from tests.factories import NOW, make_network, make_person

HOUR = timedelta(hours=1)


def test_code_is_eight_signs_that_are_not_mistaken(app):
    person = make_person(make_network())
    codes = {access.new_code(person) for _ in range(200)}
    assert len(codes) == 200
    assert {len(code) for code in codes} == {9}
    assert set("".join(codes)) <= set("0123456789ABCDEFGHJKMNPQRSTVWXYZ ")


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("7KM4 RXQ2", "7KM4RXQ2"),
        ("7km4rxq2", "7KM4RXQ2"),
        (" 7km4-rxq2. ", "7KM4RXQ2"),
        ("oOiIlLuU", "001111VV"),
        ("7KM4 RXQ", None),
        ("7KM4 RXQ22", None),
        ("7KM4 RXQ²", None),
        ("", None),
    ],
)
def test_read_code(typed, read):
    assert access.read_code(typed) == read


def test_code_opens_its_person_also_with_look_alikes(app):
    network = make_network()
    person = make_person(network)
    code = next(code for code in iter(lambda: access.new_code(person), "") if "0" in code and "1" in code)
    assert access.person_by_code(network.id, code) is person
    assert access.person_by_code(network.id, code.replace("0", "o").replace("1", "l").lower()) is person


def test_code_opens_in_its_own_network_only(app):
    here, there = make_network(), make_network("other")
    code = access.new_code(make_person(here))
    assert access.person_by_code(there.id, code) is None


def test_new_code_ends_the_old_one(app):
    network = make_network()
    person = make_person(network)
    old, new = access.new_code(person), access.new_code(person)
    assert access.person_by_code(network.id, old) is None
    assert access.person_by_code(network.id, new) is person


def test_code_of_someone_erased_opens_nothing(app):
    network = make_network()
    person = make_person(network)
    code, link = access.new_code(person), access.new_link(person, NOW)
    person.erased_at = NOW
    db.session.flush()
    assert access.person_by_code(network.id, code) is None
    assert access.person_by_link(network.id, link, NOW) is None


def test_links_of_a_person_go_on_side_by_side(app):
    network = make_network()
    person = make_person(network)
    links = [access.new_link(person, NOW) for _ in range(3)]
    assert [access.person_by_link(network.id, link, NOW) for link in links] == [person] * 3


def test_link_ends_after_90_days(app):
    network = make_network()
    person = make_person(network)
    link = access.new_link(person, NOW)
    assert access.person_by_link(network.id, link, NOW + timedelta(days=90, seconds=-1)) is person
    assert access.person_by_link(network.id, link, NOW + timedelta(days=90)) is None


def test_link_opens_in_its_own_network_only(app):
    here, there = make_network(), make_network("other")
    link = access.new_link(make_person(here), NOW)
    assert access.person_by_link(there.id, link, NOW) is None


def test_attempts_are_forgotten_after_an_hour(app):
    limits.take("code", b"someone", now=NOW, limit=1)
    assert limits.forget(NOW + HOUR - timedelta(seconds=1)) == 0
    assert limits.forget(NOW + HOUR) == 1
    assert db.session.scalars(select(Attempt)).all() == []


def test_client_is_told_apart_by_address_and_network_and_never_kept(app):
    here = limits.client("203.0.113.7", NOW, 1)
    assert here == limits.client("203.0.113.7", NOW, 1)
    assert here not in (limits.client("203.0.113.8", NOW, 1), limits.client("203.0.113.7", NOW, 2))
    assert here != limits.client("203.0.113.7", NOW + timedelta(days=1), 1)
    assert len(here) == 32
    assert b"203" not in here


def test_client_cannot_be_found_again_from_the_database_and_its_keys(app, monkeypatch):
    before = limits.client("203.0.113.7", NOW, 1)
    monkeypatch.setattr(limits, "SECRET", b"of the next start")
    assert limits.client("203.0.113.7", NOW, 1) != before


def test_client_with_ipv6_is_its_whole_home():
    assert limits.client("2001:db8:1:2:aaaa::1", NOW) == limits.client("2001:db8:1:2:bbbb::9", NOW)
    assert limits.client("2001:db8:1:2::1", NOW) != limits.client("2001:db8:1:3::1", NOW)
