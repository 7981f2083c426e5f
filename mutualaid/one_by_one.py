"""The worker's rows, each in a transaction of its own: one that cannot be done stops neither the others nor, when it
is always among the first, those behind it."""

from collections.abc import Callable, Hashable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import TypeVar

from sqlalchemy.exc import OperationalError

from mutualaid.db import db

REST = timedelta(hours=6)  # until what could not be done is tried again
BATCHES = 4  # at once, while none of them can be done
Key = TypeVar("Key", bound=Hashable)
_failed: dict[Hashable, datetime] = {}  # in this process


class SomeFailed(Exception):
    """Of several rows `done` were done; the cause is what stopped the last that was not."""

    def __init__(self, done: int) -> None:
        super().__init__(done)
        self.done = done


def each(
    keys: Iterable[Key], act: Callable[[Key], int], failed: Callable[[Key], None] = lambda _: None
) -> int:
    """Do it to each; says how much was done, as `act` counts. Commits. `failed` is told of each that could not be.

    Raises SomeFailed once all were tried. What fails for the database's own reasons (a full disk, a lock) is raised at
    once: it would fail for the others too.
    """
    done, problem = 0, None
    for key in keys:
        try:
            done += act(key)
            db.session.commit()
        except SomeFailed as some:
            done, problem = done + some.done, some.__cause__
        except OperationalError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, the others are done
            db.session.rollback()
            failed(key)
            problem = error
    if problem:
        raise SomeFailed(done) from problem
    return done


def first_of(
    find: Callable[[int], Sequence[Key]], most: int, act: Callable[[Key], int], *, now: datetime
) -> int:
    """The same to the first `most` that `find` finds, which no longer finds what was done.

    What could not be done rests for a while, and those behind it have their turn.
    """
    done, problem = 0, None
    for _ in range(BATCHES):
        resting = _resting(now)
        keys = [key for key in find(most + len(resting)) if key not in resting][:most]
        try:
            done = each(keys, act, lambda key: _failed.update({key: now}))
        except SomeFailed as some:
            done, problem = some.done, some.__cause__
        if done or problem is None:
            break
    if problem:
        raise SomeFailed(done) from problem
    return done


def _resting(now: datetime) -> set[Hashable]:
    for key in [key for key, at in _failed.items() if not at <= now < at + REST]:
        del _failed[key]
    return set(_failed)
