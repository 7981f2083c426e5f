"""An import that is stopped half way leaves nothing that does not belong together."""

import json
import subprocess
import sys
from errno import ENOSPC
from signal import SIGKILL

from sqlalchemy import event, select

from mutualaid.config import ROOT
from mutualaid.db import db
from mutualaid.networks.models import Network
from mutualaid.people.access import person_by_code
from mutualaid.sealed import new_keys
from tests.copies.moving.files import keep_keys
from tests.processes import settings_of

KILLED_AT_THE_COMMIT = """
import os, signal
from sqlalchemy import event
from mutualaid.db import db
from wsgi import app
event.listen(db.session, "before_commit", lambda _: os.kill(os.getpid(), signal.SIGKILL))
app.test_cli_runner().invoke(args={args})
"""


def test_key_goes_where_its_network_could_not_be_kept(house, made_by_hand, run, secret):
    """Like a disk that is full just then."""

    def full(_session):
        raise OSError(ENOSPC, "No space left on device")

    with house("there", new_keys()) as there:
        keys = keep_keys(there)
        own = {"1": "ab" * 32}
        keys.write_text(json.dumps(there.config["KEYS"] | {"networks": own}))
        before = keys.read_text()
        path = made_by_hand()
        db.session.commit()
        event.listen(db.session, "before_commit", full)
        try:
            result = there.test_cli_runner().invoke(
                args=["network", "import", str(path), "--passphrase-file", str(secret)]
            )
        finally:
            event.remove(db.session, "before_commit", full)
        assert (result.exit_code, "No space left" in result.output) == (1, True), result.output
        assert (keys.read_text(), db.session.scalars(select(Network)).all()) == (before, [])


def test_import_killed_before_its_rows_stand_leaves_keys_that_can_be_read_and_is_run_again(
    house, left, made_by_hand, run, secret
):
    with house("there", new_keys()) as there:
        keys, path = keep_keys(there), made_by_hand()
        code = KILLED_AT_THE_COMMIT.format(
            args=["network", "import", str(path), "--passphrase-file", str(secret)]
        )
        settings = settings_of(there)
        del settings["KEYS"]
        done = subprocess.run(
            [sys.executable, "-c", code], check=False, cwd=ROOT, env=settings, stdout=subprocess.DEVNULL
        )
        assert (done.returncode, db.session.scalars(select(Network)).all()) == (-SIGKILL, [])
        kept = json.loads(keys.read_text())
        assert (len(kept.pop("networks")), kept) == (1, there.config["KEYS"])
        result = run(there, "network", "import", path, "--passphrase-file", secret)
        assert result.exit_code == 0, result.output
        network = db.session.scalars(select(Network)).one()
        assert person_by_code(network.id, left.code).name == "Amina"
