"""Making a network; giving, renewing and ending mandates."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from mutualaid.aid import lifecycle
from mutualaid.db import db
from mutualaid.events.models import Event
from mutualaid.networks import verbs
from mutualaid.networks.models import Membership, Network
from mutualaid.networks.verbs import NotPossible
from mutualaid.people import accounts
from mutualaid.people.models import Account, Person
from tests.factories import NOW, actor_of, make_account, make_area, make_member, make_network

SECOND = timedelta(seconds=1)


SETTINGS = {"name": "Parkdale", "languages": ["en"], "timezone": "UTC", "resolution": 8}


def create(slug="parkdale", name="Parkdale", **more):
    return verbs.create_network(slug, name, now=NOW, **more)


@pytest.mark.parametrize("slug", ["ab", "garrison-creek", "4th-ward", "demo", "a" * 40])
def test_network_is_made_at_a_plain_address(app, slug):
    made = create(slug, "  Parkdale \n neighbours ", languages=["en", "pt-BR"], timezone="America/Toronto")
    assert db.session.scalars(select(Network)).one() is made
    assert (made.slug, made.name, made.languages) == (slug, "Parkdale neighbours", ["en", "pt_BR"])
    assert (made.timezone, made.resolution, made.public) == ("America/Toronto", 8, True)


@pytest.mark.parametrize(
    "slug", ["", "a", "a" * 41, "-ab", "ab-", "Parkdale", "park dale", "parkdále", "a/b", "ab\n", "..", "١٢"]
)
def test_network_address_must_be_plain(app, slug):
    with pytest.raises(NotPossible, match="cannot be an address"):
        create(slug)


def test_network_takes_no_address_of_the_program(app):
    firsts = {rule.rule.split("/")[1] for rule in app.url_map.iter_rules()}
    own = {first for first in firsts if verbs.SLUG.fullmatch(first)}
    assert own <= set(verbs.RESERVED)
    for slug in verbs.RESERVED:
        with pytest.raises(NotPossible, match="address of the program"):
            create(slug)


def test_network_address_is_taken_once(app):
    create("parkdale")
    with pytest.raises(NotPossible, match="There is a network at /parkdale/ already"):
        create("parkdale")


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"name": " "}, "needs a name"),
        ({"name": "a" * 81}, "needs a name"),
        ({"name": "a\x00b"}, "needs a name"),
        ({"languages": ["en", "klingonish"]}, "“klingonish” is not a language code"),
        ({"languages": [""]}, "“” is not a language code"),
        ({"languages": []}, "at least one language"),
        ({"timezone": "Toronto"}, "“Toronto” is not a time zone"),
        ({"timezone": ""}, "“” is not a time zone"),
        ({"timezone": "../etc/passwd"}, "is not a time zone"),
        ({"resolution": 10}, "The resolution is 7"),
    ],
)
def test_network_needs_what_makes_sense(app, wrong, why):
    with pytest.raises(NotPossible, match=why):
        create(**wrong)
    assert db.session.scalars(select(Network)).all() == []


@pytest.mark.once
@pytest.mark.parametrize(("name", "most"), [*verbs.LETTERS.items()])
def test_settings_are_no_longer_than_their_columns(name, most):
    assert Network.__table__.columns[name].type.length == most
    assert verbs.checked_settings(SETTINGS | {name: "a" * most})[name] == "a" * most
    with pytest.raises(NotPossible, match=f"at most {most} letters"):
        verbs.checked_settings(SETTINGS | {name: "a" * (most + 1)})


@pytest.mark.once
@pytest.mark.parametrize(("name", "ends"), [*verbs.NUMBERS.items()])
def test_settings_stay_between_their_ends(name, ends):
    least, most = ends
    for number in ends:
        assert verbs.checked_settings(SETTINGS | {name: number})[name] == number
    for number in (least - 1, most + 1):
        with pytest.raises(NotPossible, match=f"from {least} to {most}"):
            verbs.checked_settings(SETTINGS | {name: number})


def test_new_member_gets_an_account_a_person_and_a_link(app):
    network = make_network()
    member, token = verbs.add_member(network, "Bo@example.org", "helper", now=NOW)
    account, person = db.session.scalars(select(Account)).one(), db.session.scalars(select(Person)).one()
    assert (account.email, account.password_hash) == ("bo@example.org", None)
    assert (person.email, person.reach, person.language) == ("bo@example.org", "email", "en")
    assert (member.account_id, member.person_id, member.role) == (account.id, person.id, "helper")
    row, _ = accounts.find_token(token, "invitation", NOW)
    assert (row.account_id, row.network_id) == (account.id, network.id)


def test_mandate_begins_when_they_join_and_ends_by_itself(app):
    member, _ = verbs.add_member(make_network(), "bo@example.org", "coordinator", now=NOW, months=3)
    assert member.ends_at == datetime(2027, 2, 23, 15, 0, tzinfo=UTC)
    assert member.stands(NOW) is False
    verbs.join(member, "Bo", now=NOW)
    assert member.stands(NOW) is True
    assert member.stands(member.ends_at - SECOND) is True
    assert member.stands(member.ends_at) is False


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        ((2026, 8, 31), 1, (2026, 9, 30)),
        ((2027, 8, 31), 6, (2028, 2, 29)),
        ((2026, 12, 1), 12, (2027, 12, 1)),
    ],
)
def test_months_later(day, months, later):
    assert verbs.months_later(datetime(*day, tzinfo=UTC), months) == datetime(*later, tzinfo=UTC)


def test_whoever_is_a_member_already_gets_another_role_and_no_link(app):
    network = make_network()
    bo = make_member(network, "helper", days=1)
    member, token = verbs.add_member(network, "bo@example.org", "steward", now=NOW + timedelta(days=9))
    assert (member.id, token) == (bo.id, None)
    assert member.role == "steward"
    assert member.stands(NOW + timedelta(days=9)) is True
    assert len(db.session.scalars(select(Membership)).all()) == 1


def test_whoever_has_an_account_elsewhere_keeps_it(app):
    account = make_account("chris@example.org")
    member, token = verbs.add_member(make_network(), "chris@example.org", "helper", now=NOW)
    assert member.account_id == account.id
    assert token is not None
    assert len(db.session.scalars(select(Account)).all()) == 1


def test_areas_are_for_coordinators(app):
    network = make_network()
    area = make_area(network)
    bo, _ = verbs.add_member(network, "bo@example.org", "coordinator", area_ids=[area.id], now=NOW)
    dee, _ = verbs.add_member(network, "dee@example.org", "helper", area_ids=[area.id], now=NOW)
    assert (bo.area_ids, dee.area_ids) == ([area.id], [])


@pytest.mark.parametrize(
    ("email", "role", "why"),
    [
        ("bo at example", "helper", "“bo at example” is not an email"),
        ("bo@example.org", "boss", "“boss” is not a role. The roles are helper, coordinator and steward."),
    ],
)
def test_member_needs_what_makes_sense(app, email, role, why):
    with pytest.raises(NotPossible) as refused:
        verbs.add_member(make_network(), email, role, now=NOW)
    assert why in str(refused.value)


def test_recalled_mandate_stands_no_more_until_it_is_given_again(app):
    network = make_network()
    bo = make_member(network, "coordinator")
    verbs.recall_member(bo, now=NOW)
    assert bo.stands(NOW) is False
    verbs.add_member(network, "bo@example.org", "helper", now=NOW)
    assert bo.stands(NOW) is True


def test_last_steward_is_recalled_only_at_the_command_line(app):
    network = make_network()
    first, second = (
        make_member(network, "steward"),
        make_member(network, "steward", name="Inês", email="i@example.org"),
    )
    verbs.recall_member(second, now=NOW, by=actor_of(first))
    with pytest.raises(NotPossible, match="The last steward stays"):
        verbs.recall_member(first, now=NOW, by=actor_of(first))
    assert first.stands(NOW) is True
    verbs.recall_member(first, now=NOW)
    assert first.stands(NOW) is False


def test_steward_who_has_not_joined_is_no_second_one(app):
    network = make_network()
    bo = make_member(network, "steward")
    verbs.add_member(network, "dee@example.org", "steward", now=NOW)
    with pytest.raises(NotPossible, match="The last steward stays"):
        verbs.recall_member(bo, now=NOW, by=actor_of(bo))


def test_invitation_of_a_steward_can_be_taken_back_by_the_only_one(app):
    network = make_network()
    bo = make_member(network, "steward")
    dee, _ = verbs.add_member(network, "dee@example.org", "steward", now=NOW)
    verbs.recall_member(dee, now=NOW, by=actor_of(bo))
    assert (dee.recalled_at, bo.stands(NOW)) == (NOW, True)


def test_who_erased_themselves_leads_no_more(app):
    network = make_network()
    bo, ines = (
        make_member(network, "steward"),
        make_member(network, "steward", name="Inês", email="i@example.org"),
    )
    lifecycle.erase(ines.person, by=actor_of(ines), now=NOW)
    assert list(db.session.scalars(select(Membership))) == [bo]
    with pytest.raises(NotPossible, match="The last steward stays"):
        verbs.recall_member(bo, now=NOW, by=actor_of(bo))


def test_who_erased_themselves_comes_back_as_somebody_new(app):
    network = make_network()
    dee = make_member(network, "helper", name="Dee", email="dee@example.org")
    erased = dee.person
    lifecycle.erase(erased, by=actor_of(dee), now=NOW)
    again, token = verbs.add_member(network, "dee@example.org", "helper", now=NOW)
    assert accounts.find_token(token, "invitation", NOW)[1].id == again.account_id
    assert (again.joined_at, again.person_id == erased.id) == (None, False)
    verbs.join(again, "Dee", now=NOW)
    db.session.flush()
    db.session.expire_all()
    assert (again.person.name, again.person.email, erased.name) == ("Dee", "dee@example.org", "")
    assert again.stands(NOW) is True


def test_every_change_of_a_mandate_is_written_down(app):
    network = make_network()
    bo = make_member(network, "steward")
    dee, _ = verbs.add_member(network, "dee@example.org", "helper", now=NOW, by=actor_of(bo))
    verbs.join(dee, "Dee", now=NOW)
    verbs.recall_member(dee, now=NOW)
    lines = db.session.scalars(select(Event).order_by(Event.id)).all()
    assert [(e.verb, e.actor_id, e.actor_role, e.person_id, e.reason) for e in lines] == [
        ("mandate", bo.person_id, "steward", dee.person_id, "helper"),
        ("join", dee.person_id, "helper", dee.person_id, "helper"),
        ("recall", None, "worker", dee.person_id, "helper"),
    ]
