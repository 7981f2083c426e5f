"""The hard rules: who may be matched. One table, in the order in which a near miss is explained."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from mutualaid.aid.matching.facts import PairFacts, PostFacts
from mutualaid.aid.models import Post
from mutualaid.people.blocks import same_person


@dataclass(frozen=True)
class Miss:
    """The first rule that fails, with the numbers that say why."""

    rule: str
    facts: dict[str, Any] = field(default_factory=dict, hash=False)


def _open(pair: PairFacts) -> bool:
    need, offer = pair.need, pair.offer
    return need.network_id == offer.network_id and is_open(need) and is_open(offer)


def is_open(post: Post | PostFacts) -> bool:
    return post.state == "open" and post.paused_at is None and post.intake is None


def _two_people(pair: PairFacts) -> bool:
    """Not the same person; the same phone or email counts as the same."""
    return not same_person(pair.need.who, pair.offer.who)


def _not_blocked(pair: PairFacts) -> bool:
    return not pair.blocked


def _not_live(pair: PairFacts) -> bool:
    return not pair.live


def _not_declined(pair: PairFacts) -> bool:
    return not pair.declined


def _not_resting(pair: PairFacts) -> bool:
    return pair.rests_until is None or pair.rests_until <= pair.now


def _category(pair: PairFacts) -> bool:
    """The same, or one the ancestor of the other (the tree has two levels)."""
    need, offer = pair.need.category, pair.offer.category
    return need.id in (offer.id, offer.parent_id) or offer.id == need.parent_id


def _place(pair: PairFacts) -> bool:
    """Within the reach of whoever travels. Remote: place does not count. No place: fits."""
    if pair.remote:
        return True
    return any(within(pair, reach) for _, reach in pair.travellers)


def within(pair: PairFacts, reach_km: int | None) -> bool:
    return pair.distance is None or reach_km is None or pair.distance <= reach_km


def _time(pair: PairFacts) -> bool:
    return pair.common_times != 0


def _language(pair: PairFacts) -> bool:
    return not pair.need.interpreter or bool(shared_languages(pair))


def shared_languages(pair: PairFacts) -> frozenset[str]:
    return pair.need.languages & pair.offer.languages


def _requires(pair: PairFacts) -> bool:
    return pair.need.traits <= pair.offer.traits


def _capacity(pair: PairFacts) -> bool:
    return pair.most >= 1


RULES: tuple[tuple[str, Callable[[PairFacts], bool]], ...] = (
    ("open", _open),
    ("two_people", _two_people),
    ("blocked", _not_blocked),
    ("live", _not_live),
    ("declined", _not_declined),
    ("category", _category),
    ("place", _place),
    ("time", _time),
    ("language", _language),
    ("requires", _requires),
    ("capacity", _capacity),
    ("resting", _not_resting),
)
# What a near miss may tell. The others are nobody's business (blocked), or not near at all.
TOLD = frozenset({"place", "time", "language", "requires", "capacity", "resting"})


def first_failing(pair: PairFacts) -> Miss | None:
    """The first rule that this pair fails, or None when the two may be matched."""
    for rule, holds in RULES:
        if not holds(pair):
            return Miss(rule, _why(rule, pair))
    return None


def _why(rule: str, pair: PairFacts) -> dict[str, Any]:
    if rule == "place":
        exact = pair.need.exact and pair.offer.exact
        return {"km": pair.distance if exact else None, "travellers": pair.travellers}
    if rule == "time":
        return {
            "times": pair.offer.times,
            "until": pair.offer.until_day,
            "from": pair.offer.from_day,
        }
    if rule == "language":
        return {"languages": sorted(pair.need.languages)}
    if rule == "requires":
        return {"traits": sorted(pair.need.traits - pair.offer.traits)}
    if rule == "resting":
        return {"until": pair.rests_until}
    if rule == "capacity":
        return {"week": _week_is_full(pair), "uncovered": pair.need.uncovered}
    return {}


def _week_is_full(pair: PairFacts) -> bool:
    offer = pair.offer
    own = offer.person_per_week is not None and pair.times_this_week >= offer.person_per_week
    return own or (offer.per_week is not None and pair.used_this_week >= offer.per_week)
