"""`flask --app wsgi backup`, `restore`, `network export` and `network import`: copies, and a network that moves."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from alembic.script import ScriptDirectory
from flask import current_app
from flask.cli import with_appcontext
from flask_migrate import downgrade, upgrade

from mutualaid import erased, restoring
from mutualaid.actors import command_line
from mutualaid.aid.lifecycle.erasing import erase_again
from mutualaid.cli_keys import in_setting, standing, write_keys
from mutualaid.cli_networks import get_network, network
from mutualaid.copies import backup as backups
from mutualaid.copies import moving
from mutualaid.copies.lines import Unreadable
from mutualaid.db import db, utcnow
from mutualaid.events.history import happened
from mutualaid.heartbeat import believe
from mutualaid.networks.models import Network
from mutualaid.sealed import keyring

FILE = click.Path(path_type=Path, dir_okay=False)
OTHER_KEYS = """The keys here are not those that sealed it. Nothing was changed.
Put the keys.json of then into the instance folder. Without it no name, no contact and no word that anybody wrote can be
read, and no code works; to put back the rest all the same: --without-keys"""
NO_LIST = """The list of who was erased since this backup was made is not here. Nothing was changed.
Put the folder erased of then, kept up to its last day, into the instance folder. Without it whoever deleted everything
about themselves stands there again; to put it back all the same: --without-list"""
IN_SETTING = "The keys stand in the setting KEYS. To bring in a network they have to stand in keys.json."
AT_IT = "Another process is putting a copy back. Once it is through, try again."
LEAST = 16  # letters of a passphrase: four words


@click.command("backup")
@click.argument("file", type=FILE)
@click.option(
    "--days", default=erased.DAYS, show_default=True, type=click.IntRange(1, 3650), help="When it ends."
)
@with_appcontext
def backup(file: Path, days: int) -> None:
    """Write all that is in the database to FILE, while the app runs. Personal words stay sealed.

    The keys are not in it: keep a copy of instance/keys.json elsewhere. Without them a restored database shows
    categories, areas and counts, but no name, no contact and no word that anybody wrote.
    """
    try:
        head = backups.back_up(file, now=utcnow(), days=days, told=told)
    except FileExistsError:
        raise click.ClickException(f"{file} stands already. Nothing was written.") from None
    except OSError as error:
        raise click.ClickException(f"{file} cannot be written: {error.strerror}.") from None
    erased.note_backup(head["number"], days, utcnow())
    backups.remember(Path(current_app.config["INSTANCE"]), file, head["ends_on"])
    click.echo(f"\n{file} is whole. It ends on {head['ends_on']}: then the worker removes it from here.")


@click.command("restore")
@click.argument("file", type=FILE)
@click.option("--replace", is_flag=True, help="Even though the database holds networks now.")
@click.option("--without-keys", is_flag=True, help="Even though nothing personal can be read here.")
@click.option("--without-list", is_flag=True, help="Even though nobody knows who was erased since.")
@with_appcontext
def restore(file: Path, replace: bool, without_keys: bool, without_list: bool) -> None:
    """Put back what FILE holds, and erase again whatever was erased since. Stop the web server and the worker first."""
    now, last = utcnow(), erased.last_day()
    with saying_why(file):
        head = backups.look_at(file, today=now.date())
        if not is_known(head["schema"]):
            raise Unreadable("This backup was made by a newer version. Nothing was changed.")
        if not without_keys and not backups.opens(head):
            raise click.ClickException(OTHER_KEYS)
        if not without_list and not erased.goes_back_to(head.get("number", 0)):
            raise click.ClickException(NO_LIST)
        if not backups.is_empty():
            confirm(replace)
        with restoring.underway(restoring.ROWS):
            backups.put_back(file, head, told, migrate)
            restoring.rows_are_back()
            believe(now)  # somebody looks
            db.session.commit()
            again = erase_again(now)
    click.echo(f"\nAll is as it was on {head['made_at'][:10]}, and everybody has to sign in again.")
    click.echo(f"Erased again: {again:,} of what was erased since it was made.")
    if last:
        click.echo(f"The list of who was erased goes up to {last}.")
    click.echo(
        "Roles that were recalled and links that were replaced since then stand again: look at People."
    )


@contextmanager
def saying_why(file: Path) -> Iterator[None]:
    """What stops a copy from being put back is said in words."""
    try:
        yield
    except Unreadable as why:
        raise click.ClickException(f"{file}: {why}") from None
    except BlockingIOError:
        raise click.ClickException(AT_IT) from None
    except OSError as error:
        raise click.ClickException(f"{file} cannot be read: {error.strerror or error}.") from None


def is_known(revision: str) -> bool:
    """Whether there is such a migration: nothing is taken away for one that cannot be put back."""
    config = current_app.extensions["migrate"].migrate.get_config()
    return revision in {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}


def migrate(revision: str) -> None:
    (downgrade if revision == "base" else upgrade)(revision=revision)


def confirm(replace: bool) -> None:
    if not replace:
        raise click.ClickException(
            "The database holds networks. To lose them and put back the file: --replace"
        )
    if click.prompt("Everything in the database now is lost. Type “replace”") != "replace":
        raise click.ClickException("Nothing was changed.")


@network.command("export")
@click.argument("slug")
@click.argument("file", type=FILE)
@click.option("--passphrase-file", type=FILE, help="Where the passphrase stands; else it is asked for.")
def export(slug: str, file: Path, passphrase_file: Path | None) -> None:
    """Write the whole network SLUG to FILE, to bring it into another installation. A passphrase seals it."""
    here = get_network(slug)
    if file.exists():
        raise click.ClickException(f"{file} stands already. Nothing was written.")
    secret = new_passphrase(passphrase_file)
    happened("export", by=command_line(here.id), now=utcnow())
    db.session.commit()
    try:
        ends = moving.take_out(here, file, secret, now=utcnow(), told=told)
    except OSError as error:
        raise click.ClickException(f"{file} cannot be written: {error.strerror}.") from None
    click.echo(f"\n{here.name} is in {file}. Whoever has the file and the passphrase has everything in it.")
    click.echo(f"It ends on {ends}: after that nothing takes it.")
    click.echo(f"There: network import {file}. Here, once that works: network wipe {slug}")


@network.command("import")
@click.argument("file", type=FILE)
@click.option("--slug", help="Its address here; else the one it had.")
@click.option("--passphrase-file", type=FILE, help="Where the passphrase stands; else it is asked for.")
def bring_in(file: Path, slug: str | None, passphrase_file: Path | None) -> None:
    """Bring in a network that another installation has written to FILE: posts, people, codes and links go on."""
    if restoring.stage() == restoring.ROWS:
        raise click.ClickException("A backup was put back half way. Run `restore` again first.")
    with saying_why(file):
        moving.look_at(file)
        lines, head = moving.open_file(file, passphrase(passphrase_file))
        address = slug or str(head.get("slug"))
        if not backups.has_tables():
            upgrade()
        moving.check_fits(head, address, today=utcnow().date())
        if in_setting():
            raise Unreadable(IN_SETTING)
        here = moving.bring_in(lines, head, slug=address, now=utcnow(), told=told)
        erased.note("returned", here.id, here.id, utcnow())
        believe(utcnow())  # somebody looks
        with knowing_its_key(head), restoring.underway(restoring.WHOLE):
            db.session.commit()
            erase_again(utcnow())
    click.echo(f"\n{here.name}: {current_app.config['BASE_URL']}/{here.slug}/")
    click.echo("Codes and private links work as before, at this address.")
    click.echo(
        "Members set a new password: “I have forgotten my password” where they sign in, or members add for a link. "
        "Whoever had an account here before says yes first: members add invites them."
    )


@contextmanager
def knowing_its_key(head: dict[str, Any]) -> Iterator[None]:
    """With its own key for hashes its codes and do-not-match lists go on working: it stands before the rows do.

    It is kept only if they come. One that a kill leaves behind is of no network, and is written over the next time.
    """
    known = standing().get("networks", {})
    know(known | {str(head["network"]): head["hashing"]})
    try:
        yield
    except BaseException:
        db.session.rollback()
        if db.session.get(Network, head["network"]) is None:
            know(known)
        raise


def know(networks: dict[str, str]) -> None:
    """The keys of those that came from elsewhere. What cannot be read is not written."""
    kept = standing() | {"networks": networks}
    keyring.load(kept)
    write_keys(kept)


def passphrase(file: Path | None) -> str:
    """The one that opens a file."""
    if file:
        return file.read_text().strip()
    if not sys.stdin.isatty():
        raise click.ClickException("Nobody is there to type the passphrase: --passphrase-file FILE")
    return str(click.prompt("Passphrase", hide_input=True))


def new_passphrase(file: Path | None) -> str:
    """One that seals a file: typed twice."""
    chosen = passphrase(file)
    if len(chosen) < LEAST:
        raise click.ClickException(
            f"The passphrase is too short: take {LEAST} letters or more, like four words."
        )
    if not file and click.prompt("The same again", hide_input=True) != chosen:
        raise click.ClickException("The two are not the same. Nothing was written.")
    return chosen


def told(table: str, rows: int) -> None:
    """On a terminal, in one line; whoever pipes it into a file wants none of it."""
    if sys.stdout.isatty():
        click.echo(f"\r  {table}: {rows:,}{' ' * 20}", nl=False)
