"""The long version: gunicorn, the worker and the commands as processes of their own, and all that they write."""

import gzip
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text

from mutualaid.db import db
from tests.canaries import found, new_words
from tests.copies.everybody import Everybody
from tests.copies.test_canaries import database
from tests.hard.served import Caller, command, served
from tests.notices.post_office import open_office


@pytest.mark.parametrize("breaks", [False, True], ids=["as it is", "broken in the middle"])
def test_nobodys_words_can_be_read_in_what_processes_write(
    place: Flask, tmp_path: Path, breaks: bool
) -> None:
    words, log = new_words(), tmp_path / "log"
    asked_by = {"X-Forwarded-For": words["ip"], "User-Agent": words["agent"]}
    with open_office() as office:
        place.config |= {"SMTP_URL": office.url, "MAIL_FROM": "Notes <notes@example.org>"}
        with served(place, log, PROXIES="1") as address:
            written = Everybody(
                words,
                office,
                tmp_path,
                browser=lambda: Caller(address, asked_by),
                work=lambda: command(place, log, "worker", "--once"),
                run=lambda *typed: command(place, log, *typed),
            ).go()
            left = {"database": database(), "backup": gzip.decompress(written[0].read_bytes())}
            if breaks:
                break_all(place, log, Caller(address, asked_by), words)
    heads = "\n".join(f"{n}: {h}" for letter in office.taken for n, h in letter.items() if n != "To")
    left |= {"log": log.read_bytes(), "mail": heads.encode(), "export": written[1].read_bytes()}
    assert {name: found(words, what) for name, what in left.items()} == {name: set() for name in left}
    assert (bool(left["log"]), bool(left["mail"])) == (breaks, True)


def break_all(place: Flask, log: Path, caller: Caller, words: dict[str, str]) -> None:
    """A table is gone: pages break while they hold somebody's words, and so does the worker."""
    caller.get("/garrison/lost")
    with db.engine.begin() as connection:
        connection.execute(text("ALTER TABLE attempt RENAME TO gone"))
        connection.execute(text("ALTER TABLE notice RENAME TO gone_too"))
    for name in ("amina_phone", "eve_email", "unknown_email"):
        assert caller.post("/garrison/lost", data={"contact": words[name]}).status_code in (500, 503)
        assert caller.post("/sign-in", data={"email": words["dee_email"], "password": "x"}).status_code in (
            500,
            503,
        )
    with pytest.raises(Exception, match="worker"):
        command(place, log, "worker", "--once")
