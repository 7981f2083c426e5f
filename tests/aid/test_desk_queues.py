"""The queues of the desk: each holds what it should, made by the real verbs at past times."""

from datetime import date, timedelta

import pytest

from mutualaid.actors import worker
from mutualaid.aid import desk_queries, lifecycle
from mutualaid.aid.desk_areas import AreaCount, by_area, rows_by_area
from mutualaid.aid.desk_queries import PAGE, QUEUES, Sift, counts, listed
from mutualaid.aid.open_counts import spoken
from mutualaid.aid.queries import categories_of
from mutualaid.aid.words import counted
from mutualaid.db import db
from tests.factories import (
    NOW,
    actor_of,
    make_area,
    make_category,
    make_member,
    make_need,
    make_network,
    make_offer,
    make_person,
)

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NO_SIFT = Sift()


class Cast:
    """Amina needs groceries, Dee offers them without a limit, Bo coordinates all areas."""

    def __init__(self):
        self.network = make_network()
        self.groceries = make_category(self.network)
        self.amina, self.dee = make_person(self.network, "Amina"), make_person(self.network, "Dee")
        self.bo = actor_of(make_member(self.network))
        self.offer = make_offer(self.dee, self.groceries, now=NOW - 3 * DAY)

    def need(self, age=HOUR, **said):
        return make_need(self.amina, self.groceries, now=NOW - age, **said)

    def match(self, *verbs, age=HOUR, need=None):
        """Proposed so long ago; then each verb an hour later than the one before."""
        now = NOW - age
        need = need or self.need(age=age)
        match = lifecycle.propose(need, self.offer, by=self.bo, now=now)
        for verb in verbs:
            now += HOUR
            if verb == "agree":
                lifecycle.consent(match, "offer", by=actor_of(self.dee), now=now)
                lifecycle.consent(match, "need", by=actor_of(self.amina), now=now)
            else:
                getattr(lifecycle, verb)(match, by=actor_of(self.amina), now=now)
        return match

    def area_count(self, area):
        db.session.flush()
        return by_area(rows_by_area(self.network, self.bo), categories_of(self.network))[area.id]

    def counts(self, actor=None, **more):
        db.session.flush()
        found = counts(self.network, actor or self.bo, mail_works=more.pop("mail_works", True), now=NOW)
        return {queue: number for queue, number in found.items() if number}

    def listed(self, queue, sift=NO_SIFT, actor=None, **more):
        db.session.flush()
        found = listed(self.network, actor or self.bo, queue, sift, now=NOW, **more)
        return [row.post for row in found.rows]


@pytest.fixture
def cast(app):
    return Cast()


def taken_in(cast, **more):
    need = cast.need(**more)
    return lifecycle.take_in(need, by=cast.bo, now=need.created_at)


def asked_whether_still_needed(cast):
    need = taken_in(cast, age=6 * DAY)
    need.asked_still_at = NOW - HOUR
    return need


MADE = {
    "new": lambda cast: cast.need(),
    "looking": lambda cast: taken_in(cast, age=2 * DAY),
    "stale": lambda cast: taken_in(cast, age=8 * DAY),
    "call_back": lambda cast: cast.need(intake="call_back", intake_until=NOW.date()),
    "disputed": lambda cast: cast.match("agree", "deliver", "dispute", age=DAY).need,
    "lapsing": lambda cast: cast.match(age=20 * HOUR).need,
    "overdue": lambda cast: cast.match("agree", age=16 * DAY, need=taken_in(cast, age=16 * DAY)).need,
    "unconfirmed": lambda cast: cast.match("agree", "deliver", age=DAY).need,
}


@pytest.mark.parametrize("queue", MADE)
def test_need_waits_in_its_queue_and_in_no_other(cast, queue):
    need = MADE[queue](cast)
    assert cast.counts() == {queue: 1, "needs": 1, "offers": 1}
    assert cast.listed(queue) == cast.listed("needs") == [need]


@pytest.mark.parametrize("queue", MADE)
def test_queue_of_one_area_holds_what_is_there(cast, queue):
    parkdale, junction = make_area(cast.network), make_area(cast.network, "Junction", at=(43.66, -79.47))
    need = MADE[queue](cast)
    need.area_id = parkdale.id
    for name in (queue, "needs"):
        assert cast.listed(name, Sift(area=parkdale.id)) == [need]
        assert cast.listed(name, Sift(area=junction.id)) == []
    ines, ivo = (
        actor_of(make_member(cast.network, name=name, email=f"{name}@example.org", areas=(area,)))
        for name, area in (("ines", parkdale), ("ivo", junction))
    )
    assert cast.counts(ines) == {queue: 1, "needs": 1, "offers": 1}
    assert cast.counts(ivo) == {"offers": 1}


def test_need_without_an_answer_to_still_needed_waits_long(cast):
    need = asked_whether_still_needed(cast)
    assert cast.listed("stale") == [need]


def test_need_never_read_waits_long_after_a_week_and_is_not_new(cast):
    need = cast.need(age=8 * DAY)
    assert (cast.listed("stale"), cast.listed("new")) == ([need], [])


def test_need_covered_in_part_is_still_looked_for(cast):
    need, some = cast.need(quantity=3), make_offer(make_person(cast.network, "Lan"), cast.groceries, stock=1)
    lifecycle.propose(need, some, by=cast.bo, now=NOW)
    assert (cast.listed("looking"), cast.listed("new")) == ([need], [])


def test_need_with_all_promised_is_in_no_queue_of_needs_to_find_for(cast):
    cast.match()
    assert set(cast.counts()) == {"needs", "offers"}


def test_call_back_waits_until_its_day(cast):
    need = cast.need(intake="call_back", intake_until=NOW.date() + DAY)
    assert (cast.listed("call_back"), cast.listed("needs")) == ([], [need])


def test_closed_need_is_gone_from_the_desk_but_for_what_did_not_come(cast):
    lifecycle.withdraw(cast.need(), by=cast.bo, now=NOW)
    disputed = cast.match("agree", "deliver", "dispute", age=DAY).need
    lifecycle.withdraw(disputed, by=cast.bo, now=NOW)
    assert cast.counts() == {"disputed": 1, "offers": 1}


def test_paused_need_is_only_among_all_open_needs(cast):
    lifecycle.pause(cast.need(), by=cast.bo, now=NOW)
    assert cast.counts() == {"needs": 1, "offers": 1}


def test_proposal_of_now_does_not_lapse_today_when_it_lasts_until_tomorrow(cast):
    cast.match(age=timedelta(0))
    assert "lapsing" not in cast.counts()


def test_lapsed_proposal_is_looked_for_again(cast):
    match = cast.match(age=30 * HOUR, need=taken_in(cast, age=40 * HOUR))
    lifecycle.lapse(match, by=worker(cast.network.id), now=NOW - HOUR)
    assert cast.listed("looking") == [match.need]


def test_what_was_let_go_of_comes_first_then_the_urgent_then_the_newest(cast):
    old, urgent, new = (
        taken_in(cast, age=3 * DAY),
        taken_in(cast, age=2 * DAY, urgency=2),
        taken_in(cast, age=DAY),
    )
    released = cast.match("agree", age=4 * DAY, need=taken_in(cast, age=5 * DAY))
    lifecycle.release(released, None, by=cast.bo, now=NOW)
    assert cast.listed("looking") == [released.need, urgent, new, old]


def test_list_comes_in_pages(cast):
    needs = [cast.need(age=n * timedelta(minutes=1)) for n in range(PAGE + 3)]
    assert cast.listed("needs") == needs[:PAGE]
    assert cast.listed("needs", page=2) == needs[PAGE:]
    assert listed(cast.network, cast.bo, "needs", NO_SIFT, now=NOW).total == PAGE + 3


def test_list_that_is_told_how_many_there_are_shows_the_same(cast):
    for n in range(PAGE + 3):
        cast.need(age=n * timedelta(minutes=1))
    db.session.flush()
    for page in (1, 2):
        counted_anew = listed(cast.network, cast.bo, "needs", NO_SIFT, now=NOW, page=page)
        told = listed(cast.network, cast.bo, "needs", NO_SIFT, now=NOW, page=page, total=PAGE + 3)
        assert told == counted_anew


def test_filters_show_only_what_was_asked_for(cast):
    parkdale, junction = make_area(cast.network), make_area(cast.network, "Junction", at=(43.66, -79.47))
    food = make_category(cast.network, "food")
    meals = make_category(cast.network, "meals", parent=food)
    one = cast.need(area_id=parkdale.id, languages=("pt",), urgency=2)
    two = make_need(cast.amina, meals, now=NOW - 10 * DAY, area_id=junction.id, languages=("pt-BR", "en"))
    assert cast.listed("needs", Sift(area=junction.id)) == [two]
    assert cast.listed("needs", Sift(category=food.id)) == [two]
    assert cast.listed("needs", Sift(category=meals.id)) == [two]
    assert cast.listed("needs", Sift(urgency=2)) == [one]
    assert cast.listed("needs", Sift(language="pt")) == [one]
    assert cast.listed("needs", Sift(language="en")) == [two]
    assert cast.listed("needs", Sift(age="day")) == cast.listed("needs", Sift(age="week")) == [one]
    assert cast.listed("needs", Sift(age="longer")) == [two]
    assert cast.listed("needs", Sift(age="month")) == []
    assert cast.listed("needs", Sift(area=junction.id, urgency=2)) == []


def test_languages_of_open_posts_are_offered_as_filters(cast):
    cast.need(languages=("pt", "en"))
    lifecycle.withdraw(cast.need(languages=("uk",)), by=cast.bo, now=NOW)
    assert spoken(cast.network) == ["en", "pt"]


def test_coordinator_of_an_area_sees_it_and_what_has_no_area(cast):
    parkdale, junction = make_area(cast.network), make_area(cast.network, "Junction", at=(43.66, -79.47))
    mine, nowhere = cast.need(area_id=parkdale.id), cast.need(age=2 * HOUR)
    cast.need(area_id=junction.id)
    ines = actor_of(make_member(cast.network, name="Inês", email="ines@example.org", areas=(parkdale,)))
    assert cast.listed("needs", actor=ines) == [mine, nowhere]
    assert cast.counts(actor=ines) == {"new": 2, "needs": 2, "offers": 1}
    assert set(by_area(rows_by_area(cast.network, ines), categories_of(cast.network))) == {parkdale.id, None}


def test_another_network_is_not_counted(cast):
    elsewhere = make_network("junction", name="Junction")
    make_need(make_person(elsewhere, "Chris"), make_category(elsewhere))
    assert cast.counts() == {"offers": 1}
    found = by_area(rows_by_area(cast.network, cast.bo), categories_of(cast.network))
    assert sum(count.needs for count in found.values()) == 0


def test_calls_to_make_and_emails_kept_are_counted(cast):
    cast.amina.reach, cast.dee.reach = "call", "email"
    cast.match()
    assert cast.counts(mail_works=False) == {"calls": 1, "unsent": 1, "needs": 1, "offers": 1}
    assert cast.counts(mail_works=True) == {"calls": 1, "needs": 1, "offers": 1}


def test_all_counts_are_one_query(cast, count_queries):
    cast.match("agree", "deliver", age=DAY)
    db.session.flush()
    with count_queries() as asked:
        found = counts(cast.network, cast.bo, mail_works=True, now=NOW)
    assert (len(asked), tuple(found)) == (1, QUEUES)


def test_areas_say_what_is_open_and_what_is_missing(cast):
    area = make_area(cast.network)
    rides = make_category(cast.network, "rides", unit="rides")
    for category in (cast.groceries, rides, rides):
        make_need(cast.amina, category, area_id=area.id)
    make_offer(cast.dee, cast.groceries, area_id=area.id)
    make_offer(cast.dee, cast.groceries, area_id=area.id, stock=1).stock_left = 0
    make_need(cast.amina, rides, area_id=area.id, intake="call_back", intake_until=date(2026, 11, 30))
    db.session.flush()
    assert cast.area_count(area) == AreaCount(needs=3, offers=1, missing=rides.id)


def test_area_where_nobody_is_free_is_a_gap():
    assert [AreaCount(2, 0).is_gap, AreaCount(2, 1).is_gap, AreaCount(0, 0).is_gap] == [True, False, False]


def test_offer_of_a_whole_kind_counts_for_what_belongs_to_it(cast):
    area = make_area(cast.network)
    food = make_category(cast.network, "food")
    meals = make_category(cast.network, "meals", parent=food)
    make_need(cast.amina, meals, area_id=area.id)
    make_offer(cast.dee, food, area_id=area.id)
    assert cast.area_count(area) == AreaCount(needs=1, offers=1)


def test_offers_of_a_kind_and_of_what_belongs_to_it_count_for_the_whole_kind_alone(cast):
    area = make_area(cast.network)
    food = make_category(cast.network, "food")
    meals, baby = (make_category(cast.network, key, parent=food) for key in ("meals", "baby"))
    for category in (food, food, meals, meals):
        make_need(cast.amina, category, area_id=area.id)
    for category in (food, baby):
        make_offer(cast.dee, category, area_id=area.id)
    assert cast.area_count(area) == AreaCount(needs=4, offers=2, missing=meals.id)


def test_counts_and_lists_end_and_say_that_there_is_more(cast, monkeypatch):
    monkeypatch.setattr(desk_queries, "MOST", PAGE)
    for n in range(PAGE + 3):
        cast.need(age=n * timedelta(minutes=1))
    assert cast.counts() == {"new": PAGE + 1, "needs": PAGE + 1, "offers": 1}
    found = listed(cast.network, cast.bo, "needs", NO_SIFT, now=NOW)
    assert (found.total, found.pages, len(found.rows)) == (PAGE + 1, 1, PAGE)


def test_more_than_is_counted_is_said_as_such(app):
    with app.test_request_context():
        assert (counted(0), counted(1000), counted(1001)) == ("0", "1,000", "1,000+")
