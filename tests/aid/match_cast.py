"""Amina needs three boxes, Dee offers five, Bo coordinates."""

from datetime import UTC, datetime, timedelta

from mutualaid.actors import worker
from mutualaid.aid import lifecycle
from mutualaid.db import db
from tests.factories import actor_of, make_category, make_need, make_network, make_offer, make_person

NOW = datetime(2026, 11, 2, 15, 0, tzinfo=UTC)
DAY = timedelta(days=1)


class Cast:
    def __init__(self, need_quantity=3, stock=5, **need):
        self.network = make_network()
        category = make_category(self.network, key="groceries", unit="boxes")
        self.amina, self.dee = (
            make_person(self.network, "Amina"),
            make_person(self.network, "Dee"),
        )
        self.bo = actor_of(make_person(self.network, "Bo"), "coordinator")
        self.need = make_need(self.amina, category, now=NOW, quantity=need_quantity, **need)
        self.offer = make_offer(self.dee, category, now=NOW, stock=stock)
        self.by_amina, self.by_dee = actor_of(self.amina), actor_of(self.dee)

    def proposed(self, now=NOW, **more):
        return lifecycle.propose(self.need, self.offer, by=self.bo, now=now, **more)

    def agreed(self, now=NOW, **more):
        match = self.proposed(now, **more)
        lifecycle.consent(match, "offer", by=self.by_dee, now=now)
        return lifecycle.consent(match, "need", by=self.by_amina, now=now)

    def counts(self):
        db.session.flush()
        for post in (self.need, self.offer):
            db.session.refresh(post)
        return self.need.uncovered, self.offer.stock_left


def bring_to(cast, state):
    """A match in `state`, by real verbs."""
    now = NOW
    match = cast.proposed(now)
    if state == "proposed":
        return match
    ends = {
        "declined": lambda: lifecycle.decline(match, "offer", by=cast.by_dee, now=now),
        "retracted": lambda: lifecycle.retract(match, by=cast.bo, now=now),
        "lapsed": lambda: lifecycle.lapse(match, by=worker(cast.network.id), now=now + 2 * DAY),
    }
    if state in ends:
        return ends[state]()
    lifecycle.consent(match, "offer", by=cast.by_dee, now=now)
    lifecycle.consent(match, "need", by=cast.by_amina, now=now)
    if state == "agreed":
        return match
    if state == "released":
        return lifecycle.release(match, "offer", by=cast.by_dee, now=now)
    lifecycle.deliver(match, by=cast.by_dee, now=now)
    if state == "delivered":
        return match
    if state == "disputed":
        return lifecycle.dispute(match, by=cast.by_amina, now=now)
    return lifecycle.confirm(match, by=cast.by_amina, now=now)
