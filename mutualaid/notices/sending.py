"""Sending what the outbox holds. A notice is claimed, then sent outside any transaction, then marked as sent.

Whoever dies between the last two sends it again later, with the same Message-ID.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from typing import Any

from flask import current_app
from flask_babel import force_locale
from sqlalchemy import func, or_, select, update
from sqlalchemy.exc import OperationalError

from mutualaid.config import LANGUAGES
from mutualaid.db import db, reading_only
from mutualaid.logs import where
from mutualaid.networks.models import Membership, Network
from mutualaid.notices import mail, words
from mutualaid.notices.models import Notice
from mutualaid.notices.outbox import channel_for
from mutualaid.people.access import new_link
from mutualaid.people.accounts import mint_token
from mutualaid.people.models import Account, Person

BATCH = 10  # few, so that a claim never ends before its notice's turn, and the clock's work never waits long
CLAIM = timedelta(minutes=15)
DELAYS = tuple(timedelta(minutes=m) for m in (1, 5, 25, 125, 625, 1440))  # then it has failed
TO_ACCOUNT = (
    "reset",
    "mandate_ends",
    "second_reset",
)  # these go to where the account signs in, whatever the person chose
log = logging.getLogger("mutualaid.worker")


@dataclass(frozen=True)
class Claim:
    """A notice that this sender, and nobody else, has until `until`."""

    network_id: int
    notice_id: int
    attempts: int
    until: datetime


def send_due(now: datetime, *, ending: Callable[[], bool] = lambda: False) -> tuple[int, int]:
    """Send a batch of what is due: (sent, not sent). Without SMTP_URL nothing is touched. Commits.

    `ending` is asked before each message. Raises mail.BadMailSettings.
    """
    box = mail.mailbox(current_app.config)
    sent = failed = 0
    for network_id, notice_id in _due(now) if box else ():
        claim = None if ending() else _claim(network_id, notice_id, now)
        if box is None or claim is None:
            continue
        try:
            sent += _send(claim, box, now)
        except mail.NotSent as problem:
            failed += 1
            _put_off(claim, problem, now)
            if isinstance(problem, mail.Unreachable):
                break
        except OperationalError:  # a full disk says nothing of the message
            raise
        except Exception as error:  # noqa: BLE001 - one that cannot be written must not keep back the others
            db.session.rollback()
            failed += 1
            log.error("A notice could not be written.", extra={"error": where(error)})
            _put_off(claim, mail.NotSent("the program failed"), now)
    return sent, failed


def _due(now: datetime) -> list[tuple[int, int]]:
    """The oldest first, and each network in turn: however many one has, they keep back none of another's."""
    turn = func.row_number().over(partition_by=Notice.network_id, order_by=(Notice.send_after, Notice.id))
    with reading_only():
        rows = db.session.execute(
            select(Notice.network_id, Notice.id)
            .where(Notice.channel == "email", Notice.send_after <= now, *_free(now))
            .order_by(turn, Notice.send_after, Notice.id)
            .limit(BATCH)
        ).all()
        db.session.commit()
    return [(row[0], row[1]) for row in rows]


def _free(now: datetime) -> tuple[Any, ...]:
    return Notice.done_at.is_(None), or_(Notice.claimed_until.is_(None), Notice.claimed_until <= now)


def _claim(network_id: int, notice_id: int, now: datetime) -> Claim | None:
    """None when another sender was quicker. What kills its sender counts as an attempt, too."""
    until = now + CLAIM
    claimed = db.session.execute(
        update(Notice)
        .where(Notice.network_id == network_id, Notice.id == notice_id, Notice.send_after <= now, *_free(now))
        .values(claimed_until=until, attempts=Notice.attempts + 1)
        .returning(Notice.attempts)
        .execution_options(synchronize_session=False)
    ).first()
    db.session.commit()
    return Claim(network_id, notice_id, claimed[0], until) if claimed else None


def _send(claim: Claim, box: mail.Mailbox, now: datetime) -> bool:
    """Whether it was sent; False: it is not owed any more."""
    message = _letter(claim, box, now)
    if message is not None:
        mail.send(message, box)
    _settle(claim, done_at=now, outcome="sent" if message else "dropped")
    return message is not None


def _put_off(claim: Claim, problem: mail.NotSent, now: datetime) -> None:
    """Try again later, at growing distances; or not at all."""
    if problem.for_good or claim.attempts > len(DELAYS):
        log.warning("A notice was not sent: %s. It is shown on the desk.", problem.why)
        _settle(claim, done_at=now, outcome="failed")
    else:
        delay = DELAYS[claim.attempts - 1]
        log.warning(
            "A notice was not sent: %s. Next try in %d min.", problem.why, delay.total_seconds() // 60
        )
        _settle(claim, send_after=now + delay)


def _settle(claim: Claim, **values: Any) -> None:
    """Ends the claim, if it is still ours: the person may have been erased meanwhile."""
    ours = (Notice.id == claim.notice_id, Notice.claimed_until == claim.until, Notice.done_at.is_(None))
    db.session.execute(
        update(Notice)
        .where(Notice.network_id == claim.network_id, *ours)
        .values(claimed_until=None, **values)
        .execution_options(synchronize_session=False)
    )
    db.session.commit()


def _letter(claim: Claim, box: mail.Mailbox, now: datetime) -> EmailMessage | None:
    """The message, with a link of its own that works from now on; None when it is not owed any more. Commits."""
    notice = db.session.get_one(Notice, (claim.network_id, claim.notice_id), populate_existing=True)
    person = db.session.get_one(Person, (notice.network_id, notice.person_id), populate_existing=True)
    account = _account(notice) if notice.kind in TO_ACCOUNT else None
    to = account.email if account else _address(notice, person)
    if notice.done_at is not None or person.erased_at is not None or not to:
        db.session.commit()
        return None
    network = db.session.get_one(Network, notice.network_id)
    link = _link(notice, network, person, account, now)
    try:
        message = _compose(notice, network, person, link, box, to, now)
    except ValueError:
        raise mail.NotSent("the address is none", for_good=True) from None
    db.session.commit()
    return message


def _account(notice: Notice) -> Account | None:
    return db.session.scalars(
        select(Account)
        .join(Membership, Membership.account_id == Account.id)
        .where(Membership.network_id == notice.network_id, Membership.person_id == notice.person_id)
    ).first()


def _address(notice: Notice, person: Person) -> str:
    """Nothing when they no longer want emails; whoever asked for their link gets it where they asked from."""
    wanted = notice.kind == "link_again" or channel_for(person) == "email"
    return person.email if wanted and notice.kind not in TO_ACCOUNT else ""


def _link(notice: Notice, network: Network, person: Person, account: Account | None, now: datetime) -> str:
    base = current_app.config["BASE_URL"]
    if notice.kind == "reset" and account is not None:
        return f"{base}/reset/{mint_token(account, 'reset', now)}"
    link = f"{base}/{network.slug}/link/{new_link(person, now)}"
    return f"{link}?keep=1" if notice.kind == "page_ends" else link


def _compose(
    notice: Notice, network: Network, person: Person, link: str, box: mail.Mailbox, to: str, now: datetime
) -> EmailMessage:
    until, count = notice.numbers.get("until"), notice.numbers.get("count", 0)
    with force_locale(language_of(person, network)):
        when = words.dated(datetime.fromisoformat(until), network.timezone) if until else ""
        text = words.letter(notice.kind, link=link, network=network.name, until=when, number=count)
        subject = words.subject()
    return mail.compose(box, to, subject, text, number=f"{notice.network_id}.{notice.id}", now=now)


def language_of(person: Person, network: Network) -> str:
    """Theirs, else the network's first; of those that the app speaks."""
    return next((code for code in (person.language, *network.languages) if code in LANGUAGES), "en")
