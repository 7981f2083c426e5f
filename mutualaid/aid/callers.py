"""Someone on the line: who they may be already, and their post, written down once however often it is sent."""

import json
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select

from mutualaid import permissions
from mutualaid.actors import Actor
from mutualaid.aid import lifecycle
from mutualaid.aid.contact import check_looks
from mutualaid.aid.drafts import begin_with
from mutualaid.aid.lifecycle import Refused, Said
from mutualaid.aid.models import Draft, Post
from mutualaid.aid.queries import WITH_ALL
from mutualaid.db import db, new_id
from mutualaid.events.history import happened
from mutualaid.networks.models import Network
from mutualaid.normal import region_of
from mutualaid.people.access import new_code
from mutualaid.people.contact import people_by_contact, set_phone
from mutualaid.people.models import Person

ALIKE_DAYS = 14
MOST_SHOWN = 8


@dataclass(frozen=True)
class Caller:
    """`phone` as it was typed; empty for someone without one: a coordinator answers for them."""

    name: str
    phone: str
    hours: str
    language: str
    languages: tuple[str, ...]


@dataclass(frozen=True)
class Known:
    """Somebody the caller may be: by the phone, or by an open need like this one."""

    person: Person
    posts: list[Post]
    by_phone: bool


def likely_same(network: Network, said: Said, phone: str, *, by: Actor, now: datetime) -> list[Known]:
    """Those whom a coordinator of these areas may know of: the same phone (E.164) first. Nothing is linked by it."""
    people = people_by_contact(network.id, phone=phone)
    found = [Known(person, posts, True) for person, posts in _seen(_posts_of(people), by).items()]
    listed = {known.person.id for known in found}
    alike = [post for post in _alike(network, said, now) if post.person_id not in listed]
    found += [Known(person, posts, False) for person, posts in _seen(alike, by).items()]
    return found[:MOST_SHOWN]


def note_looks(found: list[Known], *, by: Actor, now: datetime) -> list[Known]:
    """Those who may be shown. A person found by their phone can see that somebody looked for it.

    Whoever has looked as often today as they may finds nobody by phone; the call is written down all the same.
    """
    return [known for known in found if not known.by_phone or _noted(known.person, by, now)]


def _noted(person: Person, by: Actor, now: datetime) -> bool:
    try:
        check_looks(by, now)
    except Refused:
        return False
    happened("look", by=by, now=now, person_id=person.id, reason="call")
    return True


def _seen(posts: list[Post], by: Actor) -> dict[Person, list[Post]]:
    """By person, in order; only posts of the coordinator's areas count."""
    people: dict[Person, list[Post]] = {}
    for post in posts:
        if permissions.may_coordinate(by, post):
            people.setdefault(post.person, []).append(post)
    return people


def _posts_of(people: list[Person]) -> list[Post]:
    if not people:
        return []
    own = (Post.network_id == people[0].network_id, Post.person_id.in_([person.id for person in people]))
    return list(db.session.scalars(select(Post).where(*own).order_by(Post.id.desc()).options(*WITH_ALL)))


def _alike(network: Network, said: Said, now: datetime) -> list[Post]:
    """Open needs of the same category in the same area, of the last two weeks."""
    if said.kind != "need" or said.area_id is None:
        return []
    which = (
        Post.network_id == network.id,
        Post.kind == "need",
        Post.state == "open",
        Post.area_id == said.area_id,
        Post.category_id == said.category_id,
        Post.created_at > now - timedelta(days=ALIKE_DAYS),
    )
    return list(db.session.scalars(select(Post).where(*which).order_by(Post.id.desc()).options(*WITH_ALL)))


def write_down(
    network: Network,
    token: str,
    said: Said,
    caller: Caller,
    same: Person | None,
    *,
    by: Actor,
    now: datetime,
    call_back: date | None = None,
) -> Post:
    """The post, and the caller with a code when they are new. `token` is the form's own: its draft is made here, once.

    Raises IntegrityError when it was written down already. `call_back`: the day to try again; else it is taken in.
    """
    draft = begin_with(network, said.kind, token, now)
    db.session.flush()
    person = same or new_caller(network, caller, now)
    if same is None:
        draft.code = new_code(person)
    draft.person_id, draft.sent_at, draft.answers = person.id, now, json.dumps({"link": ""})
    intake = "call_back" if call_back else None
    post = lifecycle.post(
        person, said, by=by, now=now, draft_id=draft.id, intake=intake, intake_until=call_back
    )
    db.session.flush()
    return post if call_back else lifecycle.take_in(post, by=by, now=now)


def new_caller(network: Network, caller: Caller, now: datetime) -> Person:
    """Called back on their phone; without one of their own, a coordinator answers for them."""
    person = Person(
        network_id=network.id,
        id=new_id(),
        reach="call" if caller.phone else "none",
        answered_for=not caller.phone,
        language=caller.language,
        languages=list(caller.languages),
        created_at=now,
    )
    person.name, person.hours = caller.name, caller.hours
    set_phone(person, caller.phone, region_of(network.timezone))
    db.session.add(person)
    return person


def post_of(draft: Draft) -> Post | None:
    """What was written down, with its person, category and area."""
    made = (Post.network_id == draft.network_id, Post.draft_id == draft.id)
    return db.session.scalars(select(Post).where(*made).options(*WITH_ALL)).first()
