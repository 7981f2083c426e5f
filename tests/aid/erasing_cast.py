"""Somebody who leaves a trace in every table, and all that stands anywhere."""

import json
from datetime import timedelta
from typing import Any

from sqlalchemy import Table, select

from mutualaid.aid import drafts, lifecycle
from mutualaid.aid.messages.models import Message
from mutualaid.db import Base, db, new_id
from mutualaid.people.access import new_code, new_link
from mutualaid.people.contact import set_email
from tests.factories import (
    NOW,
    actor_of,
    cell_near,
    make_category,
    make_match,
    make_member,
    make_need,
    make_network,
    make_offer,
    make_person,
)

DAY = timedelta(days=1)


# Gone after an hour, about nobody known; sums over a network; until when to answer, gone a month after it was sent.
PASSING = {"attempt", "area_count", "language_count", "notice"}


class Cast:
    """Bo coordinates and Dee helps, both with accounts; then Amina comes, and leaves a trace in every table."""

    def __init__(self, slug: str = "garrison") -> None:
        self.network = make_network(slug)
        self.groceries = make_category(self.network)
        self.bo, self.dee = (
            make_member(self.network, role, name=name, email=f"{name.lower()}@{slug}.example")
            for role, name in (("coordinator", "Bo"), ("helper", "Dee"))
        )
        self.offer = make_offer(
            self.dee.person, self.groceries, travel="come", reach_km=9, traits=("lifting",)
        )
        db.session.commit()
        self.before = values()
        self.amina = make_person(
            self.network, "Amina", phone="416 555 0101", languages=["ht"], hours_sealed=None
        )
        self.amina.hours = "evening"
        set_email(self.amina, "amina@example.org")
        new_code(self.amina)
        new_link(self.amina, NOW)
        said = {
            "details": "Second floor.",
            "languages": ("ht",),
            "traits": ("lifting",),
            "times": 5,
        }
        self.need = make_need(
            self.amina,
            self.groceries,
            cell=cell_near(self.network, 3),
            travel="host",
            source=("hotline", "row 17"),
            **said,
        )
        self.matched()
        self.draft()
        lifecycle.never_match_contact(self.amina, b"their ex", by=actor_of(self.amina), now=NOW)
        db.session.commit()
        self.hers = values() - self.before

    def matched(self) -> None:
        """Agreed, with words of both, an address, and a note in history."""
        match = make_match(self.need, self.offer, by=actor_of(self.bo))
        lifecycle.consent(match, "need", by=actor_of(self.amina), now=NOW)
        lifecycle.consent(match, "offer", by=actor_of(self.dee), now=NOW)
        lifecycle.set_address(match, "12 Queen Street", by=actor_of(self.amina), now=NOW)
        for side in ("need", "offer"):
            row = Message(
                network_id=self.network.id,
                id=new_id(),
                match_id=match.id,
                side=side,
                once=1,
                signs=[],
                state="sent",
                created_at=NOW,
            )
            row.text = f"Words of the {side}."
            db.session.add(row)
        other = make_need(self.amina, self.groceries, details="Also this.")
        lifecycle.refer(other, "Another group", by=actor_of(self.bo), now=NOW)
        self.match = match

    def draft(self) -> None:
        row, _ = drafts.begin(self.network, "need", NOW)
        row.person_id, row.answers, row.code = self.amina.id, json.dumps({"link": "x"}), "7KM4 RXQ2"


def values() -> set[tuple[str, str, str]]:
    """Everything that stands anywhere: (table, column, value); but ids, and what is about nobody."""
    found: set[tuple[str, str, str]] = set()
    for table in Base.metadata.sorted_tables:
        for row in db.session.execute(select(table)).mappings():
            found |= {
                (table.name, name, repr(value)) for name, value in row.items() if tells(table, name, value)
            }
    db.session.commit()
    return found


def tells(table: Table, name: str, value: Any) -> bool:
    if value in (None, "", [], {}, 0, False) or table.name in PASSING or name == "id":
        return False
    if name.endswith("_id") and not isinstance(value, bytes):
        return False
    return isinstance(value, (bytes, str, list, dict)) or name.endswith("cell")


KEPT_WORDS = {  # keys from short lists, said of counts
    *("kind", "state", "outcome", "travel", "verb", "reason", "actor_role", "source", "language", "reach"),
    *("channel", "role", "side"),
}


def words_of(found: set[tuple[str, str, str]]) -> set[tuple[str, str, str]]:
    return {row for row in found if row[1] not in KEPT_WORDS}
