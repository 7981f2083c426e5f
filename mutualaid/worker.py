"""The worker: what the clock asks for, and the notices that wait. Any number may run; none does a thing twice."""

import logging
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import date, datetime
from types import FrameType

import click
from flask import current_app
from flask.cli import with_appcontext

from mutualaid import heartbeat, restoring
from mutualaid.aid import open_counts
from mutualaid.aid.digest import owe_digests
from mutualaid.aid.lifecycle import retention
from mutualaid.aid.lifecycle.due import do_what_is_due
from mutualaid.aid.lifecycle.erasing import erase_again
from mutualaid.aid.lifecycle.leftovers import owe_page_ends, tidy
from mutualaid.aid.news import owe_news
from mutualaid.copies.backup import remove_ended
from mutualaid.db import db, empty_log, reading_only, utcnow
from mutualaid.logs import where
from mutualaid.networks import wiping
from mutualaid.networks.ended import end_asked, end_sessions
from mutualaid.notices.mail import BadMailSettings, mailbox
from mutualaid.notices.mandates import owe_mandate_ends
from mutualaid.notices.sending import send_due
from mutualaid.one_by_one import SomeFailed, each
from mutualaid.people import limits, sessions

PAUSE = 5.0  # seconds between two rounds
JOBS = (
    *(
        "wiped",
        "clock",
        "news",
        "digests",
        "mandates",
        "erased",
        "endings",
        "tidied",
        "forgotten",
        "ended",
    ),
    *("folded", "backups", "sent", "unsent", "beats", "failed"),
)
log = logging.getLogger("mutualaid.worker")


def fold_counts() -> int:
    """Keep the tables of counts short; says how many were folded. Commits."""
    with reading_only():  # most of the time there is nothing to fold
        crowded = open_counts.crowded()
        db.session.commit()
    for table in crowded:
        open_counts.fold(table)
        db.session.commit()
    return len(crowded)


class Worker:
    """`done` counts what was done since it began; `ending` is set by a signal."""

    def __init__(self) -> None:
        self.ending = False
        self.done = dict.fromkeys(JOBS, 0)
        self.held = ""  # why nothing is erased, or only some: see retention.WHY
        self.stopped = False  # it was said that a restore has to be run again
        self.looked: dict[int, date] = {}
        self.warned: dict[int, date] = {}
        self.tidied_on: date | None = None

    def round(self, now: datetime) -> bool:
        """One batch of each job; whether there may be more to do at once."""
        if stage := restoring.stage():
            return self._end_restoring(stage, now)
        before = dict(self.done)
        self._try("wiped", self._wipe)
        self._try("clock", lambda: do_what_is_due(now))
        self._try("news", lambda: owe_news(now))
        self._try("digests", lambda: owe_digests(now, self.looked))
        self._try("mandates", lambda: owe_mandate_ends(now))
        self._try("erased", lambda: self._erase(now))
        self._try("endings", lambda: 0 if self.held in heartbeat.CLOCK else owe_page_ends(now, self.warned))
        self._try("tidied", lambda: self._tidy(now))
        self._try("forgotten", lambda: limits.forget(now) + sessions.forget(now))
        self._try("ended", lambda: end_sessions(now) + end_asked(now))
        self._try("folded", fold_counts)
        self._try("backups", lambda: self._remove_ended(now))
        self._try("sent", lambda: self._send(now))
        self._try("beats", lambda: self._beat(now))
        return any(self.done[job] > before[job] for job in ("clock", "erased", "sent"))

    def _end_restoring(self, stage: str, now: datetime) -> bool:
        """A backup was put back, and that was stopped half way. Until it is through, nothing else is done."""
        if stage == restoring.WHOLE:
            self._try("erased", lambda: self._erase_again(now))
        elif not self.stopped:
            self.stopped = True
            self.done["failed"] += 1
            log.error("A backup was put back half way. Run `restore` again: until then nobody sees a page.")
        return restoring.stage() == ""

    def _erase_again(self, now: datetime) -> int:
        with suppress(BlockingIOError), restoring.underway(restoring.WHOLE):
            return erase_again(now)
        return 0

    def _wipe(self) -> int:
        """Whoever removes a network may have been stopped half way."""
        return each(wiping.being_wiped(), lambda gone: wiping.wipe(gone, ending=lambda: self.ending).total())

    def _erase(self, now: datetime) -> int:
        self.held = retention.doubt(now)
        if self.held == "many":
            return retention.erase_some(now)
        return 0 if self.held else retention.erase_due(now)

    def _tidy(self, now: datetime) -> int:
        """Once a day; again where SQLite's log could not be emptied just then."""
        if self.tidied_on == now.date():
            return 0
        gone = tidy(now)
        if empty_log():
            self.tidied_on = now.date()
        return gone

    def _remove_ended(self, now: datetime) -> int:
        """By a clock that is believed: a backup that is gone is gone."""
        return 0 if self.held in heartbeat.CLOCK else remove_ended(current_app.config["INSTANCE"], now.date())

    def _beat(self, now: datetime) -> int:
        """A round is whole: the desk can see that the worker runs."""
        if heartbeat.beat(now, self.held) and self.held:
            log.error(
                "%s. Until somebody looks, %s: see `erase due`.",
                retention.WHY[self.held],
                "some are erased each day" if self.held == "many" else "nothing is erased",
            )
        return 1

    def _send(self, now: datetime) -> int:
        sent, unsent = send_due(now, ending=lambda: self.ending)
        self.done["unsent"] += unsent
        return sent

    def _try(self, job: str, work: Callable[[], int]) -> None:
        """One job that fails does not stop the others, nor the next round."""
        if self.ending:
            return
        try:
            self.done[job] += work()
        except SomeFailed as some:
            self.done[job] += some.done
            self.done["failed"] += 1
            log.error(
                "Some of the job “%s” failed. It is tried again.", job, extra={"error": where(some.__cause__)}
            )
        except Exception as error:  # noqa: BLE001 - whatever it is, the worker goes on
            self.done["failed"] += 1
            log.error("The job “%s” failed. It is tried again.", job, extra={"error": where(error)})
        finally:
            db.session.remove()

    def end(self, _number: int, _frame: FrameType | None) -> None:
        self.ending = True

    def rest(self) -> None:
        """In short naps, so that a signal is heard at once."""
        until = time.monotonic() + PAUSE
        while not self.ending and time.monotonic() < until:
            time.sleep(0.1)

    def summary(self) -> str:
        words = (
            "{clock} done by the clock, {news} notes on new posts, {digests} digests and {mandates} notes on ending "
            "roles written, {endings} notes on pages that end, {erased} erased, "
            "{sent} emails sent, {unsent} not sent, {failed} jobs failed."
        )
        return words.format(**self.done)


@click.command("worker")
@click.option("--once", is_flag=True, help="Do all that is due, say what was done, and end.")
@with_appcontext
def worker(once: bool) -> None:
    """Send notices, and do what the clock asks for, until told to end (Ctrl-C, SIGTERM)."""
    try:
        mailbox(current_app.config)
    except BadMailSettings as why:
        raise click.ClickException(str(why)) from None
    with listening() as this:
        keep_going(this, once)
    if once:
        click.echo(this.summary())
        raise SystemExit(1 if this.done["failed"] else 0)


@contextmanager
def listening() -> Iterator[Worker]:
    """A worker that ends when a signal says so."""
    this = Worker()
    before = {number: signal.signal(number, this.end) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield this
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def keep_going(this: Worker, once: bool) -> None:
    """Round after round; a rest only when there is nothing more to do at once."""
    while not this.ending:
        if this.round(utcnow()):
            continue
        if once:
            return
        this.rest()
