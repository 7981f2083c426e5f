"""The long version: every page on a phone and at a desk, each by light and in the dark."""

import pytest

from tests.journeys.acts import PHONE, all_flaws, sign_in
from tests.journeys.test_desk import Town, pages_of
from tests.journeys.test_every_page import PARTS, browser_of
from tests.pages import addresses, make_town

pytestmark = pytest.mark.once


@pytest.mark.parametrize("who", PARTS)
def test_axe_finds_nothing_at_either_width_by_light_or_in_the_dark(open_page, who):
    town = make_town()
    pages = addresses(town)[who]
    page = browser_of(open_page, town, who)
    for address in pages:
        assert (address, all_flaws(page, address)) == (address, [])


def test_axe_finds_nothing_on_the_desk_at_either_width_by_light_or_in_the_dark(app, open_page):
    town = Town()
    paths = pages_of(town)
    page = sign_in(open_page(*PHONE), town.bo)
    for path in paths:
        assert (path, all_flaws(page, f"/garrison/desk{path}")) == (path, [])
