"""Every need with every offer that may be matched, and how well they fit: rules.py and ranking.py, as arrays.

Needs of one category are taken in blocks of neighbours, each against the offers within reach of the block. Whatever is
left goes through the hard rules, one array after another; of each need it is kept how far any offer came.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from mutualaid.aid import windows
from mutualaid.aid.matching.everyone import NEVER, Everyone, Floats, Ints, Side, Truths, pairs_of
from mutualaid.aid.matching.ranking import FACTORS, HALF_KM, HALF_TIMES, WAITING_DAYS, WEIGHTS
from mutualaid.places.cells import EARTH_KM

BLOCK = 256
TOGETHER = 8  # blocks: two at a time, as numpy lets go of the interpreter while it reckons
MOST = 3_000_000
# Why a need gets nothing: how far the offer came that came farthest. The last: it fits, and others have it.
REASONS = (
    "no_offer",
    "too_far",
    "no_time",
    "no_language",
    "requires",
    "nobody_else",
    "no_capacity",
    "taken",
)
# The days of the week that a stretch of so many days has, from a weekday: [weekday, days].
DAYS = np.array(
    [
        [sum(windows.DAY << 3 * ((first + day) % 7) for day in range(days)) for days in range(8)]
        for first in range(7)
    ],
    np.int32,
)
Small = NDArray[np.int32]


@dataclass(frozen=True)
class Edges:
    """Feasible pairs, by need and then offer: rows of Everyone's sides, kilometres and a score from 0 to 1."""

    need: Small
    offer: Small
    km: Floats  # inf: somebody has no place; 0: place does not count
    score: Floats
    stage: Ints  # of each need: the place in REASONS that it came to
    pruned: int

    def __len__(self) -> int:
        return len(self.need)


@dataclass
class Pairs:
    """Needs against offers while they are sifted: their distances and, once asked, the parts of the week they share."""

    need: Small
    offer: Small
    km: Floats
    times: Small

    def keep(self, which: Truths) -> None:
        for name in ("need", "offer", "km", "times"):
            setattr(self, name, getattr(self, name)[which])


def find_edges(everyone: Everyone, weights: dict[str, float], most: int = MOST) -> Edges:
    """All that the hard rules leave; of more than `most`, those to the nearest offers of each need."""
    stage = np.zeros(len(everyone.needs), np.int64)
    kept = [Pairs(np.zeros(0, np.int32), np.zeros(0, np.int32), np.zeros(0), np.zeros(0, np.int32))]
    found = 0
    blocks = _blocks(everyone)
    with ThreadPoolExecutor(max_workers=2) as pool:
        while some := list(islice(blocks, TOGETHER)):
            kept += pool.map(lambda block: _fitting(everyone, block[0], block[1], stage), some)
            found += sum(len(pairs.need) for pairs in kept[-len(some) :])
            if sum(len(pairs.need) for pairs in kept) > 2 * most:
                kept = [_nearest(kept, most)]
    pairs = _nearest(kept, most)
    return Edges(
        pairs.need,
        pairs.offer,
        pairs.km,
        scores(everyone, pairs, weights),
        stage,
        found - len(pairs.need),
    )


def _fitting(everyone: Everyone, rows: Ints, offers: Ints, stage: Ints) -> Pairs:
    """What the hard rules leave of a block."""
    stage[rows] = 1 if len(offers) else 0
    pairs = _within_reach(everyone, rows, offers)
    _sift(everyone, pairs, stage)
    return pairs


def _blocks(everyone: Everyone) -> Iterator[tuple[Ints, Ints]]:
    """Needs of one category that lie near each other, and the offers that may be for them."""
    needs, offers = everyone.needs, everyone.offers
    for key in np.unique(needs.category).tolist():
        here = np.flatnonzero(needs.category == key)
        related = np.flatnonzero(np.isin(offers.category, _related(everyone, key)))
        for first in range(0, len(here), BLOCK):
            yield here[first : first + BLOCK], related


def _related(everyone: Everyone, key: int) -> list[int]:
    """The same category, its parent, its children."""
    own = everyone.categories[key]
    return [c.id for c in everyone.categories.values() if c.id in (key, own.parent_id) or c.parent_id == key]


def _remote(everyone: Everyone, side: Side) -> Truths:
    remote = [c.id for c in everyone.categories.values() if c.remote]
    return np.isin(side.category, remote)


def _within_reach(everyone: Everyone, rows: Ints, columns: Ints) -> Pairs:
    """The pairs of a block for which whoever travels goes so far; see rules._place."""
    needs, offers = everyone.needs.take(rows), everyone.offers.take(columns)
    anywhere = bool(_remote(everyone, needs)[0]) | _remote(everyone, offers)
    own = np.where(needs.goes, needs.reach, -1.0)
    near = anywhere | ~offers.placed | _near_block(needs, offers, float(own.max()))
    columns, offers, anywhere = columns[near], offers.take(near), anywhere[near]
    km = _km(needs.spot[:, None], offers.spot)
    unplaced = ~needs.placed[:, None] | ~offers.placed
    km[unplaced] = -1.0  # within any reach
    # Reach -1: that side stays at home.
    fits = km <= np.where(offers.goes, offers.reach, -2.0)
    fits &= needs.hosts[:, None]
    by_neighbour = km <= np.where(needs.goes, needs.reach, -2.0)[:, None]
    fits |= by_neighbour & offers.hosts
    fits |= anywhere
    km[unplaced] = np.inf
    km[:, anywhere] = 0.0
    need, offer = np.nonzero(fits)
    chosen = rows.astype(np.int32)[need], columns.astype(np.int32)[offer]
    return Pairs(*chosen, km[fits], np.zeros(len(need), np.int32))


def _near_block(needs: Side, offers: Side, own_reach: float) -> Truths:
    """Offers within their own reach, or their neighbours', of any need of the block; all when a need has no place."""
    if not needs.placed.all():
        return np.ones(len(offers), bool)
    middle = needs.spot.mean(axis=0)
    middle /= max(float(np.linalg.norm(middle)), 1e-9)
    wide = float(_km(needs.spot, middle).max())
    reach = np.maximum(np.where(offers.goes, offers.reach, -1.0), np.where(offers.hosts, own_reach, -1.0))
    return (reach >= 0) & (_km(offers.spot, middle) <= (reach + wide) * 1.000001 + 0.001)


def _km(one: Floats, other: Floats) -> Floats:
    """As places.cells.distance_km, from the straight line between two places on the sphere."""
    x, y, z = (one[..., axis] - other[..., axis] for axis in range(3))
    x *= x
    x += y * y
    x += z * z
    np.sqrt(x, out=x)
    x *= 0.5
    np.arcsin(np.minimum(x, 1.0, out=x), out=x)
    x *= 2 * EARTH_KM
    return np.asarray(x)


def _sift(everyone: Everyone, pairs: Pairs, stage: Ints) -> None:
    """The other hard rules, in the order of REASONS."""
    stage[pairs.need] = 2
    needs, offers = everyone.needs, everyone.offers
    pairs.times = _common_times(everyone, pairs)
    steps: tuple[Callable[[], Truths], ...] = (
        lambda: pairs.times != 0,
        lambda: ~needs.interpreter[pairs.need] | _shared(needs.languages, offers.languages, pairs),
        lambda: ~_shared(needs.traits, ~offers.traits, pairs),
        lambda: _may_meet(everyone, pairs),
        lambda: offers.room[pairs.offer] >= 1,
    )
    for reached, step in enumerate(steps, start=3):
        pairs.keep(step())
        stage[pairs.need] = reached


def _common_times(everyone: Everyone, pairs: Pairs) -> Small:
    """As facts.PairFacts.common_times."""
    needs, offers = everyone.needs, everyone.offers
    common = needs.times.astype(np.int32)[pairs.need] & offers.times.astype(np.int32)[pairs.offer]
    ends = np.flatnonzero((needs.last_day < NEVER)[pairs.need] | (offers.last_day < NEVER)[pairs.offer])
    i, j = pairs.need[ends], pairs.offer[ends]
    first = np.maximum(np.maximum(needs.first_day[i], offers.first_day[j]), everyone.today)
    days = np.clip(np.minimum(needs.last_day[i], offers.last_day[j]) - first + 1, 0, 7)
    common[ends] &= DAYS[(first + 6) % 7, days]  # the first ordinal day was a Monday
    return common


def _shared(one: NDArray[np.uint64], other: NDArray[np.uint64], pairs: Pairs) -> Truths:
    found = np.zeros(len(pairs.need), bool)
    for mine, theirs in zip(one.T, other.T, strict=True):
        found |= (mine[pairs.need] & theirs[pairs.offer]) != 0
    return found


def _may_meet(everyone: Everyone, pairs: Pairs) -> Truths:
    """Two people, neither of whom avoids the other, and nothing between them that lives, was declined or rests."""
    needs, offers, i, j = everyone.needs, everyone.offers, pairs.need, pairs.offer
    one = needs.person[i] == offers.person[j]
    for mine in (needs.phone, needs.email):
        for theirs in (offers.phone, offers.email):
            one |= mine[i] == theirs[j]
    return np.asarray(~one & ~_among(everyone, pairs, everyone.barred))


def _among(everyone: Everyone, pairs: Pairs, known: Ints) -> Truths:
    if not len(known):
        return np.zeros(len(pairs.need), bool)
    asked = pairs_of(pairs.need.astype(np.int64), pairs.offer.astype(np.int64), len(everyone.offers))
    place = np.minimum(np.searchsorted(known, asked), len(known) - 1)
    return np.asarray(known[place] == asked)


def _nearest(kept: list[Pairs], most: int) -> Pairs:
    """All of them, or so many for each need, the nearest, that no more than `most` are left."""
    names = ("need", "offer", "km", "times")
    pairs = Pairs(*(np.concatenate([getattr(part, name) for part in kept]) for name in names))
    if len(pairs.need) > most:
        degrees = np.bincount(pairs.need)
        keys = _by_nearness(pairs)
        first = np.cumsum(degrees) - degrees
        share = _share(degrees, most)
        last = np.sort(keys)[first + np.minimum(degrees, share) - 1 if share else first]
        pairs.keep((keys <= last[pairs.need]) & (share > 0))
    return pairs


def _by_nearness(pairs: Pairs) -> Ints:
    """Need, ten metres and a tie-break as one number to sort by: of equally near offers each need begins elsewhere."""
    steps = np.minimum(pairs.km * 100, (1 << 21) - 1).astype(np.int64)
    need, offers = pairs.need.astype(np.int64), int(pairs.offer.max()) + 1
    return np.asarray((need << 42) + (steps << 21) + (pairs.offer - 7919 * need) % offers)


def _share(degrees: Ints, most: int) -> int:
    """How many each need may keep."""
    low, high = 0, int(degrees.max())
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if np.minimum(degrees, middle).sum() <= most else (low, middle - 1)
    return low


def scores(everyone: Everyone, pairs: Pairs, weights: dict[str, float]) -> Floats:
    """As ranking.score."""
    needs, offers, i, j = everyone.needs, everyone.offers, pairs.need, pairs.offer
    used = WEIGHTS | weights
    of_need = used["urgency"] * needs.urgency / 2
    of_need += used["waiting"] * np.clip(needs.days / WAITING_DAYS, 0.0, 1.0)
    of_offer = used["fairness"] * HALF_TIMES / (HALF_TIMES + offers.lately)
    total = of_need[i] + of_offer[j]
    total += used["category"] * np.where(needs.category[i] == offers.category[j], 1.0, 0.5)
    total += used["distance"] * HALF_KM / (HALF_KM + pairs.km)
    total += used["language"] * _shared(needs.languages, offers.languages, pairs)
    wanted = np.bitwise_count(needs.times).astype(float)
    total += used["times"] * np.minimum(1.0, np.bitwise_count(pairs.times) / wanted[i])
    total += used["continuity"] * _among(everyone, pairs, everyone.glad)
    return np.asarray(total / sum(used[name] for name in FACTORS), float)
