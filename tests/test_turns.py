"""Writers of one SQLite database: one after the other, over all processes, whoever dies."""

import subprocess
import sys
import threading
import time
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.exc import IntegrityError

from mutualaid.db import prepare_engine, reading_only, set_reading_only
from mutualaid.turns import Turns

HOLD = """
import fcntl, sys, time
file = open(sys.argv[1], "wb")
fcntl.flock(file, fcntl.LOCK_EX)
print(flush=True)
time.sleep(60)
"""


@pytest.fixture
def engine(tmp_path) -> Iterator[Engine]:
    set_reading_only(False)  # a page that another test opened may have left it so
    made = create_engine(f"sqlite:///{tmp_path / 'some.sqlite'}")
    prepare_engine(made)
    with made.begin() as connection:
        connection.execute(
            text(
                "CREATE TABLE line (n INTEGER PRIMARY KEY, above INTEGER REFERENCES line DEFERRABLE INITIALLY DEFERRED)"
            )
        )
    yield made
    made.dispose()


@pytest.fixture
def other_process(engine) -> Iterator[subprocess.Popen[bytes]]:
    """One whose turn it is, though it has not begun to write."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, f"{engine.url.database}-queue"], stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    process.stdout.readline()
    yield process
    process.kill()
    process.wait()
    process.stdout.close()


def write(engine: Engine, n: int, above: int | None = None) -> None:
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO line VALUES (:n, :above)"), {"n": n, "above": above})


def written(engine: Engine) -> list[int]:
    with reading_only(), engine.begin() as connection:
        return list(connection.scalars(text("SELECT n FROM line ORDER BY n")))


def test_writer_waits_for_another_process_until_it_dies(engine, other_process):
    writer = threading.Thread(target=write, args=(engine, 1))
    writer.start()
    writer.join(0.2)
    assert (writer.is_alive(), written(engine)) == (True, [])
    other_process.kill()
    writer.join(20)
    assert (writer.is_alive(), written(engine)) == (False, [1])


def test_reader_waits_for_nobody(engine, other_process):
    assert written(engine) == []


def test_writer_whose_commit_fails_lets_the_next_in(engine):
    with pytest.raises(IntegrityError):
        write(engine, 1, above=7)
    writer = threading.Thread(target=write, args=(engine, 2))
    writer.start()
    writer.join(5)
    assert (writer.is_alive(), written(engine)) == (False, [2])


def test_turn_ends_with_the_commit_though_the_connection_stays_open(engine):
    with engine.connect() as connection:
        connection.execute(text("INSERT INTO line VALUES (1, NULL)"))
        connection.commit()
        write(engine, 2)
        connection.execute(text("INSERT INTO line VALUES (3, NULL)"))
        connection.commit()
    assert written(engine) == [1, 2, 3]


def test_writers_go_on_where_the_file_cannot_be_had(engine, tmp_path):
    queue = tmp_path / "some.sqlite-queue"
    queue.unlink()
    queue.mkdir()
    write(engine, 1)
    assert written(engine) == [1]


@pytest.mark.parametrize("database", [None, "", ":memory:", "file:some?mode=memory"])
def test_database_that_is_no_file_has_no_queue_beside_it(database):
    assert Turns(database, 1).locked_file() is None


def test_threads_come_in_the_order_in_which_they_stand_in_line():
    turns, came = Turns(None, 20), []

    def stand(name: str) -> None:
        if turns.take():
            came.append(name)
            turns.give()

    assert turns.take()
    line = [threading.Thread(target=stand, args=(name,)) for name in ("Amina", "Bo", "Dee")]
    for place, thread in enumerate(line, start=1):
        thread.start()
        while len(turns.line) < place:
            time.sleep(0.001)
    turns.give()
    stand("Amina again")
    for thread in line:
        thread.join()
    assert came == ["Amina", "Bo", "Dee", "Amina again"]


def test_whoever_waits_too_long_leaves_the_line():
    turns = Turns(None, 0.05)
    assert [turns.take(), turns.take()] == [True, False]
    turns.give()
    assert [turns.take(), turns.take()] == [True, False]
