"""Making a network, and giving, renewing and ending mandates. None of these commits; the caller does."""

import calendar
import re
import unicodedata
import zoneinfo
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from babel import Locale, UnknownLocaleError
from sqlalchemy import ColumnElement, func, select

from mutualaid.actors import Actor, command_line
from mutualaid.db import db, new_id
from mutualaid.events.history import happened
from mutualaid.networks.models import MONTHS, ROLES, Membership, Network
from mutualaid.people import sessions
from mutualaid.people.accounts import end_invitations, find, find_or_create, mint_token
from mutualaid.people.contact import set_email
from mutualaid.people.models import Account, Person

RESERVED = (
    "account",
    "away",
    "invitation",
    "language",
    "leave",
    "patterns",
    "reset",
    "sign-in",
    "sign-out",
    "static",
    "what-we-hold",
)
SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])")
NUMBERS = {"lease_hours": (1, 168), "urgent_lease_hours": (1, 48), "retention_days": (1, 365)}
LETTERS = {"emergency_line": 200, "phone_line": 200, "welcome": 600}


class NotPossible(Exception):
    """Says in one plain line what has to be different; nothing has been changed."""


def create_network(
    slug: str,
    name: str,
    *,
    languages: Sequence[str] = ("en",),
    timezone: str = "UTC",
    resolution: int = 8,
    now: datetime,
) -> Network:
    """An empty network; its categories are added by aid.categories. Raises NotPossible."""
    check_slug(slug)
    said = {"name": name, "languages": languages, "timezone": timezone, "resolution": resolution}
    network = Network(id=new_id(), slug=slug, created_at=now, **checked_settings(said))
    db.session.add(network)
    db.session.flush()
    return network


def checked_settings(said: dict[str, Any]) -> dict[str, Any]:
    """The settings of a network that is made here or brought in, as they are kept. Raises NotPossible."""
    for name, (least, most) in NUMBERS.items():
        if not least <= said.get(name, least) <= most:
            raise NotPossible(f"{name} is a number from {least} to {most}.")
    for name, most in LETTERS.items():
        if len(said.get(name, "")) > most:
            raise NotPossible(f"{name} has at most {most} letters.")
    languages = [checked_language(code) for code in said["languages"]]
    if not languages:
        raise NotPossible("A network needs at least one language.")
    return said | {
        "name": checked_name(said["name"]),
        "languages": languages,
        "timezone": checked_timezone(said["timezone"]),
        "resolution": checked_resolution(said["resolution"]),
    }


def check_slug(slug: str) -> None:
    if not SLUG.fullmatch(slug):
        raise NotPossible(
            f"“{slug}” cannot be an address. Take 2 to 40 small letters (a to z), numbers or dashes between them."
        )
    if slug in RESERVED:
        raise NotPossible(f"“{slug}” is an address of the program itself. Take another one.")
    if db.session.scalar(select(Network.id).where(Network.slug == slug)) is not None:
        raise NotPossible(f"There is a network at /{slug}/ already.")


def checked_name(name: str) -> str:
    name = " ".join(name.split())
    if not 1 <= len(name) <= 80 or any(unicodedata.category(c) in ("Cc", "Cs") for c in name):
        raise NotPossible("A network needs a name of at most 80 letters.")
    return name


def checked_language(code: str) -> str:
    """A language that Babel knows, as a code like "es" or "pt_BR"."""
    try:
        return str(Locale.parse(code.strip().replace("-", "_")))
    except (UnknownLocaleError, ValueError):
        raise NotPossible(f"“{code}” is not a language code. Examples: en, es, fr, ht.") from None


def checked_timezone(name: str) -> str:
    if name not in zoneinfo.available_timezones():
        raise NotPossible(f"“{name}” is not a time zone. Examples: America/Toronto, Europe/Madrid.")
    return name


def checked_resolution(resolution: int) -> int:
    if resolution not in (7, 8, 9):
        raise NotPossible("The resolution is 7 (cells of 5 km²), 8 (0.7 km²) or 9 (0.1 km²).")
    return resolution


def checked_role(role: str) -> str:
    if role not in ROLES:
        raise NotPossible(f"“{role}” is not a role. The roles are {', '.join(ROLES[:-1])} and {ROLES[-1]}.")
    return role


def add_member(
    network: Network,
    email: str,
    role: str,
    *,
    area_ids: Iterable[int] = (),
    now: datetime,
    months: int = MONTHS,
    by: Actor | None = None,
    alone: bool = False,
) -> tuple[Membership, str | None]:
    """`give_mandate`, with a one-time token for `/invitation/<token>`, or None for those who have joined already."""
    member = give_mandate(network, email, role, area_ids=area_ids, now=now, months=months, by=by, alone=alone)
    return member, None if member.joined_at else invite(member, now)


def give_mandate(
    network: Network,
    email: str,
    role: str,
    *,
    area_ids: Iterable[int] = (),
    now: datetime,
    months: int = MONTHS,
    by: Actor | None = None,
    alone: bool = False,
) -> Membership:
    """Whoever has one already gets this role for this long, from now. Raises NotPossible. See renew."""
    checked_role(role)
    try:
        account = find_or_create(email, now=now)
    except ValueError:
        raise NotPossible(f"“{email}” is not an email.") from None
    member = find_member(network, account) or _new_member(network, account, now)
    renew(member, role, area_ids=area_ids, months=months, now=now, by=by, alone=alone)
    db.session.flush()
    return member


def find_member(network: Network, account: Account | None) -> Membership | None:
    if account is None:
        return None
    which = (Membership.network_id == network.id, Membership.account_id == account.id)
    return db.session.scalars(select(Membership).where(*which)).first()


def has_joined(account: Account) -> bool:
    """Somewhere, whatever became of it. Whoever came with a network that moved has done so, and has no password yet."""
    joined = (Membership.account_id == account.id, Membership.joined_at.is_not(None))
    return bool(db.session.scalar(select(select(Membership.id).where(*joined).exists())))


def member_by_email(network: Network, email: str) -> Membership | None:
    return find_member(network, find(email))


def _new_member(network: Network, account: Account, now: datetime) -> Membership:
    person = _new_person(network, account, now)
    member = Membership(network_id=network.id, id=new_id(), account_id=account.id, person_id=person.id)
    db.session.add(member)
    return member


def _new_person(network: Network, account: Account, now: datetime) -> Person:
    language = network.languages[0]
    person = Person(
        network_id=network.id,
        id=new_id(),
        reach="email",
        language=language,
        languages=[language],
        created_at=now,
    )
    set_email(person, account.email)
    db.session.add(person)
    return person


def renew(
    member: Membership,
    role: str,
    *,
    area_ids: Iterable[int] = (),
    months: int = MONTHS,
    now: datetime,
    by: Actor | None = None,
    alone: bool = False,
) -> None:
    """This role, for these areas (none: all), for so many months from now; also after it ended or was recalled.

    `alone`: it would have needed a second person, and there was none (networks.two_people). Raises NotPossible where
    it would leave nobody to lead.
    """
    if role != "steward":
        _one_steward_stays(member, now, by)
    if member.joined_at and role != member.role:
        sessions.end(member.account_id)  # another role, other rules for signing in
    if role == "helper" and member.leads(now):
        _happened("demote", member, by, now)
    member.role = checked_role(role)
    member.area_ids = sorted(area_ids) if role == "coordinator" else []
    member.starts_at, member.ends_at, member.recalled_at = now, months_later(now, months), None
    _happened("mandate_alone" if alone else "mandate", member, by, now)


def invite(member: Membership, now: datetime) -> str:
    """A one-time token with which they accept. Whoever holds one from before has nothing more."""
    account = db.session.get_one(Account, member.account_id)
    end_invitations(account, member.network_id, now)
    return mint_token(account, "invitation", now, network_id=member.network_id)


def join(member: Membership, name: str, *, now: datetime) -> None:
    """They accept: the mandate begins to count."""
    person = db.session.get_one(Person, (member.network_id, member.person_id))
    person.name, member.joined_at = name, now
    _happened("join", member, Actor(member.network_id, member.person_id, member.role, "account"), now)


def recall_member(member: Membership, *, now: datetime, by: Actor | None = None) -> None:
    """End a mandate at once. The last steward can only be recalled at the command line: nobody could undo it."""
    _one_steward_stays(member, now, by)
    member.recalled_at = now
    if member.joined_at:  # else it was never theirs, and they may be signed in for others
        sessions.end(member.account_id)
    _happened("recall", member, by, now)


def _one_steward_stays(member: Membership, now: datetime, by: Actor | None) -> None:
    """`by` None is the command line, which can make a new one. Two who recall each other come one after the other."""
    if by is None or member.role != "steward" or not member.stands(now):
        return
    standing = select(Membership.id).where(*_stewards(member.network_id, now)).order_by(Membership.id)
    if len(db.session.scalars(standing.with_for_update()).all()) <= 1:
        raise NotPossible("The last steward stays, until there is another one.")


def stewards(network_id: int, now: datetime) -> int:
    """How many there are whose mandate stands."""
    which = _stewards(network_id, now)
    return db.session.scalar(select(func.count()).select_from(Membership).where(*which)) or 0


def _stewards(network_id: int, now: datetime) -> tuple[ColumnElement[bool], ...]:
    return Membership.network_id == network_id, Membership.role == "steward", Membership.standing(now)


def months_later(moment: datetime, months: int) -> datetime:
    """The same day of the month, or its last one."""
    year, month = divmod(moment.year * 12 + moment.month - 1 + months, 12)
    day = min(moment.day, calendar.monthrange(year, month + 1)[1])
    return moment.replace(year=year, month=month + 1, day=day)


def _happened(verb: str, member: Membership, by: Actor | None, now: datetime) -> None:
    happened(
        verb,
        by=by or command_line(member.network_id),
        now=now,
        person_id=member.person_id,
        reason=member.role,
    )
