"""Units of help from offers to needs at the least cost: a min-cost flow, exact over all edges.

The solver sees a few edges of each need at first. The prices it finds tell of every other edge whether it could make
the flow any better; those that could are added, until there are none. The answer is the same as over all edges. It gets
smaller numbers than the true ones where that does no harm: see docs/decisions/0008.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from mutualaid.aid.matching.everyone import Ints, Truths

STEPS = 6  # the load of a helper costs more with each need, up to so many
FEW = 4  # edges of a need, at first
ENOUGH = 100_000  # so many edges are added at a time
FAR = 1 << 61


class NoPlan(Exception):
    """The solver found no best flow. It always exists, so this is a fault: it is said and nothing is planned."""


@dataclass(frozen=True)
class Market:
    """By edge, sorted by need: `need`, `offer` (rows) and `value` of a unit. The rest is by need, offer or helper."""

    need: Ints
    offer: Ints
    value: Ints
    wants: Ints  # units of each need
    first: Ints  # what a need's first unit is worth
    further: int  # and every other unit
    room: Ints  # units of each offer
    helper: Ints  # whose offer it is: a row of `week`
    week: Ints  # units of each helper
    load: int  # what each further unit of one helper costs more than the one before
    close: int  # a difference in value that is small

    def __len__(self) -> int:
        return len(self.need)


@dataclass(frozen=True)
class Prices:
    """What one unit more would cost at each need, offer and helper; FAR where there is none."""

    need: Ints
    offer: Ints
    helper: Ints


@dataclass(frozen=True)
class Arcs:
    """Between nodes: the needs, the helpers, those offers that share a helper, the sink."""

    tail: Ints
    head: Ints
    most: Ints
    cost: Ints


def best_flow(market: Market, seen: Truths | None = None) -> tuple[Ints, Truths]:
    """The units on each edge, and which edges the solver saw. Raises NoPlan.

    Where `seen` says which edges to begin with, only needs that ask for more than one see others beside them.
    """
    if seen is None:
        chosen = _at_first(market, market.wants > 0, FEW)
    else:
        chosen = seen | _at_first(market, market.wants > 1, 2 * FEW)
    reckoned, lets_go, near = _lowered(market), seen is None, None
    while True:
        rows = np.flatnonzero(chosen)
        units = _solve(reckoned, rows, near)
        if reckoned is not market and _misses(reckoned, rows, units):
            reckoned, near = market, None
            continue
        prices = _prices(reckoned, rows, units)
        loss = prices.offer[market.offer] - market.value - prices.need[market.need]
        kept = (units > 0) | (loss[rows] < market.close)
        loss[rows] = FAR
        least = int(loss.min(initial=FAR))
        if least >= 0:
            break
        if lets_go and reckoned is not market:  # once, where there is plenty: those far from any use
            chosen[rows], lets_go = kept, False
        chosen |= loss < _close(market, loss)  # and those that came close: prices move a little
        near = prices, 4 * max(market.close, -least)
    flow = np.zeros(len(market), np.int64)
    flow[rows] = units
    return flow, chosen


def _lowered(market: Market) -> Market:
    """The same where each need that can begin will: then its first unit need not be worth so much.

    Smaller numbers are solved faster. If each begins in the answer, it is the best with the full worth as well.
    """
    some = np.bincount(market.need, minlength=len(market.wants)) > 0
    if market.room.sum() < some.sum():
        return market
    most = 4 * max(market.further, int(np.ptp(market.value)) if len(market) else 0)
    return replace(market, wants=market.wants * some, first=np.minimum(market.first, most))


def _misses(market: Market, rows: Ints, units: Ints) -> bool:
    """Whether a need that asks for something gets nothing."""
    got = np.bincount(market.need[rows], units, len(market.wants))
    return bool(((got == 0) & (market.wants > 0)).any())


def _at_first(market: Market, of: Truths, few: int) -> Truths:
    """Of these needs a few edges, the most valuable, and as many others, always the same; all if there are not many."""
    chosen = of[market.need]
    rows = np.flatnonzero(chosen)
    if len(rows) <= ENOUGH:
        return chosen
    need, value = market.need[rows], market.value[rows]
    degrees = np.bincount(need, minlength=len(market.wants))
    dice = (rows.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15) >> np.uint64(44)).astype(np.int64)
    drawn = dice < (few / np.maximum(degrees, 1) * (1 << 20)).astype(np.int64)[need]
    # Need, value and a tie-break in one number: sorted, the last few of each need are its best.
    grain = max(1, int(value.max()) >> 20)
    keys = (need << 42) + (value // grain << 20) + dice
    last = np.cumsum(degrees)
    least = np.sort(keys)[np.maximum(last - few, last - degrees).clip(max=len(keys) - 1)]
    chosen[rows] = drawn | (keys >= least[need])
    return chosen


def _close(market: Market, loss: Ints) -> int:
    """Edges that lose less than this are let in: a little more than none, unless there are too many of them."""
    near = np.sort(loss[loss < market.close])
    return int(near[ENOUGH]) if len(near) > ENOUGH else market.close


def _solve(market: Market, rows: Ints, near: tuple[Prices, int] | None) -> Ints:
    """The best flow over some edges alone.

    `near`: prices that are nearly right, and how far arcs may be from them. What is farther off counts as so far only,
    which is faster, and the best all the same where such arcs stay empty, or full if they are worth it.
    """
    arcs = _arcs(market, rows)
    if near is not None:
        worth, most = _by_node(market, near[0]), near[1]
        off = arcs.cost + worth[arcs.head] - worth[arcs.tail]
        units = _flow(market, replace(arcs, cost=off.clip(-most, most)))
        if not units[off > most].any() and (units >= arcs.most)[off < -most].all():
            return units[: len(rows)]
    return _flow(market, arcs)[: len(rows)]


def _flow(market: Market, arcs: Arcs) -> Ints:
    from ortools.graph.python.min_cost_flow import SimpleMinCostFlow  # noqa: PLC0415 - only who makes a plan waits

    flow = SimpleMinCostFlow()
    flow.add_arcs_with_capacity_and_unit_cost(arcs.tail, arcs.head, arcs.most, arcs.cost)
    flow.set_nodes_supplies(np.arange(len(market.wants)), market.wants)
    flow.set_node_supply(_nodes(market)[2], -int(market.wants.sum()))
    status = flow.solve()
    if status != SimpleMinCostFlow.OPTIMAL:
        raise NoPlan(str(status))
    return np.asarray(flow.flows(np.arange(len(arcs.tail))), np.int64)


def _arcs(market: Market, rows: Ints) -> Arcs:
    """The edges; then from needs to the sink, past all help; from offers to helpers; from helpers to the sink."""
    need, offer = market.need[rows], market.offer[rows]
    offer_at, helper_at, sink = _nodes(market)
    every = np.arange(len(market.wants))
    asked = np.bincount(offer, market.wants[need], len(offer_at)).astype(np.int64)
    room = np.minimum(market.room, asked)
    several = offer_at != helper_at[market.helper]
    week = np.minimum(market.week, np.bincount(market.helper, room, len(helper_at)).astype(np.int64))
    parts: list[tuple[Any, Any, Any, Any]] = [
        (need, offer_at[offer], np.minimum(market.wants[need], market.room[offer]), -market.value[rows]),
        (every, sink, np.minimum(market.wants, 1), market.first),
        (every, sink, np.maximum(market.wants - 1, 0), market.further),
        (offer_at[several], helper_at[market.helper[several]], room[several], 0),
    ]
    steps = STEPS if market.load else 1
    for step in range(steps):
        more = (week - step).clip(0, 1 if step < steps - 1 else None)
        some = more > 0
        parts.append((helper_at[some], sink, more[some], step * market.load))
    return Arcs(*map(np.concatenate, zip(*(np.broadcast_arrays(*part) for part in parts), strict=True)))


def _nodes(market: Market) -> tuple[Ints, Ints, int]:
    """Where offers, helpers and the sink stand, after the needs. A helper with one offer is one node with it."""
    needs, helpers = len(market.wants), len(market.week)
    helper_at = needs + np.arange(helpers)
    several = np.flatnonzero((np.bincount(market.helper, minlength=helpers) > 1)[market.helper])
    offer_at = helper_at[market.helper]
    offer_at[several] = needs + helpers + np.arange(len(several))
    return offer_at, helper_at, needs + helpers + len(several)


def _by_node(market: Market, prices: Prices) -> Ints:
    offer_at, helper_at, sink = _nodes(market)
    worth = np.zeros(sink + 1, np.int64)
    worth[: len(prices.need)] = prices.need
    worth[helper_at] = prices.helper
    worth[offer_at] = prices.offer
    return np.where(abs(worth) < FAR, worth, 0)


def _prices(market: Market, rows: Ints, units: Ints) -> Prices:
    """Prices that tell of every edge whether it could better the flow: the lowest, and of offers then the highest.

    Found round by round until nothing changes, along what the flow leaves free or could give back.
    """
    need, offer, value = market.need[rows], market.offer[rows], market.value[rows]
    got = np.bincount(need, units, len(market.wants)).astype(np.int64)
    given = np.bincount(offer, units, len(market.room)).astype(np.int64)
    load = np.bincount(market.helper, given, len(market.week)).astype(np.int64)
    free, taken = units < np.minimum(market.wants[need], market.room[offer]), units > 0
    used, left = given > 0, given < market.room
    lowest = np.where(got < market.wants, np.where(got > 0, market.further, market.first), -FAR)
    at_offer, at_helper = np.zeros_like(market.room), market.load * (load - 1).clip(0, STEPS - 1)
    while True:
        before = at_offer.copy(), at_helper.copy()
        np.maximum.at(at_helper, market.helper[left], at_offer[left])
        at_offer[used] = np.maximum(at_offer, at_helper[market.helper])[used]
        at_need = lowest.copy()
        np.maximum.at(at_need, need[taken], at_offer[offer[taken]] - value[taken])
        np.maximum.at(at_offer, offer[free], at_need[need[free]] + value[free])
        if np.array_equal(before[0], at_offer) and np.array_equal(before[1], at_helper):
            break
    at_helper = np.where(load < market.week, market.load * load.clip(0, STEPS - 1), FAR)
    np.minimum.at(at_helper, market.helper[used], at_offer[used])
    at_offer = np.where(left, at_helper[market.helper], FAR)
    np.minimum.at(at_offer, offer[taken], at_need[need[taken]] + value[taken])
    return Prices(at_need, at_offer, at_helper)
