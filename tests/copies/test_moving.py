"""A network leaves with all that it has built, and goes on elsewhere."""

import gzip
import json
import tracemalloc

import pyrage
import pytest
from flask import current_app
from sqlalchemy import select

from mutualaid import create_app
from mutualaid.aid.lifecycle import never_match_contact
from mutualaid.aid.models import PostDetails
from mutualaid.copies import lines as lines_of_copies
from mutualaid.db import db
from mutualaid.events.models import Event
from mutualaid.networks.models import Membership, Network
from mutualaid.people import accounts
from mutualaid.people.access import new_code, new_link, person_by_code, person_by_link
from mutualaid.people.blocks import entries_about, who
from mutualaid.people.contact import phone_hash
from mutualaid.people.models import Person
from mutualaid.sealed import new_keys
from tests.factories import NOW, actor_of, make_category, make_member, make_need, make_network, make_person

SECRET = "four words stand here"


@pytest.fixture
def secret(tmp_path):
    path = tmp_path / "passphrase"
    path.write_text(SECRET + "\n")
    return path


@pytest.fixture
def left(here, run, tmp_path, secret):
    """A network that has written itself to a file; Amina's code and link; whom she fears."""
    network = make_network()
    amina = make_person(network, "Amina", email="amina@example.org", phone="+14165550142")
    make_need(amina, make_category(network), details="Third floor.")
    make_member(network, "steward", name="Bo", email="bo@example.org")
    make_person(make_network("other"), "Somebody else’s")
    feared = phone_hash(network.id, "+14165550199")
    never_match_contact(amina, feared, by=actor_of(amina), now=NOW)
    code, link = new_code(amina), new_link(amina, NOW)
    path = tmp_path / "garrison.network"
    result = run(here, "network", "export", "garrison", path, "--passphrase-file", secret)
    assert result.exit_code == 0, result.output
    return path, code, link


@pytest.fixture
def arrived(house, left, run, secret):
    """The same network in another installation, with other keys."""
    with house("there", keys=new_keys()) as there:
        (there.config["INSTANCE"] / "keys.json").write_text(json.dumps(there.config["KEYS"]))
        result = run(there, "network", "import", left[0], "--passphrase-file", secret)
        assert result.exit_code == 0, result.output
        yield db.session.scalars(select(Network)).one()


def test_file_shows_nothing_without_the_passphrase(left):
    data = left[0].read_bytes()
    assert data.startswith(b"age-encryption.org/v1")
    for personal in (b"Amina", b"amina@example", b"4165550142", b"Third floor", b"garrison"):
        assert personal not in data
    assert left[0].stat().st_mode & 0o777 == 0o600


def test_people_and_their_words_are_there(arrived):
    people = {person.name: person for person in db.session.scalars(select(Person))}
    assert sorted(people) == ["Amina", "Bo"]
    assert (people["Amina"].phone, people["Amina"].email) == ("+14165550142", "amina@example.org")
    assert [details.text for details in db.session.scalars(select(PostDetails)) if details.text] == [
        "Third floor."
    ]


def test_codes_and_links_go_on_working(arrived, left):
    _, code, link = left
    assert person_by_code(arrived.id, code).name == "Amina"
    assert person_by_link(arrived.id, link, NOW).name == "Amina"


def test_whom_somebody_is_never_to_be_matched_with_holds_there_too(arrived):
    """Of a phone that nobody gave only its hash is known."""
    amina = next(person for person in db.session.scalars(select(Person)) if person.name == "Amina")
    feared = make_person(arrived, "Mallory", phone="+14165550199")
    assert any(e.keeps_apart(who(amina), who(feared)) for e in entries_about(arrived.id, [who(amina)]))


def test_members_have_their_role_and_no_password_yet(arrived):
    member = db.session.scalars(select(Membership)).one()
    assert (member.role, member.account.email, member.account.password_hash) == (
        "steward",
        "bo@example.org",
        None,
    )
    assert accounts.find("bo@example.org").id == member.account_id


def test_both_histories_say_that_it_moved(arrived):
    verbs = [event.verb for event in db.session.scalars(select(Event).order_by(Event.id))]
    assert verbs[-2:] == ["export", "import"]


def test_second_import_changes_nothing(arrived, left, run, secret, request):
    app = current_app._get_current_object()
    for more, why in (
        ((), "This network is here already."),
        (("--slug", "new"), "This network is here already."),
    ):
        result = run(app, "network", "import", left[0], "--passphrase-file", secret, *more)
        assert (result.exit_code, why in result.output) == (1, True), result.output
    assert len(list(db.session.scalars(select(Network)))) == 1


def test_network_comes_into_an_installation_that_has_no_tables_yet(left, run, secret, new_database, tmp_path):
    (tmp_path / "new").mkdir()
    there = create_app(
        {
            "INSTANCE": tmp_path / "new",
            "KEYS": new_keys(),
            "SECRET_KEY": "only for tests",
            "SQLALCHEMY_DATABASE_URI": new_database(),
        }
    )
    (tmp_path / "new" / "keys.json").write_text(json.dumps(there.config["KEYS"]))
    with there.app_context():
        result = run(there, "network", "import", left[0], "--passphrase-file", secret)
        assert (result.exit_code, db.session.scalars(select(Network.slug)).all()) == (0, ["garrison"])
        db.session.remove()
        db.engine.dispose()


def made_by_hand(path, change):
    """The same file with other lines in it, sealed again under the passphrase."""
    plain = gzip.decompress(pyrage.passphrase.decrypt(path.read_bytes(), SECRET)).decode()
    lines = [json.loads(line) for line in plain.splitlines()]
    change(lines)
    text = "".join(json.dumps(line) + "\n" for line in lines)
    path.write_bytes(pyrage.passphrase.encrypt(gzip.compress(text.encode()), SECRET))


@pytest.mark.once
@pytest.mark.parametrize("begins", ["", "first line"])
def test_file_with_an_endless_line_changes_nothing_and_is_not_taken_into_memory(
    house, left, run, secret, monkeypatch, begins
):
    """A gigabyte of it packs into a megabyte; here it is smaller, and so is what a line may be."""
    monkeypatch.setattr(lines_of_copies, "LONGEST", 1 << 20)
    plain = gzip.decompress(pyrage.passphrase.decrypt(left[0].read_bytes(), SECRET))
    first = plain.partition(b"\n")[0] + b"\n" if begins else b""
    left[0].write_bytes(
        pyrage.passphrase.encrypt(gzip.compress(first + b'["' + b"x" * 20_000_000, 1), SECRET)
    )
    with house("there", keys=new_keys()) as there:
        keys = there.config["INSTANCE"] / "keys.json"
        keys.write_text(json.dumps(there.config["KEYS"]))
        before = keys.read_text()
        tracemalloc.start()
        result = run(there, "network", "import", left[0], "--passphrase-file", secret)
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert (result.exit_code, "longer than any that we write" in result.output) == (1, True), (
            result.output
        )
        assert (keys.read_text(), db.session.scalars(select(Network)).all()) == (before, [])
        assert most < 8 << 20


def another_network(lines):
    table = next(
        n for n, line in enumerate(lines) if isinstance(line, dict) and line.get("table") == "person"
    )
    place = lines[table]["columns"].index("network_id")
    lines[table + 1][place] += 1


def sign_in_of_somebody(lines):
    next(line for line in lines if isinstance(line, dict) and line.get("table") == "person")["table"] = (
        "passkey"
    )
    lines[-1]["end"]["passkey"] = lines[-1]["end"].pop("person")


def no_key(lines):
    lines[0]["hashing"] = "00"


@pytest.mark.parametrize("change", [another_network, sign_in_of_somebody, no_key])
def test_file_that_holds_what_no_network_is_made_of_changes_nothing(house, left, run, secret, change):
    made_by_hand(left[0], change)
    with house("there", keys=new_keys()) as there:
        keys = there.config["INSTANCE"] / "keys.json"
        keys.write_text(json.dumps(there.config["KEYS"]))
        result = run(there, "network", "import", left[0], "--passphrase-file", secret)
        assert (result.exit_code, "what no network is made of" in result.output) == (1, True), result.output
        db.session.rollback()
        assert db.session.scalars(select(Network)).all() == db.session.scalars(select(Person)).all() == []


def test_file_of_a_network_that_is_here_leaves_its_key_alone(here, left, run, secret):
    made_by_hand(left[0], lambda lines: lines[0].update(hashing="0" * 64))
    keys = here.config["INSTANCE"] / "keys.json"
    keys.write_text(json.dumps(here.config["KEYS"]))
    before = keys.read_text()
    result = run(here, "network", "import", left[0], "--passphrase-file", secret)
    assert ("This network is here already." in result.output, keys.read_text()) == (True, before)


def test_wrong_passphrase_opens_nothing(house, left, run, tmp_path):
    (tmp_path / "wrong").write_text("four other words here")
    with house("there") as there:
        result = run(there, "network", "import", left[0], "--passphrase-file", tmp_path / "wrong")
        assert "does not open with this passphrase" in result.output
        assert list(db.session.scalars(select(Network))) == []


def test_address_that_is_taken_can_be_another(house, left, run, secret):
    with house("there", keys=new_keys()) as there:
        (there.config["INSTANCE"] / "keys.json").write_text(json.dumps(there.config["KEYS"]))
        make_network()
        db.session.commit()
        assert (
            "Choose another" in run(there, "network", "import", left[0], "--passphrase-file", secret).output
        )
        run(there, "network", "import", left[0], "--passphrase-file", secret, "--slug", "creek")
        assert sorted(db.session.scalars(select(Network.slug))) == ["creek", "garrison"]


def test_short_passphrase_is_refused(here, run, tmp_path):
    make_network()
    (tmp_path / "short").write_text("four words")
    result = run(
        here, "network", "export", "garrison", tmp_path / "x", "--passphrase-file", tmp_path / "short"
    )
    assert "too short" in result.output
    assert not (tmp_path / "x").exists()
