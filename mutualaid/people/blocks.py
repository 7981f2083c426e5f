"""Whom never to match. What is said about it is written by aid.lifecycle."""

from collections.abc import Collection, Iterable
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, func, or_, select

from mutualaid.db import db, utc
from mutualaid.people.models import DoNotMatch, Person
from mutualaid.sql import names, numbered, raw_rows


class Who(NamedTuple):
    """A person as lists know them: whoever gave the same phone or email counts as the same."""

    id: int
    phone_hash: bytes | None
    email_hash: bytes | None

    @property
    def hashes(self) -> set[bytes]:
        return {digest for digest in (self.phone_hash, self.email_hash) if digest}


def same_person(a: Who, b: Who) -> bool:
    """The same phone or email counts as the same."""
    if a.id == b.id:
        return True
    theirs = (b.phone_hash, b.email_hash)
    return (a.phone_hash is not None and a.phone_hash in theirs) or (
        a.email_hash is not None and a.email_hash in theirs
    )


class Entry(NamedTuple):
    """A line of a do-not-match list: whose it is, and a person, or a phone or email that nobody may have given yet."""

    owner: Who
    other_id: int | None
    contact_hash: bytes | None
    at: datetime

    def keeps_apart(self, a: Who, b: Who) -> bool:
        """Whether it is a line of the one about the other."""
        return (self.is_of(a) and self.names(b)) or (self.is_of(b) and self.names(a))

    def is_between(self, a: Who, b: Who) -> bool:
        """The same, said by one of these two as they are known here: nobody else who gave the same phone or email."""
        return (self.owner.id == a.id and self.names(b)) or (self.owner.id == b.id and self.names(a))

    def hides(self, viewer: Who, other: Who, made_at: datetime) -> bool:
        """Whether on their own page the one is not shown what the other made then; see `hidden_from`."""
        about_them = other.id in (self.owner.id, self.other_id)
        return self.keeps_apart(viewer, other) and (about_them or made_at > self.at)

    def is_of(self, who: Who) -> bool:
        """People come back without their code: what they said before still counts."""
        return same_person(self.owner, who)

    def names(self, who: Who) -> bool:
        return self.other_id == who.id or (self.contact_hash is not None and self.contact_hash in who.hashes)


def hidden_from(viewer: Who, entries: Iterable[Entry]) -> tuple[set[int], dict[bytes, datetime]]:
    """Whose posts one is not shown on one's own page: of these people all; of these phones and emails all since then.

    What was there before a line with a phone or email stays: else whoever writes one down sees whose need vanishes.
    """
    people, later = set[int](), dict[bytes, datetime]()
    for entry in entries:
        hashes = set[bytes]()
        if entry.is_of(viewer):
            people |= {entry.other_id} if entry.other_id else set()
            hashes |= {entry.contact_hash} if entry.contact_hash else set()
        if entry.names(viewer):
            people.add(entry.owner.id)
            hashes |= entry.owner.hashes
        later |= {digest: min(entry.at, later.get(digest, entry.at)) for digest in hashes}
    return people, later


def same_as(who: Who) -> ColumnElement[bool]:
    """A condition on Person: this one, or one who gave the same phone or email."""
    same = (Person.phone_hash.in_(who.hashes), Person.email_hash.in_(who.hashes))
    return or_(Person.id == who.id, *same)


class Line(NamedTuple):
    """What was said at once on one's own list, as its owner sees it. `met`: somebody of a match."""

    id: int
    at: datetime
    met: bool


def lines_of(person: Person) -> list[Line]:
    """Newest first. A person, their phone and their email, said at once, are one line."""
    mine = (DoNotMatch.network_id == person.network_id, DoNotMatch.person_id == person.id)
    same = (func.min(DoNotMatch.id), DoNotMatch.created_at, func.count(DoNotMatch.other_id))
    query = select(*same).where(*mine).group_by(DoNotMatch.created_at).order_by(DoNotMatch.created_at.desc())
    return [Line(first, at, bool(met)) for first, at, met in db.session.execute(query)]


def who(person: Person) -> Who:
    return Who(person.id, person.phone_hash, person.email_hash)


def entries_about(network_id: int, people: Iterable[Who]) -> list[Entry]:
    """Every line by or about any of these people; one query."""
    asked = known_by(people)
    rows = raw_rows(entries(asked), {"network": network_id, **asked})
    return [Entry._make((Who(*row[:3]), *row[3:5], utc(row[5]))) for row in rows]


def known_by(people: Iterable[Who]) -> dict[str, Any]:
    """The parameters of `entries`, beside the network."""
    people = list(people)
    hashes = sorted({digest for one in people for digest in one.hashes})
    return numbered("person", [one.id for one in people]) | numbered("hash", hashes)


def entries(known: Collection[str]) -> str:
    """A query for rows as Entry holds them: owner, their phone, their email, the other, their phone or email, when."""
    hashes = sum(name.startswith("hash") for name in known)
    return _entries(len(known) - hashes, hashes)


@lru_cache(maxsize=1 << 6)
def _entries(people: int, hashes: int) -> str:
    ids, listed = names("person", people), names("hash", hashes)
    owners = [OWNERS.format(column=column, listed=listed) for column in ("phone_hash", "email_hash")]
    return ENTRIES.format(
        ids=ids,
        owners="".join(owners) if hashes else "",
        named=NAMED.format(listed=listed) if hashes else "",
    )


OWNERS = " UNION SELECT id FROM person WHERE network_id = :network AND {column} IN ({listed})"
NAMED = "UNION SELECT id FROM do_not_match WHERE network_id = :network AND contact_hash IN ({listed})"
# Each part finds its lines by an index of its own; OR would read all of them.
ENTRIES = """
SELECT person.id, person.phone_hash, person.email_hash, line.other_id, line.contact_hash, line.created_at
FROM do_not_match AS line JOIN person ON person.network_id = line.network_id AND person.id = line.person_id
WHERE line.network_id = :network AND line.id IN (
    SELECT id FROM do_not_match WHERE network_id = :network AND person_id IN (
        SELECT id FROM person WHERE network_id = :network AND id IN ({ids}){owners}
    )
    UNION SELECT id FROM do_not_match WHERE network_id = :network AND other_id IN ({ids})
    {named}
)
"""
