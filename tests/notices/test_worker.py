"""The worker as it runs: by the clock, several at once, killed, told to end."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from threading import Timer

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select, text

from mutualaid.config import ROOT
from mutualaid.db import db, reading_only, utcnow
from mutualaid.notices.models import Notice
from mutualaid.notices.outbox import owe
from mutualaid.notices.sending import CLAIM, send_due
from mutualaid.worker import PAUSE, listening
from tests.factories import NOW, make_network, make_person
from tests.notices.post_office import PostOffice
from tests.processes import settings_of

PATIENCE = 120  # seconds, on a machine that has much else to do
Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def start(app: Flask, office: PostOffice) -> Iterator[Start]:
    """Starts a worker in a process of its own, on the test's database and post office."""
    settings = settings_of(app, SMTP_URL=office.url, MAIL_FROM="notes@example.org")
    started = []

    def run(*options: str) -> "subprocess.Popen[str]":
        command = [sys.executable, "-m", "flask", "--app", "wsgi", "worker", *options]
        worker = subprocess.Popen(
            command,
            cwd=ROOT,
            env=settings,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(worker)
        return worker

    yield run
    for worker in started:
        worker.kill()
        worker.communicate()


def owe_many(count: int) -> None:
    network = make_network()
    for number in range(count):
        person = make_person(network, "Amina", email=f"amina{number}@example.org")
        owe(person, "agreed_need", now=utcnow())
    db.session.commit()


def outcomes() -> list[str | None]:
    with reading_only():
        found = list(db.session.scalars(select(Notice.outcome).order_by(Notice.id)))
        db.session.commit()
    return found


def test_once_says_what_it_did(start: Start, office: PostOffice) -> None:
    owe_many(12)
    out, _ = start("--once").communicate(timeout=PATIENCE)
    assert out == (
        "0 done by the clock, 0 notes on new posts, 0 digests and 0 notes on ending roles written, "
        "0 notes on pages that end, 0 erased, "
        "12 emails sent, 0 not sent, 0 jobs failed.\n"
    )
    assert outcomes() == ["sent"] * 12


def test_two_workers_at_once_send_each_once(start: Start, office: PostOffice) -> None:
    owe_many(16)
    workers = [start("--once") for _ in range(2)]
    said = [worker.communicate(timeout=PATIENCE)[0] for worker in workers]
    assert sum(int(re.findall(r"(\d+) emails sent", words)[0]) for words in said) == 16
    assert sorted(office.recipients) == sorted([f"amina{number}@example.org"] for number in range(16))
    assert len({message["Message-ID"] for message in office.taken}) == 16


def test_worker_killed_after_the_server_took_it_sends_the_same_message_id_again(
    start: Start, office: PostOffice
) -> None:
    owe_many(1)
    worker = start()
    office.before_taking = lambda: os.kill(worker.pid, signal.SIGKILL)
    worker.wait(timeout=PATIENCE)
    office.before_taking = lambda: None
    assert outcomes() == [None]
    now = utcnow()
    assert send_due(now) == (0, 0)
    assert send_due(now + CLAIM + timedelta(minutes=1)) == (1, 0)
    first, second = (str(message["Message-ID"]).partition("@")[0] for message in office.taken)
    assert first == second
    assert outcomes() == ["sent"]


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_worker_told_to_end_finishes_the_message_in_hand(
    start: Start, office: PostOffice, how: signal.Signals
) -> None:
    owe_many(2)
    worker = start()

    def tell() -> None:
        worker.send_signal(how)
        time.sleep(0.3)

    office.before_taking = tell
    assert worker.wait(timeout=PATIENCE) == 0
    assert outcomes() == ["sent", None]
    assert worker.communicate()[1] == ""


def test_worker_at_rest_hears_a_signal_at_once() -> None:
    with listening() as worker:
        Timer(0.2, os.kill, (os.getpid(), signal.SIGTERM)).start()
        told_at = time.monotonic()
        worker.rest()
    assert worker.ending
    assert time.monotonic() - told_at < PAUSE / 2


@pytest.mark.once
def test_worker_with_settings_that_make_no_sense_says_so(
    app: Flask, office: PostOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "MAIL_FROM", "")
    ended = app.test_cli_runner().invoke(args=["worker", "--once"])
    assert (ended.exit_code, ended.output) == (
        1,
        "Error: SMTP_URL and MAIL_FROM belong together: set both, or neither.\n",
    )


def test_job_that_fails_is_one_line_without_personal_words_and_the_others_go_on(
    start: Start, office: PostOffice
) -> None:
    """A network whose time zone is none stops what asks the clock there; emails still go."""
    owe_many(1)
    db.session.execute(text("UPDATE network SET timezone = 'Amina/Street'"))
    db.session.commit()
    worker = start("--once")
    out, said = worker.communicate(timeout=PATIENCE)
    assert worker.returncode == 1
    failed = [json.loads(line) for line in said.splitlines()]
    assert [(line["what"], line["error"].partition(":")[0]) for line in failed] == [
        ("Some of the job “clock” failed. It is tried again.", "ZoneInfoNotFoundError"),
        ("The job “digests” failed. It is tried again.", "ZoneInfoNotFoundError"),
        ("The job “endings” failed. It is tried again.", "ZoneInfoNotFoundError"),
    ] * 2  # a round that sent something is followed by another at once
    assert "Amina" not in said
    assert "1 emails sent" in out
    assert outcomes() == ["sent"]


def test_notice_is_sent_by_the_clock_and_not_a_second_before(
    app: Flask, office: PostOffice, clock: time_machine.Traveller
) -> None:
    person = make_person(make_network(), "Amina", email="amina@example.org")
    owe(person, "agreed_need", now=NOW, send_after=NOW + timedelta(hours=1))
    db.session.commit()
    sent = []
    for moment in (timedelta(seconds=3599), timedelta(hours=1), timedelta(hours=2)):
        clock.move_to(NOW + moment, tick=False)
        assert app.test_cli_runner().invoke(args=["worker", "--once"]).exit_code == 0
        sent.append(len(office.taken))
    assert sent == [0, 1, 1]
