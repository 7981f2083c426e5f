"""What stays in a browser after somebody has left; and that the watch over all these journeys sees what it should."""

import re

import pytest
from playwright.sync_api import expect

from mutualaid.db import db
from mutualaid.people.access import new_link
from tests.factories import NOW, make_category, make_member, make_need, make_network, make_person
from tests.journeys.acts import open_with_link, press, says, sign_in
from tests.journeys.watching import Watch, kept

pytestmark = pytest.mark.once
NOTHING = {"cookies": 0, "local": 0, "session": 0, "caches": 0, "databases": 0, "workers": 0}


@pytest.fixture
def network(app):
    network = make_network(languages=["en"])
    db.session.commit()
    return network


def seen_on_the_way_back(page, steps):
    """Every page that Back still shows, in one."""
    shown = ""
    for _ in range(steps):
        page.go_back()
        shown += page.content()
    return shown


def test_neighbour_who_leaves_leaves_nothing_behind(network, desk_page):
    amina = make_person(network, "Amina")
    make_need(amina, make_category(network, "rides"), details="Second floor.")
    link = new_link(amina, NOW)
    db.session.commit()
    open_with_link(desk_page, f"/{network.slug}/link/{link}")
    says(desk_page, "Rides")
    assert kept(desk_page)["cookies"] == 1
    press(desk_page, "Leave quickly")
    expect(desk_page).to_have_title("Notes")
    assert kept(desk_page) == NOTHING
    shown = seen_on_the_way_back(desk_page, 3)
    assert [word for word in ("Amina", "Rides", link, "Second floor") if word in shown] == []


def test_coordinator_who_signs_out_leaves_nothing_to_read(network, desk_page):
    bo = make_member(network)
    make_need(make_person(network, "Amina"), make_category(network, "rides"), details="Second floor.")
    sign_in(desk_page, bo)
    desk_page.goto(f"/{network.slug}/desk")
    says(desk_page, "Amina")
    press(desk_page, "Sign out")
    expect(desk_page).to_have_url(re.compile("/(garrison/)?$"))
    assert kept(desk_page) | {"cookies": 0} == NOTHING
    shown = seen_on_the_way_back(desk_page, 2)
    assert [word for word in ("Amina", "Second floor", "Bo,") if word in shown] == []


WANTS = "<script>document.title = 'taken'</script><img src='http://elsewhere.invalid/x.png'>"


@pytest.mark.parametrize("with_policy", [True, False])
def test_page_with_a_script_of_its_own_and_a_picture_from_elsewhere_is_found(
    app, live_server, new_context, monkeypatch, with_policy
):
    monkeypatch.setitem(app.view_functions, "people.away", lambda: WANTS)
    if not with_policy:
        monkeypatch.setattr("mutualaid.headers.ALWAYS", {})
    page, watch = new_context(base_url=live_server).new_page(), Watch()
    watch.over(page, live_server)
    page.goto("/away")
    page.wait_for_timeout(200)
    assert (len(watch.refused) >= 2, watch.elsewhere) == (with_policy, ["http://elsewhere.invalid/x.png"])
