"""`flask --app wsgi plan`: everyone at once."""

import json
import sys
import time
from typing import Any

import click

from mutualaid.actors import command_line
from mutualaid.aid.matching.edges import MOST
from mutualaid.aid.matching.flow import NoPlan
from mutualaid.aid.matching.plan import Plan, make_plan
from mutualaid.aid.planning import Accepted, Asked, in_batches, propose_lines
from mutualaid.cli_networks import get_network
from mutualaid.db import db, reading_only, utcnow

STAGES = {
    "load": "Reading what is open",
    "edges": "Finding who fits whom",
    "solve": "Looking for the best for everyone at once",
    "write": "Writing it down",
}
WHY = {
    "no_offer": "nobody offers it",
    "too_far": "too far away",
    "no_time": "no time that suits both",
    "no_language": "no shared language, and one is needed",
    "requires": "nobody can do all that is asked",
    "nobody_else": "whoever fits was asked before",
    "no_capacity": "whoever fits has nothing left this week",
    "taken": "whoever fits is needed more elsewhere",
}


@click.command("plan")
@click.argument("slug")
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
@click.option(
    "--propose", is_flag=True, help="Propose every line; whoever has not said yes beforehand is asked."
)
def plan(slug: str, as_json: bool, propose: bool) -> None:
    """The best assignment of all open needs of the network SLUG to all its open offers."""
    shown = not as_json and sys.stderr.isatty()
    try:
        with reading_only():
            made = make_plan(
                get_network(slug),
                now=utcnow(),
                begins=lambda stage: click.echo(f"{STAGES[stage]} …", err=True) if shown else None,
            )
            db.session.rollback()
    except NoPlan as error:
        raise click.ClickException(f"The solver found no best plan ({error}). Nothing was changed.") from None
    accepted = propose_all(slug, made, shown=shown) if propose else None
    if as_json:
        click.echo(json.dumps(made.figures()))
    else:
        tell(made, accepted)
    for line, refused in accepted.left_out if accepted else ():
        why = refused.reason if refused else "not there any more"
        click.echo(f"Left out: need {line.need} with offer {line.offer} ({why}).", err=as_json)


def propose_all(slug: str, made: Plan, *, shown: bool) -> Accepted:
    """Batch by batch, each kept by itself: who is interrupted makes a new plan and goes on."""
    accepted, began = Accepted(), time.perf_counter()
    asked = [Asked(line.need, line.offer, line.quantity) for line in made.lines]
    with click.progressbar(length=len(asked), file=sys.stderr, hidden=not shown) as bar:
        for lines in in_batches(asked):
            network = get_network(slug)
            accepted.add(propose_lines(network, lines, by=command_line(network.id), now=utcnow()))
            db.session.commit()
            bar.update(len(lines))
    made.seconds["write"] += time.perf_counter() - began
    return accepted


def tell(made: Plan, accepted: Accepted | None) -> None:
    found: dict[str, Any] = made.figures()
    click.echo(
        f"{found['needs']:,} open needs, {found['offers']:,} open offers, {found['edges']:,} pairs that fit."
    )
    if found["pruned"]:
        click.echo(
            f"Only the nearest {MOST:,} pairs were looked at; {found['pruned']:,} farther ones were not."
        )
    click.echo(
        f"{found['matched_needs']:,} needs can be met, {found['matched_in_part']:,} of them in part:"
        f" {found['matched_quantity']:,} units"
        f" in {len(made.lines):,} matches. Nobody helps more than {found['load_max']} times."
    )
    for reason, number in found["unmet"].items():
        if number:
            click.echo(f"  {number:,} cannot: {WHY[reason]}.")
    spent = sum(found["seconds"].values())
    click.echo(f"It took {spent:.1f} seconds.")
    if accepted is None:
        click.echo("Nothing was changed. With --propose every match is proposed, and people are asked.")
    else:
        click.echo(f"{accepted.proposed:,} matches are proposed. Left out: {len(accepted.left_out):,}.")
