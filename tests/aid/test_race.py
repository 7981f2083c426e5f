"""Twenty at once, in processes of their own: exactly one wins. tests/hard does it a thousand times."""

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import update

from mutualaid.aid.models import Match, Post
from mutualaid.db import db, new_id, utcnow
from tests.aid.races import RACES, check_accept, check_last_unit, check_send
from tests.aid.racing import WON, Meet, Racers, racers

# Python warns of what another thread may hold while it forks: pytest's only reads what the tests are to be.
pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")
ROUNDS = 2


@pytest.fixture(scope="module")
def racing(installation: Flask) -> Iterator[Racers]:
    with racers(installation, RACES) as made:
        yield made


def test_twenty_at_once_have_one_winner(app: Flask, racing: Racers) -> None:
    for number in range(ROUNDS):
        for race in RACES:
            race(app, racing, f"{number}-{race.__name__.replace('_', '-')}")


def test_race_finds_a_verb_that_looks_and_then_writes(app: Flask, racing: Racers) -> None:
    with pytest.raises(AssertionError):
        check_accept(app, racing, "accept", careless_accept)
    with pytest.raises(AssertionError):
        check_last_unit(app, racing, "last", careless_promise)
    with pytest.raises(AssertionError):
        check_send(app, racing, "send", keys=2)


def careless_accept(_app: Flask, meet: Meet, *, place: int, network_id: int, match_id: int) -> str:
    match = db.session.get_one(Match, (network_id, match_id))
    meet()
    if match.state != "proposed":
        return "refused"
    db.session.execute(update(Match).where(Match.id == match_id).values(state="agreed"))
    db.session.commit()
    return WON


def careless_promise(
    _app: Flask, meet: Meet, *, place: int, network_id: int, need_ids: list[int], offer_id: int
) -> str:
    offer = db.session.get_one(Post, (network_id, offer_id))
    meet()
    if not offer.stock_left:
        return "refused"
    db.session.add(
        Match(
            network_id=network_id,
            id=new_id(),
            need_id=need_ids[place],
            offer_id=offer_id,
            promised=1,
            proposed_at=utcnow(),
            lease_until=utcnow(),
        )
    )
    db.session.execute(update(Post).where(Post.id == offer_id).values(stock_left=0))
    db.session.commit()
    return WON
