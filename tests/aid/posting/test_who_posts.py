"""Who posts: somebody new, somebody known by a link, a member, or somebody else on the same phone."""

import pytest
from bs4 import BeautifulSoup

from mutualaid.people.access import person_by_code, person_by_link
from tests.aid.asking import CODE, REACH, answer, of_need, of_offer, people, posts, send, soup
from tests.factories import NOW, make_category, make_member, make_need, make_person


def test_code_and_link_open_the_page_of_who_posted(client, network, area):
    page = BeautifulSoup(send(client, network, "need", of_need(area)), "html.parser")
    (amina,) = people()
    code = page.select_one(".say").get_text()
    token = page.select_one(".link a")["href"].rpartition("/")[2]
    assert page.select_one(".link a")["href"].startswith("http://")
    assert person_by_code(network.id, code).id == amina.id
    assert person_by_link(network.id, token, NOW).id == amina.id
    assert client.get(f"/{network.slug}/mine/").status_code == 200


def test_person_is_reached_only_as_they_chose(client, network, area):
    send(client, network, "need", of_need(area, reach=REACH | {"email": "amina@example.org"}))
    (amina,) = people()
    assert (amina.name, amina.reach, amina.phone, amina.hours) == ("Amina", "call", "+14165550142", "morning")
    assert (amina.email, amina.email_hash) == ("", None)


def test_guest_posts_again_without_saying_who_they_are(client, network, area):
    send(client, network, "need", of_need(area))
    led = answer(client, network, "offer", {s: f for s, f in of_offer(area).items() if s != "reach"})
    assert led[-1] == "check"
    page = client.post(f"/{network.slug}/post/offer/check", follow_redirects=True).text
    assert "Your code stays the same." in page
    assert CODE.search(page) is None
    assert {post.person_id for post in posts()} == {people()[0].id}
    assert len(posts()) == 3


def test_guest_finds_their_area_and_languages_filled_in(client, network, area):
    amina = make_person(network, languages=["es"])
    make_need(amina, make_category(network, "bread"), area_id=area.id, travel="host")
    client.enter(amina, "code")
    answer(client, network, "need", {s: f for s, f in of_need(area).items() if s in ("what", "which")})
    where = soup(client, f"/{network.slug}/post/need/where")
    assert where.select_one("#area option[selected]")["value"] == str(area.id)
    answer(client, network, "need", {"where": of_need(area)["where"]})
    travel = soup(client, f"/{network.slug}/post/need/travel")
    assert travel.select_one("input[name=travel][checked]")["value"] == "host"
    answer(client, network, "need", {s: f for s, f in of_need(area).items() if s in ("travel", "when")})
    matters = soup(client, f"/{network.slug}/post/need/matters")
    assert [box["value"] for box in matters.select("input[name=languages][checked]")] == ["es"]


def test_member_posts_as_themselves(client, network, area):
    dee = make_member(network, "helper", name="Dee")
    client.sign_in(dee)
    send(client, network, "offer", {s: f for s, f in of_offer(area).items() if s != "reach"})
    (offer,) = posts()
    assert (offer.person_id, offer.posted_by_id) == (dee.person_id, None)


def test_somebody_else_on_the_same_phone_says_who_they_are(client, network, area):
    amina = make_person(network)
    client.enter(amina)
    answer(client, network, "need", {s: f for s, f in of_need(area).items() if s != "reach"})
    assert "I am not Amina" in client.get(f"/{network.slug}/post/need/check").text
    assert (
        client.post(f"/{network.slug}/post/need/somebody-else").location == f"/{network.slug}/post/need/reach"
    )
    send(client, network, "need", {"reach": REACH | {"name": "Eve"}})
    assert [person.name for person in people() if person.id == posts()[0].person_id] == ["Eve"]


@pytest.mark.parametrize("kind", ["need", "offer"])
def test_somebody_else_after_a_post_was_sent_gets_nothing_of_who_sent_it(client, network, area, kind):
    code = CODE.search(send(client, network, "need", of_need(area))).group()
    led = client.post(f"/{network.slug}/post/{kind}/somebody-else", follow_redirects=True)
    assert (led.request.path, code in led.text) == (f"/{network.slug}/post/{kind}/what", False)
    assert client.get(f"/{network.slug}/mine/").status_code == 302


def test_same_phone_never_links_two_people_silently(client, network, area):
    amina = make_person(network, phone="416 555 0142")
    page = send(client, network, "need", of_need(area))
    assert {post.person_id for post in posts()} == {person.id for person in people()} - {amina.id}
    assert len(people()) == 2
    assert CODE.search(page)


def test_erased_person_is_asked_who_they_are(client, network, area):
    client.enter(make_person(network, erased_at=NOW))
    led = answer(client, network, "need", of_need(area))
    assert led[-2:] == ["reach", "check"]
