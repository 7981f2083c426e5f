"""A network and a file that is brought into it: what the tests of `posts import` start from."""

import csv
import json
from pathlib import Path
from typing import Any

from sqlalchemy import select

from mutualaid.aid.categories import add_default_categories
from mutualaid.aid.models import Post
from mutualaid.db import db
from tests.factories import PARKDALE, make_network

HEADER = "no,when,what,lat,lon"
HERE = f"{PARKDALE[0]},{PARKDALE[1]}"
BOUNDS = "south = 43.5\nwest = -79.7\nnorth = 43.9\neast = -79.1"
MAPPING = f"""
source = "hotline"
date_format = "%Y-%m-%d %H:%M"
timezone = "America/Toronto"
separator = ";"
[bounds]
{BOUNDS}
[columns]
id = "no"
date = "when"
category = "what"
latitude = "lat"
longitude = "lon"
# more columns
[[patterns]]
match = "police"
left_out = "not between neighbours"
[[patterns]]
match = "food|hungry"
kind = "need"
category = "groceries"
urgency = 1
reach_km = 3
[[patterns]]
match = "^ride$"
kind = "need"
category = "rides"
quantity = 2
[[patterns]]
match = "^driver$"
kind = "offer"
category = "rides"
quantity = 4
travel = "come"
reach_km = 10
"""
NOTHING = {"read": 0, "posts": 0, "needs": 0, "offers": 0, "rejected": 0, "unchanged": 0}


class Hotline:
    """A network, and a file that is brought into it."""

    def __init__(self, app, folder: Path) -> None:
        self.network = make_network()
        add_default_categories(self.network)
        db.session.commit()
        self.slug = self.network.slug
        self.runner = app.test_cli_runner()
        self.file, self.mapping = folder / "reports.csv", folder / "map.toml"
        self.rejects = folder / "reports.rejected.csv"
        self.mapping.write_text(MAPPING)

    def invoke(self, *more: str) -> Any:
        arguments = ["posts", "import", self.slug, str(self.file), "--mapping", str(self.mapping)]
        return self.runner.invoke(args=[*arguments, *more])

    def write(self, *rows: str, header: str = HEADER) -> None:
        self.file.write_text("\n".join([header, *rows]) + "\n")

    def bring(self, *rows: str, header: str = HEADER) -> dict[str, int]:
        """The counts of a run, without the zeros."""
        self.write(*rows, header=header)
        return self.again()

    def again(self) -> dict[str, int]:
        result = self.invoke("--json")
        assert (result.exit_code, result.stderr) == (0, "")
        counts = json.loads(result.stdout)
        assert list(counts) == list(NOTHING)
        return {name: count for name, count in counts.items() if count}

    def refuse(self) -> str:
        """What is said when nothing can be taken in."""
        result = self.invoke("--json")
        assert (result.exit_code, result.stdout) == (1, "")
        assert self.posts() == []
        assert not self.rejects.exists()
        return str(result.stderr).removeprefix("Error: ").strip()

    def reasons(self) -> list[str]:
        with self.rejects.open(newline="", encoding="utf-8") as file:
            return [row["reason"] for row in csv.DictReader(file)]

    def posts(self) -> list[Post]:
        return list(db.session.scalars(select(Post).order_by(Post.source_row, Post.id)))
