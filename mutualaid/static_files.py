"""Static files are cached for a year, so their address changes with their content."""

import hashlib
from functools import cache
from pathlib import Path
from typing import Any

from flask import current_app, g, url_for


def versioned(endpoint: str, values: dict[str, Any]) -> None:
    if endpoint == "static" and "v" not in values:
        path = Path(str(current_app.static_folder)) / values["filename"]
        if path.is_file():
            values["v"] = digest(path, path.stat().st_mtime_ns)


@cache
def digest(path: Path, _changed: int) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:10]


def drawings() -> str:
    """The address of the file with all signs and pictures, of which a page shows hundreds."""
    if "drawings" not in g:
        g.drawings = url_for("static", filename="icons.svg")
    return str(g.drawings)
