"""A network with the usual categories, and one area."""

import pytest
from flask import Flask

from mutualaid.aid.categories import add_default_categories
from mutualaid.networks.models import Network
from mutualaid.places.models import Area
from tests.factories import make_area, make_network


@pytest.fixture
def network(app: Flask) -> Network:
    made = make_network()
    add_default_categories(made)
    return made


@pytest.fixture
def area(network: Network) -> Area:
    return make_area(network)
