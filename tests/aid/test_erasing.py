"""Canaries: what one person brought in is gone from every column once they are erased, and stays gone."""

from datetime import datetime

import pytest
from flask import Flask
from sqlalchemy import LargeBinary, select

from mutualaid.aid import lifecycle
from mutualaid.aid.lifecycle.retention import erase_due
from mutualaid.aid.models import Match, Post
from mutualaid.db import Base, db
from mutualaid.events.models import Event
from mutualaid.networks import two_people, wiping
from mutualaid.networks.models import AskedMandate, Membership, Network
from mutualaid.notices.models import Notice
from mutualaid.notices.outbox import owe
from mutualaid.people import sessions
from mutualaid.people.accounts import mint_token
from mutualaid.people.models import Account, AccountSession, Passkey, Person
from mutualaid.people.second import new_codes
from tests.aid.erasing_cast import DAY, PASSING, Cast, values, words_of
from tests.factories import NOW, actor_of, make_member, make_network


def secrets() -> list[str]:
    """Every column that is sealed or hashed."""
    return [
        f"{table.name}.{column.name}"
        for table in Base.metadata.sorted_tables
        for column in table.c
        if isinstance(column.type, LargeBinary) and table.name not in PASSING
    ]


def test_whatever_one_person_brought_in_is_gone(app: Flask) -> None:
    cast = Cast()
    lifecycle.erase(cast.amina, by=actor_of(cast.amina), now=NOW)
    db.session.commit()
    assert words_of(values() & cast.hers) == set()


def ask_for_a_role(cast: Cast) -> None:
    """Bo would like Dee to coordinate, and nobody has said yes yet."""
    two_people.ask(
        cast.network,
        cast.dee.account.email,
        "coordinator",
        area_ids=[],
        months=6,
        by=actor_of(cast.bo),
        now=NOW,
    )


def second_ways(account: Account) -> None:
    """Every way to sign in beside the password."""
    account.totp = "JBSWY3DPEHPK3PXP"
    new_codes(account)
    key = Passkey(
        account_id=account.id,
        credential_id=b"what her key is called",
        public_key=b"its open half",
        sign_count=1,
        made_on=NOW.date(),
    )
    db.session.add(key)


def test_canaries_are_found_while_nobody_is_erased(app: Flask) -> None:
    """The same search does find them before; so that a column that comes later is filled here, and then searched."""
    cast = Cast()
    mint_token(cast.dee.account, "invitation", NOW, network_id=cast.network.id)
    sessions.begin(cast.dee.account, now=NOW)
    second_ways(cast.dee.account)
    ask_for_a_role(cast)
    db.session.commit()
    filled = {f"{table}.{name}" for table, name, _ in values()}
    assert [column for column in secrets() if column not in filled] == []
    assert len(words_of(cast.hers)) > 20


@pytest.mark.parametrize("how", ["at once", "by the clock"])
def test_nothing_is_left_of_anyone_once_all_are_erased(app: Flask, how: str) -> None:
    cast = Cast()
    mint_token(cast.dee.account, "invitation", NOW, network_id=cast.network.id)
    sessions.begin(cast.dee.account, now=NOW)
    second_ways(cast.dee.account)
    ask_for_a_role(cast)
    if how == "at once":
        for person in (cast.amina, cast.dee.person, cast.bo.person):
            lifecycle.erase(person, by=actor_of(person), now=NOW)
        db.session.commit()
    else:
        lifecycle.withdraw(cast.need, by=actor_of(cast.amina), now=NOW)
        lifecycle.withdraw(cast.offer, by=actor_of(cast.dee), now=NOW)
        db.session.commit()
        erase_due(NOW + 400 * DAY)
    filled = {f"{table}.{name}" for table, name, _ in values()}
    assert [column for column in secrets() if column in filled] == []
    assert times_of_day() == set()


def times_of_day() -> set[tuple[str, str]]:
    """Columns where more than a day is left, of what is kept for counting."""
    kept = (Person, Post, Match, Event)
    return {
        (model.__tablename__, column.name)
        for model in kept
        for column in model.__table__.c
        for value in db.session.scalars(select(column))
        if isinstance(value, datetime) and value != value.replace(hour=0, minute=0, second=0, microsecond=0)
    }


def test_counts_stay(app: Flask) -> None:
    cast = Cast()
    verbs = select(Event.verb, Event.quantity).order_by(Event.id)
    before = db.session.execute(verbs).all()
    lifecycle.erase(cast.amina, by=actor_of(cast.amina), now=NOW)
    after = db.session.execute(verbs).all()
    assert after[: len(before)] == before
    assert {row.verb for row in after[len(before) :]} == {"withdraw", "release", "erase"}


def test_match_that_was_delivered_keeps_its_times_until_it_is_over(app: Flask) -> None:
    """Silence counts from the moment of the delivery, whoever is erased."""
    cast = Cast()
    lifecycle.deliver(cast.match, by=actor_of(cast.dee), now=NOW)
    lifecycle.erase(cast.amina, by=actor_of(cast.amina), now=NOW)
    db.session.commit()
    assert (cast.match.state, cast.match.delivered_at, cast.need.erased_at) == ("delivered", NOW, None)
    lifecycle.confirm(cast.match, by=actor_of(cast.bo), now=NOW + 7 * DAY, by_silence=True)
    db.session.commit()
    assert (erase_due(NOW + 37 * DAY), cast.need.erased_at is None) == (1, False)


def test_member_who_erases_themselves_loses_place_and_account(app: Flask) -> None:
    cast = Cast()
    lifecycle.erase(cast.dee.person, by=actor_of(cast.dee), now=NOW)
    db.session.commit()
    assert list(db.session.scalars(select(Membership))) == [cast.bo]
    assert list(db.session.scalars(select(Account))) == [cast.bo.account]


def test_member_who_erases_themselves_is_signed_out_everywhere_though_the_account_stays(app: Flask) -> None:
    cast = Cast()
    elsewhere = make_member(make_network("chris"), account=cast.dee.account, name="Dee")
    sessions.begin(cast.dee.account, now=NOW)
    lifecycle.erase(cast.dee.person, by=actor_of(cast.dee), now=NOW)
    db.session.commit()
    assert list(db.session.scalars(select(AccountSession))) == []
    assert elsewhere.account.email == "dee@garrison.example"


def test_role_that_somebody_else_asked_for_them_goes_with_them(app: Flask) -> None:
    cast = Cast()
    ask_for_a_role(cast)
    lifecycle.erase(cast.dee.person, by=actor_of(cast.dee), now=NOW)
    db.session.commit()
    assert list(db.session.scalars(select(AskedMandate.email_hash))) == []


def test_notices_that_were_sent_go_and_of_others_only_that_they_were_dropped_stays(app: Flask) -> None:
    cast = Cast()
    until = {"until": NOW.isoformat()}
    sent, waits = (
        owe(cast.amina, "proposed_need", now=NOW, channel="email", numbers=until) for _ in range(2)
    )
    sent.done_at, sent.outcome = NOW, "sent"
    db.session.flush()
    sent_id, waits_id = sent.id, waits.id
    lifecycle.erase(cast.amina, by=actor_of(cast.amina), now=NOW)
    db.session.commit()
    left = {row.id: (row.outcome, row.numbers) for row in db.session.scalars(select(Notice))}
    assert sent_id not in left
    assert left[waits_id] == ("dropped", {})


# A network is removed


def test_network_is_wiped_with_all_that_it_owns(app: Flask) -> None:
    cast, other = Cast(), Cast("chris")
    there = make_network("third")
    make_member(there, account=cast.bo.account, name="Bo")
    db.session.commit()
    network_id, accounts = cast.network.id, {cast.bo.account_id, other.bo.account_id, other.dee.account_id}
    wiping.begin(cast.network, NOW)
    db.session.commit()
    gone = wiping.wipe(network_id)
    assert owned_by(network_id) == []
    assert (gone["person"], gone["post"], gone["match"], gone["account"]) == (3, 3, 1, 1)
    assert set(db.session.scalars(select(Network.slug))) == {"chris", "third"}
    assert set(db.session.scalars(select(Account.id))) == accounts
    assert words_of(values() & other.hers) == words_of(other.hers)


def owned_by(network_id: int) -> list[str]:
    return [
        table.name
        for table in Base.metadata.sorted_tables
        if "network_id" in table.c
        and db.session.execute(select(table).where(table.c.network_id == network_id)).first()
    ]


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("garrisson\n", "That is not “garrison”. Nothing was removed."),
        ("", "Nothing was removed. In a script, give --type-slug garrison."),
    ],
)
def test_wipe_without_the_slug_typed_removes_nothing(app: Flask, typed: str, why: str) -> None:
    make_network("garrison")
    db.session.commit()
    result = app.test_cli_runner().invoke(args=["network", "wipe", "garrison"], input=typed)
    assert (result.exit_code, result.output.splitlines()[-1]) == (1, f"Error: {why}")
    assert (wiping.being_wiped(), list(db.session.scalars(select(Network.slug)))) == ([], ["garrison"])


def test_wipe_that_was_stopped_goes_on_where_it_was(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wiping, "BATCH", 2)
    cast = Cast()
    network_id = cast.network.id
    wiping.begin(cast.network, NOW)
    db.session.commit()
    stops = iter([False] * 3 + [True])
    first = wiping.wipe(network_id, ending=lambda: next(stops))
    assert wiping.being_wiped() == [network_id]
    second = wiping.wipe(network_id)
    assert (first.total() > 0, second["person"] + first["person"]) == (True, 3)
    assert (wiping.being_wiped(), owned_by(network_id)) == ([], [])
