"""The commands of `flask --app wsgi`."""

from collections.abc import Callable
from functools import wraps
from typing import Any

import click
from flask import Flask

from mutualaid.cli_copies import backup, restore
from mutualaid.cli_erasing import erase
from mutualaid.cli_keys import keys
from mutualaid.cli_networks import members, network
from mutualaid.cli_plan import plan
from mutualaid.cli_posts import posts
from mutualaid.demo.cli import demo
from mutualaid.places.cli import areas
from mutualaid.sealed import NONE_YET, keyring
from mutualaid.worker import worker


def register(app: Flask) -> None:
    for command in (keys, *WITH_KEYS):
        app.cli.add_command(command)


def needing_keys(command: click.Command) -> click.Command:
    """The same, but without keys it says so in a line, and does nothing."""
    for one in command.commands.values() if isinstance(command, click.Group) else ():
        needing_keys(one)
    if command.callback is not None:
        command.callback = _with_keys(command.callback)
    return command


def _with_keys(work: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(work)
    def checked(*given: Any, **more: Any) -> Any:
        if not keyring.current:
            raise click.ClickException(NONE_YET)
        return work(*given, **more)

    return checked


WITH_KEYS = [
    needing_keys(command)
    for command in (network, members, areas, posts, plan, erase, backup, restore, demo, worker)
]
