"""One app and one real database for all tests of a process; every test starts with empty tables."""

import gc
import os
import shutil
import threading
from collections.abc import Callable, Collection, Iterator
from contextlib import AbstractContextManager
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from flask import Flask
from playwright.sync_api import BrowserContext, Page
from sqlalchemy import Connection, NullPool, create_engine, event, make_url
from werkzeug.serving import make_server

from mutualaid import create_app
from mutualaid.config import database_uri
from mutualaid.db import db, reading_only
from mutualaid.sealed import new_keys
from tests import counting, examples  # noqa: F401  # examples says how much hypothesis tries
from tests.factories import NOW
from tests.journeys.watching import Watch
from tests.web import Browser
from tests.with_postgresql import OURS

CHROMIUM = shutil.which("chromium-headless-shell") or shutil.which("chromium")
NO_CHROMIUM = "Browser tests need chromium, and it is not installed."
SECOND_PASS = os.environ.get("DATABASE_URL", "").startswith("postgres")


def pytest_collection_finish() -> None:
    """What stands by now stays to the end, and need not be looked through for garbage: a tenth of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        if "new_context" in fixtures_of(item):
            item.add_marker("browser")
    if SECOND_PASS:
        config.hook.pytest_deselected(items=[item for item in items if not hangs_on_the_database(item)])
        items[:] = filter(hangs_on_the_database, items)


def hangs_on_the_database(item: pytest.Item) -> bool:
    """What does not has run on SQLite, and would only say the same again."""
    return "new_database" in fixtures_of(item) and item.get_closest_marker("once") is None


def fixtures_of(item: pytest.Item) -> Collection[str]:
    return getattr(item, "fixturenames", ())


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    if SECOND_PASS and exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED:
        session.exitstatus = pytest.ExitCode.OK


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if CHROMIUM is None and terminalreporter.stats.get("skipped"):
        terminalreporter.write_line(f"{NO_CHROMIUM} They were skipped.")


CAN_SORT = """SELECT FROM pg_collation
WHERE collname = 'en-x-icu' AND current_setting('server_version_num')::int >= 150000"""


@pytest.fixture(scope="session")
def new_database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., str]]:
    """Makes an empty database, or one like another: a file; or, where DATABASE_URL names a PostgreSQL server, there."""
    folder: Path = tmp_path_factory.mktemp("databases")
    url = make_url(database_uri(folder))
    if url.get_backend_name() == "sqlite":
        yield lambda like=None: new_file(folder, like)
        return
    made: list[str] = []
    with create_engine(url, isolation_level="AUTOCOMMIT", poolclass=NullPool).connect() as server:

        def new(like: str | None = None) -> str:
            return url.set(database=database_on(server, made, like)).render_as_string(hide_password=False)

        yield new
        for name in () if OURS in os.environ else made:  # a second each
            server.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")


def new_file(folder: Path, like: str | None) -> str:
    path = folder / f"{uuid4().hex}.sqlite"
    if like:
        shutil.copy(like.removeprefix("sqlite:///"), path)
    return f"sqlite:///{path}"


def database_on(server: Connection, made: list[str], like: str | None) -> str:
    """Sorted as SQLite does not sort, where the server can: a test sees what hangs on either order."""
    made.append(f"mutualaid_{uuid4().hex}")
    can_sort = server.exec_driver_sql(CAN_SORT).first() is not None
    order = " LOCALE_PROVIDER icu ICU_LOCALE 'en'" if can_sort else ""
    template = make_url(like).database if like else f"template0{order}"
    server.exec_driver_sql(f"CREATE DATABASE {made[-1]} TEMPLATE {template}")
    server.exec_driver_sql(f"ALTER DATABASE {made[-1]} SET synchronous_commit = off")
    return made[-1]


@pytest.fixture(scope="session")
def installation(
    tmp_path_factory: pytest.TempPathFactory, new_database: Callable[[], str]
) -> Iterator[Flask]:
    made = create_app(
        {
            "TESTING": True,
            "INSTANCE": tmp_path_factory.mktemp("instance"),
            "BASE_URL": "http://localhost:8000",
            "KEYS": new_keys(),
            "SECRET_KEY": "only for tests",
            "TIME_TO_POST": timedelta(0),
            "TIME_TO_ANSWER": 0,
            "SQLALCHEMY_DATABASE_URI": new_database(),
        }
    )
    made.test_client_class = Browser
    with made.app_context():
        if db.engine.name == "sqlite":
            event.listen(db.engine, "connect", wait_for_no_disk)
        db.create_all()
    yield made
    with made.app_context():
        db.engine.dispose()


def wait_for_no_disk(connection: Any, _record: Any) -> None:
    """Nobody misses these files after a power cut."""
    connection.execute("PRAGMA synchronous = OFF")


@pytest.fixture
def app(installation: Flask) -> Iterator[Flask]:
    """The app with its context, so that tests use db.session; whatever they leave behind is deleted."""
    with installation.app_context():
        yield installation
        db.session.rollback()
        empty_tables()
        db.session.commit()


def empty_tables() -> None:
    """Says all that a PostgreSQL server is to do in one message; SQLite takes one statement at a time."""
    deletes = [f'DELETE FROM "{table.name}"' for table in reversed(db.metadata.sorted_tables)]
    cursor = db.session.connection().connection.cursor()
    for statement in deletes if db.engine.name == "sqlite" else ["; ".join(deletes)]:
        cursor.execute(statement)
    cursor.close()


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """It is NOW, until the test moves it."""
    with time_machine.travel(NOW, tick=False) as travelled:
        yield travelled


@pytest.fixture
def client(app: Flask, clock: time_machine.Traveller) -> Browser:
    browser = app.test_client()
    assert isinstance(browser, Browser)
    return browser


@pytest.fixture
def count_queries(app: Flask) -> Callable[[], AbstractContextManager[list[str]]]:
    return counting.count_queries


@pytest.fixture
def live_server(app: Flask, clock: time_machine.Traveller) -> Iterator[str]:
    """The address of the app, served to real browsers from the test's own database.

    The server sees what the test has committed, and the test what the server has, once its own transaction
    is over: `db.session.commit()` before the browser acts, and again before looking at what came of it.
    """
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    with reading_only():  # a look at the database must not lock the server out
        yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    if CHROMIUM is None:
        (pytest.fail if "CI" in os.environ else pytest.skip)(NO_CHROMIUM)
    quiet = "--disable-background-networking --disable-component-update --disable-sync --no-first-run"
    return {"executable_path": CHROMIUM, "args": ["--no-sandbox", "--disable-gpu", *quiet.split()]}


@pytest.fixture
def open_page(live_server: str, new_context: Callable[..., BrowserContext]) -> Iterator[Callable[..., Page]]:
    """Makes a page in a browser of its own, so that a test can be several people.

    It may ask no other host, and want nothing that our policy refuses.
    """
    watch = Watch()

    def opened(width: int, height: int, **options: Any) -> Page:
        size = {"width": width, "height": height}
        page = new_context(base_url=live_server, viewport=size, **options).new_page()
        page.set_default_timeout(10_000)
        watch.over(page, live_server)
        return page

    yield opened
    assert (watch.elsewhere, watch.refused) == ([], [])


@pytest.fixture
def phone(open_page: Callable[..., Page]) -> Page:
    """An old phone with JavaScript off."""
    return open_page(360, 740, java_script_enabled=False, has_touch=True)


@pytest.fixture
def desk_page(open_page: Callable[..., Page]) -> Page:
    """A coordinator's laptop."""
    return open_page(1280, 800)
