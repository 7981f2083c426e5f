"""Suggestions for a post: who is near (nearby), what is known of them (candidates), who may and who first (ranking)."""

import math
from collections.abc import Collection, Iterable
from datetime import datetime

from mutualaid.aid.matching.between import with_between
from mutualaid.aid.matching.candidates import facts_of_posts
from mutualaid.aid.matching.facts import PairFacts, PostFacts
from mutualaid.aid.matching.nearby import Found, near
from mutualaid.aid.matching.ranking import (
    MOST_MISSES,
    NEAREST,
    NearMiss,
    Suggestion,
    nearness,
    rank,
    weights_of,
)
from mutualaid.aid.matching.rules import is_open
from mutualaid.aid.models import Post
from mutualaid.networks.models import Network

AT_ONCE = 5_000  # parameters of one query
SPARE = 10  # of those that could fit so many more are read at first: some rules only facts can tell
MISSES = 15  # of those that cannot so many: what is between the two may be nobody's business
Ranked = tuple[list[Suggestion], list[NearMiss]]


def suggestions(
    network: Network, post: Post, *, now: datetime, areas: Collection[int] = (), sensitive: bool = True
) -> Ranked:
    """For a need its best offers, for an offer its best needs: best first, explained; and near misses."""
    return suggestions_for(network, [post], now=now, areas=areas, sensitive=sensitive)[post.id]


def suggestions_for(
    network: Network,
    posts: Iterable[Post],
    *,
    now: datetime,
    areas: Collection[int] = (),
    sensitive: bool = True,
    for_helper: bool = False,
) -> dict[int, Ranked]:
    """The same for several posts of one kind, by id; no more queries than for one, but where it has to look on.

    `for_helper`: as the helper is shown it (between.with_between).
    """
    by_id = {post.id: post for post in posts}
    ranked: dict[int, Ranked] = {mine: ([], []) for mine in by_id}
    left = {mine: post for mine, post in by_id.items() if is_open(post)}
    known: dict[int, PostFacts] = {}
    pairs: dict[int, dict[int, PairFacts]] = {mine: {} for mine in left}
    want, misses = NEAREST + SPARE, MISSES
    while left:
        found = near(
            network, left.values(), now=now, want=want, misses=misses, areas=areas, sensitive=sensitive
        )
        wanted = {mine: one.could[:want] + one.cannot for mine, one in found.items()}
        _learn(network, known, pairs, wanted, now, for_helper)
        for mine, post in list(left.items()):
            ranked[mine] = rank(pairs[mine].values(), post.kind, weights_of(network))
            if not _has_more(found[mine], pairs[mine], post.kind, ranked[mine], want):
                del left[mine]
        want, misses = want * 2, misses * 2
    return ranked


def _has_more(found: Found, pairs: dict[int, PairFacts], kind: str, ranked: Ranked, want: int) -> bool:
    """Whether what was not read could be one of the nearest hundred, or a miss that is told."""
    fits, told = ranked
    if len(fits) < NEAREST and not (found.whole and len(found.could) <= want):
        return True
    if not found.more:
        return False
    if len(told) == MOST_MISSES:  # some of them may be such as only the facts could tell, from farther away
        last = nearness(told[-1].pair, kind)
    elif len(fits) == NEAREST:
        last = max(nearness(fit.pair, kind) for fit in fits)
    else:
        return True
    if not found.cannot:  # those read are all too far away: what is left to tell has no place
        return math.isinf(last[0])
    return nearness(pairs[found.cannot[-1]], kind) <= last


def _learn(
    network: Network,
    known: dict[int, PostFacts],
    pairs: dict[int, dict[int, PairFacts]],
    wanted: dict[int, list[int]],
    now: datetime,
    for_helper: bool,
) -> None:
    """Read what is not known yet; two queries."""
    new = [(mine, other) for mine, others in wanted.items() for other in others if other not in pairs[mine]]
    unread = sorted({post for pair in new for post in pair} - known.keys())
    for start in range(0, len(unread), AT_ONCE):
        known |= facts_of_posts(network, unread[start : start + AT_ONCE])
    for start in range(0, len(new), AT_ONCE):
        some = new[start : start + AT_ONCE]
        sides = [(known[mine], known[other]) for mine, other in some]
        needs_first = [pair if pair[0].kind == "need" else pair[::-1] for pair in sides]
        learnt = with_between(network, needs_first, now=now, for_helper=for_helper)
        for (mine, other), pair in zip(some, learnt, strict=True):
            pairs[mine][other] = pair
