"""The page behind a code, a link or an account: everything a neighbour does about their own posts and themselves."""

from dataclasses import replace

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import func, select

from mutualaid.aid import lifecycle
from mutualaid.aid.models import Draft, PostDetails
from mutualaid.db import db
from mutualaid.events.models import EventNote
from mutualaid.people.access import new_code, new_link, person_by_code, person_by_link
from mutualaid.people.contact import email_hash, phone_hash
from mutualaid.people.models import AccessLink, DoNotMatch
from tests.aid.desk_cast import filled_in, last_event, state_of, words
from tests.aid.street import Street
from tests.factories import NOW, make_need, make_person

MINE = "/garrison/mine"


@pytest.fixture
def street(client):
    return Street()


@pytest.fixture
def amina(street, client):
    """Amina's browser, in which she opened her link."""
    return client.enter(street.amina)


def soup(answer):
    assert answer.status_code == 200
    return BeautifulSoup(answer.data, "html.parser")


def do(browser, post, verb):
    answer = browser.post(f"{MINE}/posts/{post.id}/{verb}")
    assert (answer.status_code, answer.location) == (303, f"{MINE}/")
    return state_of(post)


@pytest.mark.parametrize("via", ["link", "code"])
def test_verbs_of_ones_own_post(street, client, via):
    browser, need = client.enter(street.amina, via), street.need
    assert (do(browser, need, "pause"), need.paused_at) == (("open", None), NOW)
    assert (do(browser, need, "resume"), need.paused_at) == (("open", None), None)
    assert do(browser, need, "withdraw") == ("closed", "withdrawn")
    assert do(browser, need, "reopen") == ("open", None)
    assert do(browser, need, "still_needed") == ("open", None)
    assert (need.last_sign_at, last_event().actor_id) == (NOW, street.amina.id)


def test_change_says_what_stood_and_keeps_what_was_written(street, amina):
    fields = filled_in(soup(amina.get(f"{MINE}/posts/{street.need.id}/change")))
    before = lifecycle.said(street.need)
    amina.post(f"{MINE}/posts/{street.need.id}/change", data=fields)
    assert lifecycle.said(street.need) == before
    wanted = {"quantity": "4", "urgency": "2", "times": "some", "slots": ["0", "20"], "until": "2026-11-30"}
    answer = amina.post(
        f"{MINE}/posts/{street.need.id}/change", data=fields | wanted | {"details": "Top floor."}
    )
    assert (answer.status_code, answer.location) == (303, f"{MINE}/")
    db.session.expire_all()
    day = street.need.until_day
    assert lifecycle.said(street.need) == replace(
        before, quantity=4, urgency=2, times=1 | 1 << 20, until_day=day, details="Top floor."
    )
    assert (day.isoformat(), street.need.uncovered) == ("2026-11-30", 4)


def test_change_of_an_offer_asks_what_offers_are_asked(street, client):
    browser = client.enter(street.dee)
    form = soup(browser.get(f"{MINE}/posts/{street.offer.id}/change"))
    assert set(filled_in(form)) == {"per_week", "stock", "times", "until", "details"}
    browser.post(
        f"{MINE}/posts/{street.offer.id}/change", data=filled_in(form) | {"stock": "", "per_week": "2"}
    )
    db.session.expire_all()
    assert (street.offer.stock, street.offer.stock_left, street.offer.per_week) == (None, None, 2)


@pytest.mark.parametrize(
    "wrong", [{"quantity": "0"}, {"quantity": ""}, {"until": "2026-11-22"}, {"times": "some"}]
)
def test_change_that_cannot_be_changes_nothing(street, amina, wrong):
    fields = filled_in(soup(amina.get(f"{MINE}/posts/{street.need.id}/change")))
    before = lifecycle.said(street.need)
    assert amina.post(f"{MINE}/posts/{street.need.id}/change", data=fields | wrong).status_code == 200
    db.session.expire_all()
    assert lifecycle.said(street.need) == before


@pytest.mark.parametrize("verb", ["pause", "resume", "withdraw", "reopen", "still_needed", "change"])
def test_somebody_elses_post_is_not_there(street, amina, verb):
    assert amina.post(f"{MINE}/posts/{street.offer.id}/{verb}").status_code == 404
    assert state_of(street.offer) == ("open", None)


def test_erase_takes_every_word_and_leaves_the_counts(street, client):
    match = street.disputed()
    lifecycle.never_match_person(street.amina, street.dee, by=street.by_amina, now=NOW)
    code, token = new_code(street.amina), new_link(street.amina, NOW)
    db.session.add(
        Draft(
            network_id=street.network.id,
            kind="need",
            token_hash=b"1",
            created_at=NOW,
            expires_at=NOW,
            person_id=street.amina.id,
        )
    )
    answer = client.enter(street.amina).post(f"{MINE}/erase")
    assert answer.location == "/garrison/"
    db.session.expire_all()
    amina = street.amina
    assert (amina.name, amina.phone, amina.phone_typed, amina.hours, amina.phone_hash, amina.code_hash) == (
        "",
        "",
        "",
        "",
        None,
        None,
    )
    theirs = [
        select(func.count()).select_from(table).where(table.network_id == amina.network_id)
        for table in (EventNote, AccessLink, Draft, DoNotMatch)
    ]
    assert [db.session.scalar(count) for count in theirs] == [0, 0, 0, 0]
    assert [row.id for row in db.session.scalars(select(PostDetails))] == [street.offer.id]
    assert person_by_code(street.network.id, code) is person_by_link(street.network.id, token, NOW) is None
    assert (street.need.outcome, match.promised, match.given) == ("withdrawn", 3, 3)
    assert client.get(f"{MINE}/").location == "/garrison/code"


def test_code_alone_says_why_it_does_not_erase(street, client):
    page = soup(client.enter(street.amina, "code").post(f"{MINE}/erase"))
    assert "A code alone is not enough" in words(page.main)
    db.session.expire_all()
    assert street.amina.erased_at is None


def test_somebody_to_be_kept_away_from_is_noted_by_phone_and_email(street, amina):
    fields = {"phone": "(416) 555-0199", "email": "Chris@Example.org"}
    assert amina.post(f"{MINE}/never", data=fields).location == f"{MINE}/"
    rows = db.session.execute(select(DoNotMatch.person_id, DoNotMatch.contact_hash)).all()
    here = street.network.id
    assert {tuple(row) for row in rows} == {
        (street.amina.id, phone_hash(here, "+14165550199")),
        (street.amina.id, email_hash(here, "chris@example.org")),
    }


def test_somebody_to_be_kept_away_from_needs_a_phone_or_an_email(street, amina):
    assert "Please give a phone number or an email." in words(soup(amina.post(f"{MINE}/never")).main)
    assert db.session.scalars(select(DoNotMatch)).all() == []


def test_new_code_and_link_are_shown_once_and_the_old_code_ends(street, amina):
    old = new_code(street.amina)
    shown = soup(amina.enter(street.amina).post(f"{MINE}/code"))
    here, link = street.network.id, shown.find(string=lambda text: "/link/" in text)
    assert person_by_code(here, old) is None
    assert person_by_link(here, link.strip().rpartition("/")[2], NOW).id == street.amina.id
    assert amina.get(f"{MINE}/code").status_code == 405


def test_code_alone_makes_no_new_code(street, client):
    code = new_code(street.amina)
    assert client.enter(street.amina, "code").post(f"{MINE}/code").status_code == 404
    assert person_by_code(street.network.id, code).id == street.amina.id


def test_without_code_or_link_the_code_is_asked_for(client):
    Street()
    for path in ("/", "/never", "/erase"):
        assert client.get(f"{MINE}{path}").location == "/garrison/code"


def test_page_lists_own_posts_alone(street, amina):
    make_need(make_person(street.network, "Eve"), street.groceries)
    page = soup(amina.get(f"{MINE}/"))
    assert [words(heading) for heading in page.select("main article h2")] == ["Groceries, 3 boxes"]
