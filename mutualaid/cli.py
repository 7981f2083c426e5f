"""The commands of `flask --app wsgi`."""

import json
import os
import secrets
from pathlib import Path

import click
from flask import Flask, current_app
from flask.cli import AppGroup

from mutualaid.cli_networks import members, network
from mutualaid.cli_plan import plan
from mutualaid.cli_posts import posts
from mutualaid.demo.cli import demo
from mutualaid.places.cli import areas
from mutualaid.sealed import new_keys
from mutualaid.worker import worker

keys = AppGroup("keys", help="The keys that seal personal words.")


def register(app: Flask) -> None:
    for command in (keys, network, members, areas, posts, plan, demo, worker):
        app.cli.add_command(command)


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
    click.echo(f"Made {' and '.join(made)} in {folder.name}/." if made else "The keys stand already.")


def write_once(path: Path, text: str) -> bool:
    """Write a file only its owner can read, unless it stands already."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return False
    with os.fdopen(handle, "w") as file:
        file.write(text)
    return True
