"""The verbs of a post. None of them commits; the caller does."""

from dataclasses import dataclass, fields
from datetime import date, datetime

from mutualaid.actors import Actor
from mutualaid.aid.bits import bits_of
from mutualaid.aid.lifecycle.counts import held_by, used_of
from mutualaid.aid.lifecycle.covering import close_when_covered
from mutualaid.aid.lifecycle.steps import done, start
from mutualaid.aid.lifecycle.table import Refused, WrongState
from mutualaid.aid.models import Post, PostDetails
from mutualaid.db import db, new_id
from mutualaid.events.history import happened
from mutualaid.people.models import Person
from mutualaid.places.models import Area


@dataclass(frozen=True)
class Said:
    """What a post says. Units: quantity, stock, per_week in the category's unit; reach_km whole kilometres."""

    kind: str
    category_id: int
    area_id: int | None = None
    cell: int | None = None
    quantity: int = 1
    stock: int | None = None
    per_week: int | None = None
    travel: str = "either"
    reach_km: int | None = None
    times: int = 0
    from_day: date | None = None
    until_day: date | None = None
    urgency: int = 0
    languages: tuple[str, ...] = ()
    interpreter: bool = False
    traits: tuple[str, ...] = ()
    choose_for_me: bool = False
    details: str = ""


COLUMNS = tuple(f.name for f in fields(Said) if f.name not in ("details", "kind"))


def post(
    person: Person,
    said: Said,
    *,
    by: Actor,
    now: datetime,
    intake: str | None = None,
    intake_until: date | None = None,
    draft_id: int | None = None,
    source: tuple[str, str] | None = None,
    last_sign_at: datetime | None = None,
) -> Post:
    """A new need or offer. `source` is (name of the source, row id) of an import.

    An import is a sign of life: what was first said long ago, at `now`, is alive since `last_sign_at`.
    """
    made = Post(
        network_id=person.network_id,
        id=new_id(),
        kind=said.kind,
        person_id=person.id,
        state="open",
        created_at=now,
        last_sign_at=last_sign_at or now,
        intake=intake,
        intake_until=intake_until,
        draft_id=draft_id,
        posted_by_id=by.person_id if by.person_id != person.id else None,
        source=source[0] if source else None,
        source_row=source[1] if source else None,
    )
    _write(made, PostDetails(network_id=made.network_id, id=made.id), said, now)
    made.uncovered = said.quantity if made.is_need else 0
    made.stock_left = said.stock
    db.session.add(made)
    happened(
        "post",
        by=by,
        now=now,
        person_id=person.id,
        post_id=made.id,
        quantity=said.quantity,
    )
    return made


def _write(row: Post, details: PostDetails, said: Said, now: datetime) -> None:
    """Asks first and writes then: a question in between would flush a row whose counts do not agree yet."""
    row.measure_cell = said.cell or _middle_cell(row.network_id, said.area_id)
    for name in COLUMNS:
        value = getattr(said, name)
        setattr(row, name, list(value) if isinstance(value, tuple) else value)
    row.language_bits, row.trait_bits = bits_of(said.languages), bits_of(said.traits)
    row.updated_at = now
    details.text = said.details
    db.session.add(details)


def _middle_cell(network_id: int, area_id: int | None) -> int | None:
    area = db.session.get(Area, (network_id, area_id)) if area_id else None
    return area.middle_cell if area else None


def said(row: Post) -> Said:
    """What a post says now, to be changed with dataclasses.replace."""
    values = {name: getattr(row, name) for name in COLUMNS}
    for name in ("languages", "traits"):
        values[name] = tuple(values[name])
    details = db.session.get(PostDetails, (row.network_id, row.id))
    return Said(kind=row.kind, details=details.text if details else "", **values)


def take_in(row: Post, *, by: Actor, now: datetime) -> Post:
    """A coordinator has read it; whatever it waited for at intake is over."""
    start(row, "take_in")
    if row.intake is None and row.taken_in_at is not None:
        raise WrongState("take_in", state="open")
    row.intake, row.intake_until, row.taken_in_at = None, None, now
    return done(row, "take_in", by, now)


def hold(row: Post, intake: str, until: date, *, by: Actor, now: datetime) -> Post:
    """Keep a post at intake: to call back, or nobody answered; with the day to try again."""
    start(row, "change")
    row.intake, row.intake_until, row.taken_in_at = intake, until, None
    return done(row, "hold", by, now, reason=intake)


def change(row: Post, new: Said, *, by: Actor, now: datetime) -> Post:
    """Say it differently. What is promised already cannot be taken away by asking for, or offering, less."""
    start(row, "change")
    held, used = held_by(row), used_of(row)
    if new.quantity < held or (new.stock is not None and new.stock < used):
        raise Refused("promised_more", promised=held or used)
    details = db.session.get(PostDetails, (row.network_id, row.id))
    _write(row, details or PostDetails(network_id=row.network_id, id=row.id), new, now)
    row.uncovered = new.quantity - held if row.is_need else 0
    row.stock_left = None if new.stock is None else new.stock - used
    done(row, "change", by, now)
    close_when_covered(row, by=by, now=now)
    return row


def still_needed(row: Post, *, by: Actor, now: datetime) -> Post:
    """A sign of life: it counts for another 30 days."""
    start(row, "still_needed")
    return done(row, "still_needed", by, now)


def pause(row: Post, *, by: Actor, now: datetime) -> Post:
    start(row, "pause")
    if row.paused_at is not None:
        raise WrongState("pause", state="paused")
    row.paused_at = now
    return done(row, "pause", by, now)


def resume(row: Post, *, by: Actor, now: datetime) -> Post:
    start(row, "resume")
    if row.paused_at is None:
        raise WrongState("resume", state="open")
    row.paused_at = None
    return done(row, "resume", by, now)
