"""The long version: 200 kills of server and worker, at any moment."""

import random

import pytest
from flask import Flask

from tests.notices.post_office import open_office
from tests.standing import check_ledger, check_notices, kill_meanwhile, make_street, send_the_rest, standing

KILLS = 200


def test_two_hundred_kills_lose_and_double_nothing(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    make_street()
    with open_office() as office, standing(app, office) as stand:
        monkeypatch.setitem(app.config, "SMTP_URL", office.url)
        monkeypatch.setitem(app.config, "MAIL_FROM", "notes@example.org")
        ways = (stand.kill_one, stand.kill_server, stand.kill_worker, stand.kill_worker_as_it_sends)
        ledger = kill_meanwhile(stand, random.choices(ways, k=KILLS))
        send_the_rest(stand)
        check_ledger(ledger)
        twice = check_notices(office, len(ledger))
    print(f"{KILLS} kills, {len(ledger)} needs, {twice} messages sent twice under one Message-ID.")
