"""Canaries: what one person brought in is gone from every column once they are erased, and stays gone."""

import json
import shutil
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import LargeBinary, Table, select

from mutualaid import erased
from mutualaid.aid import drafts, lifecycle
from mutualaid.aid.lifecycle.erasing import erase_again
from mutualaid.aid.lifecycle.retention import erase_due
from mutualaid.aid.messages.models import Message
from mutualaid.aid.models import Match, Post, PostDetails
from mutualaid.db import Base, db, new_id
from mutualaid.events.models import Event
from mutualaid.networks import two_people, wiping
from mutualaid.networks.models import Membership, Network
from mutualaid.people import sessions
from mutualaid.people.access import new_code, new_link
from mutualaid.people.accounts import mint_token
from mutualaid.people.contact import set_email
from mutualaid.people.models import Account, Passkey, Person
from mutualaid.people.second import new_codes
from tests.factories import (
    NOW,
    actor_of,
    cell_near,
    make_category,
    make_match,
    make_member,
    make_need,
    make_network,
    make_offer,
    make_person,
)

DAY = timedelta(days=1)
# Gone after an hour, about nobody known; sums over a network; until when to answer, gone a month after it was sent.
PASSING = {"attempt", "area_count", "language_count", "notice"}


class Cast:
    """Bo coordinates and Dee helps, both with accounts; then Amina comes, and leaves a trace in every table."""

    def __init__(self, slug: str = "garrison") -> None:
        self.network = make_network(slug)
        self.groceries = make_category(self.network)
        self.bo, self.dee = (
            make_member(self.network, role, name=name, email=f"{name.lower()}@{slug}.example")
            for role, name in (("coordinator", "Bo"), ("helper", "Dee"))
        )
        self.offer = make_offer(
            self.dee.person, self.groceries, travel="come", reach_km=9, traits=("lifting",)
        )
        db.session.commit()
        self.before = values()
        self.amina = make_person(
            self.network, "Amina", phone="416 555 0101", languages=["ht"], hours_sealed=None
        )
        self.amina.hours = "evening"
        set_email(self.amina, "amina@example.org")
        new_code(self.amina)
        new_link(self.amina, NOW)
        said = {
            "details": "Second floor.",
            "languages": ("ht",),
            "traits": ("lifting",),
            "times": 5,
        }
        self.need = make_need(
            self.amina,
            self.groceries,
            cell=cell_near(self.network, 3),
            travel="host",
            source=("hotline", "row 17"),
            **said,
        )
        self.matched()
        self.draft()
        lifecycle.never_match_contact(self.amina, b"their ex", by=actor_of(self.amina), now=NOW)
        db.session.commit()
        self.hers = values() - self.before

    def matched(self) -> None:
        """Agreed, with words of both, an address, and a note in history."""
        match = make_match(self.need, self.offer, by=actor_of(self.bo))
        lifecycle.consent(match, "need", by=actor_of(self.amina), now=NOW)
        lifecycle.consent(match, "offer", by=actor_of(self.dee), now=NOW)
        lifecycle.set_address(match, "12 Queen Street", by=actor_of(self.amina), now=NOW)
        for side in ("need", "offer"):
            row = Message(
                network_id=self.network.id,
                id=new_id(),
                match_id=match.id,
                side=side,
                once=1,
                signs=[],
                state="sent",
                created_at=NOW,
            )
            row.text = f"Words of the {side}."
            db.session.add(row)
        other = make_need(self.amina, self.groceries, details="Also this.")
        lifecycle.refer(other, "Another group", by=actor_of(self.bo), now=NOW)
        self.match = match

    def draft(self) -> None:
        row, _ = drafts.begin(self.network, "need", NOW)
        row.person_id, row.answers, row.code = self.amina.id, json.dumps({"link": "x"}), "7KM4 RXQ2"


def values() -> set[tuple[str, str, str]]:
    """Everything that stands anywhere: (table, column, value); but ids, and what is about nobody."""
    found: set[tuple[str, str, str]] = set()
    for table in Base.metadata.sorted_tables:
        for row in db.session.execute(select(table)).mappings():
            found |= {
                (table.name, name, repr(value)) for name, value in row.items() if tells(table, name, value)
            }
    db.session.commit()
    return found


def tells(table: Table, name: str, value: Any) -> bool:
    if value in (None, "", [], {}, 0, False) or table.name in PASSING or name == "id":
        return False
    if name.endswith("_id") and not isinstance(value, bytes):
        return False
    return isinstance(value, (bytes, str, list, dict)) or name.endswith("cell")


def secrets() -> list[str]:
    """Every column that is sealed or hashed."""
    return [
        f"{table.name}.{column.name}"
        for table in Base.metadata.sorted_tables
        for column in table.c
        if isinstance(column.type, LargeBinary) and table.name not in PASSING
    ]


KEPT_WORDS = {  # keys from short lists, said of counts
    *("kind", "state", "outcome", "travel", "verb", "reason", "actor_role", "source", "language", "reach"),
    *("channel", "role", "side"),
}


def words_of(found: set[tuple[str, str, str]]) -> set[tuple[str, str, str]]:
    return {row for row in found if row[1] not in KEPT_WORDS}


def test_whatever_one_person_brought_in_is_gone(app: Flask) -> None:
    cast = Cast()
    lifecycle.erase(cast.amina, by=actor_of(cast.amina), now=NOW)
    db.session.commit()
    assert words_of(values() & cast.hers) == set()


def ask_for_a_role(cast: Cast) -> None:
    """Bo would like Dee to coordinate, and nobody has said yes yet."""
    two_people.ask(
        cast.network,
        cast.dee.account.email,
        "coordinator",
        area_ids=[],
        months=6,
        by=actor_of(cast.bo),
        now=NOW,
    )


def second_ways(account: Account) -> None:
    """Every way to sign in beside the password."""
    account.totp = "JBSWY3DPEHPK3PXP"
    new_codes(account)
    key = Passkey(
        account_id=account.id,
        credential_id=b"what her key is called",
        public_key=b"its open half",
        sign_count=1,
        made_on=NOW.date(),
    )
    db.session.add(key)


def test_canaries_are_found_while_nobody_is_erased(app: Flask) -> None:
    """The same search does find them before; so that a column that comes later is filled here, and then searched."""
    cast = Cast()
    mint_token(cast.dee.account, "invitation", NOW, network_id=cast.network.id)
    sessions.begin(cast.dee.account, now=NOW)
    second_ways(cast.dee.account)
    ask_for_a_role(cast)
    db.session.commit()
    filled = {f"{table}.{name}" for table, name, _ in values()}
    assert [column for column in secrets() if column not in filled] == []
    assert len(words_of(cast.hers)) > 20


@pytest.mark.parametrize("how", ["at once", "by the clock"])
def test_nothing_is_left_of_anyone_once_all_are_erased(app: Flask, how: str) -> None:
    cast = Cast()
    mint_token(cast.dee.account, "invitation", NOW, network_id=cast.network.id)
    sessions.begin(cast.dee.account, now=NOW)
    second_ways(cast.dee.account)
    ask_for_a_role(cast)
    if how == "at once":
        for person in (cast.amina, cast.dee.person, cast.bo.person):
            lifecycle.erase(person, by=actor_of(person), now=NOW)
        db.session.commit()
    else:
        lifecycle.withdraw(cast.need, by=actor_of(cast.amina), now=NOW)
        lifecycle.withdraw(cast.offer, by=actor_of(cast.dee), now=NOW)
        db.session.commit()
        erase_due(NOW + 400 * DAY)
    filled = {f"{table}.{name}" for table, name, _ in values()}
    assert [column for column in secrets() if column in filled] == []
    assert times_of_day() == set()


def times_of_day() -> set[tuple[str, str]]:
    """Columns where more than a day is left, of what is kept for counting."""
    kept = (Person, Post, Match, Event)
    return {
        (model.__tablename__, column.name)
        for model in kept
        for column in model.__table__.c
        for value in db.session.scalars(select(column))
        if isinstance(value, datetime) and value != value.replace(hour=0, minute=0, second=0, microsecond=0)
    }


def test_counts_stay(app: Flask) -> None:
    cast = Cast()
    verbs = select(Event.verb, Event.quantity).order_by(Event.id)
    before = db.session.execute(verbs).all()
    lifecycle.erase(cast.amina, by=actor_of(cast.amina), now=NOW)
    after = db.session.execute(verbs).all()
    assert after[: len(before)] == before
    assert {row.verb for row in after[len(before) :]} == {"withdraw", "release", "erase"}


def test_match_that_was_delivered_keeps_its_times_until_it_is_over(app: Flask) -> None:
    """Silence counts from the moment of the delivery, whoever is erased."""
    cast = Cast()
    lifecycle.deliver(cast.match, by=actor_of(cast.dee), now=NOW)
    lifecycle.erase(cast.amina, by=actor_of(cast.amina), now=NOW)
    db.session.commit()
    assert (cast.match.state, cast.match.delivered_at, cast.need.erased_at) == ("delivered", NOW, None)
    lifecycle.confirm(cast.match, by=actor_of(cast.bo), now=NOW + 7 * DAY, by_silence=True)
    db.session.commit()
    assert (erase_due(NOW + 37 * DAY), cast.need.erased_at is None) == (1, False)


def test_member_who_erases_themselves_loses_place_and_account(app: Flask) -> None:
    cast = Cast()
    lifecycle.erase(cast.dee.person, by=actor_of(cast.dee), now=NOW)
    db.session.commit()
    assert list(db.session.scalars(select(Membership))) == [cast.bo]
    assert list(db.session.scalars(select(Account))) == [cast.bo.account]


# What is noted outside, and a backup that is put back


def noted() -> list[str]:
    return [entry.what for entry in erased.entries()]


@pytest.fixture
def folder(app: Flask) -> Path:
    """Where it is noted, empty."""
    path = Path(app.config["INSTANCE"]) / "erased"
    shutil.rmtree(path, ignore_errors=True)
    return path


def test_erasing_is_noted_when_it_commits_and_not_before(folder: Path) -> None:
    cast = Cast()
    lifecycle.erase(cast.amina, by=actor_of(cast.amina), now=NOW)
    assert noted() == []
    db.session.rollback()
    db.session.commit()
    assert noted() == []
    lifecycle.erase(cast.amina, by=actor_of(cast.amina), now=NOW)
    db.session.commit()
    assert noted() == ["person", "post", "post"]
    assert {path.name for path in folder.iterdir()} == {"2026-11-23"}


def test_notes_end_a_week_after_the_last_backup(app: Flask, folder: Path) -> None:
    cast = Cast()
    lifecycle.erase(cast.amina, by=actor_of(cast.amina), now=NOW)
    db.session.commit()
    assert [erased.prune(NOW + days * DAY) for days in (37, 38)] == [0, 1]
    assert noted() == []


def test_line_that_was_cut_short_is_passed_over(folder: Path) -> None:
    folder.mkdir()
    (folder / "2026-11-23").write_text("person 1 2\nperson 1")
    assert noted() == ["person"]


class Backup:
    """All rows as they stand, put back as they were."""

    def __init__(self) -> None:
        self.rows = {table: db.session.execute(select(table)).all() for table in Base.metadata.sorted_tables}
        db.session.commit()

    def put_back(self) -> None:
        db.session.expunge_all()
        for table in reversed(Base.metadata.sorted_tables):
            db.session.execute(table.delete())
        for table, rows in self.rows.items():
            if rows and not table.name.endswith("_count"):  # the database counts by itself
                db.session.execute(table.insert(), [dict(row._mapping) for row in rows])
        db.session.commit()


def test_backup_that_is_put_back_brings_nobody_back(folder: Path) -> None:
    """By themselves, by the clock, and with their whole network."""
    cast, other = Cast(), Cast("chris")
    hers, theirs = words_of(cast.hers), words_of(other.hers)
    backup = Backup()
    lifecycle.erase(cast.amina, by=actor_of(cast.amina), now=NOW)
    wiping.begin(other.network, NOW)
    db.session.commit()
    wiping.wipe(other.network.id)
    gone = values()
    backup.put_back()
    assert len(words_of(values() & (hers | theirs))) > 40
    assert erase_again(NOW + 3 * DAY) == 2
    assert words_of(values() & (hers | theirs)) == set()
    assert {row for row in values() - gone if row[1] not in ("number", *KEPT_WORDS)} == set()
    assert erase_again(NOW + 3 * DAY) == 0


def test_backup_from_before_a_post_was_closed_brings_no_words_back(folder: Path) -> None:
    cast = Cast()
    backup = Backup()
    lifecycle.withdraw(cast.need, by=actor_of(cast.amina), now=NOW)
    db.session.commit()
    key = (cast.network.id, cast.need.id)
    make_need(cast.amina, cast.groceries)
    db.session.commit()
    erase_due(NOW + 30 * DAY)
    backup.put_back()
    assert db.session.get(PostDetails, key) is not None
    erase_again(NOW + 31 * DAY)
    assert db.session.get(PostDetails, key) is None
    assert db.session.get_one(Post, key).outcome == "withdrawn"


# A network is removed


def test_network_is_wiped_with_all_that_it_owns(app: Flask) -> None:
    cast, other = Cast(), Cast("chris")
    there = make_network("third")
    make_member(there, account=cast.bo.account, name="Bo")
    db.session.commit()
    network_id, accounts = cast.network.id, {cast.bo.account_id, other.bo.account_id, other.dee.account_id}
    wiping.begin(cast.network, NOW)
    db.session.commit()
    gone = wiping.wipe(network_id)
    assert owned_by(network_id) == []
    assert (gone["person"], gone["post"], gone["match"], gone["account"]) == (3, 3, 1, 1)
    assert set(db.session.scalars(select(Network.slug))) == {"chris", "third"}
    assert set(db.session.scalars(select(Account.id))) == accounts
    assert words_of(values() & other.hers) == words_of(other.hers)


def owned_by(network_id: int) -> list[str]:
    return [
        table.name
        for table in Base.metadata.sorted_tables
        if "network_id" in table.c
        and db.session.execute(select(table).where(table.c.network_id == network_id)).first()
    ]


def test_wipe_that_was_stopped_goes_on_where_it_was(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wiping, "BATCH", 2)
    cast = Cast()
    network_id = cast.network.id
    wiping.begin(cast.network, NOW)
    db.session.commit()
    stops = iter([False] * 3 + [True])
    first = wiping.wipe(network_id, ending=lambda: next(stops))
    assert wiping.being_wiped() == [network_id]
    second = wiping.wipe(network_id)
    assert (first.total() > 0, second["person"] + first["person"]) == (True, 3)
    assert (wiping.being_wiped(), owned_by(network_id)) == ([], [])
