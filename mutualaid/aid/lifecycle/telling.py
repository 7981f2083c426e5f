"""Who is told what when a match moves. The words themselves are made when a notice is sent."""

from datetime import datetime, timedelta

from mutualaid.aid.models import Match
from mutualaid.notices.outbox import first_yes, owe, owe_once
from mutualaid.people.models import Person


def proposed(
    neighbour: Person,
    helper: Person,
    match: Match,
    *,
    helper_asked: bool,
    now: datetime,
) -> None:
    """Ask whoever has not said yes yet."""
    until = {"until": match.lease_until.isoformat()}
    if match.need_yes_at is None:
        owe(
            neighbour,
            "proposed_need",
            now=now,
            post_id=match.need_id,
            match_id=match.id,
            numbers=until,
        )
    if helper_asked:
        owe(
            helper,
            "proposed_offer",
            now=now,
            post_id=match.offer_id,
            match_id=match.id,
            numbers=until,
        )


def said_yes(neighbour: Person, helper: Person, match: Match, side: str, *, now: datetime) -> None:
    """Agreed: tell whoever said yes first. After the first yes the other side has been asked already."""
    if match.state != "agreed":
        return first_yes(match.network_id, match.id, side, until=match.lease_until, now=now)
    if side == "need":
        owe(helper, "agreed_offer", now=now, post_id=match.offer_id, match_id=match.id)
    else:
        owe(neighbour, "agreed_need", now=now, post_id=match.need_id, match_id=match.id)


def where_to_come(neighbour: Person, helper: Person, match: Match, *, now: datetime) -> None:
    """Whoever travels hears that the other has said where."""
    if match.host == "offer":
        owe(neighbour, "address_need", now=now, post_id=match.need_id, match_id=match.id)
    else:
        owe(helper, "address_offer", now=now, post_id=match.offer_id, match_id=match.id)


def ended(
    neighbour: Person,
    helper: Person,
    match: Match,
    *,
    told: frozenset[str],
    now: datetime,
) -> None:
    """In neutral words: it will not happen, nobody is to blame."""
    if "need" in told:
        owe(neighbour, "ended_need", now=now, post_id=match.need_id, match_id=match.id)
    if "offer" in told:
        owe(helper, "ended_offer", now=now, post_id=match.offer_id, match_id=match.id)


def delivered(neighbour: Person, match: Match, *, now: datetime) -> None:
    owe(neighbour, "delivered_need", now=now, post_id=match.need_id, match_id=match.id)


def confirmed(helper: Person, match: Match, *, now: datetime) -> None:
    owe(helper, "confirmed_offer", now=now, post_id=match.offer_id, match_id=match.id)


def message(person: Person, match: Match, side: str, *, now: datetime) -> None:
    """There is something to read on the page of `side`; nothing of it is in the notice."""
    owe_once(person, f"message_{side}", match.id, now=now, pause=timedelta(hours=1))
