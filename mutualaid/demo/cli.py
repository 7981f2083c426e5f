"""`flask --app wsgi demo`: make the demo network, and `demo remove`: take it away."""

import os
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy import delete, func, select

from mutualaid.actors import Actor
from mutualaid.db import Base, db, new_id, utcnow
from mutualaid.demo import story
from mutualaid.networks.models import Membership, Network
from mutualaid.people import accounts
from mutualaid.people.access import new_code
from mutualaid.people.contact import set_email
from mutualaid.people.models import Account, AccountSession, AccountToken, Passkey, Person, RecoveryCode

SLUG = "demo"
CAST = (("Bo", "coordinator"), ("Inês", "steward"), ("Dee", "helper"))
WORDS = (
    "kettle maple otter ladder button harbour pepper window",
    "basket candle pocket garden ribbon saddle thimble lantern",
)


@dataclass
class SignIn:
    who: str
    email: str
    password: str


@click.group("demo", invoke_without_command=True, help="A made-up network to look around in, at /demo/.")
@click.option("--first-start", is_flag=True, help="Only when there is no network yet.")
@click.pass_context
@with_appcontext
def demo(context: click.Context, first_start: bool) -> None:
    if context.invoked_subcommand:
        return
    if first_start and db.session.scalar(select(func.count()).select_from(Network)):
        return
    refuse_in_public()
    if db.session.scalar(select(Network.id).where(Network.slug == SLUG)):
        raise click.ClickException(
            "The demo stands already. Take it away first: .venv/bin/flask --app wsgi demo remove"
        )
    click.echo("Making the demo network. This takes a few seconds.")
    text = make(utcnow())
    db.session.commit()
    write_sign_ins(text)
    click.echo(text if not first_start else "The demo network stands.")


@demo.command("remove")
@with_appcontext
def remove() -> None:
    """Take the demo away, with all that was posted in it."""
    network = db.session.scalars(select(Network).where(Network.slug == SLUG, Network.is_demo)).first()
    if network is None:
        raise click.ClickException("There is no demo.")
    take_away(network)
    db.session.commit()
    sign_ins_file().unlink(missing_ok=True)
    click.echo("The demo is gone.")


def refuse_in_public() -> None:
    """Its people are made up, its passwords lie in a file, and nobody is asked for a second way to sign in: only for a
    machine that nobody else reaches.
    """
    host = os.environ.get("HOST", "127.0.0.1")
    try:
        fine = host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        fine = False
    if not fine:
        raise click.ClickException(
            f"The demo is only for this machine, but HOST is {host}. Nothing was made."
        )


def make(now: datetime) -> str:
    """The network, its cast and their story; returns how to sign in, in lines."""
    network = Network(
        id=new_id(),
        slug=SLUG,
        name="Garrison Creek (demo)",
        timezone="America/Toronto",
        languages=["en", "es"],
        is_demo=True,
        emergency_line="In danger? Call 911. This is a demo: nobody here can come. "
        "¿En peligro? Llama al 911. Esto es una demo: de aquí no vendrá nadie.",
        phone_line="Call or text 416 555 0142, every day from 10 to 6. (A demo: nobody answers.) "
        "Llama o escribe, todos los días de 10 a 6. (Una demo: no contesta nadie.)",
        created_at=now - timedelta(days=60),
    )
    db.session.add(network)
    db.session.flush()
    cast = {name: make_member(network, name, role, now) for name, role in CAST}
    people = {name: person for name, (person, _) in cast.items()}
    bo = Actor(network.id, people["Bo"].id, "coordinator", "account")
    told = story.tell(network, bo, people, now)
    code = new_code(told.people["Amina"])
    lines = [f"  {s.who:<18}{s.email:<28}{s.password}" for _, s in cast.values()]
    return "\n".join(
        ["Sign in to the demo at /sign-in:", *lines, f"  Amina posted a need; her code is {code}"]
    )


def make_member(network: Network, name: str, role: str, now: datetime) -> tuple[Person, SignIn]:
    """With an account and a password made up on the spot."""
    email = f"{name.lower().replace('ê', 'e')}@demo.example.org"
    password = (
        "-".join(secrets.choice(" ".join(WORDS).split()) for _ in range(4))
        + f"-{secrets.randbelow(900) + 100}"
    )
    account = accounts.find_or_create(email, now=now)
    accounts.set_password(account, password, now=now)
    person = Person(network_id=network.id, id=new_id(), reach="none", languages=["en"], created_at=now)
    person.name = name
    set_email(person, email)
    db.session.add(person)
    row = Membership(
        network_id=network.id,
        id=new_id(),
        account_id=account.id,
        person_id=person.id,
        role=role,
        starts_at=now - timedelta(days=60),
        joined_at=now - timedelta(days=60),
        ends_at=now + timedelta(days=120),
    )
    db.session.add(row)
    db.session.flush()
    return person, SignIn(f"{name}, {role}", email, password)


def sign_ins_file() -> Path:
    return Path(current_app.config["INSTANCE"]) / "demo.txt"


def write_sign_ins(text: str) -> None:
    path = sign_ins_file()
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text + "\n")


def take_away(network: Network) -> None:
    """Every row of the network, then the accounts that belong to no other."""
    account_ids = list(
        db.session.scalars(select(Membership.account_id).where(Membership.network_id == network.id))
    )
    for table in reversed(Base.metadata.sorted_tables):
        if "network_id" in table.columns:
            db.session.execute(delete(table).where(table.c.network_id == network.id))
    elsewhere = select(Membership.account_id)
    lonely = [i for i in account_ids if i not in set(db.session.scalars(elsewhere))]
    for table in (AccountToken, AccountSession, Passkey, RecoveryCode):
        db.session.execute(delete(table).where(table.account_id.in_(lonely)))
    db.session.execute(delete(Account).where(Account.id.in_(lonely)))
    db.session.delete(network)
