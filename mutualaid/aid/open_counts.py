"""What is open, counted by area, and the languages of it: kept by the database itself, so that no way past it exists.

Triggers on `post` write one line of +1 or -1 into a table of counts in the transaction that changes the post. Lines are
only ever added, so that two who post in one area at once do not wait for each other; a count is the sum of its lines.
The worker folds them together now and then.
"""

import json

from sqlalchemy import BigInteger, Column, Index, String, Table, delete, event, func, insert, select
from sqlalchemy.engine import Connection

from mutualaid.aid.models import Post
from mutualaid.db import Base, db, in_network
from mutualaid.networks.models import Network

FOLDED_WHEN = 500  # so many lines more than counts are folded

area_counts = Table(  # what can be matched: needs that lack something, and offers with something left
    "area_count",
    Base.metadata,
    Column("network_id", BigInteger, nullable=False),
    Column("area_id", BigInteger),
    Column("kind", String(5), nullable=False),
    Column("category_id", BigInteger, nullable=False),
    Column("number", BigInteger, nullable=False),
    in_network(),
    Index("ix_area_count", "network_id", "area_id", "category_id", "kind", "number"),
)
language_counts = Table(  # all that is open, by its list of languages as JSON
    "language_count",
    Base.metadata,
    Column("network_id", BigInteger, nullable=False),
    Column("languages", String(400), nullable=False),
    Column("number", BigInteger, nullable=False),
    in_network(),
    Index("ix_language_count", "network_id", "languages", "number"),
)
TABLES = (area_counts, language_counts)

FREE = (
    "({row}.state = 'open' AND {row}.intake IS NULL AND {row}.paused_at IS NULL"
    " AND (({row}.kind = 'need' AND {row}.uncovered > 0)"
    " OR ({row}.kind = 'offer' AND ({row}.stock_left IS NULL OR {row}.stock_left > 0))))"
)
COUNT_AREA = (
    "INSERT INTO area_count (network_id, area_id, kind, category_id, number)"
    " SELECT {row}.network_id, {row}.area_id, {row}.kind, {row}.category_id, {number} WHERE " + FREE + ";"
)
COUNT_LANGUAGES = (
    "INSERT INTO language_count (network_id, languages, number)"
    " SELECT {row}.network_id, CAST({row}.languages AS TEXT), {number} WHERE {row}.state = 'open';"
)
COUNT = COUNT_AREA + " " + COUNT_LANGUAGES
CHANGES = "state, intake, paused_at, uncovered, stock_left, area_id, kind, category_id, languages"
OLD, NEW = COUNT.format(row="OLD", number=-1), COUNT.format(row="NEW", number=1)
COUNT_POST = (
    "CREATE FUNCTION count_post() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
    f" IF TG_OP <> 'INSERT' THEN {OLD} END IF; IF TG_OP <> 'DELETE' THEN {NEW} END IF; RETURN NULL; END $$"
)
AFTER_EACH = "FOR EACH ROW EXECUTE FUNCTION count_post()"
TRIGGERS = {
    "sqlite": (
        f"CREATE TRIGGER post_counted AFTER INSERT ON post BEGIN {NEW} END",
        f"CREATE TRIGGER post_uncounted AFTER DELETE ON post BEGIN {OLD} END",
        f"CREATE TRIGGER post_recounted AFTER UPDATE OF {CHANGES} ON post BEGIN {OLD} {NEW} END",
    ),
    "postgresql": (
        COUNT_POST,
        f"CREATE TRIGGER post_counted AFTER INSERT OR DELETE OR UPDATE OF {CHANGES} ON post {AFTER_EACH}",
    ),
}
UNTRIGGERS = {
    "sqlite": tuple(f"DROP TRIGGER {name}" for name in ("post_counted", "post_uncounted", "post_recounted")),
    "postgresql": ("DROP TRIGGER post_counted ON post", "DROP FUNCTION count_post()"),
}


def start_counting(connection: Connection) -> None:
    for statement in TRIGGERS[connection.dialect.name]:
        connection.exec_driver_sql(statement)


def stop_counting(connection: Connection) -> None:
    for statement in UNTRIGGERS[connection.dialect.name]:
        connection.exec_driver_sql(statement)


@event.listens_for(Post.__table__, "after_create")
def _with_the_table(_table: object, connection: Connection, **_more: object) -> None:
    start_counting(connection)


@event.listens_for(Post.__table__, "after_drop")
def _without_the_table(_table: object, connection: Connection, **_more: object) -> None:
    if connection.dialect.name == "postgresql":  # its triggers go with the table, what they call does not
        connection.exec_driver_sql("DROP FUNCTION IF EXISTS count_post()")


def crowded() -> list[Table]:
    """The tables with so many lines more than counts that it is time to fold them."""
    return [table for table in TABLES if _spare_lines(table) > FOLDED_WHEN]


def _spare_lines(table: Table) -> int:
    keys = _keys(table)
    counts = select(func.count().label("lines")).select_from(table).group_by(*keys).subquery()
    return int(db.session.scalar(select(func.coalesce(func.sum(counts.c.lines - 1), 0))) or 0)


def _keys(table: Table) -> list[Column[object]]:
    return [column for column in table.columns if column.name != "number"]


def fold(table: Table) -> None:
    """Put the lines of each count together. The caller commits."""
    keys = _keys(table)
    sums: dict[tuple[object, ...], int] = {}
    for *key, number in db.session.execute(delete(table).returning(*keys, table.c.number)):
        sums[tuple(key)] = sums.get(tuple(key), 0) + number
    names = [column.name for column in keys]
    rows = [dict(zip(names, key, strict=True)) | {"number": number} for key, number in sums.items() if number]
    if rows:
        db.session.execute(insert(table), rows)


def spoken(network: Network) -> list[str]:
    """The languages of all open posts; one query."""
    lists = language_counts.c.languages
    sums = select(lists).where(language_counts.c.network_id == network.id).group_by(lists)
    texts = db.session.scalars(sums.having(func.sum(language_counts.c.number) > 0))
    return sorted({code for text in texts for code in json.loads(text)})
