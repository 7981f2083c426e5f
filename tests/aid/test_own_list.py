"""One's own do-not-match list: written with a code too, seen and ended by link or account, and by nobody else."""

from datetime import timedelta

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import func, select

from mutualaid.aid import lifecycle
from mutualaid.aid.between import in_touch
from mutualaid.aid.lifecycle import Refused
from mutualaid.aid.lifecycle.table import NEVER_A_DAY, NEVER_FOR_OTHERS_A_DAY, NEVER_FROM_A_CONTACT
from mutualaid.db import db
from mutualaid.people import limits
from mutualaid.people.contact import email_hash
from mutualaid.people.models import DoNotMatch
from tests.aid.desk_cast import verbs, words
from tests.aid.street import Street
from tests.factories import NOW, actor_of, make_area, make_member, make_offer, make_person

NEVER = "/garrison/mine/never"
DAY, SECOND = timedelta(days=1), timedelta(seconds=1)


@pytest.fixture
def street(client):
    return Street()


def kept():
    db.session.expire_all()
    return [
        (row.person_id, row.other_id)
        for row in db.session.scalars(select(DoNotMatch).order_by(DoNotMatch.id))
    ]


def list_of(client, person, via="link"):
    answer = client.enter(person, via).post(f"{NEVER}/list")
    return answer.status_code, BeautifulSoup(answer.data, "html.parser")


def test_list_says_when_and_not_whom(street, client, clock):
    lifecycle.never_match_person(street.amina, street.dee, by=street.by_amina, now=NOW)
    status, page = list_of(client, street.amina)
    assert (status, [words(row) for row in page.select("main li b")]) == (
        200,
        ["Someone you were matched with here"],
    )
    assert ("Dee" in page.text, "dee@" in page.text) == (False, False)
    assert client.get(f"{NEVER}/list").status_code == 405  # at no address that a browser would keep


def test_line_is_taken_off_and_the_two_may_be_matched_again(street, client):
    lifecycle.never_match_person(street.amina, street.dee, by=street.by_amina, now=NOW)
    with pytest.raises(Refused):
        street.proposed()
    before = verbs()
    _, page = list_of(client, street.amina)
    assert client.post(page.select_one("main li form")["action"]).location == NEVER
    assert (kept(), verbs()) == ([], before)
    assert street.proposed().state == "proposed"


def test_what_was_said_apart_is_taken_off_apart(street, client):
    one, other = (email_hash(street.network.id, f"{name}@example.org") for name in ("mo", "chris"))
    lifecycle.never_match_contact(street.amina, one, by=street.by_amina, now=NOW)
    lifecycle.never_match_contact(street.amina, other, by=street.by_amina, now=NOW.replace(minute=5))
    _, page = list_of(client, street.amina)
    first, _second = page.select("main li form")  # the newest first
    client.post(first["action"])
    db.session.expire_all()
    assert list(db.session.scalars(select(DoNotMatch.contact_hash))) == [one]


def test_code_alone_writes_and_neither_shows_nor_ends(street, client):
    client.enter(street.amina, "code").post(NEVER, data={"email": "dee@example.org"})
    assert len(kept()) == 1
    line = db.session.scalar(select(DoNotMatch.id))
    page = client.get(NEVER).text
    assert ("Show my list" in page, "a code alone is not enough" in page) == (False, True)
    assert (list_of(client, street.amina, "code")[0], client.post(f"{NEVER}/{line}/end").status_code) == (
        404,
        404,
    )
    assert len(kept()) == 1


def test_nobody_ends_somebody_elses_line(street, client):
    lifecycle.never_match_person(street.amina, street.dee, by=street.by_amina, now=NOW)
    line = kept()
    row_id = db.session.scalar(select(DoNotMatch.id))
    client.enter(street.dee).post(f"{NEVER}/{row_id}/end")
    assert kept() == line
    assert "Nobody is on it" in list_of(client, street.dee)[1].text


def test_page_looks_the_same_whether_somebody_is_on_the_list_or_not(street, client):
    """Whoever looks over a shoulder sees no more."""
    before = words(BeautifulSoup(client.enter(street.amina).get(NEVER).data, "html.parser").main)
    lifecycle.never_match_person(street.amina, street.dee, by=street.by_amina, now=NOW)
    assert words(BeautifulSoup(client.get(NEVER).data, "html.parser").main) == before


def test_email_not_known_here_yet_counts_when_its_owner_comes(street, client):
    client.enter(street.amina).post(NEVER, data={"email": "Mo@Example.org"})
    mo = make_person(street.network, "Mo", email="mo@example.org")
    with pytest.raises(Refused) as refused:
        lifecycle.propose(street.need, make_offer(mo, street.groceries), by=street.by_bo, now=NOW)
    assert refused.value.facts["miss"].rule == "blocked"


def test_what_goes_on_under_a_lost_code_ends_once_a_coordinator_says_so(street, client):
    """Amina came back with her phone and got a new code. It could be anybody who knows her phone."""
    match = street.agreed()
    again = make_person(street.network, "Amina", phone="416 555 0142")
    client.enter(again).post(NEVER, data={"email": "dee@example.org"})
    db.session.expire_all()
    assert match.state == "agreed"
    dee = email_hash(street.network.id, "dee@example.org")
    lifecycle.never_match_contact(again, dee, by=actor_of(street.bo), now=NOW)
    assert match.state == "released"


def lines_by_hash():
    return db.session.scalar(select(func.count()).select_from(DoNotMatch))


@pytest.mark.parametrize("taken_off", [False, True])
def test_own_list_takes_three_a_day_by_phone_or_email(street, client, clock, taken_off):
    client.enter(street.amina)
    for n in range(NEVER_A_DAY):
        both = {"phone": f"416 555 017{n}", "email": f"mo{n}@example.org"}
        assert client.post(NEVER, data=both).location == "/garrison/mine/"
        if taken_off:
            client.post(f"{NEVER}/{db.session.scalar(select(func.min(DoNotMatch.id)))}/end")
    stood = 0 if taken_off else 2 * NEVER_A_DAY
    assert lines_by_hash() == stood
    clock.shift(DAY - SECOND)
    limits.forget(NOW + DAY - SECOND)
    refused = client.enter(street.amina, "code").post(NEVER, data={"phone": "416 555 0179"})
    page = BeautifulSoup(refused.data, "html.parser")
    assert (refused.status_code, lines_by_hash(), page.find(id="phone")["value"]) == (
        200,
        stood,
        "416 555 0179",
    )
    assert "ask a coordinator: they can do it for you today." in words(page.find(role="alert"))
    assert client.enter(street.dee).post(NEVER, data={"phone": "416 555 0179"}).status_code == 303
    clock.shift(SECOND)
    assert client.enter(street.amina).post(NEVER, data={"phone": "416 555 0179"}).status_code == 303


def test_never_again_with_whom_one_met_is_not_counted(street, client):
    client.enter(street.amina)
    for n in range(NEVER_A_DAY):
        client.post(NEVER, data={"phone": f"416 555 017{n}"})
    match = street.proposed()
    client.post(f"/garrison/matches/{match.id}/never")
    assert street.dee.id in [other for _, other in kept()]


# On the phone, with a coordinator


def test_coordinator_notes_so_many_a_day_for_whomever(street, client, clock):
    """More than one neighbour may; not so many that they find out whose phone makes a suggestion vanish."""
    client.sign_in(street.bo)
    for n in range(NEVER_FOR_OTHERS_A_DAY):
        post = (street.need, street.offer)[n % 2]
        answer = client.post(f"/garrison/desk/{post.id}/never", data={"phone": f"416 555 01{n:02}"})
        assert answer.status_code == 303
    refused = client.post(f"/garrison/desk/{street.need.id}/never", data={"phone": "416 555 0199"})
    page = BeautifulSoup(refused.data, "html.parser")
    assert (refused.status_code, lines_by_hash()) == (200, NEVER_FOR_OTHERS_A_DAY)
    assert "ask another coordinator" in words(page.find(role="alert"))
    assert page.find(id="phone")["value"] == "416 555 0199"
    clock.shift(DAY)
    again = client.sign_in(street.bo).post(
        f"/garrison/desk/{street.need.id}/never", data={"phone": "416 555 0199"}
    )
    assert again.status_code == 303


def test_who_posts_again_and_again_has_not_three_more_each_time(street, client):
    for n in range(NEVER_FROM_A_CONTACT + 1):
        client.enter(make_person(street.network, "Mo", email="mo@example.org"))
        answer = client.post(NEVER, data={"phone": f"416 555 01{n:02}"})
        assert answer.status_code == (303 if n < NEVER_FROM_A_CONTACT else 200)


@pytest.mark.parametrize("agreed", [False, True])
def test_stranger_with_the_same_phone_ends_nothing_that_two_have_with_each_other(street, client, agreed):
    """Nor learns, from what closes, whose phone it is."""
    match = street.agreed() if agreed else street.proposed()
    stranger = make_person(street.network, "Somebody", phone="416 555 0142")
    client.enter(stranger).post(NEVER, data={"email": "dee@example.org"})
    db.session.expire_all()
    assert (match.state, in_touch(match, NOW)) == ("agreed" if agreed else "proposed", True)


def test_coordinator_ends_for_who_came_back_that_they_are_reached(street, client):
    match = street.delivered()
    again = make_person(street.network, "Amina", phone="416 555 0142")
    dee = email_hash(street.network.id, "dee@example.org")
    lifecycle.never_match_contact(again, dee, by=street.by_bo, now=NOW)
    assert (match.state, in_touch(match, NOW)) == ("delivered", False)


def test_coordinator_notes_it_for_somebody_on_the_phone(street, client):
    client.sign_in(street.bo)
    before = verbs()
    answer = client.post(f"/garrison/desk/{street.need.id}/never", data={"phone": "416 555 0188"})
    assert answer.location == f"/garrison/desk/{street.need.id}"
    assert (len(kept()), kept()[0][0], verbs()) == (1, street.amina.id, before)
    assert client.post(f"/garrison/desk/{street.need.id}/never").status_code == 200  # neither phone nor email


@pytest.mark.parametrize("side", ["need", "offer"])
def test_coordinator_ends_what_goes_on_for_either_side(street, client, side):
    match = street.agreed()
    client.sign_in(street.bo).post(f"/garrison/desk/matches/{match.id}/never", data={"side": side})
    db.session.expire_all()
    owner = street.amina if side == "need" else street.dee
    assert (match.state, {row[0] for row in kept()}) == ("released", {owner.id})


def test_coordinator_speaks_only_for_people_of_their_areas(street, client):
    far = make_area(street.network, "Weston", (43.70, -79.52))
    street.offer.area_id = far.id
    match = street.agreed()
    client.sign_in(make_member(street.network, name="Ana", areas=(far,)))
    assert (
        client.post(f"/garrison/desk/{street.need.id}/never", data={"phone": "416 555 0188"}).status_code
        == 404
    )
    assert client.post(f"/garrison/desk/matches/{match.id}/never", data={"side": "need"}).status_code == 200
    assert (kept(), match.state) == ([], "agreed")
