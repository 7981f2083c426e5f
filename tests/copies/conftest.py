"""Installations of their own, as `make run` makes them: copies are made of whole databases."""

from contextlib import contextmanager

import pytest
from flask_migrate import upgrade

from mutualaid import create_app
from mutualaid.db import db
from mutualaid.sealed import keyring


@pytest.fixture(scope="session")
def upgraded(installation, new_database, tmp_path_factory):
    """A database with all migrations and nothing in it, which each house gets a copy of."""
    settings = {"INSTANCE": tmp_path_factory.mktemp("upgraded"), "SQLALCHEMY_DATABASE_URI": new_database()}
    app = create_app(settings | {name: installation.config[name] for name in ("KEYS", "SECRET_KEY")})
    with app.app_context():
        upgrade()
        db.session.remove()
        db.engine.dispose()
    return settings["SQLALCHEMY_DATABASE_URI"]


@pytest.fixture(scope="session")
def houses(installation, upgraded, new_database):
    """In a folder, makes houses: an app on a database of its own, and inside its context. Each has its folder and keys.

    `like`: its database is a copy of this one.
    """

    @contextmanager
    def in_folder(folder):
        @contextmanager
        def build(name, keys=None, like=upgraded):
            (folder / name).mkdir()
            settings = {
                "INSTANCE": folder / name,
                "KEYS": keys or installation.config["KEYS"],
                "SECRET_KEY": "only for tests",
                "SQLALCHEMY_DATABASE_URI": new_database(like=like),
            }
            app = create_app(settings)
            with app.app_context():
                yield app
                db.session.remove()
                db.engine.dispose()

        with pytest.MonkeyPatch.context() as environment:
            environment.delenv("KEYS", raising=False)
            yield build
        keyring.load(installation.config["KEYS"])
        keyring.follow(folder / "none")

    return in_folder


@pytest.fixture
def house(houses, tmp_path, clock):
    with houses(tmp_path) as build:
        yield build


@pytest.fixture
def here(house):
    with house("here") as app:
        yield app


@pytest.fixture(scope="session")
def run():
    """A command of an app."""

    def ran(app, *words, **more):
        db.session.commit()
        result = app.test_cli_runner().invoke(args=[str(word) for word in words], **more)
        db.session.rollback()
        return result

    return ran
