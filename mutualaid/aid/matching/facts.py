"""What the rules and the ranking know of a need and an offer: plain values, read once from the database."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

from mutualaid.aid.models import Category
from mutualaid.people.models import Person
from mutualaid.places.cells import distance_km


@dataclass(frozen=True)
class PostFacts:
    """One side. `cell` is where distances count from; `exact` whether it is the post's own and not its area's."""

    id: int
    network_id: int
    person_id: int
    category: Category
    person: Person
    source: str  # where it was brought in from, and its row there: the name of what has no other
    contact_hashes: frozenset[bytes]
    state: str
    paused: bool
    at_intake: bool
    area_id: int | None
    area: str
    cell: int | None
    exact: bool
    travel: str
    reach_km: int | None
    times: int
    from_day: date | None
    until_day: date | None
    urgency: int
    languages: frozenset[str]
    interpreter: bool
    traits: frozenset[str]
    created_at: datetime
    uncovered: int
    stock_left: int | None
    per_week: int | None
    person_per_week: int | None


@dataclass(frozen=True)
class PairFacts:
    """A need and an offer, and what has been between them and their people."""

    need: PostFacts
    offer: PostFacts
    today: date  # in the network's time
    now: datetime
    live: bool
    declined: bool
    rests_until: datetime | None
    blocked: bool  # on either's do-not-match list
    glad: int  # confirmed matches between these two people
    used_this_week: int  # units of this offer
    times_this_week: int  # matches of this helper
    times_lately: int  # matches of this helper in four weeks
    last_asked_at: datetime | None

    @cached_property
    def distance(self) -> float | None:
        """Kilometres between the two cells; None when either has no place."""
        if self.need.cell is None or self.offer.cell is None:
            return None
        return distance_km(self.need.cell, self.offer.cell)

    @property
    def remote(self) -> bool:
        return self.need.category.remote or self.offer.category.remote

    @property
    def room(self) -> int | None:
        """How many units the offer can take on now; None: no limit.

        The least of its stock, its week and its person's own week, which counts times, not units: used up, nothing
        fits; else it limits nothing.
        """
        if self.offer.person_per_week is not None and self.times_this_week >= self.offer.person_per_week:
            return 0
        limits = [self.offer.stock_left] if self.offer.stock_left is not None else []
        if self.offer.per_week is not None:
            limits.append(max(0, self.offer.per_week - self.used_this_week))
        return min(limits) if limits else None

    @property
    def most(self) -> int:
        """How many units can be promised between the two."""
        return self.need.uncovered if self.room is None else min(self.need.uncovered, self.room)

    @property
    def travellers(self) -> tuple[tuple[str, int | None], ...]:
        """Who may travel, with how far they go (None: does not say, so anywhere)."""
        sides = []
        if self.offer.travel in ("come", "either") and self.need.travel in (
            "host",
            "either",
        ):
            sides.append(("helper", self.offer.reach_km))
        if self.need.travel in ("come", "either") and self.offer.travel in (
            "host",
            "either",
        ):
            sides.append(("neighbour", self.need.reach_km))
        return tuple(sides)
