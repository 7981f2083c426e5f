"""Network and Membership."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ColumnElement, Index, LargeBinary, String, and_, exists
from sqlalchemy.orm import Mapped, aliased, mapped_column, relationship

from mutualaid.db import Base, HasId, NetworkOwned, found_by, in_network, named_in, refers, sorted_text
from mutualaid.people.models import Account, Person
from mutualaid.sealed import Sealed, sealed_column

ROLES = ("helper", "coordinator", "steward")
MONTHS = 6  # that a role lasts, unless it is said otherwise


class Network(HasId, Base):
    """An autonomous group. Its settings stand here; its rows carry its id."""

    __tablename__ = "network"

    slug: Mapped[str] = mapped_column(sorted_text(40), unique=True)
    name: Mapped[str] = mapped_column(sorted_text(80))
    timezone: Mapped[str] = mapped_column(String(40), default="UTC")
    languages: Mapped[list[str]] = mapped_column(default=lambda: ["en"])
    resolution: Mapped[int] = mapped_column(default=8)
    public: Mapped[bool] = mapped_column(default=True)  # listed on the first page of the installation
    is_demo: Mapped[bool] = mapped_column(default=False)
    emergency_line: Mapped[str] = mapped_column(String(200), default="")
    phone_line: Mapped[str] = mapped_column(String(200), default="")  # "Rather talk?"
    welcome: Mapped[str] = mapped_column(String(600), default="")
    lease_hours: Mapped[int] = mapped_column(default=24)
    urgent_lease_hours: Mapped[int] = mapped_column(default=4)
    retention_days: Mapped[int] = mapped_column(default=30)
    second_way_later: Mapped[bool] = mapped_column(default=False)  # see networks.second_way
    weights: Mapped[dict[str, Any]] = mapped_column(
        default=dict
    )  # how it ranks, where not as aid.matching.ranking
    created_at: Mapped[datetime]
    wiping_at: Mapped[datetime | None]  # it is being removed since then, and nobody finds it any more

    # By name: the slice of places stands above this one.
    areas: Mapped[list[Any]] = relationship(
        "Area", primaryjoin="foreign(Area.network_id) == Network.id", order_by="Area.name", viewonly=True
    )

    __table_args__ = (CheckConstraint("resolution IN (7, 8, 9)", name="resolution"),)


class Membership(NetworkOwned, Base):
    """An account's place in a network: a mandate with an end, that can be recalled. It begins when they accept."""

    __tablename__ = "membership"

    account_id: Mapped[int]
    person_id: Mapped[int]
    role: Mapped[str] = mapped_column(String(12))
    area_ids: Mapped[list[Any]] = mapped_column(default=list)  # a coordinator's areas; empty: all
    starts_at: Mapped[datetime]
    joined_at: Mapped[datetime | None]  # they opened the invitation to this network
    ends_at: Mapped[datetime]
    recalled_at: Mapped[datetime | None]

    person: Mapped[Person] = named_in("Membership.person_id", "Person")
    account: Mapped[Account] = relationship(
        primaryjoin="foreign(Membership.account_id) == Account.id", viewonly=True
    )

    __table_args__ = (
        in_network(),
        refers("person_id", "person"),
        CheckConstraint("role IN ('helper', 'coordinator', 'steward')", name="role"),
        found_by("membership", "person_id"),
        Index("uq_membership_account", "network_id", "account_id", unique=True),
    )

    def stands(self, now: datetime) -> bool:
        return (
            self.joined_at is not None and self.recalled_at is None and self.starts_at <= now < self.ends_at
        )

    @classmethod
    def standing(cls, now: datetime) -> ColumnElement[bool]:
        """The same for a query."""
        return and_(
            cls.joined_at.is_not(None), cls.recalled_at.is_(None), cls.starts_at <= now, cls.ends_at > now
        )

    def leads(self, now: datetime) -> bool:
        """They see others' needs and contacts: a coordinator or steward."""
        return self.role != "helper" and self.stands(now)

    @classmethod
    def leading(cls, now: datetime) -> ColumnElement[bool]:
        """The same for a query."""
        return and_(cls.role != "helper", cls.standing(now))


_any_place = aliased(Membership)  # once: each new one takes a millisecond to learn its columns


def leads_anywhere(now: datetime) -> ColumnElement[bool]:
    """Whether an account leads in any network; to select beside it."""
    return exists().where(_any_place.account_id == Account.id, _any_place.leading(now))


class AskedMandate(NetworkOwned, Base):
    """A role that one steward asked for, and that waits for a second person's yes. Gone once it is answered."""

    __tablename__ = "asked_mandate"

    email_sealed: Mapped[bytes | None] = sealed_column()
    email_hash: Mapped[bytes] = mapped_column(LargeBinary)  # as of their account, which may not be there yet
    role: Mapped[str] = mapped_column(String(12))
    area_ids: Mapped[list[Any]] = mapped_column(default=list)
    months: Mapped[int]
    asked_by_id: Mapped[int]
    asked_at: Mapped[datetime]
    email = Sealed("email_sealed")

    __table_args__ = (
        in_network(),
        refers("asked_by_id", "person"),
        CheckConstraint("role IN ('coordinator', 'steward')", name="role"),
        found_by("asked_mandate", "asked_by_id"),
        Index("uq_asked_mandate_email", "network_id", "email_hash", unique=True),
        Index("ix_asked_mandate_asked", "asked_at"),
    )
