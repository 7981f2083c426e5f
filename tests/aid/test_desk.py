"""The desk's pages: what stands on them, for whom, and how often they ask the database."""

import re
from datetime import date, timedelta

import pytest
from bs4 import BeautifulSoup

from mutualaid.aid import lifecycle
from mutualaid.db import db
from mutualaid.people.models import DoNotMatch
from tests.aid.desk_cast import Desk, only_match, words
from tests.aid.street import HOUR
from tests.factories import (
    NOW,
    cell_near,
    make_area,
    make_category,
    make_member,
    make_need,
    make_network,
    make_offer,
    make_person,
)

MOST_QUERIES = 8


@pytest.fixture
def desk(client):
    return Desk(client)


def titles(page):
    return [words(link) for link in page.select(".rows .first a")]


def counted(page):
    return {words(link.span): int(words(link.b)) for link in page.select(".queues a")}


def names_in(page, part):
    return [words(name) for name in page.select(f".{part} li > p b")]


def test_desk_opens_with_the_first_queue_where_somebody_waits(desk):
    page = desk.get()
    assert words(page.h1) == "New 1"
    assert counted(page) == {"New": 1, "All open needs": 1, "All open offers": 1}
    assert words(page.select_one(".rows li div")) == "Groceries, 3 boxes Amina · Parkdale · waiting 1 hour"


def test_queue_of_what_did_not_come_is_opened_before_all_others(desk):
    desk.disputed()
    assert words(desk.get().h1) == "It did not come 1"


def test_filters_and_queue_are_kept_in_every_link(desk):
    page = desk.get(queue="needs", urgency="0", language="en")
    hrefs = [link["href"] for link in page.select(".rows .first a, .queues a")]
    assert len(hrefs) == 4
    assert all("urgency=0" in href and "language=en" in href for href in hrefs)
    opened = desk.get(f"/{desk.need.id}", queue="needs", urgency="0")
    forms = [form["action"] for form in opened.select("article form[method=post]")]
    assert forms
    assert all("queue=needs" in action and "urgency=0" in action for action in forms)


def test_filter_that_nothing_meets_says_so_and_can_be_taken_away(desk):
    page = desk.get(queue="needs", urgency="2")
    assert titles(page) == []
    assert words(page.select_one(".empty .h3")) == "Nothing is open here"
    assert page.find("a", string="Show all again")["href"] == "/garrison/desk?queue=needs"


NONSENSE = [{"page": "99"}, {"page": "-1"}, {"area": "x" * 40}, {"urgency": "9" * 30}, {"age": "old"}]


@pytest.mark.parametrize("query", NONSENSE)
def test_what_nobody_can_have_asked_for_leads_to_the_list(desk, query):
    answer = desk.client.get("/garrison/desk", query_string=query, follow_redirects=True)
    assert answer.status_code == 200


def test_opened_need_says_what_it_is_and_whoever_could_do_it(desk):
    page = desk.get(f"/{desk.need.id}")
    article = page.find("article")
    assert words(article.h1) == "Groceries, 3 boxes"
    facts = {words(fact.dt): words(fact.dd) for fact in article.select(".facts > div")}
    assert facts["How much"] == "3 boxes"
    assert facts["Where"] == "Parkdale"
    assert "Please ring twice." in words(article)
    assert names_in(page, "fits") == ["Dee"]
    assert words(page.select_one(".fits button")) == "Propose Dee"
    assert words(page.select_one(".fits .why li")) == "very near"


def test_opened_offer_shows_the_needs_it_fits(desk):
    page = desk.get(f"/{desk.offer.id}")
    assert words(page.find(id="fits-title")) == "Who needs it"
    assert names_in(page, "fits") == ["Amina"]


def test_near_miss_says_the_first_rule_that_fails(desk):
    lan = make_person(desk.network, "Lan")
    make_offer(lan, desk.groceries, travel="come", reach_km=1, cell=cell_near(desk.network, north_km=5))
    page = desk.get(f"/{desk.need.id}")
    assert names_in(page, "misses") == ["Lan"]
    assert "goes up to 1 km" in words(page.select_one(".misses li"))


def test_at_most_twenty_are_suggested_and_ten_nearly(desk):
    for n in range(25):
        make_offer(make_person(desk.network, f"Fits {n}"), desk.groceries)
        far = {"travel": "come", "reach_km": 1, "cell": cell_near(desk.network, north_km=5)}
        make_offer(make_person(desk.network, f"Far {n}"), desk.groceries, **far)
    page = desk.get(f"/{desk.need.id}")
    assert (len(page.select(".fits > li")), len(page.select(".misses > li"))) == (20, 10)


@pytest.mark.parametrize("whose", ["amina", "dee"])
def test_who_is_on_a_do_not_match_list_is_neither_suggested_nor_nearly(desk, whose):
    """Amina blocks Dee, or Dee blocks Amina: neither page shows the other at all."""
    one, other = (desk.amina, desk.dee) if whose == "amina" else (desk.dee, desk.amina)
    db.session.add(
        DoNotMatch(network_id=desk.network.id, person_id=one.id, other_id=other.id, created_at=NOW)
    )
    for post, name in ((desk.need, "Dee"), (desk.offer, "Amina")):
        article = desk.get(f"/{post.id}").find("article")
        assert article.select(".fits > li, .misses > li") == []
        assert name not in words(article)


def test_history_names_who_did_what(desk):
    desk.agreed()
    page = desk.get(f"/{desk.need.id}")
    assert [words(line.b) for line in page.select(".line li")] == [
        "Amina posted it",
        "You proposed a match",
        "Dee said yes",
        "Amina said yes: agreed",
    ]


def test_need_is_promised_only_once_both_said_yes(desk):
    match = desk.proposed()
    told = []
    for side in ("offer", "need"):
        page = desk.get(f"/{desk.need.id}")
        told.append((words(page.select_one(".fits, #fits-title ~ p")), "all asked for" in words(page)))
        lifecycle.consent(match, side, by=desk.by_bo, now=NOW - HOUR)
    page = desk.get(f"/{desk.need.id}")
    told.append((words(page.select_one("#fits-title ~ p")), "all promised" in words(page)))
    assert told == [("All of it is asked for.", True)] * 2 + [("All of it is promised.", True)]


def test_need_is_to_be_taken_in_until_somebody_is_asked(desk):
    def take_in():
        return [words(b) for b in desk.get(f"/{desk.need.id}").select('form[action$="/take-in"] button')]

    alone = take_in()
    desk.proposed()
    assert (alone, take_in()) == (["Take in"], [])


def test_history_says_for_whom_a_coordinator_spoke_and_whom_they_looked_at(desk):
    match = desk.proposed()
    for side in ("offer", "need"):
        lifecycle.consent(match, side, by=desk.by_bo, now=NOW - HOUR)
    lifecycle.deliver(match, by=desk.by_bo, now=NOW - HOUR)
    lifecycle.dispute(match, by=desk.by_bo, now=NOW - HOUR)
    desk.post(f"/{desk.need.id}/look", reason="call")
    assert [words(line.b) for line in desk.get(f"/{desk.need.id}").select(".line li")][2:] == [
        "You said yes for Dee",
        "You said yes for Amina: agreed",
        "You said for Dee that it was brought: 3",
        "You said for Amina that it did not come",
        "You looked at how to reach Amina",
    ]


@pytest.mark.parametrize(("side", "whom"), [("need", "Amina"), ("offer", "Dee")])
def test_history_says_for_whom_a_coordinator_said_no(desk, side, whom):
    lifecycle.decline(desk.proposed(), side, by=desk.by_bo, now=NOW - HOUR)
    last = desk.get(f"/{desk.offer.id}").select(".line li")[-1]
    assert words(last.b) == f"You said no for {whom}. Not suggested again for this"


def test_history_of_an_offer_tells_its_matches_and_what_was_said_of_them(desk):
    desk.disputed()
    lines = [words(line) for line in desk.get(f"/{desk.offer.id}").select(".line li")]
    assert len(lines) == 6
    assert lines[-1].startswith("Amina said that it did not come")
    assert "“Nobody came.”" in lines[-1]


def test_map_and_table_say_where_nobody_is_free(desk):
    gap = make_area(desk.network, "Junction", at=(43.66, -79.47))
    make_need(desk.amina, desk.groceries, area_id=gap.id)
    page = desk.get()
    rows = [[words(cell) for cell in row.find_all(["th", "td"])] for row in page.select("table tbody tr")]
    assert rows == [["Junction", "1", "0", "Groceries"], ["Parkdale", "1", "1", ""]]
    assert page.select_one("table mark").text == "Groceries"
    gaps = [words(title) for title in page.select("svg.map path.gap title")]
    assert gaps == ["Junction: 1 open need, 0 free offers"]
    assert f"area={gap.id}" in page.select_one("svg.map a")["href"]


def test_chat_list_tells_nothing_about_anyone_and_leaves_out_what_is_sensitive(desk):
    papers = make_category(desk.network, "eviction", unit="visits", sensitive=True)
    hidden = make_need(desk.amina, papers, area_id=desk.area.id)
    page = desk.get("/chat", post=[desk.need.id, hidden.id, desk.offer.id])
    text = page.textarea.text
    assert [line for line in text.splitlines() if line.startswith("- ")] == [
        "- Groceries, 3 boxes · Parkdale · Can wait · any time"
    ]
    assert "Amina" not in words(page)
    assert words(page.mark) == "1 is left out: only coordinators see it."


def test_run_sheet_lists_what_was_chosen_without_names(desk):
    page = desk.get("/sheet", post=[desk.need.id])
    assert [words(cell) for cell in page.select_one("tbody tr").find_all(["th", "td"])][:3] == [
        "Groceries, 3 boxes",
        "Parkdale",
        "Can wait",
    ]
    assert "Amina" not in words(page)


def test_run_sheet_has_the_network_a_box_to_tick_and_a_number_that_stands_on_the_desk_too(desk):
    page = desk.get("/sheet", post=[desk.need.id])
    number, box = [words(cell) for cell in page.select("tbody td")][-2:]
    assert words(page.h1) == "Run sheet, Garrison Creek Neighbours"
    assert (number, box) == (str(desk.need.id)[-4:], "☐")
    assert f"Number {number}" in words(desk.get(f"/{desk.need.id}").article)


def test_picture_follows_its_numbers_and_the_names_of_areas_and_is_each_coordinators_own(desk, app):
    def rows(client=None):
        found = desk.get(client=client).select(".areas tbody tr")
        return [[words(cell) for cell in row.find_all(["th", "td"])][:3] for row in found]

    seen = [rows(), rows()]
    make_need(desk.amina, desk.groceries, area_id=desk.area.id)
    db.session.commit()
    seen.append(rows())
    desk.area.name, desk.area.updated_at = "Parkdale East", NOW + HOUR
    db.session.commit()
    seen.append(rows())
    assert seen == [[["Parkdale", n, "1"]] for n in "112"] + [[["Parkdale East", "2", "1"]]]
    junction = make_area(desk.network, "Junction", at=(43.66, -79.47))
    make_need(desk.amina, desk.groceries, area_id=junction.id)
    ines = make_member(desk.network, name="Inês", email="ines@example.org", areas=(junction,))
    client = app.test_client().sign_in(ines)
    assert (rows(client), len(rows())) == ([["Junction", "1", "0"]], 2)


def test_what_was_brought_in_without_a_name_or_area_says_where_it_came_from(desk):
    nobody = make_person(desk.network, "")
    far = cell_near(desk.network, 3)
    make_need(nobody, desk.groceries, source=("haiti", "427"), cell=far, now=NOW - 100 * 24 * HOUR)
    row = desk.get(queue="needs").select(".rows li")[-1]
    assert words(row.select(".small")[-1]) == "haiti 427 · outside our areas · waiting 3 months"
    found = desk.get(f"/{desk.offer.id}").select(".fits > li, .misses > li")
    assert "haiti 427" in " ".join(words(fit) for fit in found)


def test_coordinator_of_an_area_opens_only_posts_of_it(desk, app):
    junction = make_area(desk.network, "Junction", at=(43.66, -79.47))
    ines = make_member(desk.network, name="Inês", email="ines@example.org", areas=(junction,))
    theirs = make_need(desk.amina, desk.groceries, area_id=junction.id, now=NOW - 2 * HOUR)
    nowhere = make_need(desk.amina, desk.groceries, now=NOW - 3 * HOUR)
    client = app.test_client().sign_in(ines)
    page = desk.get(client=client, queue="needs")
    assert [int(box["value"]) for box in page.select(".rows .tick")] == [theirs.id, nowhere.id]
    statuses = [client.get(f"/garrison/desk/{post.id}").status_code for post in (theirs, nowhere, desk.need)]
    assert statuses == [200, 200, 404]
    assert client.get("/garrison/desk/sheet", query_string={"post": desk.need.id}).data.count(b"<tr>") == 1


def test_post_of_another_network_is_the_same_404_as_none(desk):
    elsewhere = make_network("junction", name="Junction")
    chris = make_need(make_person(elsewhere, "Chris"), make_category(elsewhere))
    for path in ("", "/hold", "/change", "/close"):
        theirs = desk.client.get(f"/garrison/desk/{chris.id}{path}")
        nothing = desk.client.get(f"/garrison/desk/{chris.id + 1}{path}")
        assert (theirs.status_code, theirs.data) == (404, nothing.data)


def test_helper_finds_no_desk_and_a_stranger_is_asked_to_sign_in(desk, app):
    dee = make_member(desk.network, "helper", name="Dee")
    for path in ("/garrison/desk", f"/garrison/desk/{desk.need.id}"):
        assert app.test_client().sign_in(dee).get(path).status_code == 404
        answer = app.test_client().get(path)
        assert (answer.status_code, "/sign-in" in answer.location) == (302, True)


def fill(desk, number):
    """So many of everything that the two kinds of page list, all around one big need."""
    place = {"area_id": desk.area.id, "now": NOW - HOUR}
    for n in range(number):
        person = make_person(desk.network, f"Person {n}", email=f"person{n}@example.org")
        make_need(person, desk.groceries, languages=("pt",), **place)
        make_offer(person, desk.groceries, **place)
        make_offer(person, desk.groceries, travel="come", reach_km=0, cell=cell_near(desk.network, 9))
    make_need(desk.amina, desk.groceries, intake="call_back", intake_until=date(2026, 11, 23))
    big = make_need(desk.amina, desk.groceries, quantity=number, **place)
    for n in range(number // 3):
        helper = make_person(desk.network, f"Helper {n}", email=f"helper{n}@example.org")
        offer = make_offer(helper, desk.groceries, stock=1, **place)
        lifecycle.propose(big, offer, by=desk.by_bo, now=NOW - HOUR)
    return big


@pytest.mark.parametrize("number", [5, 60])
def test_pages_ask_few_queries_however_much_they_list(desk, count_queries, number):
    big = fill(desk, number)
    queues = ("new", "looking", "call_back", "calls", "needs", "offers", "unsent")
    addresses = [f"?queue={queue}" for queue in queues]
    addresses += [f"/{big.id}?queue=needs", f"/{desk.offer.id}?queue=offers"]
    desk.get()
    for address in addresses:
        with count_queries() as asked:
            page = desk.get(address)
        assert len(asked) <= MOST_QUERIES, (address, len(asked), asked)
        assert page.select(".rows li"), address
    page = desk.get(f"/{big.id}")
    lists = [len(page.select(what)) for what in (".between > li", ".fits > li", ".misses > li", ".line li")]
    assert lists == ([20, 20, 10, 21] if number == 60 else [1, 6, 5, 2])


def test_pages_of_a_long_queue_follow_each_other(desk):
    for n in range(55):
        make_need(desk.amina, desk.groceries, now=NOW - timedelta(minutes=n))
    first, second = desk.get(queue="new"), desk.get(queue="new", page=2)
    assert (len(titles(first)), len(titles(second))) == (50, 6)
    assert words(first.h1) == words(second.h1) == "New 56"
    assert second.select_one(".pages [rel=prev]")["href"].startswith("/garrison/desk?page=1&queue=new")
    assert [words(page.select_one(".pages")) for page in (first, second)] == [
        "Page 1 of 2 Next",
        "Back Page 2 of 2",
    ]


def test_all_of_a_page_are_chosen_at_once_and_let_go_again(desk):
    for n in range(55):
        make_need(desk.amina, desk.groceries, now=NOW - timedelta(minutes=n))
    page = desk.get(queue="new", page=2)
    chosen = []
    for _ in range(2):
        link = page.select_one("a[data-all]")
        page = desk.get(link["href"].removeprefix("/garrison/desk"))
        ticked = len(page.select(".rows .tick[checked]"))
        chosen.append((words(link), len(titles(page)), ticked, words(page.select_one("[data-chosen]"))))
    assert chosen == [("Choose all", 6, 6, "Chosen: 6"), ("Choose none", 6, 0, "Chosen: 0")]


NO_NUMBERS = ("²", "9" * 19, "9" * 400, "-1", "1.5", "x", "\0")


@pytest.mark.parametrize("value", NO_NUMBERS)
def test_number_that_is_none_is_passed_over(desk, value):
    for name in ("area", "category", "urgency", "page"):
        assert "Amina" in words(desk.get(queue="needs", **{name: value}).main), name
    for page in ("chat", "sheet"):
        assert "Groceries" not in words(desk.get(f"/{page}", post=value).main)
    assert (
        desk.told(desk.post("/many", post=value, act="called")) == "Nothing was chosen. Tick the boxes first."
    )
    desk.told(desk.post(f"/{desk.need.id}/propose/{desk.offer.id}", quantity=value))
    assert only_match().promised == 3


def test_offer_shows_only_needs_of_ones_own_areas(desk):
    """Whoever writes down an offer of everything could else read who needs what all over town."""
    elsewhere = make_area(desk.network, "Bloordale", at=(43.70, -79.43))
    eve, fay, gus = (make_person(desk.network, name) for name in ("Eve", "Fay", "Gus"))
    make_need(eve, desk.groceries, area_id=elsewhere.id)
    make_need(fay, desk.groceries, area_id=None)
    make_need(gus, desk.groceries, area_id=elsewhere.id, traits=("vehicle",))
    opened = desk.get(f"/{desk.offer.id}")
    assert {"Amina", "Eve", "Fay", "Gus"} <= set(re.findall(r"\w+", words(opened.article)))
    cal = make_member(desk.network, name="Cal", email="cal@example.org", areas=(desk.area,))
    opened = desk.get(f"/{desk.offer.id}", desk.client.application.test_client().sign_in(cal))
    named = {"Amina", "Eve", "Fay", "Gus"} & set(re.findall(r"\w+", words(opened.article)))
    assert named == {"Amina", "Fay"}


def test_desk_of_a_new_network_says_what_comes_first(client, app):
    network = make_network()
    client.sign_in(make_member(network, "steward"))
    first = BeautifulSoup(client.get("/garrison/desk").text, "html.parser").select_one(".empty")
    assert first.code.get_text() == ".venv/bin/flask --app wsgi areas import garrison FILE.geojson"
    paths = ["/garrison/members/invite", "/garrison/", "/garrison/phone"]
    assert [link["href"] for link in first.select("a")] == paths
