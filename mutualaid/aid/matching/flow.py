"""Units of help from offers to needs at the least cost: a min-cost flow, exact over all edges.

The solver sees a few edges of each need at first. The prices it finds tell of every other edge whether it could make
the flow any better; those that could are added, until there are none. The answer is the same as over all edges.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from ortools.graph.python.min_cost_flow import SimpleMinCostFlow

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


def best_flow(market: Market, seen: Truths | None = None) -> tuple[Ints, Truths]:
    """The units on each edge, and which edges the solver saw. Raises NoPlan.

    Where `seen` says which edges to begin with, only needs that ask for more than one see others beside them.
    """
    chosen = _at_first(market, market.wants > (0 if seen is None else 1))
    if seen is not None:
        chosen |= seen
    reckoned, lets_go = _lowered(market), seen is None
    while True:
        rows = np.flatnonzero(chosen)
        units = _solve(reckoned, rows)
        if reckoned is not market and _misses(reckoned, rows, units):
            reckoned = market
            continue
        asked, offered = _prices(reckoned, rows, units)
        loss = offered[market.offer] - market.value - asked[market.need]
        kept = (units > 0) | (loss[rows] < market.close)
        loss[rows] = FAR
        if loss.min(initial=FAR) >= 0:
            break
        if lets_go and reckoned is not market:  # once, where there is plenty: those far from any use
            chosen[rows], lets_go = kept, False
        chosen |= loss < _close(market, loss)  # and those that came close: prices move a little
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


def _at_first(market: Market, of: Truths) -> Truths:
    """Of these needs the most valuable edges and as many others, always the same ones; all if there are not many."""
    chosen = of[market.need]
    rows = np.flatnonzero(chosen)
    if len(rows) <= ENOUGH:
        return chosen
    need, value = market.need[rows], market.value[rows]
    degrees = np.bincount(need, minlength=len(market.wants))
    dice = (rows.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15) >> np.uint64(44)).astype(np.int64)
    drawn = dice < (FEW / np.maximum(degrees, 1) * (1 << 20)).astype(np.int64)[need]
    # Need, value and a tie-break in one number: sorted, the last few of each need are its best.
    grain = max(1, int(value.max()) >> 20)
    keys = (need << 42) + (value // grain << 20) + dice
    last = np.cumsum(degrees)
    least = np.sort(keys)[np.maximum(last - FEW, last - degrees).clip(max=len(keys) - 1)]
    chosen[rows] = drawn | (keys >= least[need])
    return chosen


def _close(market: Market, loss: Ints) -> int:
    """Edges that lose less than this are let in: a little more than none, unless there are too many of them."""
    near = np.sort(loss[loss < market.close])
    return int(near[ENOUGH]) if len(near) > ENOUGH else market.close


def _solve(market: Market, rows: Ints) -> Ints:
    """The best flow over some edges alone: from needs to offers, helpers and the sink, or past them to the sink."""
    need, offer = market.need[rows], market.offer[rows]
    every = np.arange(len(market.wants))
    offer_at, helper_at, sink = _nodes(market)
    flow = SimpleMinCostFlow()

    def arcs(tail: Any, head: Any, most: Any, cost: Any) -> Ints:
        ends = np.broadcast_arrays(tail, head, most, cost)
        some = ends[2] > 0
        return np.asarray(flow.add_arcs_with_capacity_and_unit_cost(*(part[some] for part in ends)))

    edges = arcs(
        need, offer_at[offer], np.minimum(market.wants[need], market.room[offer]), -market.value[rows]
    )
    arcs(every, sink, np.minimum(market.wants, 1), market.first)
    arcs(every, sink, market.wants - 1, market.further)
    asked = np.bincount(offer, market.wants[need], len(offer_at)).astype(np.int64)
    room = np.minimum(market.room, asked)
    several = offer_at != helper_at[market.helper]
    arcs(offer_at[several], helper_at[market.helper[several]], room[several], 0)
    week = np.minimum(market.week, np.bincount(market.helper, room, len(helper_at)).astype(np.int64))
    steps = STEPS if market.load else 1
    for step in range(steps):
        more = np.minimum(1, week - step) if step < steps - 1 else week - step
        arcs(helper_at, sink, np.maximum(more, 0), step * market.load)
    flow.set_nodes_supplies(every, market.wants)
    flow.set_node_supply(sink, -int(market.wants.sum()))
    status = flow.solve()
    if status != SimpleMinCostFlow.OPTIMAL:
        raise NoPlan(str(status))
    return np.asarray(flow.flows(edges), np.int64)


def _nodes(market: Market) -> tuple[Ints, Ints, int]:
    """Where offers, helpers and the sink stand, after the needs. A helper with one offer is one node with it."""
    needs, helpers = len(market.wants), len(market.week)
    helper_at = needs + np.arange(helpers)
    several = np.flatnonzero((np.bincount(market.helper, minlength=helpers) > 1)[market.helper])
    offer_at = helper_at[market.helper]
    offer_at[several] = needs + helpers + np.arange(len(several))
    return offer_at, helper_at, needs + helpers + len(several)


def _prices(market: Market, rows: Ints, units: Ints) -> tuple[Ints, Ints]:
    """What one unit more costs at each need (at least) and at each offer (at most): the way to the sink.

    Shortest ways through what the flow leaves free or could give back, found round by round until nothing changes.
    """
    need, offer, value = market.need[rows], market.offer[rows], market.value[rows]
    got = np.bincount(need, units, len(market.wants)).astype(np.int64)
    used = np.bincount(offer, units, len(market.room)).astype(np.int64)
    load = np.bincount(market.helper, used, len(market.week)).astype(np.int64)
    at_helper = np.where(load < market.week, market.load * np.minimum(load, STEPS - 1), FAR)
    give_up = np.where(got > 1, market.further, np.where(got > 0, market.first, FAR))
    free = units < np.minimum(market.wants[need], market.room[offer])
    begins, taken = np.flatnonzero(np.diff(need[free], prepend=-1)), units > 0
    open_to, open_value, who = offer[free], value[free], need[free][begins]
    at_offer, at_need = np.full(len(market.room), FAR), give_up.copy()
    while True:
        before = at_offer
        at_offer = np.where(used < market.room, at_helper[market.helper], FAR)
        np.minimum.at(at_offer, offer[taken], value[taken] + at_need[need[taken]])
        np.minimum.at(at_helper, market.helper[used > 0], at_offer[used > 0])
        at_offer = np.minimum(at_offer, FAR)
        if np.array_equal(before, at_offer):
            break
        if len(begins):
            at_need[who] = np.minimum(
                give_up[who], np.minimum.reduceat(at_offer[open_to] - open_value, begins)
            )
    lowest = np.where(got < market.wants, np.where(got > 0, market.further, market.first), -FAR)
    np.maximum.at(lowest, need[taken], at_offer[offer[taken]] - value[taken])
    return lowest, at_offer
