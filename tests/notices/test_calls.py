"""Calls to make: done once, or again tomorrow morning; dropped when there is nothing to say any more."""

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from mutualaid.aid import lifecycle
from mutualaid.db import db
from mutualaid.events.models import Event
from mutualaid.networks.models import Membership
from mutualaid.notices.calls import call_done
from mutualaid.notices.models import Notice
from mutualaid.notices.outbox import owe
from tests.factories import (
    NOW,
    actor_of,
    make_category,
    make_match,
    make_member,
    make_need,
    make_network,
    make_offer,
    make_person,
)

TOMORROW = datetime(2026, 11, 24, 14, 0, tzinfo=UTC)  # nine in the morning in Toronto


def a_call() -> tuple[Notice, Membership]:
    network = make_network()
    notice = owe(make_person(network, "Amina", phone="+14165550142"), "agreed_need", now=NOW)
    assert notice is not None
    db.session.flush()
    return notice, make_member(network)


def events() -> list[tuple[str, int | None, int | None]]:
    rows = db.session.scalars(select(Event).order_by(Event.id))
    return [(event.verb, event.actor_id, event.person_id) for event in rows]


def test_called_ends_it(app: Flask) -> None:
    notice, bo = a_call()
    assert call_done(notice, actor_of(bo), NOW, "called")
    assert (notice.outcome, notice.done_at, notice.attempts) == ("called", NOW, 1)
    assert events() == [("called", bo.person_id, notice.person_id)]


def test_no_answer_comes_back_tomorrow_morning(app: Flask) -> None:
    notice, bo = a_call()
    assert call_done(notice, actor_of(bo), NOW, "no_answer")
    assert (notice.outcome, notice.done_at, notice.send_after) == (None, None, TOMORROW)
    assert events() == [("no_answer", bo.person_id, notice.person_id)]
    assert not call_done(notice, actor_of(bo), TOMORROW - timedelta(seconds=1), "called")
    assert call_done(notice, actor_of(bo), TOMORROW, "called")
    assert notice.attempts == 2


def test_no_answer_late_in_the_evening_is_tomorrow_by_local_time(app: Flask) -> None:
    """Nine in the evening in Toronto is the next day already in UTC."""
    notice, bo = a_call()
    call_done(notice, actor_of(bo), datetime(2026, 11, 24, 2, 0, tzinfo=UTC), "no_answer")
    assert notice.send_after == TOMORROW


def test_second_caller_is_told_that_it_is_done(app: Flask) -> None:
    notice, bo = a_call()
    assert call_done(notice, actor_of(bo), NOW, "called")
    assert not call_done(notice, actor_of(bo), NOW + timedelta(minutes=1), "no_answer")
    assert (notice.outcome, notice.done_at, len(events())) == ("called", NOW, 1)


def test_email_is_no_call(app: Flask) -> None:
    network = make_network()
    notice = owe(make_person(network, "Amina", email="amina@example.org"), "agreed_need", now=NOW)
    assert notice is not None
    db.session.flush()
    assert not call_done(notice, actor_of(make_member(network)), NOW, "called")


def test_outcome_that_is_none_is_refused(app: Flask) -> None:
    notice, bo = a_call()
    with pytest.raises(ValueError, match="no outcome"):
        call_done(notice, actor_of(bo), NOW, "busy")


def waiting(kind: str) -> int:
    """How many notices of a kind still wait."""
    rows = db.session.scalars(select(Notice).where(Notice.kind == kind, Notice.done_at.is_(None)))
    return len(rows.all())


def test_whoever_said_yes_by_themselves_need_not_be_called(app: Flask) -> None:
    network = make_network()
    groceries = make_category(network)
    amina = make_person(network, "Amina", phone="+14165550142")
    dee = make_person(network, "Dee", phone="+14165550143")
    match = make_match(
        make_need(amina, groceries), make_offer(dee, groceries), by=actor_of(make_member(network))
    )
    db.session.flush()
    assert (waiting("proposed_need"), waiting("proposed_offer")) == (1, 1)
    lifecycle.consent(match, "need", by=actor_of(amina), now=NOW)
    assert (waiting("proposed_need"), waiting("proposed_offer")) == (0, 1)
    lifecycle.consent(match, "offer", by=actor_of(dee), now=NOW)
    assert (waiting("proposed_offer"), waiting("agreed_need"), waiting("agreed_offer")) == (0, 1, 0)


def test_whoever_said_still_needed_need_not_be_called(app: Flask) -> None:
    network = make_network()
    amina = make_person(network, "Amina", phone="+14165550142")
    need = make_need(amina, make_category(network))
    owe(amina, "still_need", now=NOW, post_id=need.id)
    owe(amina, "agreed_need", now=NOW, post_id=need.id)
    db.session.flush()
    lifecycle.still_needed(need, by=actor_of(amina), now=NOW)
    assert (waiting("still_need"), waiting("agreed_need")) == (0, 1)
