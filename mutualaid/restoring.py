"""While a copy is put back a file beside the database says so, until all that was erased since is erased again.

Were that stopped half way, people who are erased would stand there for everybody to see. So while the file stands the
web answers nothing but 503, also after a power cut, and the worker does nothing but erase, once the rows are all there.
Whoever is at it holds a lock on the file, which ends with its process.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from flask import current_app

ROWS, WHOLE = "rows", "whole"  # they are being put back; they are all there, and nothing is erased again yet


def stage() -> str:
    """ROWS, WHOLE, or empty when nothing is being put back."""
    try:
        return WHOLE if _file().stat().st_size else ROWS
    except FileNotFoundError:
        return ""


@contextmanager
def underway(reached: str) -> Iterator[None]:
    """It is on disk before anything is done. BlockingIOError: another process is at it."""
    path = _file()
    with path.open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if os.fstat(file.fileno()).st_nlink == 0:  # whoever was at it ended it since we opened it
            raise BlockingIOError
        _write(file, reached)
        folder = os.open(path.parent, os.O_RDONLY)
        os.fsync(folder)
        os.close(folder)
        yield


def rows_are_back() -> None:
    with _file().open("ab") as file:
        _write(file, WHOLE)


def _write(file: BinaryIO, reached: str) -> None:
    """Empty while the rows are being put back: so it is never half written."""
    if reached == ROWS:
        file.truncate(0)
    else:
        file.write(b"whole\n")
    file.flush()
    os.fsync(file.fileno())


def end() -> None:
    _file().unlink(missing_ok=True)


def _file() -> Path:
    return Path(current_app.config["INSTANCE"]) / "restoring"
