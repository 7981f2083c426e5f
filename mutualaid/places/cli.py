"""`flask --app wsgi areas …`: a network's areas from a GeoJSON file."""

import sys
from pathlib import Path

import click
from flask.cli import AppGroup
from sqlalchemy import select

from mutualaid.db import db, utcnow
from mutualaid.networks.models import Network
from mutualaid.places import geojson
from mutualaid.places.areas import import_areas

areas = AppGroup("areas", help="The neighbourhoods of a network.")


@areas.command("import")
@click.argument("slug")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--name-property", default="name", show_default=True, help="Which property holds an area's name."
)
def import_file(slug: str, file: Path, name_property: str) -> None:
    """Take the areas of network SLUG from the GeoJSON file FILE. An area of the same name is updated."""
    network = db.session.scalar(select(Network).where(Network.slug == slug))
    if network is None:
        raise click.ClickException(f"There is no network “{slug}”.")
    try:
        features = geojson.load(file)
    except geojson.NotGeoJSON as error:
        raise click.ClickException(str(error)) from error
    with click.progressbar(
        features, label="Reading areas", file=sys.stderr, hidden=not sys.stderr.isatty()
    ) as shown:
        parsed = list(geojson.parse(shown, network.resolution, name_property))
    counts = import_areas(network, parsed, utcnow())
    db.session.commit()
    for rejected in counts.rejected:
        click.echo(f"Feature {rejected.number}: {rejected.reason}.")
    click.echo(f"Areas: {counts.added} added, {counts.updated} updated, {len(counts.rejected)} rejected.")
