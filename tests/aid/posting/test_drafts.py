"""Answers are kept for a day, sealed; sent once, however often the button is pressed."""

import json
from datetime import timedelta

from sqlalchemy import select

from mutualaid.aid.models import Draft
from mutualaid.db import db
from tests.aid.asking import CODE, MATTERS, REACH, answer, of_need, people, posts, send, soup


def test_send_twice_makes_everything_once(client, network, area):
    first = send(client, network, "need", of_need(area))
    again = client.post(f"/{network.slug}/post/need/check", follow_redirects=True).text
    assert (len(posts()), len(people())) == (2, 1)
    assert CODE.search(first).group() == CODE.search(again).group()


def test_send_whose_answer_was_lost_shows_the_same_code(client, network, area):
    answer(client, network, "need", of_need(area))
    with client.session_transaction() as session:
        before = dict(session)
    first = client.post(f"/{network.slug}/post/need/check", follow_redirects=True).text
    with client.session_transaction() as session:  # the browser never heard of it
        session.clear()
        session.update(before)
    again = client.get(f"/{network.slug}/post/need/check", follow_redirects=True).text
    assert CODE.search(first).group() == CODE.search(again).group()
    assert len(posts()) == 2
    assert client.get(f"/{network.slug}/mine/").status_code == 200


def test_first_question_after_sending_starts_anew(client, network, area):
    send(client, network, "need", of_need(area))
    assert soup(client, f"/{network.slug}/post/need/what").select("input[checked]") == []
    assert client.get(f"/{network.slug}/post/need/when").location == f"/{network.slug}/posted"


def test_code_is_not_shown_again_to_whoever_comes_after(client, network, area):
    send(client, network, "need", of_need(area))
    with client.session_transaction() as session:
        del session[f"guest:{network.id}"]
    assert client.get(f"/{network.slug}/posted").location == f"/{network.slug}/mine/"
    client.get(f"/{network.slug}/post/need/check")
    with client.session_transaction() as session:
        assert f"guest:{network.id}" not in session


def test_draft_lets_nobody_in_whose_link_has_ended(client, network, area):
    """A browser with an old cookie, after the person has a new code and link."""
    answer(client, network, "need", of_need(area))
    with client.session_transaction() as session:
        before = dict(session)
    client.post(f"/{network.slug}/post/need/check")
    client.post(f"/{network.slug}/mine/code")
    with client.session_transaction() as session:
        session.clear()
        session.update(before)
    client.get(f"/{network.slug}/post/need/check")
    assert client.get(f"/{network.slug}/mine/").location == f"/{network.slug}/code"


def test_choice_sent_a_thousand_times_is_kept_once(client, network, area):
    matters = MATTERS | {"traits": ["lifting"] * 1000}
    reach = REACH | {"hours": ["morning"] * 1000}
    send(client, network, "need", of_need(area, matters=matters, reach=reach))
    assert [post.traits for post in posts()] == [["lifting"], ["lifting"]]
    assert people()[0].hours == "morning"


def test_expired_draft_says_so_and_keeps_the_last_answer(client, network, area, clock):
    answers = of_need(area)
    answer(client, network, "need", {step: answers[step] for step in ("what", "which", "where", "travel")})
    clock.shift(timedelta(hours=24))
    led = client.post(f"/{network.slug}/post/need/reach", data=REACH)
    assert led.location == f"/{network.slug}/post/need/what"
    assert "that day is over" in client.get(led.location).text
    answer(
        client,
        network,
        "need",
        {step: answers[step] for step in ("what", "which", "where", "travel", "when")},
    )
    assert answer(client, network, "need", {"matters": MATTERS}) == ["check"]


def test_expired_draft_on_opening_a_page_says_so_once(client, network, area, clock):
    answer(client, network, "need", {"what": {"what": ["rides"]}})
    clock.shift(timedelta(hours=24))
    assert "that day is over" in client.get(f"/{network.slug}/post/need/which", follow_redirects=True).text
    assert "that day is over" not in client.get(f"/{network.slug}/post/need/what").text


def test_draft_is_sealed_and_only_the_hash_of_its_token_is_kept(client, network, area):
    answer(client, network, "need", of_need(area))
    with client.session_transaction() as session:
        token = session[f"draft:{network.id}:need"]
    (draft,) = db.session.scalars(select(Draft))
    assert "Amina" in draft.answers
    for column in (draft.answers_sealed, draft.token_hash):
        assert b"Amina" not in column
        assert token.encode() not in column


def test_sent_draft_no_longer_holds_the_answers(client, network, area):
    send(client, network, "need", of_need(area))
    (draft,) = db.session.scalars(select(Draft))
    assert list(json.loads(draft.answers)) == ["link"]
