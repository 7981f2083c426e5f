"""Leave quickly and private links, in a real browser."""

import re

import pytest
from playwright.sync_api import expect

from mutualaid.db import db
from mutualaid.people.access import new_link
from tests.factories import NOW, make_network, make_person

pytestmark = pytest.mark.once


@pytest.fixture
def link(app):
    token = new_link(make_person(make_network()), NOW)
    db.session.commit()
    return f"/garrison/link/{token}"


@pytest.fixture(params=["phone", "desk_page"])
def page(request, open_page):
    """Without JavaScript, and with it."""
    return request.getfixturevalue(request.param)


def test_after_leaving_nothing_of_ours_can_be_read(page, link):
    page.goto(link)
    page.get_by_role("button", name="Open my page").click()
    expect(page).to_have_url(re.compile("/garrison/mine/$"))
    page.get_by_role("button", name="Leave quickly").click()
    expect(page).to_have_url(re.compile("/away$"))
    expect(page).to_have_title("Notes")
    page.goto("/garrison/mine/")
    expect(page).to_have_url(re.compile("/garrison/code$"))
    assert page.evaluate("[localStorage.length, sessionStorage.length]") == [0, 0]


def test_back_does_not_return_to_the_page_one_left(desk_page, link):
    desk_page.goto("/garrison/lost")
    desk_page.goto("/garrison/code")
    desk_page.get_by_role("button", name="Leave quickly").click()
    expect(desk_page).to_have_title("Notes")
    desk_page.go_back()
    expect(desk_page).to_have_url(re.compile("/garrison/lost$"))


def test_private_link_does_not_stay_in_the_address(desk_page, link):
    desk_page.goto(link)
    expect(desk_page).to_have_url(re.compile("/garrison/code$"))
    desk_page.get_by_role("button", name="Open my page").click()
    expect(desk_page).to_have_url(re.compile("/garrison/mine/$"))
