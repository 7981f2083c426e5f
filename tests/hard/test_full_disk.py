"""A disk that is really full, under a server and a worker: nothing is lost, and they go on by themselves."""

import os
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import ClassVar

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from sqlalchemy import NullPool, create_engine, make_url

from mutualaid import create_app
from mutualaid.db import db
from tests.notices.post_office import open_office
from tests.standing import (
    PATIENCE,
    Neighbour,
    check_ledger,
    check_notices,
    make_street,
    people_posting,
    send_the_rest,
    standing,
)

SIZE = 64 * 1024 * 1024
TIMES = 5  # that it fills up
NOT_HERE = "Only root may mount a small disk, and it was not allowed here."


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "none", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        pytest.skip(NOT_HERE)
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.fixture
def database(small_disk: Path, new_database) -> Iterator[str]:
    """On that disk: a file; or, where the tests' PostgreSQL is on this machine, a tablespace of it."""
    url = make_url(new_database())
    if url.get_backend_name() == "sqlite":
        yield f"sqlite:///{small_disk / 'mutualaid.sqlite'}"
        return
    with create_engine(url, isolation_level="AUTOCOMMIT", poolclass=NullPool).connect() as server:
        owner = Path(str(server.exec_driver_sql("SHOW data_directory").scalar())).stat()
        os.chown(small_disk, owner.st_uid, owner.st_gid)
        for folder in small_disk.parents:  # it must get there
            if folder.stat().st_uid == os.geteuid() and not folder.stat().st_mode & 0o001:
                folder.chmod(0o711)
        server.exec_driver_sql(f"CREATE TABLESPACE small LOCATION '{small_disk}'")
        server.exec_driver_sql("CREATE DATABASE on_small TEMPLATE template0 TABLESPACE small")
        server.exec_driver_sql("ALTER DATABASE on_small SET synchronous_commit = off")
        yield url.set(database="on_small").render_as_string(hide_password=False)
        server.exec_driver_sql("DROP DATABASE on_small WITH (FORCE)")
        server.exec_driver_sql("DROP TABLESPACE small")


@pytest.fixture
def app(installation: Flask, tmp_path: Path, database: str) -> Iterator[Flask]:
    settings = {"INSTANCE": tmp_path, "SQLALCHEMY_DATABASE_URI": database, "MAIL_FROM": "notes@example.org"}
    kept = {name: installation.config[name] for name in ("TESTING", "BASE_URL", "KEYS", "SECRET_KEY")}
    made = create_app(kept | settings)
    with made.app_context():
        db.create_all()
        yield made
        db.session.remove()
        db.engine.dispose()


class Patient(Neighbour):
    """Sends again what could not be saved, from the page that says so."""

    refused: ClassVar[Counter[int]] = Counter()

    def ask(self, path: str, fields: dict[str, str] | None = None) -> tuple[int, str, bytes]:
        answer = super().ask(path, fields)
        while answer[0] >= 500:
            self.refused[answer[0]] += 1
            said = BeautifulSoup(answer[2], "html.parser")
            assert (answer[0], said.h1.text) == (503, "We cannot save anything just now")
            if fields is not None:
                kept = {field["name"]: field["value"] for field in said.select("main form input")}
                assert kept == fields | {"csrf_token": self.token}
            time.sleep(0.2)
            answer = super().ask(path, fields)
        return answer


def test_full_disk_loses_nothing_and_is_over_when_there_is_room(app: Flask, small_disk: Path) -> None:
    make_street()
    ballast = small_disk / "ballast"
    Patient.refused.clear()
    with open_office() as office, standing(app, office) as stand:
        app.config["SMTP_URL"] = office.url
        with people_posting(stand.url, 3, Patient) as ledger:
            for _ in range(TIMES):
                fill_until_refused(ballast)
                ballast.unlink()
                wait_until(len(ledger) + 5, lambda: len(ledger))
        assert (stand.server.poll(), stand.worker.poll()) == (None, None)
        send_the_rest(stand)
        check_ledger(ledger)
        twice = check_notices(office, len(ledger))
    assert set(Patient.refused) == {503}
    print(
        f"{TIMES} times full: {Patient.refused[503]} answers of 503, {len(ledger)} needs, {twice} sent twice."
    )


def fill_until_refused(ballast: Path) -> None:
    """Until several were told that nothing can be saved: what the database has let go of is filled first."""

    def refused() -> int:
        fill(ballast)
        return Patient.refused[503]

    wait_until(Patient.refused[503] + 5, refused)


def fill(ballast: Path) -> None:
    with ballast.open("ab", buffering=0) as file:
        for size in (1 << 20, 4096):
            with suppress(OSError):
                while file.write(b"x" * size) == size:
                    pass


def wait_until(number: int, reached: Callable[[], int]) -> None:
    until = time.monotonic() + PATIENCE
    while reached() < number:
        assert time.monotonic() < until
        time.sleep(0.1)
