"""Whoever holds a role is told a week before it ends, once."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from mutualaid.db import db
from mutualaid.networks.models import Membership
from mutualaid.notices.mandates import owe_mandate_ends
from mutualaid.notices.models import Notice
from mutualaid.notices.sending import send_due
from tests.factories import NOW, make_member, make_network
from tests.notices.post_office import PostOffice

SECOND = timedelta(seconds=1)
WEEK = timedelta(days=7)


def member(**more: Any) -> Membership:
    made = make_member(make_network(), days=30, **more)
    db.session.commit()
    return made


def test_mandate_end_is_told_a_week_before_and_never_early(app: Flask) -> None:
    bo = member()
    soon = bo.ends_at - WEEK
    told = [
        owe_mandate_ends(at)
        for at in (soon - SECOND, soon, soon, soon + SECOND, bo.ends_at - SECOND, bo.ends_at)
    ]
    assert told == [0, 1, 0, 0, 0, 0]
    notice = db.session.scalars(select(Notice)).one()
    assert (notice.kind, notice.person_id, notice.channel) == ("mandate_ends", bo.person_id, "email")


def test_mandate_end_goes_to_the_account_whatever_the_person_chose(office: PostOffice) -> None:
    bo = member(email="bo@example.org")
    bo.person.reach = "none"
    db.session.commit()
    owe_mandate_ends(bo.ends_at - WEEK)
    assert send_due(bo.ends_at) == (1, 0)
    assert office.recipients == [["bo@example.org"]]
    assert "ends on Wednesday, December 23, 2026, 10:00 AM" in office.taken[0].get_content()


@pytest.mark.parametrize("what", [{"recalled_at": NOW}, {"joined_at": None}])
def test_mandate_that_does_not_stand_is_not_told(app: Flask, what: dict[str, Any]) -> None:
    bo = member()
    for name, value in what.items():
        setattr(bo, name, value)
    db.session.commit()
    assert owe_mandate_ends(bo.ends_at - WEEK) == 0


def test_mandate_renewed_is_told_again_before_its_new_end(app: Flask) -> None:
    bo = member()
    assert owe_mandate_ends(bo.ends_at - WEEK) == 1
    bo.ends_at += timedelta(days=180)
    db.session.commit()
    assert [owe_mandate_ends(bo.ends_at - WEEK - SECOND), owe_mandate_ends(bo.ends_at - WEEK)] == [0, 1]
