"""A server and a worker as they stand at somebody's, killed with SIGKILL and started again, and people who post
meanwhile through the real forms. Each repeats what was not answered, and writes down what was."""

import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import timedelta
from http.client import HTTPException
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, HTTPErrorProcessor, ProxyHandler, build_opener

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from sqlalchemy import select

from mutualaid.aid.models import Post
from mutualaid.aid.news import owe_news
from mutualaid.config import ROOT, TIME_TO_POST
from mutualaid.db import db, reading_only, utcnow
from mutualaid.notices.models import Notice
from mutualaid.notices.sending import send_due
from mutualaid.people.models import Person
from mutualaid.run import die_with
from tests.aid.asking import MATTERS, WHEN
from tests.factories import make_category, make_network, make_offer, make_person
from tests.notices.post_office import PostOffice, free_port
from tests.processes import settings_of

PATIENCE = 120  # seconds, on a machine that has much else to do
HELPERS = 2  # ask to be told of each new need
NEED = "/garrison/post/need"
Child = subprocess.Popen[bytes]
Kill = Callable[[], None]


def make_street() -> None:
    """Who reads to people, by phone: so nobody is asked where."""
    now = utcnow()
    network = make_network(created_at=now)
    reading = make_category(network, "reading", remote=True)
    for number in range(HELPERS):
        email = f"dee{number}@example.org"
        dee = make_person(network, "Dee", email=email, told_a_day=100_000, created_at=now)
        make_offer(dee, reading, now=now)
    db.session.commit()


class Neighbour:
    """A browser that keeps its cookies, follows nowhere, and asks again until it is answered."""

    def __init__(self, url: str) -> None:
        self.url, self.token = url, ""
        plain = AsItIs()
        self.opener = build_opener(ProxyHandler({}), HTTPCookieProcessor(CookieJar()), plain)
        self.opener.addheaders = [("X-Forwarded-For", f"2001:db8:{random.randrange(1 << 16):x}::1")]
        self.began = time.monotonic()

    def ask(self, path: str, fields: dict[str, str] | None = None) -> tuple[int, str, bytes]:
        """(status, where it leads, the page)"""
        until = time.monotonic() + PATIENCE
        while True:
            try:
                return self.once(path, fields)
            except (OSError, HTTPException):
                assert time.monotonic() < until
                time.sleep(0.02)

    def once(self, path: str, fields: dict[str, str] | None) -> tuple[int, str, bytes]:
        data = urlencode(fields | {"csrf_token": self.token}).encode() if fields is not None else None
        with self.opener.open(self.url + path, data, timeout=30) as answer:
            return answer.status, answer.headers.get("Location", ""), answer.read()

    def answers_all(self, name: str) -> None:
        _, _, page = self.ask(f"{NEED}/what")
        token = BeautifulSoup(page, "html.parser").select_one("[name=csrf_token]")
        assert token is not None
        self.token = str(token["value"])
        reach = {"name": name, "reach": "none", "language": "en"}
        steps = {"what": {"what": "reading"}, "which": {"many_reading": "1"}, "when": WHEN}
        for step, fields in {**steps, "matters": MATTERS | {"languages": "en"}, "reach": reach}.items():
            status, led, page = self.ask(f"{NEED}/{step}", fields)
            assert (status, led.startswith(NEED)) == (303, True), (step, status, led, page[-2000:])

    def sends(self) -> None:
        """No quicker than people are let."""
        time.sleep(max(0.0, self.began + TIME_TO_POST.total_seconds() - time.monotonic()))
        while (answer := self.ask(f"{NEED}/check", {})[:2]) != (303, "/garrison/posted"):
            assert (answer, time.monotonic() < self.began + PATIENCE) == ((303, f"{NEED}/check"), True)
            time.sleep(0.5)


class AsItIs(HTTPErrorProcessor):
    def http_response(self, _request: Any, response: Any) -> Any:
        return response


class Stand:
    """The server and the worker, on the test's database and post office."""

    def __init__(self, app: Flask, office: PostOffice) -> None:
        self.office, self.port = office, free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.settings = settings_of(
            app,
            SMTP_URL=office.url,
            MAIL_FROM="notes@example.org",
            HOST="127.0.0.1",
            PORT=str(self.port),
            PROXIES="1",  # each neighbour has an address of their own
        )
        self.server, self.worker = self.start_server(), self.start_worker()

    def start_server(self) -> Child:
        return self.start("gunicorn", "--config", "gunicorn.conf.py")

    def start_worker(self) -> Child:
        return self.start("flask", "--app", "wsgi", "worker")

    def start(self, *command: str) -> Child:
        us = os.getpid()
        return subprocess.Popen(
            [sys.executable, "-m", *command],
            cwd=ROOT,
            env=self.settings,
            start_new_session=True,
            preexec_fn=lambda: die_with(us),  # noqa: PLW1509 - nothing is left of a test that was cut short
        )

    def wait(self) -> None:
        """Until the server answers."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1):
                return
            time.sleep(0.02)
        raise AssertionError("The server does not answer.")

    def kill_server(self) -> None:
        """All of it: gunicorn and what it forked."""
        kill_all(self.server)
        self.server = self.start_server()
        self.wait()

    def kill_one(self) -> None:
        """One of those that gunicorn forked; it makes another."""
        made = Path(f"/proc/{self.server.pid}/task/{self.server.pid}/children")
        while not (children := made.read_text().split()):  # it listens before it forks
            time.sleep(0.01)
        os.kill(int(random.choice(children)), signal.SIGKILL)

    def kill_worker(self) -> None:
        """Soon after a message."""
        self.wait_for_message()
        time.sleep(random.random() * 0.1)
        kill_all(self.worker)
        self.worker = self.start_worker()

    def kill_worker_as_it_sends(self) -> None:
        """When the post office has taken the message, and before it can be marked as sent."""
        self.end_worker_as_it_sends()
        self.worker = self.start_worker()

    def end_worker_as_it_sends(self) -> None:
        self.office.before_taking = self.worker.kill
        self.worker.wait(PATIENCE)
        self.office.before_taking = nothing

    def wait_for_message(self) -> None:
        until, before = time.monotonic() + PATIENCE, len(self.office.taken)
        while len(self.office.taken) == before:
            assert time.monotonic() < until
            time.sleep(0.002)


def nothing() -> None:
    pass


def kill_all(child: Child) -> None:
    with suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()


@contextmanager
def standing(app: Flask, office: PostOffice) -> Iterator[Stand]:
    stand = Stand(app, office)
    try:
        stand.wait()
        yield stand
    finally:
        for child in (stand.server, stand.worker):
            kill_all(child)


@contextmanager
def people_posting(url: str, people: int = 4, browser: type[Neighbour] = Neighbour) -> Iterator[list[str]]:
    """They post needs, one after the other. The ledger says who was told that theirs is here."""
    ending, ledger = threading.Event(), list[str]()

    def post_on(who: int) -> None:
        number = 0
        while not ending.is_set():
            neighbour, name = browser(url), f"Amina {who}.{number}"
            neighbour.answers_all(name)
            neighbour.sends()
            ledger.append(name)
            number += 1

    with ThreadPoolExecutor(people) as pool:
        jobs = [pool.submit(post_on, who) for who in range(people)]
        try:
            yield ledger
        finally:
            ending.set()
        for job in jobs:
            job.result()


def kill_meanwhile(stand: Stand, kills: Iterable[Kill]) -> list[str]:
    """At any moment. Says who was told that their need is here."""
    with people_posting(stand.url) as ledger:
        for kill in kills:
            time.sleep(random.random() * 0.5)
            kill()
    return ledger


@contextmanager
def killed_meanwhile(
    app: Flask,
    office: PostOffice,
    monkeypatch: pytest.MonkeyPatch,
    kills: Callable[[Stand], Iterable[Kill]],
) -> Iterator[tuple[Stand, list[str], int]]:
    """Nothing that was answered is lost, nothing doubled, every notice sent: the stand, the ledger, how many twice."""
    make_street()
    with standing(app, office) as stand:
        monkeypatch.setitem(app.config, "SMTP_URL", office.url)
        monkeypatch.setitem(app.config, "MAIL_FROM", "notes@example.org")
        ledger = kill_meanwhile(stand, kills(stand))
        send_the_rest(stand)
        check_ledger(ledger)
        yield stand, ledger, check_notices(office, len(ledger))


def check_ledger(ledger: list[str]) -> None:
    """0 lost, 0 doubled, and nothing that nobody knows of."""
    with reading_only():
        needs = select(Person).join(Post, Post.person_id == Person.id).where(Post.kind == "need")
        here = [person.name for person in db.session.scalars(needs)]
        people = [person.name for person in db.session.scalars(select(Person)) if person.name != "Dee"]
        db.session.commit()
    assert Counter(here) == Counter(people) == Counter(ledger)


def send_the_rest(stand: Stand) -> None:
    """What the next worker does in the hours after: claims end, and what broke is tried again.

    The last one is dead by then: two whose clocks are an hour apart do not believe each other's claims.
    """
    kill_all(stand.worker)
    for hours in (1, 2, 6):
        later = utcnow() + timedelta(hours=hours)
        while owe_news(later) or any(send_due(later)):
            pass


def check_notices(office: PostOffice, needs: int) -> int:
    """Each was sent; says how many were sent twice, each under one and the same Message-ID."""
    with reading_only():
        rows = db.session.execute(
            select(Notice.network_id, Notice.id, Notice.outcome, Notice.attempts, Notice.kind)
        ).all()
        db.session.commit()
    assert Counter((row.kind, row.outcome) for row in rows) == {("new_need", "sent"): HELPERS * needs}
    attempts = {f"<{row.network_id}.{row.id}@example.org>": row.attempts for row in rows}
    taken = Counter(str(message["Message-ID"]) for message in office.taken)
    assert set(taken) == set(attempts)
    assert all(
        taken[number] <= attempts[number] for number in taken
    )  # tries are counted before they are made
    return taken.total() - len(taken)
