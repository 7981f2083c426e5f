"""What could be handed over: every table and column in plain words, whether it is sealed, and how long it stays.

The page is held against the database's own description, so it cannot forget a column: one without words in
`every_column` fails a test, and what is sealed or a fingerprint is read off the column.
"""

from typing import Any, NamedTuple

from flask import Blueprint, render_template
from sqlalchemy import Column, LargeBinary

from mutualaid import erased
from mutualaid.db import db
from mutualaid.every_column import TABLES, Held
from mutualaid.guard import public

bp = Blueprint("what_we_hold", __name__)
KEYS = {"id", "network_id"}  # said once, for all tables
PASSWORDS = {"password_hash"}


class Group(NamedTuple):
    """`how`: sealed, fingerprint or plain."""

    words: Any
    columns: list[str]
    how: str


@bp.get("/what-we-hold")
@public
def show() -> str:
    tables = [(held, groups_of(name, held)) for name, held in TABLES.items()]
    return render_template("what_we_hold.html", tables=tables, backup_days=erased.DAYS)


def groups_of(name: str, held: Held) -> list[Group]:
    """With what is sealed, as the database says."""
    table = db.metadata.tables[name]
    split = [(words, columns.split()) for columns, words in held.groups.items()]
    return [
        Group(words, [f"{name}.{column}" for column in columns], how_kept(table.c[columns[0]]))
        for words, columns in split
    ]


def how_kept(column: Column[Any]) -> str:
    if column.name.endswith("_sealed"):
        return "sealed"
    return "fingerprint" if isinstance(column.type, LargeBinary) or column.name in PASSWORDS else "plain"


def without_words() -> set[str]:
    """Columns of which the page says nothing, or says something although they are gone."""
    said = {
        f"{name}.{column}"
        for name, held in TABLES.items()
        for columns in held.groups
        for column in columns.split()
    }
    there = {f"{table.name}.{column.name}" for table in db.metadata.sorted_tables for column in table.c}
    return said ^ {column for column in there if column.partition(".")[2] not in KEYS}
