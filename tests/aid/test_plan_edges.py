"""The rules and the ranking as arrays say the same as one pair at a time, on made-up networks."""

import random
from collections import Counter
from datetime import date, timedelta

import numpy as np
import pytest
from sqlalchemy import update

from mutualaid.aid.matching import edges as edging
from mutualaid.aid.matching.candidates import facts_of_pair
from mutualaid.aid.matching.edges import find_edges
from mutualaid.aid.matching.everyone import load_everyone
from mutualaid.aid.matching.facts import PairFacts
from mutualaid.aid.matching.ranking import score
from mutualaid.aid.matching.rules import RULES, first_failing
from mutualaid.aid.models import Match, Post
from mutualaid.db import db, new_id
from mutualaid.people.models import DoNotMatch, Person
from mutualaid.places.cells import cell_at
from mutualaid.sealed import keyring
from tests.factories import NOW, cell_near, make_category, make_need, make_network, make_offer, make_person

HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(days=7)
STATES = (
    "proposed",
    "agreed",
    "delivered",
    "confirmed",
    "disputed",
    "declined",
    "retracted",
    "lapsed",
    "lapsed",
    "lapsed",
    "released",
)


class Made:
    """A network thrown together by dice: every rule fails somewhere, and everything has happened before."""

    def __init__(self, seed: int, posts: int = 10) -> None:
        self.dice = random.Random(seed)
        self.network = make_network(f"made-{seed}")
        self.categories = self.make_categories()
        self.people = [self.make_person(n) for n in range(8)]
        self.needs = [self.make_post(make_need) for _ in range(posts)]
        self.offers = [self.make_post(make_offer) for _ in range(posts)]
        self.make_history()
        self.make_rest()
        db.session.commit()
        db.session.expire_all()

    def make_categories(self):
        food = make_category(self.network, "food")
        return [
            food,
            make_category(self.network, "groceries", parent=food),
            make_category(self.network, "hot_meals", parent=food),
            make_category(self.network, "advice", remote=True),
        ]

    def make_person(self, number: int) -> Person:
        phone = self.dice.choice(["", "416 555 0142", f"416 555 02{number:02}"])
        return make_person(
            self.network, f"N{number}", phone=phone, per_week=self.dice.choice([None, None, 1, 3])
        )

    def make_post(self, make) -> Post:
        dice = self.dice
        place = dice.random()
        said = {
            "cell": None if place < 0.1 else cell_near(self.network, dice.gauss(0, 3), dice.gauss(0, 3)),
            "travel": dice.choice(["come", "host", "either"]),
            "reach_km": dice.choice([None, 1, 3, 10]),
            "times": dice.choice([0, 0, dice.getrandbits(21), dice.getrandbits(21) & dice.getrandbits(21)]),
            "from_day": dice.choice([None, None, date(2026, 11, 20), date(2026, 11, 26)]),
            "until_day": dice.choice([None, None, date(2026, 11, 25), date(2026, 12, 30)]),
            "urgency": dice.choice([0, 1, 2]),
            "languages": tuple(dice.sample(["en", "es", "ht", "fr"], dice.choice([0, 1, 2]))),
            "interpreter": dice.random() < 0.3,
            "traits": tuple(dice.sample(["vehicle", "lifting", "woman"], dice.choice([0, 0, 1, 2]))),
        }
        if make is make_need:
            said["quantity"] = dice.choice([1, 2, 5])
        else:
            said |= {"stock": dice.choice([None, 1, 4]), "per_week": dice.choice([None, 2])}
        then = NOW - timedelta(hours=dice.randrange(1, 600))
        row = make(dice.choice(self.people), dice.choice(self.categories), now=then, **said)
        if dice.random() < 0.05:
            row.paused_at = NOW
        if dice.random() < 0.05:
            row.intake = "call_back"
        return row

    def make_history(self) -> None:
        for need, offer in self.dice.sample(
            [(n, o) for n in self.needs for o in self.offers], 4 * len(self.needs)
        ):
            state, asked = self.dice.choice(STATES), NOW - timedelta(days=self.dice.randrange(40))
            rests = asked + WEEK if state in ("lapsed", "released") else None
            self.add_match(need, offer, state=state, proposed_at=asked, rests_until=rests)
        one, other = self.dice.sample(self.people, 2)
        keys = {"network_id": self.network.id, "created_at": NOW}
        db.session.add(DoNotMatch(id=new_id(), person_id=one.id, other_id=other.id, **keys))
        digest = (
            keyring.digest("+14165550203", "phone", self.network.id) if self.dice.random() < 0.1 else None
        )
        digest = digest or self.dice.choice([person.phone_hash for person in self.people]) or b"nobody"
        db.session.add(DoNotMatch(id=new_id(), person_id=other.id, contact_hash=digest, **keys))
        used = update(Post).where(Post.kind == "need", Post.id.in_([need.id for need in self.needs[:1]]))
        db.session.execute(used.values(uncovered=0))
        db.session.flush()

    def make_rest(self) -> None:
        """Two who fit, and of whom one did not come yesterday."""
        need, offer = (
            make(make_person(self.network), self.categories[3]) for make in (make_need, make_offer)
        )
        self.needs.append(need)
        self.offers.append(offer)
        self.add_match(need, offer, state="released", proposed_at=NOW - DAY, rests_until=NOW + DAY)

    def add_match(self, need: Post, offer: Post, **more) -> None:
        match = Match(
            network_id=self.network.id,
            id=new_id(),
            need_id=need.id,
            offer_id=offer.id,
            promised=1,
            lease_until=NOW,
            by_silence=self.dice.random() < 0.3,
            **more,
        )
        db.session.add(match)

    def pairs(self) -> list[PairFacts]:
        """Every pair of related categories, and all of the first need."""
        trees = {row.id: row.parent_id or row.id for row in self.categories}
        return [
            facts_of_pair(self.network, need, offer, now=NOW)
            for need in self.needs
            for offer in self.offers
            if trees[need.category_id] == trees[offer.category_id] or need is self.needs[0]
        ]

    def as_arrays(self, **more) -> dict[tuple[int, int], float]:
        everyone = load_everyone(self.network, now=NOW)
        edges = find_edges(everyone, {}, **more)
        keys = zip(
            everyone.needs.id[edges.need].tolist(), everyone.offers.id[edges.offer].tolist(), strict=True
        )
        return dict(zip(keys, edges.score.tolist(), strict=True))


def test_arrays_say_the_same_as_one_pair_at_a_time(app):
    seen = Counter()
    for seed in range(5):
        made = Made(seed)
        judged = [(pair, first_failing(pair)) for pair in made.pairs()]
        seen.update(miss.rule if miss else "fits" for _, miss in judged)
        expected = {(pair.need.id, pair.offer.id): score(pair) for pair, miss in judged if miss is None}
        found = made.as_arrays()
        assert found.keys() == expected.keys()
        assert list(found.values()) == pytest.approx([expected[key] for key in found], abs=1e-9)
    assert set(seen) == {"fits", *(rule for rule, _ in RULES)}  # else this would say little


def test_small_blocks_find_the_same(app, monkeypatch):
    made = Made(3, posts=20)
    expected = made.as_arrays()
    monkeypatch.setattr(edging, "BLOCK", 2)
    assert made.as_arrays() == expected


def test_of_too_many_edges_the_nearest_of_each_need_are_kept(app):
    network = make_network()
    groceries = make_category(network)
    needs = [make_need(make_person(network), groceries, cell=cell_near(network)) for _ in range(3)]
    for km in range(8):
        make_offer(
            make_person(network, "Dee"), groceries, cell=cell_near(network, north_km=2 * km), travel="come"
        )
    db.session.commit()
    everyone = load_everyone(network, now=NOW)
    edges = find_edges(everyone, {}, most=10)
    assert (len(edges), edges.pruned) == (9, 24 - 9)
    assert np.bincount(edges.need).tolist() == [3] * len(needs)
    assert edges.km.max() < 5


def test_categories_that_are_remote_know_no_distance(app):
    network = make_network()
    advice = make_category(network, "advice", remote=True)
    make_need(make_person(network), advice, cell=cell_near(network), travel="host")
    make_offer(make_person(network, "Dee"), advice, cell=cell_near(network, 900), travel="come", reach_km=1)
    db.session.commit()
    edges = find_edges(load_everyone(network, now=NOW), {})
    assert edges.km.tolist() == [0.0]


def test_across_the_antimeridian_neighbours_are_near(app):
    network = make_network(timezone="Pacific/Fiji")
    groceries = make_category(network)
    make_need(make_person(network), groceries, cell=cell_at(-16.8, 179.99, 8), travel="host")
    make_offer(
        make_person(network, "Dee"), groceries, cell=cell_at(-16.8, -179.99, 8), travel="come", reach_km=4
    )
    db.session.commit()
    assert len(find_edges(load_everyone(network, now=NOW), {})) == 1
