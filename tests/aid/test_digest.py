"""The daily digest: after eight in the morning, once a day, only what is new and fits."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from mutualaid.aid import lifecycle
from mutualaid.aid.digest import owe_digests
from mutualaid.aid.models import Category, Post
from mutualaid.db import db
from mutualaid.networks.models import Network
from mutualaid.notices.models import Notice
from mutualaid.people.models import Person
from tests.factories import actor_of, make_category, make_need, make_network, make_offer, make_person

EIGHT = datetime(2026, 11, 24, 13, 0, tzinfo=UTC)  # in Toronto, on a Tuesday
YESTERDAY = EIGHT - timedelta(hours=20)
SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)


class Story:
    """Dee offers groceries and chose the digest; needs come from neighbours."""

    def __init__(self, slug: str = "garrison", **dee: Any) -> None:
        self.network: Network = make_network(slug)
        self.groceries: Category = make_category(self.network)
        settings: dict[str, Any] = {"email": "dee@example.org", "digest": True} | dee
        self.dee: Person = make_person(self.network, "Dee", **settings)
        self.offer: Post = make_offer(self.dee, self.groceries, now=YESTERDAY - 9 * DAY)

    def need(self, category: Category | None = None, now: datetime = YESTERDAY, **said: Any) -> Post:
        return make_need(make_person(self.network, "Amina"), category or self.groceries, now=now, **said)


def digests(*moments: datetime, looked: dict[int, date] | None = None) -> list[int]:
    """How many are owed at each moment; without `looked` by workers that have just started."""
    db.session.commit()
    return [owe_digests(moment, {} if looked is None else looked) for moment in moments]


def counts() -> list[int]:
    rows = db.session.scalars(
        select(Notice).where(Notice.kind == "digest").order_by(Notice.created_at, Notice.id)
    )
    return [notice.numbers["count"] for notice in rows]


def test_digest_comes_at_eight_local_time_once_a_day(app: Flask) -> None:
    story = Story()
    story.need()
    assert digests(EIGHT - SECOND, EIGHT, EIGHT, EIGHT + HOUR, EIGHT + 15 * HOUR) == [0, 1, 0, 0, 0]
    assert counts() == [1]


def test_digest_counts_what_was_there_before_a_line_by_phone(app: Flask) -> None:
    """Else it says whose phone it is."""
    story = Story()
    story.need().person.phone_hash = b"hers"
    lifecycle.never_match_contact(story.dee, b"hers", by=actor_of(story.dee), now=YESTERDAY + HOUR)
    story.need(now=YESTERDAY + 2 * HOUR).person.phone_hash = b"hers"
    digests(EIGHT)
    assert counts() == [1]


def test_digest_counts_what_is_new_since_the_last(app: Flask) -> None:
    story = Story()
    story.need()
    story.need()
    digests(EIGHT)
    story.need(now=EIGHT + HOUR)
    assert digests(EIGHT + DAY, EIGHT + 2 * DAY) == [1, 0]
    assert counts() == [2, 1]


def test_digest_after_quiet_days_counts_all_since_the_last(app: Flask) -> None:
    story = Story()
    story.need()
    digests(EIGHT, EIGHT + DAY, EIGHT + 2 * DAY)
    story.need(now=EIGHT + 2 * DAY + HOUR)
    assert digests(EIGHT + 3 * DAY) == [1]
    assert counts() == [1, 1]


def test_first_digest_looks_back_one_day(app: Flask) -> None:
    story = Story()
    story.need(now=EIGHT - DAY - SECOND)
    assert digests(EIGHT) == [0]
    story.need(now=EIGHT - DAY + SECOND)
    assert digests(EIGHT) == [1]
    assert counts() == [1]


def test_worker_that_has_looked_does_not_look_again_that_day(app: Flask) -> None:
    story = Story()
    looked: dict[int, date] = {}
    assert digests(EIGHT, looked=looked) == [0]
    story.need(now=EIGHT + HOUR)
    assert digests(EIGHT + 2 * HOUR, EIGHT + DAY, looked=looked) == [0, 1]


def test_need_that_fits_two_offers_counts_once(app: Flask) -> None:
    story = Story()
    make_offer(story.dee, story.groceries, now=YESTERDAY - DAY)
    story.need()
    digests(EIGHT)
    assert counts() == [1]


def test_need_that_is_sensitive_does_not_count(app: Flask) -> None:
    story = Story()
    rent = make_category(story.network, "rent", sensitive=True)
    make_offer(story.dee, rent, now=YESTERDAY - DAY)
    story.need(rent)
    assert digests(EIGHT) == [0]


@pytest.mark.parametrize("said", [{"traits": ("vehicle",)}, {"intake": "call_back"}])
def test_need_that_may_not_be_matched_does_not_count(app: Flask, said: dict[str, Any]) -> None:
    Story().need(**said)
    assert digests(EIGHT) == [0]


def test_need_of_another_category_does_not_count(app: Flask) -> None:
    story = Story()
    story.need(make_category(story.network, "rides"))
    assert digests(EIGHT) == [0]


def test_need_of_another_network_does_not_count(app: Flask) -> None:
    Story()
    there = Story("elsewhere", email="chris@example.org", digest=False)
    there.need()
    assert digests(EIGHT) == [0]


def test_need_that_was_closed_does_not_count(app: Flask) -> None:
    story = Story()
    need = story.need()
    lifecycle.withdraw(need, by=actor_of(need.person), now=YESTERDAY + HOUR)
    assert digests(EIGHT) == [0]


@pytest.mark.parametrize(
    "dee", [{"digest": False}, {"reach": "none"}, {"reach": "call", "phone": "+14165550142"}]
)
def test_helper_who_did_not_choose_it_or_cannot_be_written_to_gets_none(
    app: Flask, dee: dict[str, Any]
) -> None:
    Story(**dee).need()
    assert digests(EIGHT) == [0]


def test_helper_whose_offer_is_paused_gets_none(app: Flask) -> None:
    story = Story()
    story.need()
    lifecycle.pause(story.offer, by=actor_of(story.dee), now=YESTERDAY)
    assert digests(EIGHT) == [0]


def test_each_network_has_its_own_morning(app: Flask) -> None:
    Story().need()
    there = Story("elsewhere", email="chris@example.org")
    there.network.timezone = "America/Vancouver"
    there.need()
    assert digests(EIGHT, EIGHT + 3 * HOUR - SECOND, EIGHT + 3 * HOUR) == [1, 0, 1]
