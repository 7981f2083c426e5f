"""Accounts, passwords and one-time tokens."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from mutualaid.db import db
from mutualaid.people import accounts, sessions
from mutualaid.people.models import Account, AccountToken
from tests.factories import NOW, PASSWORD, make_account


def test_account_is_found_however_its_email_is_written(app):
    made = accounts.find_or_create("Bo@Example.ORG", now=NOW)
    assert accounts.find(" bo@example.org ") is made
    assert accounts.find_or_create("BO@example.org", now=NOW) is made


def test_account_without_an_email_is_refused(app):
    with pytest.raises(ValueError, match="not an email"):
        accounts.find_or_create("bo at example", now=NOW)
    assert db.session.scalars(select(Account)).all() == []


def test_email_stands_nowhere_in_the_row(app):
    made = accounts.find_or_create("bo@example.org", now=NOW)
    assert made.email == "bo@example.org"
    row = db.session.execute(select(Account.__table__)).one()
    assert not any(b"bo@example" in bytes(str(value), "utf-8") or value == "bo@example.org" for value in row)


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("eleven char", "short"),
        ("t" * 12, "common"),
        ("483920175629", "common"),
        ("Password1234!", "common"),
        ("qwertyuiop12", "common"),
        ("passwordpassword", "common"),
        ("amina.ode@example.org", "email"),
        ("amina.ode.here", None),
        ("three kettles on a hill", None),
        ("длинный пароль", None),
        ("x1" * 100 + "y", "long"),
        ("kettle otter" + "x1y2" * 47, None),
    ],
)
def test_weakness(password, why):
    assert accounts.weakness(password, "amina.ode@example.org") == why


def test_password_opens_only_its_account(app):
    account = make_account(password=None)
    assert accounts.is_password(account.password_hash, "") is False
    accounts.set_password(account, PASSWORD, now=NOW)
    assert account.password_hash.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert accounts.is_password(account.password_hash, PASSWORD) is True
    assert accounts.is_password(account.password_hash, PASSWORD.upper()) is False
    assert accounts.is_password(None, PASSWORD) is False


def test_password_opens_whichever_way_a_keyboard_writes_its_letters(app):
    account = make_account(password=None)
    accounts.set_password(account, "un café très fort", now=NOW)
    assert accounts.is_password(account.password_hash, "un cafe\u0301 tre\u0300s fort") is True


def test_a_new_password_ends_all_sessions(app):
    account = make_account()
    sessions.begin(account, now=NOW)
    accounts.set_password(account, PASSWORD, now=NOW)
    assert sessions.of_account(account.id) == []


def test_token_is_used_once(app):
    account = make_account()
    token = accounts.mint_token(account, "reset", NOW)
    row, found = accounts.find_token(token, "reset", NOW)
    assert found is account
    assert accounts.use_token(row, NOW) is True
    assert accounts.use_token(row, NOW) is False
    assert accounts.find_token(token, "reset", NOW) is None


def test_token_serves_one_purpose(app):
    token = accounts.mint_token(make_account(), "invitation", NOW)
    assert accounts.find_token(token, "reset", NOW) is None


@pytest.mark.parametrize(
    ("purpose", "lasts"), [("invitation", timedelta(days=14)), ("reset", timedelta(hours=1))]
)
def test_token_ends(app, purpose, lasts):
    token = accounts.mint_token(make_account(), purpose, NOW)
    assert accounts.find_token(token, purpose, NOW + lasts - timedelta(seconds=1)) is not None
    assert accounts.find_token(token, purpose, NOW + lasts) is None


def test_token_itself_is_not_kept(app):
    token = accounts.mint_token(make_account(), "reset", NOW)
    kept = db.session.scalars(select(AccountToken)).one()
    assert len(token) == 43
    assert token.encode() not in kept.token_hash


def test_a_new_password_ends_every_link_to_reset_it(app):
    account = make_account()
    first, second = (accounts.mint_token(account, "reset", NOW) for _ in range(2))
    accounts.set_password(account, PASSWORD, now=NOW)
    assert accounts.find_token(first, "reset", NOW) is None
    assert accounts.find_token(second, "reset", NOW) is None
