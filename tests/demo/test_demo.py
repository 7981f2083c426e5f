"""The demo network: every screen has something true to show, and it goes without a trace."""

import stat

import pytest
from sqlalchemy import func, select

from mutualaid.aid.models import OUTCOMES, STATES, Match, Post
from mutualaid.db import Base, db, utcnow
from mutualaid.networks.models import Membership, Network
from mutualaid.people import accounts
from mutualaid.people.models import Account
from tests.factories import make_member, make_network


@pytest.fixture
def run(app, tmp_path, monkeypatch):
    monkeypatch.setitem(app.config, "INSTANCE", tmp_path)
    monkeypatch.delenv("HOST", raising=False)
    return lambda *words: app.test_cli_runner().invoke(args=["demo", *words])


@pytest.mark.once
def test_demo_has_matches_in_every_state_and_posts_with_every_outcome_all_in_the_past(run):
    assert run().exit_code == 0
    states = set(db.session.scalars(select(Match.state).distinct()))
    outcomes = set(db.session.scalars(select(Post.outcome).where(Post.outcome.is_not(None)).distinct()))
    assert (states, outcomes) == (set(STATES), set(OUTCOMES))
    assert 60 <= db.session.scalar(select(func.count()).select_from(Post)) <= 80
    latest = db.session.scalar(select(func.max(Match.proposed_at)))
    assert latest < utcnow()


@pytest.mark.once
def test_demo_signs_in_with_the_passwords_it_prints_and_keeps_to_itself(run, tmp_path):
    printed = run().output
    kept = tmp_path / "demo.txt"
    line = next(line for line in printed.splitlines() if "coordinator" in line)
    email, password = line.split()[-2:]
    account = accounts.find(email)
    assert accounts.is_password(account.password_hash, password)
    assert kept.read_text().strip() in printed
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.9", "example.org"])
def test_demo_is_refused_where_others_can_reach_it(run, monkeypatch, host):
    monkeypatch.setenv("HOST", host)
    assert (run().exit_code, db.session.scalar(select(func.count()).select_from(Network))) == (1, 0)


def test_first_start_makes_no_demo_beside_a_network(run):
    make_network()
    db.session.commit()
    assert run("--first-start").exit_code == 0
    assert list(db.session.scalars(select(Network.slug))) == ["garrison"]


def test_demo_stands_once_and_remove_leaves_nothing_but_what_was_there(run):
    other = make_member(make_network(), email="bo@example.org")
    db.session.commit()
    before = rows()
    run()
    standing = rows()
    again = run()
    assert (again.exit_code, again.output.count("\n")) == (1, 1)
    assert again.output.startswith("Error: The demo stands already.")
    assert rows() == standing != before
    assert run("remove").exit_code == 0
    assert rows() == before
    assert db.session.scalars(select(Account.id)).all() == [other.account_id]
    assert db.session.scalars(select(Membership.id)).all() == [other.id]


def rows():
    return {
        table.name: db.session.scalar(select(func.count()).select_from(table))
        for table in Base.metadata.sorted_tables
    }


def test_demo_remove_without_a_demo_says_so(run):
    gone = run("remove")
    assert (gone.exit_code, gone.output) == (1, "Error: There is no demo.\n")
