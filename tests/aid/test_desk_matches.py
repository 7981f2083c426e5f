"""Every verb of a match from the desk, once through the client; also for whoever is on the phone."""

import pytest
from bs4 import BeautifulSoup

from mutualaid.aid import lifecycle
from mutualaid.aid.models import Match, MatchDetails
from mutualaid.db import db
from mutualaid.events.models import EventNote
from mutualaid.people.contact import set_email
from tests.aid.desk_cast import Desk, last_event, only_match, state_of, verbs, words
from tests.aid.street import HOUR
from tests.factories import (
    NOW,
    actor_of,
    make_area,
    make_category,
    make_match,
    make_member,
    make_need,
    make_network,
    make_offer,
    make_person,
)


@pytest.fixture
def desk(client):
    return Desk(client)


def buttons(page):
    """What can be done about the matches of an opened post."""
    return [words(act) for act in page.select(".between .btn")]


def test_propose_from_the_need_asks_both(desk):
    said = desk.told(desk.post(f"/{desk.need.id}/propose/{desk.offer.id}"))
    match = only_match()
    assert said == "You proposed Dee. Please call Amina."
    assert (match.state, match.promised, match.proposed_by_id) == ("proposed", 3, desk.bo.person_id)


def test_propose_says_whom_to_call_and_asks_by_itself_whoever_is_written_to(desk):
    desk.amina.reach, desk.dee.answered_for = "none", True
    set_email(desk.dee, "")
    desk.dee.reach = "none"
    more = [make_offer(make_person(desk.network, "Eli", email="eli@example.org"), desk.groceries)]
    asked = desk.post(f"/{desk.need.id}/propose/{desk.offer.id}", quantity="1")
    assert desk.told(asked) == "You proposed Dee. Please call Dee."
    asked = desk.post(f"/{desk.need.id}/propose/{more[0].id}", quantity="1")
    assert desk.told(asked) == "You proposed Eli. Whoever has not said yes is asked now."
    desk.amina.answered_for = True
    more += [make_offer(make_person(desk.network, "Fay", phone="416 555 0188"), desk.groceries)]
    asked = desk.post(f"/{desk.need.id}/propose/{more[1].id}", quantity="1")
    assert desk.told(asked) == "You proposed Fay. Please call Amina and Fay."


def test_propose_from_the_offer_comes_back_to_it(desk):
    answer = desk.post(f"/{desk.offer.id}/propose/{desk.need.id}", quantity="2")
    assert answer.location == f"/garrison/desk/{desk.offer.id}"
    assert only_match().promised == 2


def test_propose_more_than_is_left_says_how_much_there_is(desk):
    said = desk.told(desk.post(f"/{desk.need.id}/propose/{desk.offer.id}", quantity="9"))
    assert "Not so much is left: 3" in said
    assert db.session.query(Match).count() == 0


@pytest.mark.parametrize("answer", ["yes", "no"])
@pytest.mark.parametrize("side", ["need", "offer"])
def test_only_a_coordinator_of_their_post_answers_for_somebody(desk, side, answer):
    """A coordinator who matched a neighbour elsewhere with an offer of their own could else agree with themselves."""
    match, own = desk.proposed(), desk.offer if side == "need" else desk.need
    elsewhere = make_area(desk.network, "Bloordale", at=(43.70, -79.43))
    own.area_id = elsewhere.id
    cal = make_member(desk.network, name="Cal", areas=(elsewhere,))
    client = desk.client.application.test_client().sign_in(cal)
    assert desk.post(f"/matches/{match.id}/{answer}", client, side=side).status_code == 404
    assert (only_match().state, only_match().need_yes_at, only_match().offer_yes_at) == (
        "proposed",
        None,
        None,
    )
    name, other = ("Dee", "Amina") if side == "need" else ("Amina", "Dee")
    shown = buttons(desk.get(f"/{own.id}", client))
    assert (f"{name} said no" in shown, f"{other} said no" in shown) == (True, False)


@pytest.mark.parametrize("side", ["need", "offer"])
def test_yes_on_the_phone_names_both_in_the_history(desk, side):
    match = desk.proposed()
    assert buttons(desk.get(f"/{desk.need.id}"))[:2] == ["Amina said yes on the phone", "Amina said no"]
    desk.told(desk.post(f"/matches/{match.id}/yes", side=side))
    person = desk.amina if side == "need" else desk.dee
    event = last_event()
    assert (event.verb, event.actor_id, event.person_id) == ("consent", desk.bo.person_id, person.id)
    assert only_match().state == "proposed"


def test_two_yeses_on_the_phone_agree(desk):
    match = desk.proposed()
    for side in ("offer", "need"):
        desk.post(f"/matches/{match.id}/yes", side=side)
    assert only_match().state == "agreed"


def test_no_on_the_phone_is_never_suggested_again(desk):
    match = desk.proposed()
    desk.told(desk.post(f"/matches/{match.id}/no", side="offer"))
    assert only_match().state == "declined"
    assert desk.get(f"/{desk.need.id}").select(".fits > li, .misses > li") == []


@pytest.mark.parametrize("side", ["", "both", "helper"])
def test_yes_of_nobody_is_not_found(desk, side):
    assert desk.post(f"/matches/{desk.proposed().id}/yes", side=side).status_code == 404


def test_retract(desk):
    match = desk.proposed()
    desk.told(desk.post(f"/matches/{match.id}/retract"))
    assert only_match().state == "retracted"


def test_release_with_a_reason_puts_the_need_first(desk):
    match = desk.agreed()
    page = BeautifulSoup(desk.post(f"/matches/{match.id}/release").data, "html.parser")
    assert page.select_one(".summary")
    desk.told(desk.post(f"/matches/{match.id}/release", reason="ill"))
    assert (only_match().state, last_event().reason, desk.need.front_at) == ("released", "ill", NOW)


def test_delivered_less_goes_back_to_the_need(desk):
    match = desk.agreed()
    assert desk.get(f"/matches/{match.id}/deliver").find(id="given")["value"] == "3"
    desk.told(desk.post(f"/matches/{match.id}/deliver", given="2"))
    assert (only_match().state, only_match().given, desk.need.uncovered) == ("delivered", 2, 1)


@pytest.mark.parametrize("given", ["0", "4", "some", ""])
def test_delivered_that_cannot_be_is_asked_again(desk, given):
    match = desk.agreed()
    page = BeautifulSoup(desk.post(f"/matches/{match.id}/deliver", given=given).data, "html.parser")
    assert page.select_one(".summary")
    assert only_match().state == "agreed"


def test_one_is_delivered_and_confirmed_at_a_tap(desk):
    desk.agreed(1)
    for text, state in (("Dee brought it", "delivered"), ("Amina says it came", "confirmed")):
        button = desk.get(f"/{desk.need.id}").find("button", string=text)
        fields = {tag["name"]: tag["value"] for tag in button.find_parent("form").find_all("input")}
        desk.client.post(button.find_parent("form")["action"], data={"given": fields["given"]})
        assert only_match().state == state


def test_confirmed_in_full_closes_the_need(desk):
    match = desk.delivered()
    desk.told(desk.post(f"/matches/{match.id}/confirm"))
    assert (only_match().state, *state_of(desk.need)) == ("confirmed", "closed", "fulfilled")


def test_confirmed_by_the_neighbour_first_asks_how_many(desk):
    match = desk.agreed()
    desk.told(desk.post(f"/matches/{match.id}/confirm", given="1"))
    assert (only_match().state, only_match().given, desk.need.uncovered) == ("confirmed", 1, 2)


def test_dispute_keeps_what_they_said(desk):
    match = desk.delivered()
    desk.told(desk.post(f"/matches/{match.id}/dispute", note="Nobody rang."))
    assert only_match().state == "disputed"
    assert db.session.get_one(EventNote, (desk.network.id, last_event().id)).text == "Nobody rang."
    assert words(desk.get().h1) == "It did not come 1"


@pytest.mark.parametrize(("to", "given"), [("confirmed", 2), ("released", 0)])
def test_resolve_settles_what_did_not_come(desk, to, given):
    match = desk.disputed()
    desk.told(desk.post(f"/matches/{match.id}/resolve", to=to, given="2", note="Asked both."))
    assert (only_match().state, only_match().given) == (to, given)


def test_confirmed_by_silence_can_still_be_disputed(desk):
    match = desk.delivered()
    lifecycle.confirm(match, by=desk.by_bo, now=NOW - HOUR, by_silence=True)
    assert buttons(desk.get(f"/{desk.need.id}")) == ["It did not come", "Never again"]
    desk.post(f"/matches/{match.id}/dispute")
    assert only_match().state == "disputed"


def test_address_said_on_the_phone_is_kept_sealed_and_not_shown_beside_it(desk):
    match = desk.agreed()
    desk.told(desk.post(f"/matches/{match.id}/address", address="12 Elm Street, second floor"))
    assert (
        db.session.get_one(MatchDetails, (desk.network.id, match.id)).address == "12 Elm Street, second floor"
    )
    for post in (desk.need, desk.offer):
        assert "Elm Street" not in desk.get(f"/{post.id}").text


def test_where_to_come_is_asked_of_who_coordinates_the_one_visited_alone(desk, app):
    match = desk.agreed()
    lifecycle.set_address(match, "12 Elm Street", by=desk.by_amina, now=NOW - HOUR)
    junction = make_area(desk.network, "Junction", at=(43.66, -79.47))
    desk.offer.area_id = junction.id
    ines = make_member(desk.network, name="Inês", email="ines@example.org", areas=(junction,))
    of_helper = app.test_client().sign_in(ines)
    path = f"/matches/{match.id}/address"
    asked = desk.get(path)
    assert words(asked.textarea) == ""
    assert "Something is kept already." in words(asked.main)
    assert "Elm" not in asked.text  # whoever has to know it looks, and that is counted
    assert of_helper.get(f"/garrison/desk{path}").status_code == 404
    assert desk.post(path, client=of_helper, address="1 Other Street").status_code == 404


@pytest.mark.parametrize("made", ["proposed", "agreed", "delivered", "disputed"])
def test_every_act_that_is_offered_can_be_done(desk, made):
    """Each button of a match leads on from where it stands: none is refused."""
    match = getattr(desk, made)()
    acts = desk.get(f"/{desk.need.id}").select(".between .btn")
    assert acts
    for act in acts:
        if act.name == "a":
            assert desk.client.get(act["href"]).status_code == 200
    first = acts[0]
    if first.name == "button":
        form = first.find_parent("form")
        data = {tag["name"]: tag["value"] for tag in form.find_all("input") if tag["name"] != "csrf_token"}
        assert desk.client.post(form["action"], data=data).status_code == 303
        assert verbs()[-1] in ("consent", "confirm", "fulfil")
    assert desk.fresh(match).state != "lapsed"


def test_two_coordinators_propose_at_once_and_the_second_is_told_who_was_first(desk, app):
    lan = make_offer(make_person(desk.network, "Lan"), desk.groceries)
    ines = make_member(desk.network, name="Inês", email="ines@example.org")
    second = app.test_client().sign_in(ines)
    desk.post(f"/{desk.need.id}/propose/{desk.offer.id}")
    for offer in (desk.offer, lan):
        said = desk.told(desk.post(f"/{desk.need.id}/propose/{offer.id}", client=second), client=second)
        assert said == "Somebody was quicker: Bo proposed a match, 0 minutes ago. Nothing was changed by you."
    assert only_match().offer_id == desk.offer.id


def test_two_coordinators_decide_at_once_and_the_second_is_told_who_was_first(desk, app):
    match = desk.proposed()
    ines = make_member(desk.network, name="Inês", email="ines@example.org")
    second = app.test_client().sign_in(ines)
    desk.post(f"/matches/{match.id}/retract")
    said = desk.told(desk.post(f"/matches/{match.id}/yes", client=second, side="need"), client=second)
    assert (
        said == "Somebody was quicker: Bo took the proposal back, 0 minutes ago. Nothing was changed by you."
    )
    assert only_match().state == "retracted"


def test_new_helper_with_three_promises_is_not_given_a_fourth(desk):
    for _ in range(3):
        need = make_need(desk.amina, desk.groceries)
        match = make_match(need, desk.offer, by=desk.by_bo, now=NOW - HOUR)
        for side, who in (("offer", desk.dee), ("need", desk.amina)):
            lifecycle.consent(match, side, by=actor_of(who), now=NOW - HOUR)
    desk.post(f"/{desk.need.id}/propose/{desk.offer.id}")
    fourth = db.session.query(Match).filter_by(need_id=desk.need.id).one()
    said = desk.told(desk.post(f"/matches/{fourth.id}/yes", side="offer"))
    assert said.startswith("A new helper has at most 3 promises at once")


def test_coordinator_of_the_offers_area_comes_back_to_the_offer(desk, app):
    junction = make_area(desk.network, "Junction", at=(43.66, -79.47))
    offer = make_offer(make_person(desk.network, "Lan"), desk.groceries, area_id=junction.id)
    match = make_match(desk.need, offer, by=desk.by_bo, now=NOW - HOUR)
    ines = make_member(desk.network, name="Inês", email="ines@example.org", areas=(junction,))
    client = app.test_client().sign_in(ines)
    answer = desk.post(f"/matches/{match.id}/yes?of={desk.need.id}", client=client, side="offer")
    assert answer.location.startswith(f"/garrison/desk/{offer.id}")
    assert only_match().offer_yes_at == NOW


def test_propose_with_another_networks_post_or_two_of_a_kind_is_not_found(desk):
    elsewhere = make_network("junction", name="Junction")
    chris = make_offer(make_person(elsewhere, "Chris"), make_category(elsewhere))
    second = make_need(desk.amina, desk.groceries)
    for other in (chris.id, second.id, desk.need.id, 12345):
        assert desk.post(f"/{desk.need.id}/propose/{other}").status_code == 404
    assert db.session.query(Match).count() == 0


VERBS = ("yes", "no", "retract", "release", "deliver", "confirm", "dispute", "resolve", "address")


@pytest.mark.parametrize("verb", VERBS)
def test_matches_one_may_not_see_are_the_404_of_none(desk, app, verb):
    match = desk.proposed()
    junction = make_area(desk.network, "Junction", at=(43.66, -79.47))
    ines = make_member(desk.network, name="Inês", email="ines@example.org", areas=(junction,))
    dee = make_member(desk.network, "helper", name="Dee", email="dee2@example.org")
    fields = {"side": "need", "reason": "ill", "given": "1", "to": "confirmed", "address": "12 Elm Street"}
    before = verbs()
    for who in (ines, dee):
        client = app.test_client().sign_in(who)
        theirs, nothing = (
            desk.post(f"/matches/{n}/{verb}", client=client, **fields) for n in (match.id, 12345)
        )
        assert (theirs.status_code, theirs.data) == (404, nothing.data)
    assert verbs() == before
