"""The desk and the page of one need in a large city, as a coordinator's browser asks for them."""

import random
import time
from pathlib import Path
from typing import Any

from sqlalchemy import event, func, select

from benchmarks.city import EMAIL, PASSWORD, SLUG, load
from benchmarks.place import app_in
from benchmarks.serving import Visitor, percentile, served
from mutualaid.aid.desk_queries import POST_QUEUES
from mutualaid.aid.models import Post
from mutualaid.db import db, reading_only
from mutualaid.networks.models import Network

PAGES = 200  # of each sort, once a few have warmed the server up
WARM = 24


def measure(folder: Path, *, posts: int, seed: int, url: str = "") -> list[dict[str, Any]]:
    """One row each for the desk, its queues, its filters and opened needs."""
    app = app_in(folder, url=url)
    with app.app_context(), reading_only():
        standing = db.session.scalar(select(Post.id).limit(1))
        db.session.rollback()
    if standing is None:
        with app.app_context():
            load(posts, seed)
    sorts = addresses(app, random.Random(seed))  # noqa: S311
    queries = {sort: count_queries(app, paths[0]) for sort, paths in sorts.items()}
    with served(folder, url) as port:
        visitor = signed_in(port)
        return [
            {"what": sort, **timed(visitor, paths), "queries": queries[sort]} for sort, paths in sorts.items()
        ]


def addresses(app: Any, dice: random.Random) -> dict[str, list[str]]:
    desk = f"/{SLUG}/desk"
    with app.app_context(), reading_only():
        network = db.session.scalars(select(Network.id).where(Network.slug == SLUG)).one()
        mine = Post.network_id == network
        lowest, highest = db.session.execute(select(func.min(Post.id), func.max(Post.id)).where(mine)).one()
        some = select(Post.id, Post.area_id).where(mine, Post.kind == "need", Post.state == "open")
        needs = [
            db.session.execute(
                some.where(Post.id >= dice.randint(lowest, highest)).order_by(Post.id).limit(1)
            ).first()
            for _ in range(WARM + PAGES)
        ]
    found = [row for row in needs if row]
    queues = [f"{desk}?queue={queue}" for queue in POST_QUEUES]
    return {
        "the desk": [desk] * (WARM + PAGES),
        "each queue": [queues[n % len(queues)] for n in range(WARM + PAGES)],
        "a queue of one area": [f"{desk}?queue=looking&area={row.area_id}" for row in found if row.area_id],
        "a need": [f"{desk}/{row.id}?queue=needs" for row in found],
    }


def signed_in(port: int) -> Visitor:
    visitor = Visitor(port)
    visitor.get("/sign-in")
    status, where = visitor.post("/sign-in", email=EMAIL, password=PASSWORD)
    assert status in (302, 303), (status, where)
    return visitor


def timed(visitor: Visitor, paths: list[str]) -> dict[str, Any]:
    seconds = []
    for path in paths:
        began = time.perf_counter()
        status, _ = visitor.get(path)
        seconds.append(time.perf_counter() - began)
        assert status == 200, (path, status)
    later = seconds[WARM:] or seconds
    return {
        "pages": len(later),
        "p50_ms": round(percentile(later, 0.5), 1),
        "p95_ms": round(percentile(later, 0.95), 1),
    }


def count_queries(app: Any, path: str) -> int:
    """How often one page asks the database; the second time, when nothing has to be set up."""
    asked: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.startswith("BEGIN"):
            asked.append(statement)

    app.config["WTF_CSRF_ENABLED"] = False
    client = app.test_client()
    assert client.post("/sign-in", data={"email": EMAIL, "password": PASSWORD}).status_code in (302, 303)
    app.config["WTF_CSRF_ENABLED"] = True
    client.get(path)
    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", note)
        client.get(path)
        event.remove(db.engine, "before_cursor_execute", note)
    return len(asked)
