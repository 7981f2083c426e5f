"""Account, Person, the links and tokens that open their pages, and whom never to match."""

from datetime import date, datetime

from flask_login import UserMixin
from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from mutualaid.db import Base, HasId, NetworkOwned, found_by, in_network, refers
from mutualaid.sealed import Sealed, sealed_column


class Account(HasId, UserMixin, Base):
    """An email and a way to sign in. Belongs to the installation, not to a network."""

    __tablename__ = "account"

    email_sealed: Mapped[bytes | None] = sealed_column()
    email_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    password_hash: Mapped[str | None] = mapped_column(String(200))
    password_changed_at: Mapped[datetime | None]
    totp_sealed: Mapped[bytes | None] = sealed_column()  # the secret they share with an app that shows codes
    totp_step: Mapped[int | None]  # the half minute of the last code that was taken: each is taken once
    created_at: Mapped[datetime]
    email = Sealed("email_sealed")
    totp = Sealed("totp_sealed")


class AccountSession(HasId, Base):
    """One browser that is signed in. It holds the token, we its hash; no address, and nothing about the browser."""

    __tablename__ = "account_session"

    account_id: Mapped[int]
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    created_at: Mapped[datetime]
    proven_at: Mapped[datetime]  # when they last showed who they are
    used_on: Mapped[date]  # the day on which something was last done with it

    __table_args__ = (
        ForeignKeyConstraint(["account_id"], ["account.id"], deferrable=True, initially="DEFERRED"),
        Index("ix_account_session_account", "account_id"),
        Index("ix_account_session_created", "created_at"),
    )


class AccountToken(HasId, Base):
    """What works once: a link for an account (an invitation to one network, a password reset), of which only the hash
    is kept; and what a passkey has answered.
    """

    __tablename__ = "account_token"

    account_id: Mapped[int]
    network_id: Mapped[int | None]  # where an invitation leads
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    purpose: Mapped[str] = mapped_column(String(12))  # invitation, reset, passkey
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]

    __table_args__ = (
        ForeignKeyConstraint(["account_id"], ["account.id"], deferrable=True, initially="DEFERRED"),
        ForeignKeyConstraint(["network_id"], ["network.id"], deferrable=True, initially="DEFERRED"),
    )


class Passkey(HasId, Base):
    """A key that a device keeps, and opens with a finger, a face or a PIN. We keep its public half."""

    __tablename__ = "passkey"

    account_id: Mapped[int]
    credential_id: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    sign_count: Mapped[int]  # how often it was used, if it counts: whoever copied it would fall behind
    made_on: Mapped[date]

    __table_args__ = (
        ForeignKeyConstraint(["account_id"], ["account.id"], deferrable=True, initially="DEFERRED"),
        Index("ix_passkey_account", "account_id"),
    )


class RecoveryCode(HasId, Base):
    """Opens an account once, beside the password, when passkey and app are lost. Only a keyed hash is kept."""

    __tablename__ = "recovery_code"

    account_id: Mapped[int]
    code_hash: Mapped[bytes] = mapped_column(LargeBinary)

    __table_args__ = (
        ForeignKeyConstraint(["account_id"], ["account.id"], deferrable=True, initially="DEFERRED"),
        Index("uq_recovery_code", "account_id", "code_hash", unique=True),
    )


class Attempt(HasId, Base):
    """A wrong code or password, a post, a message: counted. `who` is a keyed hash; gone after an hour or a day."""

    __tablename__ = "attempt"

    kind: Mapped[str] = mapped_column(String(12))
    who: Mapped[bytes] = mapped_column(LargeBinary)
    at: Mapped[datetime]

    __table_args__ = (Index("ix_attempt_who", "kind", "who", "at"), Index("ix_attempt_at", "at"))


class Person(NetworkOwned, Base):
    """Anyone who posts or helps, in one network. Everyone can ask and everyone can give: one kind of person."""

    __tablename__ = "person"

    name_sealed: Mapped[bytes | None] = sealed_column()
    phone_sealed: Mapped[bytes | None] = sealed_column()  # E.164
    phone_typed_sealed: Mapped[bytes | None] = sealed_column()  # as it was typed
    email_sealed: Mapped[bytes | None] = sealed_column()
    hours_sealed: Mapped[bytes | None] = sealed_column()  # when it is safe to call: "morning, evening"
    phone_hash: Mapped[bytes | None] = mapped_column(LargeBinary)
    email_hash: Mapped[bytes | None] = mapped_column(LargeBinary)
    reach: Mapped[str] = mapped_column(String(8), default="none")  # email, call, none: looks with the code
    answered_for: Mapped[bool] = mapped_column(default=False)  # a coordinator answers for them
    language: Mapped[str] = mapped_column(String(12), default="en")  # of what we write to them
    languages: Mapped[list[str]] = mapped_column(default=list)  # that they speak
    per_week: Mapped[int | None]  # how many times a week they help at most; none: no limit
    digest: Mapped[bool] = mapped_column(default=False)  # a daily digest of new needs
    told_a_day: Mapped[int | None]  # told at once of what is new and fits, so often a day at most; none: not
    code_hash: Mapped[bytes | None] = mapped_column(LargeBinary)
    created_at: Mapped[datetime]
    kept_until: Mapped[datetime | None]  # they asked us to keep their page although nothing is open
    erased_at: Mapped[datetime | None]
    name = Sealed("name_sealed")
    phone = Sealed("phone_sealed")
    phone_typed = Sealed("phone_typed_sealed")
    email = Sealed("email_sealed")
    hours = Sealed("hours_sealed")

    __table_args__ = (
        in_network(),
        CheckConstraint("reach IN ('email', 'call', 'none')", name="reach"),
        Index("uq_person_code", "network_id", "code_hash", unique=True),
        found_by("person", "phone_hash"),
        found_by("person", "email_hash"),
        found_by("person", "told_a_day"),
        found_by("person", "kept_until"),
    )


class AccessLink(NetworkOwned, Base):
    """A private link to a person's page. Several per person; each notice makes its own. Only hashes are kept."""

    __tablename__ = "access_link"

    person_id: Mapped[int]
    token_hash: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]

    __table_args__ = (
        in_network(),
        refers("person_id", "person"),
        Index("uq_access_link_token", "network_id", "token_hash", unique=True),
        Index("ix_access_link_person", "network_id", "person_id"),
    )


class DoNotMatch(NetworkOwned, Base):
    """`person_id` is never matched with `other_id`, nor with anyone of these contact hashes. Nobody else can see it."""

    __tablename__ = "do_not_match"

    person_id: Mapped[int]
    other_id: Mapped[int | None]
    contact_hash: Mapped[bytes | None] = mapped_column(LargeBinary)
    created_at: Mapped[datetime]

    __table_args__ = (
        in_network(),
        refers("person_id", "person"),
        refers("other_id", "person"),
        Index("ix_do_not_match_person", "network_id", "person_id"),
        Index("ix_do_not_match_other", "network_id", "other_id"),
        found_by("do_not_match", "contact_hash"),
    )
