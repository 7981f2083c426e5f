"""Needs and offers that fit: of too many, those that are nearest."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mutualaid.aid.matching.everyone import Floats, Ints, Truths

Small = NDArray[np.int32]


@dataclass
class Pairs:
    """Needs with offers that fit, their distances and the parts of the week they share."""

    need: Small
    offer: Small
    km: Floats
    times: Small

    def keep(self, which: Truths) -> None:
        for name in ("need", "offer", "km", "times"):
            setattr(self, name, getattr(self, name)[which])


def nearest(kept: list[Pairs], most: int) -> Pairs:
    """All of them, or so many for each need, the nearest, that no more than `most` are left."""
    names = ("need", "offer", "km", "times")
    pairs = Pairs(*(np.concatenate([getattr(part, name) for part in kept]) for name in names))
    if len(pairs.need) > most:
        degrees = np.bincount(pairs.need)
        pairs.keep(_nearest_of_each(pairs, degrees, _share(degrees, most)))
    return pairs


def _nearest_of_each(pairs: Pairs, degrees: Ints, share: int) -> Truths:
    """By ten metres and a tie-break as one number: of equally near offers each need begins elsewhere."""
    if not share:
        return np.zeros(len(pairs.need), bool)
    which = np.ones(len(pairs.need), bool)
    offers, last = int(pairs.offer.max()) + 1, np.cumsum(degrees)
    for need in np.flatnonzero(degrees > share).tolist():
        some = slice(last[need] - degrees[need], last[need])
        steps = np.minimum(pairs.km[some] * 100, (1 << 21) - 1).astype(np.int64)
        keys = (steps << 21) + (pairs.offer[some].astype(np.int64) - 7919 * need) % offers
        which[some] = keys <= np.partition(keys, share - 1)[share - 1]
    return which


def _share(degrees: Ints, most: int) -> int:
    """How many each need may keep."""
    low, high = 0, int(degrees.max())
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if np.minimum(degrees, middle).sum() <= most else (low, middle - 1)
    return low
