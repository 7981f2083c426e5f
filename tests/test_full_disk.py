"""The disk is full: said in plain words, with what was typed kept in the page; it goes on by itself once there is room.

SQLite says here what it says of a full disk. tests/hard fills a real one, under a server and a worker.
"""

from collections.abc import Iterator
from ipaddress import IPv4Address
from itertools import count

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from sqlalchemy import Connection, event, select, text

from mutualaid.aid.models import Draft
from mutualaid.db import db
from tests.aid.asking import MATTERS
from tests.factories import make_category, make_network
from tests.web import Browser

LONG = MATTERS | {"details": "Second floor, the bell is broken. Zoë & <Bo> know.\n" * 15}
TYPED = "/garrison/post/need/matters"


class Disk:
    """`room`: pages that it still has; none: as many as anybody wants."""

    room: int | None = None

    def limit(self, connection: Connection) -> None:
        most = 1 << 30
        if self.room is not None:
            most = connection.exec_driver_sql("PRAGMA page_count").scalar_one() + self.room
        connection.exec_driver_sql(f"PRAGMA max_page_count = {most}")


@pytest.fixture
def disk(app: Flask) -> Iterator[Disk]:
    made = Disk()
    event.listen(db.engine, "begin", made.limit)
    yield made
    made.room = None
    db.session.rollback()
    db.session.execute(text("SELECT 1"))
    event.remove(db.engine, "begin", made.limit)


def kept() -> list[Draft]:
    db.session.rollback()
    return list(db.session.scalars(select(Draft)))


def send_again(client: Browser, page: str):
    form = BeautifulSoup(page, "html.parser").select_one("main form")
    fields: dict[str, list[str]] = {}
    for field in form.select("input"):
        fields.setdefault(field["name"], []).append(field["value"])
    return client.post(form["action"], data=fields)


@pytest.mark.once
def test_full_disk_keeps_what_was_typed_until_there_is_room(client: Browser, disk: Disk) -> None:
    make_category(make_network(), "reading", remote=True)
    first = client.post("/garrison/post/need/what", data={"what": "reading"})
    assert (first.status_code, len(kept())) == (303, 1)
    disk.room = 0
    answer = client.post(TYPED, data=LONG)
    places = count(10 << 24)
    while answer.status_code == 303:  # pages that were let go of are filled first
        client.delete_cookie("session")
        client.environ_base["REMOTE_ADDR"] = str(IPv4Address(next(places)))  # one begins ninety an hour
        answer = client.post(TYPED, data=LONG)
    page = BeautifulSoup(answer.text, "html.parser")
    assert (answer.status_code, page.h1.text) == (503, "We cannot save anything just now")
    before = len(kept())
    assert send_again(client, answer.text).status_code == 503
    assert len(kept()) == before
    disk.room = None
    assert send_again(client, answer.text).status_code == 303
    newest = max(kept(), key=lambda draft: draft.id)
    assert (len(kept()), "know.\\nSecond floor" in newest.answers.replace("\\r", "")) == (before + 1, True)
