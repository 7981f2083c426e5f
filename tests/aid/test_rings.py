"""Ring by ring or all at once: the same suggestions, the same near misses, in the same order."""

from datetime import timedelta
from random import Random

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mutualaid.aid import lifecycle
from mutualaid.aid.lifecycle import Refused, never_match_contact, never_match_person
from mutualaid.aid.matching import ranking, search
from mutualaid.aid.matching.candidates import facts_of_pairs
from mutualaid.aid.matching.rings import rings
from mutualaid.db import db
from mutualaid.places import cells
from tests.examples import FEWER
from tests.factories import (
    NOW,
    actor_of,
    make_area,
    make_category,
    make_need,
    make_network,
    make_offer,
    make_person,
)

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
TODAY = NOW.date()
# Toronto; both sides of the antimeridian; beside a pentagon (cell 8009fffffffffff of resolution 0); far north.
MIDDLES = ((43.64, -79.43), (-16.8, 179.995), (64.7, 10.54), (78.2, 15.6))
SPREAD_KM = (0.5, 3, 20, 150)


class Town:
    """A network of some forty posts with all that matching looks at, by the throw of dice."""

    def __init__(self, dice: Random) -> None:
        self.dice = dice
        self.network = make_network(
            f"town{dice.getrandbits(60)}", resolution=dice.choice((7, 8, 9)), timezone="America/Toronto"
        )
        self.middle, self.spread = dice.choice(MIDDLES), dice.choice(SPREAD_KM)
        self.area = make_area(self.network, at=self.middle)
        food = make_category(self.network, "food")
        self.categories = [
            food,
            make_category(self.network, "groceries", parent=food),
            make_category(self.network, "meals", parent=food),
            make_category(self.network, "recipes", parent=food, remote=True),
        ]
        self.people = [
            make_person(
                self.network,
                f"P{number}",
                phone=dice.choice(("", "", f"416 555 01{number % 30 + 10}")),
                per_week=dice.choice((None, None, 1)),
            )
            for number in range(18)
        ]
        self.needs = [self.post(make_need, "need") for _ in range(20)]
        self.offers = [self.post(make_offer, "offer") for _ in range(22)]
        db.session.flush()
        self.what_happened()

    def post(self, make, kind):
        dice = self.dice
        said = {
            "cell": dice.choice((self.cell(), self.cell(), self.cell(), None)),
            "area_id": dice.choice((None, None, self.area.id)),
            "travel": dice.choice(("come", "host", "either")),
            "reach_km": dice.choice((None, 1, 5, 100)),
            "times": dice.choice((0, 0, dice.getrandbits(21), 1 << dice.randrange(21))),
            "until_day": dice.choice((None, None, TODAY + dice.randrange(-1, 9) * DAY)),
            "urgency": dice.randrange(3),
            "languages": tuple(dice.sample(("en", "es", "ht", "zh"), dice.randrange(1, 3))),
            "traits": tuple(dice.sample(("vehicle", "lifting"), dice.choice((0, 0, 1)))),
        }
        if kind == "need":
            said |= {"quantity": dice.randrange(1, 4), "interpreter": dice.random() < 0.2}
        else:
            said |= {"stock": dice.choice((None, 2)), "per_week": dice.choice((None, 1))}
            said["traits"] = tuple(dice.sample(("vehicle", "lifting"), dice.randrange(3)))
        if dice.random() < 0.05:
            said["intake"] = "call_back"
        made = make(
            dice.choice(self.people),
            dice.choice(self.categories),
            now=NOW - dice.choice((1, 1, 5, 400)) * HOUR,
            **said,
        )
        made.paused_at = NOW if dice.random() < 0.05 else None
        return made

    def cell(self):
        lat, lon = self.middle
        north, east = (self.dice.gauss(0, self.spread) for _ in range(2))
        lon += east / 80
        return cells.cell_at(lat + north / 111.2, (lon + 180) % 360 - 180, self.network.resolution)

    def what_happened(self):
        bo = actor_of(make_person(self.network, "Bo"), "coordinator")
        for _ in range(12):
            need, offer = self.dice.choice(self.needs), self.dice.choice(self.offers)
            then = NOW - self.dice.choice((1, 40, 300, 900)) * HOUR
            try:
                match = lifecycle.propose(need, offer, by=bo, now=then)
                self.dice.choice((lifecycle.retract, decline, agree, release))(match, by=bo, now=then)
            except Refused:
                continue
        one, two, three = self.dice.sample(self.people, 3)
        never_match_person(one, two, by=actor_of(one), now=NOW)
        if three.phone_hash:
            never_match_contact(one, three.phone_hash, by=actor_of(one), now=NOW)
        db.session.flush()


def decline(match, *, by, now):
    lifecycle.decline(match, "offer", by=by, now=now)


def agree(match, *, by, now):
    for side in ("need", "offer"):
        lifecycle.consent(match, side, by=by, now=now)


def release(match, *, by, now):
    agree(match, by=by, now=now)
    lifecycle.release(match, "offer", by=by, now=now, reason="ill")


def plainly(town):
    """Of each post: every pair there is, looked at one by one, and cut as ranking cuts."""
    needs, offers = ([post.id for post in posts] for posts in (town.needs, town.offers))
    pairs = facts_of_pairs(town.network, needs, offers, now=NOW)
    of_needs = {
        mine: ranking.rank([pair for pair in pairs if pair.need.id == mine], "need") for mine in needs
    }
    return of_needs | {
        mine: ranking.rank([pair for pair in pairs if pair.offer.id == mine], "offer") for mine in offers
    }


def told(found):
    fits, misses = found
    return (
        [(fit.pair.need.id, fit.pair.offer.id, fit.score, len(fit.reasons), len(fit.buts)) for fit in fits],
        [(miss.pair.need.id, miss.pair.offer.id, miss.miss.rule) for miss in misses],
    )


@FEWER
@given(seed=st.integers(0, 2**32))
def test_search_finds_what_a_look_at_every_pair_finds(app, seed):
    db.session.rollback()
    town = Town(Random(seed))
    found = search.suggestions_for(town.network, town.needs, now=NOW)
    found |= search.suggestions_for(town.network, town.offers, now=NOW)
    plain = plainly(town)
    for post in town.needs + town.offers:
        assert told(found[post.id]) == told(plain[post.id])


@FEWER
@given(seed=st.integers(0, 2**32))
@example(seed=198)  # misses that only the facts could tell fill the ten
@example(seed=1963)  # the ring in which misses are enough reaches farther than where the next one begins
def test_search_that_stops_early_finds_the_nearest_all_the_same(app, few, seed):
    db.session.rollback()
    town = Town(Random(seed))
    plain = plainly(town)
    for post in town.needs + town.offers:
        assert told(search.suggestions(town.network, post, now=NOW)) == told(plain[post.id])


@pytest.fixture
def few(monkeypatch):
    """Where three are ranked, a town of forty is as large as a city."""
    monkeypatch.setattr(search, "SPARE", 0)
    monkeypatch.setattr(search, "MISSES", 2)
    monkeypatch.setattr(search, "AT_ONCE", 3)
    for module in (ranking, search):
        monkeypatch.setattr(module, "NEAREST", 3)


@pytest.mark.parametrize("middle", MIDDLES)
@pytest.mark.parametrize("resolution", [7, 8, 9])
def test_rings_hold_every_cell_once_and_none_outside_is_nearer_than_they_say(middle, resolution):
    dice, here = Random(5), cells.cell_at(*middle, resolution)
    around = rings(here, resolution)
    for _ in range(400):
        km = dice.choice((1, 5, 30, 200, 2000))
        lat, lon = middle[0] + dice.gauss(0, km) / 111.2, middle[1] + dice.gauss(0, km) / 80
        other = cells.cell_at(max(-89.0, min(89.0, lat)), (lon + 180) % 360 - 180, resolution)
        holding = [
            number
            for number, ring in enumerate(around)
            for lowest, highest, *_ in ring.spans
            if lowest <= other <= highest
        ]
        assert len(holding) == 1
        away = cells.distance_km(here, other)
        assert all(away >= ring.whole_km for ring in around[: holding[0]])
        assert all(
            away >= km for lowest, highest, _, km in around[holding[0]].spans if lowest <= other <= highest
        )


def test_offers_in_every_language_of_a_shared_bit_are_told_apart(app):
    """Arabic, Tibetan and Haitian share a bit: the facts decide, not the sieve."""
    network = make_network()
    rides = make_category(network, "rides", unit="rides")
    need = make_need(make_person(network, "Amina"), rides, languages=("ht",), interpreter=True)
    for language in ("ar", "bo", "ht"):
        make_offer(make_person(network, language), rides, languages=(language,))
    fits, misses = search.suggestions(network, need, now=NOW)
    assert [fit.pair.offer.name for fit in fits] == ["ht"]
    assert [miss.miss.rule for miss in misses] == ["language", "language"]
