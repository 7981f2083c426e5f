"""An installation as `make run` makes it, with the time as it is, for tests whose other half is another process."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask_migrate import upgrade

from mutualaid import create_app
from mutualaid.db import db
from mutualaid.sealed import keyring


@pytest.fixture
def place(
    installation: Flask, new_database: Callable[[], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Flask]:
    monkeypatch.delenv("KEYS", raising=False)
    folder = tmp_path / "place"
    folder.mkdir()
    app = create_app(
        {
            "INSTANCE": folder,
            "KEYS": installation.config["KEYS"],
            "SECRET_KEY": "only for tests",
            "SQLALCHEMY_DATABASE_URI": new_database(),
        }
    )
    with app.app_context():
        upgrade()
        yield app
        db.session.remove()
        db.engine.dispose()
    keyring.follow(tmp_path / "none")
