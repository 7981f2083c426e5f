"""Who is on somebody's do-not-match list sees what everyone sees when a need is gone: letter by letter."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from mutualaid.aid import lifecycle
from mutualaid.aid.digest import owe_digests
from mutualaid.aid.news import owe_news
from mutualaid.db import db
from mutualaid.notices.models import Notice
from mutualaid.people.models import DoNotMatch
from tests.factories import (
    NOW,
    actor_of,
    cell_near,
    make_area,
    make_category,
    make_member,
    make_need,
    make_network,
    make_offer,
    make_person,
)

HOUR = timedelta(hours=1)
WAYS = {
    "nothing": ("code", "desk"),
    "proposed": ("match", "account"),
    "claimed": ("code", "desk_match"),
    "agreed": ("match", "code", "desk"),
    "delivered": ("match", "desk_match"),
    "confirmed": ("match", "account"),
}
CHANGING = re.compile(r'\d{12,}|(?<=name="csrf_token" value=")[^"]+|(?<=name="once" value=")[^"]+')


class World:
    """Amina needs boxes, Dee helps with an account and is told of what is new; Fay needs boxes, too."""

    def __init__(self, client, slug, start):
        self.client, self.slug = client, slug
        self.network = make_network(slug, name="Garrison")
        area = make_area(self.network)
        self.groceries = make_category(self.network)
        place = {"area_id": area.id, "cell": cell_near(self.network), "travel": "host"}
        self.bo = make_member(self.network, email=f"bo@{slug}.example")
        self.amina = make_member(self.network, "helper", name="Amina", email=f"amina@{slug}.example")
        self.dee = make_member(self.network, "helper", name="Dee", email=f"dee@{slug}.example")
        self.dee.person.digest, self.dee.person.told_a_day = True, 5
        self.need = make_need(self.amina.person, self.groceries, quantity=2, now=NOW - 3 * HOUR, **place)
        make_need(make_person(self.network, "Fay"), self.groceries, now=NOW - 2 * HOUR, **place)
        place["travel"] = "come"
        self.offer = make_offer(self.dee.person, self.groceries, stock=5, now=NOW - 4 * HOUR, **place)
        self.match = self.come_to(start)
        db.session.commit()

    def come_to(self, start):
        amina, dee = actor_of(self.amina.person), actor_of(self.dee)
        if start == "nothing":
            return None
        if start == "claimed":
            return lifecycle.claim(self.need, self.dee.person, by=dee, now=NOW - HOUR)
        match = lifecycle.propose(self.need, self.offer, by=actor_of(self.bo), now=NOW - HOUR)
        if start != "proposed":
            lifecycle.consent(match, "offer", by=dee, now=NOW - HOUR)
            lifecycle.consent(match, "need", by=amina, now=NOW - HOUR)
        if start in ("delivered", "confirmed"):
            lifecycle.deliver(match, by=dee, now=NOW - HOUR)
        if start == "confirmed":
            lifecycle.confirm(match, by=amina, now=NOW - HOUR)
        lifecycle.write_message(match, "need", "Is three fine?", once=1, now=NOW - HOUR)
        lifecycle.write_message(match, "offer", "Yes. I have $5, too.", once=1, now=NOW - HOUR)
        return match

    def post(self, path, **fields):
        return self.client.post(f"/{self.slug}/{path}", data=fields)

    def as_amina(self, via):
        self.client.enter(self.amina.person, via)
        return self

    def as_bo(self):
        self.client.sign_in(self.bo)
        return self

    def keep_away(self, way):
        """Amina says so, on her page or to Bo; each time Dee is somebody she met here, or an email."""
        email = self.dee.person.email
        if way == "match":
            answer = self.as_amina("link").post(f"matches/{self.match.id}/never")
        elif way == "code":
            answer = self.as_amina("code").post("mine/never", email=email)
        elif way == "account":
            self.client.sign_in(self.amina)
            answer = self.post("mine/never", email=email)
        elif way == "desk":
            answer = self.as_bo().post(f"desk/{self.need.id}/never", email=email)
        else:
            answer = self.as_bo().post(f"desk/matches/{self.match.id}/never", side="need")
        assert answer.status_code == 303
        self.leave()

    def let_it_go(self, way):
        """Amina takes her need back, herself or on the phone; and where she was reached already, ends that too."""
        if way.startswith("desk"):
            self.as_bo().post(f"desk/{self.need.id}/withdraw")
            self.leave()
        else:
            self.as_amina("link").post(f"mine/posts/{self.need.id}/withdraw")
        if self.match is not None:
            self.as_amina("link").post(f"matches/{self.match.id}/end-contact")
        self.leave()

    def leave(self):
        with self.client.session_transaction() as session:
            session.clear()

    def seen(self):
        """All that Dee can open or try, and all that is written to her."""
        self.client.sign_in(self.dee)
        pages = [
            "near/",
            "near/?all=1",
            "near/settings",
            "mine/",
            "mine/told",
            f"mine/posts/{self.offer.id}/change",
        ]
        tries = [(f"near/{self.need.id}/claim", {})]
        if self.match is not None:
            of_match = f"matches/{self.match.id}"
            pages += [
                f"{of_match}/{page}" for page in ("messages", "end-contact", "never", "release", "dispute")
            ]
            verbs = ("contact", "consent", "decline", "retract", "end-contact", "confirm")
            tries += [
                (f"{of_match}/messages", {"text": "Hello?"}),
                *((f"{of_match}/{verb}", {}) for verb in verbs),
            ]
            tries += [(f"{of_match}/release", {"reason": "ill"})]
        seen = [(name_of(page), self.plain(self.client.get(f"/{self.slug}/{page}"))) for page in pages]
        for path, fields in tries:
            seen.append((name_of(path), self.plain(self.post(path, **fields))))
            seen[-1] += self.told()
        return [*seen, ("after", self.plain(self.client.get(f"/{self.slug}/near/"))), *self.letters()]

    def told(self):
        """What the next page would say."""
        with self.client.session_transaction() as session:
            return tuple(session.pop("_flashes", []))

    def letters(self):
        db.session.expire_all()
        mine = (Notice.network_id == self.network.id, Notice.person_id == self.dee.person_id)
        rows = db.session.scalars(select(Notice).where(*mine).order_by(Notice.kind, Notice.id))
        return [(row.kind, row.channel, row.outcome, row.send_after, row.numbers) for row in rows]

    def plain(self, answer):
        """Without what differs between two answers of one page, or two networks of one name."""
        texts = (answer.text, answer.location or "")
        return answer.status_code, *(CHANGING.sub("N", text.replace(self.slug, "slug")) for text in texts)


def name_of(path):
    return CHANGING.sub("N", path)


@pytest.mark.parametrize(("start", "way"), [(start, way) for start, ways in WAYS.items() for way in ways])
def test_who_is_kept_away_sees_what_everyone_sees_when_a_need_is_gone(client, start, way):
    kept, gone = World(client, "kept", start), World(client, "gone", start)
    kept.keep_away(way)
    gone.let_it_go(way)
    owe_news(NOW)
    owe_digests(NOW, {})
    for one, other in zip(kept.seen(), gone.seen(), strict=True):
        assert one == other
    assert db.session.scalars(select(DoNotMatch.person_id)).first() == kept.amina.person_id


def test_need_that_stays_open_to_her_is_seen(client):
    """Else the comparison would find nothing, whatever there was to find."""
    there, gone = World(client, "kept", "nothing"), World(client, "gone", "nothing")
    gone.let_it_go("code")
    different = [one[0] for one, other in zip(there.seen(), gone.seen(), strict=True) if one != other]
    assert different == ["near/", "near/?all=1", "near/N/claim", "after"]
