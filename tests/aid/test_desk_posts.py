"""Every verb of a post from the desk, once through the client; and what many at once does."""

from datetime import date, timedelta

import pytest
from bs4 import BeautifulSoup

from mutualaid.aid import lifecycle
from mutualaid.aid.queries import details_of
from mutualaid.db import db
from mutualaid.events.models import Event, EventNote
from mutualaid.people.access import new_code, person_by_code
from tests.aid.desk_cast import Desk, filled_in, last_event, state_of, verbs, words
from tests.aid.street import HOUR
from tests.factories import (
    NOW,
    actor_of,
    make_area,
    make_category,
    make_member,
    make_need,
    make_network,
    make_person,
)


@pytest.fixture
def desk(client):
    return Desk(client)


def test_take_in_ends_intake(desk):
    lifecycle.hold(desk.need, "no_answer", date(2026, 11, 23), by=desk.by_bo, now=NOW - HOUR)
    assert desk.told(desk.post(f"/{desk.need.id}/take-in")) == "Taken in. Now someone can be found."
    assert (desk.fresh(desk.need).intake, desk.need.taken_in_at) == (None, NOW)


def test_hold_keeps_it_for_a_day(desk):
    assert desk.get(f"/{desk.need.id}/hold").find(id="until")["value"] == "2026-11-24"
    desk.told(desk.post(f"/{desk.need.id}/hold", intake="call_back", until="2026-11-25"))
    assert (desk.fresh(desk.need).intake, desk.need.intake_until) == ("call_back", date(2026, 11, 25))


@pytest.mark.parametrize(
    "fields", [{}, {"intake": "call_back"}, {"intake": "call_back", "until": "2026-11-22"}]
)
def test_hold_without_an_answer_keeps_what_was_given(desk, fields):
    page = BeautifulSoup(desk.post(f"/{desk.need.id}/hold", **fields).data, "html.parser")
    assert page.select_one(".summary")
    assert [box["value"] for box in page.find_all("input", checked=True)] == list(fields.values())[:1]
    assert desk.fresh(desk.need).intake is None


def test_pause_and_resume(desk):
    desk.told(desk.post(f"/{desk.offer.id}/pause"))
    assert desk.fresh(desk.offer).paused_at == NOW
    assert desk.get(f"/{desk.need.id}").select(".fits > li") == []
    desk.told(desk.post(f"/{desk.offer.id}/resume"))
    assert desk.fresh(desk.offer).paused_at is None


def test_still_needed_is_a_sign_of_life(desk):
    desk.need.asked_still_at = NOW - HOUR
    desk.told(desk.post(f"/{desk.need.id}/still-needed"))
    assert (desk.fresh(desk.need).last_sign_at, desk.need.asked_still_at) == (NOW, None)


def test_withdraw_and_reopen(desk):
    desk.told(desk.post(f"/{desk.need.id}/withdraw"))
    assert state_of(desk.need) == ("closed", "withdrawn")
    desk.told(desk.post(f"/{desk.need.id}/reopen"))
    assert state_of(desk.need) == ("open", None)


def test_refer_needs_the_persons_yes_and_keeps_the_group_sealed(desk):
    page = BeautifulSoup(desk.post(f"/{desk.need.id}/refer", to="Food for all").data, "html.parser")
    assert page.find(id="to")["value"] == "Food for all"
    assert state_of(desk.need) == ("open", None)
    desk.told(desk.post(f"/{desk.need.id}/refer", to="Food for all", consent="y"))
    assert state_of(desk.need) == ("closed", "referred")
    assert db.session.get_one(EventNote, (desk.network.id, last_event().id)).text == "Food for all"


def test_mark_duplicate_offers_the_same_persons_and_the_same_thing_in_the_same_area(desk):
    rides, junction = (
        make_category(desk.network, "rides", unit="rides"),
        make_area(desk.network, "Junction", (43.7, -79.5)),
    )
    lan = make_person(desk.network, "Lan")
    theirs = make_need(desk.amina, rides, area_id=junction.id)
    alike = make_need(lan, desk.groceries, area_id=desk.area.id)
    for other in ({"area_id": junction.id}, {}):
        make_need(lan, desk.groceries, **other)
    page = desk.get(f"/{desk.need.id}/close")
    assert [int(box["value"]) for box in page.select("input[name=of]")] == [theirs.id, alike.id]
    desk.told(desk.post(f"/{desk.need.id}/duplicate", of=alike.id))
    assert (*state_of(desk.need), desk.need.duplicate_of_id) == ("closed", "duplicate", alike.id)


def test_mark_duplicate_of_something_else_changes_nothing(desk):
    page = BeautifulSoup(desk.post(f"/{desk.need.id}/duplicate", of=desk.offer.id).data, "html.parser")
    assert page.select_one(".summary") or "Nothing else like it is open." in words(page)
    assert state_of(desk.need) == ("open", None)


def test_change_sent_as_it_stands_changes_nothing(desk):
    desk.need.languages, desk.need.traits, desk.need.times = ["en", "pt"], ["lifting"], 0b101
    desk.need.until_day = date(2026, 12, 1)
    before = lifecycle.said(desk.need)
    fields = filled_in(desk.get(f"/{desk.need.id}/change"))
    assert desk.told(desk.post(f"/{desk.need.id}/change", **fields)) == "Changed."
    assert lifecycle.said(desk.fresh(desk.need)) == before


def test_change_says_all_of_it_differently(desk):
    rides, junction = (
        make_category(desk.network, "rides", unit="rides"),
        make_area(desk.network, "Junction", (43.7, -79.5)),
    )
    fields = {
        "category": rides.id,
        "area": junction.id,
        "quantity": "2",
        "urgency": "2",
        "travel": "come",
        "reach_km": "3",
        "times": "some",
        "slots": ["0", "20"],
        "from_day": "2026-11-24",
        "until": "2026-11-30",
        "languages": "es",
        "others": "Kreyòl",
        "interpreter": "y",
        "traits": ["vehicle"],
        "choose_for_me": "y",
        "details": "The back door.",
    }
    desk.told(desk.post(f"/{desk.need.id}/change", **fields))
    need = desk.fresh(desk.need)
    assert (need.category_id, need.area_id, need.cell) == (rides.id, junction.id, None)
    assert (need.quantity, need.uncovered, need.urgency, need.travel, need.reach_km) == (2, 2, 2, "come", 3)
    assert (need.times, need.from_day, need.until_day) == (
        1 | 1 << 20,
        date(2026, 11, 24),
        date(2026, 11, 30),
    )
    assert (need.languages, need.interpreter, need.traits) == (["es", "ht"], True, ["vehicle"])
    assert (need.choose_for_me, details_of(need)) == (True, "The back door.")


def test_change_of_an_offer_asks_for_its_limits(desk):
    fields = filled_in(desk.get(f"/{desk.offer.id}/change"))
    assert {"stock", "per_week"} <= set(fields)
    assert not {"quantity", "urgency", "interpreter", "choose_for_me"} & set(fields)
    desk.told(desk.post(f"/{desk.offer.id}/change", **fields | {"stock": "", "per_week": "4"}))
    assert (desk.fresh(desk.offer).stock, desk.offer.stock_left, desk.offer.per_week) == (None, None, 4)


def test_change_below_what_is_promised_says_why_and_keeps_what_was_written(desk):
    desk.proposed()
    fields = filled_in(desk.get(f"/{desk.need.id}/change")) | {"quantity": "2", "details": "Only two."}
    page = BeautifulSoup(desk.post(f"/{desk.need.id}/change", **fields).data, "html.parser")
    assert "3 are promised already" in words(page.select_one(".summary"))
    assert (page.find(id="quantity")["value"], page.textarea.text.strip()) == ("2", "Only two.")
    assert desk.fresh(desk.need).quantity == 3


def test_new_code_is_shown_once_and_ends_the_old_one(desk):
    old = new_code(desk.amina)
    page = BeautifulSoup(desk.post(f"/{desk.need.id}/code").data, "html.parser")
    new = page.select_one(".say").text
    assert person_by_code(desk.network.id, new) == desk.amina
    assert person_by_code(desk.network.id, old) is None
    assert verbs()[-1] == "code"
    assert new not in desk.get(f"/{desk.need.id}").text


def test_look_at_how_to_reach_someone_is_written_down_with_its_reason(desk):
    page = BeautifulSoup(desk.post(f"/{desk.need.id}/look", reason="unclear").data, "html.parser")
    assert "416 555 0142" in words(page.main)
    event = last_event()
    assert (event.verb, event.reason, event.person_id, event.actor_id) == (
        "look",
        "unclear",
        desk.amina.id,
        desk.bo.person_id,
    )


def test_no_number_is_shown_without_a_look_or_without_a_reason(desk):
    desk.agreed()
    for post in (desk.need, desk.offer):
        assert "416 555 0142" not in desk.get(f"/{post.id}").text
    answer = desk.post(f"/{desk.need.id}/look", reason="curious")
    assert desk.told(answer) == "Please choose one of the reasons."
    assert "look" not in verbs()


def test_called_takes_in_what_waited_for_the_call(desk):
    lifecycle.hold(desk.need, "call_back", date(2026, 11, 23), by=desk.by_bo, now=NOW - HOUR)
    desk.told(desk.post(f"/{desk.need.id}/called"))
    assert desk.fresh(desk.need).intake is None
    assert set(verbs()[-2:]) == {"called", "take_in"}


def test_second_coordinator_is_told_who_got_there_first(desk, app):
    ines = make_member(desk.network, name="Inês", email="ines@example.org")
    second = app.test_client().sign_in(ines)
    desk.post(f"/{desk.need.id}/take-in")
    said = desk.told(desk.post(f"/{desk.need.id}/take-in", client=second), client=second)
    assert said == (
        "Somebody was quicker: Bo read it and started looking, 0 minutes ago. Nothing was changed by you."
    )
    assert verbs().count("take_in") == 1


def test_the_same_act_twice_does_it_once(desk):
    desk.post(f"/{desk.need.id}/withdraw")
    said = desk.told(desk.post(f"/{desk.need.id}/withdraw"))
    assert said == "Nothing was changed. Last of all: You took it back, 0 minutes ago."
    assert verbs().count("withdraw") == 1


def test_many_are_taken_in_at_once_and_the_others_are_left_alone(desk):
    more = [make_need(desk.amina, desk.groceries) for _ in range(3)]
    lifecycle.take_in(more[0], by=desk.by_bo, now=NOW - HOUR)
    elsewhere = make_network("junction", name="Junction")
    chris = make_need(make_person(elsewhere, "Chris"), make_category(elsewhere))
    chosen = [desk.need.id, more[0].id, more[1].id, chris.id, 12345]
    assert desk.told(desk.post("/many", post=chosen, act="take_in")) == "2 are taken in."
    db.session.expire_all()
    assert [need.taken_in_at for need in (desk.need, *more, chris)] == [NOW, NOW - HOUR, NOW, None, None]


def test_many_were_called_at_once(desk):
    other = make_need(desk.amina, desk.groceries, intake="no_answer", intake_until=date(2026, 11, 23))
    said = desk.told(desk.post("/many", post=[desk.need.id, other.id], act="called"))
    assert said == "2 are noted as called."
    assert verbs().count("called") == 2
    assert (desk.fresh(other).intake, other.taken_in_at) == (None, NOW)


@pytest.mark.parametrize("act", ["chat", "sheet"])
def test_many_are_listed_on_a_page_of_their_own(desk, act):
    answer = desk.post("/many", post=[desk.need.id], act=act)
    assert (answer.status_code, answer.location) == (303, f"/garrison/desk/{act}?post={desk.need.id}")


def test_many_without_any_says_so(desk):
    assert desk.told(desk.post("/many", act="take_in")) == "Nothing was chosen. Tick the boxes first."


POSTS = (
    "take-in",
    "pause",
    "resume",
    "still-needed",
    "withdraw",
    "reopen",
    "hold",
    "change",
    "refer",
    "duplicate",
)


@pytest.mark.parametrize("path", [*POSTS, "code", "look", "called"])
def test_verbs_on_posts_one_may_not_see_are_the_404_of_none(desk, app, path):
    """Of another network, and of an area that is somebody else's."""
    elsewhere = make_network("junction", name="Junction")
    chris = make_need(make_person(elsewhere, "Chris"), make_category(elsewhere))
    junction = make_area(desk.network, "Junction", at=(43.66, -79.47))
    ines = make_member(desk.network, name="Inês", email="ines@example.org", areas=(junction,))
    of_area = app.test_client().sign_in(ines)
    before = db.session.query(Event).count()
    for client, post in ((desk.client, chris), (of_area, desk.need)):
        answer, nothing = (desk.post(f"/{number}/{path}", client=client) for number in (post.id, 12345))
        assert (answer.status_code, answer.data) == (404, nothing.data)
    assert db.session.query(Event).count() == before


def test_neighbour_and_helper_cannot_use_the_desks_verbs(desk, app):
    dee = make_member(desk.network, "helper", name="Dee")
    for client in (app.test_client().sign_in(dee), app.test_client().enter(desk.amina)):
        answer = desk.post(f"/{desk.need.id}/withdraw", client=client)
        assert answer.status_code in (302, 404)
    assert state_of(desk.need) == ("open", None)


def test_a_forged_act_changes_nothing(desk):
    answer = desk.client.post(f"/garrison/desk/{desk.need.id}/withdraw", forged=True)
    assert answer.status_code == 400
    assert state_of(desk.need) == ("open", None)


def test_change_of_a_closed_post_says_so(desk):
    lifecycle.withdraw(desk.need, by=actor_of(desk.amina), now=NOW - timedelta(minutes=5))
    fields = {
        "category": desk.groceries.id,
        "area": 0,
        "quantity": 1,
        "urgency": 0,
        "travel": "host",
        "times": "any",
    }
    page = BeautifulSoup(desk.post(f"/{desk.need.id}/change", **fields).data, "html.parser")
    assert "No longer needed" in words(page.select_one(".summary"))
