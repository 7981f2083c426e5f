"""What goes when a post is over for long, or its person is erased: words, places, exact times. Counts stay."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, Table, delete, or_, select, update

from mutualaid import erased
from mutualaid.aid.messages.models import Message
from mutualaid.aid.models import Match, MatchDetails, Post, PostDetails
from mutualaid.db import day, days_alone, db, to_the_day
from mutualaid.events.models import Event, EventNote
from mutualaid.people.models import Person
from mutualaid.sealed import keyring

# All else goes back to what it was before anybody said anything, also columns that come later.
KEPT_OF_POST = {
    *(
        "network_id",
        "id",
        "kind",
        "person_id",
        "category_id",
        "area_id",
        "state",
        "outcome",
        "urgency",
        "travel",
    ),
    *("quantity", "uncovered", "stock", "stock_left", "claimed", "duplicate_of_id", "posted_by_id"),
    *(
        "source",
        "source_row",
        "created_at",
        "updated_at",
        "closed_at",
        "last_sign_at",
        "told_at",
        "erased_at",
    ),
}
KEPT_OF_PERSON = {"network_id", "id", "created_at", "erased_at"}
HIDDEN = "hidden:"


def sealed_rows(
    posts: Select[int], matches: Select[int], events: Select[int]
) -> list[tuple[Any, ColumnElement[bool]]]:
    """Every table of words that hangs on posts, and which of its rows these are. A new one is added here."""
    return [
        (PostDetails, PostDetails.id.in_(posts)),
        (MatchDetails, MatchDetails.id.in_(matches)),
        (EventNote, EventNote.id.in_(events)),
        (Message, Message.match_id.in_(matches)),
    ]


def empty_posts(network_id: int, ids: Sequence[int], now: datetime) -> None:
    """Of posts, and of their matches and history. Where a match goes on its times stay, until it is over as well."""
    if not ids:
        return
    db.session.flush()
    posts = select(Post.id).where(Post.network_id == network_id, Post.id.in_(ids))
    matches = _matches(network_id, posts)
    events = _events(network_id, posts, matches)
    for table, which in sealed_rows(posts, matches, events):
        db.session.execute(delete(table).where(table.network_id == network_id, which))
    for post_id in ids:
        erased.note("post", network_id, post_id, now)
    _run(update(Post).where(Post.id.in_(posts), _here(Post, network_id)).values(blank(Post, KEPT_OF_POST)))
    _hide_rows(network_id, posts)
    _round(network_id, ids, now)
    db.session.expire_all()


def _matches(network_id: int, posts: Select[int]) -> Select[int]:
    either = or_(Match.need_id.in_(posts), Match.offer_id.in_(posts))
    return select(Match.id).where(Match.network_id == network_id, either)


def _events(network_id: int, posts: Select[int], matches: Select[int]) -> Select[int]:
    about = or_(Event.post_id.in_(posts), Event.match_id.in_(matches))
    return select(Event.id).where(Event.network_id == network_id, about)


def _round(network_id: int, ids: Sequence[int], now: datetime) -> None:
    """Days instead of times, for the posts where nothing goes on any more."""
    going = select(Match.need_id, Match.offer_id).where(
        Match.network_id == network_id,
        Match.ended_at.is_(None),
        or_(Match.need_id.in_(ids), Match.offer_id.in_(ids)),
    )
    busy = {post_id for pair in db.session.execute(going) for post_id in pair}
    over = [post_id for post_id in ids if post_id not in busy]
    posts = select(Post.id).where(Post.network_id == network_id, Post.id.in_(over))
    matches = _matches(network_id, posts)
    days = days_alone(Post.__table__) | {"erased_at": to_the_day(now)}
    _run(update(Post).where(_here(Post, network_id), Post.id.in_(over)).values(days))
    _run(
        update(Match)
        .where(_here(Match, network_id), Match.id.in_(matches))
        .values(days_alone(Match.__table__))
    )
    about = or_(Event.post_id.in_(over), Event.match_id.in_(matches))
    _run(update(Event).where(_here(Event, network_id), about).values(at=day(Event.at)))


def _hide_rows(network_id: int, posts: Select[int]) -> None:
    """Whoever has the file that a post was taken from could find it again by the number of its row."""
    brought = (_here(Post, network_id), Post.id.in_(posts), ~Post.source_row.startswith(HIDDEN))
    for post_id, row in db.session.execute(select(Post.id, Post.source_row).where(*brought)).all():
        this = update(Post).where(_here(Post, network_id), Post.id == post_id)
        _run(this.values(source_row=hidden_row(network_id, row or "")))


def hidden_row(network_id: int, source_row: str) -> str:
    """What stays of where a post was taken from, so that the same file brings nobody back."""
    return HIDDEN + keyring.digest(source_row, "source", network_id).hex()


def empty_person(person: Person, now: datetime) -> None:
    """Their row stays, since history names its id; nothing on it does."""
    for name, value in blank(Person, KEPT_OF_PERSON).items():
        setattr(person, name, value)
    person.created_at, person.erased_at = to_the_day(person.created_at), to_the_day(now)


def blank(model: Any, kept: set[str]) -> dict[str, Any]:
    """By column: what a row holds before anybody has said anything."""
    table: Table = model.__table__
    return {column.name: _default(column) for column in table.c if column.name not in kept}


def _default(column: Any) -> Any:
    if column.default is None:
        return None
    return column.default.arg(None) if column.default.is_callable else column.default.arg


def _here(model: Any, network_id: int) -> ColumnElement[bool]:
    here: ColumnElement[bool] = model.network_id == network_id
    return here


def _run(statement: Any) -> None:
    db.session.execute(statement.execution_options(synchronize_session=False))
