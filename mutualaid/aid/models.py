"""Category, Post, Match: the core."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from mutualaid.aid.desk_lists import LISTS
from mutualaid.aid.matching.index import SIFTED_BY, SOUGHT_BY
from mutualaid.db import Base, NetworkOwned, found_by, in_network, named_in, partial_index, refers
from mutualaid.people.models import Person
from mutualaid.places.models import Area
from mutualaid.sealed import Sealed, sealed_column

KINDS = ("need", "offer")
OUTCOMES = ("fulfilled", "withdrawn", "referred", "duplicate", "expired")
STATES = (
    "proposed",
    "agreed",
    "delivered",
    "confirmed",
    "disputed",
    "declined",
    "retracted",
    "lapsed",
    "released",
)
PROMISED = ("proposed", "agreed")
LIVE = (*PROMISED, "delivered")
STANDING = (*LIVE, "disputed")  # something is still to be done, or to be decided
APART = (*STANDING, "declined")  # those two posts are not matched with each other again
USED = (*STANDING, "confirmed")  # counts against the offer: what came, and what may have
TRAVEL = ("come", "host", "either")  # I come, you come, either
URGENCIES = (2, 1, 0)  # today, this week, can wait


class Category(NetworkOwned, Base):
    """One of a two-level tree. Names are data, by language; the unit is a key of aid.words.posts.UNITS."""

    __tablename__ = "category"

    parent_id: Mapped[int | None]
    key: Mapped[str] = mapped_column(String(32))
    names: Mapped[dict[str, Any]]
    unit: Mapped[str] = mapped_column(String(12))
    remote: Mapped[bool] = mapped_column(default=False)
    sensitive: Mapped[bool] = mapped_column(default=False)
    position: Mapped[int] = mapped_column(default=0)

    __table_args__ = (
        in_network(),
        refers("parent_id", "category"),
        Index("uq_category_key", "network_id", "key", unique=True),
    )

    def name(self, language: str) -> str:
        return str(self.names.get(language) or self.names.get("en") or self.key)


class Post(NetworkOwned, Base):
    """A need or an offer."""

    __tablename__ = "post"

    kind: Mapped[str] = mapped_column(String(5))
    person_id: Mapped[int]
    category_id: Mapped[int]
    area_id: Mapped[int | None]
    cell: Mapped[int | None]  # the finest place stored; empty: the area only, or nowhere
    measure_cell: Mapped[int | None]  # where distances count from: the cell, or the area's middle cell
    quantity: Mapped[int] = mapped_column(default=1)  # a need: how many, in the category's unit
    uncovered: Mapped[int] = mapped_column(default=0)  # a need: how many nobody has promised or given
    stock: Mapped[int | None]  # an offer: how many in all; empty: no limit
    stock_left: Mapped[int | None]
    per_week: Mapped[int | None]  # an offer: how many a week
    travel: Mapped[str] = mapped_column(String(6))
    reach_km: Mapped[int | None]  # how far its person goes; empty: does not travel
    times: Mapped[int] = mapped_column(default=0)  # see aid.windows; 0: any time
    from_day: Mapped[date | None]
    until_day: Mapped[date | None]
    urgency: Mapped[int] = mapped_column(default=0)
    languages: Mapped[list[str]] = mapped_column(default=list)
    interpreter: Mapped[bool] = mapped_column(default=False)  # a need: a shared language is a must
    traits: Mapped[list[str]] = mapped_column(default=list)  # what a need requires, what an offer has
    language_bits: Mapped[int] = mapped_column(
        default=0
    )  # the same two as sets of bits (aid.bits), to sift by
    trait_bits: Mapped[int] = mapped_column(default=0)
    choose_for_me: Mapped[bool] = mapped_column(default=False)  # said yes beforehand
    intake: Mapped[str | None] = mapped_column(String(10))  # call_back, no_answer: helpers do not see it yet
    intake_until: Mapped[date | None]
    paused_at: Mapped[datetime | None]
    state: Mapped[str] = mapped_column(String(6), default="open")
    outcome: Mapped[str | None] = mapped_column(String(10))
    closed_at: Mapped[datetime | None]
    duplicate_of_id: Mapped[int | None]
    front_at: Mapped[datetime | None]  # at the head of the queue since: someone let it go
    taken_in_at: Mapped[datetime | None]  # a coordinator has read it
    last_sign_at: Mapped[datetime]  # of life; 30 days later it expires
    asked_still_at: Mapped[datetime | None]
    told_at: Mapped[datetime | None]  # those who asked to be told of what is new were looked for
    posted_by_id: Mapped[int | None]  # a coordinator, for someone on the phone
    claimed: Mapped[bool] = mapped_column(default=False)  # an offer that a claim made, for one need alone
    draft_id: Mapped[int | None]  # which draft it came from: a repeated send finds it again
    source: Mapped[str | None] = mapped_column(String(40))
    source_row: Mapped[str | None] = mapped_column(String(80))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    erased_at: Mapped[datetime | None]  # closed long ago: only what is counted is left

    person: Mapped[Person] = named_in("Post.person_id", "Person")
    category: Mapped[Category] = named_in("Post.category_id", "Category")
    area: Mapped[Area | None] = named_in("Post.area_id", "Area")

    __table_args__ = (
        in_network(),
        refers("person_id", "person"),
        refers("category_id", "category"),
        refers("area_id", "area"),
        refers("duplicate_of_id", "post"),
        refers("posted_by_id", "person"),
        CheckConstraint("kind IN ('need', 'offer')", name="kind"),
        CheckConstraint("quantity >= 1", name="quantity"),
        CheckConstraint("uncovered >= 0 AND uncovered <= quantity", name="uncovered"),
        CheckConstraint("stock_left IS NULL OR (stock_left >= 0 AND stock_left <= stock)", name="stock_left"),
        CheckConstraint("state IN ('open', 'closed')", name="state"),
        CheckConstraint("(state = 'closed') = (outcome IS NOT NULL)", name="outcome"),
        CheckConstraint("travel IN ('come', 'host', 'either')", name="travel"),
        Index("ix_post_person", "network_id", "person_id"),
        found_by("post", "posted_by_id"),
        found_by("post", "duplicate_of_id"),
        partial_index("ix_post_open_cell", *SOUGHT_BY, *SIFTED_BY, where="state = 'open'"),
        partial_index(
            "ix_post_open_waiting",
            "network_id",
            "kind",
            "category_id",
            "created_at",
            "id",
            where="state = 'open'",
        ),
        partial_index(
            "uq_post_source",
            "network_id",
            "source",
            "source_row",
            "kind",
            "category_id",
            where="source IS NOT NULL",
            unique=True,
        ),
        Index("ix_post_draft", "network_id", "draft_id"),
        partial_index(
            "ix_post_untold", "network_id", "created_at", where="told_at IS NULL AND source IS NULL"
        ),
        partial_index(
            "ix_post_closed", "network_id", "closed_at", where="closed_at IS NOT NULL AND erased_at IS NULL"
        ),
        *(partial_index(name, *columns, where=where) for name, columns, where in LISTS),
    )

    @property
    def is_need(self) -> bool:
        return self.kind == "need"


class PostDetails(NetworkOwned, Base):
    """Private details of a post (same id): its person's own words, sealed. Never an address."""

    __tablename__ = "post_details"

    text_sealed: Mapped[bytes | None] = sealed_column()
    text = Sealed("text_sealed")

    __table_args__ = (in_network(), refers("id", "post"))


class Match(NetworkOwned, Base):
    """One need, one offer, and where it stands between them."""

    __tablename__ = "match"

    need_id: Mapped[int]
    offer_id: Mapped[int]
    state: Mapped[str] = mapped_column(String(10), default="proposed")
    promised: Mapped[int]
    given: Mapped[int] = mapped_column(default=0)
    proposed_by_id: Mapped[int | None]
    proposed_at: Mapped[datetime]
    lease_until: Mapped[datetime]
    lease_renewed: Mapped[bool] = mapped_column(default=False)
    need_yes_at: Mapped[datetime | None]
    offer_yes_at: Mapped[datetime | None]
    agreed_at: Mapped[datetime | None]
    due_at: Mapped[datetime | None]  # agreed and past this: overdue
    delivered_at: Mapped[datetime | None]
    confirmed_at: Mapped[datetime | None]
    by_silence: Mapped[bool] = mapped_column(default=False)
    ended_at: Mapped[datetime | None]
    rests_until: Mapped[datetime | None]  # the pair is not suggested before
    apart_at: Mapped[datetime | None]  # one of the two ended that they reach each other

    need: Mapped[Post] = named_in("Match.need_id", "Post")
    offer: Mapped[Post] = named_in("Match.offer_id", "Post")

    __table_args__ = (
        in_network(),
        refers("need_id", "post"),
        refers("offer_id", "post"),
        CheckConstraint("promised >= 1", name="promised"),
        CheckConstraint("given >= 0 AND given <= promised", name="given"),
        CheckConstraint(
            "state IN ('proposed', 'agreed', 'delivered', 'confirmed', 'disputed', 'declined', 'retracted',"
            " 'lapsed', 'released')",
            name="state",
        ),
        partial_index(
            "uq_match_live_pair",
            "network_id",
            "need_id",
            "offer_id",
            where="state IN ('proposed', 'agreed', 'delivered')",
            unique=True,
        ),
        Index("ix_match_need", "network_id", "need_id"),
        Index("ix_match_offer", "network_id", "offer_id"),
        Index("ix_match_state", "network_id", "state", "need_id", "lease_until", "due_at", "delivered_at"),
        partial_index(
            "ix_match_standing",
            "network_id",
            "need_id",
            "state",
            "lease_until",
            "due_at",
            "delivered_at",
            where="state IN ('proposed', 'agreed', 'delivered', 'disputed')",
        ),
    )

    @property
    def is_live(self) -> bool:
        return self.state in LIVE

    @property
    def host(self) -> str | None:
        """Which side (need or offer) receives the visit; None when place does not matter."""
        if self.need.category.remote or self.offer.category.remote:
            return None
        return "need" if self.offer.travel != "host" and self.need.travel != "come" else "offer"


class MatchDetails(NetworkOwned, Base):
    """Where to come (same id as the match): given by whoever receives the visit, sealed, erased when the match ends."""

    __tablename__ = "match_details"

    address_sealed: Mapped[bytes | None] = sealed_column()
    address = Sealed("address_sealed")

    __table_args__ = (in_network(), refers("id", "match"))


class Draft(NetworkOwned, Base):
    """Answers on their way to a post, sealed; gone after 24 hours. Its id makes a repeated send harmless."""

    __tablename__ = "draft"

    kind: Mapped[str] = mapped_column(String(5))
    token_hash: Mapped[bytes] = mapped_column(LargeBinary)
    answers_sealed: Mapped[bytes | None] = sealed_column()
    code_sealed: Mapped[bytes | None] = (
        sealed_column()
    )  # kept so that a send whose answer was lost shows it again
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    person_id: Mapped[int | None]
    answers = Sealed("answers_sealed")  # JSON
    code = Sealed("code_sealed")

    __table_args__ = (
        in_network(),
        refers("person_id", "person"),
        Index("uq_draft_token", "network_id", "token_hash", unique=True),
        Index("ix_draft_expires", "expires_at"),
        found_by("draft", "person_id"),
    )
