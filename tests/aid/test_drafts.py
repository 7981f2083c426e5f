"""Drafts by themselves: what they keep, for how long, and that they are sent once."""

import threading
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from mutualaid.actors import nobody
from mutualaid.aid import drafts
from mutualaid.aid.answers import Answers
from mutualaid.aid.categories import add_default_categories
from mutualaid.aid.languages import code_of
from mutualaid.aid.models import Draft, Post
from mutualaid.aid.queries import categories_of
from mutualaid.db import db
from mutualaid.networks.models import Network
from mutualaid.people.models import Person
from tests.factories import NOW, actor_of, make_network, make_person

GIVEN = {
    "what": {"what": ["rides"]},
    "which": {"many_rides": 2},
    "travel": {"travel": "host", "reach": None},
    "when": {"urgency": "2", "times": "any", "slots": [], "until": None},
    "matters": {
        "spoken": ["en"],
        "traits": [],
        "details": "",
        "interpreter": False,
        "choose_for_me": True,
    },
    "reach": {"name": "Amina", "reach": "none", "email": "", "phone": "", "hours": [], "language": "en"},
}


@pytest.fixture
def network(app):
    made = make_network()
    add_default_categories(made)
    return made


def answers_to(network, given=GIVEN, kind="need", known=False, area_ids=()):
    return Answers(kind, given, categories_of(network), frozenset(area_ids), known, date(2026, 11, 23))


def test_draft_is_found_by_its_token_for_a_day(network):
    draft, token = drafts.begin(network, "need", NOW)
    assert drafts.find(network, token, NOW + timedelta(hours=24, seconds=-1)) is draft
    assert drafts.find(network, token, NOW + timedelta(hours=24)) is None


def test_draft_of_one_network_is_not_found_in_another(network):
    _, token = drafts.begin(network, "need", NOW)
    assert drafts.find(make_network("other"), token, NOW) is None


@pytest.mark.parametrize("token", [None, "", "no such token"])
def test_draft_is_not_found_without_its_token(network, token):
    drafts.begin(network, "need", NOW)
    assert drafts.find(network, token, NOW) is None


def test_draft_keeps_the_answers_of_every_step(network):
    draft, _ = drafts.begin(network, "need", NOW)
    drafts.keep(draft, "what", {"what": ["rides"]})
    drafts.keep(draft, "when", {"until": date(2026, 12, 1)})
    drafts.keep(draft, "what", {"what": ["food"]})
    assert drafts.given(draft) == {"what": {"what": ["food"]}, "when": {"until": "2026-12-01"}}


def test_send_makes_a_person_a_code_a_link_and_the_post(network):
    draft, _ = drafts.begin(network, "need", NOW)
    assert drafts.send(draft, answers_to(network), network, None, by=nobody(network.id), now=NOW)
    (post,) = drafts.posts_of(draft)
    assert (post.person.name, post.person_id, post.quantity) == ("Amina", draft.person_id, 2)
    assert (post.choose_for_me, post.urgency, post.posted_by_id) == (True, 2, None)
    assert len(draft.code) == 9
    assert len(drafts.link_of(draft)) == 22


def test_send_for_someone_known_makes_no_second_person(network):
    amina = make_person(network)
    draft, _ = drafts.begin(network, "need", NOW)
    drafts.send(draft, answers_to(network, known=True), network, amina, by=actor_of(amina), now=NOW)
    (post,) = drafts.posts_of(draft)
    assert (post.person_id, draft.code, drafts.link_of(draft)) == (amina.id, "", "")


def test_second_send_changes_nothing(network):
    draft, _ = drafts.begin(network, "need", NOW)
    sends = [
        drafts.send(draft, answers_to(network), network, None, by=nobody(network.id), now=NOW)
        for _ in range(2)
    ]
    assert [person is not None for person in sends] == [True, False]
    assert len(drafts.posts_of(draft)) == 1


def test_of_many_sends_at_once_one_makes_the_post(app, network):
    _, token = drafts.begin(network, "need", NOW)
    network_id, sent, start = network.id, [], threading.Barrier(6)
    db.session.commit()

    def send():
        with app.app_context():
            here = db.session.get_one(Network, network_id)
            draft = drafts.find(here, token, NOW)
            db.session.rollback()
            start.wait()
            person = drafts.send(draft, answers_to(here), here, None, by=nobody(network_id), now=NOW)
            sent.append(person is not None)
            db.session.commit()

    threads = [threading.Thread(target=send) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(sent) == [False] * 5 + [True]
    assert len(db.session.scalars(select(Post)).all()) == 1
    assert len(db.session.scalars(select(Person)).all()) == 1


def test_draft_that_fails_half_way_can_be_sent_again(network):
    draft, token = drafts.begin(network, "need", NOW)
    db.session.commit()
    wrong = GIVEN | {"reach": GIVEN["reach"] | {"reach": "call", "phone": "none at all"}}
    with pytest.raises(ValueError, match="phone"):
        drafts.send(draft, answers_to(network, wrong), network, None, by=nobody(network.id), now=NOW)
    db.session.rollback()
    draft = drafts.find(network, token, NOW)
    assert draft.sent_at is None
    assert drafts.send(draft, answers_to(network), network, None, by=nobody(network.id), now=NOW)


def test_drafts_leave_no_words_in_the_database(network):
    draft, _ = drafts.begin(network, "need", NOW)
    drafts.send(draft, answers_to(network), network, None, by=nobody(network.id), now=NOW)
    db.session.flush()
    row = db.session.execute(select(Draft.__table__)).one()
    code, link = draft.code.encode(), drafts.link_of(draft).encode()
    for value in row:
        assert not isinstance(value, bytes) or not {word for word in (b"Amina", code, link) if word in value}


@pytest.mark.parametrize(
    ("chosen", "steps"),
    [
        (["rides"], ["what", "which", "where", "travel", "when", "matters", "reach", "check"]),
        (["money"], ["what", "which", "when", "matters", "reach", "check"]),
    ],
)
def test_steps_leave_out_the_place_where_it_does_not_count(network, chosen, steps):
    which = {"many_rides": 1, "kinds_money": ["rent"], "many_rent": 100}
    given = {"what": {"what": chosen}, "which": which}
    assert answers_to(network, given, area_ids=[1]).steps == steps


def test_steps_leave_out_the_area_where_none_are_drawn(network):
    assert answers_to(network).steps == ["what", "which", "travel", "when", "matters", "reach", "check"]


def test_steps_leave_out_who_it_is_when_that_is_known(network):
    assert "reach" not in answers_to(network, known=True).steps


def test_any_of_these_is_the_category_above(network):
    given = {"what": {"what": ["food"]}, "which": {"kinds_food": ["food"], "many_food": 2}}
    assert [row.key for row in answers_to(network, given).all_chosen] == ["food"]


@pytest.mark.parametrize(
    ("name", "language", "code"),
    [
        ("Kreyòl", "en", "ht"),
        ("haitian creole", "es", "ht"),
        ("criollo haitiano", "es", "ht"),
        ("العربية", "en", "ar"),
        ("Español", "en", "es"),
        ("francés", "es", "fr"),
        ("中文", "en", "zh"),
        ("Dari", "en", "fa"),
        ("Klingonn", "en", None),
        ("", "en", None),
    ],
)
def test_language_is_known_by_the_names_people_give_it(name, language, code):
    assert code_of(name, language) == code
