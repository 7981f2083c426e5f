"""Who gets which answer where: every rule and method of the app, asked as each sort of person about Amina's things."""

import re
from dataclasses import dataclass
from typing import Any

from flask import Flask
from sqlalchemy import select
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from mutualaid.db import db
from mutualaid.networks import two_people
from mutualaid.notices.models import Notice
from mutualaid.people.models import Person
from tests.factories import NOW, actor_of, make_area, make_member, make_network
from tests.pages import Town, make_town
from tests.web import Browser

ACTORS = ("nobody", "code", "link", "eve", "dee", "zed", "bo", "ada", "chris", "ines")
TOKEN = re.compile(rb'(name="csrf_token"[^>]*value|value)="[^"]+"')
NOTHING = 1  # no row has this id
# After these, what is asked about is not there any more.
LAST = ("members.recall", "account.remove_app", "mine.erase")


@dataclass
class Cast:
    """Amina by her code and by her link; Eve, another neighbour; Dee, who helps Amina, and Zed, who does not; Bo
    coordinates here and Ada elsewhere; Chris is the steward of another network, Inês of this one."""

    town: Town
    eve: Person
    zed: Any
    ada: Any
    chris: Any
    ids: dict[str, int]

    def enter(self, browser: Browser, who: str) -> Browser:
        if who in ("code", "link"):
            return browser.enter(self.town.amina, via=who)
        if who == "eve":
            return browser.enter(self.eve)
        members = {"dee": self.town.dee, "bo": self.town.bo, "ines": self.town.ines}
        member = members.get(who) or getattr(self, who, None)
        return browser.sign_in(member) if member else browser


def make_cast() -> Cast:
    town = make_town()
    elsewhere = make_area(town.network, "Junction", (43.66, -79.5))
    zed = make_member(town.network, "helper", name="Zed", email="zed@example.org")
    ada = make_member(town.network, name="Ada", email="ada@example.org", areas=[elsewhere])
    chris = make_member(make_network("chris"), "steward", name="Chris", email="chris@example.org")
    ines, six = actor_of(town.ines), {"area_ids": (), "months": 6}
    asked = two_people.ask(town.network, "zed@example.org", "coordinator", by=ines, now=NOW, **six)
    db.session.commit()
    call = db.session.scalars(
        select(Notice.id).where(Notice.channel == "call", Notice.done_at.is_(None))
    ).first()
    assert call is not None
    ids = {
        "post_id": town.need.id,
        "other_id": town.offer.id,
        "offer_id": town.offer.id,
        "match_id": town.agreed.id,
        "member_id": town.dee.id,
        "asked_id": asked.id,
        "message_id": town.held.id,
        "notice_id": call,
    }
    eve = next(p for p in db.session.scalars(select(Person).order_by(Person.id)) if p.name == "Eve")
    return Cast(town, eve, zed, ada, chris, ids)


def late(endpoint: str) -> int:
    return LAST.index(endpoint) + 1 if endpoint in LAST else 0


def questions(app: Flask) -> list[tuple[str, Rule]]:
    """("GET", rule) and ("POST", rule) of all that the app answers; what ends something comes last."""
    asked = [
        (method, rule)
        for rule in app.url_map.iter_rules()
        for method in sorted(rule.methods or ())
        if method in ("GET", "POST", "PUT", "PATCH", "DELETE") and rule.endpoint != "static"
    ]
    return sorted(asked, key=lambda one: (late(one[1].endpoint), one[1].endpoint, one[1].rule, one[0]))


def values(cast: Cast, rule: Rule, *, nothing: bool = False) -> dict[str, Any]:
    """What the address is about: Amina's need, her match with Dee, and so on; or nothing that is there."""
    words = {"slug": "garrison", "token": "none", "kind": "need", "step": "what", "verb": "still_needed"}
    return {n: words.get(n) or (NOTHING if nothing else cast.ids.get(n, NOTHING)) for n in rule.arguments}


OWN = "its own"  # token against forgery


def ask(
    app: Flask,
    cast: Cast,
    who: str,
    method: str,
    rule: Rule,
    *,
    nothing: bool = False,
    token: str | None = OWN,
) -> TestResponse:
    """With a browser of its own, so that no answer hangs on the one before."""
    browser = cast.enter(app.test_client(), who)
    path = app.url_map.bind("localhost").build(rule.endpoint, values(cast, rule, nothing=nothing), method)
    if method == "GET":
        return browser.open(path)
    if token == OWN:
        return browser.post(path)
    browser._token()  # it has one, and does not send it
    return browser.post(path, data={} if token is None else {"csrf_token": token}, forged=True)


@dataclass(frozen=True)
class Answered:
    """How (see `letter`), and whether nothing that is there looks the same; what was let in is not compared."""

    letter: str
    same: bool


def ask_everything(app: Flask, who: str) -> dict[str, Answered]:
    """By "GET desk.show" and so on."""
    cast, found = make_cast(), {}
    for method, rule in questions(app):
        answer = ask(app, cast, who, method, rule)
        got, same = letter(answer), True
        if rule.arguments - {"slug", "kind", "step", "token"} and got != "+":
            same = plain(answer) == plain(ask(app, cast, who, method, rule, nothing=True))
        found[f"{method} {rule.endpoint}"] = Answered(got, same)
    return found


def letter(answer: TestResponse) -> str:
    """`+` let in, `-` there is nothing here, `s` asked to sign in or for a code; else the status."""
    if answer.status_code == 404:
        return "-"
    if answer.status_code in (302, 303):
        return "s" if re.search(r"/(sign-in|code)(\?|$)", answer.location) else "+"
    return "+" if answer.status_code == 200 else str(answer.status_code)


def plain(answer: TestResponse) -> tuple[int, bytes]:
    """Without the token, and without the address that was asked for, which sign-in leads back to."""
    if answer.location:
        return answer.status_code, answer.location.partition("?")[0].encode()
    return answer.status_code, TOKEN.sub(b"", answer.data)
