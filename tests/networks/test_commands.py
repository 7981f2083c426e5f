"""`flask --app wsgi network …` and `members …`."""

import pytest
from sqlalchemy import func, select

from mutualaid.aid.models import Category
from mutualaid.db import db
from mutualaid.events.models import Event
from mutualaid.networks import verbs
from mutualaid.networks.models import Network
from mutualaid.notices.models import Notice
from mutualaid.people import accounts, second, sessions
from tests.factories import NOW, make_area, make_member, make_network


@pytest.fixture
def run(app, clock):
    def ran(*words):
        db.session.commit()
        return app.test_cli_runner().invoke(args=words)

    return ran


def test_network_create_makes_a_network_with_categories(run):
    result = run(
        *("network", "create", "parkdale", "Parkdale Neighbours", "--languages", "en, es"),
        *("--timezone", "America/Toronto", "--resolution", "9"),
    )
    assert result.exit_code == 0
    assert result.output.splitlines()[0] == "Parkdale Neighbours: http://localhost:8000/parkdale/"
    made = db.session.scalars(select(Network)).one()
    assert (made.languages, made.timezone, made.resolution) == (["en", "es"], "America/Toronto", 9)
    assert db.session.scalar(select(func.count()).select_from(Category)) > 30


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (("Park Dale", "x"), "Error: “Park Dale” cannot be an address."),
        (("sign-in", "x"), "Error: “sign-in” is an address of the program itself."),
        (("garrison", "x"), "Error: There is a network at /garrison/ already."),
        (("parkdale", "x", "--timezone", "Toronto"), "Error: “Toronto” is not a time zone."),
        (("parkdale", "x", "--languages", "en,xx"), "Error: “xx” is not a language code."),
        (("parkdale", "x", "--resolution", "3"), "Error: The resolution is 7 "),
    ],
)
def test_network_create_says_in_one_line_why_not(run, words, line):
    make_network()
    result = run("network", "create", *words)
    assert result.exit_code == 1
    assert result.output.startswith(line)
    assert len(result.output.splitlines()) == 1
    assert db.session.scalar(select(func.count()).select_from(Network)) == 1


def test_network_list(run):
    make_network("west", name="Westside")
    make_network("east", name="Eastside")
    assert run("network", "list").output == "/east/\tEastside\n/west/\tWestside\n"


def test_members_add_prints_a_link_that_opens(run, client):
    network = make_network()
    parkdale = make_area(network, "Parkdale")
    result = run(
        *("members", "add", "garrison", "Bo@example.org", "--role", "coordinator"),
        *("--areas", "parkdale", "--months", "3"),
    )
    assert result.exit_code == 0
    assert result.output.splitlines()[0] == (
        "Bo@example.org: coordinator of Garrison Creek Neighbours until 2027-02-23."
    )
    link = result.output.splitlines()[-1]
    assert link.startswith("http://localhost:8000/invitation/")
    bo = verbs.member_by_email(network, "bo@example.org")
    assert bo.area_ids == [parkdale.id]
    answers = {"name": "Bo", "password": "three kettles on a hill"}
    assert client.show_link(link).location == "/invitation"
    assert client.post("/invitation", data=answers).location == "/"


def test_members_add_for_a_member_prints_no_link(run):
    bo = make_member(make_network(), "helper")
    result = run("members", "add", "garrison", "bo@example.org", "--role", "steward")
    assert result.output == "bo@example.org: steward of Garrison Creek Neighbours until 2027-05-23.\n"
    db.session.refresh(bo)
    assert bo.role == "steward"


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (("nowhere", "a@example.org", "--role", "helper"), "Error: There is no network “nowhere”."),
        (("garrison", "a at b", "--role", "helper"), "Error: “a at b” is not an email."),
        (("garrison", "a@example.org", "--role", "boss"), "Error: “boss” is not a role."),
        (
            ("garrison", "a@example.org", "--role", "coordinator", "--areas", "Mars"),
            "Error: Garrison Creek Neighbours has no area “Mars”.",
        ),
    ],
)
def test_members_add_says_in_one_line_why_not(run, words, line):
    network = make_network()
    result = run("members", "add", *words)
    assert result.exit_code == 1
    assert result.output.startswith(line)
    assert len(result.output.splitlines()) == 1
    assert accounts.find("a@example.org") is None
    assert network.slug == "garrison"


def test_members_list_says_how_each_stands(run):
    network = make_network()
    make_member(network, "coordinator", days=1)
    make_member(network, "helper", name="Dee", days=-1)
    verbs.add_member(network, "eve@example.org", "steward", now=NOW)
    assert run("members", "list", "garrison").output.splitlines() == [
        "bo@example.org\tcoordinator\tuntil 2026-11-24",
        "dee@example.org\thelper\tended on 2026-11-22",
        "eve@example.org\tsteward\tuntil 2027-05-23 (invited)",
    ]


def test_members_recall_ends_a_mandate_also_the_last_stewards(run):
    bo = make_member(make_network(), "steward")
    assert run("members", "recall", "garrison", "BO@example.org").exit_code == 0
    db.session.refresh(bo)
    assert bo.recalled_at == NOW
    again = run("members", "recall", "garrison", "bo@example.org")
    assert (again.exit_code, again.output) == (
        1,
        "Error: “bo@example.org” has no role in Garrison Creek Neighbours.\n",
    )


def test_network_create_says_a_next_command_that_can_be_pasted(run):
    said = run("network", "create", "parkdale", "Parkdale Neighbours").output.splitlines()[-1]
    assert said == "Next: .venv/bin/flask --app wsgi members add parkdale EMAIL --role steward"


def test_second_factor_is_reset_everywhere_and_the_other_stewards_are_told(run):
    here, there = make_network(), make_network("other")
    bo, ines = make_member(here), make_member(here, "steward", name="Inês", email="ines@example.org")
    make_member(there, "steward", account=bo.account)
    chris, gone = (
        make_member(there, "steward", name="Chris"),
        make_member(there, "steward", name="Gus", days=-1),
    )
    second.new_codes(bo.account)
    sessions.begin(bo.account, now=NOW)
    result = run("members", "reset-second-factor", "garrison", "bo@example.org")
    assert result.output.splitlines() == [
        "bo@example.org signs in with the password alone, and is signed out everywhere. Stewards told: 2."
    ]
    assert (second.is_there(bo.account), second.codes_left(bo.account)) == (False, 0)
    assert sessions.of_account(bo.account_id) == []
    told = db.session.scalars(select(Notice.person_id).where(Notice.kind == "second_reset")).all()
    assert sorted(told) == sorted([ines.person_id, chris.person_id])
    assert gone.person_id not in told
    happened = db.session.execute(
        select(Event.network_id, Event.actor_role).where(Event.verb == "second_reset")
    ).all()
    assert sorted(happened) == sorted([(here.id, "worker"), (there.id, "worker")])


def test_second_factor_of_nobody_is_not_reset(run):
    make_network()
    result = run("members", "reset-second-factor", "garrison", "x@example.org")
    assert (result.exit_code, result.output) == (
        1,
        "Error: “x@example.org” has no place in Garrison Creek Neighbours.\n",
    )


def test_command_line_needs_no_second_person(run):
    network = make_network()
    make_member(network, "steward")
    make_member(network, name="Eve")
    assert run("members", "add", "garrison", "new@example.org", "--role", "steward").exit_code == 0
    assert verbs.member_by_email(network, "new@example.org").role == "steward"
    assert db.session.scalars(select(Event.verb)).all() == ["mandate"]
