"""The last step of creating a post, sent by many at once: how many a second, how long each waits, and none lost."""

import json
import os
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

from flask import Flask, g, session
from flask_wtf.csrf import generate_csrf
from sqlalchemy import select

from benchmarks.city import SLUG, load
from benchmarks.place import app_in
from benchmarks.serving import Visitor, percentile, served
from mutualaid.aid import drafts
from mutualaid.aid.models import Post
from mutualaid.db import db, utcnow
from mutualaid.networks.models import Network
from mutualaid.places.areas import areas_of

STANDING, DRAFTS, WARM, CLIENTS = 10_000, 3_000, 200, 12
ANSWERED = timedelta(minutes=2)  # so long it took
Ready = tuple[int, str, str]  # the draft, the cookie of its browser, and the token of the form


def measure(folder: Path, *, url: str = "") -> list[dict[str, Any]]:
    app = app_in(folder, url=url)
    with app.app_context():
        load(STANDING)
        ready = prepared(app, WARM + DRAFTS)
    with served(folder, url) as port:
        send_all(port, ready[:WARM])
        began = time.perf_counter()
        sent = send_all(port, ready[WARM:])
        took = time.perf_counter() - began
    with app.app_context():
        found = posted()
    lost = [draft for draft, _ in sent if draft not in found]
    seconds = [waited for _, waited in sent]
    return [
        {
            "what": "last step of posting",
            "sent": DRAFTS,
            "taken": len(sent),
            "lost": len(lost),
            "per_second": round(len(sent) / took, 1),
            "p50_ms": round(percentile(seconds, 0.5), 1),
            "p99_ms": round(percentile(seconds, 0.99), 1),
            "fsync_ms": round(fsync_ms(folder), 2),
        }
    ]


def prepared(app: Flask, many: int) -> list[Ready]:
    """So many drafts with every question answered, each with the browser of whoever answered."""
    network, now = db.session.scalars(select(Network).where(Network.slug == SLUG)).one(), utcnow()
    areas = [area.id for area in areas_of(network)]
    ready = []
    for n in range(many):
        draft, token = drafts.begin(network, "need", now - ANSWERED)
        draft.answers = json.dumps(answers(n, areas[n % len(areas)]))
        ready.append((draft.id, *browser(app, {f"draft:{network.id}:need": token})))
    db.session.commit()
    return ready


def browser(app: Flask, kept: dict[str, str]) -> tuple[str, str]:
    """The session cookie and the form's token, as a browser holds them before the last step."""
    with app.test_request_context():
        g.pop("csrf_token", None)  # the one before it was made in the same context
        session.update(kept)
        token = generate_csrf()
        serializer = app.session_interface.get_signing_serializer(app)
        assert serializer is not None
        return str(serializer.dumps(dict(session))), token


def answers(n: int, area_id: int) -> dict[str, dict[str, Any]]:
    """Three boxes of groceries, by somebody new."""
    matters = {
        "spoken": ["en"],
        "traits": [],
        "details": "Third floor.",
        "interpreter": False,
        "choose_for_me": False,
    }
    reach = {"reach": "call", "phone": f"+1416555{n % 10_000:04}", "email": "", "hours": ["morning"]}
    return {
        "what": {"what": ["food"]},
        "which": {"kinds_food": ["groceries"], "many_groceries": 3},
        "where": {"area": str(area_id)},
        "travel": {"travel": "host", "reach": None},
        "when": {"urgency": "1", "times": "any", "slots": [], "until": None},
        "matters": matters,
        "reach": {"name": "Amina", "language": "en", **reach},
    }


def send_all(port: int, ready: list[Ready]) -> list[tuple[int, float]]:
    """What was taken: the draft, and how long its browser waited."""
    waiting, taken = iter(ready), []
    lock = threading.Lock()

    def client() -> None:
        visitor = Visitor(port)
        for draft, seconds in sent_by(visitor, waiting, lock):
            taken.append((draft, seconds))

    clients = [threading.Thread(target=client) for _ in range(CLIENTS)]
    for thread in clients:
        thread.start()
    for thread in clients:
        thread.join()
    return taken


def sent_by(visitor: Visitor, waiting: Iterator[Ready], lock: threading.Lock) -> Iterator[tuple[int, float]]:
    while True:
        with lock:
            mine = next(waiting, None)
        if mine is None:
            return
        draft, visitor.cookies, visitor.token = mine[0], {"session": mine[1]}, mine[2]
        visitor.connection.close()  # every draft is another browser's, which connects anew
        began = time.perf_counter()
        visitor.headers["X-Forwarded-For"] = f"10.{mine[0] >> 16 & 255}.{mine[0] >> 8 & 255}.{mine[0] & 255}"
        status, where = visitor.post(f"/{SLUG}/post/need/check")
        if status == 303 and where.endswith("/posted"):
            yield draft, time.perf_counter() - began


def posted() -> frozenset[int]:
    found = db.session.scalars(select(Post.draft_id).where(Post.draft_id.is_not(None)))
    return frozenset(draft for draft in found if draft is not None)


def fsync_ms(folder: Path, times: int = 100) -> float:
    """How long this disk takes to keep four kilobytes: nothing that is acknowledged can be faster."""
    path = folder / "fsync"
    with path.open("wb") as file:
        began = time.perf_counter()
        for _ in range(times):
            file.write(b"x" * 4096)
            file.flush()
            os.fsync(file.fileno())
        took = time.perf_counter() - began
    path.unlink()
    return 1000 * took / times
