"""The long version: a thousand times each."""

from collections.abc import Iterator

import pytest
from flask import Flask

from tests.aid.races import RACES
from tests.aid.racing import Racers, racers

pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")
ROUNDS = 1000


@pytest.fixture(scope="module")
def racing(installation: Flask) -> Iterator[Racers]:
    with racers(installation, RACES) as made:
        yield made


@pytest.mark.parametrize("race", RACES)
def test_twenty_at_once_have_one_winner_a_thousand_times(app: Flask, racing: Racers, race) -> None:
    for number in range(ROUNDS):
        race(app, racing, f"round-{number}")
        if (number + 1) % 100 == 0:
            print(f"{race.__name__}: {number + 1} of {ROUNDS}, one winner each", flush=True)
