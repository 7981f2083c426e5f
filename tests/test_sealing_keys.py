"""The keys that seal: made once, changed while the app runs, and missed in plain words."""

import json
import os
import subprocess
import sys

import pytest
from sqlalchemy import select

from mutualaid import cli_keys
from mutualaid.cli_keys import sealed_columns
from mutualaid.config import ROOT
from mutualaid.db import db
from mutualaid.people.models import Person
from mutualaid.sealed import Keyring, key_of, keyring
from tests.factories import make_member, make_network, make_person


@pytest.fixture
def kept(app, tmp_path, monkeypatch):
    """The keys in a file, as an installation has them; those of the tests come back afterwards."""
    path = tmp_path / "keys.json"
    path.write_text(json.dumps(app.config["KEYS"]))
    monkeypatch.setitem(app.config, "INSTANCE", tmp_path)
    monkeypatch.delenv("KEYS", raising=False)
    yield path
    keyring.load(app.config["KEYS"])


def run(app, *words):
    db.session.commit()
    return app.test_cli_runner().invoke(args=["keys", *words])


def seals() -> set[str]:
    """Which keys seal anything."""
    db.session.rollback()
    return {
        key_of(data)
        for model, column in sealed_columns()
        for data in db.session.scalars(select(getattr(model, column)))
        if data
    }


def names() -> list[str]:
    db.session.rollback()
    return [person.name for person in db.session.scalars(select(Person).order_by(Person.id))]


def make_people(many=3):
    network = make_network()
    for number in range(many):
        make_person(network, f"Amina {number}", email=f"amina{number}@example.org")
    make_member(network)
    db.session.commit()


def test_every_sealed_column_is_known(app):
    """A column that is sealed and not named here would be lost when the old key is dropped."""
    ends = {(model.__tablename__, column) for model, column in sealed_columns()}
    sealed = {
        (table.name, column.name)
        for table in db.metadata.sorted_tables
        for column in table.columns
        if column.name.endswith("_sealed")
    }
    assert ends == sealed
    assert len(sealed) > 10


def test_rotating_seals_everything_with_a_new_key(app, kept):
    make_people()
    before = names()
    result = run(app, "rotate")
    assert result.output.splitlines()[0].startswith("Made the key “2”.")
    assert (seals(), names()) == ({"2"}, before)
    assert json.loads(kept.read_text())["current"] == "2"


def test_rotating_that_was_stopped_half_way_goes_on_with_the_same_key(app, kept, monkeypatch):
    make_people(6)
    before = names()
    monkeypatch.setattr(cli_keys, "BATCH", 2)
    rows = cli_keys.batches

    def stops(model, column):
        for number, batch in enumerate(rows(model, column)):
            if model is Person and number == 1:
                raise KeyboardInterrupt
            yield batch

    monkeypatch.setattr(cli_keys, "batches", stops)
    run(app, "rotate")
    assert (seals(), names()) == ({"1", "2"}, before)
    monkeypatch.setattr(cli_keys, "batches", rows)
    run(app, "rotate")
    assert (seals(), names()) == ({"2"}, before)
    assert sorted(json.loads(kept.read_text())["sealing"]) == ["1", "2"]


def test_whoever_runs_meanwhile_reads_and_seals_with_the_new_key(app, kept):
    make_people(1)
    other = Keyring()
    other.load(json.loads(kept.read_text()))
    other.follow(kept)
    run(app, "rotate")
    person = db.session.scalars(select(Person).order_by(Person.id)).first()
    assert other.open(person.name_sealed, f"person|name_sealed|{person.id}") == "Amina 0"
    assert key_of(other.seal("Dee", "person|name_sealed|1")) == "2"


def test_what_changed_while_it_was_sealed_anew_stays_changed(app, kept, monkeypatch):
    make_people(1)
    seal = cli_keys.resealed

    def late(model, column, row_id, data):
        sealed = seal(model, column, row_id, data)
        if column == "name_sealed":
            person = db.session.scalars(select(Person).where(Person.id == row_id)).one()
            person.name = "Changed meanwhile"
            db.session.flush()
        return sealed

    monkeypatch.setattr(cli_keys, "resealed", late)
    run(app, "rotate")
    assert set(names()) == {"Changed meanwhile"}


def test_network_that_is_brought_in_meanwhile_keeps_its_key(app, kept, monkeypatch):
    make_people(1)
    seal = cli_keys.seal_anew

    def meanwhile(model, column):
        now = json.loads(kept.read_text())
        kept.write_text(json.dumps(now | {"networks": {"7": "ab" * 32}}))
        seal(model, column)

    monkeypatch.setattr(cli_keys, "seal_anew", meanwhile)
    run(app, "rotate")
    left = json.loads(kept.read_text())
    assert (left["networks"], left["current"], left.get("rotating")) == ({"7": "ab" * 32}, "2", None)


def test_old_key_is_dropped_once_nothing_is_sealed_with_it(app, kept):
    make_people()
    assert run(app, "drop", "1").output == "Error: “1” is in use. Run keys rotate first.\n"
    run(app, "rotate")
    (app.config["INSTANCE"] / "backups").write_text("2026-12-01 /elsewhere/aid.backup\n")
    asked = app.test_cli_runner().invoke(args=["keys", "drop", "1"], input="yes\n").output
    assert ("/elsewhere/aid.backup" in asked, "Error: Nothing was changed." in asked) == (True, True)
    (app.config["INSTANCE"] / "backups").unlink()
    nobody = app.test_cli_runner().invoke(args=["keys", "drop", "1"]).output.splitlines()
    assert nobody[-1] == "Error: Nothing was changed. In a script, give --yes."
    assert list(json.loads(kept.read_text())["sealing"]) == ["1", "2"]
    assert run(app, "drop", "1", "--yes").output == "The key “1” is gone.\n"
    assert list(json.loads(kept.read_text())["sealing"]) == ["2"]
    assert "Amina 0" in names()


def test_old_key_that_still_seals_something_stays(app, kept):
    make_people()
    run(app, "rotate")
    old = Keyring()
    old.load(app.config["KEYS"])
    person = db.session.scalars(select(Person)).first()
    person.name_sealed = old.seal("Amina", f"person|name_sealed|{person.id}")
    result = run(app, "drop", "1")
    assert result.output == "Error: “1” still seals person. Run keys rotate first.\n"
    assert "1" in json.loads(kept.read_text())["sealing"]


@pytest.mark.parametrize(
    "command",
    [
        ("flask", "--app", "wsgi", "worker", "--once"),
        ("flask", "--app", "wsgi", "network", "create", "garrison", "Garrison Creek"),
        ("gunicorn", "--config", "gunicorn.conf.py"),
    ],
)
def test_without_keys_nothing_starts_and_a_line_says_why(tmp_path, command):
    settings = {**os.environ, "INSTANCE_PATH": str(tmp_path), "DATABASE_URL": "", "KEYS": "", "PORT": "0"}
    started = subprocess.run(
        [sys.executable, "-m", *command],
        check=False,
        cwd=ROOT,
        env=settings,
        capture_output=True,
        text=True,
        timeout=60,
    )
    said = (
        "There are no keys yet. To put back a backup, put the keys.json of then into the instance folder.\n"
        "For a new installation, run: .venv/bin/flask --app wsgi keys init"
    )
    assert (started.returncode, started.stderr.strip().removeprefix("Error: ")) == (1, said)
