"""What the worker cannot do with one row keeps back neither the others nor those behind it."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update

from mutualaid.aid import lifecycle
from mutualaid.aid.lifecycle import due, retention
from mutualaid.aid.lifecycle.due import do_what_is_due
from mutualaid.aid.lifecycle.retention import erase_due
from mutualaid.aid.models import Post
from mutualaid.db import db
from mutualaid.notices.models import Notice
from mutualaid.notices.outbox import owe
from mutualaid.notices.sending import BATCH, DELAYS, send_due
from mutualaid.one_by_one import REST, SomeFailed
from mutualaid.people.models import Person
from mutualaid.worker import Worker
from tests.aid.test_due import DAY, Story
from tests.factories import NOW, actor_of, make_category, make_need, make_network, make_person
from tests.notices.post_office import PostOffice


def cannot_be_done(model: Any, which: Any, **values: Any) -> None:
    """As only somebody could have written it who wrote into the database by hand."""
    db.session.execute(update(model).where(which).values(**values))
    db.session.commit()
    db.session.expire_all()


def first_batch_is_one_row(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(due, "BATCH", 1)
    monkeypatch.setattr(retention, "BATCH", 1)


def test_match_that_cannot_lapse_keeps_back_no_other(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    first_batch_is_one_row(monkeypatch)
    strange, other = Story(make_network("chestnut")), Story()
    stuck, match = strange.propose(NOW), other.propose(NOW + DAY)
    cannot_be_done(Post, Post.id == strange.offer.id, stock=-1)
    with pytest.raises(SomeFailed) as failed:
        do_what_is_due(NOW + 3 * DAY)
    assert (failed.value.done, stuck.state, match.state) == (1, "proposed", "lapsed")
    assert do_what_is_due(NOW + 3 * DAY) == 0  # what could not be done rests
    with pytest.raises(SomeFailed):
        do_what_is_due(NOW + 3 * DAY + REST)


def test_person_who_cannot_be_erased_keeps_back_no_other(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    first_batch_is_one_row(monkeypatch)
    network = make_network()
    stuck, amina = make_person(network, "Stuck"), make_person(network, "Amina")
    lifecycle.withdraw(make_need(amina, make_category(network)), by=actor_of(amina), now=NOW)
    cannot_be_done(
        Person, Person.id == stuck.id, created_at=NOW.replace(year=9999, month=12), kept_until=NOW - DAY
    )
    with pytest.raises(SomeFailed) as failed:
        erase_due(NOW + 30 * DAY)
    assert (failed.value.done, stuck.erased_at is None, amina.erased_at is None) == (1, True, False)


def test_notice_that_cannot_be_written_is_put_off_and_the_others_are_sent(office: PostOffice) -> None:
    amina = make_person(make_network(), "Amina", email="amina@example.org")
    stuck, other = (owe(amina, "agreed_need", now=NOW) for _ in range(2))
    assert stuck is not None
    assert other is not None
    db.session.commit()
    cannot_be_done(Notice, Notice.id == stuck.id, numbers=["a list"])
    assert send_due(NOW) == (1, 1)
    assert (stuck.done_at, stuck.send_after, other.outcome) == (None, NOW + DELAYS[0], "sent")
    for delay in DELAYS:
        assert send_due(stuck.send_after) == (0, 1), delay
    assert (stuck.outcome, len(office.taken)) == ("failed", 1)


def test_notices_of_one_network_keep_back_none_of_another(office: PostOffice) -> None:
    """However many it has, and however long they have been owed."""
    chris = make_person(make_network("chestnut"), "Chris", email="chris@example.org")
    amina = make_person(make_network(), "Amina", email="amina@example.org")
    for _ in range(3 * BATCH):
        owe(chris, "agreed_need", now=NOW - 300 * DAY)
    owe(amina, "agreed_need", now=NOW)
    db.session.commit()
    assert send_due(NOW) == (BATCH, 0)
    assert ["amina@example.org"] in office.recipients


def test_worker_says_where_it_failed_and_counts_what_was_done(
    app: Flask, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    strange, other = Story(make_network("chestnut")), Story()
    strange.propose(NOW)
    other.propose(NOW)
    cannot_be_done(Post, Post.id == strange.offer.id, stock=-1)
    worker = Worker()
    worker.round(NOW + 2 * DAY)
    assert (worker.done["clock"], worker.done["failed"]) == (1, 1)
    said = [(record.message, record.error.split(":")[0]) for record in caplog.records]
    assert said == [("Some of the job “clock” failed. It is tried again.", "IntegrityError")]
