"""One app and one real database for all tests of a process; every test starts with empty tables."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from sqlalchemy import delete

from mutualaid import create_app
from mutualaid.db import db
from mutualaid.sealed import new_keys
from tests.factories import NOW
from tests.web import Browser


@pytest.fixture(scope="session")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    folder: Path = tmp_path_factory.mktemp("instance")
    made = create_app(
        {
            "TESTING": True,
            "INSTANCE": folder,
            "KEYS": new_keys(),
            "SECRET_KEY": "only for tests",
            "SQLALCHEMY_DATABASE_URI": f"sqlite:///{folder / 'test.sqlite'}",
        }
    )
    made.test_client_class = Browser
    with made.app_context():
        db.create_all()
    return made


@pytest.fixture
def app(installation: Flask) -> Iterator[Flask]:
    """The app with its context, so that tests use db.session; whatever they leave behind is deleted."""
    with installation.app_context():
        yield installation
        db.session.rollback()
        for table in reversed(db.metadata.sorted_tables):
            db.session.execute(delete(table))
        db.session.commit()


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """It is NOW, until the test moves it."""
    with time_machine.travel(NOW) as travelled:
        yield travelled


@pytest.fixture
def client(app: Flask, clock: time_machine.Traveller) -> Browser:
    browser = app.test_client()
    assert isinstance(browser, Browser)
    return browser
