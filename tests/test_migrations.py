"""The migrations lead to what the models say, and back to nothing."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask_migrate import downgrade, upgrade
from sqlalchemy import inspect

from mutualaid import create_app
from mutualaid.db import db


@pytest.fixture
def fresh(installation, new_database):
    """An app on an empty database; with the keys of all tests, for a process has one ring of them."""
    settings = {
        "KEYS": installation.config["KEYS"],
        "SECRET_KEY": "only for tests",
        "SQLALCHEMY_DATABASE_URI": new_database(),
    }
    app = create_app(settings)
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


def differences():
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return compare_metadata(context, db.metadata)


def test_migrated_database_is_what_the_models_say(fresh):
    upgrade()
    assert differences() == []


def test_a_column_that_no_migration_makes_is_found(fresh):
    upgrade()
    with db.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE network DROP COLUMN welcome")
    assert [kind for kind, *_ in differences()] == ["add_column"]


def test_migrations_lead_back_to_an_empty_database(fresh):
    upgrade()
    downgrade(revision="base")
    assert inspect(db.engine).get_table_names() == ["alembic_version"]
