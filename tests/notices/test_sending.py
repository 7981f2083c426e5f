"""Each notice is sent once, to whom it is owed, or kept, or given up: against a real SMTP server."""

import re
from datetime import timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from mutualaid.actors import worker
from mutualaid.aid import lifecycle
from mutualaid.db import db
from mutualaid.events.models import Event
from mutualaid.notices import sending
from mutualaid.notices.mail import BadMailSettings, mailbox
from mutualaid.notices.models import Notice
from mutualaid.notices.outbox import owe
from mutualaid.notices.sending import CLAIM, DELAYS, send_due
from mutualaid.people.access import person_by_link
from mutualaid.people.accounts import find_token
from mutualaid.people.models import AccessLink, Person
from tests.factories import (
    NOW,
    actor_of,
    make_category,
    make_match,
    make_member,
    make_need,
    make_network,
    make_offer,
    make_person,
)
from tests.notices.post_office import PostOffice, free_port

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)


def owed(kind: str = "agreed_need", email: str = "amina@example.org", **more: Any) -> Notice:
    person = make_person(make_network(), "Amina", email=email)
    return owe_to(person, kind, **more)


def owe_to(person: Person, kind: str = "agreed_need", **more: Any) -> Notice:
    notice = owe(person, kind, now=NOW, **more)
    db.session.commit()
    assert notice is not None
    return notice


def link_in(office: PostOffice) -> str:
    text = str(office.taken[-1].get_content())
    return next(word for word in text.split() if word.startswith("https://"))


def test_send_due_sends_once(office: PostOffice) -> None:
    notice = owed()
    assert [send_due(NOW), send_due(NOW), send_due(NOW + timedelta(days=9))] == [(1, 0), (0, 0), (0, 0)]
    assert office.recipients == [["amina@example.org"]]
    assert (notice.outcome, notice.done_at, notice.claimed_until, notice.attempts) == ("sent", NOW, None, 1)


def test_message_is_plain_and_automatic(office: PostOffice) -> None:
    notice = owed()
    send_due(NOW)
    message = office.taken[0]
    assert message.get_content_type() == "text/plain"
    headers = {name: str(value) for name, value in message.items() if not name.startswith("X-")}
    assert headers == {
        "From": "Notes <notes@example.org>",
        "To": "amina@example.org",
        "Subject": "A note for you",
        "Date": "Mon, 23 Nov 2026 15:00:00 +0000",
        "Message-ID": f"<{notice.network_id}.{notice.id}@example.org>",
        "Auto-Submitted": "auto-generated",
        "Content-Type": 'text/plain; charset="utf-8"',
        "Content-Transfer-Encoding": "7bit",
        "MIME-Version": "1.0",
    }


def test_message_holds_a_link_that_opens_the_page(office: PostOffice) -> None:
    notice = owed()
    send_due(NOW)
    address, _, token = link_in(office).rpartition("/")
    assert address == "https://aid.example.org/garrison/link"
    person = person_by_link(notice.network_id, token, NOW)
    assert person is not None
    assert person.id == notice.person_id


def test_proposal_says_until_when_in_local_time_and_nothing_about_what_or_who(office: PostOffice) -> None:
    network = make_network()
    groceries = make_category(network)
    amina, dee = (make_person(network, name, email=f"{name}@example.org") for name in ("Amina", "Dee"))
    need, offer = make_need(amina, groceries, details="Mind the dog"), make_offer(dee, groceries)
    make_match(need, offer, by=actor_of(make_member(network)))
    db.session.commit()
    assert send_due(NOW) == (2, 0)
    for message in office.taken:
        text = message.get_content()
        assert "before Tuesday, November 24, 2026, 10:00 AM." in text
        assert "Garrison Creek Neighbours" in text
        words = re.sub(r"http\S+", "", text) + str(message["Subject"])  # a token may hold any letters
        for secret in ("Amina", "Dee", "roceries", "dog", "Bo"):
            assert secret not in words


def test_first_yes_renews_the_time_that_the_other_is_told(office: PostOffice) -> None:
    network = make_network()
    groceries = make_category(network)
    amina, dee = (make_person(network, name, email=f"{name}@example.org") for name in ("Amina", "Dee"))
    match = make_match(
        make_need(amina, groceries), make_offer(dee, groceries), by=actor_of(make_member(network))
    )
    lifecycle.consent(match, "offer", by=actor_of(dee), now=NOW + timedelta(hours=5))
    db.session.commit()
    assert send_due(NOW + timedelta(hours=5)) == (1, 0)
    assert office.recipients == [["amina@example.org"]]
    assert "before Tuesday, November 24, 2026, 3:00 PM." in office.taken[0].get_content()


def test_person_reads_spanish_text_has_spanish_dates(office: PostOffice) -> None:
    person = make_person(make_network(), "Amina", email="amina@example.org", language="es")
    owe_to(person, "proposed_need", numbers={"until": NOW.isoformat()})
    send_due(NOW)
    assert "lunes, 23 de noviembre de 2026, 10:00" in office.taken[0].get_content()


def test_language_the_app_does_not_speak_falls_back_to_the_networks_first(office: PostOffice) -> None:
    network = make_network(languages=["ht", "es"])
    person = make_person(network, "Amina", email="amina@example.org", language="ht")
    owe_to(person, "proposed_need", numbers={"until": NOW.isoformat()})
    send_due(NOW)
    assert "lunes, 23 de noviembre" in office.taken[0].get_content()


@pytest.mark.parametrize("kind", ["second_reset", "mandate_ends"])
def test_what_is_about_an_account_goes_there_whatever_its_person_chose(office: PostOffice, kind: str) -> None:
    bo = make_member(make_network(), email="bo@example.org").person
    bo.email, bo.reach = "", "none"
    owe_to(bo, kind, channel="email", numbers={"until": NOW.isoformat()})
    send_due(NOW)
    assert office.recipients == [["bo@example.org"]]


def test_reset_goes_to_the_account_with_a_token_of_its_own(office: PostOffice) -> None:
    bo = make_member(make_network(), email="bo@example.org").person
    bo.email, bo.reach = "elsewhere@example.org", "none"
    owe_to(bo, "reset", channel="email")
    send_due(NOW)
    assert office.recipients == [["bo@example.org"]]
    address, _, token = link_in(office).rpartition("/")
    assert address == "https://aid.example.org/reset"
    found = find_token(token, "reset", NOW)
    assert found is not None
    assert found[1].email == "bo@example.org"


def test_lost_link_goes_to_an_email_otherwise_not_used(office: PostOffice) -> None:
    person = make_person(make_network(), "Amina", email="amina@example.org", reach="none")
    owe_to(person, "link_again", channel="email")
    send_due(NOW)
    assert office.recipients == [["amina@example.org"]]


def test_send_due_before_its_time_sends_nothing(office: PostOffice) -> None:
    owed(send_after=NOW + MINUTE)
    assert [send_due(NOW + MINUTE - SECOND), send_due(NOW + MINUTE)] == [(0, 0), (1, 0)]


def test_calls_are_never_sent(office: PostOffice) -> None:
    owe_to(make_person(make_network(), "Amina", phone="+14165550142"))
    assert send_due(NOW) == (0, 0)


def test_no_mail_server_set_keeps_notices_untouched(
    office: PostOffice, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "SMTP_URL", "")
    monkeypatch.setitem(app.config, "MAIL_FROM", "")
    notice = owed()
    assert send_due(NOW) == (0, 0)
    assert (notice.attempts, notice.claimed_until, notice.done_at) == (0, None, None)


def test_half_the_settings_are_refused(
    office: PostOffice, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "MAIL_FROM", "")
    with pytest.raises(BadMailSettings):
        send_due(NOW)


def test_server_says_later_is_tried_again_with_the_same_message_id(office: PostOffice) -> None:
    notice = owed()
    office.answers = ["451 4.3.0 later", "451 4.3.0 later"]
    assert send_due(NOW) == (0, 1)
    assert (notice.outcome, notice.send_after) == (None, NOW + MINUTE)
    assert send_due(NOW + MINUTE - SECOND) == (0, 0)
    assert send_due(NOW + MINUTE) == (0, 1)
    assert notice.send_after == NOW + 6 * MINUTE
    assert send_due(NOW + 6 * MINUTE) == (1, 0)
    assert (notice.outcome, notice.attempts) == ("sent", 3)


def test_server_says_later_for_days_fails_at_last(office: PostOffice) -> None:
    notice, now, tries = owed(), NOW, 0
    office.answers = ["451 4.3.0 later"] * 20
    while notice.outcome is None:
        now = max(now, notice.send_after)
        tries += 1
        assert send_due(now) == (0, 1)
    assert (notice.outcome, tries) == ("failed", len(DELAYS) + 1)
    assert now - NOW == timedelta(minutes=1 + 5 + 25 + 125 + 625 + 1440)


def test_message_refused_for_good_fails_at_once(office: PostOffice) -> None:
    notice = owed()
    office.answers = ["554 5.7.1 no"]
    assert [send_due(NOW), send_due(NOW + timedelta(days=2))] == [(0, 1), (0, 0)]
    assert (notice.outcome, notice.done_at) == ("failed", NOW)


def test_mailbox_unknown_fails_at_once_and_the_log_does_not_name_it(
    office: PostOffice, caplog: pytest.LogCaptureFixture
) -> None:
    notice = owed()
    office.unknown = {"amina@example.org"}
    assert send_due(NOW) == (0, 1)
    assert notice.outcome == "failed"
    assert [record.getMessage() for record in caplog.records] == [
        "A notice was not sent: the server answered 550. It is shown on the desk."
    ]


def test_one_refused_does_not_stop_the_others(office: PostOffice) -> None:
    network = make_network()
    for name in ("amina", "dee"):
        owe_to(make_person(network, name, email=f"{name}@example.org"))
    office.unknown = {"amina@example.org"}
    assert send_due(NOW) == (1, 1)
    assert office.recipients == [["dee@example.org"]]


def test_server_down_tries_one_and_keeps_all(
    office: PostOffice, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "SMTP_URL", f"smtp://127.0.0.1:{free_port()}")
    network = make_network()
    notices = [owe_to(make_person(network, name, email=f"{name}@example.org")) for name in ("Amina", "Dee")]
    assert send_due(NOW) == (0, 1)
    assert [(n.outcome, n.attempts, n.claimed_until) for n in notices] == [(None, 1, None), (None, 0, None)]
    monkeypatch.setitem(app.config, "SMTP_URL", office.url)
    assert send_due(NOW + MINUTE) == (2, 0)


def test_networks_name_cannot_add_headers(office: PostOffice) -> None:
    network = make_network(name="Creek\r\nBcc: spy@example.org\r\n\r\nHurry")
    owe_to(make_person(network, "Amina", email="amina@example.org"))
    assert send_due(NOW) == (1, 0)
    assert office.recipients == [["amina@example.org"]]
    assert office.taken[0]["Bcc"] is None
    assert office.taken[0].get_content().endswith("Creek Bcc: spy@example.org Hurry\r\n")


@pytest.mark.parametrize(
    "address",
    ["amina@example.org\r\nBcc: spy@example.org", "amina@example.org, spy@example.org", "amina", "@"],
)
def test_address_that_is_none_fails_at_once(office: PostOffice, address: str) -> None:
    person = make_person(make_network(), "Amina", email="amina@example.org")
    person.email = address
    notice = owe_to(person)
    assert send_due(NOW) == (0, 1)
    assert (notice.outcome, office.recipients) == ("failed", [])


def test_person_erased_before_sending_is_dropped(office: PostOffice) -> None:
    notice = owed()
    lifecycle.erase(
        db.session.get_one(Person, (notice.network_id, notice.person_id)),
        by=worker(notice.network_id),
        now=NOW,
    )
    db.session.commit()
    assert send_due(NOW) == (0, 0)
    assert (notice.outcome, office.taken) == ("dropped", [])


def test_person_erased_while_it_is_on_its_way_stays_dropped_and_leaves_no_link(
    office: PostOffice, app: Flask
) -> None:
    """Erased by somebody else between the claim and the answer of the server."""
    notice = owed()
    key = (notice.network_id, notice.person_id)

    def erase() -> None:
        with app.app_context():
            person = db.session.get_one(Person, key)
            lifecycle.erase(person, by=worker(notice.network_id), now=NOW)
            db.session.commit()

    db.session.expunge(notice)
    office.before_taking = erase
    send_due(NOW)
    rows = db.session.execute(select(Notice.outcome, Notice.claimed_until)).all()
    assert [row[0] for row in rows] == ["dropped"]
    assert db.session.scalars(select(AccessLink)).all() == []


@pytest.mark.parametrize("what", ["ended", "erased"])
def test_what_is_over_by_the_time_it_is_written_is_not_sent(
    office: PostOffice, app: Flask, what: str
) -> None:
    """Between a sender's claim and its letter."""
    member = make_member(make_network())
    notice = owe_to(member.person, "reset", channel="email")
    claim, box = sending._claim(notice.network_id, notice.id, NOW), mailbox(app.config)
    assert claim is not None
    assert box is not None
    if what == "erased":
        member.person.erased_at = NOW
    else:
        notice.done_at = NOW
    db.session.commit()
    assert sending._send(claim, box, NOW) is False
    assert office.taken == []


def test_notice_that_another_sender_put_off_is_not_claimed(office: PostOffice) -> None:
    notice = owed()
    notice.send_after = NOW + MINUTE
    db.session.commit()
    assert sending._claim(notice.network_id, notice.id, NOW) is None


def test_person_who_takes_back_the_email_is_not_written_to(office: PostOffice) -> None:
    person = make_person(make_network(), "Amina", email="amina@example.org")
    notice = owe_to(person)
    person.reach = "none"
    db.session.commit()
    assert send_due(NOW) == (0, 0)
    assert (notice.outcome, office.taken) == ("dropped", [])


def test_notice_of_a_sender_that_died_is_free_again_after_its_claim(office: PostOffice) -> None:
    notice = owed()
    notice.claimed_until = NOW + CLAIM
    db.session.commit()
    assert [send_due(NOW + CLAIM - SECOND), send_due(NOW + CLAIM)] == [(0, 0), (1, 0)]


def test_two_senders_at_once_send_each_once(office: PostOffice, app: Flask) -> None:
    network = make_network()
    for number in range(8):
        owe_to(make_person(network, "Amina", email=f"amina{number}@example.org"))
    start, results = Barrier(3), []

    def work() -> None:
        with app.app_context():
            start.wait()
            results.append(send_due(NOW))

    threads = [Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(sent for sent, _ in results) == 8
    assert sorted(office.recipients) == [[f"amina{number}@example.org"] for number in range(8)]


def test_sending_writes_no_history(office: PostOffice) -> None:
    owed()
    send_due(NOW)
    assert db.session.scalars(select(Event)).all() == []
