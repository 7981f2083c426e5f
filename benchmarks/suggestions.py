"""Ranked, explained suggestions for one need, in cities of growing size, held against the same rows read raw.

    python -m benchmarks.suggestions FOLDER --posts 1000000

prints JSON. Where DATABASE_URL names a PostgreSQL server, each city gets a database of its own there.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlalchemy import NullPool, create_engine, event, make_url, select

from benchmarks.bulk import told
from benchmarks.city import load
from benchmarks.place import app_in
from benchmarks.serving import percentile
from mutualaid.aid.matching.search import suggestions
from mutualaid.aid.models import Post
from mutualaid.db import db, reading_only, utcnow
from mutualaid.networks.models import Network

Rows = list[dict[str, Any]]
SIZES = (10_000, 100_000, 1_000_000)
NEEDS = 300  # drawn by chance, once a few have warmed everything up
WARM = 30


def measure(folder: Path, *, posts: int, seed: int) -> Rows:
    """One row by size, up to `posts`; the largest city is kept in the folder itself, where others use it too.

    `growth`: how many times the p95 of the smallest city.
    """
    rows = []
    for size in (*(size for size in SIZES if size < posts), posts):
        with place_for(folder if size == posts else folder / str(size)) as (where, url):
            row = measure_one(where, url, size, seed)
        rows.append(row | {"growth": round(row["p95_ms"] / (rows or [row])[0]["p95_ms"], 1)})
    return rows


def on_postgresql(folder: Path, *, posts: int, seed: int) -> Rows:
    """The same on a PostgreSQL server that stands for as long; no rows where none can run."""
    me = [sys.executable, "-m", "benchmarks.suggestions", str(folder / "postgresql")]
    command = [sys.executable, "-m", "tests.with_postgresql", *me, "--posts", str(posts), "--seed", str(seed)]
    said = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True).stdout
    return next((json.loads(line) for line in said.splitlines() if line.startswith("[")), [])


@contextmanager
def place_for(folder: Path) -> Iterator[tuple[Path, str]]:
    """Where a city is kept, and the database it is in: a file of the folder, or one made on the server."""
    server = os.environ.get("DATABASE_URL", "")
    if not server:
        yield folder, ""
        return
    url, name = make_url(server.replace("postgresql://", "postgresql+psycopg://")), f"bench_{uuid4().hex}"
    with create_engine(url, isolation_level="AUTOCOMMIT", poolclass=NullPool).connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
        yield folder, url.set(database=name).render_as_string(hide_password=False)
        connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")


def measure_one(folder: Path, url: str, size: int, seed: int) -> dict[str, Any]:
    with app_in(folder, url=url).app_context():
        with reading_only():
            stands = db.session.scalar(select(Post.id).limit(1)) is not None
            db.session.rollback()
        if not stands:
            load(size, seed)
            db.session.commit()
        with reading_only(), told(f"suggestions for {NEEDS} needs among {size:,} posts"):
            found = times(random.Random(seed))  # noqa: S311
            database = db.engine.dialect.name
            db.session.rollback()
            db.engine.dispose()
    return {"database": database, "posts": size, **found}


def times(dice: random.Random) -> dict[str, Any]:
    """How long suggestions take, and how long the driver alone takes for the same statements."""
    network = db.session.scalars(select(Network)).one()
    open_needs = select(Post.id).where(Post.kind == "need", Post.state == "open").order_by(Post.id)
    ids = dice.sample(list(db.session.scalars(open_needs)), WARM + NEEDS)
    ours, raw, fits = [], [], 0
    for post_id in ids:
        post = db.session.get_one(Post, (network.id, post_id))
        with asked() as statements:
            took, some = timed(lambda post=post: explained(network, post))
        ours.append(took)
        raw.append(timed(lambda statements=statements: read_raw(statements))[0])
        fits += some
    ours, raw = ours[WARM:], raw[WARM:]
    return {
        "needs": NEEDS,
        "fits": round(fits / len(ids), 1),
        "p50_ms": round(percentile(ours, 0.5), 2),
        "p95_ms": round(percentile(ours, 0.95), 2),
        "raw_p50_ms": round(percentile(raw, 0.5), 2),
        "raw_p95_ms": round(percentile(raw, 0.95), 2),
        "p95_times_raw": round(percentile(ours, 0.95) / percentile(raw, 0.95), 1),
    }


def explained(network: Network, post: Post) -> int:
    """Every suggestion with its reasons and its buts, as a page shows them; how many."""
    fits, _misses = suggestions(network, post, now=utcnow())
    return len([(fit.reasons, fit.buts) for fit in fits])


@contextmanager
def asked() -> Iterator[list[tuple[str, Any]]]:
    statements: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        statements.append((statement, parameters))

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


def read_raw(statements: list[tuple[str, Any]]) -> int:
    """The same rows and columns, by the driver alone."""
    driver: Any = db.session.connection().connection.driver_connection
    return sum(len(driver.execute(statement, parameters).fetchall()) for statement, parameters in statements)


def timed(work: Callable[[], int]) -> tuple[float, int]:
    began = time.perf_counter()
    found = work()
    return time.perf_counter() - began, found


if __name__ == "__main__":
    asked_for = argparse.ArgumentParser(prog="python -m benchmarks.suggestions")
    asked_for.add_argument("folder", type=Path)
    asked_for.add_argument("--posts", type=int, default=1_000_000)
    asked_for.add_argument("--seed", type=int, default=1)
    options = asked_for.parse_args()
    print(json.dumps(measure(options.folder.absolute(), posts=options.posts, seed=options.seed)))
