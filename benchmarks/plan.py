"""The plan for everyone at once: how long it takes, and how many needs it meets where help is scarce.

    python -m benchmarks.plan [--needs 10000] [--haiti FILE.csv] [--json]

Scarce: each need asks for one, and the offers together have as many as 60% of the needs. The plan is held against two
simpler rules over the same pairs that fit: each need, in order of arrival, takes the nearest offer that has something
left; or the one with the best score.
"""

import argparse
import json
import os
import resource
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from ortools.graph.python.max_flow import SimpleMaxFlow
from sqlalchemy import func, select, update

from benchmarks import city
from benchmarks.place import app_in
from mutualaid.aid.categories import add_default_categories
from mutualaid.aid.importing import RejectedRows, Taker, open_text, read_mapping, read_rows
from mutualaid.aid.importing.reports import Reader
from mutualaid.aid.matching.edges import Edges
from mutualaid.aid.matching.everyone import Everyone
from mutualaid.aid.matching.plan import gini, loads_of, make_plan
from mutualaid.aid.models import Post
from mutualaid.cli_posts import reports_in
from mutualaid.db import db, reading_only, utcnow
from mutualaid.networks.models import Network
from mutualaid.networks.verbs import create_network

Rows = list[dict[str, Any]]
SHARE = 0.6
MAPPING = Path(__file__).parent.parent / "docs" / "examples" / "haiti.toml"


def measure(folder: Path, *, needs: int = 10_000, seed: int = 1) -> Rows:
    """The plan of a made city with so many needs and as many offers; the second of two runs."""
    with app_in(folder / "plan").app_context():
        network = db.session.scalar(select(Network)) or city.load(2 * needs, seed)
        rows = []
        for run in ("first", "again"):
            with reading_only():
                found = make_plan(network, now=utcnow()).figures()
                db.session.rollback()
            seconds = found.pop("seconds")
            unmet = found.pop("unmet")
            total = {"seconds": round(sum(seconds.values()), 2)}
            stages = {f"{stage} s": round(spent, 2) for stage, spent in seconds.items()}
            memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
            rows.append({"run": run, **found, "unmet": sum(unmet.values()), **stages, **total, "MiB": memory})
        return rows


def measure_scarce(folder: Path, *, needs: int = 10_000, seed: int = 1, haiti: str = "") -> Rows:
    """Three rules on made data and, where their file is at hand, on the reports of Haiti."""
    with app_in(folder / "scarce").app_context():
        rows = against_each_other("made", city.load(2 * needs, seed), seed)
    path = Path(haiti or os.environ.get("HAITI_REPORTS", ""))
    if not path.is_file():
        print("Haiti: the file of reports is not here (HAITI_REPORTS names it); left out.", file=sys.stderr)
        return rows
    with app_in(folder / "haiti").app_context():
        return rows + against_each_other("haiti", network_of(path), seed)


def network_of(path: Path) -> Network:
    """A network with the needs and offers of the reports."""
    now = utcnow()
    network = create_network(
        "haiti", "Haiti 2010", languages=["en"], timezone="America/Port-au-Prince", resolution=7, now=now
    )
    add_default_categories(network)
    db.session.commit()
    taker = Taker(network, read_mapping(MAPPING))
    with tempfile.TemporaryDirectory() as spare, open_text(path, taker.mapping.encoding) as text:
        rows = read_rows(text)
        reader = Reader(taker.mapping, next(rows).cells)
        with RejectedRows(Path(spare) / "rejected.csv", reader.header) as rejected:
            taker.take_in(reports_in(list(rows), reader, rejected, now), now)
    db.session.commit()
    return network


def against_each_other(data: str, network: Network, seed: int) -> Rows:
    make_scarce(network, seed)
    with reading_only():
        plan = make_plan(network, now=utcnow())
        db.session.rollback()
    everyone, edges = plan.everyone, plan.edges
    chosen = np.array([line.edge for line in plan.lines])
    rules = {
        "the plan": chosen,
        "nearest first": one_by_one(everyone, edges, lambda some: int(np.argmin(edges.km[some]))),
        "best score first": one_by_one(everyone, edges, lambda some: int(np.argmax(edges.score[some]))),
    }
    shared = {"needs": len(everyone.needs), "room": int(everyone.offers.room.sum()), "pairs": len(edges)}
    possible = most_possible(everyone, edges)
    rows = []
    for rule, taken in rules.items():
        loads = loads_of(everyone, edges.need[taken], edges.offer[taken])
        met = {"met": len(np.unique(edges.need[taken])), "possible": possible}
        uneven = {"load max": int(loads.max()), "gini": round(gini(loads), 3)}
        score = {"mean score": round(float(edges.score[taken].mean()), 3)}
        rows.append({"data": data, "rule": rule, **shared, **met, **uneven, **score})
    return rows


def make_scarce(network: Network, seed: int) -> None:
    """Offers are left until they have as many as 60% of the needs; where there are too few, they get more each."""
    of = Post.network_id == network.id
    asked = (of, Post.kind == "need", Post.state == "open", Post.uncovered > 0)
    db.session.execute(update(Post).where(*asked).values(quantity=1, uncovered=1))
    needs = db.session.scalar(select(func.count()).select_from(Post).where(*asked)) or 0
    offered = (of, Post.kind == "offer", Post.state == "open")
    ids = list(db.session.scalars(select(Post.id).where(*offered).order_by(Post.id)))
    left = np.random.default_rng(seed).permutation(ids)[: int(SHARE * needs)].tolist()
    stock = max(1, round(SHARE * needs / max(1, len(left))))
    db.session.execute(update(Post).where(*offered).values(paused_at=utcnow()))
    for first in range(0, len(left), 500):
        some = Post.id.in_(left[first : first + 500])
        db.session.execute(
            update(Post).where(of, some).values(paused_at=None, stock=stock, stock_left=stock, per_week=None)
        )
    db.session.commit()


def one_by_one(everyone: Everyone, edges: Edges, best: Callable[[Any], int]) -> Any:
    """Each need in order of arrival takes the best offer of those that have something left."""
    room, week = everyone.offers.room.copy(), everyone.offers.week.copy()
    begins = np.searchsorted(edges.need, np.arange(len(everyone.needs) + 1))
    people = everyone.offers.person
    taken = []
    for need in np.argsort(everyone.needs.id).tolist():
        some = np.arange(begins[need], begins[need + 1])
        some = some[(room[edges.offer[some]] > 0) & (week[edges.offer[some]] > 0)]
        if len(some):
            edge = some[best(some)]
            offer = edges.offer[edge]
            room[offer] -= 1
            week[people == people[offer]] -= 1
            taken.append(edge)
    return np.array(taken)


def most_possible(everyone: Everyone, edges: Edges) -> int:
    """How many needs can be met at all: a largest flow, reckoned by itself."""
    needs, offers = len(everyone.needs), len(everyone.offers)
    people, helper = np.unique(everyone.offers.person, return_inverse=True)
    week = np.zeros(len(people), np.int64)
    week[helper] = np.minimum(everyone.offers.week, needs)
    at_offer, at_helper, source = needs, needs + offers, needs + offers + len(people)
    flow = SimpleMaxFlow()
    one = np.ones(needs, np.int64)
    flow.add_arcs_with_capacity(np.full(needs, source), np.arange(needs), one)
    flow.add_arcs_with_capacity(edges.need, at_offer + edges.offer, np.ones(len(edges), np.int64))
    room = np.minimum(everyone.offers.room, needs)
    flow.add_arcs_with_capacity(at_offer + np.arange(offers), at_helper + helper, room)
    flow.add_arcs_with_capacity(at_helper + np.arange(len(people)), np.full(len(people), source + 1), week)
    flow.solve(source, source + 1)
    return int(flow.optimal_flow())


def main() -> None:
    asked = argparse.ArgumentParser(description="The plan: how long it takes, and what it brings.")
    asked.add_argument("--needs", type=int, default=10_000)
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--haiti", default="", help="the CSV file of reports")
    asked.add_argument("--json", action="store_true")
    options = asked.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-") as made:
        results = {
            "plan": measure(Path(made), needs=options.needs, seed=options.seed),
            "scarce": measure_scarce(Path(made), needs=options.needs, seed=options.seed, haiti=options.haiti),
        }
    print(json.dumps(results, indent=1))


if __name__ == "__main__":
    main()
