"""The demo's story: every match is made by the real verbs, with times that lie behind us."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from sqlalchemy import select

from mutualaid.actors import Actor, worker
from mutualaid.aid import lifecycle
from mutualaid.aid.categories import add_default_categories
from mutualaid.aid.lifecycle import Said
from mutualaid.aid.models import Category, Match, Post
from mutualaid.aid.windows import local_day
from mutualaid.db import db, new_id
from mutualaid.demo import posts
from mutualaid.networks.models import Network
from mutualaid.notices.calls import call_done
from mutualaid.notices.models import Notice
from mutualaid.people.contact import set_phone
from mutualaid.people.models import Person
from mutualaid.places.areas import areas_of, import_areas
from mutualaid.places.geojson import load, parse
from mutualaid.places.models import Area

AREAS = Path(__file__).parent / "toronto.geojson"
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@dataclass
class Story:
    """The cast by name, and what each has posted, while the story is told."""

    network: Network
    bo: Actor
    now: datetime
    people: dict[str, Person]
    categories: dict[str, Category]
    areas: dict[str, Area]
    needs: dict[str, Post]
    offers: dict[str, Post]

    def person(self, name: str, languages: tuple[str, ...] = ("en",)) -> Person:
        """By name, made when first heard of. Phones are from the range kept for stories."""
        if name not in self.people:
            made = Person(
                network_id=self.network.id,
                id=new_id(),
                languages=list(languages),
                reach="call",
                created_at=self.now - 40 * DAY,
            )
            made.name = name
            made.hours = "morning, afternoon"
            set_phone(made, f"416 555 01{len(self.people) % 100:02}", "CA")
            db.session.add(made)
            self.people[name] = made
        return self.people[name]

    def actor(self, name: str) -> Actor:
        return Actor(self.network.id, self.people[name].id, "neighbour", "link")

    def days_ago(self, days: float) -> datetime:
        return self.now - timedelta(days=days)


def tell(network: Network, bo: Actor, people: dict[str, Person], now: datetime) -> Story:
    """All areas, categories, posts and matches of the demo; `people` are those who have accounts already."""
    import_areas(network, parse(load(AREAS), network.resolution), now)
    add_default_categories(network)
    db.session.flush()
    categories = {
        c.key: c for c in db.session.scalars(select(Category).where(Category.network_id == network.id))
    }
    areas = {area.name: area for area in areas_of(network)}
    story = Story(network, bo, now, people, categories, areas, {}, {})
    for offer in posts.OFFERS:
        post_offer(story, offer)
    for row in posts.CAME:
        what_came(story, *row)
    for need in posts.NEEDS:
        post_need(story, need)
    for scene in SCENES:
        scene(story)
    db.session.flush()
    for standing in story.offers.values():
        if standing.state == "open":
            lifecycle.still_needed(standing, by=story.bo, now=story.days_ago(2))
    make_old_calls(story)
    return story


def make_old_calls(story: Story) -> None:
    """Bo has made all calls but today's."""
    waiting = select(Notice).where(Notice.network_id == story.network.id, Notice.done_at.is_(None))
    for notice in db.session.scalars(waiting.where(Notice.created_at < story.days_ago(0.5))):
        call_done(notice, story.bo, notice.created_at + 2 * HOUR, "called")


def post_offer(story: Story, row: posts.Offer) -> None:
    name, category, area, stock, per_week, days, languages, has, reach, more = row
    said = Said(
        kind="offer",
        category_id=story.categories[category].id,
        area_id=story.areas[area].id,
        cell=story.areas[area].middle_cell,
        stock=stock,
        per_week=per_week,
        travel="come",
        reach_km=reach,
        languages=languages,
        traits=has,
        **more,
    )
    person = story.person(name, languages)
    story.offers[name] = lifecycle.post(person, said, by=story.actor(name), now=story.days_ago(days))


def post_need(story: Story, row: posts.Row) -> None:
    name, category, area, quantity, urgency, days, languages, requires, words, more = row
    said = Said(
        kind="need",
        category_id=story.categories[category].id,
        area_id=story.areas[area].id,
        cell=story.areas[area].middle_cell,
        quantity=quantity,
        travel="host",
        urgency=urgency,
        languages=languages,
        traits=requires,
        details=words,
        **more,
    )
    person = story.person(name, languages)
    story.needs[name] = lifecycle.post(person, said, by=story.actor(name), now=story.days_ago(days))


def what_came(
    story: Story, name: str, category: str, area: str, quantity: int, days: int, helper: str
) -> None:
    """A need that was met, from the first word to the last."""
    post_need(story, (name, category, area, quantity, 0, days, ("en",), (), "", {}))
    match = agreed(story, name, helper, days=days - 0.2)
    lifecycle.deliver(match, by=story.actor(helper), now=story.days_ago(days - 1))
    lifecycle.confirm(match, by=story.actor(name), now=story.days_ago(days - 1.5))


def proposed(story: Story, need: str, offer: str, *, days: float, quantity: int | None = None) -> Match:
    row = story.needs[need]
    if row.taken_in_at is None:
        lifecycle.take_in(row, by=story.bo, now=story.days_ago(days) - HOUR / 12)
    now = story.days_ago(days)
    return lifecycle.propose(row, story.offers[offer], by=story.bo, now=now, quantity=quantity)


def agreed(story: Story, need: str, offer: str, *, days: float, quantity: int | None = None) -> Match:
    match = proposed(story, need, offer, days=days, quantity=quantity)
    lifecycle.consent(match, "offer", by=story.actor(offer), now=story.days_ago(days) + HOUR / 2)
    if match.state == "proposed":
        lifecycle.consent(match, "need", by=story.actor(need), now=story.days_ago(days) + HOUR)
    return match


# One scene for each state a match or a post can be in.


def declined_then_looking(s: Story) -> None:
    lifecycle.decline(
        proposed(s, "Teresa", "Priya", days=0.08), "offer", by=s.actor("Priya"), now=s.days_ago(0.06)
    )


def waiting_for_both(s: Story) -> None:
    proposed(s, "Sipho", "Greta", days=0.02)


def waiting_for_the_neighbour(s: Story) -> None:
    match = proposed(s, "Mei", "Ruthie", days=0.9)
    lifecycle.consent(match, "offer", by=s.actor("Ruthie"), now=s.days_ago(0.85))


def chosen_beforehand_waiting_for_the_helper(s: Story) -> None:
    proposed(s, "Amina", "Inês", days=0.3)


def agreed_for_the_weekend(s: Story) -> None:
    agreed(s, "Kwame", "Anselm", days=1.2)


def agreed_and_overdue(s: Story) -> None:
    agreed(s, "Ingrid", "Chloe", days=11)


def brought_and_not_confirmed(s: Story) -> None:
    match = agreed(s, "Olena", "Malik", days=2.5)
    lifecycle.deliver(match, by=s.actor("Malik"), now=s.days_ago(1), given=3)


def counted_after_a_week_of_silence(s: Story) -> None:
    match = agreed(s, "Victor", "Jonas", days=8.8, quantity=1)
    lifecycle.deliver(match, by=s.actor("Jonas"), now=s.days_ago(8))
    lifecycle.confirm(match, by=worker(s.network.id), now=s.days_ago(1), by_silence=True)


def did_not_come(s: Story) -> None:
    match = agreed(s, "Carmen", "Beatriz", days=4)
    lifecycle.dispute(match, by=s.actor("Carmen"), now=s.days_ago(0.5), note="I waited all morning.")


def let_go(s: Story) -> None:
    match = agreed(s, "Tomasz", "Dev", days=5)
    lifecycle.release(match, "offer", by=s.actor("Dev"), now=s.days_ago(0.4), reason="ill")


def lapsed(s: Story) -> None:
    lifecycle.lapse(proposed(s, "Ruth", "Wanda", days=1.9), by=worker(s.network.id), now=s.days_ago(0.9))


def taken_back(s: Story) -> None:
    lifecycle.retract(proposed(s, "Bao", "Jonas", days=6), by=s.bo, now=s.days_ago(5.9))


def short_delivery(s: Story) -> None:
    """Two of six came; four are still looked for."""
    match = agreed(s, "Farida", "Samir", days=0.15, quantity=3)
    lifecycle.deliver(match, by=s.actor("Samir"), now=s.days_ago(0.1), given=2)
    lifecycle.confirm(match, by=s.actor("Farida"), now=s.days_ago(0.05))


def to_call_back(s: Story) -> None:
    today: date = local_day(s.now, s.network.timezone)
    lifecycle.hold(s.needs["Gloria"], "call_back", today, by=s.bo, now=s.days_ago(1))
    lifecycle.hold(s.needs["Soledad"], "no_answer", today + DAY, by=s.bo, now=s.days_ago(0.3))


def posts_that_ended(s: Story) -> None:
    for name, verb in (("Milan", lifecycle.withdraw), ("Iris", lifecycle.expire)):
        post_need(s, (name, "household", posts.JUNC, 1, 0, 10, ("en",), (), "", {}))
        verb(s.needs[name], by=s.bo, now=s.days_ago(3))
    post_need(s, ("Otto", "storage", posts.NIAG, 1, 0, 7, ("en",), (), "", {}))
    lifecycle.refer(s.needs["Otto"], "The tenants' union", by=s.bo, now=s.days_ago(2))
    first = s.needs["Bao"]
    post_need(s, ("Bao", "clothes", posts.KENS, 4, 0, 2, ("vi",), (), "", {}))
    lifecycle.mark_duplicate(s.needs["Bao"], first, by=s.bo, now=s.days_ago(1))
    lifecycle.pause(s.offers["Owen"], by=s.actor("Owen"), now=s.days_ago(2))


SCENES = (
    declined_then_looking,
    waiting_for_both,
    waiting_for_the_neighbour,
    chosen_beforehand_waiting_for_the_helper,
    agreed_for_the_weekend,
    agreed_and_overdue,
    brought_and_not_confirmed,
    counted_after_a_week_of_silence,
    did_not_come,
    let_go,
    lapsed,
    taken_back,
    short_delivery,
    to_call_back,
    posts_that_ended,
)
