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
from mutualaid.aid.matching.pairs import Pairs, Small, nearest
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


@dataclass(frozen=True)
class Block:
    """Some needs against some offers, each with each: `rows` and `columns` are their places among everyone's."""

    rows: Ints
    columns: Ints
    needs: Side
    offers: Side


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
                kept = [nearest(kept, most)]
    pairs = nearest(kept, most)
    return Edges(
        pairs.need,
        pairs.offer,
        pairs.km,
        scores(everyone, pairs, weights),
        stage,
        found - len(pairs.need),
    )


def _fitting(everyone: Everyone, rows: Ints, columns: Ints, stage: Ints) -> Pairs:
    """What the hard rules leave of a block, one rule after another in the order of REASONS."""
    stage[rows] = 1 if len(columns) else 0
    block = Block(rows, columns, everyone.needs.take(rows), everyone.offers.take(columns))
    block, fits, km = _within_reach(everyone, block)
    times = _common_times(everyone, block)
    rules: tuple[Callable[[], None], ...] = (
        lambda: _both(fits, times != 0),
        lambda: _speak(block, fits),
        lambda: _have_what_it_takes(block, fits),
        lambda: _may_meet(everyone, block, fits),
        lambda: _both(fits, block.offers.room >= 1),
    )
    stage[rows[fits.any(axis=1)]] = 2
    for reached, rule in enumerate(rules, start=3):
        rule()
        stage[rows[fits.any(axis=1)]] = reached
    need = np.repeat(rows.astype(np.int32), np.count_nonzero(fits, axis=1))
    offer = np.broadcast_to(block.columns.astype(np.int32), fits.shape)[fits]
    return Pairs(need, offer, km[fits], times[fits])


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


def _within_reach(everyone: Everyone, block: Block) -> tuple[Block, Truths, Floats]:
    """Where whoever travels goes so far; see rules._place. Offers too far for all are left out of the block."""
    needs, offers = block.needs, block.offers
    anywhere = bool(_remote(everyone, needs)[0]) | _remote(everyone, offers)
    own = np.where(needs.goes, needs.reach, -1.0)
    near = anywhere | ~offers.placed | _near_block(needs, offers, float(own.max()))
    offers, anywhere = offers.take(near), anywhere[near]
    km = _km_by_cell(needs, offers)
    km[~needs.placed] = km[:, ~offers.placed] = -1.0  # within any reach
    # Reach -1: that side stays at home.
    fits = km <= np.where(offers.goes, offers.reach, -2.0)
    fits &= needs.hosts[:, None]
    by_neighbour = km <= np.where(needs.goes, needs.reach, -2.0)[:, None]
    fits |= by_neighbour & offers.hosts
    fits |= anywhere
    km[~needs.placed] = km[:, ~offers.placed] = np.inf
    km[:, anywhere] = 0.0
    return Block(block.rows, block.columns[near], needs, offers), fits, km


def _near_block(needs: Side, offers: Side, own_reach: float) -> Truths:
    """Offers within their own reach, or their neighbours', of any need of the block; all when a need has no place."""
    if not needs.placed.all():
        return np.ones(len(offers), bool)
    middle = needs.spot.mean(axis=0)
    middle /= max(float(np.linalg.norm(middle)), 1e-9)
    wide = float(_km(needs.spot, middle).max())
    reach = np.maximum(np.where(offers.goes, offers.reach, -1.0), np.where(offers.hosts, own_reach, -1.0))
    return (reach >= 0) & (_km(offers.spot, middle) <= (reach + wide) * 1.000001 + 0.001)


def _km_by_cell(needs: Side, offers: Side) -> Floats:
    """Each need from each offer; reckoned once for two cells, as many posts share one."""
    _, some, of_need = np.unique(needs.cell, return_index=True, return_inverse=True)
    _, others, of_offer = np.unique(offers.cell, return_index=True, return_inverse=True)
    between = _km(needs.spot[some][:, None], offers.spot[others])
    return np.take(between[of_need], of_offer, axis=1)


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


def _both(fits: Truths, which: Truths) -> None:
    fits &= which


def _common_times(everyone: Everyone, block: Block) -> Small:
    """As facts.PairFacts.common_times."""
    needs, offers = block.needs, block.offers
    common = needs.times.astype(np.int32)[:, None] & offers.times.astype(np.int32)
    every = slice(None)
    for rows, columns in (
        (np.flatnonzero(needs.last_day < NEVER), every),
        (every, np.flatnonzero(offers.last_day < NEVER)),
    ):
        first = np.maximum(needs.first_day[rows, None], offers.first_day[columns]).clip(everyone.today)
        last = np.minimum(needs.last_day[rows, None], offers.last_day[columns])
        common[rows, columns] &= DAYS[(first + 6) % 7, (last - first + 1).clip(0, 7)]  # day 1 was a Monday
    return common


def _speak(block: Block, fits: Truths) -> None:
    """Whoever needs an interpreter shares a language."""
    some = np.flatnonzero(block.needs.interpreter)
    fits[some] &= _shared(block.needs.languages[some, None], block.offers.languages)


def _have_what_it_takes(block: Block, fits: Truths) -> None:
    some = np.flatnonzero(block.needs.traits.any(axis=1))
    fits[some] &= ~_shared(block.needs.traits[some, None], ~block.offers.traits)


def _shared(one: NDArray[np.uint64], other: NDArray[np.uint64]) -> Truths:
    """Whether they have a bit in common; the last axis are the words of bits."""
    found = (one[..., 0] & other[..., 0]) != 0
    for word in range(1, one.shape[-1]):
        found |= (one[..., word] & other[..., word]) != 0
    return np.asarray(found)


def _may_meet(everyone: Everyone, block: Block, fits: Truths) -> None:
    """Two people, neither of whom avoids the other, and nothing between them that lives, was declined or rests."""
    needs, offers = block.needs, block.offers
    fits &= needs.person[:, None] != offers.person
    for mine in (needs.phone, needs.email):
        for theirs in (offers.phone, offers.email):
            fits &= mine[:, None] != theirs
    rows, columns, number = block.rows, block.columns, len(everyone.offers)
    first, last = np.searchsorted(everyone.barred, (rows[0] * number, (rows[-1] + 1) * number))
    need, offer = np.divmod(everyone.barred[first:last], max(1, number))
    here = np.isin(need, rows) & np.isin(offer, columns)
    fits[np.searchsorted(rows, need[here]), np.searchsorted(columns, offer[here])] = False


def _among(everyone: Everyone, pairs: Pairs, known: Ints) -> Truths:
    """Which of the pairs, sorted, are among the known ones."""
    asked = pairs_of(pairs.need.astype(np.int64), pairs.offer.astype(np.int64), len(everyone.offers))
    found = np.zeros(len(asked), bool)
    if len(asked):
        place = np.minimum(np.searchsorted(asked, known), len(asked) - 1)
        found[place[asked[place] == known]] = True
    return found


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
    total += used["language"] * _shared(needs.languages[i], offers.languages[j])
    wanted = np.bitwise_count(needs.times).astype(float)
    total += used["times"] * np.minimum(1.0, np.bitwise_count(pairs.times) / wanted[i])
    total += used["continuity"] * _among(everyone, pairs, everyone.glad)
    return np.asarray(total / sum(used[name] for name in FACTORS), float)
