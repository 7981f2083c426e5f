"""Calls to make: what is owed to people who can only be reached by phone, or are answered for by a coordinator."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import update

from mutualaid.actors import Actor
from mutualaid.db import db
from mutualaid.events.history import happened
from mutualaid.networks.models import Network
from mutualaid.notices.models import Notice

MORNING = time(9)


def call_done(notice: Notice, by: Actor, now: datetime, outcome: str) -> bool:
    """A coordinator called: `outcome` is called (it is told) or no_answer (again tomorrow morning).

    False when it does not wait any more: somebody else has called, or it is not owed now. Never commits.
    """
    values: dict[str, object] = {"attempts": Notice.attempts + 1}
    if outcome == "called":
        values |= {"done_at": now, "outcome": "called"}
    elif outcome == "no_answer":
        network = db.session.get_one(Network, notice.network_id)
        values["send_after"] = tomorrow_morning(now, network.timezone)
    else:
        raise ValueError(f"A call has no outcome “{outcome}”.")
    waits = (Notice.channel == "call", Notice.done_at.is_(None), Notice.send_after <= now)
    changed = db.session.execute(
        update(Notice)
        .where(Notice.network_id == notice.network_id, Notice.id == notice.id, *waits)
        .values(values)
        .returning(Notice.id)
        .execution_options(synchronize_session=False)
    ).first()
    db.session.refresh(notice)
    if changed is None:
        return False
    person, post, match = notice.person_id, notice.post_id, notice.match_id
    happened(outcome, by=by, now=now, person_id=person, post_id=post, match_id=match)
    return True


def tomorrow_morning(now: datetime, timezone: str) -> datetime:
    """In the network's own time, as an aware time there."""
    zone = ZoneInfo(timezone)
    return datetime.combine(now.astimezone(zone).date() + timedelta(days=1), MORNING, zone)
