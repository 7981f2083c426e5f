"""Foreign keys: what names a row that comes and goes often can be found from it."""

from mutualaid.db import db

OFTEN = {"person", "post", "match", "draft", "event"}


def indexed(table) -> list[tuple[str, ...]]:
    return [tuple(column.name for column in index.columns) for index in (*table.indexes, table.primary_key)]


def test_every_key_to_a_table_that_grows_has_an_index(app):
    keys = [
        (table, tuple(column.name for column in key.columns))
        for table in db.metadata.sorted_tables
        for key in table.foreign_key_constraints
        if key.referred_table.name in OFTEN
    ]
    bare = [
        (table.name, columns)
        for table, columns in keys
        if not any(index[: len(columns)] == columns for index in indexed(table))
    ]
    assert len(keys) > 15
    assert bare == []
