"""The long version: killed again and again at any moment, and still never half, never twice, and whole in the end."""

import random
import time

import pytest
from flask import Flask

from mutualaid.networks import wiping
from mutualaid.people.models import Person
from tests.aid.killed import check_whole, count, left, make_people, start

ROUNDS = 20


@pytest.mark.parametrize("round_", range(ROUNDS))
def test_worker_killed_at_any_moment(app: Flask, round_: int) -> None:
    make_people(50)
    dice, killed = random.Random(round_), 0
    while left():
        process = start(app, "worker", "--once")
        while process.poll() is None and left() == 50 and killed == 0:
            time.sleep(0.005)
        time.sleep(dice.random() * (0.2 if killed == 0 else 6))
        process.kill()
        process.wait()
        killed += 1
        check_whole()
    check_whole()


@pytest.mark.parametrize("round_", range(ROUNDS))
def test_wipe_killed_at_any_moment(app: Flask, round_: int) -> None:
    make_people(50)
    make_people(3, "chris")
    dice = random.Random(round_)
    process = start(app, "network", "wipe", "garrison", "--type-slug", "garrison")
    while process.poll() is None and not wiping.being_wiped():
        time.sleep(0.005)
    time.sleep(dice.random() * 0.2)
    process.kill()
    process.wait()
    if wiping.being_wiped():
        assert start(app, "network", "wipe", "garrison", "--type-slug", "garrison").wait() == 0
    assert (wiping.being_wiped(), count(Person)) == ([], 3)
