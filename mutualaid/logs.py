"""The log: one line of JSON for each thing that whoever runs this should know. It names no person and no address.

What others say of an error (its words, the address that was asked for) may hold somebody's name or link. So of an
error only its kind and the places in the code are written, and of what libraries log only the pattern, never what
they fill it with. A reference, which the page shows too, finds the line again.
"""

import logging
import secrets
import traceback
from pathlib import Path
from typing import Any

from flask import Flask, has_request_context, request
from pythonjsonlogger.json import JsonFormatter

from mutualaid.config import ROOT

FIELDS = ["levelname", "name", "message"]
NAMES = {"levelname": "level", "name": "from", "message": "what", "timestamp": "at"}


class Formatter(JsonFormatter):
    """`message` with its numbers where it is ours; of others only the pattern."""

    def __init__(self, *_given: Any) -> None:
        super().__init__(FIELDS, rename_fields=NAMES, timestamp="timestamp")

    def format(self, record: logging.LogRecord) -> str:
        if record.name.partition(".")[0] != "mutualaid":
            record = logging.makeLogRecord(record.__dict__ | {"args": None})
        return super().format(record)

    def formatException(self, ei: Any) -> str:  # noqa: N802 - as the class it is made from calls it
        return where(ei[1])

    def formatStack(self, stack_info: str) -> str:  # noqa: N802
        return ""


def where(error: BaseException | None) -> str:
    """The kind of an error and the way to it through our code: "ValueError: posting.py:120 send, drafts.py:98 keep"."""
    if error is None:
        return ""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if Path(frame.filename).is_relative_to(ROOT)] or frames[-1:]
    places = ", ".join(f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in ours)
    return f"{type(error).__name__}: {places}"


def start(app: Flask) -> None:
    """To standard error, where whatever runs the app collects it. Once a process, however many apps it makes."""
    root = logging.getLogger()
    if not any(isinstance(handler.formatter, Formatter) for handler in root.handlers):
        handler = logging.StreamHandler()
        handler.setFormatter(Formatter())
        root.addHandler(handler)
    logging.getLogger("psycopg").setLevel(
        logging.ERROR
    )  # it warns of what failed after an error that we are given
    app.logger.setLevel(logging.INFO)
    app.logger.propagate = True


def failed(app: Flask, what: str, error: BaseException | None) -> str:
    """Write down that something of ours broke; gives the reference to quote ("7F3A 91C2")."""
    sign = secrets.token_hex(4).upper()
    place = {"view": request.endpoint, "method": request.method} if has_request_context() else {}
    app.logger.error(what, extra={"reference": sign, "error": where(error), **place})
    return f"{sign[:4]} {sign[4:]}"
