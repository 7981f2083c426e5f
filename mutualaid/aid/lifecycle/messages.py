"""What the two sides of a match write to each other; some of it is read by a coordinator first."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select, update

from mutualaid.actors import Actor
from mutualaid.aid.between import in_touch
from mutualaid.aid.lifecycle import telling
from mutualaid.aid.lifecycle.counts import is_new
from mutualaid.aid.lifecycle.moving import others
from mutualaid.aid.lifecycle.table import (
    MESSAGES_A_DAY,
    NEW_WRITTEN_TO_A_DAY,
    WRITTEN_TO_A_DAY,
    Refused,
)
from mutualaid.aid.messages.held import holds
from mutualaid.aid.messages.models import Message
from mutualaid.aid.models import Match
from mutualaid.db import db, new_id
from mutualaid.events.history import happened
from mutualaid.networks.models import Network
from mutualaid.normal import region_of
from mutualaid.notices.outbox import drop_messages
from mutualaid.people import limits
from mutualaid.people.models import Person
from mutualaid.sealed import keyring
from mutualaid.signs import signs_of

DAY = timedelta(days=1)


def may_be_written(match: Match, now: datetime) -> bool:
    """From the proposal on, while there is time to answer it; then for as long as they may be in touch."""
    return (match.state != "proposed" or match.lease_until > now) and in_touch(match, now)


def write_message(match: Match, side: str, text: str, *, once: int, now: datetime) -> Message:
    """`side` (need or offer) writes to the other. `once` comes from the form: sent again it is the same message.

    The history does not say who wrote to whom.
    """
    writer = _lock(match, side)
    known = _known(match, side, once)
    if known is not None:
        return known
    db.session.refresh(match)
    if not may_be_written(match, now):
        raise Refused("messages_closed")
    _check_pace(match, side, writer, now)
    network = db.session.get_one(Network, match.network_id)
    signs = signs_of(text, region_of(network.timezone))
    held = holds(signs, agreed=match.agreed_at is not None)
    message = Message(
        network_id=match.network_id,
        id=new_id(),
        match_id=match.id,
        side=side,
        once=once,
        signs=signs,
        state="held" if held else "sent",
        created_at=now,
    )
    message.text = text
    db.session.add(message)
    db.session.flush()
    if not held:
        _tell(match, others(side), now)
    return message


def pass_on(message: Message, *, by: Actor, now: datetime) -> None:
    """A coordinator has read it: the other side may read it too."""
    _decide(message, "sent", "pass_on", by, now)


def keep_back(message: Message, *, by: Actor, now: datetime) -> None:
    """A coordinator has read it, and does not pass it on. Whoever wrote it is told, and nobody else."""
    _decide(message, "stopped", "keep_back", by, now)


def read_first(message: Message, *, by: Actor, now: datetime) -> str:
    """What is held, as a coordinator reads it; written down for whoever wrote it."""
    if message.state != "held":
        raise Refused("decided_already")
    _write_down("read", message, by, now)
    return message.text


def forget_messages(network_id: int, match_ids: Iterable[int], *, now: datetime) -> None:
    """The two are not to reach each other any more."""
    ids = list(match_ids)
    db.session.execute(delete(Message).where(Message.network_id == network_id, Message.match_id.in_(ids)))
    drop_messages(network_id, ids, now=now)


def _lock(match: Match, side: str) -> Person:
    """Whoever writes, so that two sends at once are counted one after the other."""
    person_id = (match.need if side == "need" else match.offer).person_id
    this = (Person.network_id == match.network_id, Person.id == person_id)
    return db.session.scalars(select(Person).where(*this).with_for_update()).one()


def _known(match: Match, side: str, once: int) -> Message | None:
    same = {"network_id": match.network_id, "match_id": match.id, "side": side, "once": once}
    return db.session.scalars(select(Message).filter_by(**same)).first()


def _check_pace(match: Match, side: str, writer: Person, now: datetime) -> None:
    """So that nobody writes to many at once, nor to one without end."""
    here = (Message.network_id == match.network_id, Message.match_id == match.id, Message.side == side)
    lately = select(func.count()).select_from(Message).where(*here, Message.created_at > now - DAY)
    written = db.session.scalar(lately) or 0
    if written >= MESSAGES_A_DAY:
        raise Refused("messages_a_day", limit=MESSAGES_A_DAY)
    limit = NEW_WRITTEN_TO_A_DAY if is_new(writer, side) else WRITTEN_TO_A_DAY
    # Counted apart from the messages: whoever takes back what they wrote has written all the same.
    who = keyring.digest(str(writer.id), "written_to", match.network_id)
    if not written and not limits.take_along("written_to", who, now=now, limit=limit, per=DAY):
        raise Refused("written_to_a_day", limit=limit)


def _decide(message: Message, state: str, verb: str, by: Actor, now: datetime) -> None:
    """Compare and set: of two coordinators one decides, and the other is told."""
    decided = db.session.execute(
        update(Message)
        .where(Message.network_id == message.network_id, Message.id == message.id, Message.state == "held")
        .values(state=state, decided_at=now, decided_by_id=by.person_id)
        .execution_options(synchronize_session=False)
    )
    if decided.rowcount != 1:  # type: ignore[attr-defined]
        raise Refused("decided_already")
    db.session.refresh(message)
    _write_down(verb, message, by, now)
    match = message.match
    _tell(match, others(message.side) if state == "sent" else frozenset({message.side}), now)


def _write_down(verb: str, message: Message, by: Actor, now: datetime) -> None:
    match = message.match
    writer = match.need if message.side == "need" else match.offer
    happened(verb, by=by, now=now, person_id=writer.person_id, post_id=match.need_id, match_id=match.id)


def _tell(match: Match, sides: Iterable[str], now: datetime) -> None:
    for side in sides:
        telling.message((match.need if side == "need" else match.offer).person, match, side, now=now)
