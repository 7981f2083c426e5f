"""Nobody's words can be read where they are kept, written down or sent: database, copies, log, what mail shows."""

import base64
import gzip
import logging
import shutil
import subprocess
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask
from sqlalchemy import make_url, select

from mutualaid.db import db, reading_only, utcnow
from mutualaid.logs import Formatter
from mutualaid.sealed import Keyring
from mutualaid.worker import Worker
from tests.canaries import PHONES, Words, found, new_words
from tests.copies.everybody import Everybody
from tests.notices.post_office import PostOffice, open_office
from tests.web import Browser

# Of these a keyed hash is kept, or nothing at all.
NEVER_KEPT = {
    *("feared_phone", "feared_email", "unknown_phone", "unknown_email", "password", "path", "agent", "ip"),
}
ERASED = {"address"}  # when they no longer meet; SQLite writes over it later
Places = dict[str, set[str]]


@pytest.fixture
def words() -> Words:
    return new_words()


@pytest.fixture
def office(here: Flask) -> Iterator[PostOffice]:
    with open_office() as office:
        here.config |= {"SMTP_URL": office.url, "MAIL_FROM": "Notes <notes@example.org>"}
        yield office


@pytest.fixture
def log() -> Iterator[list[str]]:
    """Every line that the process would write."""
    written: list[str] = []
    handler = logging.Handler()
    handler.setFormatter(Formatter())
    handler.emit = lambda record: written.append(handler.format(record))  # type: ignore[method-assign]
    logging.getLogger().addHandler(handler)
    yield written
    logging.getLogger().removeHandler(handler)


@pytest.fixture
def places(here: Flask, run: Any, words: Words, office: PostOffice, log: list[str], tmp_path: Path) -> Places:
    """Where somebody's words can be read, after everybody did all that they do."""
    here.test_client_class = Browser
    here.config |= {"TIME_TO_POST": timedelta(0), "TIME_TO_ANSWER": 0}
    here.view_functions["access.link"] = broken

    def browser() -> Any:
        made = here.test_client()
        made.environ_base |= {"REMOTE_ADDR": words["ip"], "HTTP_USER_AGENT": words["agent"]}
        return made

    def work() -> None:
        db.session.commit()
        worker = Worker()
        while worker.round(utcnow()):
            pass
        assert worker.done["failed"] == 0

    def command(*typed: Any) -> None:
        result = run(here, *typed)
        assert result.exit_code == 0, result.output

    written = Everybody(words, office, tmp_path, browser=browser, work=work, run=command).go()
    return {name: found(words, what) for name, what in left(here, office, log, written).items()}


def broken(token: str) -> None:
    raise ValueError(token)


def left(app: Flask, office: PostOffice, log: list[str], written: list[Path]) -> dict[str, bytes]:
    """All that there is to read, by where it lies; none of it is empty."""
    heads = (f"{name}: {head}" for letter in office.taken for name, head in letter.items() if name != "To")
    instance = app.config["INSTANCE"]
    read = {
        "database": database(),
        "log": "\n".join(log).encode(),
        "mail": "\n".join(heads).encode(),
        "folder": b"".join(path.read_bytes() for path in instance.rglob("*") if path.is_file()),
        "backup": gzip.decompress(written[0].read_bytes()),
        "export": written[1].read_bytes(),
    }
    assert [name for name, what in read.items() if not what] == []
    return read


def database() -> bytes:
    """The files of SQLite, with what it has not yet folded in; a dump of PostgreSQL, or every row."""
    db.session.commit()
    url = make_url(db.engine.url)
    if url.get_backend_name() == "sqlite":
        assert url.database
        file = Path(url.database)
        return b"".join(path.read_bytes() for path in file.parent.glob(f"{file.name}*"))
    with reading_only():
        rows = [
            repr(value.hex() if isinstance(value, bytes) else value)
            for table in db.metadata.sorted_tables
            for row in db.session.execute(select(table))
            for value in row
        ]
        db.session.commit()
    return "\n".join(rows).encode() + dump(url)


def dump(url: Any) -> bytes:
    if shutil.which("pg_dump") is None:
        return b""
    plain = url.set(drivername="postgresql").render_as_string(hide_password=False)
    made = subprocess.run(["pg_dump", "--dbname", plain], capture_output=True, check=False)
    return made.stdout


def test_nobodys_words_can_be_read_anywhere(places: Places) -> None:
    assert {name: words for name, words in places.items() if words} == {}


@pytest.fixture
def nothing_is_sealed(monkeypatch: pytest.MonkeyPatch) -> None:
    """What would be sealed is kept as it is, with the key's name before it."""
    monkeypatch.setattr(Keyring, "seal", lambda ring, text, _: bytes([1]) + b"1" + text.encode())
    monkeypatch.setattr(Keyring, "open", lambda ring, data, _: data[2:].decode())


@pytest.mark.usefixtures("nothing_is_sealed")
def test_without_sealing_the_same_search_finds_all_that_is_kept(places: Places, words: Words) -> None:
    kept = set(words) - NEVER_KEPT
    seen = {name: found - ERASED for name, found in places.items() if found}
    assert seen == {"database": kept - ERASED, "backup": kept - ERASED}


def test_phone_in_a_line_of_the_log_is_found(log: list[str], words: Words) -> None:
    logging.getLogger("mutualaid.worker").warning("Nobody answers at %s.", words["amina_phone"])
    assert found(words, "\n".join(log).encode()) == {"amina_phone"}


WAYS: dict[str, Callable[[str], bytes]] = {
    "plain": str.encode,
    "capitals": lambda word: word.upper().encode(),
    "dashes": lambda word: word.replace(" ", "-").encode(),
    "base64": lambda word: base64.b64encode(word.encode()),
    "base64, one further": lambda word: base64.b64encode(b"x" + word.encode() + b"y"),
    "base64, two further": lambda word: base64.b64encode(b"xy" + word.encode() + b"z"),
    "base64 in an address": lambda word: base64.urlsafe_b64encode(b"??>" + word.encode()),
    "hex": lambda word: word.encode().hex().encode(),
    "address": lambda word: quote(word).encode(),
    "utf-16": lambda word: word.encode("utf-16"),
}


@pytest.mark.parametrize("way", WAYS)
def test_words_are_found_however_they_are_written(words: Words, way: str) -> None:
    for name, word in words.items():
        if way != "dashes" or name in PHONES:
            assert found(words, b"before " + WAYS[way](word) + b" after") == {name}
    assert found(words, WAYS[way](new_words()["amina_phone"])) == set()
