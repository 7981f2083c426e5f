"""What is erased is noted outside the database, so that a backup that is put back brings nobody back."""

import resource
import shutil
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from mutualaid import erased
from mutualaid.aid import lifecycle
from mutualaid.aid.lifecycle.erasing import erase_again
from mutualaid.aid.lifecycle.retention import erase_due
from mutualaid.aid.models import Post, PostDetails
from mutualaid.db import Base, db
from mutualaid.networks import wiping
from mutualaid.networks.leaving import end_memberships
from mutualaid.networks.models import Membership
from mutualaid.people.models import Account
from tests.aid.erasing_cast import DAY, KEPT_WORDS, Cast, values, words_of
from tests.factories import NOW, actor_of, make_member, make_need, make_network, make_person


def noted() -> list[str]:
    return [entry.what for entry in erased.entries()]


@pytest.fixture
def folder(app: Flask) -> Path:
    """Where it is noted, empty."""
    path = Path(app.config["INSTANCE"]) / "erased"
    shutil.rmtree(path, ignore_errors=True)
    return path


def test_erasing_is_noted_when_it_commits_and_not_before(folder: Path) -> None:
    cast = Cast()
    lifecycle.erase(cast.amina, by=actor_of(cast.amina), now=NOW)
    assert noted() == []
    db.session.rollback()
    db.session.commit()
    assert noted() == []
    lifecycle.erase(cast.amina, by=actor_of(cast.amina), now=NOW)
    db.session.commit()
    assert noted() == ["person", "post", "post"]
    assert {path.name for path in folder.iterdir()} == {"2026-11-23"}


def test_erasing_that_cannot_be_noted_whole_does_not_happen_and_spoils_no_other_note(folder: Path) -> None:
    """The disk is full in the middle of a line."""
    amina, dee = make_person(make_network(), "Amina"), make_person(make_network("chestnut"), "Dee")
    db.session.commit()
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    lifecycle.erase(amina, by=actor_of(amina), now=NOW)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len("person 1"), before[1]))
    try:
        with pytest.raises(OSError, match="No space left"):
            db.session.commit()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    db.session.rollback()
    assert (amina.erased_at, (folder / "2026-11-23").read_text()) == (None, "\nperson ")
    lifecycle.erase(dee, by=actor_of(dee), now=NOW)
    db.session.commit()
    assert [entry for entry in erased.entries() if entry.id == dee.id] == [
        erased.Erased("person", dee.network_id, dee.id)
    ]


def test_notes_end_a_week_after_the_last_backup(app: Flask, folder: Path) -> None:
    cast = Cast()
    lifecycle.erase(cast.amina, by=actor_of(cast.amina), now=NOW)
    db.session.commit()
    assert [erased.prune(NOW + days * DAY) for days in (37, 38)] == [0, 1]
    assert noted() == []


def test_line_that_was_cut_short_is_passed_over(folder: Path) -> None:
    folder.mkdir()
    (folder / "2026-11-23").write_text("person 1 2\nperson 1")
    assert noted() == ["person"]


class Backup:
    """All rows as they stand, put back as they were."""

    def __init__(self) -> None:
        self.rows = {table: db.session.execute(select(table)).all() for table in Base.metadata.sorted_tables}
        db.session.commit()

    def put_back(self) -> None:
        db.session.expunge_all()
        for table in reversed(Base.metadata.sorted_tables):
            db.session.execute(table.delete())
        for table, rows in self.rows.items():
            if rows and not table.name.endswith("_count"):  # the database counts by itself
                db.session.execute(table.insert(), [dict(row._mapping) for row in rows])
        db.session.commit()


def test_backup_that_is_put_back_brings_nobody_back(folder: Path) -> None:
    """By themselves, by the clock, and with their whole network."""
    cast, other = Cast(), Cast("chris")
    hers, theirs = words_of(cast.hers), words_of(other.hers)
    backup = Backup()
    lifecycle.erase(cast.amina, by=actor_of(cast.amina), now=NOW)
    wiping.begin(other.network, NOW)
    db.session.commit()
    wiping.wipe(other.network.id)
    gone = values()
    backup.put_back()
    assert len(words_of(values() & (hers | theirs))) > 40
    assert erase_again(NOW + 3 * DAY) == 2
    assert words_of(values() & (hers | theirs)) == set()
    assert {row for row in values() - gone if row[1] not in ("number", *KEPT_WORDS)} == set()
    assert erase_again(NOW + 3 * DAY) == 0


def test_backup_from_before_a_post_was_closed_brings_no_words_back(folder: Path) -> None:
    cast = Cast()
    backup = Backup()
    lifecycle.withdraw(cast.need, by=actor_of(cast.amina), now=NOW)
    db.session.commit()
    key = (cast.network.id, cast.need.id)
    make_need(cast.amina, cast.groceries)
    db.session.commit()
    erase_due(NOW + 30 * DAY)
    backup.put_back()
    assert db.session.get(PostDetails, key) is not None
    erase_again(NOW + 31 * DAY)
    assert db.session.get(PostDetails, key) is None
    assert db.session.get_one(Post, key).outcome == "withdrawn"


def test_backup_from_before_a_member_left_gives_nobody_their_place_back(folder: Path) -> None:
    bo = make_member(make_network())
    key, account = (bo.network_id, bo.id), bo.account_id
    backup = Backup()
    end_memberships(Membership.id == bo.id, now=NOW)
    db.session.commit()
    backup.put_back()
    assert db.session.get(Membership, key) is not None
    assert erase_again(NOW + DAY) == 1
    assert (db.session.get(Membership, key), db.session.get(Account, account)) == (None, None)
