"""The daily digest: how many new needs a helper who chose it could do something about. Counts, nothing else."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from mutualaid.aid.matching.candidates import facts_of_pairs
from mutualaid.aid.matching.rules import first_failing
from mutualaid.aid.models import Category, Post
from mutualaid.aid.windows import local_day
from mutualaid.db import db, reading_only
from mutualaid.networks.models import Network
from mutualaid.notices.models import Notice
from mutualaid.notices.outbox import owe
from mutualaid.one_by_one import each
from mutualaid.people.models import Person

HOUR = 8  # in the network's own time
FIRST = timedelta(days=1)  # how far back the first digest looks


def owe_digests(now: datetime, looked: dict[int, date]) -> int:
    """Each network once a day, from eight in the morning; says how many digests are owed. Commits.

    `looked`: by network, the local day on which this was done already. It only saves work: a helper has at most one
    digest a day however often this is called. Raises SomeFailed.
    """
    local = {network_id: now.astimezone(ZoneInfo(timezone)) for network_id, timezone in _networks()}
    turn = [key for key, at in local.items() if at.hour >= HOUR and looked.get(key) != at.date()]

    def owe_all(network_id: int) -> int:
        looked[network_id] = local[network_id].date()
        try:
            return _owe_network(network_id, now)
        except OperationalError:
            del looked[network_id]
            raise

    return each(turn, owe_all)


def _networks() -> list[tuple[int, str]]:
    with reading_only():
        rows = db.session.execute(select(Network.id, Network.timezone).order_by(Network.id)).all()
        db.session.commit()
    return [(row[0], row[1]) for row in rows]


def _owe_network(network_id: int, now: datetime) -> int:
    """First all the counting, which only reads; then each digest in a short transaction of its own."""
    with reading_only():
        network = db.session.get_one(Network, network_id)
        counts = [(helper.id, _count(network, helper, now)) for helper in _helpers(network)]
        db.session.commit()
    return each([one for one in counts if one[1]], lambda one: _owe(network_id, *one, now))


def _helpers(network: Network) -> list[Person]:
    """Who chose it and can be written to."""
    chose = (Person.digest, Person.reach == "email", Person.erased_at.is_(None))
    return list(db.session.scalars(select(Person).where(Person.network_id == network.id, *chose)))


def _count(network: Network, helper: Person, now: datetime) -> int:
    last = _last(helper)
    if last is not None and local_day(last, network.timezone) == local_day(now, network.timezone):
        return 0
    new = _new_needs(network, since=last or now - FIRST)
    return len(_fitting(network, helper, new, now)) if new else 0


def _last(helper: Person) -> datetime | None:
    theirs = (Notice.network_id == helper.network_id, Notice.person_id == helper.id, Notice.kind == "digest")
    return db.session.scalar(
        select(Notice.created_at).where(*theirs).order_by(Notice.created_at.desc()).limit(1)
    )


def _new_needs(network: Network, since: datetime) -> set[int]:
    """Open ones that came since then, never sensitive ones: those go through coordinators only."""
    here = select(Post.id).join(
        Category, (Category.network_id == Post.network_id) & (Category.id == Post.category_id)
    )
    new = (Post.kind == "need", Post.state == "open", Post.created_at > since, ~Category.sensitive)
    return set(db.session.scalars(here.where(Post.network_id == network.id, *new)))


def _fitting(network: Network, helper: Person, needs: set[int], now: datetime) -> set[int]:
    """Those of the needs that one of their open offers may be matched with."""
    mine = (Post.network_id == network.id, Post.person_id == helper.id, Post.kind == "offer")
    offers = db.session.scalars(select(Post.id).where(*mine, Post.state == "open", Post.paused_at.is_(None)))
    pairs = facts_of_pairs(network, sorted(needs), list(offers), now=now, for_helper=True)
    return {pair.need.id for pair in pairs if first_failing(pair) is None}


def _owe(network_id: int, helper_id: int, count: int, now: datetime) -> bool:
    """False when another worker was quicker, or the person is gone."""
    this = (Person.network_id == network_id, Person.id == helper_id)
    fresh = select(Person).where(*this).with_for_update().execution_options(populate_existing=True)
    helper = db.session.scalars(fresh).one()
    network = db.session.get_one(Network, network_id)
    last = _last(helper)
    told = last is not None and local_day(last, network.timezone) == local_day(now, network.timezone)
    notice = None
    if helper.digest and not told:
        notice = owe(helper, "digest", now=now, channel="email", numbers={"count": count})
    db.session.commit()
    return notice is not None
