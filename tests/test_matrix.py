"""The access matrix: every rule and method, asked as every sort of person, with the answer that each should get."""

import pytest
from itsdangerous import URLSafeTimedSerializer
from sqlalchemy import select

from mutualaid.db import db
from tests.matrix import ACTORS, ask, ask_everything, make_cast, questions

# In the order of ACTORS (nobody, Amina by code, Amina by link, Eve, Dee, Zed, Bo, Ada, Chris, Inês):
# + let in, - nothing here, s asked to sign in or for a code. About Amina's need and her match with Dee.
EXPECTED = {
    # anyone
    "++++++++++": """
        GET access.code, POST access.code, GET access.link, GET home.show, GET lost.ask, POST lost.ask,
        GET networks.first, POST networks.language, GET patterns.show, GET people.away, POST people.leave,
        GET signing_in.show, POST signing_in.show, POST signing_in.challenge, GET what_we_hold.show,
        POST people.sign_out, POST posting.answer, POST posting.check,
        GET posting.posted, GET posting.show, POST posting.somebody_else, GET posting.start, GET reset.ask,
        POST reset.ask, GET invitation.link, GET reset.link
    """,
    # whoever holds a token, and nobody here does; retracting is for who proposed it
    "----------": """
        POST access.open_link, POST invitation.open_link, GET invitation.answer, POST invitation.answer,
        POST matches.retract, POST reset.open_link, GET reset.choose, POST reset.choose
    """,
    # coordinators of this area
    "ssss--+--+": """
        GET desk.need, POST desk_calls.called, POST desk_calls.no_answer, POST desk_calls.number,
        GET desk_calls.show, GET desk_matches.confirm, POST desk_matches.confirm, GET desk_matches.deliver,
        POST desk_matches.deliver, GET desk_matches.dispute, POST desk_matches.dispute, POST desk_matches.propose,
        GET desk_matches.release, POST desk_matches.release, GET desk_matches.resolve, POST desk_matches.resolve,
        GET desk_never.again, POST desk_never.again, GET desk_never.with_somebody, POST desk_never.with_somebody,
        GET desk_messages.show, POST desk_messages.read, POST desk_messages.pass_on, POST desk_messages.keep_back,
        POST desk_matches.retract, GET desk_matches.set_address, POST desk_matches.set_address,
        POST desk_posts.called, GET desk_posts.change, POST desk_posts.change, GET desk_posts.close,
        POST desk_posts.code, GET desk_posts.hold, POST desk_posts.hold, POST desk_posts.look,
        POST desk_posts.mark_duplicate, POST desk_posts.pause, POST desk_posts.refer, POST desk_posts.reopen,
        POST desk_posts.resume, POST desk_posts.still_needed, POST desk_posts.take_in, POST desk_posts.withdraw
    """,
    # coordinators, who see there what is of their areas
    "ssss--++-+": """
        GET desk.chat, GET desk.sheet, GET desk.show, POST desk_plan.propose, GET desk_plan.show,
        POST desk_posts.many, GET members.show, POST members.say_yes, POST members.say_no, POST members.take_back,
        GET phone.caller, POST phone.write, GET phone.written
    """,
    # the steward
    "ssss-----+": """
        GET members.change, POST members.change, GET members.invite, POST members.invite, POST members.recall,
        GET steward.settings, POST steward.settings, GET steward_ranking.show, POST steward_ranking.show
    """,
    # answered already, or accepted already
    "ssss------": "POST desk_matches.consent, POST desk_matches.decline, POST members.invite_again",
    # either side
    "-++-+-----": """
        POST matches.consent, POST matches.decline, GET matches.never, POST matches.never, GET matches.release,
        POST matches.release, GET matches.end_contact, POST matches.end_contact, GET messages.show,
        POST messages.show
    """,
    # Amina
    "-++-------": "POST matches.confirm, GET matches.dispute, POST matches.dispute",
    "s++-----s-": "POST mine.change_state, GET own.change, POST own.change",
    # Amina, but not by her code
    "--+-------": "GET matches.address, POST matches.address",
    "--+-+-----": "POST matches.show_contact",
    # Dee
    "----+-----": "POST matches.deliver",
    "ssss+-----": "POST near.pass_over",
    # each their own page
    "s+++++++s+": "GET mine.erase, POST mine.erase, GET never.show, POST never.show, GET mine.show, POST mine.keep",
    "s-++++++s+": "POST mine.renew, POST never.end, POST never.lines",
    "s---++++s+": "GET mine.told, POST mine.told",
    # members
    "ssss++++-+": "POST near.claim, GET near.settings, POST near.settings, GET near.show",
    "ssss++++++": """
        POST account.end_others, POST account.end_session, GET account.show, GET account.app, POST account.app,
        POST account.challenge, POST account.codes, GET account.passkey, POST account.passkey,
        POST account.remove_app, POST account.remove_passkey, GET signing_in.again, POST signing_in.again
    """,
    # whoever has just shown their password, and nobody here has
    "ssssssssss": "GET signing_in.second_step, POST signing_in.second_step",
}
WANTED = {name.strip(): letters for letters, names in EXPECTED.items() for name in names.split(",")}


def name(method, rule):
    return f"{method} {rule.endpoint}"


def test_every_rule_and_method_has_an_expected_answer(app):
    """Whoever adds a page says here who may open it."""
    assert {name(*question) for question in questions(app)} == set(WANTED)
    assert {len(letters) for letters in WANTED.values()} == {len(ACTORS)}


@pytest.fixture(scope="module")
def asked():
    return {}


@pytest.fixture
def answered(app, clock, asked, who):
    """All that one of them is answered. They are asked once for the tests that look at it."""
    if who not in asked:
        asked[who] = ask_everything(app, who)
    return asked[who]


@pytest.fixture(scope="module", params=ACTORS)
def who(request):
    """For a whole module, so that what looks at the same answers follows each other."""
    return request.param


def test_everyone_gets_the_expected_answer_everywhere(answered, who):
    got = {question: answer.letter for question, answer in answered.items()}
    assert got == {question: letters[ACTORS.index(who)] for question, letters in WANTED.items()}


def test_what_is_anothers_and_what_is_not_there_look_the_same(answered):
    assert [question for question, answer in answered.items() if not answer.same] == []


def contents():
    """Every row of every table."""
    db.session.rollback()
    return {
        table.name: sorted(map(repr, db.session.execute(select(table))))
        for table in db.metadata.sorted_tables
    }


def forged(app, cast, blueprint=""):
    """Every POST as somebody who may, without the token, with a wrong one, and with that of another browser."""
    signer = URLSafeTimedSerializer(str(app.secret_key), salt="wtf-csrf-token")
    tokens = (None, "wrong", signer.dumps("another browser's"))
    for method, rule in questions(app):
        who = next(
            (w for w, sign in zip(ACTORS, WANTED.get(name(method, rule), "+"), strict=False) if sign == "+"),
            None,
        )
        asked = method == "POST" and rule.endpoint.startswith(blueprint) and rule.endpoint != "people.leave"
        if who and asked:
            for token in tokens:
                yield name(method, rule), ask(app, cast, who, method, rule, token=token)


def test_without_its_own_token_nothing_is_changed(app, clock):
    cast = make_cast()
    for who in ACTORS:
        cast.enter(app.test_client(), who)
    before = contents()
    taken = [question for question, answer in forged(app, cast) if answer.status_code != 400]
    assert taken == []
    after = contents()
    for passing in ("account_session", "attempt"):
        del before[passing], after[passing]
    assert after == before


def test_page_that_takes_a_post_without_a_token_is_found(app, clock, monkeypatch):
    """One that is exempt shows up."""
    exempt = app.extensions["csrf"]._exempt_views
    monkeypatch.setattr(app.extensions["csrf"], "_exempt_views", exempt | {"mutualaid.aid.mine.renew"})
    cast = make_cast()
    taken = {question for question, answer in forged(app, cast, "mine.") if answer.status_code != 400}
    assert taken == {"POST mine.renew"}
