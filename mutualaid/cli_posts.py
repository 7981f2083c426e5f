"""`flask --app wsgi posts import`: needs and offers from a file of reports."""

import json
import os
import sys
import time
from dataclasses import dataclass, field
from datetime import datetime
from io import TextIOWrapper
from itertools import islice
from pathlib import Path

import click
from flask.cli import AppGroup
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError, OperationalError

from mutualaid.aid.importing import (
    CannotImport,
    Reader,
    Rejected,
    RejectedRows,
    Report,
    Row,
    Taken,
    Taker,
    open_text,
    read_mapping,
    read_rows,
    rejected_path,
)
from mutualaid.db import db, reading_only, utcnow
from mutualaid.networks.models import Network
from mutualaid.sealed import NoKeys

BATCH = 100  # rows in one transaction
PAUSE = 0.01  # seconds between two: SQLite's lock is no queue, so others who write need a gap
TRIES = 5

posts = AppGroup("posts", help="Needs and offers.")
FILE = click.Path(path_type=Path, exists=True, dir_okay=False)


@dataclass
class Counts:
    """Of one run. `read` and `rejected` count rows; `taken` counts posts."""

    read: int = 0
    rejected: int = 0
    taken: Taken = field(default_factory=Taken)

    def as_dict(self) -> dict[str, int]:
        taken = self.taken
        return {
            "read": self.read,
            "posts": taken.needs + taken.offers,
            "needs": taken.needs,
            "offers": taken.offers,
            "rejected": self.rejected,
            "unchanged": taken.unchanged,
        }


@posts.command("import")
@click.argument("slug")
@click.argument("file", type=FILE)
@click.option(
    "--mapping", type=FILE, required=True, help="A TOML file; docs/importing.md says how to write one."
)
@click.option("--json", "as_json", is_flag=True, help="Print the counts of this run as JSON.")
def import_posts(slug: str, file: Path, mapping: Path, as_json: bool) -> None:
    """Take needs and offers from FILE, a CSV file, into the network SLUG. Run again it adds nothing twice."""
    try:
        taker = find_taker(slug, mapping)
        with open_text(file, taker.mapping.encoding) as text:
            counts, reader = take_all(text, rejected_path(file), taker, quiet=as_json)
    except (CannotImport, NoKeys, OSError) as error:
        raise click.ClickException(str(error)) from error
    except OperationalError as error:
        raise click.ClickException(
            f"The database does not answer ({error.orig}). What was read before is kept; run it again."
        ) from error
    if as_json:
        click.echo(json.dumps(counts.as_dict()))
    else:
        tell(counts, reader, rejected_path(file))


def find_taker(slug: str, mapping: Path) -> Taker:
    with reading_only():
        network = db.session.scalar(select(Network).where(Network.slug == slug))
        if network is None:
            raise CannotImport(f"There is no network “{slug}”.")
        taker = Taker(network, read_mapping(mapping))
        db.session.rollback()
    return taker


def take_all(text: TextIOWrapper, rejects: Path, taker: Taker, *, quiet: bool) -> tuple[Counts, Reader]:
    """Batch by batch, each kept by itself: who is interrupted runs it again and goes on."""
    rows = read_rows(text)
    reader = Reader(taker.mapping, next(rows).cells)
    counts, now, size = Counts(), utcnow(), os.fstat(text.fileno()).st_size
    hidden = quiet or not sys.stderr.isatty()
    with (
        RejectedRows(rejects, reader.header) as rejected,
        click.progressbar(length=size, file=sys.stderr, hidden=hidden) as bar,
    ):
        while batch := list(islice(rows, BATCH)):
            counts.read += len(batch)
            counts.taken.add(keep(taker, reports_in(batch, reader, rejected, now), now))
            bar.update(os.lseek(text.fileno(), 0, os.SEEK_CUR) - bar.pos)
            time.sleep(PAUSE)
        counts.rejected = rejected.count
    return counts, reader


def reports_in(batch: list[Row], reader: Reader, rejected: RejectedRows, now: datetime) -> list[Report]:
    reports = []
    for row in batch:
        try:
            if row.problem:
                raise Rejected(row.problem)
            reports.append(reader.read(row.cells, now))
        except Rejected as reason:
            rejected.add(row.cells, str(reason))
    return reports


def keep(taker: Taker, reports: list[Report], now: datetime) -> Taken:
    """One transaction. Who brings in the same rows at the same moment is found there at the second look."""
    for _ in range(TRIES):
        try:
            taken = taker.take_in(reports, now)
            db.session.commit()
            return taken
        except IntegrityError:
            db.session.rollback()
    raise CannotImport(
        "The same reports are being taken in by somebody else. What was read is kept; run it again."
    )


def tell(counts: Counts, reader: Reader, rejects: Path) -> None:
    said = counts.as_dict()
    for words, items in (("Left out", reader.left_out), ("Not in the mapping", reader.unknown)):
        for item, times in items.most_common():
            click.echo(f"{words}: {item} ({times})")
    if counts.rejected:
        click.echo(f"The rows that were not taken are in {rejects}, with the reason.")
    click.echo(
        f"Read {said['read']} rows. Added {said['posts']} posts: {said['needs']} needs, {said['offers']} offers."
        f" Rejected {said['rejected']} rows. {said['unchanged']} posts stood already, unchanged."
    )
