"""Writers of one SQLite database, one after the other.

SQLite itself lets those who wait sleep longer and longer, and takes them in no order: under load some wait for seconds.
"""

import fcntl
import os
import sqlite3
import threading
from collections import deque
from contextlib import suppress


class Turns:
    """The threads of a process stand in line; the first of each waits at a lock on a file beside the database.

    The system takes that one back from whoever dies. Where it cannot be had, SQLite sorts out the processes alone.
    """

    def __init__(self, database: str | None, seconds: float) -> None:
        self.guard, self.seconds = threading.Lock(), seconds
        self.busy = False
        self.line: deque[threading.Lock] = deque()  # of each who waits a lock, opened when it is their turn
        on_disk = database and database != ":memory:" and not database.startswith("file:")
        self.path = f"{database}-queue" if on_disk else None

    def take(self) -> bool:
        """Whether it was our turn in time. A plain lock would let whoever comes just then pass those who wait."""
        with self.guard:
            if not self.busy:
                self.busy = True
                return True
            mine = threading.Lock()
            mine.acquire()
            self.line.append(mine)
        if mine.acquire(timeout=self.seconds):
            return True
        with self.guard:
            late = mine in self.line
            if late:
                self.line.remove(mine)
        return not late

    def give(self) -> None:
        with self.guard:
            if self.line:
                self.line.popleft().release()
            else:
                self.busy = False

    def locked_file(self) -> int | None:
        """Open for this turn alone, so that what a process forked holds nothing of its parent's."""
        if self.path is None:
            return None
        with suppress(OSError):
            file = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
            try:
                fcntl.flock(file, fcntl.LOCK_EX)
            except BaseException:
                os.close(file)
                raise
            return file
        return None


class QueuedConnection(sqlite3.Connection):
    """Gives its turn to the next when what it wrote is on the disk: SQLAlchemy tells of a commit before it is done."""

    turns: Turns
    queued = False
    file: int | None = None

    def enter(self) -> None:
        """Whoever has waited too long in line is left to SQLite. For another process we wait as long as it lives."""
        if not self.queued and self.turns.take():
            self.queued = True
            self.file = self.turns.locked_file()

    def leave(self) -> None:
        if self.queued:
            if self.file is not None:
                os.close(self.file)
            self.queued, self.file = False, None
            self.turns.give()

    def commit(self) -> None:
        super().commit()
        self.leave()

    def rollback(self) -> None:
        super().rollback()
        self.leave()

    def close(self) -> None:
        super().close()
        self.leave()
