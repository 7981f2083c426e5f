"""How to reach a person: sealed, and looked up by a keyed hash that includes the network."""

from sqlalchemy import or_, select

from mutualaid.db import db
from mutualaid.normal import normal_email, normal_phone
from mutualaid.people.models import Person
from mutualaid.sealed import keyring


def set_email(person: Person, typed: str) -> None:
    """ValueError when it is no email. Empty takes it away."""
    email = normal_email(typed) if typed else ""
    if email is None:
        raise ValueError("That is not an email.")
    person.email = email
    person.email_hash = email_hash(person.network_id, email) if email else None


def set_phone(person: Person, typed: str, region: str | None) -> None:
    """ValueError when it is no phone number. Empty takes it away. See normal.normal_phone."""
    phone = normal_phone(typed, region) if typed else ""
    if phone is None:
        raise ValueError("That is not a phone number.")
    person.phone, person.phone_typed = phone, typed
    person.phone_hash = phone_hash(person.network_id, phone) if phone else None


def email_hash(network_id: int, email: str) -> bytes:
    return keyring.digest(email, "email", network_id)


def phone_hash(network_id: int, phone: str) -> bytes:
    return keyring.digest(phone, "phone", network_id)


def people_by_contact(network_id: int, *, email: str | None = None, phone: str | None = None) -> list[Person]:
    """Those of a network who gave this email or this E.164 phone, newest first. Nobody checked that it is theirs."""
    which = []
    if email:
        which.append(Person.email_hash == email_hash(network_id, email))
    if phone:
        which.append(Person.phone_hash == phone_hash(network_id, phone))
    if not which:
        return []
    found = select(Person).where(Person.network_id == network_id, or_(*which), Person.erased_at.is_(None))
    return list(db.session.scalars(found.order_by(Person.created_at.desc(), Person.id.desc())))
