"""What lies between needs, offers and their people: matches, rests, do-not-match lists, what a helper did lately."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from mutualaid.aid.matching.facts import PairFacts, PostFacts
from mutualaid.aid.models import STANDING, USED
from mutualaid.aid.windows import local_day, week_start
from mutualaid.db import utc
from mutualaid.networks.models import Network
from mutualaid.people.blocks import Entry, Who, entries, known_by
from mutualaid.sql import raw_rows

LATELY = timedelta(weeks=4)
# Rows of what, one, other, a time, three numbers, three hashes. SQLite reads in the order of CROSS JOIN.
BETWEEN = """
SELECT 'match', need_id, offer_id, max(rests_until), sum(CASE WHEN state IN {meets} THEN 1 ELSE 0 END),
    sum(CASE WHEN state = 'declined' THEN 1 ELSE 0 END), 0, {no_hash}, {no_hash}, {no_hash}
FROM match
WHERE network_id = :network AND need_id IN :needs AND offer_id IN :offers
GROUP BY need_id, offer_id

UNION ALL
SELECT 'glad', need.person_id, offer.person_id, NULL, count(*), 0, 0, NULL, NULL, NULL
FROM post AS need CROSS JOIN match CROSS JOIN post AS offer
WHERE need.network_id = :network AND need.person_id IN :neighbours
    AND match.network_id = :network AND match.need_id = need.id
    AND match.state = 'confirmed' AND NOT match.by_silence
    AND offer.network_id = :network AND offer.id = match.offer_id AND offer.person_id IN :helpers
GROUP BY need.person_id, offer.person_id

UNION ALL
SELECT 'did', offer.person_id, match.offer_id, max(match.proposed_at),
    sum(CASE WHEN match.state IN {used} AND match.proposed_at >= :week THEN 1 ELSE 0 END),
    sum(CASE WHEN match.state IN {used} AND match.proposed_at >= :lately THEN 1 ELSE 0 END),
    CAST(sum(CASE WHEN match.state IN {used} AND match.proposed_at >= :week THEN match.promised ELSE 0 END) AS BIGINT),
    NULL, NULL, NULL
FROM post AS offer CROSS JOIN match
WHERE offer.network_id = :network AND offer.person_id IN :helpers
    AND match.network_id = :network AND match.offer_id = offer.id
GROUP BY offer.person_id, match.offer_id

UNION ALL
SELECT 'line', id, other_id, created_at, 0, 0, 0, phone_hash, email_hash, contact_hash
FROM ({entries}) AS line
"""
NO_HASH = "CAST(NULL AS BYTEA)"  # PostgreSQL takes the types of all from the first


def with_between(
    network: Network, pairs: list[tuple[PostFacts, PostFacts]], *, now: datetime, for_helper: bool = False
) -> list[PairFacts]:
    """(need, offer) pairs with what lies between them: matches, rests, lists, what the helper did; one query.

    `for_helper`: as the helper is shown it, where a list hides less (blocks.hidden_from).
    """
    if not pairs:
        return []
    needs, offers = ({pair[side].id: pair[side] for pair in pairs} for side in (0, 1))
    few = min(needs, offers, key=len)
    asked = {
        "network": network.id,
        "needs": list(needs),
        "offers": list(offers),
        "neighbours": list({need.person_id for need in needs.values()}),
        "helpers": list({offer.person_id for offer in offers.values()}),
        "week": week_start(now, network.timezone),
        "lately": now - LATELY,
    }
    known = known_by({post.who for post in (needs if few is needs else offers).values()})
    today, between = (
        local_day(now, network.timezone),
        _Between(raw_rows(_asked(entries(known)), asked | known)),
    )
    return [PairFacts(need, offer, today, now, *between.of(need, offer, for_helper)) for need, offer in pairs]


@lru_cache(maxsize=1 << 6)
def _asked(lines: str) -> str:
    return BETWEEN.format(meets=STANDING, used=USED, entries=lines, no_hash=NO_HASH)


NO_MATCH, NEVER = (None, 0, 0), (0, 0, None)


class _Between:
    """The answers of BETWEEN, by what they are about. What is not there is nothing, never, or 0."""

    def __init__(self, rows: Iterable[Any]) -> None:
        self.lines: list[Entry] = []
        self.match: dict[
            tuple[int, int], tuple[Any, int, int]
        ] = {}  # rests until, how many live, how many declined
        self.glad: dict[tuple[int, int], int] = {}
        self.used: dict[int, int] = {}
        self.did: dict[int, tuple[int, int, Any]] = {}  # this week, lately, when last asked
        for what, one, other, moment, first, second, used, phone, email, contact in rows:
            if what == "match":
                self.match[one, other] = moment, first, second
            elif what == "glad":
                self.glad[one, other] = first
            elif what == "line":
                self.lines.append(Entry._make((Who(one, phone, email), other, contact, utc(moment))))
            else:
                week, lately, last = self.did.get(one, (0, 0, moment))
                self.did[one] = week + first, lately + second, max(last, moment)
                self.used[other] = used

    def of(self, need: PostFacts, offer: PostFacts, for_helper: bool) -> tuple[Any, ...]:
        """In the order of PairFacts."""
        rests_until, live, declined = self.match.get((need.id, offer.id), NO_MATCH)
        week, lately, last = self.did.get(offer.person_id, NEVER)
        blocked = bool(self.lines) and any(
            line.hides(offer.who, need.who, need.created_at)
            if for_helper
            else line.keeps_apart(need.who, offer.who)
            for line in self.lines
        )
        glad = self.glad.get((need.person_id, offer.person_id), 0)
        used = self.used.get(offer.id, 0)
        return live > 0, declined > 0, utc(rests_until), blocked, glad, used, week, lately, utc(last)
