"""Writers of one SQLite database, one after the other.

SQLite itself lets those who wait sleep longer and longer, and takes them in no order: under load some wait for seconds.
"""

import fcntl
import os
import sqlite3
import threading
from contextlib import suppress


class Turns:
    """The threads of a process wait at a lock; the processes at a lock on a file beside the database.

    The system takes that one back from whoever dies. Where it cannot be had, SQLite sorts out the processes alone.
    """

    def __init__(self, database: str | None, seconds: float) -> None:
        self.threads, self.seconds = threading.Lock(), seconds
        on_disk = database and database != ":memory:" and not database.startswith("file:")
        self.path = f"{database}-queue" if on_disk else None

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
        """Whoever has waited too long is left to SQLite, which says what it says."""
        if not self.queued and self.turns.threads.acquire(timeout=self.turns.seconds):
            self.queued = True
            self.file = self.turns.locked_file()

    def leave(self) -> None:
        if self.queued:
            if self.file is not None:
                os.close(self.file)
            self.queued, self.file = False, None
            self.turns.threads.release()

    def commit(self) -> None:
        super().commit()
        self.leave()

    def rollback(self) -> None:
        super().rollback()
        self.leave()

    def close(self) -> None:
        super().close()
        self.leave()
