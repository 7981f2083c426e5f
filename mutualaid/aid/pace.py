"""How fast, and how often from one place, somebody may post. Nobody is locked out, and no answer is lost."""

from flask import current_app, flash, g, request
from flask_babel import gettext

from mutualaid.aid.acting import begin_writing
from mutualaid.aid.models import Draft
from mutualaid.db import db, set_reading_only
from mutualaid.people import limits
from mutualaid.people.models import Person

FROM_ONE_PLACE = 30  # posts an hour
BEGUN_FROM_ONE_PLACE = 90  # drafts an hour: many look, and go away again


def may_send(draft: Draft, person: Person | None) -> bool:
    """Begins writing. Where it is too quick or too much it says what to do, and nothing is written."""
    if not is_a_persons(draft):
        return False
    begin_writing(person)
    return is_from_few()


def is_a_persons(draft: Draft) -> bool:
    """Whether all questions took as long as they take a person."""
    if g.now >= draft.created_at + current_app.config["TIME_TO_POST"]:
        return True
    flash(gettext("That was very quick. Please press “Send it” once more."), "now")
    return False


def may_begin() -> bool:
    """A draft is a row that stays for a day, so they are counted, too."""
    if counted("draft", BEGUN_FROM_ONE_PLACE):
        return True
    wait(
        gettext(
            "Many began to write here in the last hour, so we wait a little. What you chose is still here."
        ),
        gettext("Please press the button again in an hour."),
    )
    return False


def is_from_few() -> bool:
    """Many may share one address, so many may; a member may post for a whole street."""
    if counted("post", FROM_ONE_PLACE):
        return True
    wait(
        gettext("Many posts came from here in the last hour, so we wait a little. Your answers are kept."),
        gettext("Please press “Send it” again in an hour."),
    )
    return False


def counted(kind: str, limit: int) -> bool:
    """Whether this one is not too many from where it comes."""
    place = limits.client(request.remote_addr, g.now, g.network.id)
    return g.actor.is_member or limits.take_along(kind, place, now=g.now, limit=limit)


def wait(why: str, again: str) -> None:
    """Nothing is written, and it is said when to try again."""
    line = g.network.phone_line
    db.session.rollback()
    set_reading_only(True)
    flash(why, "now")
    flash(f"{again} {gettext('You can also call us:')} {line}" if line else again, "now")
