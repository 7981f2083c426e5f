"""Codes to say on the phone, and private links: what opens a neighbour's own page without an account."""

import hashlib
import secrets
from datetime import datetime, timedelta

from sqlalchemy import select, update

from mutualaid.db import db
from mutualaid.people import limits
from mutualaid.people.models import AccessLink, Person
from mutualaid.sealed import keyring

SIGNS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # 32, without I, L, O and U, which are read as others
LOOKS_LIKE = str.maketrans("ILOU", "110V")
LENGTH = 8  # 40 bits
LINK_DAYS = 90
MISSES = 10  # wrong codes an hour, from one place or by one member


class TooManyMisses(Exception):
    pass


def new_code(person: Person) -> str:
    """A new code for a person, as it is shown ("7KM4 RXQ2"). The old one ends. Only its keyed hash is kept."""
    code = "".join(secrets.choice(SIGNS) for _ in range(LENGTH))
    person.code_hash = code_hash(person.network_id, code)
    return f"{code[:4]} {code[4:]}"


def read_code(typed: str) -> str | None:
    """What was typed or heard, as eight signs: small letters, spaces, dashes and look-alikes are all fine."""
    code = "".join(c for c in typed.upper() if c.isalnum()).translate(LOOKS_LIKE)
    return code if len(code) == LENGTH and set(code) <= set(SIGNS) else None


def person_by_code(network_id: int, typed: str) -> Person | None:
    code = read_code(typed)
    if code is None:
        return None
    which = (Person.network_id == network_id, Person.code_hash == code_hash(network_id, code))
    return db.session.scalars(select(Person).where(*which, Person.erased_at.is_(None))).first()


def try_code(network_id: int, typed: str, *, kind: str, who: bytes, now: datetime) -> Person | None:
    """Whose code it is. A miss of `who` is counted, and after ten in an hour nothing opens.

    What was no miss counts until the caller commits."""
    attempt = limits.take(kind, who, now=now, limit=MISSES)
    if attempt is None:
        raise TooManyMisses
    person = person_by_code(network_id, typed)
    if person is not None:
        limits.give_back(attempt)
    return person


def new_link(person: Person, now: datetime, *, days: int = LINK_DAYS) -> str:
    """The token (128 bits) of a new private link; those made before go on working. Only its hash is kept."""
    token = secrets.token_urlsafe(16)
    db.session.add(
        AccessLink(
            network_id=person.network_id,
            person_id=person.id,
            token_hash=_token_hash(token),
            created_at=now,
            expires_at=now + timedelta(days=days),
        )
    )
    return token


def person_by_link(network_id: int, token: str, now: datetime) -> Person | None:
    """Whose link it is, while it lasts."""
    return db.session.scalars(
        select(Person)
        .join(AccessLink, (AccessLink.network_id == Person.network_id) & (AccessLink.person_id == Person.id))
        .where(
            AccessLink.network_id == network_id,
            AccessLink.token_hash == _token_hash(token),
            AccessLink.expires_at > now,
            Person.erased_at.is_(None),
        )
    ).first()


def end_links(person: Person, now: datetime) -> None:
    """All links made so far end: somebody else may have one."""
    theirs = (AccessLink.network_id == person.network_id, AccessLink.person_id == person.id)
    db.session.execute(update(AccessLink).where(*theirs, AccessLink.expires_at > now).values(expires_at=now))


def keep_page(person: Person, days: int, now: datetime) -> None:
    """They want their page for as long again (`days`: what their network keeps), although nothing is open."""
    person.kept_until = now + timedelta(days=days)


def seat_of(person: Person, via: str) -> dict[str, str]:
    """What a browser keeps of whoever came in by code or link. It ends with the code that stands now."""
    stamp = keyring.digest((person.code_hash or b"").hex(), "seat", person.network_id).hex()[:16]
    return {"person": str(person.id), "via": via, "stamp": stamp}


def person_in(network_id: int, seat: dict[str, str]) -> Person | None:
    """Who sits there; None once they have a new code, or are erased."""
    person = db.session.get(Person, (network_id, int(seat["person"])))
    if person is None or person.erased_at is not None:
        return None
    return person if seat == seat_of(person, seat["via"]) else None


def code_hash(network_id: int, code: str) -> bytes:
    return keyring.digest(code, "code", network_id)


def _token_hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
