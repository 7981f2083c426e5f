"""How matches are ranked, and why: a weighted sum of factors from 0 to 1. People decide; this suggests."""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from mutualaid.aid import windows
from mutualaid.aid.matching.facts import PairFacts
from mutualaid.aid.matching.rules import TOLD, Miss, common_times, first_failing

WEIGHTS = {
    "category": 3.0,
    "distance": 3.0,
    "urgency": 1.5,
    "waiting": 1.5,
    "language": 2.0,
    "times": 1.0,
    "fairness": 2.0,
    "continuity": 1.5,
}
NEAREST = 100  # so many of those that pass are ranked
HALF_KM = 2.0  # a distance of so much counts half
HALF_TIMES = 2.0  # so many matches of a helper in four weeks count half
WAITING_DAYS = 14.0  # who has waited so long counts in full


@dataclass(frozen=True)
class Reason:
    """One reason in favour or against, as a key of aid.words and its numbers."""

    key: str
    facts: dict[str, Any] = field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class Suggestion:
    """A pair that may be matched: its score (0 to 1) and what speaks for and against it."""

    pair: PairFacts
    score: float
    reasons: tuple[Reason, ...]
    buts: tuple[Reason, ...]


@dataclass(frozen=True)
class NearMiss:
    pair: PairFacts
    miss: Miss


def _category(pair: PairFacts) -> float:
    return 1.0 if pair.need.category.id == pair.offer.category.id else 0.5


def _distance(pair: PairFacts) -> float:
    if pair.remote:
        return 1.0
    return 0.0 if pair.distance is None else HALF_KM / (HALF_KM + pair.distance)


def _urgency(pair: PairFacts) -> float:
    return pair.need.urgency / 2


def _waiting(pair: PairFacts) -> float:
    return min(1.0, max(0.0, days_waiting(pair) / WAITING_DAYS))


def _language(pair: PairFacts) -> float:
    return 1.0 if pair.need.languages & pair.offer.languages else 0.0


def _times(pair: PairFacts) -> float:
    """Which share of the times that suit the neighbour suits the helper too."""
    wanted = (pair.need.times or windows.WEEK).bit_count()
    return min(1.0, common_times(pair).bit_count() / wanted)


def _fairness(pair: PairFacts) -> float:
    """So that nobody burns out and nobody is forgotten."""
    return HALF_TIMES / (HALF_TIMES + pair.times_lately)


def _continuity(pair: PairFacts) -> float:
    return 1.0 if pair.glad else 0.0


FACTORS: dict[str, Callable[[PairFacts], float]] = {
    "category": _category,
    "distance": _distance,
    "urgency": _urgency,
    "waiting": _waiting,
    "language": _language,
    "times": _times,
    "fairness": _fairness,
    "continuity": _continuity,
}


def score(pair: PairFacts) -> float:
    """The weighted mean of all factors, 0 to 1."""
    return sum(WEIGHTS[name] * factor(pair) for name, factor in FACTORS.items()) / sum(WEIGHTS.values())


def days_waiting(pair: PairFacts) -> int:
    return (pair.now - pair.need.created_at).days


def rank(pairs: Iterable[PairFacts], anchor: str) -> tuple[list[Suggestion], list[NearMiss]]:
    """Suggestions, best first, and near misses, nearest first. `anchor` (need or offer) is the side that stays."""
    fits: list[PairFacts] = []
    misses: list[NearMiss] = []
    for pair in pairs:
        miss = first_failing(pair)
        if miss is None:
            fits.append(pair)
        elif miss.rule in TOLD:
            misses.append(NearMiss(pair, miss))
    nearest = sorted(fits, key=lambda pair: _nearness(pair, anchor))[:NEAREST]
    suggestions = [suggest(pair) for pair in nearest]
    suggestions.sort(key=lambda s: (-round(s.score, 9), *_nearness(s.pair, anchor)[1:]))
    misses.sort(key=lambda near: _nearness(near.pair, anchor))
    return suggestions, misses


def _nearness(pair: PairFacts, anchor: str) -> tuple[float, float, int]:
    """By distance (no place: last), then the longest waiting, then the lowest id: always the same order."""
    other = pair.offer if anchor == "need" else pair.need
    far = 0.0 if pair.remote else math.inf if pair.distance is None else pair.distance
    return far, other.created_at.timestamp(), other.id


def suggest(pair: PairFacts) -> Suggestion:
    return Suggestion(pair, score(pair), tuple(reasons(pair)), tuple(buts(pair)))


def reasons(pair: PairFacts) -> list[Reason]:
    found = [_where(pair)]
    shared = pair.need.languages & pair.offer.languages
    if shared:
        found.append(Reason("languages", {"languages": sorted(shared)}))
    found.append(
        Reason(
            "times",
            {
                "times": common_times(pair),
                "any": not (pair.need.times and pair.offer.times),
            },
        )
    )
    if pair.need.traits:
        found.append(Reason("traits", {"traits": sorted(pair.need.traits)}))
    if pair.glad:
        found.append(Reason("glad"))
    if pair.last_asked_at is None:
        found.append(Reason("never_asked"))
    elif (pair.now - pair.last_asked_at).days >= 14:
        found.append(Reason("not_asked", {"weeks": (pair.now - pair.last_asked_at).days // 7}))
    return [reason for reason in found if reason is not None]


def _where(pair: PairFacts) -> Reason | None:
    if pair.remote:
        return Reason("remote")
    if pair.distance is None:
        return None
    if pair.need.exact and pair.offer.exact:
        return Reason("distance", {"km": pair.distance})
    return Reason("area", {"area": pair.offer.area, "need_area": pair.need.area})


def buts(pair: PairFacts) -> list[Reason]:
    found = []
    if not pair.remote and pair.distance is None:
        found.append(Reason("ask_where"))
    if pair.need.languages and pair.offer.languages and not pair.need.languages & pair.offer.languages:
        found.append(Reason("no_shared_language"))
    if pair.most < pair.need.uncovered:
        found.append(Reason("only_part", {"room": pair.most, "uncovered": pair.need.uncovered}))
    if pair.times_this_week:
        found.append(Reason("asked_this_week", {"times": pair.times_this_week}))
    if pair.need.category.id != pair.offer.category.id:
        found.append(Reason("wider_category", {"category": pair.offer.category}))
    return found
