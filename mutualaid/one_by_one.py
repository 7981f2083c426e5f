"""The worker's rows, each in a transaction of its own: one that cannot be done stops neither the others nor, when it
is always among the first, those behind it."""

from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import TypeVar

from sqlalchemy.exc import OperationalError

from mutualaid.db import db

Key = TypeVar("Key", bound=Hashable)


class SomeFailed(Exception):
    """Of several rows `done` were done; the cause is what stopped the last that was not."""

    def __init__(self, done: int) -> None:
        super().__init__(done)
        self.done = done


def each(keys: Iterable[Key], act: Callable[[Key], int]) -> int:
    """Do it to each; says how much was done, as `act` counts. Commits.

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
            problem = error
    if problem:
        raise SomeFailed(done) from problem
    return done


def first_of(find: Callable[[int], Sequence[Key]], most: int, act: Callable[[Key], int]) -> int:
    """The same to the first `most` that `find` finds, which no longer finds what was done. While none of them can be
    done, to those behind them."""
    done, problem = 0, None
    tried: set[Key] = set()
    while not done and (keys := [key for key in find(most + len(tried)) if key not in tried]):
        try:
            done = each(keys, act)
        except SomeFailed as some:
            done, problem = some.done, some.__cause__
        tried |= set(keys)
    if problem:
        raise SomeFailed(done) from problem
    return done
