"""`flask --app wsgi network …` and `members …`: networks, and who has which role in them."""

import sys
from datetime import datetime

import click
from flask import current_app
from flask.cli import AppGroup
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from mutualaid.aid.categories import add_default_categories
from mutualaid.cli_keys import answer
from mutualaid.db import db, utcnow
from mutualaid.networks import verbs, wiping
from mutualaid.networks.models import MONTHS, ROLES, Membership, Network
from mutualaid.notices.second_reset import reset_second_way
from mutualaid.people.accounts import LASTS, mint_token

network = AppGroup("network", help="Networks: autonomous groups, each at its own address.")
REMOVED = {
    "person": "people",
    "post": "posts",
    "match": "matches",
    "event": "lines of history",
    "account": "accounts",
}
members = AppGroup("members", help="Who has which role in a network, and until when.")


@network.command("create")
@click.argument("slug")
@click.argument("name")
@click.option("--languages", default="en", show_default=True, help="Codes with commas between them: en,es")
@click.option("--timezone", default="UTC", show_default=True, help="Like America/Toronto.")
@click.option("--resolution", default=8, show_default=True, help="Size of the cells: 7, 8 or 9 (smallest).")
def create(slug: str, name: str, languages: str, timezone: str, resolution: int) -> None:
    """Make the network NAME at the address /SLUG/, with the default categories."""
    try:
        made = verbs.create_network(
            slug,
            name,
            languages=listed(languages),
            timezone=timezone,
            resolution=resolution,
            now=utcnow(),
        )
    except verbs.NotPossible as error:
        raise click.ClickException(str(error)) from None
    add_default_categories(made)
    db.session.commit()
    click.echo(f"{made.name}: {current_app.config['BASE_URL']}/{made.slug}/")
    click.echo(f"Next: .venv/bin/flask --app wsgi members add {made.slug} EMAIL --role steward")


@network.command("list")
def list_networks() -> None:
    """Every network of this installation: its address and name."""
    for row in db.session.scalars(select(Network).order_by(Network.slug)):
        click.echo(f"/{row.slug}/\t{row.name}")


@network.command("wipe")
@click.argument("slug")
@click.option("--type-slug", help="The address again, for scripts; else it is asked for.")
def wipe(slug: str, type_slug: str | None) -> None:
    """Remove the network SLUG with everything in it, for good, and the accounts that belong to no other network.

    Stopped half way, run it again: until it is done, nobody finds the network.
    """
    here = get_network(slug)
    if type_slug is None:
        click.echo(
            f"This removes {here.name} with all its people, posts and history. Nobody can bring it back."
        )
        question = "Type its address (the part after the last /) to go on"
        type_slug = answer(question, f"Nothing was removed. In a script, give --type-slug {slug}.")
    if type_slug != slug:
        raise click.ClickException(f"That is not “{slug}”. Nothing was removed.")
    network_id, name = here.id, here.name
    wiping.begin(here, utcnow())
    db.session.commit()
    with click.progressbar(
        length=wiping.rows_of(network_id), file=sys.stderr, hidden=not sys.stderr.isatty()
    ) as bar:
        gone = wiping.wipe(network_id, told=bar.update)
    told = ", ".join(f"{gone[table]:,} {words}" for table, words in REMOVED.items())
    click.echo(f"Removed {name}: {told}.")


@members.command("add")
@click.argument("slug")
@click.argument("email")
@click.option("--role", required=True, help=f"One of {', '.join(ROLES)}.")
@click.option(
    "--areas", default="", help="Where a coordinator works, with commas between: Parkdale,Roncesvalles"
)
@click.option(
    "--months", default=MONTHS, show_default=True, type=click.IntRange(1, 36), help="How long, from today."
)
def add(slug: str, email: str, role: str, areas: str, months: int) -> None:
    """Give EMAIL a role in the network SLUG, or change and renew it. Prints a one-time link.

    Whoever came with a network that moved, and has no password yet, gets a link to set one.
    """
    here = get_network(slug)
    try:
        member, token = verbs.add_member(
            here, email, role, area_ids=area_ids(here, listed(areas)), months=months, now=utcnow()
        )
    except verbs.NotPossible as error:
        raise click.ClickException(str(error)) from None
    reset = None if token or member.account.password_hash else mint_token(member.account, "reset", utcnow())
    db.session.commit()
    click.echo(f"{email}: {member.role} of {here.name} until {member.ends_at:%Y-%m-%d}.")
    if token:
        click.echo(
            f"This link works once, for {LASTS['invitation'].days} days. Give it to them by a way that only they read:"
        )
        click.echo(f"{current_app.config['BASE_URL']}/invitation/{token}")
    if reset:
        click.echo(
            "They have no password yet. This link sets one, once, within an hour. Give it by a way that only they read:"
        )
        click.echo(f"{current_app.config['BASE_URL']}/reset/{reset}")


@members.command("list")
@click.argument("slug")
def list_members(slug: str) -> None:
    """Everyone who has or had a role in the network SLUG: email, role, and how it stands."""
    here, now = get_network(slug), utcnow()
    rows = db.session.scalars(
        select(Membership)
        .options(joinedload(Membership.account))
        .where(Membership.network_id == here.id)
        .order_by(Membership.role, Membership.id)
    )
    for member in rows:
        click.echo(f"{member.account.email}\t{member.role}\t{standing(member, now)}")


@members.command("recall")
@click.argument("slug")
@click.argument("email")
def recall(slug: str, email: str) -> None:
    """End EMAIL's role in the network SLUG, now."""
    here = get_network(slug)
    member = verbs.member_by_email(here, email)
    if member is None or member.recalled_at is not None:
        raise click.ClickException(f"“{email}” has no role in {here.name}.")
    verbs.recall_member(member, now=utcnow())
    db.session.commit()
    click.echo(f"{email} has no role in {here.name} any more.")


@members.command("reset-second-factor")
@click.argument("slug")
@click.argument("email")
def reset_second_factor(slug: str, email: str) -> None:
    """Take away EMAIL's passkeys, app and recovery codes, when all are lost. Be sure first that it is them.

    Their password then opens alone, and leads to the page where they set up a second way anew.
    """
    here = get_network(slug)
    member = verbs.member_by_email(here, email)
    if member is None:
        raise click.ClickException(f"“{email}” has no place in {here.name}.")
    told = reset_second_way(member.account, now=utcnow())
    db.session.commit()
    click.echo(
        f"{email} signs in with the password alone, and is signed out everywhere. Stewards told: {told}."
    )


def get_network(slug: str) -> Network:
    found = db.session.scalar(select(Network).where(Network.slug == slug))
    if found is None:
        raise click.ClickException(f"There is no network “{slug}”.")
    return found


def area_ids(here: Network, names: list[str]) -> list[int]:
    ids = {area.name.casefold(): area.id for area in here.areas}
    for name in names:
        if name.casefold() not in ids:
            raise verbs.NotPossible(f"{here.name} has no area “{name}”.")
    return [ids[name.casefold()] for name in names]


def standing(member: Membership, now: datetime) -> str:
    if member.recalled_at is not None:
        return f"recalled on {member.recalled_at:%Y-%m-%d}"
    if member.ends_at <= now:
        return f"ended on {member.ends_at:%Y-%m-%d}"
    return f"until {member.ends_at:%Y-%m-%d}" + ("" if member.joined_at else " (invited)")


def listed(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]
