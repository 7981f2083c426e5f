"""The categories that a network starts with."""

import pytest
from sqlalchemy import select

from mutualaid.aid.categories import DEFAULTS, add_default_categories
from mutualaid.aid.models import Category
from mutualaid.aid.words.posts import UNITS
from mutualaid.db import db
from mutualaid.networks.models import Network
from tests.factories import make_category, make_network

ROWS = [row for parent, children in DEFAULTS for row in (parent, *children)]
SENSITIVE = {
    *("health", "accompaniment", "housing", "place_to_stay", "eviction"),
    *("money", "bills", "rent", "papers", "forms", "benefits"),
}
REMOTE = {"money", "bills", "rent", "papers", "forms", "benefits", "interpreting", "calls"}


@pytest.fixture
def network(app):
    return make_network()


def categories_of(network: Network) -> list[Category]:
    rows = select(Category).where(Category.network_id == network.id).order_by(Category.position)
    return list(db.session.scalars(rows))


def test_default_categories_stand_in_two_levels(network):
    add_default_categories(network)
    rows = categories_of(network)
    keys = {row.id: row.key for row in rows}
    tree = [(parent.key, tuple(child.key for child in children)) for parent, children in DEFAULTS]
    assert [row.key for row in rows] == [row.key for row in ROWS]
    assert [
        (row.key, tuple(child.key for child in rows if child.parent_id == row.id))
        for row in rows
        if row.parent_id is None
    ] == tree
    assert {keys[row.parent_id] for row in rows if row.parent_id} == {key for key, under in tree if under}


def test_default_categories_added_twice_stand_once(network):
    add_default_categories(network)
    add_default_categories(network)
    assert len(categories_of(network)) == len(ROWS)


def test_default_categories_leave_what_a_network_has_made_its_own(network):
    make_category(network, "rides", unit="hours", names={"en": "Lifts", "es": "Aventones"})
    add_default_categories(network)
    rides = [row for row in categories_of(network) if row.key == "rides"]
    assert [(row.names["en"], row.unit) for row in rides] == [("Lifts", "hours")]


def test_default_categories_are_kept_apart_by_network(network):
    chris = make_network("elsewhere", name="Elsewhere")
    add_default_categories(chris)
    assert categories_of(network) == []
    assert {row.network_id for row in categories_of(chris)} == {chris.id}


def test_what_only_coordinators_see():
    assert {row.key for row in ROWS if row.sensitive} == SENSITIVE


def test_where_place_does_not_count():
    assert {row.key for row in ROWS if row.remote} == REMOTE


def test_every_name_stands_in_both_languages_and_once():
    for names in ([row.en for row in ROWS], [row.es for row in ROWS]):
        assert all(names)
        assert len(set(names)) == len(names)


def test_every_unit_has_words():
    assert {row.unit for row in ROWS} <= set(UNITS)
