"""Whom never to match, as a question to the database. What is said about it is written by aid.lifecycle."""

from typing import Any

from sqlalchemy import ColumnElement, exists, or_, select
from sqlalchemy.orm import aliased

from mutualaid.people.models import DoNotMatch, Person


def blocks(one: Any, other: Any) -> ColumnElement[bool]:
    """Whether `one` has `other` on their list; both are aliases of Person in the query around this.

    Whoever gave the same phone or email as `one` counts as the same: people come back without their code.
    """
    same = aliased(Person)
    by_contact = (
        select(same.id).where(same.network_id == one.network_id, is_same).correlate(one)
        for is_same in (same.phone_hash == one.phone_hash, same.email_hash == one.email_hash)
    )
    is_other = or_(
        DoNotMatch.other_id == other.id,
        DoNotMatch.contact_hash.in_((other.phone_hash, other.email_hash)),
    )
    # Each whose list it may be is asked for alone: in one OR, SQLite would read all lists for every pair.
    whose = (DoNotMatch.person_id == one.id, *(DoNotMatch.person_id.in_(ids) for ids in by_contact))
    return or_(
        *(exists().where(DoNotMatch.network_id == one.network_id, is_theirs, is_other) for is_theirs in whose)
    )
