"""Reading a CSV file row by row, whatever is wrong with some of its rows. Memory does not grow with the file."""

import csv
import io
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from mutualaid.aid.importing.mapping import CannotImport

ROW_LIMIT = 100_000  # characters; below the csv module's own limit for one field
KEPT_OF_LONG = 200  # characters of a row that is too long, so that it can be found again


@dataclass(frozen=True)
class Row:
    """`problem`: why it cannot be read, in plain words; empty when it can."""

    cells: list[str]
    problem: str = ""


def open_text(path: Path, encoding: str) -> io.TextIOWrapper:
    """A lone surrogate stands for each byte that is no text, so that one bad row does not spoil the rest."""
    codec = "utf-8-sig" if encoding.lower().replace("_", "-") in ("utf-8", "utf8") else encoding  # no BOM
    return path.open(encoding=codec, errors="surrogateescape", newline="")


def read_rows(text: TextIO) -> Iterator[Row]:
    """The header first (CannotImport when there is none), then every row that is not empty."""
    lines = _Lines(text)
    header = next(_records(lines, width=0), None)
    if header is None:
        raise CannotImport("The file is empty: not even names of columns.")
    if header.problem:
        raise CannotImport(f"The first line cannot be read as names of columns. {header.problem}")
    yield Row([name.strip() for name in header.cells])
    yield from _records(lines, width=len(header.cells))


class _Lines:
    """Lines of text that can be put back. Of one that is too long only its beginning comes."""

    def __init__(self, text: TextIO) -> None:
        self.encoding = text.encoding.removesuffix("-sig")
        self._text = text
        self._back: deque[str] = deque()

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if self._back:
            return self._back.popleft()
        try:
            line = rest = self._text.readline(ROW_LIMIT + 1)
            while len(line) > ROW_LIMIT and rest and not rest.endswith(("\n", "\r")):
                rest = self._text.readline(ROW_LIMIT)
        except UnicodeError as error:
            raise CannotImport(
                f"The file is not written in {self.encoding}. What was read before stands. ({error})"
            ) from error
        if not line:
            raise StopIteration
        return line

    def put_back(self, lines: list[str]) -> None:
        self._back.extendleft(reversed(lines))


def _records(lines: _Lines, width: int) -> Iterator[Row]:
    for first in lines:
        row = _record(first, lines, width)
        if any(cell and not cell.isspace() for cell in row.cells):
            yield row


def _record(first: str, lines: _Lines, width: int) -> Row:
    """One row, which goes over several lines when a quotation mark is open.

    When it then does not come out even, the quotation mark was a stray one: only the first line is bad.
    """
    if len(first) > ROW_LIMIT:
        return Row(
            _leniently(first[:KEPT_OF_LONG]),
            "It is too long: more than 100,000 letters, which are not kept here.",
        )
    taken = [first]
    cells, closed = _parse(taken, lines)
    if len(taken) > 1 and not (closed and _fits(cells, width)):
        lines.put_back(taken[1:])
        return Row(_leniently(first), "A quotation mark is opened and not closed.")
    return Row(cells, _problem(cells, "".join(taken), closed, lines.encoding, width))


def _parse(taken: list[str], lines: _Lines) -> tuple[list[str], bool]:
    """The cells, and whether every quotation mark that was opened is closed. Adds to `taken` what it reads."""
    try:
        return next(csv.reader(_feed(taken, lines), strict=True)), True
    except csv.Error as error:
        # On one line, letters behind a closing quotation mark do no harm.
        closed = len(taken) == 1 and "unexpected end" not in str(error)
        return _leniently(taken[0]), closed


def _feed(taken: list[str], lines: _Lines) -> Iterator[str]:
    yield taken[0]
    size = len(taken[0])
    for line in lines:
        taken.append(line)
        size += len(line)
        if size > ROW_LIMIT:
            return
        yield line


def _leniently(line: str) -> list[str]:
    return next(csv.reader([line]), [])


def _fits(cells: list[str], width: int) -> bool:
    """A spreadsheet may leave empty cells at the end."""
    return not width or (len(cells) >= width and not any(cells[width:]))


def _problem(cells: list[str], text: str, closed: bool, encoding: str, width: int) -> str:
    if not _is_text(text):
        return f"It is not written in {encoding}."
    if "\0" in text:
        return "It holds a zero byte, which is no letter."
    if not closed:
        return "A quotation mark is opened and not closed."
    if not _fits(cells, width):
        return f"It has {len(cells)} cells; the first line has {width}."
    return ""


def _is_text(text: str) -> bool:
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
