"""What such a file says, and how a test has it say something else."""

import json
from dataclasses import dataclass
from pathlib import Path

SECRET = "four words stand here"


@dataclass(frozen=True)
class Left:
    """A network that has written itself to a file; Amina's code and link; the database that it left."""

    path: Path
    code: str
    link: str
    database: str


def keep_keys(app):
    """In their file, as `keys init` does."""
    path = app.config["INSTANCE"] / "keys.json"
    path.write_text(json.dumps(app.config["KEYS"]))
    return path


def head(**more):
    return lambda lines: lines[0].update(more)


def rows_of(lines, table):
    """(names of the columns, row) of each."""
    columns = None
    for line in lines:
        if isinstance(line, dict):
            columns = line["columns"] if line.get("table") == table else None
        elif columns:
            yield columns, line


def value(table, column, said):
    def change(lines):
        for columns, row in rows_of(lines, table):
            row[columns.index(column)] = said

    return change
