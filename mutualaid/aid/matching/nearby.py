"""Which open posts are near a post: outward from its own cell, until enough that could fit are found.

One query (sieve). What it returns is cut where something unread could come before, so the order is that of a look at
every post.
"""

import json
import math
from bisect import bisect_right
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from operator import itemgetter
from typing import Any, NamedTuple

from mutualaid.aid.matching.ranking import MISS_KM, is_near
from mutualaid.aid.matching.rings import ALL, DISKS, ring_that_holds, rings, spans
from mutualaid.aid.matching.sieve import EARTH_KM, NOWHERE, look, travels
from mutualaid.aid.models import Post
from mutualaid.aid.windows import WEEK, later, local_day, overlap
from mutualaid.networks.models import Network
from mutualaid.places.cells import distance_km
from mutualaid.sql import is_sqlite, numbered, raw_rows


class Near(NamedTuple):
    """An open post near another. `km`: inf where either has no place, 0 where place does not count."""

    km: float
    created_at: datetime
    id: int


@dataclass(frozen=True)
class Found:
    """Nearest first, then the longest waiting, then the lowest id.

    `could`: that may fit, as far as a query can tell, none left out in between; `whole`: that is all of them.
    `cannot`: the nearest of those that do not, as far as was looked; `more`: there may be more of them.
    """

    could: list[int]
    cannot: list[int]
    whole: bool
    more: bool


def near(
    network: Network,
    posts: Iterable[Post],
    *,
    now: datetime,
    want: int,
    misses: int,
    areas: Collection[int] = (),
    sensitive: bool = True,
) -> dict[int, Found]:
    """For each of these posts (all needs, or all offers) `want` that could fit and `misses` that cannot, if so many.

    `areas`: only of these, and of none; empty: of all.
    """
    posts = list(posts)
    asked = {
        "network": network.id,
        "sensitive": sensitive,
        "forever": datetime.max.replace(tzinfo=UTC),
        **numbered("area", areas),
    }
    for n, post in enumerate(posts):
        asked |= {f"{name}_{n}": value for name, value in _said(network, post, now).items()}
    placed = tuple(post.measure_cell is not None for post in posts)
    kind = "offer" if posts[0].is_need else "need"
    rows: list[list[Any]] = [[] for _ in posts]
    for mine, *row in raw_rows(look(kind, want, misses, len(areas), placed, is_sqlite()), asked):
        rows[mine].append(row)
    return {
        post.id: _found(network, post, some, want, misses) for post, some in zip(posts, rows, strict=True)
    }


def _said(network: Network, post: Post, now: datetime) -> dict[str, Any]:
    """What the query has to know of a post."""
    first, cell = later(post.from_day, local_day(now, network.timezone)), post.measure_cell
    times, travel = overlap(post.times, WEEK, first, post.until_day), travels(post.travel, post.reach_km)
    possible = times != 0 and _has_room(post)
    reached = close = 0
    if cell is not None:
        reach = EARTH_KM if travel["they_go"] else travel["reach"]
        reached = ring_that_holds(reach, cell, network.resolution) if possible else 0
        close = ring_that_holds(MISS_KM, cell, network.resolution)
    return travel | {
        "category": post.category_id,
        "post": post.id,
        "person": post.person_id,
        "cell": cell,
        "spans": spans(cell, network.resolution) if cell else "[]",
        "rings": max(reached, close),
        "reached": reached,
        "close": close,
        "possible": possible,
        "times": times,
        "first": first,
        "last": post.until_day or date.max,
        "interpreter": post.interpreter,
        "languages": post.language_bits,
        "traits": post.trait_bits,
    }


def _has_room(post: Post) -> bool:
    """Whether anything can fit at all."""
    return post.uncovered > 0 if post.is_need else post.stock_left is None or post.stock_left > 0


@dataclass
class _Read:
    """What was read of one sort: those that could fit, or those that cannot. Nothing unread comes before `ends`."""

    limit: int
    rows: list[Near] = field(default_factory=list)
    ends: list[tuple[Any, ...]] = field(default_factory=list)

    def add(self, new: list[Near], ordered: bool) -> None:
        self.rows += new
        if ordered and len(new) == self.limit:
            self.ends.append(max(new))

    def kept(self) -> list[Near]:
        """In order, none left out in between."""
        rows = sorted(self.rows)
        return rows[: bisect_right(rows, min(self.ends))] if self.ends else rows


def _found(network: Network, post: Post, rows: list[Any], want: int, misses: int) -> Found:
    """Only those that no unread post can come before."""
    could, cannot = _Read(want), _Read(misses)
    count = last = misfitting = 0
    looked = ALL  # up to here for those that cannot: where they were enough, and one more (see sieve)
    for ring, *lists in sorted(rows, key=itemgetter(0)):
        fits, misfits = (json.loads(some) if isinstance(some, str) else some for some in lists)
        ordered = ring < len(DISKS) or ring == NOWHERE
        reached, missed = list[Near](), [_near(post, ring, *one) for one in misfits]
        for one in fits:
            into = reached if ordered or _within(post, *one) else missed
            into.append(_near(post, ring, *one))
        could.add(reached, ordered)
        cannot.add(missed, ordered)
        count, last, misfitting = count + len(fits), ring, misfitting + len(misfits)
        if misfitting >= misses:
            looked = min(looked, ring + 1 if ring else 0)
    if looked < max(ring for ring, *_ in rows if ring < NOWHERE):
        cannot.ends.append((rings(post.measure_cell, network.resolution)[looked].whole_km,))
    if last < NOWHERE and count >= want:
        cell = post.measure_cell
        km = math.inf if cell is None else rings(cell, network.resolution)[last].whole_km
        could.ends.append((km,))
        cannot.ends.append((km,))
    near_by = [one.id for one in cannot.kept() if is_near(one.km)]
    return Found(
        [one.id for one in could.kept()], near_by[:misses], not could.ends, len(cannot.rows) >= misses
    )


def _near(post: Post, ring: int, other: int, cell: int | None, created_at: str, *_travel: Any) -> Near:
    km = 0.0 if ring == 0 else math.inf
    if 0 < ring < NOWHERE:
        km = distance_km(post.measure_cell, cell)
    return Near(km, datetime.fromisoformat(created_at), other)


def _within(post: Post, _other: int, cell: int, _created_at: str, travel: str, reach_km: int | None) -> bool:
    """Whether the other is in reach of whoever may travel: of coarse rings the query knows only how far they begin."""
    km, mine = distance_km(post.measure_cell, cell), travels(post.travel, post.reach_km)
    they_come = mine["they_go"] and travel != "host" and (reach_km is None or reach_km >= km)
    return they_come or (travel != "come" and mine["reach"] >= km)
