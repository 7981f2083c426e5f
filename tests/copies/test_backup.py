"""A backup is whole, holds no readable person, ends by itself, and can be put back."""

import gzip
import json
from datetime import timedelta
from shutil import copytree

import pytest
from sqlalchemy import func, select

from mutualaid.aid import lifecycle
from mutualaid.aid.models import Draft, Post, PostDetails
from mutualaid.aid.open_counts import area_counts
from mutualaid.copies.backup import back_up, remove_ended
from mutualaid.copies.lines import NOT_KEPT
from mutualaid.db import db
from mutualaid.people import limits
from mutualaid.people.access import new_code, new_link, person_by_code, person_by_link
from mutualaid.people.models import AccountSession, Attempt, Person
from mutualaid.sealed import new_keys
from mutualaid.worker import Worker
from tests.factories import (
    NOW,
    actor_of,
    make_area,
    make_category,
    make_match,
    make_member,
    make_need,
    make_network,
    make_offer,
    make_person,
)

SAID = "Third floor, ring twice."


@pytest.fixture
def amina(here):
    """With a need that Dee helps with, and a coordinator."""
    network = make_network()
    area, bread = make_area(network), make_category(network)
    amina = make_person(network, "Amina", email="amina@example.org", phone="+14165550142")
    need = make_need(amina, bread, details=SAID, area_id=area.id)
    dee = make_person(network, "Dee", email="dee@example.org")
    make_match(need, make_offer(dee, bread, area_id=area.id), by=actor_of(dee))
    limits.take("code", b"somebody", now=NOW, limit=1)
    make_member(network)
    return amina


@pytest.fixture
def made(here, amina, run, tmp_path):
    """A backup of it."""
    path = tmp_path / "aid.backup"
    result = run(here, "backup", path)
    assert result.exit_code == 0, result.output
    return path


def text_of(path):
    return gzip.decompress(path.read_bytes()).decode()


def counts():
    db.session.rollback()
    kept = [table for table in db.metadata.sorted_tables if table.name not in NOT_KEPT]
    return {table.name: db.session.scalar(select(func.count()).select_from(table)) for table in kept}


def open_needs():
    """As the desk counts them."""
    return sum(db.session.scalars(select(area_counts.c.number).where(area_counts.c.kind == "need")))


def restore(run, app, path):
    return run(app, "restore", path, "--replace", input="replace\n")


def test_backup_holds_every_row_and_no_readable_person(made):
    lines = [json.loads(line) for line in text_of(made).splitlines()]
    assert (lines[0]["what"], lines[0]["ends_on"]) == (
        "backup",
        (NOW + timedelta(days=30)).date().isoformat(),
    )
    assert lines[-1]["end"] == counts()
    for personal in ("Amina", "amina@example", "4165550142", "Third floor"):
        assert personal not in text_of(made)


def test_backup_is_readable_by_its_owner_alone(made):
    assert made.stat().st_mode & 0o777 == 0o600


def test_backup_holds_no_half_written_answers_and_nobody_who_is_signed_in_or_tried(made):
    tables = {line["table"] for line in map(json.loads, text_of(made).splitlines()) if "table" in line}
    passing = {model.__tablename__ for model in (AccountSession, Attempt, Draft)}
    assert (tables & passing, "account" in tables) == (set(), True)


@pytest.mark.once
def test_backup_that_is_stopped_half_way_leaves_nothing_behind(here, amina, tmp_path):
    def stop(_table, _rows):
        assert [path.name for path in tmp_path.glob("aid*")] == ["aid.backup.part"]
        raise KeyboardInterrupt

    db.session.commit()
    with pytest.raises(KeyboardInterrupt):
        back_up(tmp_path / "aid.backup", now=NOW, days=30, told=stop)
    assert list(tmp_path.glob("aid*")) == []


def test_backup_over_a_file_writes_nothing(here, amina, run, tmp_path):
    (tmp_path / "aid.backup").write_text("mine")
    result = run(here, "backup", tmp_path / "aid.backup")
    assert (result.exit_code, (tmp_path / "aid.backup").read_text()) == (1, "mine")


def test_backup_that_has_ended_is_removed_from_where_it_was_written(here, amina, run, tmp_path):
    run(here, "backup", tmp_path / "short.backup", "--days", "2")
    run(here, "backup", tmp_path / "long.backup")
    folder, last = here.config["INSTANCE"], NOW.date() + timedelta(days=2)
    assert remove_ended(folder, last) == 0
    assert remove_ended(folder, last + timedelta(days=1)) == 1
    assert [path.name for path in tmp_path.glob("*.backup")] == ["long.backup"]
    assert remove_ended(folder, last + timedelta(days=1)) == 0


def test_backup_stays_while_the_clock_is_not_believed(here, amina, run, tmp_path):
    file, worker = tmp_path / "aid.backup", Worker()
    run(here, "backup", file)
    for day in (0, 400):  # the second is a clock that jumped
        worker.round(NOW + timedelta(days=day))
    assert file.exists()
    for day in range(1, 32):
        worker.round(NOW + timedelta(days=day))
    assert not file.exists()


def test_restore_brings_back_what_was_lost(here, amina, made, run):
    before, code, ids = (counts(), open_needs()), new_code(amina), (amina.network_id, amina.id)
    link = new_link(amina, NOW)
    make_person(make_network("other"), "Somebody new")
    assert restore(run, here, made).exit_code == 0
    assert (counts(), open_needs()) == before
    again = db.session.get_one(Person, ids)
    assert (again.name, again.phone, again.created_at) == ("Amina", "+14165550142", NOW)
    assert [details.text for details in db.session.scalars(select(PostDetails)) if details.text] == [SAID]
    assert person_by_code(ids[0], code) is None
    assert person_by_link(ids[0], link, NOW) is None


def test_restored_database_goes_on_as_before(here, amina, made, run):
    restore(run, here, made)
    need = db.session.scalars(select(Post).where(Post.kind == "need")).one()
    lifecycle.withdraw(need, by=actor_of(need.person), now=NOW)
    db.session.commit()
    assert (need.state, need.outcome) == ("closed", "withdrawn")


def test_who_tried_too_often_and_who_is_signed_in_does_not_come_back(here, amina, made, run):
    restore(run, here, made)
    assert db.session.scalar(select(func.count()).select_from(Attempt)) == 0


def test_restore_into_an_empty_installation(house, here, amina, made, run):
    before, keys = counts(), here.config["KEYS"]
    with house("elsewhere", keys=keys) as elsewhere:
        take_the_list_along(here, elsewhere)
        result = run(elsewhere, "restore", made)
        assert (result.exit_code, counts()) == (0, before), result.output


def take_the_list_along(here, elsewhere):
    copytree(here.config["INSTANCE"] / "erased", elsewhere.config["INSTANCE"] / "erased")


def test_restore_without_the_list_of_who_was_erased_changes_nothing_unless_it_is_said(
    house, here, amina, made, run
):
    """Another list is none: whoever erased themselves since this backup is not in it."""
    keys = here.config["KEYS"]
    with house("elsewhere", keys=keys) as elsewhere:
        empty = counts()
        for list_there in ("none", "of another backup"):
            result = run(elsewhere, "restore", made)
            assert (result.exit_code, counts()) == (1, empty), list_there
            assert "The list of who was erased since this backup was made is not here." in result.output
            assert run(elsewhere, "backup", elsewhere.config["INSTANCE"] / list_there).exit_code == 0
        assert run(elsewhere, "restore", made, "--without-list").exit_code == 0
        assert counts() != empty


def test_restore_with_other_keys_changes_nothing_unless_it_is_said(house, here, amina, made, run):
    with house("elsewhere", keys=new_keys()) as elsewhere:
        empty = counts()
        result = run(elsewhere, "restore", made)
        assert (result.exit_code, counts()) == (1, empty)
        assert "The keys here are not those that sealed it. Nothing was changed." in result.output
        assert run(elsewhere, "restore", made, "--without-keys", "--without-list").exit_code == 0
        assert counts() != empty


@pytest.mark.parametrize("same", ["hashing", "sealing"])
def test_restore_with_half_of_the_keys_is_other_keys(house, here, amina, made, run, same):
    half = new_keys() | {same: here.config["KEYS"][same]}
    with house("elsewhere", keys=half) as elsewhere:
        assert run(elsewhere, "restore", made).exit_code == 1


CUT = (
    (lambda text: text[: len(text) // 2], "This file was cut short."),
    (
        lambda text: text.replace('"what":"backup"', '"what":"network"'),
        "This is no backup that this version can read.",
    ),
    (lambda text: "name,phone\nAmina,1\n", "This is no backup."),
    (lambda text: text.replace('"Garrison', "", 1).replace("\n[", "\n", 0), "This file was cut short."),
    (lambda text: text.partition("\n")[0] + "\n" + "[" * 100_000, "This file was cut short."),
    (lambda text: "".join(line for n, line in enumerate(text.splitlines(True)) if n != 2), "are missing."),
    (lambda text: text.replace('"ends_on":"2', '"ends_on":"1'), "This file ended on 1"),
    (lambda text: text.replace('"schema":"', '"schema":"9'), "This backup was made by a newer version."),
)


@pytest.mark.parametrize(("spoil", "why"), CUT)
def test_file_that_is_no_good_backup_changes_nothing_and_says_why(here, amina, made, run, spoil, why):
    made.write_bytes(gzip.compress(spoil(text_of(made)).encode()))
    result = restore(run, here, made)
    assert (result.exit_code, why in result.output) == (1, True), result.output
    assert db.session.get_one(Person, (amina.network_id, amina.id)).name == "Amina"


def test_restore_over_networks_asks_first(here, amina, made, run):
    before = counts()
    assert "--replace" in run(here, "restore", made).output
    assert "Nothing was changed." in run(here, "restore", made, "--replace", input="no\n").output
    assert counts() == before


def test_backup_that_is_brought_in_as_a_network_is_called_what_it_is(here, made, run, tmp_path):
    secret = tmp_path / "passphrase"
    secret.write_text("four words stand here")
    result = run(here, "network", "import", made, "--passphrase-file", secret)
    assert (result.exit_code, result.output.strip().partition(": ")[2].partition(": ")[2]) == (
        1,
        "This is no network. If it is a backup: restore.",
    )


def test_network_without_anybody_to_type_a_passphrase_names_the_file_for_it(here, amina, run, tmp_path):
    result = run(here, "network", "export", "garrison", tmp_path / "file")
    assert (result.exit_code, "--passphrase-file" in result.output) == (1, True)


def test_backup_into_a_pipe_says_what_it_made_and_nothing_else(here, amina, run, tmp_path):
    said = run(here, "backup", tmp_path / "aid.backup").output.strip().splitlines()
    assert [line.partition(" is whole")[1] for line in said] == [" is whole"]
