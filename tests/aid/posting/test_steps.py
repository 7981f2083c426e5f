"""Posting without an account: one question a screen, nothing lost, nothing made twice."""

import pytest
from sqlalchemy import select

from mutualaid.aid.models import Category, Draft, Post, PostDetails
from mutualaid.db import db
from tests.aid.asking import MATTERS, REACH, WHEN, answer, of_need, of_offer, posts, send, soup
from tests.factories import PARKDALE, make_area


def key_of(post: Post) -> str:
    return db.session.get_one(Category, (post.network_id, post.category_id)).key


def test_need_for_two_things_becomes_two_posts(client, network, area):
    matters = {"languages": ["en", "es"], "others": "Kreyòl", "traits": ["lifting"], "details": "No lift."}
    send(client, network, "need", of_need(area, matters=matters))
    groceries, ride = posts()
    assert [key_of(groceries), key_of(ride)] == ["groceries", "rides"]
    assert (groceries.quantity, groceries.uncovered, ride.quantity) == (3, 3, 1)
    assert (groceries.area_id, groceries.cell, groceries.measure_cell) == (area.id, None, area.middle_cell)
    assert (groceries.travel, groceries.reach_km, groceries.urgency, groceries.times) == ("host", None, 1, 0)
    assert (groceries.languages, groceries.traits) == (["en", "es", "ht"], ["lifting"])
    assert groceries.person_id == ride.person_id
    assert db.session.get_one(PostDetails, (network.id, groceries.id)).text == "No lift."


def test_offer_says_how_much_how_far_and_when(client, network, area):
    send(client, network, "offer", of_offer(area))
    (offer,) = posts()
    assert (offer.kind, offer.per_week, offer.stock, offer.stock_left) == ("offer", 2, 10, 10)
    assert (offer.travel, offer.reach_km) == ("come", 10)
    assert offer.times == 0b11_000  # Tuesday morning and afternoon


def test_offer_without_numbers_has_no_limit(client, network, area):
    send(client, network, "offer", of_offer(area, which={"week_rides": "", "stock_rides": ""}))
    (offer,) = posts()
    assert (offer.per_week, offer.stock, offer.stock_left) == (None, None, None)


def test_each_answer_leads_to_the_next_question(client, network, area):
    led = answer(client, network, "need", of_need(area))
    assert led == ["which", "where", "travel", "when", "matters", "reach", "check"]


def test_looking_at_a_question_writes_nothing(client, network, area):
    for step in ("what", "which", "where", "travel", "when", "matters", "reach", "check"):
        client.get(f"/{network.slug}/post/need/{step}")
    assert db.session.scalars(select(Draft)).all() == []


def test_back_shows_what_was_answered(client, network, area):
    answer(client, network, "need", of_need(area, reach=REACH | {"name": "Zoë 🌿"}))
    base = f"/{network.slug}/post/need"
    ticked = soup(client, f"{base}/what").select("input[checked]")
    assert [box["value"] for box in ticked] == ["food", "rides"]
    assert soup(client, f"{base}/which").select_one("#many_groceries")["value"] == "3"
    assert soup(client, f"{base}/where").select_one("#area option[selected]")["value"] == str(area.id)
    assert soup(client, f"{base}/reach").select_one("#name")["value"] == "Zoë 🌿"
    assert soup(client, f"{base}/when").select_one(".bar a")["href"] == f"{base}/travel"


def test_change_from_the_check_leads_back_to_the_check(client, network, area):
    answer(client, network, "need", of_need(area))
    assert answer(client, network, "need", {"when": WHEN | {"urgency": "2"}}) == ["check"]
    assert answer(client, network, "need", {"what": {"what": ["food", "care"]}}) == ["which"]


def test_check_says_everything_in_words(client, network, area):
    answer(client, network, "need", of_need(area))
    told = [part.get_text() for part in soup(client, f"/{network.slug}/post/need/check").select(".told dd")]
    for words in (
        "Groceries: 3 boxes",
        "A ride: 1 ride",
        "Parkdale",
        "They come to me",
        "This week",
        "Amina",
    ):
        assert words in told


def test_language_without_a_name_of_its_own_is_named_in_the_readers(client, network, area):
    answer(client, network, "need", of_need(area, matters=MATTERS | {"others": "klingon"}))
    told = [part.get_text() for part in soup(client, f"/{network.slug}/post/need/check").select(".told dd")]
    assert "You speak English, Klingon" in told


def test_page_opened_too_early_leads_to_the_first_missing_answer(client, network, area):
    base = f"/{network.slug}/post/need"
    assert client.get(f"{base}/check").location == f"{base}/what"
    answer(client, network, "need", {"what": {"what": ["rides"]}})
    assert client.get(f"{base}/reach").location == f"{base}/which"
    assert client.post(f"{base}/check").location == f"{base}/which"


def test_answer_given_too_early_is_kept(client, network, area):
    led = answer(client, network, "need", {"reach": REACH, "what": {"what": ["rides"]}})
    assert led == ["what", "which"]
    assert answer(client, network, "need", {"which": {"many_rides": "1"}}) == ["where"]
    later = {"where": {"area": "none"}, "travel": {"travel": "host"}, "when": WHEN, "matters": MATTERS}
    assert answer(client, network, "need", later)[-1] in ("reach", "check")
    assert soup(client, f"/{network.slug}/post/need/reach").select_one("#name")["value"] == "Amina"


@pytest.mark.parametrize("tapped", ["²", "9" * 19, "x", "12"])
def test_tap_on_an_area_that_is_none_is_passed_over(client, network, area, tapped):
    answers = of_need(area)
    answer(client, network, "need", {step: answers[step] for step in ("what", "which")})
    page = soup(client, f"/{network.slug}/post/need/where?area={tapped}")
    assert page.select("option[selected]") == page.select("option[selected][value='']")


@pytest.mark.parametrize("path", ["/post/wish", "/post/wish/what", "/post/need/why", "/post/Need/what"])
def test_what_is_neither_need_nor_offer_is_not_there(client, network, path):
    assert client.get(f"/{network.slug}{path}").status_code == 404


def test_need_without_a_place_skips_where(client, network, area):
    steps = {"what": {"what": ["company"]}, "which": {"kinds_company": ["calls"], "many_calls": "1"}}
    assert answer(client, network, "need", steps) == ["which", "when"]
    for step in ("where", "travel"):
        assert client.get(f"/{network.slug}/post/need/{step}").location == f"/{network.slug}/post/need/when"
    send(
        client,
        network,
        "need",
        {"when": WHEN, "matters": MATTERS | {"traits": ["vehicle", "woman"]}, "reach": REACH},
    )
    (call,) = posts()
    assert (call.area_id, call.measure_cell, call.travel, call.traits) == (None, None, "either", ["woman"])


def test_network_without_areas_is_not_asked_for_one(client, network):
    asked = {step: fields for step, fields in of_need(None).items() if step != "where"}
    assert answer(client, network, "need", asked)[1:3] == ["travel", "when"]
    where = client.get(f"/{network.slug}/post/need/where")
    assert where.location == f"/{network.slug}/post/need/check"
    told = soup(client, where.location).select(".told dt")
    assert "Where" not in [part.get_text() for part in told]


def test_area_may_stay_unsaid(client, network, area):
    send(client, network, "need", of_need(None))
    assert [(post.area_id, post.measure_cell) for post in posts()] == [(None, None)] * 2


def test_area_tapped_on_the_map_is_chosen(client, network, area):
    answer(client, network, "need", {step: of_need(area)[step] for step in ("what", "which")})
    base = f"/{network.slug}/post/need/where"
    assert soup(client, base).select_one("svg.map a")["href"] == f"{base}?area={area.id}"
    assert soup(client, f"{base}?area={area.id}").select_one("#area option[selected]")["value"] == str(
        area.id
    )
    assert soup(client, f"{base}?area=77").select_one("#area option[selected]") is None


def test_tap_on_the_map_loses_no_answer(client, network, area):
    """Areas are links: whatever else stood on the page would be gone."""
    answer(client, network, "need", {step: of_need(area)[step] for step in ("what", "which")})
    asked = soup(client, f"/{network.slug}/post/need/where").select("form.form [name]:not([type=hidden])")
    assert [field["name"] for field in asked] == ["area"]


def test_chosen_among_many_areas_shows_those_around_it(client, network, area):
    for place in range(14):
        make_area(network, f"Ward {place}", (PARKDALE[0] + 0.05 * (place + 1), PARKDALE[1]), km=0.5)
    answer(client, network, "need", {step: of_need(area)[step] for step in ("what", "which")})
    base = f"/{network.slug}/post/need/where"
    assert len(soup(client, base).select("svg.map a")) == 15
    assert len(soup(client, f"{base}?area={area.id}").select("svg.map a")) == 9
    assert len(soup(client, f"{base}?area={area.id}&all=1").select("svg.map a")) == 15


def test_nothing_is_kept_without_the_token_against_forgery(client, network, area):
    assert (
        client.post(f"/{network.slug}/post/need/what", data={"what": ["rides"]}, forged=True).status_code
        == 400
    )
    assert db.session.scalars(select(Draft)).all() == []


@pytest.mark.parametrize("kind", ["need", "offer"])
def test_every_question_asks_the_database_at_most_8_times(client, network, area, kind, count_queries):
    answers = of_need(area) if kind == "need" else of_offer(area)
    base = f"/{network.slug}"  # the test itself asks for it anew after each commit
    for step in (*answers, "check"):
        with count_queries() as asked:
            assert client.get(f"{base}/post/{kind}/{step}").status_code == 200
        assert len(asked) <= 8
        if step != "check":
            answer(client, network, kind, {step: answers[step]})
    client.post(f"{base}/post/{kind}/check")
    with count_queries() as asked:
        assert client.get(f"{base}/posted").status_code == 200
    assert len(asked) <= 8


def test_sending_asks_the_database_at_most_12_times_however_much_is_posted(
    client, network, area, count_queries
):
    answer(client, network, "need", of_need(area))
    base = f"/{network.slug}"
    with count_queries() as asked:
        assert client.post(f"{base}/post/need/check").location == f"{base}/posted"
    assert (len(posts()), len(asked) <= 12) == (2, True)


@pytest.mark.parametrize("kind", ["need", "offer"])
def test_every_question_has_a_title_and_named_fields(client, network, area, kind):
    answers = of_need(area) if kind == "need" else of_offer(area)
    for step in (*answers, "check"):
        page = soup(client, f"/{network.slug}/post/{kind}/{step}")
        assert "Step" in page.title.get_text()
        ids = [tag["id"] for tag in page.select("[id]")]
        assert len(ids) == len(set(ids))
        labelled = {label["for"] for label in page.select("label[for]")}
        asked = page.select("input:not([type=hidden]), select:not([hidden]), textarea")
        assert {tag["id"] for tag in asked} - labelled == set()
        if step != "check":
            answer(client, network, kind, {step: answers[step]})


def test_language_can_be_changed_while_asking_and_on_ones_own_page(client, network, area):
    network.languages = ["en", "es"]
    send(client, network, "need", of_need(area))
    for page in ("post/offer/what", "posted", "mine/"):
        switch = soup(client, f"/{network.slug}/{page}").select_one("footer form.langs")
        assert (switch["action"], switch.button["value"]) == (f"/{network.slug}/language", "es")
        assert switch.select_one("[name=next]")["value"] == f"/{network.slug}/{page}"
