"""One line of history in words. Who did it is said by role, and by name where the reader may know it."""

from flask_babel import gettext

from mutualaid.aid.words.refusals import release_reason_words
from mutualaid.events.models import Event

VERBS = {
    "post": lambda who, e: gettext("%(who)s posted it", who=who),
    "take_in": lambda who, e: gettext("%(who)s read it and started looking", who=who),
    "hold": lambda who, e: (
        gettext("%(who)s: nobody answered, will try again", who=who)
        if e.reason == "no_answer"
        else gettext("%(who)s: to call back", who=who)
    ),
    "change": lambda who, e: gettext("%(who)s changed it", who=who),
    "still_needed": lambda who, e: gettext("%(who)s said it still counts", who=who),
    "ask_still": lambda who, e: gettext("We asked whether it still counts"),
    "pause": lambda who, e: gettext("%(who)s paused it", who=who),
    "resume": lambda who, e: gettext("%(who)s went on with it", who=who),
    "withdraw": lambda who, e: gettext("%(who)s took it back", who=who),
    "refer": lambda who, e: gettext("%(who)s passed it on to another group", who=who),
    "mark_duplicate": lambda who, e: gettext("%(who)s saw that it was posted twice", who=who),
    "expire": lambda who, e: gettext("It ended by itself"),
    "reopen": lambda who, e: gettext("It is open again"),
    "fulfil": lambda who, e: gettext("All of it came"),
    "propose": lambda who, e: gettext("%(who)s proposed a match", who=who),
    "consent": lambda who, e: gettext("%(who)s said yes", who=who),
    "agree": lambda who, e: gettext("%(who)s said yes: agreed", who=who),
    "decline": lambda who, e: gettext("%(who)s said no. Not suggested again for this", who=who),
    "retract": lambda who, e: gettext("%(who)s took the proposal back", who=who),
    "lapse": lambda who, e: gettext("Nobody answered in time"),
    "release": lambda who, e: gettext(
        "%(who)s let it go: %(why)s",
        who=who,
        why=release_reason_words(e.reason or "other"),
    ),
    "deliver": lambda who, e: gettext("%(who)s brought it: %(n)s", who=who, n=e.quantity),
    "confirm": lambda who, e: (
        gettext("Counted as come: a week without a word")
        if e.reason == "silence"
        else gettext("%(who)s said that it came: %(n)s", who=who, n=e.quantity)
    ),
    "dispute": lambda who, e: gettext("%(who)s said that it did not come", who=who),
    "resolve": lambda who, e: (
        gettext("%(who)s asked both: it came", who=who)
        if e.reason == "confirmed"
        else gettext("%(who)s asked both: it did not come", who=who)
    ),
    "address": lambda who, e: gettext("%(who)s said where to come", who=who),
    "end_contact": lambda who, e: gettext("%(who)s ended that the two can reach each other", who=who),
    "read": lambda who, e: gettext("%(who)s read a message before it was passed on", who=who),
    "pass_on": lambda who, e: gettext("%(who)s passed a message on", who=who),
    "keep_back": lambda who, e: gettext("%(who)s did not pass a message on", who=who),
    "called": lambda who, e: gettext("%(who)s called", who=who),
    "no_answer": lambda who, e: gettext("%(who)s called, nobody answered", who=who),
    "code": lambda who, e: gettext("%(who)s made a new code", who=who),
    "erase": lambda who, e: gettext("%(who)s deleted everything", who=who),
}
# What a coordinator says in somebody's name; a look is always at somebody.
FOR_WHOM = {
    "consent": lambda who, whom, e: gettext("%(who)s said yes for %(whom)s", who=who, whom=whom),
    "agree": lambda who, whom, e: gettext("%(who)s said yes for %(whom)s: agreed", who=who, whom=whom),
    "decline": lambda who, whom, e: gettext(
        "%(who)s said no for %(whom)s. Not suggested again for this", who=who, whom=whom
    ),
    "deliver": lambda who, whom, e: gettext(
        "%(who)s said for %(whom)s that it was brought: %(n)s", who=who, whom=whom, n=e.quantity
    ),
    "confirm": lambda who, whom, e: gettext(
        "%(who)s said for %(whom)s that it came: %(n)s", who=who, whom=whom, n=e.quantity
    ),
    "dispute": lambda who, whom, e: gettext(
        "%(who)s said for %(whom)s that it did not come", who=who, whom=whom
    ),
    "look": lambda who, whom, e: gettext("%(who)s looked at how to reach %(whom)s", who=who, whom=whom),
}


def event_words(event: Event, names: dict[int, str] | None = None, me: int | None = None) -> str:
    """`names` are those the reader may know, by person id; `me` the reader."""
    who = _who(event, names or {}, me)
    if event.verb == "look" and event.person_id is not None and event.person_id == me:
        return str(gettext("%(who)s looked at how to reach you", who=who))
    if event.verb == "look" or (event.verb in FOR_WHOM and _is_for_another(event)):
        return str(FOR_WHOM[event.verb](who, _whom(event, names or {}, me), event))
    return str(VERBS[event.verb](who, event))


def _is_for_another(event: Event) -> bool:
    by_coordinator = event.actor_role in ("coordinator", "steward")
    return by_coordinator and event.person_id is not None and event.person_id != event.actor_id


def _whom(event: Event, names: dict[int, str], me: int | None) -> str:
    if event.person_id is not None and event.person_id == me:
        return gettext("you")
    return names.get(event.person_id or 0) or gettext("them")


def _who(event: Event, names: dict[int, str], me: int | None) -> str:
    if event.actor_id is not None and event.actor_id == me:
        return gettext("You")
    if event.actor_id is not None and names.get(event.actor_id):
        return names[event.actor_id]
    if event.actor_role in ("coordinator", "steward"):
        return gettext("A coordinator")
    return gettext("A neighbour") if event.actor_id is not None else gettext("The program")
