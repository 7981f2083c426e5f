"""The plan: the best assignment of all open needs to all open offers, everyone at once.

What counts, each far more than the next: needs begun, the urgent and long waiting first; quantity; how well they fit;
an even load. See docs/decisions on what is exact.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from time import perf_counter
from typing import Any

import numpy as np

from mutualaid.aid.matching.edges import REASONS, Edges, find_edges
from mutualaid.aid.matching.everyone import NO_LIMIT, Everyone, Ints, Truths, load_everyone, pairs_of
from mutualaid.aid.matching.flow import STEPS, Market, best_flow
from mutualaid.aid.matching.ranking import WAITING_DAYS
from mutualaid.networks.models import Network

GRAIN = 1000  # scores count in so many steps
CLOSE = 40  # steps
CLASSES = 3 * (int(WAITING_DAYS) + 1)  # of urgency and days waiting
LARGEST = 1 << 60  # what the solver can reckon with
# So many exchanges in a row may be needed to better a plan, as far as costs keep the levels apart.
CHAIN = 32
# When it is chosen who begins, so many of the units that one line can carry count.
WHOLE = 3


@dataclass(frozen=True)
class Line:
    """One match to propose. `need` and `offer` are ids; `edge` is its row among the plan's edges."""

    need: int
    offer: int
    quantity: int
    edge: int


@dataclass(frozen=True)
class Plan:
    """Lines, the most urgent first; `unmet` says by a key of REASONS why a need gets nothing."""

    everyone: Everyone
    edges: Edges
    lines: list[Line]
    unmet: dict[int, str]
    loads: Ints  # needs by helper, also of those who get none
    seconds: dict[str, float]

    def figures(self) -> dict[str, Any]:
        """The plan in numbers, as the command prints them."""
        reasons = list(self.unmet.values())
        return {
            "needs": len(self.everyone.needs),
            "offers": len(self.everyone.offers),
            "edges": len(self.edges),
            "pruned": self.edges.pruned,
            "matched_needs": len({line.need for line in self.lines}),
            "matched_in_part": self._in_part(),
            "matched_quantity": sum(line.quantity for line in self.lines),
            "load_max": int(self.loads.max(initial=0)),
            "load_gini": round(gini(self.loads), 4),
            "seconds": {stage: round(spent, 3) for stage, spent in self.seconds.items()},
            "unmet": {reason: reasons.count(reason) for reason in REASONS},
        }

    def _in_part(self) -> int:
        """Needs that get some of what they ask for, and not all."""
        asked = dict(
            zip(self.everyone.needs.id.tolist(), self.everyone.needs.uncovered.tolist(), strict=True)
        )
        for line in self.lines:
            asked[line.need] -= line.quantity
        return sum(asked[need] > 0 for need in {line.need for line in self.lines})


def make_plan(
    network: Network,
    *,
    now: datetime,
    area_ids: frozenset[int] = frozenset(),
    at_most: int | None = None,
    begins: Callable[[str], None] = lambda stage: None,
) -> Plan:
    """Reads only. `area_ids`: needs of these areas alone, where any are named. `begins` is told of each stage.

    Raises flow.NoPlan, and TooMany where more than `at_most` posts are open.
    """
    seconds: dict[str, float] = {}

    def timed(stage: str, work: Callable[[], Any]) -> Any:
        begins(stage)
        began = perf_counter()
        done = work()
        seconds[stage] = perf_counter() - began
        return done

    everyone = timed("load", lambda: load_everyone(network, now=now, area_ids=area_ids, at_most=at_most))
    edges = timed("edges", lambda: find_edges(everyone, network.weights))
    units = timed("solve", lambda: assign(everyone, edges))
    lines, unmet, loads = timed("write", lambda: _written(everyone, edges, units))
    return Plan(everyone, edges, lines, unmet, loads, seconds)


def assign(everyone: Everyone, edges: Edges) -> Ints:
    """The units on each edge.

    First who begins with whom: one unit each, so that a helper's week and load count needs. Then, where a need asks
    for more than one, the quantities, over all edges but new ones of helpers whose week is full by then.
    """
    begun, seen = best_flow(_beginning(everyone, edges))
    if not (everyone.needs.uncovered[edges.need] > 1).any():
        return begun
    rows = np.flatnonzero(_allowed(everyone, edges, begun))
    units = np.zeros(len(edges), np.int64)
    units[rows], _ = best_flow(_quantities(everyone, edges, rows, begun[rows] > 0), seen[rows])
    return units


def _beginning(everyone: Everyone, edges: Edges) -> Market:
    needs, offers = everyone.needs, everyone.offers
    carried = np.minimum(np.minimum(needs.uncovered[edges.need], offers.room[edges.offer]), WHOLE)
    helper, week = _helpers(everyone)
    unit, score, need = _levels(everyone, len(week), int(carried.max(initial=1)))
    return Market(
        edges.need.astype(np.int64),
        edges.offer.astype(np.int64),
        value=_steps(edges) * score + (carried - 1) * unit,
        wants=np.ones(len(needs), np.int64),
        first=_classes(everyone) * need,
        further=0,
        room=offers.room,
        helper=helper,
        week=week,
        load=1,
        close=CLOSE * score,
    )


def _quantities(everyone: Everyone, edges: Edges, rows: Ints, begun: Truths) -> Market:
    """Whoever begins goes on, where nothing else is better for it."""
    helper, week = _helpers(everyone)
    unit, score, need = _levels(everyone, len(week), 1)
    return Market(
        edges.need[rows].astype(np.int64),
        edges.offer[rows].astype(np.int64),
        value=_steps(edges)[rows] * score + begun,
        wants=everyone.needs.uncovered,
        first=_classes(everyone) * need + unit,
        further=unit,
        room=everyone.offers.room,
        helper=helper,
        week=np.full(len(week), NO_LIMIT),
        load=0,
        close=CLOSE * score,
    )


def _allowed(everyone: Everyone, edges: Edges, begun: Ints) -> Truths:
    """Edges that may carry quantity: of a helper with a week of their own, no more than it has times left.

    Those that begin a need, and then the best of those to needs that ask for more.
    """
    helper, week = _helpers(everyone)
    who = helper[edges.offer]
    starts = begun > 0
    allowed = starts | (week[who] == NO_LIMIT)
    left = week - np.bincount(who[starts], minlength=len(week))
    more = np.flatnonzero(~allowed & (everyone.needs.uncovered[edges.need] > 1) & (left[who] > 0))
    more = more[np.lexsort((more, -edges.score[more], who[more]))]
    place = np.arange(len(more)) - np.searchsorted(who[more], who[more])
    allowed[more[place < left[who[more]]]] = True
    return np.asarray(allowed)


def _helpers(everyone: Everyone) -> tuple[Ints, Ints]:
    """Whose each offer is, as a row; and each helper's week."""
    people, helper = np.unique(everyone.offers.person, return_inverse=True)
    week = np.full(len(people), NO_LIMIT)
    week[helper] = everyone.offers.week
    return helper, week


def _levels(everyone: Everyone, helpers: int, carried: int) -> tuple[int, int, int]:
    """What a unit, a step of score and a class of need cost, so that no chain of exchanges turns the levels round."""
    nodes = len(everyone.needs) + len(everyone.offers) + helpers + 2
    apart = int((LARGEST / nodes / (STEPS * GRAIN * carried * (CLASSES + 1))) ** (1 / 3))
    apart = max(2, min(apart, nodes, CHAIN))
    score = STEPS * apart
    unit = GRAIN * score * apart
    return unit, score, unit * carried * apart


def _steps(edges: Edges) -> Ints:
    return np.round(edges.score * GRAIN).astype(np.int64)


def _classes(everyone: Everyone) -> Ints:
    """How much it counts that a need is begun: by urgency, then by days waiting."""
    needs = everyone.needs
    waits = np.clip(needs.days, 0, int(WAITING_DAYS))
    return np.asarray(1 + waits + (int(WAITING_DAYS) + 1) * needs.urgency)


def _written(everyone: Everyone, edges: Edges, units: Ints) -> tuple[list[Line], dict[int, str], Ints]:
    needs, offers = everyone.needs, everyone.offers
    chosen = np.flatnonzero(units)
    need, offer = edges.need[chosen], edges.offer[chosen]
    order = np.lexsort((offers.id[offer], needs.id[need], -_classes(everyone)[need]))
    columns = (needs.id[need], offers.id[offer], units[chosen], chosen)
    lines = [Line(*row) for row in zip(*(column[order].tolist() for column in columns), strict=True)]
    left = np.setdiff1d(np.arange(len(needs)), need)
    unmet = {int(needs.id[row]): REASONS[edges.stage[row]] for row in left[np.argsort(needs.id[left])]}
    return lines, unmet, loads_of(everyone, need, offer)


def loads_of(everyone: Everyone, need: Any, offer: Any) -> Ints:
    """How many needs each helper gets, by pairs of rows; nobody who offers something is left out."""
    helper, week = _helpers(everyone)
    pairs = np.unique(pairs_of(need.astype(np.int64), helper[offer], len(week)))
    return np.bincount(pairs % max(1, len(week)), minlength=len(week))


def gini(loads: Ints) -> float:
    """How uneven loads are: 0 for all alike, towards 1 when one has all."""
    if not loads.sum():
        return 0.0
    ordered = np.sort(loads)
    places = np.arange(1, len(ordered) + 1)
    return float(
        2 * (places * ordered).sum() / (len(ordered) * ordered.sum()) - (len(ordered) + 1) / len(ordered)
    )
