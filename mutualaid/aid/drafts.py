"""Drafts: answers wait here, sealed, for a day; and are sent once, however often the send is repeated."""

import hashlib
import json
import secrets
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm.attributes import set_committed_value

from mutualaid.actors import Actor
from mutualaid.aid import lifecycle
from mutualaid.aid.answers import NOT_SAID, Answers
from mutualaid.aid.models import Draft, Post
from mutualaid.aid.queries import WITH_ALL
from mutualaid.db import db, new_id
from mutualaid.networks.models import Network
from mutualaid.normal import region_of
from mutualaid.people.access import new_code, new_link
from mutualaid.people.contact import set_email, set_phone
from mutualaid.people.models import Person

LIFETIME = timedelta(hours=24)
Given = dict[str, dict[str, Any]]

# Made once: to make a statement takes longer than to ask it.
BY_TOKEN = select(Draft).where(
    Draft.network_id == bindparam("network"),
    Draft.token_hash == bindparam("hash"),
    Draft.expires_at > bindparam("now"),
)
BECOMES = ("sent_at", "person_id", "code_sealed", "answers_sealed")
SENT = (
    update(Draft)
    .where(Draft.network_id == bindparam("network"), Draft.id == bindparam("draft"), Draft.sent_at.is_(None))
    .values({name: bindparam(name) for name in BECOMES})
    .execution_options(synchronize_session=False)
)


def begin(network: Network, kind: str, now: datetime) -> tuple[Draft, str]:
    """A new draft, and the token that finds it again: 128 bits, of which only the hash is kept."""
    token = secrets.token_urlsafe(16)
    return begin_with(network, kind, token, now), token


def begin_with(network: Network, kind: str, token: str, now: datetime) -> Draft:
    draft = Draft(
        network_id=network.id,
        id=new_id(),
        kind=kind,
        token_hash=hash_of(token),
        created_at=now,
        expires_at=now + LIFETIME,
    )
    db.session.add(draft)
    return draft


def hash_of(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def find(network: Network, token: str | None, now: datetime) -> Draft | None:
    """The draft of this token while its day lasts."""
    if not token:
        return None
    return db.session.scalars(BY_TOKEN, {"network": network.id, "hash": hash_of(token), "now": now}).first()


def goes_on(draft: Draft | None) -> bool:
    """Whether answers are added to it; else they begin another."""
    return draft is not None and draft.sent_at is None


def given(draft: Draft | None) -> Given:
    """What has been answered, by step; nothing once it is sent."""
    return json.loads(draft.answers) if draft and draft.answers and draft.sent_at is None else {}


def keep(draft: Draft, step: str, fields: dict[str, Any]) -> None:
    """Keep the answers of one step; the others stay."""
    draft.answers = json.dumps(given(draft) | {step: fields}, default=date.isoformat)


def send(
    draft: Draft, answers: Answers, network: Network, person: Person | None, *, by: Actor, now: datetime
) -> Person | None:
    """Make the posts, and the person with their code and link when they are new. None when it was sent already.

    All is made before anything is written: on SQLite others wait for the writing alone.
    """
    db.session.flush()
    with db.session.no_autoflush:
        before, link = set(db.session.new), ""
        if person is None:
            person = new_person(network, answers, now)
            by = replace(by, person_id=person.id, role="neighbour", via="link")
            draft.code, link = new_code(person), new_link(person, now)
        for _, said in answers.posts:
            lifecycle.post(person, said, by=by, now=now, draft_id=draft.id)
        draft.person_id, draft.sent_at = person.id, now
        draft.answers = json.dumps({"link": link})
        if mark_sent(draft):
            return person
        for row in set(db.session.new) - before:
            db.session.expunge(row)
        db.session.refresh(draft)
        return None


def mark_sent(draft: Draft) -> bool:
    """Write what the draft became. Of several sends at once, one gets True."""
    became = {name: getattr(draft, name) for name in BECOMES}
    sent = db.session.execute(SENT, {"network": draft.network_id, "draft": draft.id, **became})
    for name, value in became.items():
        set_committed_value(draft, name, value)
    return bool(sent.rowcount == 1)  # type: ignore[attr-defined]


def link_of(draft: Draft) -> str:
    """The token of the private link made when this draft was sent; empty when none was."""
    return str(json.loads(draft.answers)["link"]) if draft.sent_at and draft.answers else ""


def new_person(network: Network, answers: Answers, now: datetime) -> Person:
    """Whoever posts here for the first time, reached only in the way they chose."""
    reach = answers.of("reach")
    person = Person(
        network_id=network.id,
        id=new_id(),
        reach=reach["reach"],
        language=reach["language"],
        languages=answers.of("matters")["spoken"],
        created_at=now,
    )
    person.name = reach["name"]
    set_email(person, reach["email"] if person.reach == "email" else "")
    set_phone(person, reach["phone"] if person.reach == "call" else "", region_of(network.timezone))
    person.hours = ", ".join(reach["hours"]) if person.reach == "call" else ""
    db.session.add(person)
    return person


def suggested(person: Person | None, kind: str) -> Given:
    """What to fill in beforehand for someone who posts again: from their last post. Nothing is stored by it."""
    if person is None:
        return {}
    own = (Post.network_id == person.network_id, Post.person_id == person.id)
    last = db.session.scalars(select(Post).where(*own).order_by(Post.id.desc()).limit(1)).first()
    mine: Given = {"matters": {"languages": list(person.languages)}}
    if last:
        mine["where"] = {"area": str(last.area_id) if last.area_id else NOT_SAID}
    if last and last.kind == kind:
        mine["travel"] = {"travel": last.travel, "reach": str(last.reach_km) if last.reach_km else "any"}
    return mine


def posts_of(draft: Draft) -> list[Post]:
    """What this draft became, with people, categories and areas."""
    made = (Post.network_id == draft.network_id, Post.draft_id == draft.id)
    return list(db.session.scalars(select(Post).where(*made).order_by(Post.id).options(*WITH_ALL)))
