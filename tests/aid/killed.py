"""Erasing in a process of its own that is killed half way: what is done is done whole, and the next run ends it."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import timedelta

from flask import Flask
from sqlalchemy import func, select

from mutualaid import erased
from mutualaid.aid import lifecycle
from mutualaid.aid.models import Post, PostDetails
from mutualaid.config import ROOT
from mutualaid.db import db, reading_only, utcnow
from mutualaid.people.models import Person
from tests.factories import actor_of, make_category, make_need, make_network, make_person
from tests.processes import settings_of

LONG_AGO = timedelta(days=31)


def make_people(number: int, slug: str = "garrison") -> int:
    """With a need each, taken back so long ago that all are due."""
    network = make_network(slug, created_at=utcnow())
    groceries, then = make_category(network), utcnow() - LONG_AGO
    for index in range(number):
        person = make_person(network, f"Amina {index}", created_at=then)
        need = make_need(person, groceries, details="Second floor.", now=then)
        lifecycle.withdraw(need, by=actor_of(person), now=then)
    network_id = network.id
    db.session.commit()
    return network_id


def start(app: Flask, *command: str, typed: str = "") -> "subprocess.Popen[bytes]":
    process = subprocess.Popen(
        [sys.executable, "-m", "flask", "--app", "wsgi", *command],
        cwd=ROOT,
        env=settings_of(app),
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
    )
    assert process.stdin
    process.stdin.write(typed.encode())
    process.stdin.close()
    return process


def kill_when(process: "subprocess.Popen[bytes]", half_way: Callable[[], bool]) -> bool:
    """Whether it was still at work."""
    while process.poll() is None:
        if half_way():
            process.send_signal(signal.SIGKILL)
            return process.wait() == -signal.SIGKILL
        time.sleep(0.002)
    return False


def count(model: type, *which: object) -> int:
    with reading_only():
        found = db.session.scalar(select(func.count()).select_from(model).where(*which))  # type: ignore[arg-type]
        db.session.commit()
    return found or 0


def left() -> int:
    return count(Person, Person.erased_at.is_(None))


def check_whole() -> None:
    """Nobody is half erased, and whoever is erased is noted outside."""
    with reading_only():
        people = db.session.execute(select(Person.id, Person.erased_at, Person.name_sealed)).all()
        words = set(db.session.scalars(select(Post.person_id).join(PostDetails, PostDetails.id == Post.id)))
        db.session.commit()
    gone = {person.id for person in people if person.erased_at is not None}
    assert gone == {person.id for person in people if person.name_sealed is None}
    assert gone == {person.id for person in people} - words
    assert gone <= {entry.id for entry in erased.entries() if entry.what == "person"}
