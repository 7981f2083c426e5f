"""Near you: what a signed-in helper is shown, claims, passes over, and is not shown."""

from datetime import timedelta

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import func, select

from mutualaid.aid import lifecycle
from mutualaid.aid.lifecycle import Refused
from mutualaid.aid.lifecycle.table import NEW_CLAIMS_A_DAY, NEW_HELPER_LIMIT
from mutualaid.aid.models import Match, Post
from mutualaid.db import db
from mutualaid.events.models import Event
from mutualaid.notices.models import Notice
from mutualaid.people.contact import set_email
from tests.aid.desk_cast import words
from tests.aid.street import Street
from tests.factories import (
    NOW,
    actor_of,
    cell_near,
    make_category,
    make_member,
    make_need,
    make_offer,
    make_person,
)

NEAR = "/garrison/near"
SECOND = timedelta(seconds=1)


class Helper(Street):
    """Eve helps with an account, and is signed in; her offer is of rides, Amina's need of groceries."""

    def __init__(self, client):
        super().__init__()
        self.client = client
        self.eve = make_member(self.network, "helper", name="Eve")
        self.by_eve = actor_of(self.eve)
        self.rides = make_category(self.network, "rides", unit="rides")
        self.lift = make_offer(self.eve.person, self.rides, travel="come", cell=cell_near(self.network))
        client.sign_in(self.eve)

    def shown(self):
        """The needs of her page: those that fit, and the others."""
        page = BeautifulSoup(self.client.get(f"{NEAR}/").data, "html.parser")
        return [
            [words(row) for row in page.select(f"{rows} {name}")]
            for rows, name in ((".cards", "h3"), (".rows", "b"))
        ]

    def post(self, path, **fields):
        answer = self.client.post(f"{NEAR}/{path}", data=fields)
        db.session.expire_all()
        return answer

    def said_on_claiming(self, need):
        self.post(f"{need.id}/claim")
        with self.client.session_transaction() as session:
            return [text for _, text in session.pop("_flashes", [])]

    def need_of_a_ride(self, **said):
        return make_need(
            make_person(self.network, "Fay"),
            self.rides,
            travel="host",
            **{"cell": cell_near(self.network)} | said,
        )


@pytest.fixture
def helper(client):
    return Helper(client)


def test_what_fits_stands_first_and_the_other_open_needs_below(helper):
    helper.need_of_a_ride()
    assert helper.shown() == [["Rides"], ["Groceries, 3 boxes"]]


@pytest.mark.parametrize("why", ["sensitive", "intake", "paused", "own", "kept_apart", "promised"])
def test_what_is_not_for_a_helper_is_not_shown(helper, why):
    amina = helper.amina
    if why == "sensitive":
        helper.groceries.sensitive = True
    elif why == "intake":
        lifecycle.hold(helper.need, "call_back", NOW.date(), by=helper.by_bo, now=NOW)
    elif why == "paused":
        lifecycle.pause(helper.need, by=helper.by_amina, now=NOW)
    elif why == "own":
        lifecycle.withdraw(helper.need, by=helper.by_amina, now=NOW)
        make_need(helper.eve.person, helper.groceries)
    elif why == "kept_apart":
        lifecycle.never_match_person(amina, helper.eve.person, by=helper.by_amina, now=NOW)
    else:
        helper.proposed()
    assert helper.shown() == [[], []]


def test_needs_of_who_named_ones_email_are_not_shown(helper):
    lifecycle.never_match_contact(helper.amina, helper.eve.person.email_hash, by=helper.by_amina, now=NOW)
    assert helper.shown() == [[], []]


def reachable_in_every_way(helper):
    """Amina's phone and email; she needs a ride, too, which fits what Eve offers."""
    amina = helper.amina
    set_email(amina, "amina@example.org")
    make_need(amina, helper.rides, travel="host", cell=cell_near(helper.network))
    return {"phone": amina.phone_hash, "email": amina.email_hash}


@pytest.mark.parametrize("by", ["phone", "email"])
@pytest.mark.parametrize("whose", ["own", "of a code got with her phone"])
def test_list_is_no_search_for_who_is_here_by_phone_or_email(helper, by, whose):
    """What was there before a line stays; what comes after it is not shown."""
    hers, eve = reachable_in_every_way(helper), helper.eve.person
    before = helper.shown()
    if whose == "own":
        lifecycle.never_match_contact(eve, hers[by], by=helper.by_eve, now=NOW)
    else:
        contact = {"phone": "416 555 0142"} if by == "phone" else {"email": "amina@example.org"}
        posing = make_person(helper.network, "Amina", **contact)
        lifecycle.never_match_contact(posing, eve.email_hash, by=actor_of(posing), now=NOW)
    assert (before, helper.shown()) == ([["Rides"], ["Groceries, 3 boxes"]], before)
    for category in (helper.rides, helper.groceries):
        make_need(helper.amina, category, travel="host", cell=cell_near(helper.network), now=NOW + SECOND)
    assert helper.shown() == before


def test_line_about_somebody_met_hides_what_was_there_before(helper):
    reachable_in_every_way(helper)
    lifecycle.never_match_person(helper.eve.person, helper.amina, by=helper.by_eve, now=NOW)
    assert helper.shown() == [[], []]


def everything():
    tables = (Match, Post, Event, Notice)
    return [db.session.scalar(select(func.count()).select_from(table)) for table in tables]


@pytest.mark.parametrize("category", ["rides", "groceries"])
def test_claim_of_who_is_on_ones_list_is_refused_as_if_it_were_gone(helper, category):
    hers = reachable_in_every_way(helper)
    lifecycle.never_match_contact(helper.eve.person, hers["phone"], by=helper.by_eve, now=NOW)
    gone = make_need(make_person(helper.network, "Fay"), getattr(helper, category), travel="host")
    lifecycle.withdraw(gone, by=helper.by_bo, now=NOW)
    listed = db.session.scalars(
        select(Post).where(Post.person_id == helper.amina.id, Post.category_id == gone.category_id)
    ).one()
    before = everything()
    said = [helper.said_on_claiming(need) for need in (gone, listed)]
    assert (said, everything()) == (
        [["Somebody was quicker, or it has changed. Nothing was changed by you."]] * 2,
        before,
    )


@pytest.mark.parametrize(("agreed", "reason"), [(0, "claims_a_day"), (NEW_HELPER_LIMIT, "new_helper")])
def test_whoever_may_claim_no_more_hears_the_same_of_every_need(helper, agreed, reason):
    for n in range(agreed or NEW_CLAIMS_A_DAY):
        match = lifecycle.claim(helper.need_of_a_ride(), helper.eve.person, by=helper.by_eve, now=NOW)
        if n < agreed:
            lifecycle.consent(match, "need", by=helper.by_bo, now=NOW)
    lifecycle.never_match_contact(helper.eve.person, helper.amina.phone_hash, by=helper.by_eve, now=NOW)
    heard = []
    for need in (helper.need, helper.need_of_a_ride()):
        with pytest.raises(Refused) as refused:
            lifecycle.claim(need, helper.eve.person, by=helper.by_eve, now=NOW)
        heard.append(refused.value.reason)
    assert heard == [reason, reason]


def test_sensitive_need_that_would_fit_is_not_shown(helper):
    helper.rides.sensitive = True
    helper.need_of_a_ride()
    assert helper.shown() == [[], ["Groceries, 3 boxes"]]


def test_claim_holds_the_need_with_ones_own_offer(helper):
    ride = helper.need_of_a_ride()
    assert helper.post(f"{ride.id}/claim").location == f"{NEAR}/"
    match = db.session.scalars(select(Match)).one()
    assert (match.need_id, match.offer_id, match.offer_yes_at, match.need_yes_at) == (
        ride.id,
        helper.lift.id,
        NOW,
        None,
    )


@pytest.mark.parametrize("why", ["sensitive", "intake", "offer", "elsewhere"])
def test_what_is_not_for_a_helper_cannot_be_claimed(helper, why):
    post = helper.need
    if why == "sensitive":
        helper.groceries.sensitive = True
    elif why == "intake":
        lifecycle.hold(post, "call_back", NOW.date(), by=helper.by_bo, now=NOW)
    elif why == "offer":
        post = helper.offer
    assert helper.post(f"{1 if why == 'elsewhere' else post.id}/claim").status_code == 404
    assert db.session.scalars(select(Match)).all() == []


def test_not_for_me_is_not_shown_again(helper):
    ride = helper.need_of_a_ride()
    helper.post(f"{ride.id}/{helper.lift.id}/pass_over")
    assert helper.shown() == [[], ["Groceries, 3 boxes"]]


def test_pass_over_with_somebody_elses_offer_is_not_there(helper):
    assert helper.post(f"{helper.need.id}/{helper.offer.id}/pass_over").status_code == 404
    assert db.session.scalars(select(Match)).all() == []


def test_helper_who_was_declined_cannot_claim_again_with_another_offer(helper):
    match = lifecycle.claim(helper.need, helper.eve.person, by=helper.by_eve, now=NOW)
    lifecycle.decline(match, "need", by=helper.by_amina, now=NOW)
    assert helper.shown() == [[], []]
    helper.post(f"{helper.need.id}/claim")
    assert [row.state for row in db.session.scalars(select(Match))] == ["declined"]


@pytest.mark.parametrize("verb", ["release", "lapse"])
def test_claim_rests_for_seven_days_as_the_pair_does(helper, verb):
    match = lifecycle.claim(helper.need, helper.eve.person, by=helper.by_eve, now=NOW)
    end = NOW
    if verb == "release":
        lifecycle.consent(match, "need", by=helper.by_amina, now=NOW)
        lifecycle.release(match, "offer", by=helper.by_eve, now=NOW)
    else:
        end = NOW + timedelta(days=2)
        lifecycle.lapse(match, by=helper.by_bo, now=end)
    with pytest.raises(Refused) as refused:
        lifecycle.claim(
            helper.need, helper.eve.person, by=helper.by_eve, now=end + timedelta(days=7, seconds=-1)
        )
    assert refused.value.reason == "met_before"
    again = lifecycle.claim(helper.need, helper.eve.person, by=helper.by_eve, now=end + timedelta(days=7))
    assert again.state == "proposed"


def test_settings_keep_how_much_a_week_and_the_digest(helper):
    helper.post("settings", per_week="2", digest="y")
    assert (helper.eve.person.per_week, helper.eve.person.digest) == (2, True)
    helper.post("settings", per_week="", digest="")
    assert (helper.eve.person.per_week, helper.eve.person.digest) == (None, False)
    assert helper.post("settings", per_week="0").status_code == 200


def test_neighbour_without_an_account_is_asked_to_sign_in(client):
    street = Street()
    client.enter(street.amina)
    assert client.get(f"{NEAR}/").location == "/sign-in?next=/garrison/near/"
    assert client.post(f"{NEAR}/{street.need.id}/claim").location == "/sign-in"
