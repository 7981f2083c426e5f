"""The long version of asking others: wapiti and sqlmap look at the demo as nobody, as a neighbour, as a coordinator."""

import sqlite3
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from flask import Flask, g, request, session
from flask_wtf.csrf import generate_csrf
from sqlalchemy import select

from mutualaid.aid.models import Match, Post
from mutualaid.db import db, utcnow
from mutualaid.networks.models import Membership
from mutualaid.people import sessions
from mutualaid.people.access import seat_of
from tests.hard.scanning import install, listening, sqlmap, wapiti

SECONDS = 120
WHO = ("nobody", "neighbour", "coordinator")


@pytest.fixture(scope="session")
def scanners(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("scanners")
    why_not = install(folder)
    if why_not:
        pytest.skip(why_not)
    return folder / "bin"


class Demo:
    """The made-up network, and the cookie of each who looks at it."""

    def __init__(self, app: Flask) -> None:
        made = app.test_cli_runner().invoke(args=["demo"])
        assert made.exit_code == 0, made.output
        match = db.session.scalars(select(Match).where(Match.state == "agreed").limit(1)).one()
        need = db.session.get_one(Post, (match.network_id, match.need_id))
        bo = db.session.scalars(select(Membership).where(Membership.role == "coordinator").limit(1)).one()
        self.match, self.need = match.id, need.id
        now = utcnow()
        kept = {
            "nobody": {},
            "neighbour": {f"guest:{need.network_id}": seat_of(need.person, "link")},
            "coordinator": {
                "signed_in": {"token": sessions.begin(bo.account, now=now), "seen": int(now.timestamp())}
            },
        }
        db.session.commit()
        self.cookie, self.token = {}, {}
        for who, what in kept.items():
            with app.test_request_context():
                g.pop("csrf_token", None)  # the one before it was made in the same context
                session.update(what)
                self.token[who] = generate_csrf()
                signer = app.session_interface.get_signing_serializer(app)
                self.cookie[who] = f"session={signer.dumps(dict(session))}"  # type: ignore[union-attr]
        db.session.rollback()
        browser = app.test_client(use_cookies=False)
        for who, cookie in self.cookie.items():  # a scan of the sign-in page alone would find nothing, too
            with_cookie: Any = {"headers": {"Cookie": cookie}}
            assert browser.get(self.start(who), **with_cookie).status_code == 200
            code = {"code": "0000 0000", "csrf_token": self.token[who]}
            assert browser.post("/demo/code", data=code, **with_cookie).status_code == 200
        db.session.rollback()  # nothing of ours may hold up those who write

    def start(self, who: str) -> str:
        return {"nobody": "/demo/", "neighbour": "/demo/mine/", "coordinator": "/demo/desk"}[who]

    def questions(self, who: str) -> list[tuple[str, dict[str, str]]]:
        """What takes words or numbers from whoever asks, and looks something up by them."""
        match = f"/demo/matches/{self.match}"
        return {
            "nobody": [
                ("/demo/code", {"code": "7KM4 RXQ2"}),
                ("/demo/lost", {"contact": "amina@example.org"}),
                ("/sign-in", {"email": "amina@example.org", "password": "one two three", "next": "/"}),
                ("/reset", {"email": "amina@example.org"}),
                ("/demo/link", {"token": "x" * 22}),
                ("/demo/post/need/what", {"what": "food"}),
                ("/demo/post/need/where?area=1", {}),
            ],
            "neighbour": [
                ("/demo/mine/never", {"phone": "416 555 0142", "email": "amina@example.org"}),
                (f"{match}/messages", {"text": "Is three fine?", "once": "7"}),
            ],
            "coordinator": [
                ("/demo/desk?queue=open&area=1&category=1&page=1&q=a", {}),
                (f"/demo/desk/{self.need}?more=1", {}),
                ("/demo/phone", {"code": "7KM4 RXQ2", "name": "Amina", "kind": "need", "category": "1"}),
                ("/demo/desk/many", {"posts": "1", "verb": "pause"}),
            ],
        }[who]


@pytest.fixture
def demo(place: Flask) -> Demo:
    return Demo(place)


@pytest.mark.parametrize("who", WHO)
def test_wapiti_finds_nothing(scanners: Path, place: Flask, demo: Demo, who: str, tmp_path: Path) -> None:
    with listening(place) as (address, broken):
        found = wapiti(scanners, address, demo.start(who), demo.cookie[who], tmp_path, SECONDS)
    assert (found, broken) == ([], [])


@pytest.mark.parametrize("who", WHO)
def test_sqlmap_finds_nothing(scanners: Path, place: Flask, demo: Demo, who: str, tmp_path: Path) -> None:
    with listening(place) as (address, broken):
        found = [
            line
            for path, fields in demo.questions(who)
            for line in sqlmap(
                scanners,
                address + path,
                urlencode({**fields, "csrf_token": demo.token[who]}) if fields else "",
                demo.cookie[who],
                tmp_path,
            )
        ]
    assert (found, broken) == ([], [])


@pytest.fixture
def flawed(tmp_path: Path) -> Flask:
    """Says what it is told as it is told, and asks the database in the words of whoever asks."""
    app, file = Flask("flawed"), tmp_path / "flawed.sqlite"
    with sqlite3.connect(file) as made:
        made.execute("CREATE TABLE person (id INTEGER, name TEXT)")
        made.executemany("INSERT INTO person VALUES (?, ?)", [(1, "Amina"), (2, "Bo")])
    made.close()

    @app.get("/")
    def show() -> str:
        return (
            f"<html><body>{request.args.get('said', '')}"
            "<a href='/?said=hello'>say</a> <a href='/find?id=1'>find</a></body></html>"
        )

    @app.get("/find")
    def find() -> str:
        connection = sqlite3.connect(file)
        try:
            rows = connection.execute(f"SELECT name FROM person WHERE id = {request.args.get('id', 0)}")
            return f"<html><body>{len(rows.fetchall())} found</body></html>"
        finally:
            connection.close()

    return app


def test_wapiti_finds_a_page_that_repeats_what_it_is_told(
    scanners: Path, flawed: Flask, tmp_path: Path
) -> None:
    with listening(flawed) as (address, _):
        found = wapiti(scanners, address, "/", "", tmp_path, 60)
    assert any(line.startswith("Reflected Cross Site Scripting: GET /") for line in found), found


def test_sqlmap_finds_a_page_that_asks_in_anybodys_words(
    scanners: Path, flawed: Flask, tmp_path: Path
) -> None:
    with listening(flawed) as (address, broken):
        assert sqlmap(scanners, f"{address}/find?id=1", "", "", tmp_path) != []
        assert broken != []
