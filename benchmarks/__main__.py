"""`make bench`: measures, row by row. `make bench ARGS="desk --posts 100000"`; `ARGS=--json` prints JSON."""

import argparse
import json
import os
import platform
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks import desk, plan, posting, suggestions

Rows = list[dict[str, Any]]


def main() -> None:
    asked = argparse.ArgumentParser(prog="make bench", description="How fast it is, on made data.")
    asked.add_argument("what", nargs="*", metavar="WHAT", help="which to measure; all, unless said")
    asked.add_argument("--posts", type=int, default=1_000_000, help="open posts of the made city")
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--json", action="store_true", help="print JSON instead of tables")
    asked.add_argument("--folder", type=Path, help="where a city was made before, or is kept")
    options = asked.parse_args()
    if unknown := set(options.what) - set(MEASURES):
        asked.error(f"There is {', '.join(MEASURES)}, but no {', '.join(sorted(unknown))}.")
    with tempfile.TemporaryDirectory(prefix="bench-") as made:
        folder = (options.folder or Path(made)).absolute()
        results = {name: MEASURES[name](folder, options) for name in options.what or MEASURES}
    results["machine"] = [machine()]
    print(json.dumps(results, indent=1) if options.json else "\n".join(tables(results)))


def of_desk(folder: Path, options: argparse.Namespace) -> Rows:
    return desk.measure(folder, posts=options.posts, seed=options.seed)


def of_posting(folder: Path, _options: argparse.Namespace) -> Rows:
    return posting.measure(folder / "posting")


def of_suggestions(folder: Path, options: argparse.Namespace) -> Rows:
    city = {"posts": options.posts, "seed": options.seed}
    return suggestions.measure(folder, **city) + suggestions.on_postgresql(folder, **city)


def of_plan(folder: Path, options: argparse.Namespace) -> Rows:
    return plan.measure(folder, seed=options.seed)


def of_scarce(folder: Path, options: argparse.Namespace) -> Rows:
    return plan.measure_scarce(folder, seed=options.seed)


MEASURES: dict[str, Callable[[Path, argparse.Namespace], Rows]] = {
    "suggestions": of_suggestions,
    "plan": of_plan,
    "scarce": of_scarce,
    "desk": of_desk,
    "posting": of_posting,
}


def machine() -> dict[str, Any]:
    cpu = [line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")]
    return {
        "cores": os.cpu_count(),
        "cpu": cpu[0].partition(": ")[2] if cpu else platform.machine(),
        "load": round(os.getloadavg()[0], 1),
        "python": platform.python_version(),
    }


def tables(results: dict[str, Rows]) -> list[str]:
    lines = []
    for name, rows in results.items():
        names = list(rows[0])
        texts = [names, *([str(row.get(key, "")) for key in names] for row in rows)]
        widths = [max(len(line[n]) for line in texts) for n in range(len(names))]
        lines += ["", name, *("  " + "  ".join(map(str.ljust, line, widths)).rstrip() for line in texts)]
    return lines


if __name__ == "__main__":
    main()
