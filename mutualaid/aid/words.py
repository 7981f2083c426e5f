"""The words for reasons, misses, refusals, states, units, times and history: the one place that turns keys into language."""

from flask import Flask


def register(app: Flask) -> None:
    """Make the words available to every template."""
