"""A network leaves with all that it has built, and goes on elsewhere."""

from collections import Counter
from datetime import timedelta

import pytest
from flask import current_app
from sqlalchemy import func, select

from mutualaid import create_app, erased
from mutualaid.aid import lifecycle
from mutualaid.aid.models import PostDetails
from mutualaid.copies.moving import own_tables
from mutualaid.db import db, utcnow
from mutualaid.events.models import Event
from mutualaid.networks.models import Membership, Network
from mutualaid.people import accounts
from mutualaid.people.access import person_by_code, person_by_link
from mutualaid.people.blocks import entries_about, who
from mutualaid.people.models import Person
from mutualaid.sealed import new_keys
from tests.copies.moving.files import keep_keys, rows_of, value
from tests.factories import NOW, PASSWORD, actor_of, make_member, make_network, make_person
from tests.web import Browser


def test_file_shows_nothing_without_the_passphrase(left):
    data = left.path.read_bytes()
    assert data.startswith(b"age-encryption.org/v1")
    for personal in (b"Amina", b"amina@example", b"4165550142", b"Third floor", b"garrison"):
        assert personal not in data
    assert left.path.stat().st_mode & 0o777 == 0o600


def test_people_and_their_words_are_there(arrived):
    people = {person.name: person for person in db.session.scalars(select(Person))}
    assert sorted(people) == ["Amina", "Bo"]
    assert (people["Amina"].phone, people["Amina"].email) == ("+14165550142", "amina@example.org")
    assert [details.text for details in db.session.scalars(select(PostDetails)) if details.text] == [
        "Third floor."
    ]


def test_codes_and_links_go_on_working(arrived, left):
    assert person_by_code(arrived.id, left.code).name == "Amina"
    assert person_by_link(arrived.id, left.link, NOW).name == "Amina"


def test_whom_somebody_is_never_to_be_matched_with_holds_there_too(arrived):
    """Of a phone that nobody gave only its hash is known."""
    amina = next(person for person in db.session.scalars(select(Person)) if person.name == "Amina")
    feared = make_person(arrived, "Mallory", phone="+14165550199")
    assert any(e.keeps_apart(who(amina), who(feared)) for e in entries_about(arrived.id, [who(amina)]))


def test_members_have_their_role_and_no_password_yet(arrived):
    member = db.session.scalars(select(Membership)).one()
    assert (member.role, member.account.email, member.account.password_hash) == (
        "steward",
        "bo@example.org",
        None,
    )
    assert accounts.find("bo@example.org").id == member.account_id


def test_member_who_came_without_a_password_gets_a_link_to_set_one(arrived, run):
    app = current_app._get_current_object()
    app.test_client_class = Browser
    said = run(app, "members", "add", "garrison", "bo@example.org", "--role", "steward").output
    browser = app.test_client()
    assert browser.show_link("/reset/" + said.split("/reset/")[1].strip()).location == "/reset/choose"
    assert browser.post("/reset/choose", data={"password": PASSWORD}).status_code == 303
    bo = accounts.find("bo@example.org")
    db.session.refresh(bo)
    assert accounts.is_password(bo.password_hash, PASSWORD)


def test_member_who_had_an_account_here_has_to_say_yes_to_the_network_that_comes(
    house, made_by_hand, run, secret
):
    """Whoever wrote the file wrote the email in it, too."""
    with house("there", new_keys()) as there:
        keep_keys(there)
        bo = make_member(make_network("chestnut"), "helper", name="Bo", email="bo@example.org").account_id
        db.session.commit()
        result = run(there, "network", "import", made_by_hand(), "--passphrase-file", secret)
        assert result.exit_code == 0, result.output
        came = db.session.scalars(select(Membership).where(Membership.role == "steward")).one()
        assert (came.account_id, came.joined_at, came.stands(NOW)) == (bo, None, False)
        assert (
            "/invitation/"
            in run(there, "members", "add", "garrison", "bo@example.org", "--role", "steward").output
        )


def test_network_that_comes_is_no_demo(house, made_by_hand, run, secret):
    """Members of the demo need no second way of signing in."""
    path = made_by_hand(value("network", "is_demo", True))
    with house("there", new_keys()) as there:
        keep_keys(there)
        assert run(there, "network", "import", path, "--passphrase-file", secret).exit_code == 0
        assert db.session.scalars(select(Network)).one().is_demo is False


def test_whoever_was_erased_elsewhere_is_noted_here(house, made_by_hand, run, secret):
    """A backup that was made before the network left still holds them."""
    path = made_by_hand(value("person", "erased_at", {"t": NOW.isoformat()}))
    with house("there", new_keys()) as there:
        keep_keys(there)
        assert run(there, "network", "import", path, "--passphrase-file", secret).exit_code == 0
        people = {("person", person.network_id, person.id) for person in db.session.scalars(select(Person))}
        noted = {tuple(entry) for entry in erased.entries()}
        assert (len(people), people - noted) == (2, set())


def test_file_holds_the_emails_of_its_own_members_alone(lines):
    assert [email for _, (_, email) in rows_of(lines, "account")] == ["bo@example.org"]


def test_file_holds_nothing_of_how_its_members_sign_in(lines):
    tables = {line["table"] for line in lines if "table" in line}
    of_accounts = {name for name, table in db.metadata.tables.items() if "account_id" in table.columns}
    assert tables & of_accounts == {"membership"}
    assert "account_token" in of_accounts


def test_both_histories_say_that_it_moved(arrived):
    verbs = [event.verb for event in db.session.scalars(select(Event).order_by(Event.id))]
    assert verbs[-2:] == ["export", "import"]


def test_second_import_changes_nothing(arrived, made_by_hand, run, secret):
    app, path = current_app._get_current_object(), made_by_hand()
    for more, why in (
        ((), "This network is here already."),
        (("--slug", "new"), "This network is here already."),
    ):
        result = run(app, "network", "import", path, "--passphrase-file", secret, *more)
        assert (result.exit_code, why in result.output) == (1, True), result.output
    assert len(list(db.session.scalars(select(Network)))) == 1


def test_network_comes_into_an_installation_that_has_no_tables_yet(
    house, made_by_hand, run, secret, new_database, tmp_path
):
    (tmp_path / "new").mkdir()
    there = create_app(
        {
            "INSTANCE": tmp_path / "new",
            "KEYS": new_keys(),
            "SECRET_KEY": "only for tests",
            "SQLALCHEMY_DATABASE_URI": new_database(),
        }
    )
    keep_keys(there)
    with there.app_context():
        result = run(there, "network", "import", made_by_hand(), "--passphrase-file", secret)
        assert (result.exit_code, db.session.scalars(select(Network.slug)).all()) == (0, ["garrison"])
        db.session.remove()
        db.engine.dispose()


def test_network_that_a_steward_has_set_comes_in_as_it_was(house, made_by_hand, run, secret):
    """With all that the page of settings takes, like letters that join others in Persian."""
    settings = {"name": "همسایه‌ها", "lease_hours": 168, "retention_days": 365, "welcome": "a" * 600}

    def change(lines):
        for column, said in settings.items():
            value("network", column, said)(lines)
        value("network", "weights", {"j": {"distance": 6.0, "category": 0.0}})(lines)

    with house("there", new_keys()) as there:
        keep_keys(there)
        result = run(there, "network", "import", made_by_hand(change), "--passphrase-file", secret)
        assert result.exit_code == 0, result.output
        network = db.session.scalars(select(Network)).one()
        assert {name: getattr(network, name) for name in settings} == settings
        assert network.weights == {"distance": 6.0, "category": 0.0}


@pytest.mark.once
def test_network_with_something_of_everything_moves_whole(house, run, secret, tmp_path):
    """The demo has it: posts and matches in every state, with times, days, languages and outlines."""
    path = tmp_path / "demo.network"
    with house("here") as here:
        assert run(here, "demo").exit_code == 0
        assert run(here, "network", "export", "demo", path, "--passphrase-file", secret).exit_code == 0
        left = rows_of_each_table()
    with house("there", new_keys()) as there:
        keep_keys(there)
        result = run(there, "network", "import", path, "--passphrase-file", secret)
        assert (result.exit_code, rows_of_each_table() - left) == (0, Counter(event=1)), result.output


def rows_of_each_table():
    """The import itself is one event more."""
    tables = (table for table in own_tables() if table.name != "network")
    return Counter({t.name: db.session.scalar(select(func.count()).select_from(t)) for t in tables})


@pytest.mark.parametrize(("days", "comes"), [(30, True), (31, False)])
def test_export_ends_before_those_who_were_erased_since_are_forgotten(
    house, left, made_by_hand, run, secret, clock, days, comes
):
    """The list of whom was erased is kept for 37 days. Amina is erased on the day of the export."""
    with house("here", like=left.database) as here:
        keep_keys(here)
        amina = next(person for person in db.session.scalars(select(Person)) if person.name == "Amina")
        key = amina.network_id, amina.id
        lifecycle.erase(amina, by=actor_of(amina), now=NOW)
        db.session.commit()
        clock.shift(timedelta(days=days))
        erased.prune(utcnow())
        assert run(here, "network", "wipe", "garrison", input="garrison\n").exit_code == 0
        result = run(here, "network", "import", made_by_hand(), "--passphrase-file", secret)
        assert (result.exit_code == 0, "This file ended on 2026-12-23" in result.output) == (comes, not comes)
        again = db.session.get(Person, key)
        assert [again.name, again.erased_at is None] == ["", False] if comes else again is None


def test_file_of_a_network_that_is_here_leaves_its_key_alone(house, left, made_by_hand, run, secret):
    path = made_by_hand(lambda lines: lines[0].update(hashing="0" * 64))
    with house("here", like=left.database) as here:
        keys = keep_keys(here)
        before = keys.read_text()
        result = run(here, "network", "import", path, "--passphrase-file", secret)
        assert ("This network is here already." in result.output, keys.read_text()) == (True, before)


def test_wrong_passphrase_opens_nothing(house, left, run, tmp_path):
    (tmp_path / "wrong").write_text("four other words here")
    with house("there") as there:
        result = run(there, "network", "import", left.path, "--passphrase-file", tmp_path / "wrong")
        assert "does not open with this passphrase" in result.output
        assert list(db.session.scalars(select(Network))) == []


def test_address_that_is_taken_can_be_another(house, made_by_hand, run, secret):
    command = ("network", "import", made_by_hand(), "--passphrase-file", secret)
    with house("there", new_keys()) as there:
        keep_keys(there)
        make_network()
        db.session.commit()
        assert "Choose another" in run(there, *command).output
        run(there, *command, "--slug", "creek")
        assert sorted(db.session.scalars(select(Network.slug))) == ["creek", "garrison"]


def test_short_passphrase_is_refused(here, run, tmp_path):
    make_network()
    (tmp_path / "short").write_text("four words")
    result = run(
        here, "network", "export", "garrison", tmp_path / "x", "--passphrase-file", tmp_path / "short"
    )
    assert "too short" in result.output
    assert not (tmp_path / "x").exists()
