"""A restore that is killed half way shows nobody a page until whoever was erased since is erased again."""

import fcntl
import logging

import pytest
from sqlalchemy import func, select

from mutualaid import restoring
from mutualaid.aid import lifecycle
from mutualaid.db import db, reading_only, utcnow
from mutualaid.people.models import Person
from mutualaid.worker import Worker
from tests.aid.killed import kill_when, start
from tests.counting import count_queries
from tests.factories import NOW, actor_of, make_category, make_member, make_need, make_network, make_person
from tests.web import Browser

MANY = 30
SHUT, OPEN = [503, 503, 503, 200], [302, 200, 200, 200]  # the first page leads on to the only network


@pytest.fixture
def made(here, run, tmp_path):
    """A backup of many with a need each; all of them have been erased since."""
    here.test_client_class = Browser
    network = make_network()
    groceries = make_category(network)
    people = [make_person(network, f"Amina {number}") for number in range(MANY)]
    for person in people:
        make_need(person, groceries, details="Second floor.")
    path = tmp_path / "aid.backup"
    assert run(here, "backup", path, "--days", "3650").exit_code == 0
    for person in people:
        lifecycle.erase(person, by=actor_of(person), now=NOW)
    db.session.commit()
    return path


def killed_at(app, path, stage):
    db.session.remove()
    restore = start(app, "restore", str(path), "--replace", typed="replace\n")
    return kill_when(restore, lambda: restoring.stage() == stage) and restoring.stage() == stage


def left():
    with reading_only():
        number = db.session.scalar(select(func.count()).select_from(Person).where(Person.erased_at.is_(None)))
        db.session.commit()
    return number


def pages(app):
    browser = app.test_client()
    return [browser.get(path).status_code for path in ("/", "/garrison/", "/sign-in", "/static/css/app.css")]


def test_restore_killed_before_it_erased_again_shows_nobody_and_the_worker_ends_it(here, made):
    assert left() == 0
    assert killed_at(here, made, restoring.WHOLE)
    assert left() == MANY
    assert pages(here) == SHUT
    worker = Worker()
    assert worker.round(utcnow())
    assert (left(), restoring.stage(), worker.done["erased"]) == (0, "", MANY)
    assert pages(here) == OPEN


def test_restore_killed_before_its_rows_were_back_has_to_be_run_again(here, made, run, caplog):
    assert killed_at(here, made, restoring.ROWS)
    assert pages(here) == SHUT
    worker = Worker()
    with caplog.at_level(logging.ERROR):
        assert [worker.round(utcnow()) for _ in range(2)] == [False, False]
    assert [record.message for record in caplog.records] == [
        "A backup was put back half way. Run `restore` again: until then nobody sees a page."
    ]
    assert sum(worker.done.values()) == worker.done["failed"] == 1
    assert run(here, "restore", made, "--replace", input="replace\n").exit_code == 0
    assert (left(), restoring.stage(), pages(here)) == (0, "", OPEN)


def test_restore_that_is_at_it_is_left_alone_by_the_worker(here, made):
    with restoring.underway(restoring.WHOLE):
        worker = Worker()
        assert not worker.round(utcnow())
        assert (sum(worker.done.values()), restoring.stage()) == (0, restoring.WHOLE)


@pytest.mark.once
def test_what_was_typed_while_all_is_put_back_is_kept_and_leave_quickly_works(here, made):
    browser = here.test_client()
    with restoring.underway(restoring.ROWS):
        answer = browser.post("/garrison/post/need/what", data={"what": "groceries"})
        assert (answer.status_code, 'name="what" value="groceries"' in answer.text) == (503, True)
        assert "Everything here is being put back from a copy." in answer.text
        assert browser.post("/leave").status_code == 303
        assert browser.get("/away").status_code == 200


def test_leaving_quickly_waits_for_no_database_while_rows_are_put_back(here):
    here.test_client_class = Browser
    browser = here.test_client().sign_in(make_member(make_network()))
    db.session.commit()
    with restoring.underway(restoring.ROWS), count_queries() as asked:
        assert browser.post("/leave").status_code == 303
        with browser.session_transaction() as kept:
            assert "signed_in" not in kept
    assert asked == []


@pytest.mark.once
def test_file_that_another_process_has_just_ended_is_no_lock(here, monkeypatch):
    """It was opened while the other was still at it: what one does then would show on no page."""
    lock = fcntl.flock

    def late(file, how):
        restoring.end()
        lock(file, how)

    monkeypatch.setattr(fcntl, "flock", late)
    with pytest.raises(BlockingIOError), restoring.underway(restoring.ROWS):
        raise AssertionError(restoring.stage())


@pytest.mark.once
def test_second_restore_is_told_that_one_is_at_it(here, made, run):
    with restoring.underway(restoring.ROWS):
        result = run(here, "restore", made, "--replace", input="replace\n")
    assert (result.exit_code, "Another process is putting a copy back." in result.output) == (1, True)


@pytest.mark.once
def test_network_is_brought_in_only_once_a_restore_is_through(here, tmp_path, run):
    """Else all pages would be open again, and nobody told that the rest is missing."""
    (tmp_path / "passphrase").write_text("three kettles on a hill")
    with restoring.underway(restoring.ROWS):
        pass
    result = run(here, "network", "import", tmp_path / "none", "--passphrase-file", tmp_path / "passphrase")
    assert (result.exit_code, restoring.stage()) == (1, restoring.ROWS)
    assert "A backup was put back half way. Run `restore` again first." in result.output


@pytest.mark.once
def test_worker_goes_on_where_it_may_not_open_the_file(here):
    restoring._file().mkdir()
    worker = Worker()
    assert [worker.round(utcnow()) for _ in range(2)] == [False, False]
    assert worker.done["failed"] == 2
