"""`flask --app wsgi erase …`: a person who asks for it, and what the clock would erase but holds back."""

import sys

import click
from flask.cli import AppGroup
from sqlalchemy import func, select

from mutualaid import heartbeat
from mutualaid.actors import command_line
from mutualaid.aid import lifecycle
from mutualaid.aid.lifecycle import retention
from mutualaid.aid.models import Post
from mutualaid.cli_networks import get_network
from mutualaid.db import db, utcnow
from mutualaid.networks.models import Network
from mutualaid.people.access import person_by_code
from mutualaid.people.models import Person

erase = AppGroup("erase", help="Erasing: a person at once, and what is held back.")


@erase.command("person")
@click.argument("slug")
@click.argument("who")
@click.option("--yes", is_flag=True, help="Do not ask.")
def erase_person(slug: str, who: str, yes: bool) -> None:
    """Erase everything about WHO in the network SLUG, now: their code, like 7KM4-RXQ2, or the number of their row."""
    here = get_network(slug)
    person = find_person(here, who)
    if person is None:
        raise click.ClickException(
            f"Nobody in {here.name} has this code or number, or they are erased already."
        )
    mine = (Post.network_id == here.id, Post.person_id == person.id)
    posts = db.session.scalar(select(func.count()).select_from(Post).where(*mine))
    click.echo(
        f"Here since {person.created_at:%Y-%m-%d}, with {posts} posts. Nobody can bring back what is erased."
    )
    if not yes:
        click.confirm("Erase them?", abort=True)
    lifecycle.erase(person, by=command_line(here.id), now=utcnow())
    db.session.commit()
    click.echo("Erased. Only the count stays.")


def find_person(here: Network, who: str) -> Person | None:
    if len(who) > 12 and who.isdecimal() and int(who) < 1 << 63:
        person = db.session.get(Person, (here.id, int(who)))
        return person if person and person.erased_at is None else None
    return person_by_code(here.id, who)


@erase.command("due")
@click.option("--confirm", is_flag=True, help="The clock is right and the number is right: erase them now.")
def due(confirm: bool) -> None:
    """Say how many people have something that is due to be erased, and what holds it back. With --confirm, erase it."""
    now = utcnow()
    why, many = retention.doubt(now), len(retention.people_due(now))
    db.session.commit()
    click.echo(f"It is {now:%Y-%m-%d %H:%M} UTC. Due now: something of {many:,} people.")
    if not confirm:
        click.echo(
            f"{retention.WHY[why]}. {'The worker erases some each day. ' if why == 'many' else ''}"
            "If all of this is right, run it with --confirm."
            if why
            else "The worker does it."
        )
        return
    heartbeat.believe(now)
    db.session.commit()
    with click.progressbar(length=many, file=sys.stderr, hidden=not sys.stderr.isatty()) as bar:
        while done := retention.erase_due(now):
            bar.update(done)
    click.echo("Done.")
