"""What the rules and the ranking know of a need and an offer: plain values, read once from the database."""

import json
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from typing import Any, NamedTuple

from mutualaid.aid import windows
from mutualaid.people.blocks import Who
from mutualaid.people.models import Person
from mutualaid.places.cells import distance_km
from mutualaid.sealed import opened


class CategoryFacts(NamedTuple):
    id: int
    parent_id: int | None
    key: str
    names: dict[str, str]
    unit: str
    remote: bool
    sensitive: bool

    def name(self, language: str) -> str:
        return self.names.get(language) or self.names.get("en") or self.key


@lru_cache(maxsize=1 << 12)
def category_facts(row_id: int, parent_id: int | None, key: str, names: str, *more: Any) -> CategoryFacts:
    """From a row, with the names as JSON; many rows are of few categories."""
    return CategoryFacts(row_id, parent_id, key, json.loads(names), *more)


@lru_cache(maxsize=1 << 12)
def words_in(text: str) -> frozenset[str]:
    """From a JSON array."""
    return frozenset(json.loads(text))


class PostFacts(NamedTuple):
    """One side. `cell` is where distances count from; `own_cell` the post's own, if it has one and not its area's."""

    category: CategoryFacts
    id: int
    network_id: int
    person_id: int
    kind: str
    state: str
    intake: str | None
    area_id: int | None
    cell: int | None
    own_cell: int | None
    travel: str
    reach_km: int | None
    times: int
    urgency: int
    uncovered: int
    stock_left: int | None
    per_week: int | None
    source: str | None  # where it was brought in from, and its row there
    source_row: str | None
    person_per_week: int | None
    name_sealed: bytes | None
    area_name: str | None
    interpreter: bool
    paused_at: datetime | None
    created_at: datetime
    from_day: date | None
    until_day: date | None
    languages: frozenset[str]
    traits: frozenset[str]
    who: Who

    @property
    def area(self) -> str:
        return self.area_name or ""

    @property
    def exact(self) -> bool:
        return self.own_cell is not None

    @property
    def name(self) -> str:
        """What its person is called; else where it was brought in from; else nothing."""
        if self.name_sealed:
            return opened(Person, "name_sealed", self.person_id, self.name_sealed)
        return f"{self.source} {self.source_row or ''}".strip() if self.source else ""


@dataclass(slots=True)
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
    remote: bool = field(init=False)
    distance: float | None = field(init=False)  # kilometres between the two cells; None: either has no place
    common_times: int = field(init=False)  # the parts of the week that suit both from today on (aid.windows)

    def __post_init__(self) -> None:
        """What several rules and reasons ask for is worked out once."""
        need, offer = self.need, self.offer
        self.remote = need.category.remote or offer.category.remote
        placed = need.cell is not None and offer.cell is not None
        self.distance = distance_km(need.cell, offer.cell) if placed else None
        first = windows.later(windows.later(need.from_day, offer.from_day), self.today)
        last = windows.earlier(need.until_day, offer.until_day)
        self.common_times = windows.overlap(need.times, offer.times, first, last)

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
        room = self.room
        return self.need.uncovered if room is None else min(self.need.uncovered, room)

    @property
    def travellers(self) -> tuple[tuple[str, int | None], ...]:
        """Who may travel, with how far they go (None: does not say, so anywhere)."""
        sides = []
        if self.offer.travel != "host" and self.need.travel != "come":
            sides.append(("helper", self.offer.reach_km))
        if self.need.travel != "host" and self.offer.travel != "come":
            sides.append(("neighbour", self.need.reach_km))
        return tuple(sides)
