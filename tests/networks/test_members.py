"""The members page, and who may see and change what on it."""

from datetime import timedelta

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import select

from mutualaid.db import db
from mutualaid.networks import verbs
from mutualaid.networks.models import Membership
from tests.factories import NOW, make_area, make_member, make_network, make_person


@pytest.fixture
def network(app):
    return make_network()


@pytest.fixture
def ines(network):
    """A steward."""
    return make_member(network, "steward", name="Inês", email="ines@example.org")


def rows(response):
    page = BeautifulSoup(response.text, "html.parser")
    return [[cell.text.strip() for cell in row.select("th, td")] for row in page.select("tbody tr")]


def test_steward_sees_everyone_with_emails_and_how_it_stands(client, network, ines):
    area = make_area(network)
    make_member(network, "coordinator", areas=(area,), days=1)
    make_member(network, "helper", name="Dee", days=-1)
    verbs.add_member(network, "eve@example.org", "helper", now=NOW)
    recalled = make_member(network, "helper", name="Fay")
    verbs.recall_member(recalled, now=NOW)
    assert rows(client.sign_in(ines).get("/garrison/members")) == [
        ["Inês", "ines@example.org", "Steward", "all areas", "until May 22, 2027"],
        ["Bo", "bo@example.org", "Coordinator", "Parkdale", "until November 24, 2026"],
        ["(no name yet)", "eve@example.org", "Helper", "", "invited, has not answered yet"],
        ["Dee", "dee@example.org", "Helper", "", "ended on November 22, 2026"],
        ["Fay", "fay@example.org", "Helper", "", "ended early, on November 23, 2026"],
    ]


def test_coordinator_sees_names_without_emails_and_changes_nothing(client, network, ines):
    page = client.sign_in(make_member(network)).get("/garrison/members")
    assert rows(page)[1] == ["Bo", "Coordinator", "all areas", "until May 22, 2027"]
    assert "@example.org" not in page.text
    assert BeautifulSoup(page.text, "html.parser").select("main a") == []


def test_members_of_one_network_are_not_seen_in_another(client, network, ines):
    make_member(make_network("other"), name="Chris")
    assert [row[0] for row in rows(client.sign_in(ines).get("/garrison/members"))] == ["Inês"]


PAGES = ("/members", "/members/invite", "/members/{id}", "/settings")
STEWARDS = PAGES[1:]


def urls(network, member, pages=PAGES):
    return [f"/{network.slug}{page.format(id=member.id)}" for page in pages]


def test_signed_out_visitors_are_asked_to_sign_in(client, network, ines):
    client.enter(make_person(network))
    for url in urls(network, ines):
        answer = client.get(url)
        assert (answer.status_code, answer.location) == (302, f"/sign-in?next={url}")


@pytest.mark.parametrize("who", ["helper", "ended", "recalled", "invited", "elsewhere"])
def test_strangers_find_nothing(client, network, ines, who):
    if who == "elsewhere":
        stranger = make_member(make_network("other"), "steward", name="Chris")
    elif who == "invited":
        stranger, _ = verbs.add_member(network, "eve@example.org", "steward", now=NOW)
    else:
        role = "helper" if who == "helper" else "steward"
        stranger = make_member(network, role, name="Eve", days=-1 if who == "ended" else 9)
    if who == "recalled":
        verbs.recall_member(stranger, now=NOW)
    client.sign_in(stranger)
    nothing = client.get("/garrison/members/1/nothing")
    for url in urls(network, ines):
        answer = client.get(url)
        assert (answer.status_code, answer.text) == (404, nothing.text)


def test_mandate_that_ends_closes_the_desk_in_that_moment(client, network, clock):
    bo = make_member(network)
    bo.ends_at = NOW + timedelta(hours=1)
    client.sign_in(bo)
    clock.shift(3599)
    assert client.get("/garrison/members").status_code == 200
    clock.shift(1)
    assert client.get("/garrison/members").status_code == 404


def test_coordinator_finds_nothing_of_the_stewards(client, network, ines):
    client.sign_in(make_member(network))
    assert [client.get(url).status_code for url in urls(network, ines, STEWARDS)] == [404] * 3
    posts = [
        f"/garrison/members/{ines.id}",
        f"/garrison/members/{ines.id}/recall",
        "/garrison/members/invite",
    ]
    data = {"email": "eve@example.org", "role": "steward", "months": "6"}
    assert [client.post(url, data=data).status_code for url in posts] == [404] * 3
    db.session.refresh(ines)
    assert (ines.recalled_at, len(db.session.scalars(select(Membership)).all())) == (None, 2)


def test_invitation_shows_its_link_once(client, app, network, ines):
    area = make_area(network)
    data = {"email": "Dee@example.org", "role": "coordinator", "areas": [str(area.id)], "months": "3"}
    page = client.sign_in(ines).post("/garrison/members/invite", data=data)
    link = BeautifulSoup(page.text, "html.parser").select_one(".link").text
    assert link.startswith("http://localhost:8000/invitation/")
    dee = verbs.member_by_email(network, "dee@example.org")
    assert (dee.role, dee.area_ids, dee.joined_at) == ("coordinator", [area.id], None)
    assert dee.ends_at == verbs.months_later(NOW, 3)
    answers = {"name": "Dee", "password": "three kettles on a hill"}
    browser = app.test_client()
    assert browser.show_link(link).location == "/invitation"
    assert browser.post("/invitation", data=answers).location == "/"


def test_invitation_needs_email_and_role(client, network, ines):
    page = client.sign_in(ines).post("/garrison/members/invite", data={"email": "dee", "months": "6"})
    fixes = [p.text.strip() for p in BeautifulSoup(page.text, "html.parser").select(".fix")]
    assert fixes == [
        "This does not look like an email. Emails look like rosa@example.org.",
        "Please choose one.",
    ]
    assert len(db.session.scalars(select(Membership)).all()) == 1


def test_invitation_knows_no_area_of_another_network(client, network, ines):
    elsewhere = make_area(make_network("other"))
    make_area(network)
    data = {"email": "dee@example.org", "role": "coordinator", "areas": [str(elsewhere.id)], "months": "6"}
    client.sign_in(ines).post("/garrison/members/invite", data=data)
    assert verbs.member_by_email(network, "dee@example.org") is None


def test_new_link_for_someone_who_has_not_answered(client, network, ines):
    dee, _ = verbs.add_member(network, "dee@example.org", "helper", now=NOW)
    page = client.sign_in(ines).post(f"/garrison/members/{dee.id}/invitation")
    assert BeautifulSoup(page.text, "html.parser").select_one(".link") is not None
    assert client.post(f"/garrison/members/{ines.id}/invitation").status_code == 404


def test_steward_changes_and_ends_a_mandate(client, network, ines):
    bo = make_member(network, "helper", days=-1)
    url = f"/garrison/members/{bo.id}"
    answer = client.sign_in(ines).post(url, data={"role": "coordinator", "months": "12"})
    assert (answer.status_code, answer.location) == (303, "/garrison/members")
    db.session.refresh(bo)
    assert (bo.role, bo.ends_at) == ("coordinator", verbs.months_later(NOW, 12))
    client.post(f"{url}/recall")
    db.session.refresh(bo)
    assert bo.recalled_at == NOW


def test_last_steward_stays(client, network, ines):
    answer = client.sign_in(ines).post(f"/garrison/members/{ines.id}/recall", follow_redirects=True)
    assert "the last steward stays" in answer.text
    db.session.refresh(ines)
    assert ines.recalled_at is None


def test_member_of_another_network_is_not_found(client, network, ines):
    chris = make_member(make_network("other"), "helper", name="Chris")
    client.sign_in(ines)
    assert client.get(f"/garrison/members/{chris.id}").status_code == 404
    assert client.post(f"/garrison/members/{chris.id}/recall").status_code == 404
    assert client.get(f"/garrison/members/{2**70}").status_code == 404
    db.session.refresh(chris)
    assert chris.recalled_at is None


def test_areas_stand_last_and_open_only_when_some_are_chosen(client, network, ines):
    area = make_area(network)
    bo = make_member(network, areas=(area,))
    client.sign_in(ines)
    for page, is_open in (("invite", False), (bo.id, True)):
        form = BeautifulSoup(client.get(f"/garrison/members/{page}").text, "html.parser").select_one(
            "form.form"
        )
        some = form.select_one("#months").find_next("details")
        assert (some.has_attr("open"), len(some.select("[name=areas]"))) == (is_open, 1)


@pytest.mark.parametrize("way", ["change", "invite"])
def test_last_steward_does_not_give_the_role_away(client, network, ines, way):
    path = f"/garrison/members/{ines.id if way == 'change' else 'invite'}"
    mandate = {"email": "ines@example.org", "role": "helper", "months": "6"}
    answer = client.sign_in(ines).post(path, data=mandate, follow_redirects=True)
    assert "the last steward stays" in answer.text
    db.session.refresh(ines)
    assert ines.role == "steward"
