"""How long the two sides of a match may reach each other at all, by messages or otherwise."""

from datetime import datetime, timedelta

from mutualaid.aid.models import Match
from mutualaid.people.blocks import Entry, entries_about, who

AFTER_END = timedelta(days=14)


def in_touch(match: Match, now: datetime, entries: list[Entry] | None = None) -> bool:
    """Until the match ends, and 14 days more where both had said yes.

    Not once one of them ended that, is erased, or on the other's own list: all of it looks the same to the other. What
    somebody new says who gave the same phone or email ends nothing, until a coordinator has checked who it is.
    `entries`: all about one of the two, where they are known already.
    """
    last = AFTER_END if match.agreed_at else timedelta()
    if match.apart_at is not None or (match.ended_at is not None and now >= match.ended_at + last):
        return False
    people = (match.need.person, match.offer.person)
    if any(person.erased_at is not None for person in people):
        return False
    one, other = map(who, people)
    known = entries_about(match.network_id, [one]) if entries is None else entries
    return not any(entry.is_between(one, other) for entry in known)
