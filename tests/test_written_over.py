"""What is erased is gone from SQLite's files, too: from the database at once, from the log beside it within a day."""

from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text

from mutualaid.aid.lifecycle import erase
from mutualaid.db import db, reading_only
from mutualaid.worker import Worker
from tests.factories import NOW, actor_of, make_network, make_person

pytestmark = pytest.mark.once


@pytest.fixture
def sealed(app: Flask) -> bytes:
    """Amina's name as it stood in the database, before she was erased."""
    amina = make_person(make_network(), "Amina")
    db.session.commit()
    name = db.session.execute(text("SELECT name_sealed FROM person")).scalar_one()
    erase(amina, by=actor_of(amina), now=NOW)
    db.session.commit()
    return bytes(name)


def files_with(what: bytes) -> list[str]:
    database = Path(str(db.engine.url.database))
    return [path.name for path in database.parent.glob(f"{database.name}*") if what in path.read_bytes()]


def test_nothing_of_the_erased_is_left_in_the_log_after_a_round_of_the_worker(sealed: bytes) -> None:
    assert files_with(sealed) != []
    Worker().round(NOW)
    assert files_with(sealed) == []


def test_log_that_somebody_reads_is_emptied_later(sealed: bytes) -> None:
    worker = Worker()
    with reading_only(), db.engine.connect() as reader:
        reader.execute(text("SELECT 1 FROM person")).all()
        worker.round(NOW)
        assert (files_with(sealed) != [], worker.done["failed"]) == (True, 0)
    worker.round(NOW)
    assert files_with(sealed) == []
