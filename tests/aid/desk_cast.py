"""What the tests of the desk start from."""

from datetime import timedelta

from bs4 import BeautifulSoup
from sqlalchemy import select

from mutualaid.aid import lifecycle
from mutualaid.aid.models import Match, Post
from mutualaid.db import db
from mutualaid.events.models import Event
from tests.factories import (
    NOW,
    actor_of,
    cell_near,
    make_area,
    make_category,
    make_member,
    make_need,
    make_network,
    make_offer,
    make_person,
)

HOUR = timedelta(hours=1)


class Desk:
    """Amina needs 3 boxes in Parkdale, Dee offers 5 there; Bo coordinates all areas and is signed in."""

    def __init__(self, client):
        self.client = client
        self.network = make_network()
        self.area = make_area(self.network)
        self.groceries = make_category(self.network)
        self.amina = make_person(self.network, "Amina", phone="416 555 0142", hours="mornings")
        self.dee = make_person(self.network, "Dee", email="dee@example.org")
        self.bo = make_member(self.network)
        self.by_bo = actor_of(self.bo)
        place = {"area_id": self.area.id, "cell": cell_near(self.network)}
        self.need = make_need(
            self.amina, self.groceries, quantity=3, now=NOW - HOUR, details="Please ring twice.", **place
        )
        self.offer = make_offer(self.dee, self.groceries, stock=5, now=NOW - 2 * HOUR, **place)
        client.sign_in(self.bo)

    def proposed(self, quantity=None) -> Match:
        return lifecycle.propose(self.need, self.offer, by=self.by_bo, now=NOW - HOUR, quantity=quantity)

    def agreed(self, quantity=None) -> Match:
        match = self.proposed(quantity)
        lifecycle.consent(match, "offer", by=actor_of(self.dee), now=NOW - HOUR)
        return lifecycle.consent(match, "need", by=actor_of(self.amina), now=NOW - HOUR)

    def delivered(self) -> Match:
        return lifecycle.deliver(self.agreed(), by=actor_of(self.dee), now=NOW - HOUR)

    def disputed(self) -> Match:
        return lifecycle.dispute(
            self.delivered(), by=actor_of(self.amina), now=NOW - HOUR, note="Nobody came."
        )

    def get(self, path="", client=None, **query) -> BeautifulSoup:
        answer = (client or self.client).get(f"/garrison/desk{path}", query_string=query or None)
        assert answer.status_code == 200, answer.status_code
        return BeautifulSoup(answer.data, "html.parser")

    def post(self, path, client=None, **fields):
        return (client or self.client).post(f"/garrison/desk{path}", data=fields)

    def told(self, answer, client=None) -> str:
        """What the page says, last of all, to which an act leads."""
        assert answer.status_code == 303, answer.status_code
        page = BeautifulSoup((client or self.client).get(answer.location).data, "html.parser")
        return words(page.find_all(role="status")[-1])

    def fresh(self, row):
        db.session.expire_all()
        return row


def words(tag) -> str:
    return " ".join(tag.get_text(" ").split())


def verbs() -> list[str]:
    """The history, oldest first."""
    db.session.expire_all()
    return list(db.session.scalars(select(Event.verb).order_by(Event.at, Event.id)))


def last_event() -> Event:
    db.session.expire_all()
    return db.session.scalars(select(Event).order_by(Event.at.desc(), Event.id.desc())).first()


def only_match() -> Match:
    db.session.expire_all()
    return db.session.scalars(select(Match)).one()


def state_of(post: Post) -> tuple[str, str | None]:
    db.session.expire_all()
    return post.state, post.outcome
