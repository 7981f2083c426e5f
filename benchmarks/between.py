"""What happened between the people of a made city: matches in every state, lines of history, who avoids whom."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from benchmarks.city import City, Columns

# Of the matches that did not end well, or not yet, how many stand where; those that did are one for each closed need.
SHARES = {
    "declined": 0.24,
    "lapsed": 0.24,
    "released": 0.12,
    "retracted": 0.06,
    "proposed": 0.12,
    "agreed": 0.12,
    "delivered": 0.06,
    "disputed": 0.04,
}
HOLDS = ("proposed", "agreed")
USES = (*HOLDS, "delivered", "disputed", "confirmed")
TRIES = 8  # of so many offers in the category the nearest is taken


def made_matches(city: "City", posts: "Columns", rows: int) -> "Columns":
    """One match for each closed need, as many again for open ones; what they hold and use is written into `posts`."""
    closed = [n for n in range(rows) if posts["state"][n] == "closed"]
    free = [n for n in range(rows) if posts["kind"][n] == "need" and posts["state"][n] == "open"]
    others = city.dice.choice(free, min(len(closed), len(free)), replace=False).tolist()
    names = list(SHARES)
    states = ["confirmed"] * len(closed) + [
        names[n] for n in city.dice.choice(len(names), len(others), p=list(SHARES.values())).tolist()
    ]
    offers = nearest_offers(city, posts, [*closed, *others])
    order = sorted(range(len(states)), key=lambda n: (posts["id"][[*closed, *others][n]], n))
    needs = [*closed, *others]
    lines = [
        line(city, posts, needs[n], offers[n], states[n], number)
        for number, n in enumerate(order)
        if offers[n] is not None
    ]
    return {name: [row[name] for row in lines] for name in (lines[0] if lines else {"id": 0})}


def nearest_offers(city: "City", posts: "Columns", needs: list[int]) -> list[int | None]:
    """For each need an open offer of its category: of a few drawn by chance, the one whose area is the same, or any."""
    by_category: dict[int, list[int]] = {}
    for n, kind in enumerate(posts["kind"]):
        if kind == "offer":
            by_category.setdefault(posts["category_id"][n], []).append(n)
    drawn = city.dice.random((len(needs), TRIES)).tolist()
    found: list[int | None] = []
    for need, throws in zip(needs, drawn, strict=True):
        offers = by_category.get(posts["category_id"][need], [])
        some = [offers[int(throw * len(offers))] for throw in throws] if offers else [None]
        area = posts["area_id"][need]
        found.append(
            next((one for one in some if one is not None and posts["area_id"][one] == area), some[0])
        )
    return found


def line(
    city: "City", posts: "Columns", need: int, offer: int | None, state: str, number: int
) -> dict[str, Any]:
    """One match, as the verbs would have left it."""
    assert offer is not None
    promised = posts["quantity"][need]
    began = max(posts["created_at"][need], posts["created_at"][offer]) + timedelta(hours=2)
    began = min(began, city.now - timedelta(minutes=5))
    if state in HOLDS:
        posts["uncovered"][need] -= promised
    if state == "delivered":
        posts["uncovered"][need] = 0
    if state in USES and posts["stock"][offer] is not None:
        posts["stock"][offer] += promised
    came = state in ("delivered", "confirmed", "disputed")
    yes = came or state in ("agreed", "released")
    ended = began if state in ("confirmed", "declined", "lapsed", "released", "retracted") else None
    rests = began + timedelta(days=7) if state in ("lapsed", "released") else None
    lease = city.now + timedelta(hours=1 + number % 30) if state == "proposed" else began + timedelta(days=1)
    return {
        "network_id": city.network_id,
        "id": posts["id"][need] + 1 + (number << 1),
        "need_id": posts["id"][need],
        "offer_id": posts["id"][offer],
        "state": state,
        "promised": promised,
        "given": promised if state in ("delivered", "confirmed") else 0,
        "proposed_at": began,
        "lease_until": lease,
        "need_yes_at": began if yes else None,
        "offer_yes_at": began if yes else None,
        "agreed_at": began if yes else None,
        "due_at": due(city.now, number) if yes else None,
        "delivered_at": began if came else None,
        "confirmed_at": began if state == "confirmed" else None,
        "by_silence": state == "confirmed" and number % 10 == 0,
        "ended_at": ended,
        "rests_until": rests,
    }


def due(now: datetime, number: int) -> datetime:
    """Most in the days to come; one in twelve is overdue."""
    return now + timedelta(days=number % 12 - 0.5)


def made_blocks(city: "City", people: list[int]) -> "Columns":
    """One in five hundred never wants to meet somebody."""
    count = max(1, len(people) // 500)
    pairs = np.array(people)[city.dice.choice(len(people), (count, 2))].tolist()
    return {
        "network_id": city.network_id,
        "id": list(range(1, count + 1)),
        "person_id": [one for one, _ in pairs],
        "other_id": [other for _, other in pairs],
        "created_at": city.now,
    }


def made_events(city: "City", posts: "Columns") -> "Columns":
    """The first line of each post's history."""
    return {
        "network_id": city.network_id,
        "id": posts["id"],
        "at": posts["created_at"],
        "verb": "post",
        "actor_id": posts["person_id"],
        "actor_role": "neighbour",
        "person_id": posts["person_id"],
        "post_id": posts["id"],
        "quantity": posts["quantity"],
    }
