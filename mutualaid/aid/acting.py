"""One act from a page: a verb is called, kept and said in plain words; or refused, and then nothing has changed."""

from collections.abc import Callable

from flask import flash, g, redirect
from flask_babel import gettext
from sqlalchemy import select
from werkzeug.wrappers import Response

from mutualaid.aid.lifecycle import Refused, WrongState
from mutualaid.aid.models import Match, Post
from mutualaid.aid.words import ago, event_words, refusal_words
from mutualaid.db import db, set_reading_only
from mutualaid.events.models import Event
from mutualaid.guard import require
from mutualaid.people.models import Person

QUIET = (  # they move nothing, so they beat nobody
    "look",
    "called",
    "no_answer",
    "address",
    "ask_still",
    "read",
    "pass_on",
    "keep_back",
    "end_contact",
)
OVERTAKEN = ("open", "live", "declined", "capacity")  # the rules that fail when somebody was quicker


def act(
    verb: Callable[[], object], done: str | Callable[[], str], *, then: str, about: Post | Match
) -> Response:
    """Call `verb`, commit, say `done` (asked for once it is) and go to `then`; refused, say why, and who got to `about`
    first."""
    try:
        verb()
        db.session.commit()
    except Refused as refused:
        db.session.rollback()
        flash(why_not(refused, about), "now")
    else:
        flash(done() if callable(done) else done, "offer")
    return redirect(then, 303)


def why_not(refused: Refused, about: Post | Match) -> str:
    """Why nothing was done; for what somebody else did first, who it was and how long ago."""
    last = last_move(about) if is_overtaken(refused) else None
    if last is None:
        return refusal_words(refused)
    what = event_words(last, names=names_for(last), me=g.actor.person_id)
    if last.actor_id is not None and last.actor_id == g.actor.person_id:
        return gettext(
            "Nothing was changed. Last of all: %(what)s, %(ago)s ago.", what=what, ago=ago(last.at)
        )
    return gettext(
        "Somebody was quicker: %(what)s, %(ago)s ago. Nothing was changed by you.",
        what=what,
        ago=ago(last.at),
    )


def is_overtaken(refused: Refused) -> bool:
    miss = refused.facts.get("miss")
    return isinstance(refused, WrongState) or (miss is not None and miss.rule in OVERTAKEN)


def last_move(about: Post | Match) -> Event | None:
    """The last line of history of a match, or of a post and its matches, that moved anything."""
    which = Event.match_id if isinstance(about, Match) else Event.post_id
    return db.session.scalars(
        select(Event)
        .where(Event.network_id == about.network_id, which == about.id, Event.verb.not_in(QUIET))
        .order_by(Event.at.desc(), Event.id.desc())
        .limit(1)
    ).first()


def names_for(event: Event) -> dict[int, str]:
    """Coordinators are told names; everyone else is told what kind of person it was."""
    if not g.actor.coordinates:
        return {}
    ids = {found for found in (event.actor_id, event.person_id) if found is not None}
    people = (db.session.get(Person, (event.network_id, person_id)) for person_id in ids)
    return {person.id: person.name for person in people if person}


def begin_writing(person: Person | None) -> None:
    """End the transaction that only read, and write in the next. What was read stays as it was read, but for `person`.

    So a page that reads much and writes little lets other writers wait for the little only. 404 when the person, if
    there is one, was erased in between.
    """
    session = db.session()
    session.expire_on_commit = False
    db.session.commit()
    set_reading_only(False)
    if person is not None:
        db.session.refresh(person)
        require(person.erased_at is None)
