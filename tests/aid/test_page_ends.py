"""Once a day: who can be written to is told before their page ends, and what has ended goes."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from mutualaid.aid.lifecycle.leftovers import owe_page_ends, tidy
from mutualaid.db import db
from mutualaid.notices.models import Notice
from mutualaid.notices.outbox import owe
from mutualaid.people.access import new_link
from mutualaid.people.models import AccessLink
from tests.aid.overdue import withdrawn
from tests.aid.test_due import DAY, HOUR, SECOND
from tests.factories import NOW, make_member, make_need, make_network, make_person


def told() -> list[Notice]:
    return list(db.session.scalars(select(Notice).where(Notice.kind == "page_ends")))


def test_who_can_be_written_to_is_told_a_week_before_and_once(app: Flask) -> None:
    withdrawn()
    owed = [owe_page_ends(NOW + moment, {}) for moment in (23 * DAY - SECOND, 23 * DAY, 23 * DAY, 29 * DAY)]
    [notice] = told()
    assert (owed, notice.channel, notice.numbers) == (
        [0, 1, 0, 0],
        "email",
        {"until": (NOW + 30 * DAY).isoformat()},
    )


def test_nobody_is_told_at_night_nor_twice_a_day(app: Flask) -> None:
    withdrawn()
    looked: dict[int, Any] = {}
    night = NOW + 24 * DAY - 3 * HOUR  # seven in the morning in Toronto
    assert [owe_page_ends(moment, looked) for moment in (night, night + HOUR)] == [0, 1]
    assert list(looked.values()) == [night.date()]


@pytest.mark.parametrize("reach", ["call", "none"])
def test_who_cannot_be_written_to_is_not_told(app: Flask, reach: str) -> None:
    need = withdrawn()
    need.person.reach = reach
    db.session.commit()
    assert owe_page_ends(NOW + 25 * DAY, {}) == 0


def test_who_has_something_open_is_not_told(app: Flask) -> None:
    need = withdrawn()
    make_need(need.person, need.category)
    db.session.commit()
    assert owe_page_ends(NOW + 25 * DAY, {}) == 0


def test_nobody_is_told_where_things_are_kept_for_a_week_only(app: Flask) -> None:
    withdrawn(retention_days=7)
    assert owe_page_ends(NOW + DAY, {}) == 0


def test_member_whose_mandate_is_over_is_told(app: Flask) -> None:
    make_member(make_network(), days=10)
    db.session.commit()
    assert owe_page_ends(NOW + 33 * DAY, {}) == 1


def test_links_and_notices_go_when_they_have_ended(app: Flask) -> None:
    person = make_person(make_network(), "Amina", email="amina@example.org")
    new_link(person, NOW, days=5)
    notice = owe(person, "agreed_need", now=NOW)
    assert notice is not None
    notice.done_at, notice.outcome = NOW, "sent"
    db.session.commit()
    gone = [tidy(NOW + moment) for moment in (5 * DAY - SECOND, 5 * DAY, 30 * DAY - SECOND, 30 * DAY)]
    assert gone == [0, 1, 0, 1]
    assert (
        db.session.scalars(select(AccessLink.id)).all() == db.session.scalars(select(Notice.id)).all() == []
    )
