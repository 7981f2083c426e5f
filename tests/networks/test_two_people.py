"""Two people for a role: one steward asks, another who leads says yes."""

from datetime import timedelta

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import select

from mutualaid.aid import lifecycle
from mutualaid.aid.lifecycle.retention import erase_due
from mutualaid.db import db
from mutualaid.events.models import Event
from mutualaid.networks import two_people, verbs
from mutualaid.networks.ended import end_asked
from mutualaid.networks.models import AskedMandate
from mutualaid.people.models import Person
from tests.factories import NOW, actor_of, make_area, make_member, make_network

WEEK = timedelta(days=7)


@pytest.fixture
def network(app):
    return make_network()


@pytest.fixture
def ines(network):
    """A steward."""
    return make_member(network, "steward", name="Inês", email="ines@example.org")


@pytest.fixture
def bo(network):
    return make_member(network)


@pytest.fixture
def dee(network):
    return make_member(network, "helper", name="Dee")


@pytest.fixture
def of(app):
    """The browser of a member."""
    return lambda member: app.test_client().sign_in(member)


def ask(browser, member, role="coordinator", months="6", **more):
    data = {"role": role, "months": months, **more}
    return browser.post(f"/garrison/members/{member.id}", data=data)


def asked():
    db.session.expire_all()
    return db.session.scalars(select(AskedMandate)).all()


def answer(browser, what="yes", number=None):
    return browser.post(f"/garrison/members/asked/{number or asked()[0].id}/{what}")


def verbs_told():
    return db.session.scalars(select(Event.verb).order_by(Event.id)).all()


def buttons(browser):
    page = BeautifulSoup(browser.get("/garrison/members").text, "html.parser")
    return [button.text.strip() for button in page.select("#waiting button")]


def test_promotion_waits_for_a_second_person(clock, of, ines, bo, dee):
    answered = ask(of(ines), dee)
    assert (answered.status_code, answered.location) == (303, "/garrison/members")
    (row,) = asked()
    assert (row.email, row.role, row.asked_by_id, dee.role) == (
        "dee@example.org",
        "coordinator",
        ines.person_id,
        "helper",
    )
    assert answer(of(bo)).status_code == 303
    db.session.refresh(dee)
    assert (dee.role, dee.ends_at, asked()) == ("coordinator", verbs.months_later(NOW, 6), [])
    assert verbs_told() == ["mandate_ask", "mandate_yes", "mandate"]
    given, yes = (
        db.session.scalars(select(Event).where(Event.verb == verb)).one()
        for verb in ("mandate", "mandate_yes")
    )
    assert (given.actor_id, yes.actor_id, yes.person_id) == (ines.person_id, bo.person_id, dee.person_id)


def test_new_coordinator_is_made_when_the_second_says_yes_and_then_gets_a_link(clock, of, network, ines, bo):
    data = {"email": "new@example.org", "role": "coordinator", "months": "3"}
    page = of(ines).post("/garrison/members/invite", data=data)
    assert (page.status_code, verbs.member_by_email(network, "new@example.org")) == (303, None)
    said = answer(of(bo))
    new = verbs.member_by_email(network, "new@example.org")
    assert (new.role, new.joined_at) == ("coordinator", None)
    assert shows_a_link(said)


def test_who_asked_for_a_role_does_not_get_the_link_to_it(clock, of, network, ines, bo):
    """Else they could join in that name, and say yes to themselves from then on."""
    data = {"email": "new@example.org", "role": "coordinator", "months": "3"}
    of(ines).post("/garrison/members/invite", data=data)
    answer(of(bo))
    new = verbs.member_by_email(network, "new@example.org")
    refused = of(ines).post(f"/garrison/members/{new.id}/invitation")
    assert (refused.status_code, refused.location) == (303, "/garrison/members")
    ada = make_member(network, "steward", name="Ada", email="ada@example.org")
    assert shows_a_link(of(ada).post(f"/garrison/members/{new.id}/invitation"))


def shows_a_link(answer):
    return BeautifulSoup(answer.text, "html.parser").select_one(".link") is not None


def test_coordinator_of_some_areas_is_made_of_those_alone(clock, of, network, ines, bo, dee):
    parkdale, _ = make_area(network), make_area(network, "Junction", (43.66, -79.5))
    ask(of(ines), dee, areas=[str(parkdale.id)])
    answer(of(bo))
    db.session.refresh(dee)
    assert (dee.role, dee.area_ids) == ("coordinator", [parkdale.id])


def test_helper_is_invited_by_one_alone(clock, of, network, ines, bo):
    of(ines).post(
        "/garrison/members/invite", data={"email": "h@example.org", "role": "helper", "months": "3"}
    )
    assert (verbs.member_by_email(network, "h@example.org").role, asked()) == ("helper", [])


@pytest.mark.parametrize(
    ("had", "wanted", "waits"),
    [
        (("coordinator", 180, "p"), ("coordinator", "1", "p"), False),  # the same, for shorter
        (("coordinator", 20, "p"), ("coordinator", "1", "p"), True),  # for longer
        (("coordinator", 180, "p"), ("coordinator", "1", "pr"), True),  # one area more
        (("coordinator", 180, "p"), ("coordinator", "1", ""), True),  # all areas
        (("coordinator", 180, "p"), ("coordinator", "1", "r"), True),  # another area
        (("coordinator", 180, "pr"), ("coordinator", "1", "p"), False),
        (("coordinator", 180, ""), ("coordinator", "1", "p"), False),
        (("coordinator", 180, ""), ("steward", "1", ""), True),
        (("steward", 180, ""), ("coordinator", "1", "p"), False),
        (("steward", 180, ""), ("steward", "12", ""), True),
        (("coordinator", -1, ""), ("coordinator", "1", ""), True),  # it had ended
        (("helper", 180, ""), ("helper", "12", ""), False),
        (("coordinator", 180, ""), ("helper", "12", ""), False),
    ],
)
def test_what_gives_more_needs_two_and_what_gives_less_does_not(
    clock, of, network, ines, bo, had, wanted, waits
):
    areas = {"p": make_area(network), "r": make_area(network, "Roncesvalles", at=(43.70, -79.30))}
    role, days, where = had
    eve = make_member(network, role, name="Eve", days=days, areas=tuple(areas[letter] for letter in where))
    role, months, where = wanted
    ask(of(ines), eve, role, months, areas=[str(areas[letter].id) for letter in where])
    assert bool(asked()) is waits
    db.session.refresh(eve)
    assert (eve.starts_at == NOW and eve.role == role) or waits


def test_neither_who_asks_nor_who_gets_it_says_yes(clock, of, network, ines, bo):
    eve = make_member(network, name="Eve")
    ask(of(ines), eve, "steward")
    for who in (ines, eve):
        answer(of(who))
        answer(of(who), "no")
    assert len(asked()) == 1
    assert [buttons(of(who)) for who in (ines, eve, bo)] == [["Take it back"], [], ["Yes, give it", "No"]]
    db.session.refresh(eve)
    assert eve.role == "coordinator"


def test_ones_own_longer_mandate_needs_another(clock, of, ines, bo):
    ask(of(ines), ines, "steward", "12")
    answer(of(ines))
    assert len(asked()) == 1
    answer(of(bo))
    db.session.refresh(ines)
    assert ines.ends_at == verbs.months_later(NOW, 12)


@pytest.mark.parametrize("who", ["helper", "elsewhere", "ended", "stranger"])
def test_only_those_who_lead_here_say_yes(client, clock, of, network, ines, bo, dee, who):
    ask(of(ines), dee)
    if who == "elsewhere":
        other = of(make_member(make_network("other"), "steward", name="Chris"))
    elif who == "stranger":
        other = client
    else:
        role, days = ("helper", 9) if who == "helper" else ("steward", -1)
        other = of(make_member(network, role, name="Eve", days=days))
    assert answer(other).status_code == (302 if who == "stranger" else 404)
    assert len(asked()) == 1


def test_who_may_not_answer_learns_no_more_than_of_what_is_not_there(clock, of, ines, bo, dee):
    ask(of(ines), dee)
    browser = of(ines)
    there, nowhere = (browser.post(f"/garrison/members/asked/{n}/yes") for n in (asked()[0].id, 1))
    assert (
        (there.status_code, there.location)
        == (nowhere.status_code, nowhere.location)
        == (303, "/garrison/members")
    )


def test_asked_for_in_one_network_is_not_answered_in_another(clock, of, network, ines, bo, dee):
    ask(of(ines), dee)
    chris = make_member(make_network("other"), "steward", name="Chris")
    number = asked()[0].id
    of(chris).post(f"/other/members/asked/{number}/yes")
    assert len(asked()) == 1


def test_no_and_taking_back_change_nothing(clock, of, ines, bo, dee):
    for who, what in ((bo, "no"), (ines, "back")):
        ask(of(ines), dee)
        assert answer(of(who), what).status_code == 303
        assert (asked(), dee.role) == ([], "helper")
    assert verbs_told() == ["mandate_ask", "mandate_no", "mandate_ask", "mandate_back"]


def test_only_who_asked_takes_it_back(clock, of, ines, bo, dee):
    ask(of(ines), dee)
    answer(of(bo), "back")
    assert len(asked()) == 1


def test_second_answer_is_told_that_somebody_was_quicker(clock, of, network, ines, bo, dee):
    ask(of(ines), dee)
    number = asked()[0].id
    answer(of(bo))
    late = of(make_member(network, name="Eve")).post(
        f"/garrison/members/asked/{number}/no", follow_redirects=True
    )
    assert "This does not wait any more" in late.text
    db.session.refresh(dee)
    assert dee.role == "coordinator"


def test_two_answers_at_once_count_once(network, ines, bo, dee):
    """Both have read it; the one who deletes the row has answered."""
    two_people.ask(
        network, "dee@example.org", "coordinator", area_ids=[], months=6, by=actor_of(ines), now=NOW
    )
    (waits,) = two_people.waiting(network, NOW)
    assert two_people.end(waits, "mandate_no", by=actor_of(bo), now=NOW)
    assert two_people.say_yes(network, waits, by=actor_of(bo), now=NOW) is None
    assert dee.role == "helper"


def test_asking_twice_waits_once_with_what_was_asked_last(clock, of, ines, bo, dee):
    for months in ("3", "12"):
        ask(of(ines), dee, months=months)
    assert [row.months for row in asked()] == [12]


def test_it_ends_by_itself_after_a_week(clock, of, ines, bo, dee):
    ask(of(ines), dee)
    number = asked()[0].id
    db.session.commit()
    assert [end_asked(NOW + WEEK - timedelta(seconds=1))] == [0]
    clock.shift(WEEK)
    answer(of(bo), number=number)
    assert dee.role == "helper"
    db.session.commit()
    assert [end_asked(NOW + WEEK), end_asked(NOW + WEEK), asked()] == [1, 0, []]
    assert verbs_told() == ["mandate_ask", "mandate_lapse"]


@pytest.mark.parametrize("how", ["recalled", "made a coordinator", "time over"])
def test_what_somebody_asked_for_who_is_no_steward_any_more_waits_no_more(
    clock, of, network, ines, bo, dee, how
):
    ask(of(ines), dee)
    number = asked()[0].id
    make_member(network, "steward", name="Gus")
    if how == "recalled":
        verbs.recall_member(ines, now=NOW)
    elif how == "made a coordinator":
        verbs.renew(ines, "coordinator", now=NOW)
    else:
        ines.ends_at = NOW
    assert (buttons(of(bo)), nav_of(of(bo))) == ([], "People")
    answer(of(bo), number=number)
    db.session.refresh(dee)
    assert dee.role == "helper"


def test_who_is_alone_gives_it_at_once_and_the_event_says_so(clock, of, network, ines, dee):
    make_member(network, name="Gone", days=-1)
    verbs.add_member(network, "invited@example.org", "coordinator", now=NOW)
    ask(of(ines), dee)
    db.session.refresh(dee)
    assert (dee.role, asked()) == ("coordinator", [])
    assert db.session.scalars(select(Event.verb).where(Event.actor_id == ines.person_id)).all() == [
        "mandate_alone"
    ]


def end_role(browser, member, how):
    if how != "made a helper":
        browser.post(f"/garrison/members/{member.id}/recall")
    if how != "recalled":
        ask(browser, member, "helper")


@pytest.mark.parametrize("how", ["recalled", "made a helper", "recalled and invited as a helper"])
def test_who_ends_the_roles_of_all_others_is_not_alone_for_a_week(clock, of, network, ines, bo, dee, how):
    """Whoever has a steward's password must not get past the second person so."""
    end_role(of(ines), bo, how)
    refused = ask(of(ines), dee)
    assert (refused.status_code, refused.location) == (303, "/garrison/members")
    assert (asked(), dee.role) == ([], "helper")
    clock.shift(WEEK - timedelta(seconds=1))
    ask(of(ines), dee)
    db.session.refresh(dee)
    assert dee.role == "helper"
    clock.shift(timedelta(seconds=1))
    ask(of(ines), dee)
    db.session.refresh(dee)
    assert dee.role == "coordinator"
    assert verbs_told()[-1] == "mandate_alone"


def test_place_that_is_erased_meanwhile_makes_nobody_alone(clock, of, network, ines, bo, dee):
    network.retention_days = 1
    of(ines).post(f"/garrison/members/{bo.id}/recall")
    clock.shift(timedelta(days=2))
    erase_due(NOW + timedelta(days=2))
    assert verbs.member_by_email(network, "bo@example.org") is None
    ask(of(ines), dee)
    db.session.refresh(dee)
    assert (dee.role, asked()) == ("helper", [])


def test_who_erases_all_others_is_not_alone_for_a_week(clock, of, network, ines, bo, dee):
    """With a private link of theirs. Of when they were erased the day alone is kept."""
    person = db.session.get(Person, (network.id, bo.person_id))
    lifecycle.erase(person, by=actor_of(person), now=NOW)
    db.session.commit()
    ask(of(ines), dee)
    db.session.refresh(dee)
    assert (dee.role, asked()) == ("helper", [])
    clock.shift(WEEK)
    ask(of(ines), dee)
    db.session.refresh(dee)
    assert dee.role == "coordinator"


def test_page_says_from_when_on_one_can_give_a_role_alone(clock, of, ines, bo, dee):
    browser = of(ines)
    browser.post(f"/garrison/members/{bo.id}/recall")
    browser.get("/garrison/members")
    ask(browser, dee)
    page = BeautifulSoup(browser.get("/garrison/members").text, "html.parser")
    said = page.select_one(".note.now").get_text(" ", strip=True)
    assert said == (
        "Nothing was changed. Another person has to say yes. After November 30, 2026 you can do it alone."
    )


def test_who_lost_their_role_gets_it_back_from_whoever_is_alone(clock, of, ines, bo):
    """They are no second person for themselves."""
    of(ines).post(f"/garrison/members/{bo.id}/recall")
    ask(of(ines), bo)
    db.session.refresh(bo)
    assert (bo.role, bo.recalled_at) == ("coordinator", None)


def test_role_that_had_ended_or_never_begun_counts_no_longer_when_it_is_recalled(
    clock, of, network, ines, dee
):
    gone = make_member(network, name="Gone", days=-1)
    invited, _ = verbs.add_member(network, "invited@example.org", "coordinator", now=NOW)
    helper = make_member(network, "helper", name="Eve")
    for member in (gone, invited, helper):
        of(ines).post(f"/garrison/members/{member.id}/recall")
    ask(of(ines), dee)
    db.session.refresh(dee)
    assert dee.role == "coordinator"


def test_the_one_who_would_get_it_is_no_second_person(clock, of, network, ines, bo):
    """There is nobody but the two of them, so it is given at once."""
    ask(of(ines), bo, "steward")
    db.session.refresh(bo)
    assert (bo.role, asked()) == ("steward", [])


def test_nav_says_how_many_wait_for_ones_answer(clock, of, network, ines, bo):
    """Neither whoever asked is to answer, nor whoever would get it."""
    ana = make_member(network, name="Ana", days=20)
    ask(of(ines), ana)
    assert [nav_of(of(who)) for who in (bo, ines, ana)] == ["People (1 waits)", "People", "People"]


def nav_of(browser):
    page = BeautifulSoup(browser.get("/garrison/desk").text, "html.parser")
    return page.select_one("nav a[href$='/members']").text


def test_email_that_was_asked_for_is_sealed_and_gone_with_the_answer(clock, of, network, ines, bo):
    of(ines).post(
        "/garrison/members/invite", data={"email": "new@example.org", "role": "steward", "months": "3"}
    )
    assert b"new@example.org" not in asked()[0].email_sealed
    answer(of(bo), "no")
    assert asked() == []


def test_recall_needs_one_person(clock, of, ines, bo):
    of(ines).post(f"/garrison/members/{bo.id}/recall")
    db.session.refresh(bo)
    assert bo.recalled_at == NOW
