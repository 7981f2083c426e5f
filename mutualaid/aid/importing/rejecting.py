"""The rows that were not taken, with the reason, in a file beside the source: to be mended and read again."""

import csv
import os
import re
from pathlib import Path
from types import TracebackType
from typing import Self

from mutualaid.aid.importing.mapping import CannotImport

NUMBER = re.compile(r"[+-]?\d+([.,]\d+)?([eE][+-]?\d+)?")
WIDE = ("\uff1d", "\uff0b", "\uff0d", "\uff20")  # the same signs as on a Japanese keyboard
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", *WIDE)


def rejected_path(path: Path) -> Path:
    """reports.csv -> reports.rejected.csv."""
    stem = path.name[:-4] if path.name.lower().endswith(".csv") else path.name
    return path.with_name(f"{stem}.rejected.csv")


class RejectedRows:
    """Written anew at each run, readable by its owner only, and gone again when every row was taken."""

    def __init__(self, path: Path, header: list[str]) -> None:
        self.path = path
        self.count = 0
        self._width = len(header)
        self._reason_at = header.index("reason") if "reason" in header else None
        self._header = header if "reason" in header else [*header, "reason"]

    def __enter__(self) -> Self:
        try:
            self._file = open(self.path, "w", encoding="utf-8", newline="", opener=_private)
        except OSError as error:
            raise CannotImport(
                f"{self.path.name} cannot be written ({error.strerror}). Copy the reports to a folder of yours."
            ) from error
        self._csv = csv.writer(self._file)
        self._csv.writerow([harmless(name) for name in self._header])
        return self

    def add(self, cells: list[str], reason: str) -> None:
        self.count += 1
        row = [*cells[: self._width], *[""] * (self._width - len(cells))]
        if self._reason_at is None:
            row.append(reason)
        else:
            row[self._reason_at] = reason
        self._csv.writerow([harmless(cell) for cell in (*row, *cells[self._width :])])

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
        if not self.count:
            self.path.unlink(missing_ok=True)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def harmless(cell: str) -> str:
    """What a spreadsheet would take for a formula begins with an apostrophe; bytes that are no text are spelt out."""
    text = cell.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace").replace("\0", "\\x00")
    return f"'{text}" if text.startswith(FORMULA) and not NUMBER.fullmatch(text) else text
