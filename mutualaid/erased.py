"""What was erased, by id, in files beside the database: a restored backup is told again what must not come back.

One file a day in instance/erased/, lines only ever added: what it is, its network, its id. They are on disk before the
transaction that erases commits, and end a little later than the backups do.
"""

import errno
import os
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from flask import current_app
from sqlalchemy import event

from mutualaid.db import db

DAYS = 30  # that a backup or an export lasts, unless a backup was made to last longer
MARGIN = timedelta(days=7)  # and may end a little late
BACKUP = "backup"  # in the list: one was made, of this number
LONGEST = "longest"  # a file in the folder: how many days, where it is more


class Erased(NamedTuple):
    """`what`: person, post, membership; network or returned, when it was brought in again (both ids are its own); and
    backup, when one was made."""

    what: str
    network_id: int
    id: int


def note(what: str, network_id: int, row_id: int, now: datetime) -> None:
    """The running transaction erases this; it is written down when it commits."""
    db.session.info.setdefault("erased", []).append((now, Erased(what, network_id, row_id)))


@event.listens_for(db.session, "before_commit")
def _write(session: Any) -> None:
    noted: list[tuple[datetime, Erased]] = session.info.pop("erased", [])
    if noted:
        folder = _folder()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for day in {now.date() for now, _ in noted}:
            _append(folder / f"{day}", [entry for now, entry in noted if now.date() == day])
        _sync(folder)


@event.listens_for(db.session, "after_soft_rollback")
def _forget(session: Any, _previous: Any) -> None:
    session.info.pop("erased", None)


def _append(path: Path, entries: list[Erased]) -> None:
    """In one write, so that two processes do not mix their lines; each on a line of its own, whatever a crash left.

    OSError where not all of it is written: then nothing is erased either.
    """
    lines = "".join(f"\n{entry.what} {entry.network_id} {entry.id}\n" for entry in entries).encode()
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        if os.write(file, lines) < len(lines):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        os.fsync(file)
    finally:
        os.close(file)


def _sync(folder: Path) -> None:
    """A new file is only there for good once its folder is on disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def entries() -> list[Erased]:
    """All that is noted and still holds, the oldest first."""
    found: dict[Erased, None] = {}
    for entry in _lines():
        if entry.what == BACKUP:
            continue
        if entry.what == "returned":
            found.pop(Erased("network", entry.network_id, entry.id), None)
        else:
            found[entry] = None
    return list(found)


def _lines() -> Iterator[Erased]:
    """A line cut short by a crash was never committed."""
    for path in _files():
        for line in path.read_text().splitlines():
            match line.split():
                case [what, network_id, row_id]:
                    yield Erased(what, int(network_id), int(row_id))


def note_backup(number: int, days: int, now: datetime) -> None:
    """A backup was made that lasts so long: what is erased from now on is noted for as long."""
    folder = _folder()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if days > _longest():
        (folder / LONGEST).write_text(str(days))
    _append(folder / f"{now.date()}", [Erased(BACKUP, 0, number)])
    _sync(folder)


def goes_back_to(number: int) -> bool:
    """Whether the list is the one that was kept since this backup was made: else nobody knows who was erased since."""
    return any(entry == Erased(BACKUP, 0, number) for entry in _lines())


def last_day() -> date | None:
    """Up to which day something stands in the list."""
    files = _files()
    return date.fromisoformat(files[-1].name) if files else None


def prune(now: datetime) -> int:
    """Take away the days of which no backup is left; says how many."""
    last = now.date() - timedelta(days=_longest()) - MARGIN
    old = [path for path in _files() if date.fromisoformat(path.name) < last]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)


def _files() -> list[Path]:
    folder = _folder()
    return sorted(path for path in folder.iterdir() if path.name != LONGEST) if folder.is_dir() else []


def _longest() -> int:
    path = _folder() / LONGEST
    return max(DAYS, int(path.read_text())) if path.exists() else DAYS


def _folder() -> Path:
    return Path(current_app.config["INSTANCE"]) / "erased"
