"""How matches are ranked, and why: a weighted sum of factors from 0 to 1. People decide; this suggests."""

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from operator import itemgetter
from typing import Any

from mutualaid.aid import windows
from mutualaid.aid.matching.facts import PairFacts
from mutualaid.aid.matching.rules import TOLD, Miss, first_failing, shared_languages
from mutualaid.networks.models import Network

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
MOST_WEIGHT = 100.0
NEAREST = 100  # so many of those that pass are ranked
MOST_MISSES, MISS_KM = 10, 10.0  # what is farther away is no near miss; rings hold all that is nearer
HALF_KM = 2.0  # a distance of so much counts half
HALF_TIMES = 2.0  # so many matches of a helper in four weeks count half
WAITING_DAYS = 14.0  # who has waited so long counts in full
LAST = datetime.max.replace(tzinfo=UTC)
Nearness = tuple[float, datetime, int]


@dataclass(slots=True)
class Reason:
    """One reason in favour or against, as a key of aid.words and its numbers."""

    key: str
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Suggestion:
    """A pair that may be matched, its score (0 to 1), and what speaks for and against it."""

    pair: PairFacts
    score: float

    @property
    def reasons(self) -> list[Reason]:
        return reasons(self.pair)

    @property
    def buts(self) -> list[Reason]:
        return buts(self.pair)


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
    return 1.0 if shared_languages(pair) else 0.0


def _times(pair: PairFacts) -> float:
    """Which share of the times that suit the neighbour suits the helper too."""
    wanted = (pair.need.times or windows.WEEK).bit_count()
    return min(1.0, pair.common_times.bit_count() / wanted)


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


def weights_of(network: Network) -> dict[str, float]:
    """The table above, with what the network has changed of it."""
    return WEIGHTS | network.weights


def are_weights(given: dict[str, Any]) -> bool:
    """Whether a network can rank with them: they are of factors that there are, none is below nothing, one counts."""
    numbers = all(type(weight) in (int, float) and 0 <= weight <= MOST_WEIGHT for weight in given.values())
    return given.keys() <= WEIGHTS.keys() and numbers and any((WEIGHTS | given).values())


def score(pair: PairFacts, weights: Mapping[str, float] = WEIGHTS) -> float:
    """The weighted mean of all factors, 0 to 1."""
    return sum([weights[name] * factor(pair) for name, factor in FACTORS.items()]) / sum(weights.values())


def days_waiting(pair: PairFacts) -> int:
    return (pair.now - pair.need.created_at).days


def rank(
    pairs: Iterable[PairFacts], anchor: str, weights: Mapping[str, float] = WEIGHTS
) -> tuple[list[Suggestion], list[NearMiss]]:
    """Suggestions, best first, and near misses, nearest first. `anchor` (need or offer) is the side that stays.

    The nearest hundred that fit are ranked. A miss is near when it is no farther than the last of them.
    """
    fits: list[tuple[Nearness, PairFacts]] = []
    misses: list[tuple[Nearness, NearMiss]] = []
    for pair in pairs:
        miss = first_failing(pair)
        if miss is None:
            fits.append((nearness(pair, anchor), pair))
        elif miss.rule in TOLD:
            misses.append((nearness(pair, anchor), NearMiss(pair, miss)))
    fits = sorted(fits, key=itemgetter(0))[:NEAREST]
    best = [(-round(score(pair, weights), 9), place[1:], pair) for place, pair in fits]
    best.sort(key=itemgetter(0, 1))
    last = fits[-1][0] if len(fits) == NEAREST else (math.inf, LAST, 0)
    told = sorted((miss for miss in misses if miss[0] <= last and is_near(miss[0][0])), key=itemgetter(0))
    return [Suggestion(pair, -less) for less, _, pair in best], [miss for _, miss in told[:MOST_MISSES]]


def nearness(pair: PairFacts, anchor: str) -> Nearness:
    """By distance (no place: last), then the longest waiting, then the lowest id: always the same order."""
    other = pair.offer if anchor == "need" else pair.need
    far = 0.0 if pair.remote else pair.distance
    return math.inf if far is None else far, other.created_at, other.id


def is_near(km: float) -> bool:
    """For a miss; inf: without a place."""
    return km <= MISS_KM or math.isinf(km)


def reasons(pair: PairFacts) -> list[Reason]:
    found = [_where(pair)]
    shared = shared_languages(pair)
    if shared:
        found.append(Reason("languages", {"languages": sorted(shared)}))
    found.append(
        Reason(
            "times",
            {
                "times": pair.common_times,
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
    if pair.need.languages and pair.offer.languages and not shared_languages(pair):
        found.append(Reason("no_shared_language"))
    if pair.most < pair.need.uncovered:
        found.append(Reason("only_part", {"room": pair.most, "uncovered": pair.need.uncovered}))
    if pair.times_this_week:
        found.append(Reason("asked_this_week", {"times": pair.times_this_week}))
    if pair.need.category.id != pair.offer.category.id:
        found.append(Reason("wider_category", {"category": pair.offer.category}))
    return found
