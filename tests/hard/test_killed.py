"""The long version: 200 kills of server and worker, at any moment."""

import random

import pytest
from flask import Flask

from tests.notices.post_office import open_office
from tests.standing import Kill, Stand, killed_meanwhile

KILLS = 200


def any_of(stand: Stand) -> list[Kill]:
    ways = (stand.kill_one, stand.kill_server, stand.kill_worker, stand.kill_worker_as_it_sends)
    return random.choices(ways, k=KILLS)


def test_two_hundred_kills_lose_and_double_nothing(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    with open_office() as office, killed_meanwhile(app, office, monkeypatch, any_of) as (_, ledger, twice):
        assert len(ledger) > 0
        print(f"{KILLS} kills, {len(ledger)} needs, {twice} messages sent twice under one Message-ID.")
