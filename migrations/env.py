"""Alembic's way into the app: its engine and its models, in one transaction."""

from typing import Any

from alembic import context
from flask import current_app

import mutualaid.aid.messages.models
import mutualaid.aid.models
import mutualaid.events.models
import mutualaid.heartbeat
import mutualaid.networks.models
import mutualaid.notices.models  # noqa: F401
from mutualaid.db import UTCDateTime, db


def render_item(kind: str, item: Any, _context: Any) -> str | bool:
    """A migration does not need the app to be read: our own type is the database's."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(item, UTCDateTime) else False


def migrate() -> None:
    options = current_app.extensions["migrate"].configure_args
    with db.engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql(
                "PRAGMA foreign_keys=OFF"
            )  # a table is changed there by being made anew
            connection.rollback()
        context.configure(
            connection=connection, target_metadata=db.metadata, render_item=render_item, **options
        )
        with context.begin_transaction():
            context.run_migrations()


migrate()
