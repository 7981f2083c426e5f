"""A network leaves with all that it has built, and goes on elsewhere."""

import gzip
import json
import subprocess
import sys
import tracemalloc
from copy import deepcopy
from dataclasses import dataclass
from datetime import timedelta
from errno import ENOSPC
from pathlib import Path
from signal import SIGKILL

import pyrage
import pytest
import time_machine
from flask import current_app
from sqlalchemy import event, select

from mutualaid import create_app, erased, restoring
from mutualaid.aid import lifecycle
from mutualaid.aid.lifecycle import never_match_contact
from mutualaid.aid.matching.ranking import WEIGHTS
from mutualaid.aid.models import PostDetails
from mutualaid.config import ROOT
from mutualaid.copies import lines as lines_of_copies
from mutualaid.copies.moving import own_tables
from mutualaid.db import db, utcnow
from mutualaid.events.models import Event
from mutualaid.networks.models import Membership, Network
from mutualaid.people import accounts
from mutualaid.people.access import new_code, new_link, person_by_code, person_by_link
from mutualaid.people.blocks import entries_about, who
from mutualaid.people.contact import phone_hash
from mutualaid.people.models import Person
from mutualaid.sealed import new_keys
from tests.copies import age
from tests.factories import NOW, actor_of, make_category, make_member, make_need, make_network, make_person
from tests.processes import settings_of

SECRET = "four words stand here"
KILLED_AT_THE_COMMIT = """
import os, signal
from sqlalchemy import event
from mutualaid.db import db
from wsgi import app
event.listen(db.session, "before_commit", lambda _: os.kill(os.getpid(), signal.SIGKILL))
app.test_cli_runner().invoke(args={args})
"""


@dataclass(frozen=True)
class Left:
    """A network that has written itself to a file; Amina's code and link; the database that it left."""

    path: Path
    code: str
    link: str
    database: str


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("moving")


@pytest.fixture(scope="module")
def secret(folder):
    path = folder / "passphrase"
    path.write_text(SECRET + "\n")
    return path


@pytest.fixture(scope="module")
def left(houses, run, folder, secret):
    """By the command: whoever opens the file waits as long as age lets them wait."""
    with time_machine.travel(NOW, tick=False), houses(folder) as house, house("here") as here:
        network = make_network()
        amina = make_person(network, "Amina", email="amina@example.org", phone="+14165550142")
        make_need(amina, make_category(network), details="Third floor.")
        make_member(network, "steward", name="Bo", email="bo@example.org")
        make_member(make_network("other"), name="Chris")
        feared = phone_hash(network.id, "+14165550199")
        never_match_contact(amina, feared, by=actor_of(amina), now=NOW)
        code, link = new_code(amina), new_link(amina, NOW)
        path = folder / "garrison.network"
        result = run(here, "network", "export", "garrison", path, "--passphrase-file", secret)
        assert result.exit_code == 0, result.output
        database = here.config["SQLALCHEMY_DATABASE_URI"]
    return Left(path, code, link, database)


@pytest.fixture(scope="module")
def came(houses, left, run, folder, secret):
    """The keys and the database of another installation, with other keys, when that file has come in."""
    with time_machine.travel(NOW, tick=False), houses(folder) as house, house("there", new_keys()) as there:
        keys = keep_keys(there)
        result = run(there, "network", "import", left.path, "--passphrase-file", secret)
        assert result.exit_code == 0, result.output
        database = there.config["SQLALCHEMY_DATABASE_URI"]
    return json.loads(keys.read_text()), database


@pytest.fixture
def arrived(house, came):
    """The same network there."""
    keys, database = came
    with house("there", keys, like=database):
        yield db.session.scalars(select(Network)).one()


@pytest.fixture(scope="module")
def lines(left):
    """What the file says."""
    plain = gzip.decompress(pyrage.passphrase.decrypt(left.path.read_bytes(), SECRET)).decode()
    return [json.loads(line) for line in plain.splitlines()]


@pytest.fixture
def made_by_hand(lines, tmp_path):
    """A file with the same lines or others, under the same passphrase, that nobody waits for."""

    def made(change=lambda lines: None):
        changed = deepcopy(lines)
        change(changed)
        path = tmp_path / "by-hand.network"
        text = "".join(json.dumps(line) + "\n" for line in changed)
        path.write_bytes(age.sealed(gzip.compress(text.encode()), SECRET))
        return path

    return made


def keep_keys(app):
    """In their file, as `keys init` does."""
    path = app.config["INSTANCE"] / "keys.json"
    path.write_text(json.dumps(app.config["KEYS"]))
    return path


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


@pytest.mark.once
@pytest.mark.parametrize("begins", ["", "first line"])
def test_file_with_an_endless_line_changes_nothing_and_is_not_taken_into_memory(
    house, lines, run, secret, tmp_path, monkeypatch, begins
):
    """A gigabyte of it packs into a megabyte; here it is smaller, and so is what a line may be."""
    monkeypatch.setattr(lines_of_copies, "LONGEST", 1 << 20)
    first = json.dumps(lines[0]).encode() + b"\n" if begins else b""
    path = tmp_path / "endless.network"
    path.write_bytes(age.sealed(gzip.compress(first + b'["' + b"x" * 20_000_000, 1), SECRET))
    with house("there", new_keys()) as there:
        keys = keep_keys(there)
        before = keys.read_text()
        tracemalloc.start()
        result = run(there, "network", "import", path, "--passphrase-file", secret)
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert (result.exit_code, "longer than any that we write" in result.output) == (1, True), (
            result.output
        )
        assert (keys.read_text(), db.session.scalars(select(Network)).all()) == (before, [])
        assert most < 8 << 20


def another_network(lines):
    table = next(
        n for n, line in enumerate(lines) if isinstance(line, dict) and line.get("table") == "person"
    )
    place = lines[table]["columns"].index("network_id")
    lines[table + 1][place] += 1


def sign_in_of_somebody(lines):
    next(line for line in lines if isinstance(line, dict) and line.get("table") == "person")["table"] = (
        "passkey"
    )
    lines[-1]["end"]["passkey"] = lines[-1]["end"].pop("person")


def head(**more):
    return lambda lines: lines[0].update(more)


def rows_of(lines, table):
    """(names of the columns, row) of each."""
    columns = None
    for line in lines:
        if isinstance(line, dict):
            columns = line["columns"] if line.get("table") == table else None
        elif columns:
            yield columns, line


def value(table, column, said):
    def change(lines):
        for columns, row in rows_of(lines, table):
            row[columns.index(column)] = said

    return change


def number(network_id):
    """The same network under another number, all through the file."""

    def change(lines):
        lines[0]["network"] = network_id
        for table in own_tables():
            value(table.name, "id" if table.name == "network" else "network_id", network_id)(lines)

    return change


def number_twice(lines):
    """Where only the first is looked at, the second is what comes in."""
    for columns, row in rows_of(lines, "network"):
        row.insert(0, row[columns.index("id")])
        del row[columns.index("slug") + 1]
        columns.remove("slug")
        columns.insert(0, "id")


def no_network(lines):
    """All that was in it, and not the network."""
    first = next(
        n for n, line in enumerate(lines) if isinstance(line, dict) and line.get("table") == "network"
    )
    del lines[first : first + 2]
    del lines[-1]["end"]["network"]


NO_DATABASE_TAKES = {
    "number that no column holds": value("post", "quantity", 1 << 64),
    "person who is not there": value("post", "person_id", 7),
    "role that is none": value("membership", "role", "queen"),
    "no network": no_network,
}
MADE_UP = {
    "row of another network": another_network,
    "a way to sign in": sign_in_of_somebody,
    "key too short": head(hashing="00"),
    "key that is a number": head(hashing=int("1" * 64)),
    "no key": head(hashing=None),
    "number 0, of the accounts": number(0),
    "number true": head(network=True),
    "number below 0": number(-1),
    "number too large": number(1 << 63),
    "number with a point": head(network=1.0),
    "number in words": head(network="1"),
    "number for a name": value("person", "name_sealed", 5),
    "list for a name": value("person", "name_sealed", {"j": ["Amina"]}),
    "truth for a number": value("post", "quantity", True),
    "word for a number": value("post", "quantity", "two"),
    "word for a time": value("post", "created_at", "today"),
    "time without a zone": value("post", "created_at", {"t": "2026-11-23T15:00:00"}),
    "account that is not there": value("membership", "account_id", 7),
    "column twice": number_twice,
    "time zone that is none": value("network", "timezone", "Nowhere/Land"),
    "way out of the time zones": value("network", "timezone", "../../etc/passwd"),
    "no time zone": value("network", "timezone", ""),
    "no name": value("network", "name", " "),
    "no language": value("network", "languages", {"j": []}),
    "language that is none": value("network", "languages", {"j": ["klingonish"]}),
    "languages that are a number": value("network", "languages", 7),
    "cells of another size": value("network", "resolution", 10),
    "no time to say yes": value("network", "lease_hours", 0),
    "no time to say yes when it is urgent": value("network", "urgent_lease_hours", -1),
    "words that nobody erases": value("network", "retention_days", 1_000_000),
    "words that are erased at once": value("network", "retention_days", 0),
    "welcome without end": value("network", "welcome", "a" * 601),
    "weights that are words": value("network", "weights", {"j": {"distance": "far"}}),
    "weights of nothing": value("network", "weights", {"j": dict.fromkeys(WEIGHTS, 0)}),
    "weights that are a list": value("network", "weights", {"j": []}),
}


@pytest.mark.parametrize(
    "change",
    [
        *(pytest.param(change, id=name) for name, change in NO_DATABASE_TAKES.items()),
        *(pytest.param(change, id=name, marks=pytest.mark.once) for name, change in MADE_UP.items()),
    ],
)
def test_file_that_holds_what_no_network_is_made_of_changes_nothing(house, made_by_hand, run, secret, change):
    with house("there", new_keys()) as there:
        keys = keep_keys(there)
        before = keys.read_text()
        result = run(there, "network", "import", made_by_hand(change), "--passphrase-file", secret)
        assert (result.exit_code, "what no network is made of" in result.output) == (1, True), result.output
        assert (keys.read_text(), restoring.stage(), erased.entries()) == (before, "", [])
        assert db.session.scalars(select(Network)).all() == db.session.scalars(select(Person)).all() == []


@pytest.mark.once
@pytest.mark.parametrize("slug", ["account", "Garrison", "\x1b[2J", "", None, 7])
def test_address_that_cannot_be_one_is_refused(house, made_by_hand, run, secret, slug):
    with house("there", new_keys()) as there:
        keep_keys(there)
        result = run(there, "network", "import", made_by_hand(head(slug=slug)), "--passphrase-file", secret)
        assert (result.exit_code, "with --slug" in result.output) == (1, True), result.output
        assert "\x1b" not in result.output


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
@pytest.mark.parametrize("ends_on", ["never", None, 7])
def test_export_that_does_not_say_when_it_ends_is_refused(house, made_by_hand, run, secret, ends_on):
    with house("there", new_keys()) as there:
        keep_keys(there)
        path = made_by_hand(head(ends_on=ends_on))
        result = run(there, "network", "import", path, "--passphrase-file", secret)
        assert (result.exit_code, "does not say when it ends" in result.output) == (1, True), result.output


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


def test_key_goes_where_its_network_could_not_be_kept(house, made_by_hand, run, secret):
    """Like a disk that is full just then."""

    def full(_session):
        raise OSError(ENOSPC, "No space left on device")

    with house("there", new_keys()) as there:
        keys = keep_keys(there)
        own = {"1": "ab" * 32}
        keys.write_text(json.dumps(there.config["KEYS"] | {"networks": own}))
        before = keys.read_text()
        path = made_by_hand()
        db.session.commit()
        event.listen(db.session, "before_commit", full)
        try:
            result = there.test_cli_runner().invoke(
                args=["network", "import", str(path), "--passphrase-file", str(secret)]
            )
        finally:
            event.remove(db.session, "before_commit", full)
        assert (result.exit_code, "No space left" in result.output) == (1, True), result.output
        assert (keys.read_text(), db.session.scalars(select(Network)).all()) == (before, [])


def test_import_killed_before_its_rows_stand_leaves_keys_that_can_be_read_and_is_run_again(
    house, left, made_by_hand, run, secret
):
    with house("there", new_keys()) as there:
        keys, path = keep_keys(there), made_by_hand()
        code = KILLED_AT_THE_COMMIT.format(
            args=["network", "import", str(path), "--passphrase-file", str(secret)]
        )
        settings = settings_of(there)
        del settings["KEYS"]
        done = subprocess.run(
            [sys.executable, "-c", code], check=False, cwd=ROOT, env=settings, stdout=subprocess.DEVNULL
        )
        assert (done.returncode, db.session.scalars(select(Network)).all()) == (-SIGKILL, [])
        kept = json.loads(keys.read_text())
        assert (len(kept.pop("networks")), kept) == (1, there.config["KEYS"])
        result = run(there, "network", "import", path, "--passphrase-file", secret)
        assert result.exit_code == 0, result.output
        network = db.session.scalars(select(Network)).one()
        assert person_by_code(network.id, left.code).name == "Amina"


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
