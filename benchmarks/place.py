"""Where benchmarks keep their data: an app of their own in a folder, never the one that people use."""

import json
import secrets
from pathlib import Path

from flask import Flask
from sqlalchemy import inspect

from mutualaid import create_app
from mutualaid.db import db
from mutualaid.sealed import new_keys


def app_in(folder: Path, *, url: str = "") -> Flask:
    """An app on `url` (SQLite in the folder unless said), with keys that stay in the folder; its tables are made."""
    folder.mkdir(parents=True, exist_ok=True)
    keys, secret = folder / "keys.json", folder / "secret_key"
    if not keys.exists():
        keys.write_text(json.dumps(new_keys()))
        secret.write_text(secrets.token_hex(32))
    made = create_app(
        {
            "INSTANCE": folder,
            "KEYS": json.loads(keys.read_text()),
            "SECRET_KEY": secret.read_text(),
            "SQLALCHEMY_DATABASE_URI": url or f"sqlite:///{folder / 'mutualaid.sqlite'}",
        }
    )
    with made.app_context():
        if not inspect(db.engine).has_table("post"):
            db.create_all()
    return made
