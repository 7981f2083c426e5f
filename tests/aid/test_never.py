"""Whom never to match: it holds for whoever comes back, ends what goes on, and cannot be noticed."""

import pytest

from mutualaid.aid import lifecycle
from mutualaid.aid.matching.candidates import facts_of_pair
from mutualaid.aid.matching.rules import first_failing
from mutualaid.aid.queries import open_needs_for
from mutualaid.db import db
from mutualaid.networks.models import Network
from mutualaid.people.blocks import entries_about, who
from mutualaid.people.contact import email_hash, phone_hash
from tests.factories import (
    NOW,
    actor_of,
    make_category,
    make_match,
    make_member,
    make_need,
    make_network,
    make_offer,
    make_person,
)

MINE, THEIRS = "416 555 0101", "416 555 0199"
THEIRS_E164 = "+14165550199"


def kept_apart(a, b):
    return any(entry.keeps_apart(who(a), who(b)) for entry in entries_about(a.network_id, [who(a)]))


def shown_to(helper):
    network = db.session.get_one(Network, helper.network_id)
    return open_needs_for(network, helper, entries_about(network.id, [who(helper)]), now=NOW)


class Cast:
    """Amina asks, Mo offers; Amina never wants to meet Mo."""

    def __init__(self):
        self.network = make_network()
        self.groceries = make_category(self.network)
        self.amina = make_person(self.network, "Amina", phone=MINE)
        self.mo = make_person(self.network, "Mo", phone=THEIRS)
        self.need = self.need_of(self.amina)
        self.offer = make_offer(self.mo, self.groceries)

    def need_of(self, person):
        return make_need(person, self.groceries, travel="either")

    def propose(self):
        bo = actor_of(make_person(self.network, "Bo"), "coordinator")
        return make_match(self.need, self.offer, by=bo)

    def never(self):
        lifecycle.never_match_person(self.amina, self.mo, by=actor_of(self.amina), now=NOW)

    def failing(self, need, offer):
        miss = first_failing(facts_of_pair(self.network, need, offer, now=NOW))
        return miss and miss.rule


@pytest.fixture
def cast(app):
    return Cast()


def test_who_comes_back_as_somebody_new_is_still_never_matched(cast):
    cast.never()
    again = make_person(cast.network, "Somebody", phone=THEIRS)
    assert cast.failing(cast.need, make_offer(again, cast.groceries)) == "blocked"
    assert kept_apart(cast.amina, again)


def test_who_erased_themselves_and_comes_back_is_still_never_matched(cast):
    cast.never()
    lifecycle.erase(cast.mo, by=actor_of(cast.mo), now=NOW)
    again = make_person(cast.network, "Somebody", phone=THEIRS)
    assert cast.failing(cast.need, make_offer(again, cast.groceries)) == "blocked"


def test_list_of_who_asks_again_without_their_code_counts(cast):
    cast.never()
    again = make_person(cast.network, "Amina", phone=MINE)
    assert cast.failing(cast.need_of(again), cast.offer) == "blocked"
    assert kept_apart(cast.mo, again)


def test_people_without_any_contact_do_not_share_a_list(cast):
    one, other = make_person(cast.network, "Eve"), make_person(cast.network, "Fay")
    lifecycle.never_match_person(one, cast.mo, by=actor_of(one), now=NOW)
    assert cast.failing(cast.need_of(other), cast.offer) is None
    assert not kept_apart(other, cast.mo)


@pytest.mark.parametrize("agreed", [False, True])
def test_what_goes_on_with_a_phone_that_is_named_ends(cast, agreed):
    match = cast.propose()
    if agreed:
        lifecycle.consent(match, "need", by=actor_of(cast.amina), now=NOW)
        lifecycle.consent(match, "offer", by=actor_of(cast.mo), now=NOW)
    digest = phone_hash(cast.network.id, THEIRS_E164)
    lifecycle.never_match_contact(cast.amina, digest, by=actor_of(cast.amina), now=NOW)
    assert match.state == ("released" if agreed else "retracted")


def test_helper_is_not_shown_needs_of_who_named_their_email(client, cast):
    mo = make_member(cast.network, "helper", name="Mo", email="mo@example.org")
    assert shown_to(mo.person) == [cast.need]
    digest = email_hash(cast.network.id, "mo@example.org")
    lifecycle.never_match_contact(cast.amina, digest, by=actor_of(cast.amina), now=NOW)
    assert shown_to(mo.person) == []
    assert "Groceries" not in client.sign_in(mo).get("/garrison/near/").text
