"""A second way to show who one is, beside the password: a passkey, or an app with codes; and recovery codes."""

import hmac
import secrets
from datetime import datetime

import pyotp
from sqlalchemy import ColumnElement, delete, func, or_, select, update

from mutualaid.db import db
from mutualaid.people.access import LOOKS_LIKE, SIGNS
from mutualaid.people.models import Account, Passkey, RecoveryCode
from mutualaid.sealed import keyring

STEP = 30  # seconds that a code of the app is shown
AROUND = (-1, 0, 1)  # steps by which a clock may be wrong
CODES, SIGNS_EACH = 10, 16  # recovery codes, of 80 bits each


def there() -> ColumnElement[bool]:
    """Whether an account has a second way; to select beside it."""
    return or_(
        Account.totp_sealed.is_not(None),
        select(Passkey.id).where(Passkey.account_id == Account.id).exists(),
    )


def is_there(account: Account) -> bool:
    return bool(db.session.scalar(select(there()).select_from(Account).where(Account.id == account.id)))


def new_secret() -> str:
    """160 bits, in base32."""
    return pyotp.random_base32()


def address(account: Account, secret: str, site: str) -> str:
    """What an app reads from a picture; `site` is what it shows beside the code."""
    return pyotp.TOTP(secret).provisioning_uri(name=account.email, issuer_name=site)


def step_of(secret: str, code: str, now: datetime) -> int | None:
    """The half minute to which a code of the app belongs, if it is about now."""
    step, app = int(now.timestamp()) // STEP, pyotp.TOTP(secret)
    fits = [n for n in (step + by for by in AROUND) if hmac.compare_digest(app.generate_otp(n), code)]
    return fits[-1] if fits else None


def set_app(account: Account, secret: str, code: str, *, now: datetime) -> bool:
    """Codes of this app count from now on, and no longer those of another. False when `code` is not one of them."""
    step = step_of(secret, digits(code), now)
    if step is None:
        return False
    account.totp, account.totp_step = secret, step
    return True


def take(account: Account, typed: str, *, now: datetime) -> bool:
    """Whether this opens: a code of the app, or a recovery code. Each does once."""
    return _take_app(account, digits(typed), now) or _take_recovery(account, typed)


def digits(typed: str) -> str:
    """Apps show codes with a space in the middle."""
    return "".join(c for c in typed if c.isascii() and c.isdigit()) if len(typed) <= 12 else ""


def _take_app(account: Account, code: str, now: datetime) -> bool:
    step = step_of(account.totp, code, now) if account.totp else None
    if step is None:
        return False
    unused = or_(Account.totp_step.is_(None), Account.totp_step < step)
    taken = update(Account).where(Account.id == account.id, unused).values(totp_step=step)
    return db.session.execute(taken.returning(Account.id)).first() is not None


def _take_recovery(account: Account, typed: str) -> bool:
    found = (RecoveryCode.account_id == account.id, RecoveryCode.code_hash == _hash(account, typed))
    return (
        db.session.execute(delete(RecoveryCode).where(*found).returning(RecoveryCode.id)).first() is not None
    )


def new_codes(account: Account) -> list[str]:
    """Ten recovery codes, to be shown once; those of before end."""
    db.session.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account.id))
    made = ["".join(secrets.choice(SIGNS) for _ in range(SIGNS_EACH)) for _ in range(CODES)]
    db.session.add_all(RecoveryCode(account_id=account.id, code_hash=_hash(account, code)) for code in made)
    return [" ".join(code[n : n + 4] for n in range(0, SIGNS_EACH, 4)) for code in made]


def codes_left(account: Account) -> int:
    own = select(func.count()).select_from(RecoveryCode).where(RecoveryCode.account_id == account.id)
    return db.session.scalar(own) or 0


def passkeys(account: Account) -> list[Passkey]:
    """Oldest first."""
    own = select(Passkey).where(Passkey.account_id == account.id)
    return list(db.session.scalars(own.order_by(Passkey.made_on, Passkey.id)))


def remove_app(account: Account) -> None:
    account.totp, account.totp_step = None, None
    db.session.flush()
    _tidy(account)


def remove_passkey(account: Account, passkey_id: int) -> None:
    db.session.execute(delete(Passkey).where(Passkey.account_id == account.id, Passkey.id == passkey_id))
    _tidy(account)


def remove_all(account: Account) -> None:
    """For somebody who lost everything: the password alone opens again."""
    db.session.execute(delete(Passkey).where(Passkey.account_id == account.id))
    remove_app(account)


def _tidy(account: Account) -> None:
    """Recovery codes stand in for a second way; without one there is nothing that they could."""
    if not is_there(account):
        db.session.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account.id))


def _hash(account: Account, typed: str) -> bytes:
    """Small letters, spaces, dashes and look-alikes are all fine."""
    code = "".join(c for c in typed.upper() if c.isalnum()).translate(LOOKS_LIKE)
    return keyring.digest(f"{account.id}|{code}", "recovery")
