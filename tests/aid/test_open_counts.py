"""Counts of what is open are exact, whatever happened to posts, and however it was undone."""

from datetime import date, timedelta

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import BigInteger, and_, cast, delete, func, or_, select

from mutualaid.aid import lifecycle, open_counts
from mutualaid.aid.lifecycle import Refused
from mutualaid.aid.models import Match, Post, PostDetails
from mutualaid.aid.open_counts import TABLES, area_counts, fold, spoken
from mutualaid.db import db
from mutualaid.events.models import Event
from mutualaid.worker import fold_counts
from tests.examples import FEW
from tests.factories import (
    NOW,
    actor_of,
    make_area,
    make_category,
    make_need,
    make_network,
    make_offer,
    make_person,
)

LANGUAGES = [("en",), ("es",), ("en", "es"), ()]


def counted():
    """What the table says, with what came to nothing left out."""
    keys = (area_counts.c.area_id, area_counts.c.kind, area_counts.c.category_id)
    number = cast(func.sum(area_counts.c.number), BigInteger)  # PostgreSQL adds up to decimals
    return sorted(map(str, db.session.execute(select(*keys, number).group_by(*keys).having(number != 0))))


def counted_by_hand():
    """The same from the posts themselves."""
    free = or_(
        and_(Post.kind == "need", Post.uncovered > 0),
        and_(Post.kind == "offer", or_(Post.stock_left.is_(None), Post.stock_left > 0)),
    )
    which = (Post.state == "open", Post.intake.is_(None), Post.paused_at.is_(None), free)
    keys = (Post.area_id, Post.kind, Post.category_id)
    return sorted(map(str, db.session.execute(select(*keys, func.count()).where(*which).group_by(*keys))))


def spoken_by_hand(network):
    lists = db.session.scalars(
        select(Post.languages).where(Post.network_id == network.id, Post.state == "open")
    )
    return sorted({code for codes in lists for code in codes})


class Open(RuleBasedStateMachine):
    """Posts come, change, are promised, closed and undone; both tables follow."""

    @initialize()
    def begin(self):
        self.now = NOW
        self.network = make_network()
        self.areas = [None, make_area(self.network).id]
        self.categories = [make_category(self.network), make_category(self.network, "rides")]
        self.people = [make_person(self.network, name) for name in ("Amina", "Dee", "Eve")]
        self.bo = actor_of(make_person(self.network, "Bo"), "coordinator")

    def teardown(self):
        db.session.rollback()

    def attempt(self, verb, *things, **more):
        self.now += timedelta(minutes=1)
        try:
            verb(*things, by=self.bo, now=self.now, **more)
        except Refused:
            db.session.expire_all()

    def some(self, data, table, *which):
        rows = list(db.session.scalars(select(table).where(*which).order_by(table.id)))
        return data.draw(st.sampled_from(rows)) if rows else None

    @rule(
        kind=st.sampled_from([make_need, make_offer]),
        who=st.integers(0, 2),
        place=st.integers(0, 1),
        what=st.integers(0, 1),
        many=st.integers(1, 3),
        intake=st.sampled_from([None, "call_back"]),
        languages=st.sampled_from(LANGUAGES),
    )
    def post(self, kind, who, place, what, many, intake, languages):
        more = {"quantity": many} if kind is make_need else {"stock": many}
        more |= {"area_id": self.areas[place], "languages": languages, "intake": intake}
        kind(self.people[who], self.categories[what], now=self.now, **more)

    @rule(
        data=st.data(), verb=st.sampled_from(["take_in", "pause", "resume", "withdraw", "expire", "reopen"])
    )
    def act(self, data, verb):
        if post := self.some(data, Post):
            self.attempt(getattr(lifecycle, verb), post)

    @rule(data=st.data(), until=st.dates(date(2026, 11, 24), date(2026, 12, 1)))
    def hold(self, data, until):
        if post := self.some(data, Post):
            self.attempt(lambda post, **how: lifecycle.hold(post, "no_answer", until, **how), post)

    @rule(
        data=st.data(), place=st.integers(0, 1), what=st.integers(0, 1), languages=st.sampled_from(LANGUAGES)
    )
    def change(self, data, place, what, languages):
        if post := self.some(data, Post):
            said = lifecycle.said(post)
            new = {"area_id": self.areas[place], "category_id": self.categories[what].id}
            said = type(said)(**vars(said) | new | {"languages": languages})
            self.attempt(lifecycle.change, post, said)

    @rule(data=st.data())
    def propose(self, data):
        need, offer = self.some(data, Post, Post.kind == "need"), self.some(data, Post, Post.kind == "offer")
        if need and offer:
            self.attempt(lifecycle.propose, need, offer)

    @rule(data=st.data(), verb=st.sampled_from(["deliver", "confirm", "dispute", "retract"]))
    def move(self, data, verb):
        if match := self.some(data, Match):
            self.attempt(getattr(lifecycle, verb), match)

    @rule(data=st.data(), side=st.sampled_from(["need", "offer"]))
    def consent(self, data, side):
        if match := self.some(data, Match):
            self.attempt(lifecycle.consent, match, side)

    @rule(data=st.data())
    def erase(self, data):
        self.attempt(lifecycle.erase, data.draw(st.sampled_from(self.people)))

    @rule(data=st.data())
    def act_and_undo(self, data):
        db.session.flush()
        if post := self.some(data, Post):
            with db.session.begin_nested() as step:
                self.attempt(lifecycle.withdraw, post)
                step.rollback()
            db.session.expire_all()

    @rule()
    def fold_lines(self):
        for table in TABLES:
            fold(table)

    @invariant()
    def counts_are_those_of_the_posts(self):
        db.session.flush()
        assert counted() == counted_by_hand()
        if hasattr(self, "network"):
            assert spoken(self.network) == spoken_by_hand(self.network)


@pytest.mark.hypothesis
def test_counts_follow_whatever_happens(app):
    run_state_machine_as_test(Open, settings=FEW)


def test_worker_folds_crowded_counts_into_one_line_each(app, monkeypatch):
    monkeypatch.setattr(open_counts, "FOLDED_WHEN", 3)
    network = make_network()
    groceries, amina = make_category(network), make_person(network)
    for _ in range(3):
        make_need(amina, groceries)
    db.session.commit()
    assert fold_counts() == 0
    for _ in range(2):
        make_need(amina, groceries)
    db.session.commit()
    before = counted()
    assert fold_counts() == 2
    assert counted() == before
    lines = [db.session.scalar(select(func.count()).select_from(table)) for table in TABLES]
    assert (lines, fold_counts()) == ([1, 1], 0)


def test_posts_deleted_as_rows_are_counted_out(app):
    network = make_network()
    make_need(make_person(network), make_category(network))
    for table in (Event, PostDetails, Post):
        db.session.execute(delete(table).where(table.network_id == network.id))
    assert (counted(), spoken(network)) == ([], [])
