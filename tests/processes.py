"""Other processes of one and the same installation."""

import json
import os

from flask import Flask


def settings_of(app: Flask, **more: str) -> dict[str, str]:
    """The environment that they need."""
    config = app.config
    known = {
        "DATABASE_URL": str(config["SQLALCHEMY_DATABASE_URI"]),
        "INSTANCE_PATH": str(config["INSTANCE"]),
        "KEYS": json.dumps(config["KEYS"]),
        "SECRET_KEY": str(config["SECRET_KEY"]),
    }
    return {**os.environ, **known, **more}
