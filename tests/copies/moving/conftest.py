"""A network that has left with its file, and one that has come in elsewhere."""

import gzip
import json
from copy import deepcopy

import pyrage
import pytest
import time_machine
from sqlalchemy import select

from mutualaid.aid.lifecycle import never_match_contact
from mutualaid.db import db
from mutualaid.networks.models import Network
from mutualaid.people.access import new_code, new_link
from mutualaid.people.contact import phone_hash
from mutualaid.sealed import new_keys
from tests.copies import age
from tests.copies.moving.files import SECRET, Left, keep_keys
from tests.factories import NOW, actor_of, make_category, make_member, make_need, make_network, make_person


@pytest.fixture(scope="package")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("moving")


@pytest.fixture(scope="package")
def secret(folder):
    path = folder / "passphrase"
    path.write_text(SECRET + "\n")
    return path


@pytest.fixture(scope="package")
def left(houses, run, folder, secret):
    """By the command: whoever opens the file waits as long as age lets them wait."""
    with time_machine.travel(NOW, tick=False), houses(folder) as house, house("here") as here:
        network = make_network()
        amina = make_person(network, "Amina", email="amina@example.org", phone="+14165550142")
        make_need(amina, make_category(network), details="Third floor.")
        make_member(network, "steward", name="Bo", email="bo@example.org")
        make_member(make_network("other"), name="Chris")
        feared = phone_hash(network.id, "+14165550199")
        never_match_contact(amina, feared, by=actor_of(amina), now=NOW)
        code, link = new_code(amina), new_link(amina, NOW)
        path = folder / "garrison.network"
        result = run(here, "network", "export", "garrison", path, "--passphrase-file", secret)
        assert result.exit_code == 0, result.output
        database = here.config["SQLALCHEMY_DATABASE_URI"]
    return Left(path, code, link, database)


@pytest.fixture(scope="package")
def came(houses, left, run, folder, secret):
    """The keys and the database of another installation, with other keys, when that file has come in."""
    with time_machine.travel(NOW, tick=False), houses(folder) as house, house("there", new_keys()) as there:
        keys = keep_keys(there)
        result = run(there, "network", "import", left.path, "--passphrase-file", secret)
        assert result.exit_code == 0, result.output
        database = there.config["SQLALCHEMY_DATABASE_URI"]
    return json.loads(keys.read_text()), database


@pytest.fixture
def arrived(house, came):
    """The same network there."""
    keys, database = came
    with house("there", keys, like=database):
        yield db.session.scalars(select(Network)).one()


@pytest.fixture(scope="package")
def lines(left):
    """What the file says."""
    plain = gzip.decompress(pyrage.passphrase.decrypt(left.path.read_bytes(), SECRET)).decode()
    return [json.loads(line) for line in plain.splitlines()]


@pytest.fixture
def made_by_hand(lines, tmp_path):
    """A file with the same lines or others, under the same passphrase, that nobody waits for."""

    def made(change=lambda lines: None):
        changed = deepcopy(lines)
        change(changed)
        path = tmp_path / "by-hand.network"
        text = "".join(json.dumps(line) + "\n" for line in changed)
        path.write_bytes(age.sealed(gzip.compress(text.encode()), SECRET))
        return path

    return made
