"""One need, one offer, and the people around them: what many tests start from."""

from datetime import timedelta

from mutualaid.aid import lifecycle
from mutualaid.aid.models import Match
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


class Street:
    """Amina needs 3 boxes in Parkdale and can be called, Dee offers 5 there and is written to; Bo coordinates."""

    def __init__(self) -> None:
        self.network = make_network()
        self.area = make_area(self.network)
        self.groceries = make_category(self.network)
        self.amina = make_person(self.network, "Amina", phone="416 555 0142", hours="mornings")
        self.dee = make_person(self.network, "Dee", email="dee@example.org")
        self.bo = make_member(self.network)
        self.by_amina, self.by_dee, self.by_bo = actor_of(self.amina), actor_of(self.dee), actor_of(self.bo)
        place = {"area_id": self.area.id, "cell": cell_near(self.network)}
        self.need = make_need(
            self.amina, self.groceries, quantity=3, now=NOW - HOUR, details="Please ring twice.", **place
        )
        self.offer = make_offer(self.dee, self.groceries, stock=5, now=NOW - 2 * HOUR, **place)

    def proposed(self, quantity: int | None = None) -> Match:
        return lifecycle.propose(self.need, self.offer, by=self.by_bo, now=NOW - HOUR, quantity=quantity)

    def agreed(self, quantity: int | None = None) -> Match:
        match = self.proposed(quantity)
        lifecycle.consent(match, "offer", by=self.by_dee, now=NOW - HOUR)
        return lifecycle.consent(match, "need", by=self.by_amina, now=NOW - HOUR)

    def delivered(self) -> Match:
        return lifecycle.deliver(self.agreed(), by=self.by_dee, now=NOW - HOUR)

    def disputed(self) -> Match:
        return lifecycle.dispute(self.delivered(), by=self.by_amina, now=NOW - HOUR, note="Nobody came.")
