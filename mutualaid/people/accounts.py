"""Accounts: found by a keyed hash of the email, opened with a password, and the one-time links that set one."""

import hashlib
import secrets
import unicodedata
from datetime import datetime, timedelta
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from sqlalchemy import ColumnElement, select, update

from mutualaid.db import db, new_id
from mutualaid.normal import normal_email
from mutualaid.people import sessions
from mutualaid.people.models import Account, AccountToken
from mutualaid.sealed import keyring

LEAST, MOST = 12, 200  # letters of a password
LASTS = {"invitation": timedelta(days=14), "reset": timedelta(hours=1)}
# fmt: off
COMMON = (
    "abc", "abcdef", "abcdefgh", "admin", "administrator", "asdf", "asdfgh", "asdfghjkl", "changeme", "contrasena",
    "contraseña", "football", "hello", "iloveyou", "letmein", "monkey", "mutualaid", "neighbour", "neighbours", "pass",
    "password", "princess", "qwer", "qwerty", "qwertyuiop", "secret", "sunshine", "superman", "test", "welcome",
)
# fmt: on

hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


def email_key(email: str) -> bytes:
    """The hash an account is found by; `email` in its normal form."""
    return keyring.digest(email, "email")


def find(email: str) -> Account | None:
    key = email_key(normal_email(email) or "")
    return db.session.scalars(select(Account).where(Account.email_hash == key)).first()


def find_or_create(email: str, *, now: datetime) -> Account:
    """ValueError when it is no email."""
    normal = normal_email(email)
    if normal is None:
        raise ValueError("That is not an email.")
    this = select(Account).where(Account.email_hash == email_key(normal))
    account = db.session.scalars(this.with_for_update()).first()  # one that is being forgotten is made anew
    if account is None:
        account = Account(id=new_id(), email_hash=email_key(normal), created_at=now)
        account.email = normal
        db.session.add(account)
        db.session.flush()
    return account


def weakness(password: str, email: str) -> str | None:
    """Why a password will not do (short, long, email, common), or None. Any letters will do, in any mixture."""
    plain = _normal(password).lower()
    if len(plain) < LEAST:
        return "short"
    if len(plain) > MOST:
        return "long"
    if email and plain in (email, email.split("@", maxsplit=1)[0]):
        return "email"
    return "common" if _is_common(plain) else None


def _is_common(plain: str) -> bool:
    """Few different letters, one row of digits, or a common word with digits or signs around it, or said again."""
    letters = "".join(c for c in plain if c.isalpha())
    if len(set(plain)) < 5 or not letters:
        return True
    return any(letters == word * (len(letters) // len(word)) for word in COMMON)


def set_password(account: Account, password: str, *, now: datetime) -> None:
    """Ends all sessions of the account and all links to reset it. Takes 40 ms."""
    account.password_hash, account.password_changed_at = hasher.hash(_normal(password)), now
    resets = (
        AccountToken.account_id == account.id,
        AccountToken.purpose == "reset",
        AccountToken.used_at.is_(None),
    )
    db.session.execute(update(AccountToken).where(*resets).values(used_at=now))
    sessions.end(account.id)


def is_new(account: Account) -> bool:
    """Whether it has no password yet. Held until commit: two invitations may be answered at once."""
    db.session.refresh(account, ["password_hash"], with_for_update={"key_share": True})
    return account.password_hash is None


def is_password(password_hash: str | None, password: str) -> bool:
    """Whether it opens. Takes as long when there is no hash: who watches the clock learns nothing."""
    try:
        hasher.verify(password_hash or _nobodys_hash(), _normal(password))
    except VerificationError:
        return False
    return password_hash is not None


@cache
def _nobodys_hash() -> str:
    return hasher.hash(secrets.token_hex())


def _normal(password: str) -> str:
    """Two keyboards write the same letters differently. Of what is far too long the rest is not looked at."""
    return unicodedata.normalize("NFKC", password[: 5 * MOST])


def mint_token(account: Account, purpose: str, now: datetime, *, network_id: int | None = None) -> str:
    """A one-time token (256 bits) for an invitation (to a network) or a reset; only its hash is kept."""
    token = secrets.token_urlsafe(32)
    db.session.add(
        AccountToken(
            account_id=account.id,
            network_id=network_id,
            token_hash=_token_hash(token),
            purpose=purpose,
            expires_at=now + LASTS[purpose],
        )
    )
    return token


def find_token(token: str, purpose: str, now: datetime) -> tuple[AccountToken, Account] | None:
    """A token that still opens, with its account. Looking does not use it up."""
    return _find_token(AccountToken.token_hash == _token_hash(token), purpose, now)


def find_token_by_id(token_id: int, purpose: str, now: datetime) -> tuple[AccountToken, Account] | None:
    """The same, for somebody who has shown it."""
    return _find_token(AccountToken.id == token_id, purpose, now)


def _find_token(
    this: ColumnElement[bool], purpose: str, now: datetime
) -> tuple[AccountToken, Account] | None:
    row = db.session.execute(
        select(AccountToken, Account)
        .join(Account, Account.id == AccountToken.account_id)
        .where(
            this,
            AccountToken.purpose == purpose,
            AccountToken.used_at.is_(None),
            AccountToken.expires_at > now,
        )
    ).first()
    return (row[0], row[1]) if row else None


def use_token(row: AccountToken, now: datetime) -> bool:
    """Use it up. False when somebody else just did."""
    mine = (AccountToken.id == row.id, AccountToken.used_at.is_(None))
    claimed = db.session.execute(
        update(AccountToken).where(*mine).values(used_at=now).returning(AccountToken.id)
    )
    return claimed.first() is not None


def end_invitations(account: Account, network_id: int, now: datetime) -> None:
    """Those to this network that nobody has used."""
    theirs = (AccountToken.account_id == account.id, AccountToken.network_id == network_id)
    unused = (AccountToken.purpose == "invitation", AccountToken.used_at.is_(None))
    db.session.execute(update(AccountToken).where(*theirs, *unused).values(used_at=now))


def _token_hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
