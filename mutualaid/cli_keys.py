"""`flask --app wsgi keys …`: the keys that seal personal words."""

import json
import os
import secrets
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
from flask import current_app
from flask.cli import AppGroup
from sqlalchemy import inspect, select, tuple_, update

from mutualaid.config import keys_file, read_keys
from mutualaid.copies.backup import remembered
from mutualaid.db import Base, db, reading_only
from mutualaid.sealed import NONE_YET, Sealed, key_of, keyring, new_keys, resealed

BATCH = 500
keys = AppGroup("keys", help="The keys that seal personal words.")


@keys.command("init")
def init() -> None:
    """Make the keys in the instance folder, once. They are never made anew: what they seal would be lost."""
    folder = Path(current_app.config["INSTANCE"])
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    made = [
        name
        for name, text in (("keys.json", json.dumps(new_keys())), ("secret_key", secrets.token_hex(32)))
        if write_once(folder / name, text)
    ]
    click.echo(f"Made {' and '.join(made)} in {folder}/." if made else "The keys stand already.")


def write_once(path: Path, text: str) -> bool:
    """Write a file only its owner can read, unless it stands already."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return False
    with os.fdopen(handle, "w") as file:
        file.write(text)
    return True


@keys.command("rotate")
def rotate() -> None:
    """Make a new key and seal everything with it. Can be stopped at any time, and run again to go on.

    The web server and the worker may run meanwhile: they read the new key from the file.
    """
    kept = standing()
    if not kept.get("rotating") and not in_setting():
        name = str(max(int(old) for old in kept["sealing"]) + 1)
        kept["sealing"][name], kept["current"], kept["rotating"] = os.urandom(32).hex(), name, True
        write_keys(kept)
        click.echo(f"Made the key “{name}”. Everything is sealed with it now, one table after the other.")
    keyring.load(kept)
    for model, column in sealed_columns():
        seal_anew(model, column)
    if not in_setting():
        kept = standing()  # a network may have been brought in meanwhile, with a key of its own
        kept.pop("rotating", None)
        write_keys(kept)
    old = ", ".join(f"“{name}”" for name in kept["sealing"] if name != kept["current"])
    click.echo(f"All is sealed with the key “{kept['current']}”.")
    click.echo(f"Backups from before need {old} too. Once none is left: keys drop NAME.")


@keys.command("drop")
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask.")
def drop(name: str, yes: bool) -> None:
    """Forget the key NAME, once nothing is sealed with it. Backups that it sealed cannot be read any more."""
    kept = standing()
    if in_setting():
        raise click.ClickException("The keys stand in the setting KEYS. Take it out there.")
    if name == kept["current"] or kept.get("rotating"):
        raise click.ClickException(f"“{name}” is in use. Run keys rotate first.")
    if name not in kept["sealing"]:
        raise click.ClickException(f"There is no key “{name}”.")
    for model, column in sealed_columns():
        if any(name == key_of(row[-1]) for rows in batches(model, column) for row in rows):
            raise click.ClickException(f"“{name}” still seals {model.__tablename__}. Run keys rotate first.")
    standing_copies = [path for _, path in remembered(Path(current_app.config["INSTANCE"]))]
    if standing_copies:
        click.echo(
            "\n".join(("Backups that may need it, if they are older than the key of now:", *standing_copies))
        )
    question = f"What “{name}” sealed is lost for good. Type {name} to forget it"
    if not yes and answer(question, "Nothing was changed. In a script, give --yes.") != name:
        raise click.ClickException("Nothing was changed.")
    kept = standing()
    del kept["sealing"][name]
    write_keys(kept)
    click.echo(f"The key “{name}” is gone.")


def answer(question: str, unanswered: str) -> str:
    """What is typed; or the command ends with `unanswered`, where nobody is there to type."""
    try:
        return str(click.prompt(question))
    except click.Abort:
        click.echo()
        raise click.ClickException(unanswered) from None


def standing() -> dict[str, Any]:
    kept = read_keys(Path(current_app.config["INSTANCE"]))
    if kept is None:
        raise click.ClickException(NONE_YET)
    return kept


def in_setting() -> bool:
    """Then whoever set KEYS names a new key there, and starts everything anew, before `keys rotate`."""
    return bool(os.environ.get("KEYS"))


def write_keys(kept: dict[str, Any]) -> None:
    """In one step, and on the disk before anything is sealed with them."""
    path = keys_file(current_app.config["INSTANCE"])
    beside = path.with_suffix(".new")
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(json.dumps(kept))
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)


def sealed_columns() -> list[tuple[Any, str]]:
    """Every sealed column of every table, as (model, name of the column)."""
    models = sorted(
        (mapper.class_ for mapper in Base.registry.mappers), key=lambda model: model.__tablename__
    )
    return [
        (model, one.column) for model in models for one in vars(model).values() if isinstance(one, Sealed)
    ]


def seal_anew(model: Any, column: str) -> None:
    """Batch by batch; what was changed meanwhile is sealed with the new key already."""
    done = 0
    for rows in batches(model, column):
        old = [row for row in rows if key_of(row[-1]) != keyring.current]
        for row in old:
            sealed = resealed(model, column, row.id, row[-1])
            unchanged = (*_is(model, row), getattr(model, column) == row[-1])
            db.session.execute(update(model).where(*unchanged).values({column: sealed}))
        db.session.commit()
        done += len(old)
        if sys.stdout.isatty():
            click.echo(f"  {model.__tablename__}.{column}: {done:,}\r", nl=False)
    click.echo(f"  {model.__tablename__}.{column}: {done:,}")


def batches(model: Any, column: str) -> Iterator[list[Any]]:
    """(key of the row, what is sealed), some at a time, in the order of the keys."""
    key, last = _key(model), None
    wanted = select(*key, getattr(model, column)).where(getattr(model, column).is_not(None)).order_by(*key)
    while True:
        further = wanted if last is None else wanted.where(tuple_(*key) > tuple_(*last))
        with reading_only():
            rows = list(db.session.execute(further.limit(BATCH)))
            db.session.commit()
        if not rows:
            return
        yield rows
        last = rows[-1][: len(key)]


def _key(model: Any) -> list[Any]:
    return [getattr(model, column.key) for column in inspect(model).primary_key]


def _is(model: Any, row: Any) -> list[Any]:
    return [column == row[place] for place, column in enumerate(_key(model))]
