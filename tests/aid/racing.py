"""Twenty processes that do the same to the same at once: made once, then held at a gate before each round."""

import multiprocessing
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection
from typing import Any

from flask import Flask

from mutualaid.aid.lifecycle import Refused
from mutualaid.db import db, set_reading_only

RACERS = 20
PATIENCE = 120  # seconds, on a machine that has much else to do
WON, REFUSED = "won", "refused"
ONE_WINNER = [REFUSED] * (RACERS - 1) + [WON]

Meet = Callable[[], None]
Race = Callable[..., str]
Check = Callable[[Flask, "Racers", str], None]


class Racers:
    def __init__(self, lanes: list[Connection]) -> None:
        self.lanes = lanes

    def run(self, race: Race, **known: Any) -> list[str]:
        """What came of it for each, sorted. `known` is told to all of them, and to each its `place`."""
        for lane in self.lanes:
            lane.send((race, known))
        return sorted(lane.recv() if lane.poll(PATIENCE) else "no answer" for lane in self.lanes)


class Alone(Racers):
    """Runs before the others are made, so that what SQLAlchemy learns by it need not be learned twenty times."""

    def __init__(self, app: Flask) -> None:
        self.app = app

    def run(self, race: Race, **known: Any) -> list[str]:
        return [outcome(lambda: race(self.app, db.session.commit, place=0, **known))]


@contextmanager
def racers(app: Flask, races: Iterable[Check]) -> Iterator[Racers]:
    """Forked from a process that holds no connection: none may be used by two."""
    with app.app_context():
        for race in races:
            with suppress(AssertionError):  # twenty are expected
                race(app, Alone(app), f"alone-{race.__name__.replace('_', '-')}")
        db.session.remove()
        db.engine.dispose()
    fork = multiprocessing.get_context("fork")
    gate = fork.Barrier(RACERS)
    ends = [fork.Pipe() for _ in range(RACERS)]
    made = [
        fork.Process(target=race_on, args=(app, place, gate.wait, end), daemon=True)
        for place, (_, end) in enumerate(ends)
    ]
    for process in made:
        process.start()
    try:
        yield Racers([ours for ours, _ in ends])
    finally:
        for process in made:
            process.kill()
            process.join()


def race_on(app: Flask, place: int, wait: Callable[[float], int], lane: Connection) -> None:
    def meet() -> None:
        """All have read by now, and what they read is old as soon as one of them writes."""
        db.session.commit()
        set_reading_only(False)
        wait(PATIENCE)

    while True:
        race, known = lane.recv()
        with app.app_context():
            set_reading_only(True)
            db.session().expire_on_commit = False
            lane.send(outcome(lambda: race(app, meet, place=place, **known)))  # noqa: B023 - called at once


def outcome(run: Callable[[], str]) -> str:
    try:
        return run()
    except Refused:
        return REFUSED
    except Exception as error:  # noqa: BLE001 - whatever it is, it is not what a person should meet
        return f"{type(error).__name__}: {error}"
    finally:
        db.session.rollback()
