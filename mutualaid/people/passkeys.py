"""Passkeys: a device shows that it holds a key, and that its owner was there. Each question is answered once."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import parse_authentication_credential_json
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from mutualaid.db import db
from mutualaid.people import second
from mutualaid.people.models import Account, AccountToken, Passkey

LASTS = timedelta(minutes=5)  # how long a question may be answered
NONSENSE = (
    WebAuthnException,
    ValueError,
    KeyError,
    TypeError,
    AttributeError,
    RecursionError,
)  # what a made-up answer leads to


@dataclass(frozen=True)
class Site:
    """For whom passkeys are made: where people reach us."""

    origin: str

    @property
    def host(self) -> str:
        return urlsplit(self.origin).hostname or ""


def ask_for_new(site: Site, account: Account, challenge: bytes) -> str:
    """What the browser is asked, as JSON: make a passkey that opens by itself, on a device that has none yet."""
    options = generate_registration_options(
        rp_id=site.host,
        rp_name=site.host,
        user_id=str(account.id).encode(),
        user_name=account.email,
        challenge=challenge,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=[
            PublicKeyCredentialDescriptor(id=known.credential_id) for known in second.passkeys(account)
        ],
    )
    return options_to_json(options)


def ask(site: Site, challenge: bytes) -> str:
    """The same to sign in: with whichever passkey of this site they choose. Nobody has said yet who they are."""
    options = generate_authentication_options(
        rp_id=site.host, challenge=challenge, user_verification=UserVerificationRequirement.REQUIRED
    )
    return options_to_json(options)


def add(site: Site, account: Account, answer: str, challenge: bytes, *, now: datetime) -> bool:
    """Keep the passkey that was made. False when the answer is none to this question."""
    try:
        made = verify_registration_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=site.host,
            expected_origin=site.origin,
            require_user_verification=True,
        )
    except NONSENSE:
        return False
    row = Passkey(
        account_id=account.id,
        credential_id=made.credential_id,
        public_key=made.credential_public_key,
        sign_count=made.sign_count,
        made_on=now.date(),
    )
    return _once(row) and _once(_answered(account, challenge, now))


def opened_by(site: Site, answer: str, challenge: bytes, *, now: datetime) -> Account | None:
    """Whose passkey has answered this question. None: nobody's here, a copy, or an answer for the second time."""
    try:
        given = parse_authentication_credential_json(answer)
    except NONSENSE:
        return None
    found = db.session.execute(
        select(Passkey, Account)
        .join(Account, Account.id == Passkey.account_id)
        .where(Passkey.credential_id == given.raw_id)
    ).first()
    if found is None:
        return None
    passkey, account = found
    try:
        shown = verify_authentication_response(
            credential=given,
            expected_challenge=challenge,
            expected_rp_id=site.host,
            expected_origin=site.origin,
            credential_public_key=passkey.public_key,
            credential_current_sign_count=passkey.sign_count,
            require_user_verification=True,
        )
    except NONSENSE:
        return None
    fine = _counted(passkey, shown.new_sign_count) and _once(_answered(account, challenge, now))
    return account if fine else None


def _counted(passkey: Passkey, count: int) -> bool:
    """False when another answer of this passkey was counted in this moment."""
    same = (Passkey.id == passkey.id, Passkey.sign_count == passkey.sign_count)
    counted = update(Passkey).where(*same).values(sign_count=count).returning(Passkey.id)
    return db.session.execute(counted).first() is not None


def _answered(account: Account, challenge: bytes, now: datetime) -> AccountToken:
    """Kept as long as the question could be answered again."""
    return AccountToken(
        account_id=account.id,
        token_hash=hashlib.sha256(challenge).digest(),
        purpose="passkey",
        expires_at=now + LASTS,
        used_at=now,
    )


def _once(row: Passkey | AccountToken) -> bool:
    """False when it stands already."""
    try:
        with db.session.begin_nested():
            db.session.add(row)
    except IntegrityError:
        return False
    return True
