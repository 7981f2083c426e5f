"""What the clock erases: never a second early, at the time yes; and nothing by a clock that cannot be believed."""

from datetime import datetime

import pytest
from flask import Flask
from sqlalchemy import select

from mutualaid.aid import lifecycle
from mutualaid.aid.lifecycle.retention import ends_at, erase_due
from mutualaid.aid.models import Match, PostDetails
from mutualaid.db import db, to_the_day
from mutualaid.events.models import Event
from mutualaid.networks.models import Membership, Network
from mutualaid.people.access import keep_page
from mutualaid.people.models import Account, DoNotMatch, Person
from tests.aid.overdue import withdrawn
from tests.aid.test_due import DAY, HOUR, SECOND, Story
from tests.factories import (
    NOW,
    actor_of,
    make_category,
    make_member,
    make_need,
    make_network,
    make_offer,
    make_person,
)


def erase_at(*moments: datetime) -> list[int]:
    """Of how many people something went at each of them."""
    return [erase_due(moment) for moment in moments]


def is_erased(person: Person) -> bool:
    db.session.refresh(person)
    return person.erased_at is not None


@pytest.mark.parametrize("days", [1, 30, 365])
def test_person_is_erased_when_their_last_post_was_closed_for_long(app: Flask, days: int) -> None:
    need, end = withdrawn(retention_days=days), NOW + days * DAY
    assert erase_at(end - SECOND) == [0]
    assert not is_erased(need.person)
    assert erase_at(end, end) == [1, 0]
    assert is_erased(need.person)


def test_words_of_a_post_go_in_time_while_its_person_has_another_open(app: Flask) -> None:
    need = withdrawn()
    later = make_need(need.person, need.category, details="Fourth floor.", now=NOW)
    lifecycle.withdraw(later, by=actor_of(need.person), now=NOW + DAY)
    other = make_need(need.person, need.category, details="Third floor.", now=NOW)
    db.session.commit()
    assert erase_at(NOW + 30 * DAY - SECOND, NOW + 30 * DAY, NOW + 30 * DAY) == [0, 1, 0]
    left = db.session.scalars(select(PostDetails.id).order_by(PostDetails.id)).all()
    assert (left, is_erased(need.person)) == ([later.id, other.id], False)


def test_each_network_has_its_own_time(app: Flask) -> None:
    short, long = withdrawn(slug="short", retention_days=2), withdrawn(slug="long", retention_days=3)
    assert erase_at(NOW + 2 * DAY) == [1]
    assert (is_erased(short.person), is_erased(long.person)) == (True, False)


@pytest.mark.parametrize("whose", ["need", "offer"])
def test_nobody_is_erased_while_a_match_of_theirs_goes_on(app: Flask, whose: str) -> None:
    story = Story()
    match = story.deliver()
    lifecycle.dispute(match, by=actor_of(story.amina), now=NOW)
    post = story.need if whose == "need" else story.offer
    lifecycle.withdraw(post, by=actor_of(post.person), now=NOW)
    db.session.commit()
    assert erase_at(NOW + 100 * DAY) == [0]
    lifecycle.resolve(match, "released", by=story.bo, now=NOW + 100 * DAY)
    db.session.commit()
    assert erase_at(NOW + 130 * DAY - SECOND, NOW + 130 * DAY) == [0, 1]


@pytest.mark.parametrize("whose", ["need", "offer"])
def test_the_end_of_a_match_counts_when_it_is_later_than_that_of_the_post(app: Flask, whose: str) -> None:
    story = Story()
    match = story.deliver()
    post = story.need if whose == "need" else story.offer
    lifecycle.withdraw(post, by=actor_of(post.person), now=NOW)
    lifecycle.confirm(match, by=actor_of(story.amina), now=NOW + 3 * DAY)
    db.session.commit()
    assert erase_at(NOW + 30 * DAY, NOW + 33 * DAY - SECOND) == [0, 0]
    erase_due(NOW + 33 * DAY)
    assert is_erased(post.person)


@pytest.mark.parametrize("how", ["ended", "recalled"])
def test_member_is_erased_when_their_mandate_was_over_for_long(app: Flask, how: str) -> None:
    network = make_network()
    bo = make_member(network, days=10)
    over = NOW + (10 if how == "ended" else 4) * DAY
    bo.recalled_at = over if how == "recalled" else None
    db.session.commit()
    person = bo.person
    assert erase_at(over + 30 * DAY - SECOND) == [0]
    assert erase_at(over + 30 * DAY, over + 30 * DAY) == [1, 0]
    assert is_erased(person)
    assert (
        db.session.scalars(select(Membership.id)).all() == db.session.scalars(select(Account.id)).all() == []
    )


def test_account_stays_while_it_has_a_place_elsewhere(app: Flask) -> None:
    bo = make_member(make_network(), days=10)
    there = make_member(make_network("chris"), account=bo.account)
    db.session.commit()
    erase_due(NOW + 40 * DAY)
    assert db.session.scalars(select(Membership)).all() == [there]
    assert db.session.scalars(select(Account)).all() == [there.account]


def test_helper_with_an_open_offer_stays_when_their_mandate_was_over_for_long(app: Flask) -> None:
    network = make_network()
    dee = make_member(network, "helper", name="Dee", days=10)
    make_offer(dee.person, make_category(network))
    db.session.commit()
    person = dee.person
    assert erase_at(NOW + 40 * DAY, NOW + 40 * DAY) == [1, 0]
    assert (person.name, db.session.scalars(select(Membership)).all()) == ("Dee", [])


def test_page_that_is_kept_stays_as_long_again(app: Flask) -> None:
    need = withdrawn()
    keep_page(need.person, 30, NOW + 25 * DAY)
    db.session.commit()
    assert erase_at(NOW + 30 * DAY) == [1]
    assert (need.person.name, db.session.scalars(select(PostDetails)).all()) == ("Amina", [])
    assert erase_at(NOW + 55 * DAY - SECOND, NOW + 55 * DAY) == [0, 1]
    assert is_erased(need.person)


def test_page_that_was_kept_is_forgotten_about_once_something_is_open(app: Flask) -> None:
    need = withdrawn()
    keep_page(need.person, 30, NOW)
    make_need(need.person, need.category)
    db.session.commit()
    erase_due(NOW + 30 * DAY)
    assert (need.person.kept_until, need.person.name, erase_due(NOW + 90 * DAY)) == (None, "Amina", 0)


def test_what_is_counted_stays_and_times_become_days(app: Flask) -> None:
    story = Story(quantity=3)
    match = story.deliver(NOW + HOUR)
    lifecycle.confirm(match, by=actor_of(story.amina), now=NOW + 2 * HOUR)
    lifecycle.withdraw(story.need, by=actor_of(story.amina), now=NOW + 2 * HOUR)
    db.session.commit()
    verbs = select(Event.verb, Event.quantity).where(Event.post_id == story.need.id).order_by(Event.id)
    before = db.session.execute(verbs).all()
    erase_due(NOW + 31 * DAY)
    need, match = story.need, db.session.get_one(Match, (match.network_id, match.id))
    assert db.session.execute(verbs).all() == before
    assert (need.kind, need.quantity, need.outcome, match.state, match.given) == (
        "need",
        3,
        "withdrawn",
        "confirmed",
        1,
    )
    assert {need.created_at, need.closed_at, match.confirmed_at, match.ended_at} == {to_the_day(NOW)}
    assert set(db.session.scalars(select(Event.at).where(Event.post_id == need.id))) == {to_the_day(NOW)}


def test_post_whose_words_are_gone_is_neither_opened_nor_disputed_again(app: Flask) -> None:
    story = Story()
    match = story.deliver()
    lifecycle.confirm(match, by=story.bo, now=NOW, by_silence=True)
    make_need(story.amina, story.need.category)
    db.session.commit()
    erase_due(NOW + 30 * DAY)
    for verb in (
        lambda: lifecycle.reopen(story.need, by=story.bo, now=NOW + 30 * DAY),
        lambda: lifecycle.dispute(match, by=story.bo, now=NOW + 30 * DAY),
    ):
        with pytest.raises(lifecycle.Refused) as refused:
            verb()
        assert refused.value.reason == "emptied"


def test_own_do_not_match_list_goes_and_what_others_say_stays(app: Flask) -> None:
    """Somebody who is dangerous must not get past it by being erased and coming back."""
    need = withdrawn()
    mo = make_person(db.session.get_one(Network, need.network_id), "Mo", phone="416 555 0102")
    make_need(mo, need.category)
    lifecycle.never_match_person(mo, need.person, by=actor_of(mo), now=NOW)
    lifecycle.never_match_person(need.person, mo, by=actor_of(need.person), now=NOW)
    db.session.commit()
    erase_due(NOW + 30 * DAY)
    left = db.session.scalars(select(DoNotMatch)).all()
    assert {row.person_id for row in left} == {mo.id}
    assert len([row for row in left if row.contact_hash]) == 1


def test_when_somebody_is_erased_is_what_their_page_says(app: Flask) -> None:
    need = withdrawn()
    assert ends_at(need.person) == NOW + 30 * DAY
    keep_page(need.person, 30, NOW + DAY)
    assert ends_at(need.person) == NOW + 31 * DAY
    make_need(need.person, need.category)
    db.session.flush()
    assert ends_at(need.person) is None


# A week before


# What ended by itself


# A clock that cannot be believed, and too many at once
