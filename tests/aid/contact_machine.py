"""Two who ask, two who help, and a coordinator, moved about at random. What may be seen is told by a plain model.

The model hears of what was done and of nothing else; it does not read how the program decides.
"""

from datetime import datetime, timedelta
from itertools import product
from typing import ClassVar, NamedTuple

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import func, select

from mutualaid.actors import worker
from mutualaid.aid import contact, lifecycle
from mutualaid.aid.lifecycle import Refused
from mutualaid.aid.messages.models import Message
from mutualaid.aid.messages.queries import messages_of
from mutualaid.aid.models import STATES, Match, Post
from mutualaid.db import db
from mutualaid.events.models import Event
from mutualaid.people.blocks import lines_of
from mutualaid.people.contact import email_hash
from mutualaid.people.models import DoNotMatch, Person
from tests.factories import NOW, actor_of, make_category, make_need, make_network, make_offer, make_person

DAY = timedelta(days=1)
FORTNIGHT = 14 * DAY
OVER = ("confirmed", "declined", "retracted", "lapsed", "released")
USED = ("proposed", "agreed", "delivered", "confirmed", "disputed")
HELLO, HELD = "Is three fine?", "I have $5."
SIDES = st.sampled_from(["need", "offer"])
WHO = st.integers(0, 3)


class Street(NamedTuple):
    """What stands before each run, which is not committed: the ids."""

    network_id: int
    people: list[int]
    bo: int
    needs: list[int]
    offers: list[int]


def make_street() -> Street:
    """Both needs are matched with both offers, and all have agreed."""
    network = make_network()
    category = make_category(network)
    people = [
        make_person(network, name, email=f"{name.lower()}@example.org")
        for name in ("Amina", "Eve", "Dee", "Mo")
    ]
    bo = make_person(network, "Bo")
    by = actor_of(bo, "coordinator")
    needs = [make_need(person, category, quantity=4) for person in people[:2]]
    offers = [
        make_offer(person, category, stock=stock) for person, stock in zip(people[2:], (5, None), strict=True)
    ]
    for need, offer in product(needs, offers):
        match = lifecycle.propose(need, offer, by=by, now=NOW, quantity=1)
        for side in ("need", "offer"):
            lifecycle.consent(match, side, by=by, now=NOW)
    db.session.commit()
    keys = [[row.id for row in rows] for rows in (people, needs, offers)]
    return Street(network.id, keys[0], bo.id, *keys[1:])


def run_contacts(how: settings) -> None:
    """As many runs as `how` says. AssertionError: something did not hold."""
    here = type("ContactsInStreet", (Contacts,), {"street": make_street()})
    run_state_machine_as_test(here, settings=how)


class Contacts(RuleBasedStateMachine):
    street: ClassVar["Street"]

    @initialize()
    def begin(self):
        self.now = NOW
        self.network_id = self.street.network_id
        self.people, self.needs, self.offers = (
            [db.session.get_one(model, (self.network_id, key)) for key in keys]
            for model, keys in (
                (Person, self.street.people),
                (Post, self.street.needs),
                (Post, self.street.offers),
            )
        )
        bo = db.session.get_one(Person, (self.network_id, self.street.bo))
        self.bo = actor_of(bo, "coordinator")
        self.owners: dict[int, int] = {}  # by post
        self.agreed: set[int] = {match.id for match in self.matches()}  # matches, by id
        self.ended: dict[int, datetime] = {}
        self.apart: set[int] = set()
        self.gone: set[int] = set()  # people
        self.lists: dict[tuple, object] = {}  # (owner, "person" or "email", other): since when
        self.once = 0

    def teardown(self):
        if hasattr(self, "people"):
            self.lists_are_shown_as_they_stand()
        db.session.rollback()

    def done(self, verb, *things, **more):
        """Whether it was not refused; then the model looks at where the matches stand, and when."""
        try:
            with db.session.begin_nested():
                verb(*things, now=self.now, **more)
        except Refused:
            db.session.expire_all()
            return False
        db.session.flush()
        for match in self.matches():
            if match.state in ("agreed", "delivered", "confirmed", "disputed"):
                self.agreed.add(match.id)
            if match.state in OVER:
                self.ended.setdefault(match.id, self.now)
            else:
                self.ended.pop(match.id, None)
        return True

    def matches(self):
        return list(db.session.scalars(select(Match).order_by(Match.id)))

    def some_match(self, data, states=STATES):
        found = [match for match in self.matches() if match.state in states]
        return data.draw(st.sampled_from(found)) if found else None

    def whose(self, match):
        """The two people of a match, as numbers."""
        return self.owner(match.need_id), self.owner(match.offer_id)

    def owner(self, post_id):
        if post_id not in self.owners:
            owner = db.session.get_one(Post, (self.network_id, post_id)).person_id
            self.owners[post_id] = self.street.people.index(owner)
        return self.owners[post_id]

    def in_touch(self, match):
        """What security.md says, with messages from the proposal on."""
        one, other = self.whose(match)
        ended = self.ended.get(match.id)
        lasts = ended is None or (match.id in self.agreed and self.now < ended + FORTNIGHT)
        listed = any({owner, whom} == {one, other} for owner, _, whom in self.lists)
        return lasts and not listed and match.id not in self.apart and not {one, other} & self.gone

    def looks(self):
        return db.session.scalar(select(func.count()).select_from(Event).where(Event.verb == "look"))

    # What people do

    @rule(need=st.integers(0, 1), offer=st.integers(0, 1), quantity=st.none() | st.integers(1, 3))
    def propose(self, need, offer, quantity):
        self.done(lifecycle.propose, self.needs[need], self.offers[offer], by=self.bo, quantity=quantity)

    @rule(need=st.integers(0, 1), helper=st.integers(2, 3))
    def claim(self, need, helper):
        person = self.people[helper]
        if helper not in self.gone:
            self.done(lifecycle.claim, self.needs[need], person, by=actor_of(person, "helper"))

    @rule(data=st.data(), side=SIDES)
    def consent(self, data, side):
        if match := self.some_match(data):
            self.done(lifecycle.consent, match, side, by=self.bo)

    @rule(data=st.data())
    def both_say_yes(self, data):
        if match := self.some_match(data, ("proposed",)):
            for side in ("need", "offer"):
                self.done(lifecycle.consent, match, side, by=self.bo)

    @rule(data=st.data(), verb=st.sampled_from(["decline", "release"]), side=SIDES)
    def end_by_a_side(self, data, verb, side):
        if match := self.some_match(data):
            self.done(getattr(lifecycle, verb), match, side, by=self.bo)

    @rule(data=st.data(), verb=st.sampled_from(["retract", "dispute", "deliver", "confirm"]))
    def move(self, data, verb):
        if match := self.some_match(data):
            self.done(getattr(lifecycle, verb), match, by=self.bo)

    @rule(data=st.data(), to=st.sampled_from(["confirmed", "released"]))
    def resolve(self, data, to):
        if match := self.some_match(data):
            self.done(lifecycle.resolve, match, to, by=self.bo)

    @rule(which=st.integers(0, 3), verb=st.sampled_from(["withdraw", "reopen"]))
    def close_or_open(self, which, verb):
        post = [*self.needs, *self.offers][which]
        self.done(getattr(lifecycle, verb), post, by=self.bo)

    @rule(hours=st.sampled_from([1, 24, 336]), data=st.data())
    def time_passes(self, hours, data):
        self.comes(self.now + timedelta(hours=hours), data)

    @rule(seconds=st.sampled_from([-1, 0]), data=st.data())
    def fortnight_is_over(self, seconds, data):
        """Or nearly, since something ended."""
        last = {at + FORTNIGHT + timedelta(seconds=seconds) for at in self.ended.values()}
        if ahead := sorted(moment for moment in last if moment > self.now):
            self.comes(data.draw(st.sampled_from(ahead)), data)

    def comes(self, moment, data):
        self.now = moment
        clock = worker(self.network_id)
        if match := self.some_match(data, ("proposed",)):
            self.done(lifecycle.lapse, match, by=clock)
        if match := self.some_match(data, ("delivered",)):
            self.done(lifecycle.confirm, match, by=clock, by_silence=True)

    @rule(data=st.data())
    def end_contact(self, data):
        if (match := self.some_match(data)) and self.done(lifecycle.end_contact, match, by=self.bo):
            self.apart.add(match.id)

    @rule(owner=WHO, other=WHO, known=st.booleans())
    def never(self, owner, other, known):
        if owner == other or self.gone & {owner, other}:
            return
        one, two = self.people[owner], self.people[other]
        by = actor_of(one)
        if known:
            self.done(lifecycle.never_match_person, one, two, by=by)
            self.lists.setdefault((owner, "person", other), self.now)
        else:
            self.done(lifecycle.never_match_contact, one, email_hash(self.network_id, two.email), by=by)
        self.lists.setdefault((owner, "email", other), self.now)
        # What stood between the two has ended for good, also once the line is taken off the list.
        self.apart |= {match.id for match in self.matches() if set(self.whose(match)) == {owner, other}}

    @rule(data=st.data())
    def off_the_list(self, data):
        lines = [(owner, line) for owner, person in enumerate(self.people) for line in lines_of(person)]
        if lines:
            owner, line = data.draw(st.sampled_from(lines))
            lifecycle.match_again(self.people[owner], line.id)
            self.lists = {key: at for key, at in self.lists.items() if (key[0], at) != (owner, line.at)}

    @rule(who=WHO, dice=st.integers(0, 2))
    def erase(self, who, dice):
        if dice == 0:
            self.done(lifecycle.erase, self.people[who], by=actor_of(self.people[who]))
            self.gone.add(who)
            # What others said by the phone or email stays said; their line about this person leads nowhere.
            self.lists = {key: at for key, at in self.lists.items() if key[0] != who}

    # What people see

    @rule(data=st.data(), side=SIDES)
    def look(self, data, side):
        match = self.some_match(data)
        if match is None:
            return
        before, seen, why = self.looks(), None, "contact_closed"
        by = actor_of(self.people[self.whose(match)[side == "offer"]])
        try:
            seen = contact.look(match, side, by=by, now=self.now)
        except Refused as refused:
            why = refused.reason
        db.session.flush()
        may = match.id in self.agreed and self.in_touch(match)
        if may and why == "looked_enough":
            today = (
                Event.verb == "look",
                Event.actor_id == by.person_id,
                Event.at > self.now - DAY,
            )
            looked = db.session.scalar(select(func.count()).select_from(Event).where(*today))
            assert (seen, side, looked >= 5) == (None, "offer", True)
            return
        other = (match.offer if side == "need" else match.need).person
        assert (seen is not None, self.looks() - before, why) == (may, int(may), "contact_closed")
        assert seen is None or seen.value == other.email != ""

    @rule(data=st.data(), side=SIDES, text=st.sampled_from([HELLO, HELD]), again=st.booleans())
    def write(self, data, side, text, again):
        if match := self.some_match(data):
            self.once += not again
            self.done(lifecycle.write_message, match, side, text, once=self.once)

    @rule(data=st.data(), verb=st.sampled_from(["pass_on", "keep_back"]))
    def decide(self, data, verb):
        rows = list(db.session.scalars(select(Message).order_by(Message.id)))
        if rows:
            self.done(getattr(lifecycle, verb), data.draw(st.sampled_from(rows)), by=self.bo)

    # What always holds

    @invariant()
    def all_holds(self):
        if not hasattr(self, "needs"):
            return
        matches = self.matches()
        self.contact_is_visible_exactly_when_it_may_be(matches)
        self.nobody_writes_once_they_may_not_be_in_touch(matches)
        written = set(db.session.scalars(select(Message.match_id).distinct()))
        self.nothing_that_is_held_is_read_by_the_other(matches, written)
        self.nothing_written_is_left_of_whom_somebody_ended(matches, written)
        self.quantities_are_never_negative_nor_above_what_was_offered(matches)
        self.lists_hold_what_was_said()
        self.erased_people_have_no_contact()

    def contact_is_visible_exactly_when_it_may_be(self, matches):
        for match in matches:
            may = match.id in self.agreed and self.in_touch(match)
            assert contact.is_shown(match, self.now) == may, (match.state, may)

    def nobody_writes_once_they_may_not_be_in_touch(self, matches):
        for match in matches:
            assert not lifecycle.may_be_written(match, self.now) or self.in_touch(match)

    def nothing_that_is_held_is_read_by_the_other(self, matches, written):
        for match, side in product(matches, ("need", "offer")):
            if match.id in written:
                theirs = [message for message in messages_of(match, side) if message.side != side]
                assert all(message.state == "sent" for message in theirs)
                assert all(message.text == HELLO or message.decided_by_id for message in theirs)

    def nothing_written_is_left_of_whom_somebody_ended(self, matches, written):
        """Who is erased, on a list, or ended that they reach each other; until they are matched anew."""
        ended = [m.id for m in matches if m.id in self.apart or set(self.whose(m)) & self.gone]
        assert not written & set(ended)

    def quantities_are_never_negative_nor_above_what_was_offered(self, matches):
        assert all(0 <= match.given <= match.promised for match in matches)
        for post in db.session.scalars(select(Post).execution_options(populate_existing=True)):
            of = [match for match in matches if post.id in (match.need_id, match.offer_id)]
            used = sum(match.promised for match in of if match.state in USED)
            assert 0 <= post.uncovered <= post.quantity
            if post.stock is not None and not post.is_need and not post.erased_at:
                assert 0 <= post.stock_left == post.stock - used <= post.stock

    def lists_hold_what_was_said(self):
        rows = db.session.execute(select(DoNotMatch.person_id, DoNotMatch.created_at))
        said = {(self.people[owner].id, at) for (owner, _, _), at in self.lists.items()}
        assert {tuple(row) for row in rows} == said

    def lists_are_shown_as_they_stand(self):
        """A line for what was said at once."""
        for owner, person in enumerate(self.people):
            said = {at for (who, _, _), at in self.lists.items() if who == owner}
            assert {line.at for line in lines_of(person)} == said

    def erased_people_have_no_contact(self):
        for who in self.gone:
            person = db.session.get_one(Person, (self.network_id, self.people[who].id))
            assert (person.name, person.phone, person.email, person.email_hash) == ("", "", "", None)
