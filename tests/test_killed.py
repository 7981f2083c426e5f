"""kill -9 of server and worker while people post: nothing that was answered is lost, nothing is doubled.

A kill proves nothing about a power cut, so what waits for the disk is looked at too. tests/hard kills 200 times.
"""

import pytest
from flask import Flask
from sqlalchemy import Engine, create_engine, text

from mutualaid.db import db, prepare_engine, reading_only
from tests.notices.post_office import open_office
from tests.standing import Kill, Neighbour, Stand, check_ledger, killed_meanwhile


def four(stand: Stand) -> tuple[Kill, ...]:
    return stand.kill_one, stand.kill_server, stand.end_worker_as_it_sends, stand.kill_one


def test_killed_at_any_moment_loses_and_doubles_nothing(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    with open_office() as office, killed_meanwhile(app, office, monkeypatch, four) as (stand, ledger, twice):
        assert twice >= 1
        check_finds_what_is_lost_and_what_is_doubled(stand.url, ledger)


def check_finds_what_is_lost_and_what_is_doubled(url: str, ledger: list[str]) -> None:
    with pytest.raises(AssertionError):
        check_ledger([*ledger, "Amina, who was told that it is here"])
    for _ in range(2):  # with a new draft each time, as if the first had not been answered
        careless = Neighbour(url)
        careless.answers_all("Amina, twice")
        careless.sends()
    with pytest.raises(AssertionError):
        check_ledger([*ledger, "Amina, twice"])


@pytest.fixture
def as_installed(app: Flask) -> Engine:
    """Without what tests alone may do: not to wait for the disk."""
    engine = create_engine(db.engine.url)
    prepare_engine(engine)
    yield engine
    engine.dispose()


def test_commit_waits_until_it_is_on_the_disk(as_installed: Engine) -> None:
    with reading_only(), as_installed.connect() as connection:
        if as_installed.dialect.name == "sqlite":
            asked = [connection.scalar(text(f"PRAGMA {name}")) for name in ("journal_mode", "synchronous")]
            assert asked == ["wal", 2]  # 2 is FULL
        else:
            ours = text("SELECT name FROM pg_settings WHERE source IN ('client', 'session')")
            assert {"fsync", "full_page_writes", "synchronous_commit"} & set(
                connection.scalars(ours)
            ) == set()
