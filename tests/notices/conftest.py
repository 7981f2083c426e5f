"""A post office, and an app that sends through it."""

from collections.abc import Iterator

import pytest
from flask import Flask

from tests.notices.post_office import PostOffice, open_office


@pytest.fixture
def office(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[PostOffice]:
    with open_office() as office:
        monkeypatch.setitem(app.config, "SMTP_URL", office.url)
        monkeypatch.setitem(app.config, "MAIL_FROM", "Notes <notes@example.org>")
        monkeypatch.setitem(app.config, "BASE_URL", "https://aid.example.org")
        yield office
