"""What tests start from: plain functions that make one thing each, and flush but never commit.

The cast: Amina posts needs, Bo coordinates, Chris is in another network, Dee helps.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import pyotp
from argon2 import PasswordHasher
from sqlalchemy import insert

from mutualaid.actors import Actor
from mutualaid.aid import lifecycle
from mutualaid.aid.lifecycle import Said
from mutualaid.aid.models import Category, Match, Post
from mutualaid.db import db, new_id
from mutualaid.networks.models import Membership, Network
from mutualaid.people.contact import set_email, set_phone
from mutualaid.people.models import Account, Person
from mutualaid.places import cells
from mutualaid.places.models import Area, AreaCell
from mutualaid.sealed import keyring

Row = TypeVar("Row")
NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)  # a Monday, ten in the morning in Toronto
PASSWORD = "three kettles on a hill"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"  # of the app with codes that coordinators and stewards have
PARKDALE = (43.6405, -79.4360)  # latitude, longitude
cheap = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)  # opens the same door, but at once


def make_network(slug: str = "garrison", *, name: str = "Garrison Creek Neighbours", **more: Any) -> Network:
    settings = {"timezone": "America/Toronto", "languages": ["en", "es"], "created_at": NOW} | more
    return _add(Network(id=new_id(), slug=slug, name=name, **settings))


def make_person(
    network: Network,
    name: str = "Amina",
    *,
    email: str = "",
    phone: str = "",
    reach: str | None = None,
    **more: Any,
) -> Person:
    """`reach` follows from what is given: email, call for a phone, else none."""
    person = Person(network_id=network.id, id=new_id(), **{"created_at": NOW, "languages": ["en"]} | more)
    person.name = name
    set_email(person, email)
    set_phone(person, phone, "CA")
    person.reach = reach or ("email" if email else "call" if phone else "none")
    return _add(person)


def make_account(email: str = "bo@example.org", password: str | None = PASSWORD) -> Account:
    account = Account(id=new_id(), email_hash=keyring.digest(email, "email"), created_at=NOW)
    account.email = email
    if password:
        account.password_hash, account.password_changed_at = cheap.hash(password), NOW
    return _add(account)


def make_member(
    network: Network,
    role: str = "coordinator",
    *,
    name: str = "Bo",
    email: str = "",
    account: Account | None = None,
    areas: tuple[Area, ...] = (),
    now: datetime = NOW,
    days: int = 180,
) -> Membership:
    """A member with an account that has PASSWORD; `membership.person` and `membership.account` are at hand.

    Whoever leads has an app with codes, too (`code_now`).
    """
    account = account or make_account(email or f"{name.lower()}@example.org")
    if role != "helper":
        account.totp = SECRET
    person = make_person(network, name, email=account.email)
    membership = Membership(
        network_id=network.id,
        id=new_id(),
        account_id=account.id,
        person_id=person.id,
        role=role,
        area_ids=[area.id for area in areas],
        starts_at=now,
        joined_at=now,
        ends_at=now + timedelta(days=days),
    )
    return _add(membership)


def code_now(now: datetime = NOW) -> str:
    """What the app of a coordinator or steward shows."""
    return pyotp.TOTP(SECRET).at(now)


def make_category(
    network: Network, key: str = "groceries", *, parent: Category | None = None, **more: Any
) -> Category:
    """`more`: unit, remote, sensitive, names."""
    settings = {"unit": "boxes", "names": {"en": key.replace("_", " ").capitalize(), "es": key}} | more
    row = Category(
        network_id=network.id, id=new_id(), key=key, parent_id=parent.id if parent else None, **settings
    )
    return _add(row)


def make_area(
    network: Network, name: str = "Parkdale", at: tuple[float, float] = PARKDALE, km: float = 1.0
) -> Area:
    """A square of 2 × `km` around a place, with the fine cells it is found by."""
    lat, lon = at
    up, side = km / 111.2, km / 80.0
    ring = [(lon - side, lat - up), (lon + side, lat - up), (lon + side, lat + up), (lon - side, lat + up)]
    shape = [[[*ring, ring[0]]]]
    fine = cells.fine_cells(shape)
    area = Area(
        network_id=network.id,
        id=new_id(),
        name=name,
        outline=[[[list(point) for point in border] for border in polygon] for polygon in shape],
        middle_cell=cells.middle_cell(fine, network.resolution),
        created_at=NOW,
        updated_at=NOW,
    )
    _add(area)
    rows = [{"network_id": network.id, "cell": cell, "area_id": area.id} for cell in sorted(fine)]
    db.session.execute(insert(AreaCell.__table__), rows)  # some hundreds: as objects they would take long
    return area


def cell_near(network: Network, north_km: float = 0.0, east_km: float = 0.0) -> int:
    """The network's cell so many kilometres from the middle of Parkdale."""
    lat, lon = PARKDALE
    return cells.cell_at(lat + north_km / 111.2, lon + east_km / 80.0, network.resolution)


def make_need(
    person: Person, category: Category, *, now: datetime = NOW, by: Actor | None = None, **said: Any
) -> Post:
    """`said`: any of lifecycle.Said (quantity, cell, area_id, times, urgency, details …), or intake=…"""
    return _post(person, Said("need", category.id, languages=("en",)), now, by, said)


def make_offer(
    person: Person, category: Category, *, now: datetime = NOW, by: Actor | None = None, **said: Any
) -> Post:
    """The same for an offer: stock, per_week, travel, reach_km …"""
    return _post(person, Said("offer", category.id, languages=("en",)), now, by, said)


def make_match(need: Post, offer: Post, promised: int = 1, *, by: Actor, now: datetime = NOW) -> Match:
    """Proposed. Whoever wants it further calls the next verbs."""
    return lifecycle.propose(need, offer, by=by, now=now, quantity=promised)


def actor_of(who: Person | Membership, role: str | None = None, via: str | None = None) -> Actor:
    """A person acts as a neighbour who came by link; a membership with its role, areas and account."""
    if isinstance(who, Membership):
        areas = frozenset(int(area) for area in who.area_ids)
        return Actor(who.network_id, who.person_id, role or who.role, via or "account", areas)
    role = role or "neighbour"
    return Actor(who.network_id, who.id, role, via or ("link" if role == "neighbour" else "account"))


def _post(person: Person, said: Said, now: datetime, by: Actor | None, more: dict[str, Any]) -> Post:
    intake = {key: more.pop(key) for key in ("intake", "intake_until", "source", "draft_id") if key in more}
    post = lifecycle.post(person, replace(said, **more), by=by or actor_of(person), now=now, **intake)
    db.session.flush()
    return post


def _add(row: Row) -> Row:
    db.session.add(row)
    db.session.flush()
    return row
