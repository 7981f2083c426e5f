"""Queries that are written as SQL text, for both databases: the few that have to be fast.

Nothing is built, looked up or converted on the way. In the text `:name` stands for a value and `IN :name` for a list of
numbers: however many there are, the text stays the same, so that a database prepares it once. SQLite reads in the order
of CROSS JOIN, which SQLAlchemy has no word for.
"""

import json
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any

from mutualaid.db import db


def is_sqlite() -> bool:
    return db.engine.dialect.name == "sqlite"


def raw_rows(sql: str, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """Rows as the driver gives them: times and days are text on SQLite, for `db.utc` and `day`."""
    db.session.flush()
    connection = db.session.connection()
    sqlite = connection.dialect.name == "sqlite"
    told = {name: _for_driver(value, sqlite) for name, value in values.items()}
    result = connection.exec_driver_sql(_for_dialect(sql, sqlite), told)
    rows = [*result.cursor.fetchall()]
    result.close()
    return rows


def _for_driver(value: Any, sqlite: bool) -> Any:
    """Times and days as the types of columns write them; whole numbers of one type, or psycopg prepares them apart."""
    if isinstance(value, list):
        return json.dumps(value)
    if not sqlite:
        from psycopg.types.numeric import Int8  # noqa: PLC0415 - not needed on SQLite, and takes a while to load

        return Int8(value) if type(value) is int else value
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")
    return value.isoformat() if isinstance(value, date) else value


@lru_cache(maxsize=1 << 8)
def _for_dialect(sql: str, sqlite: bool) -> str:
    """`IN :name` and JSON_ROWS as either database says it, parameters as its driver does."""
    if sqlite:
        listed = re.sub(r" IN :(\w+)", r" IN (SELECT value FROM json_each(:\1))", sql)
        return re.sub(r"JSON_ROWS\(:(\w+)\)", r"json_each(:\1)", listed)
    listed = re.sub(r" IN :(\w+)", r" = ANY (CAST(translate(:\1, '[]', '{}') AS BIGINT[]))", sql)
    rows = re.sub(r"JSON_ROWS\(:(\w+)\)", r"jsonb_array_elements(CAST(:\1 AS JSONB)) AS t(value)", listed)
    return re.sub(r":(\w+)", r"%(\1)s", rows)


def numbered(name: str, values: Iterable[Any]) -> dict[str, Any]:
    """Parameters for `names`: a few values of which the database should know how few."""
    return {f"{name}_{n}": value for n, value in enumerate(values)}


def names(name: str, many: int) -> str:
    """`:name_0, :name_1`, as many as there are."""
    return ", ".join(f":{name}_{n}" for n in range(many))


def of_areas(column: str, many: int) -> str:
    """A condition: of these areas (parameters `area`, see `numbered`) or of none; with no areas, of all."""
    return f"({column} IS NULL OR {column} IN ({names('area', many)}))" if many else "TRUE"


def json_rows(name: str, columns: Mapping[str, str]) -> str:
    """A query for the rows of a parameter that is a JSON array of arrays of numbers; `columns`: names and types."""
    read = (f"CAST(value ->> {n} AS {kind}) AS {column}" for n, (column, kind) in enumerate(columns.items()))
    return f"SELECT {', '.join(read)} FROM JSON_ROWS(:{name})"  # noqa: S608 - only constants


def day(value: date | str | None) -> date | None:
    """From a day as a driver gives it: text on SQLite."""
    return date.fromisoformat(value) if isinstance(value, str) else value
