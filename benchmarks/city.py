"""A made city: one network with so many open needs and offers, and what happened between some of them.

    python -m benchmarks.city FOLDER --posts 100000

makes it in FOLDER and keeps it there, so that several measurements can use the same one. The same seed and the same
`now` always give the same city.
"""

import argparse
import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import between
from benchmarks.bulk import bulk, count_open, told, write
from benchmarks.place import app_in
from mutualaid.aid.bits import bits_of
from mutualaid.aid.categories import DEFAULTS, add_default_categories
from mutualaid.aid.models import Match, Post, PostDetails
from mutualaid.aid.open_counts import start_counting, stop_counting
from mutualaid.aid.queries import categories_of
from mutualaid.db import EPOCH_MS, db, new_id, utcnow
from mutualaid.events.models import Event
from mutualaid.networks.models import Membership, Network
from mutualaid.people import accounts
from mutualaid.people.models import DoNotMatch, Person
from mutualaid.places import cells, geojson
from mutualaid.places.areas import areas_of, import_areas, owners_of
from mutualaid.sealed import keyring

SLUG, EMAIL, PASSWORD = "city", "bo@example.org", "three kettles on a hill"
AREAS = Path(__file__).parent.parent / "mutualaid" / "demo" / "toronto.geojson"
MIDDLE, SIGMA_KM = (43.700, -79.400), 5.0
KM_PER_DEGREE = (111.2, 80.4)  # of latitude, and of longitude there
LANGUAGES = (
    ["en"], ["en", "es"], ["es"], ["en", "fr"], ["pt"], ["en", "zh"], ["zh"], ["ht", "fr"], ["en", "ta"],
    ["ta"], ["uk", "ru"], ["ar"], ["en", "so"], ["fa", "en"], ["bo", "en"], ["ne", "hi", "en"],
)  # fmt: skip
TRAITS = ("vehicle", "lifting", "step_free", "woman", "no_pets", "no_smoke")
NAMES = (
    "Amina", "Bo", "Chris", "Dee", "Eve", "Fatou", "Gita", "Hana", "Inês", "Jun", "Kofi", "Lan", "Mara", "Noor",
    "Olga", "Pia", "Quan", "Rosa", "Sami", "Tomás", "Ulla",
)  # fmt: skip
EVENINGS = sum(0b100 << 3 * day for day in range(5))
WEEKENDS = 0b111111 << 15
MORNINGS = sum(0b001 << 3 * day for day in range(7))
Columns = dict[str, Any]


@dataclass(frozen=True)
class City:
    """What all parts of it are made from. The id stands apart: to ask the network for it may ask the database."""

    network: Network
    network_id: int
    now: datetime
    dice: np.random.Generator


def load(posts: int = 1_000_000, seed: int = 1, now: datetime | None = None) -> Network:
    """Fill the current app's database with a city of so many open posts, half of them needs. Commits."""
    now = now or utcnow()
    dice = np.random.default_rng(seed)
    with told("network and areas"):
        network = make_network(now)
        db.session.commit()
    city = City(network, network.id, now, dice)
    made = made_posts(city, posts)
    pairs = between.made_matches(city, made, rows_of(made))
    people = made_people(city, made)
    with bulk((Person, Post, PostDetails, Match, Event, DoNotMatch)) as connection:
        stop_counting(connection)
        write(connection, Person, people, len(people["id"]))
        write(connection, Post, made, rows_of(made))
        write(connection, PostDetails, details_of(city, made), rows_of(made))
        write(connection, Match, pairs, len(pairs["id"]))
        blocked = between.made_blocks(city, people["id"])
        write(connection, DoNotMatch, blocked, len(blocked["id"]))
        write(connection, Event, between.made_events(city, made), rows_of(made))
        start_counting(connection)
        with told("counts by area"):
            count_open(connection)
    return db.session.get_one(Network, city.network_id)


def rows_of(columns: Columns) -> int:
    return len(columns["id"])


def make_network(now: datetime) -> Network:
    """With areas, categories, and a coordinator who can sign in with EMAIL and PASSWORD."""
    network = Network(
        id=new_id(),
        slug=SLUG,
        name="A made city",
        timezone="America/Toronto",
        languages=["en", "es"],
        is_demo=True,  # its coordinator signs in with a password alone
        created_at=now - timedelta(days=400),
    )
    db.session.add(network)
    db.session.flush()
    add_default_categories(network)
    import_areas(network, geojson.parse(geojson.load(AREAS), network.resolution), now)
    account = accounts.find_or_create(EMAIL, now=now)
    accounts.set_password(account, PASSWORD, now=now)
    bo = Person(network_id=network.id, id=new_id(), reach="none", languages=["en"], created_at=now)
    bo.name = "Bo"
    mandate = {"starts_at": now, "joined_at": now, "ends_at": now + timedelta(days=180)}
    db.session.add(bo)
    db.session.add(
        Membership(
            network_id=network.id,
            id=new_id(),
            account_id=account.id,
            person_id=bo.id,
            role="coordinator",
            **mandate,
        )
    )
    return network


def made_posts(city: City, posts: int) -> Columns:
    """Open posts and, beside them, the needs that were met before, as many as a fortieth. Oldest first, as ids are."""
    met = posts // 40
    rows, dice = posts + met, city.dice
    closed = np.zeros(rows, bool)
    closed[dice.choice(rows, met, replace=False)] = True
    need = closed | (dice.random(rows) < 0.5)
    days = np.sort(np.mod(dice.exponential(9.0, rows), 28.9))[::-1]
    created = [city.now - timedelta(milliseconds=int(ms)) for ms in days * 86_400_000]
    category, unit = categories_drawn(city, rows)
    quantity = np.where(unit == "dollars", 50, 1) * np.minimum(dice.geometric(0.6, rows), 12)
    quantity[~need] = 1
    stock = np.where(need | (dice.random(rows) < 0.5), 0, dice.integers(1, 20, rows))
    return {
        "network_id": city.network_id,
        "id": ids_at(created),
        "kind": np.where(need, "need", "offer").tolist(),
        "person_id": people_drawn(rows, created, dice),
        "category_id": category.tolist(),
        **places_drawn(city, rows),
        "quantity": quantity.tolist(),
        "uncovered": np.where(need & ~closed, quantity, 0).tolist(),
        "stock": or_none(stock, stock > 0),
        "stock_left": or_none(stock, stock > 0),
        "per_week": or_none(dice.integers(1, 10, rows), ~need & (dice.random(rows) < 0.4)),
        **said(city, need, rows),
        **stands(city, need, closed, created),
        "created_at": created,
        "updated_at": created,
        "last_sign_at": created,
    }


def ids_at(moments: list[datetime]) -> list[int]:
    """Ids as the app makes them at those moments, each once, in the same order."""
    found, last = [], 0
    for moment in moments:
        last = max(last + 1, (int(moment.timestamp() * 1000) - EPOCH_MS) << 21)
        found.append(last)
    return found


def categories_drawn(city: City, rows: int) -> tuple[Any, Any]:
    """Skewed as a power law, food first; ids and units."""
    by_key = {row.key: row for row in categories_of(city.network)}
    order = [by_key[row.key] for top, under in DEFAULTS for row in (*under, top)]
    share = 1 / np.arange(1, len(order) + 1)
    drawn = city.dice.choice(len(order), rows, p=share / share.sum())
    return np.array([row.id for row in order])[drawn], np.array([row.unit for row in order])[drawn]


def people_drawn(rows: int, created: list[datetime], dice: np.random.Generator) -> list[int]:
    """Two of three people have one post, the others two."""
    owners = np.arange(rows)
    second = dice.choice(rows // 4, rows // 4, replace=False)
    owners[rows - rows // 4 :] = second
    ids = ids_at(created)
    return [ids[owner] for owner in owners.tolist()]


def places_drawn(city: City, rows: int) -> Columns:
    """Most have a cell and the area it lies in, some an area only, a few nothing at all."""
    areas = {area.id: area.middle_cell for area in areas_of(city.network)}
    owners, resolution = owners_of(city.network), city.network.resolution
    away = city.dice.normal(0, SIGMA_KM, (rows, 2)) / KM_PER_DEGREE + MIDDLE
    kind = city.dice.random(rows).tolist()
    found: tuple[list[int | None], ...] = ([], [], [])
    for (lat, lon), how in zip(away.tolist(), kind, strict=True):
        fine = cells.cell_at(lat, lon, cells.FINE)
        area = owners.get(fine)
        if how < 0.02 or (how < 0.25 and area is None):
            place: tuple[int | None, ...] = (None, None, None)
        elif how < 0.25:
            place = (area, None, areas[area] if area else None)
        else:
            cell = cells.parent_cell(fine, resolution)
            place = (area, cell, cell)
        for column, value in zip(found, place, strict=True):
            column.append(value)
    return dict(zip(("area_id", "cell", "measure_cell"), found, strict=True))


def said(city: City, need: Any, rows: int) -> Columns:
    """How, when, in which language, and what it takes."""
    dice = city.dice
    travel = np.where(
        need,
        dice.choice(["host", "either", "come"], rows, p=[0.6, 0.3, 0.1]),
        dice.choice(["come", "either", "host"], rows, p=[0.5, 0.3, 0.2]),
    )
    reach = dice.choice([1, 4, 10, 100, 0], rows, p=[0.2, 0.35, 0.25, 0.02, 0.18])
    spoken = 1 / np.arange(1, len(LANGUAGES) + 1) ** 1.2
    speak = dice.choice(len(LANGUAGES), rows, p=spoken / spoken.sum())
    times = dice.choice([0, EVENINGS, WEEKENDS, MORNINGS, EVENINGS | WEEKENDS], rows)
    own = dice.integers(1, 1 << 21, rows)
    days = or_none(dice.integers(3, 60, rows), dice.random(rows) < 0.1)
    today = city.now.astimezone(UTC).date()
    return {
        "travel": travel.tolist(),
        "reach_km": or_none(reach, (reach > 0) & (travel != "host" if not need.all() else True)),
        "times": np.where(dice.random(rows) < 0.2, own, times).tolist(),
        "until_day": [None if day is None else today + timedelta(days=day) for day in days],
        "urgency": dice.choice([0, 1, 2], rows, p=[0.55, 0.33, 0.12]).tolist(),
        **with_bits("language", [LANGUAGES[n] for n in speak.tolist()]),
        "interpreter": (need & (dice.random(rows) < 0.05)).tolist(),
        **with_bits("trait", traits_drawn(need, dice)),
        "choose_for_me": (dice.random(rows) < 0.1).tolist(),
    }


def with_bits(word: str, lists: list[list[str]]) -> Columns:
    """The lists and the sets of bits that the database sifts by."""
    known = {tuple(some): bits_of(some) for some in lists}
    return {f"{word}s": lists, f"{word}_bits": [known[tuple(some)] for some in lists]}


def traits_drawn(need: Any, dice: np.random.Generator) -> list[list[str]]:
    """One need in eight requires one thing; an offer has each of them at times."""
    one = np.where(dice.random(len(need)) < 0.125, dice.integers(0, len(TRAITS), len(need)), -1)
    has = (dice.random((len(need), len(TRAITS))) < (0.5, 0.5, 0.3, 0.5, 0.6, 0.7)) @ (
        1 << np.arange(len(TRAITS))
    )
    lists = [[trait for bit, trait in enumerate(TRAITS) if mask >> bit & 1] for mask in range(64)]
    masks = np.where(need, np.where(one >= 0, 1 << np.maximum(one, 0), 0), has)
    return [lists[mask] for mask in masks.tolist()]


def stands(city: City, need: Any, closed: Any, created: list[datetime]) -> Columns:
    """Most are read; a few wait at intake, are paused, or were let go of."""
    dice, rows = city.dice, len(created)
    intake = ~closed & (dice.random(rows) < 0.01)
    paused = ~closed & ~intake & (dice.random(rows) < 0.01)
    front = ~closed & need & (dice.random(rows) < 0.003)
    read = dice.random(rows) < 0.9
    later = [moment + timedelta(hours=1) for moment in created]
    return {
        "state": np.where(closed, "closed", "open").tolist(),
        "outcome": ["fulfilled" if done else None for done in closed.tolist()],
        "closed_at": when(closed, later),
        "intake": ["call_back" if waits else None for waits in intake.tolist()],
        "paused_at": when(paused, later),
        "front_at": when(front, later),
        "taken_in_at": when(read & ~intake, later),
    }


def when(which: Any, moments: list[datetime]) -> list[datetime | None]:
    return [moment if yes else None for yes, moment in zip(which.tolist(), moments, strict=True)]


def or_none(values: Any, which: Any) -> list[int | None]:
    return [value if yes else None for value, yes in zip(values.tolist(), which.tolist(), strict=True)]


def made_people(city: City, posts: Columns) -> Columns:
    """Whoever posted: sealed names, and hashes of contacts that nobody else has."""
    spoken = dict(zip(posts["person_id"], posts["languages"], strict=True))
    ids = sorted(spoken)
    hashes = city.dice.bytes(64 * len(ids))
    week = city.dice.integers(1, 6, len(ids))
    with told(f"{len(ids):,} sealed names"):
        names = [
            keyring.seal(NAMES[n % len(NAMES)], f"person|name_sealed|{key}") for n, key in enumerate(ids)
        ]
    return {
        "network_id": city.network_id,
        "id": ids,
        "name_sealed": names,
        "phone_hash": [hashes[64 * n : 64 * n + 32] for n in range(len(ids))],
        "code_hash": [hashes[64 * n + 32 : 64 * n + 64] for n in range(len(ids))],
        "reach": "call",
        "languages": [spoken[key] for key in ids],
        "per_week": or_none(week, city.dice.random(len(ids)) < 0.2),
        "created_at": city.now,
    }


def details_of(city: City, posts: Columns) -> Columns:
    """Every other post says something in words of its own."""
    texts = [
        keyring.seal("The lift is broken, we are on the third floor.", f"post_details|text_sealed|{key}")
        if says
        else None
        for key, says in zip(posts["id"], (city.dice.random(rows_of(posts)) < 0.5).tolist(), strict=True)
    ]
    return {"network_id": city.network_id, "id": posts["id"], "text_sealed": texts}


if __name__ == "__main__":
    asked = argparse.ArgumentParser(description="Make a city in a folder, and keep it there.")
    asked.add_argument("folder", type=Path)
    asked.add_argument("--posts", type=int, default=1_000_000)
    asked.add_argument("--seed", type=int, default=1)
    options = asked.parse_args()
    with app_in(options.folder.absolute(), url=os.environ.get("DATABASE_URL", "")).app_context():
        load(options.posts, options.seed)
