"""Whom never to match. What is said about it is written by aid.lifecycle."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, ColumnElement, LargeBinary, Select, bindparam, func, or_, select, union

from mutualaid.db import db
from mutualaid.people.models import DoNotMatch, Person


class Who(NamedTuple):
    """A person as lists know them: whoever gave the same phone or email counts as the same."""

    id: int
    phone_hash: bytes | None
    email_hash: bytes | None

    @property
    def hashes(self) -> set[bytes]:
        return {digest for digest in (self.phone_hash, self.email_hash) if digest}


class Entry(NamedTuple):
    """A line of a do-not-match list: whose it is, and a person, or a phone or email that nobody may have given yet."""

    owner: Who
    other_id: int | None
    contact_hash: bytes | None

    def keeps_apart(self, a: Who, b: Who) -> bool:
        """Whether it is a line of the one about the other."""
        return (self.is_of(a) and self.names(b)) or (self.is_of(b) and self.names(a))

    def is_of(self, who: Who) -> bool:
        """People come back without their code: what they said before still counts."""
        return self.owner.id == who.id or bool(self.owner.hashes & who.hashes)

    def names(self, who: Who) -> bool:
        return self.other_id == who.id or (self.contact_hash is not None and self.contact_hash in who.hashes)


def apart_from(who: Who, entries: Iterable[Entry]) -> ColumnElement[bool]:
    """A condition on Person: that one of the lines about `who` keeps the two apart."""
    ids, hashes = set[int](), set[bytes]()
    for entry in entries:
        if entry.is_of(who):
            ids |= {entry.other_id} if entry.other_id else set()
            hashes |= {entry.contact_hash} if entry.contact_hash else set()
        if entry.names(who):
            ids.add(entry.owner.id)
            hashes |= entry.owner.hashes
    return or_(Person.id.in_(ids), Person.phone_hash.in_(hashes), Person.email_hash.in_(hashes))


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
    rows = db.session.execute(ENTRIES, {"network": network_id, **known_by(people)})
    return [Entry(Who(*row[:3]), *row[3:]) for row in rows]


def known_by(people: Iterable[Who]) -> dict[str, Any]:
    """The parameters of ENTRIES."""
    people = list(people)
    hashes = {digest for one in people for digest in one.hashes}
    return {"people": [one.id for one in people], "hashes": sorted(hashes)}


def _entries() -> Select[Any]:
    """(owner, their phone, their email, the other, the other's phone or email), as Entry holds them."""
    network = bindparam("network", type_=BigInteger)
    people = bindparam("people", expanding=True, type_=BigInteger)
    hashes = bindparam("hashes", expanding=True, type_=LargeBinary)
    owners = union(
        *(
            select(Person.id).where(Person.network_id == network, same)
            for same in (Person.id.in_(people), Person.phone_hash.in_(hashes), Person.email_hash.in_(hashes))
        )
    )
    lines = union(
        *(
            select(DoNotMatch.id).where(DoNotMatch.network_id == network, which)
            for which in (
                DoNotMatch.person_id.in_(owners),
                DoNotMatch.other_id.in_(people),
                DoNotMatch.contact_hash.in_(hashes),
            )
        )
    )
    same = (Person.network_id == DoNotMatch.network_id) & (Person.id == DoNotMatch.person_id)
    columns: tuple[Any, ...] = (
        Person.id,
        Person.phone_hash,
        Person.email_hash,
        DoNotMatch.other_id,
        DoNotMatch.contact_hash,
    )
    return (
        select(*columns)
        .join(DoNotMatch, same)
        .where(DoNotMatch.network_id == network, DoNotMatch.id.in_(lines))
    )


ENTRIES = _entries()
