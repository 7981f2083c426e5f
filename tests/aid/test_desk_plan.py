"""The plan on the desk and at the command line: it only reads until somebody proposes."""

import json

import pytest
from sqlalchemy import func, select

from mutualaid.aid import desk_plan, lifecycle
from mutualaid.aid.models import Match
from mutualaid.db import db
from tests.aid.desk_cast import Desk, words
from tests.factories import (
    NOW,
    actor_of,
    make_area,
    make_category,
    make_member,
    make_need,
    make_network,
    make_offer,
    make_person,
)


@pytest.fixture
def desk(client):
    return Desk(client)


@pytest.fixture
def two(desk):
    """A second need and a second offer, so that the plan has two lines."""
    place = {"area_id": desk.area.id, "cell": desk.need.cell}
    desk.other_need = make_need(make_person(desk.network, "Hana"), desk.groceries, urgency=2, **place)
    desk.other_offer = make_offer(make_person(desk.network, "Fatou"), desk.groceries, stock=1, **place)
    desk.offer.stock = desk.offer.stock_left = 3
    db.session.commit()
    return desk


def lines(page) -> list[str]:
    return [box["value"] for box in page.select("input[name=line]")]


def matches() -> list[tuple[int, int, int, str]]:
    db.session.expire_all()
    rows = db.session.scalars(select(Match).order_by(Match.id))
    return [(row.need_id, row.offer_id, row.promised, row.state) for row in rows]


def test_the_plan_is_shown_and_nothing_is_proposed(two):
    page = two.get("/plan")
    assert lines(page) == [
        f"{two.other_need.id}-{two.other_offer.id}-1",
        f"{two.need.id}-{two.offer.id}-3",
    ]
    assert "Somebody is there now for 2 of 2 open needs." in words(page.main)
    assert "both speak English" in words(page.select_one("table.plan"))
    assert page.select_one("svg.map title").text == "How many needs can be met in each area"
    assert matches() == []


def test_the_desk_leads_to_the_plan(two):
    assert two.get().select_one('a[href^="/garrison/desk/plan"]') is not None


def test_all_lines_are_proposed_and_agreed_by_nobody(two):
    answer = two.post("/plan", line=lines(two.get("/plan")))
    assert b"2 matches are proposed." in answer.data
    assert [row[3] for row in matches()] == ["proposed", "proposed"]
    assert lines(two.get("/plan")) == []


def test_one_line_is_proposed_and_the_other_waits(two):
    first, second = lines(two.get("/plan"))
    two.post("/plan", line=[second])
    assert matches() == [(two.need.id, two.offer.id, 3, "proposed")]
    assert lines(two.get("/plan")) == [first]


def test_sent_twice_it_proposes_once(two):
    chosen = lines(two.get("/plan"))
    two.post("/plan", line=chosen)
    again = two.post("/plan", line=chosen)
    assert b"Nothing was proposed." in again.data
    assert again.data.count(b"It is proposed already.") == 2
    assert len(matches()) == 2


def test_what_changed_meanwhile_is_left_out_and_named(two):
    chosen = lines(two.get("/plan"))
    lifecycle.withdraw(two.other_offer, by=actor_of(two.other_offer.person), now=NOW)
    answer = two.post("/plan", line=chosen)
    assert b"1 match is proposed." in answer.data
    assert b"1 was left out: something changed meanwhile" in answer.data
    assert b"Hana" in answer.data
    assert b"These two do not fit any more." in answer.data
    assert matches() == [(two.need.id, two.offer.id, 3, "proposed")]


def test_less_is_left_than_the_plan_says(two):
    chosen = lines(two.get("/plan"))
    lifecycle.propose(
        make_need(make_person(two.network, "Olga"), two.groceries),
        two.offer,
        by=two.by_bo,
        now=NOW,
        quantity=1,
    )
    answer = two.post("/plan", line=chosen)
    assert "Not so much is left: 2." in answer.text


def test_nothing_ticked_is_said(two):
    assert two.told(two.post("/plan")) == "Nothing was chosen. Tick the boxes first."


def test_nonsense_is_passed_over(two):
    assert two.post("/plan", line=["1-2", "x", "1-2-0", f"{2**63}-1-1"]).status_code == 303
    answer = two.post("/plan", line=[f"{two.offer.id}-{two.need.id}-1", "5-6-1"])
    assert answer.data.count(b"It is not there any more, or not in your areas.") == 2
    assert matches() == []


def test_more_than_a_page_is_proposed_with_one_button(two, monkeypatch):
    monkeypatch.setattr(desk_plan, "SHOWN", 1)
    page = two.get("/plan")
    assert len(lines(page)) == 1
    every = page.select_one("input[name=all]")["value"]
    two.post("/plan", act="all", all=every)
    assert len(matches()) == 2


def test_too_much_for_a_page_leads_to_the_command(two, monkeypatch):
    monkeypatch.setattr(desk_plan, "AT_MOST", 3)
    page = two.get("/plan")
    assert "Too much is open for this page." in words(page.main)
    assert "plan garrison --propose" in words(page.main)
    monkeypatch.setattr(desk_plan, "AT_MOST", 4)
    assert len(lines(two.get("/plan"))) == 2


def test_a_coordinator_of_one_area_plans_and_proposes_there_only(two):
    chosen = lines(two.get("/plan"))
    elsewhere = make_area(two.network, "Elsewhere", (43.66, -79.40))
    eve = make_member(two.network, name="Eve", areas=(elsewhere,))
    theirs = two.client.application.test_client().sign_in(eve)
    assert lines(two.get("/plan", client=theirs)) == []
    answer = two.post("/plan", client=theirs, line=chosen)
    assert answer.data.count(b"It is not there any more, or not in your areas.") == 2
    assert b"Hana" not in answer.data
    assert matches() == []


def test_plan_says_how_many_get_only_a_part(two, app):
    two.offer.stock = two.offer.stock_left = 2
    db.session.commit()
    assert "1 of them gets only a part of what was asked for." in words(two.get("/plan").main)
    found = json.loads(run(app, "garrison", "--json").stdout)
    assert (found["matched_needs"], found["matched_in_part"], found["matched_quantity"]) == (2, 1, 3)


def test_helpers_and_other_networks_see_no_plan(two):
    helper = two.client.application.test_client().sign_in(make_member(two.network, "helper", name="Gita"))
    assert helper.get("/garrison/desk/plan").status_code == 404
    chris = make_member(make_network("chris"), name="Chris")
    stranger = two.client.application.test_client().sign_in(chris)
    assert stranger.get("/garrison/desk/plan").status_code == 404
    assert stranger.post("/garrison/desk/plan", data={"line": "1-2-3"}).status_code == 404


def test_lines_of_another_network_are_nobodys(two):
    other = make_network("chris")
    need = make_need(make_person(other, "Chris"), make_category(other))
    answer = two.post("/plan", line=[f"{need.id}-{two.offer.id}-1"])
    assert b"It is not there any more, or not in your areas." in answer.data


def test_the_page_asks_the_database_eight_times_at_most(two, count_queries):
    two.get("/plan")
    with count_queries() as asked:
        two.get("/plan")
    assert len(asked) <= 8, asked


def test_a_plan_of_nothing_says_so(client):
    bo = make_member(make_network())
    client.sign_in(bo)
    assert b"Nothing to bring together just now" in client.get("/garrison/desk/plan").data


KEYS = [
    "needs", "offers", "edges", "pruned", "matched_needs", "matched_in_part", "matched_quantity",
    "load_max", "load_gini", "seconds", "unmet",
]  # fmt: skip


def run(app, *words_):
    db.session.commit()
    return app.test_cli_runner().invoke(args=["plan", *words_])


def test_the_command_prints_its_figures(two, app):
    found = json.loads(run(app, "garrison", "--json").stdout)
    assert list(found) == KEYS
    assert list(found["seconds"]) == ["load", "edges", "solve", "write"]
    assert (found["needs"], found["offers"], found["edges"]) == (2, 2, 4)
    assert (found["matched_needs"], found["matched_quantity"], found["load_max"]) == (2, 4, 1)
    assert matches() == []


def test_the_command_says_what_it_found(two, app):
    make_need(make_person(two.network, "Olga"), two.groceries, travel="host", reach_km=1, traits=("vehicle",))
    said = run(app, "garrison").output
    assert (
        "2 needs can be met, 0 of them in part: 4 units in 2 matches. Nobody helps more than 1 times." in said
    )
    assert "1 cannot: nobody can do all that is asked." in said
    assert "Nothing was changed." in said


def test_the_command_proposes_every_line(two, app, clock):
    said = run(app, "garrison", "--propose").output
    assert "2 matches are proposed. Left out: 0." in said
    assert [row[3] for row in matches()] == ["proposed", "proposed"]


def test_the_command_knows_no_such_network(app):
    assert "There is no network" in run(app, "nowhere").output


def test_a_race_leaves_one_match_for_each_pair(two):
    """Somebody proposes the same pair between the plan and its acceptance."""
    chosen = lines(two.get("/plan"))
    lifecycle.propose(two.need, two.offer, by=two.by_bo, now=NOW, quantity=3)
    two.post("/plan", line=chosen)
    live = select(func.count()).select_from(Match).where(Match.need_id == two.need.id)
    assert db.session.scalar(live) == 1
    assert len(matches()) == 2
