"""Whoever hands over a file and its passphrase can have written anything into it."""

import gzip
import json
import tracemalloc

import pytest
from sqlalchemy import select

from mutualaid import erased, restoring
from mutualaid.aid.matching.ranking import WEIGHTS
from mutualaid.copies import lines as lines_of_copies
from mutualaid.copies.moving import own_tables
from mutualaid.db import db
from mutualaid.networks.models import Network
from mutualaid.people.models import Person
from mutualaid.sealed import new_keys
from tests.copies import age
from tests.copies.moving.files import SECRET, head, keep_keys, rows_of, value


@pytest.mark.once
@pytest.mark.parametrize("begins", ["", "first line"])
def test_file_with_an_endless_line_changes_nothing_and_is_not_taken_into_memory(
    house, lines, run, secret, tmp_path, monkeypatch, begins
):
    """A gigabyte of it packs into a megabyte; here it is smaller, and so is what a line may be."""
    monkeypatch.setattr(lines_of_copies, "LONGEST", 1 << 20)
    first = json.dumps(lines[0]).encode() + b"\n" if begins else b""
    path = tmp_path / "endless.network"
    path.write_bytes(age.sealed(gzip.compress(first + b'["' + b"x" * 20_000_000, 1), SECRET))
    with house("there", new_keys()) as there:
        keys = keep_keys(there)
        before = keys.read_text()
        tracemalloc.start()
        result = run(there, "network", "import", path, "--passphrase-file", secret)
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert (result.exit_code, "longer than any that we write" in result.output) == (1, True), (
            result.output
        )
        assert (keys.read_text(), db.session.scalars(select(Network)).all()) == (before, [])
        assert most < 8 << 20


def another_network(lines):
    table = next(
        n for n, line in enumerate(lines) if isinstance(line, dict) and line.get("table") == "person"
    )
    place = lines[table]["columns"].index("network_id")
    lines[table + 1][place] += 1


def sign_in_of_somebody(lines):
    next(line for line in lines if isinstance(line, dict) and line.get("table") == "person")["table"] = (
        "passkey"
    )
    lines[-1]["end"]["passkey"] = lines[-1]["end"].pop("person")


def number(network_id):
    """The same network under another number, all through the file."""

    def change(lines):
        lines[0]["network"] = network_id
        for table in own_tables():
            value(table.name, "id" if table.name == "network" else "network_id", network_id)(lines)

    return change


def number_twice(lines):
    """Where only the first is looked at, the second is what comes in."""
    for columns, row in rows_of(lines, "network"):
        row.insert(0, row[columns.index("id")])
        del row[columns.index("slug") + 1]
        columns.remove("slug")
        columns.insert(0, "id")


def no_network(lines):
    """All that was in it, and not the network."""
    first = next(
        n for n, line in enumerate(lines) if isinstance(line, dict) and line.get("table") == "network"
    )
    del lines[first : first + 2]
    del lines[-1]["end"]["network"]


NO_DATABASE_TAKES = {
    "number that no column holds": value("post", "quantity", 1 << 64),
    "person who is not there": value("post", "person_id", 7),
    "role that is none": value("membership", "role", "queen"),
    "no network": no_network,
}
MADE_UP = {
    "row of another network": another_network,
    "a way to sign in": sign_in_of_somebody,
    "key too short": head(hashing="00"),
    "key that is a number": head(hashing=int("1" * 64)),
    "no key": head(hashing=None),
    "number 0, of the accounts": number(0),
    "number true": head(network=True),
    "network number below 0": number(-1),
    "number too large": number(1 << 63),
    "number with a point": head(network=1.0),
    "number in words": head(network="1"),
    "number for a name": value("person", "name_sealed", 5),
    "list for a name": value("person", "name_sealed", {"j": ["Amina"]}),
    "count below 0": value("post", "stock", -1),
    "number whose sums run over": value("post", "quantity", 1 << 40),
    "time far ahead": value("person", "created_at", {"t": "9999-01-01T00:00:00+00:00"}),
    "time that has yet to come": value("membership", "joined_at", {"t": "2027-01-01T00:00:00+00:00"}),
    "time long ago": value("person", "kept_until", {"t": "0001-01-02T00:00:00+00:00"}),
    "day far ahead": value("post", "until_day", {"d": "9999-01-01"}),
    "object for a list": value("person", "languages", {"j": {"en": 1}}),
    "list for an object": value("category", "names", {"j": []}),
    "truth for a number": value("post", "quantity", True),
    "word for a number": value("post", "quantity", "two"),
    "word for a time": value("post", "created_at", "today"),
    "time without a zone": value("post", "created_at", {"t": "2026-11-23T15:00:00"}),
    "account that is not there": value("membership", "account_id", 7),
    "column twice": number_twice,
    "time zone that is none": value("network", "timezone", "Nowhere/Land"),
    "way out of the time zones": value("network", "timezone", "../../etc/passwd"),
    "no time zone": value("network", "timezone", ""),
    "no name": value("network", "name", " "),
    "no language": value("network", "languages", {"j": []}),
    "language that is none": value("network", "languages", {"j": ["klingonish"]}),
    "languages that are a number": value("network", "languages", 7),
    "cells of another size": value("network", "resolution", 10),
    "no time to say yes": value("network", "lease_hours", 0),
    "no time to say yes when it is urgent": value("network", "urgent_lease_hours", -1),
    "words that nobody erases": value("network", "retention_days", 1_000_000),
    "words that are erased at once": value("network", "retention_days", 0),
    "welcome without end": value("network", "welcome", "a" * 601),
    "weights that are words": value("network", "weights", {"j": {"distance": "far"}}),
    "weights of nothing": value("network", "weights", {"j": dict.fromkeys(WEIGHTS, 0)}),
    "weights that are a list": value("network", "weights", {"j": []}),
}


@pytest.mark.parametrize(
    "change",
    [
        *(pytest.param(change, id=name) for name, change in NO_DATABASE_TAKES.items()),
        *(pytest.param(change, id=name, marks=pytest.mark.once) for name, change in MADE_UP.items()),
    ],
)
def test_file_that_holds_what_no_network_is_made_of_changes_nothing(house, made_by_hand, run, secret, change):
    with house("there", new_keys()) as there:
        keys = keep_keys(there)
        before = keys.read_text()
        result = run(there, "network", "import", made_by_hand(change), "--passphrase-file", secret)
        assert (result.exit_code, "what no network is made of" in result.output) == (1, True), result.output
        assert (keys.read_text(), restoring.stage(), erased.entries()) == (before, "", [])
        assert db.session.scalars(select(Network)).all() == db.session.scalars(select(Person)).all() == []


@pytest.mark.once
@pytest.mark.parametrize("slug", ["account", "Garrison", "\x1b[2J", "", None, 7])
def test_address_that_cannot_be_one_is_refused(house, made_by_hand, run, secret, slug):
    with house("there", new_keys()) as there:
        keep_keys(there)
        result = run(there, "network", "import", made_by_hand(head(slug=slug)), "--passphrase-file", secret)
        assert (result.exit_code, "with --slug" in result.output) == (1, True), result.output
        assert "\x1b" not in result.output


@pytest.mark.once
@pytest.mark.parametrize("ends_on", ["never", None, 7])
def test_export_that_does_not_say_when_it_ends_is_refused(house, made_by_hand, run, secret, ends_on):
    with house("there", new_keys()) as there:
        keep_keys(there)
        path = made_by_hand(head(ends_on=ends_on))
        result = run(there, "network", "import", path, "--passphrase-file", secret)
        assert (result.exit_code, "does not say when it ends" in result.output) == (1, True), result.output
