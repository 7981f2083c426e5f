"""Units of help from offers to needs at the least cost: a min-cost flow, exact over all edges.

The solver sees a few edges of each need at first. The prices it finds tell of every other edge whether it could make
the flow any better; those that could are added, until there are none. The answer is the same as over all edges.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from ortools.graph.python.min_cost_flow import SimpleMinCostFlow

from mutualaid.aid.matching.everyone import Ints, Truths

STEPS = 6  # the load of a helper costs more with each need, up to so many
FEW = 8  # edges of a need, at first
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
    """The units on each edge, and which edges the solver saw; it may be told which to see first. Raises NoPlan."""
    chosen = _at_first(market) if seen is None else seen.copy()
    while True:
        rows = np.flatnonzero(chosen)
        units = _solve(market, rows)
        asked, offered = _prices(market, rows, units)
        loss = offered[market.offer] - market.value - asked[market.need]
        loss[chosen] = FAR
        if loss.min(initial=FAR) >= 0:
            break
        chosen |= loss < _close(market, loss)  # and those that came close: prices move a little
    flow = np.zeros(len(market), np.int64)
    flow[rows] = units
    return flow, chosen


def _at_first(market: Market) -> Truths:
    """Of each need the most valuable edges and as many others, always the same ones; all if there are not many."""
    if len(market) <= ENOUGH:
        return np.ones(len(market), bool)
    degrees = np.bincount(market.need, minlength=len(market.wants))
    places = np.arange(len(market))
    dice = (places.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15) >> np.uint64(44)).astype(np.int64)
    chosen = dice < (FEW / np.maximum(degrees, 1))[market.need] * (1 << 20)
    # Need, value and a tie-break in one number: sorted, the last few of each need are its best.
    grain = max(1, int(market.value.max()) >> 20)
    keys = (market.need << 42) + (market.value // grain << 20) + dice
    last = np.cumsum(degrees)
    least = np.sort(keys)[np.maximum(last - FEW, last - degrees).clip(max=len(keys) - 1)]
    return np.asarray(chosen | (keys >= least[market.need]))


def _close(market: Market, loss: Ints) -> int:
    """Edges that lose less than this are let in: a little more than none, unless there are too many of them."""
    near = np.sort(loss[loss < market.close])
    return int(near[ENOUGH]) if len(near) > ENOUGH else market.close


def _solve(market: Market, rows: Ints) -> Ints:
    """The best flow over some edges alone: from a source to needs, offers, helpers and the sink."""
    needs, offers, helpers = len(market.wants), len(market.room), len(market.week)
    offer_at, helper_at = needs, needs + offers
    source, sink = helper_at + helpers, helper_at + helpers + 1
    every, total = np.arange(needs), int(market.wants.sum())
    steps = STEPS if market.load else 1
    flow = SimpleMinCostFlow()

    def arcs(tail: Any, head: Any, most: Any, cost: Any) -> Ints:
        ends = [np.atleast_1d(part) for part in np.broadcast_arrays(tail, head, most, cost)]
        some = ends[2] > 0
        return np.asarray(flow.add_arcs_with_capacity_and_unit_cost(*(part[some] for part in ends)))

    need, offer = market.need[rows], market.offer[rows]
    most = np.minimum(market.wants[need], market.room[offer])
    edges = arcs(need, offer_at + offer, most, -market.value[rows])
    arcs(source, every, np.minimum(market.wants, 1), -market.first)
    arcs(source, every, market.wants - 1, -market.further)
    arcs(offer_at + np.arange(offers), helper_at + market.helper, np.minimum(market.room, total), 0)
    week = np.minimum(market.week, total)
    for step in range(steps):
        room = np.minimum(1, week - step) if step < steps - 1 else week - step
        arcs(helper_at + np.arange(helpers), sink, np.maximum(room, 0), step * market.load)
    arcs(source, sink, total, 0)
    flow.set_node_supply(source, total)
    flow.set_node_supply(sink, -total)
    status = flow.solve()
    if status != SimpleMinCostFlow.OPTIMAL:
        raise NoPlan(str(status))
    return np.asarray(flow.flows(edges), np.int64)


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
