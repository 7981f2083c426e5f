"""`posts import`: reports become needs and offers, each once, whoever else writes at the time."""

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from mutualaid.aid import lifecycle
from mutualaid.aid.categories import add_default_categories
from mutualaid.aid.importing import Report, Taker, read_mapping
from mutualaid.aid.lifecycle.due import do_what_is_due
from mutualaid.aid.models import Post, PostDetails
from mutualaid.cli_posts import keep
from mutualaid.db import db
from mutualaid.people.models import Person
from mutualaid.places.cells import cell_at
from tests.aid.hotline import HEADER, HERE, MAPPING, Hotline
from tests.factories import NOW, PARKDALE, actor_of, make_area, make_network
from tests.processes import settings_of


@pytest.fixture
def hotline(app, tmp_path, clock):
    return Hotline(app, tmp_path)


def test_row_becomes_a_need(hotline):
    assert hotline.bring(f"7,2026-11-20 09:30,food,{HERE}") == {"read": 1, "posts": 1, "needs": 1}
    [need] = hotline.posts()
    assert (need.kind, need.category.key, need.quantity, need.uncovered) == ("need", "groceries", 1, 1)
    assert (need.source, need.source_row, need.urgency, need.reach_km) == ("hotline", "7", 1, 3)
    assert (need.cell, need.area_id) == (cell_at(*PARKDALE, 8), None)
    assert need.created_at == datetime(2026, 11, 20, 14, 30, tzinfo=UTC)  # half past nine in Toronto
    assert need.last_sign_at - NOW < timedelta(minutes=1)


def test_row_of_several_categories_becomes_several_posts_of_one_person(hotline):
    counts = hotline.bring(f"7,2026-11-20 09:30,food; ride;driver;;hungry; police,{HERE}")
    posts = {(post.kind, post.category.key): post for post in hotline.posts()}
    assert counts == {"read": 1, "posts": 3, "needs": 2, "offers": 1}
    assert set(posts) == {("need", "groceries"), ("need", "rides"), ("offer", "rides")}
    assert len({post.person_id for post in posts.values()}) == 1
    assert (posts["need", "rides"].quantity, posts["need", "rides"].stock) == (2, None)
    offer = posts["offer", "rides"]
    assert (offer.stock, offer.stock_left, offer.travel, offer.reach_km) == (4, 4, "come", 10)


def test_same_file_again_adds_nothing(hotline):
    hotline.bring(f"7,2026-11-20 09:30,food;ride,{HERE}", f"8,2026-11-20 09:31,driver,{HERE}")
    assert hotline.again() == {"read": 2, "unchanged": 3}
    assert len(hotline.posts()) == 3


def test_row_that_stands_twice_in_a_file_is_taken_once(hotline):
    row = f"7,2026-11-20 09:30,food,{HERE}"
    assert hotline.bring(row, row) == {"read": 2, "posts": 1, "needs": 1, "unchanged": 1}


def test_row_that_changed_leaves_what_stands(hotline):
    hotline.bring(f"7,2026-11-20 09:30,food,{HERE}")
    assert hotline.bring("7,2026-11-21 10:00,food,43.7,-79.4") == {"read": 1, "unchanged": 1}
    [need] = hotline.posts()
    assert (need.cell, need.created_at.day) == (cell_at(*PARKDALE, 8), 20)


def test_row_with_a_new_category_gets_one_more_post_of_the_same_person(hotline):
    hotline.bring(f"7,2026-11-20 09:30,food,{HERE}")
    counts = hotline.bring(f"7,2026-11-20 09:30,food;ride,{HERE}")
    assert counts == {"read": 1, "posts": 1, "needs": 1, "unchanged": 1}
    assert len({post.person_id for post in hotline.posts()}) == 1


def test_person_who_erased_themselves_is_not_brought_back(hotline):
    hotline.bring(f"7,2026-11-20 09:30,food,{HERE}")
    [need] = hotline.posts()
    lifecycle.erase(need.person, by=actor_of(need.person), now=NOW)
    db.session.commit()
    assert hotline.bring(f"7,2026-11-20 09:30,food;ride,{HERE}") == {"read": 1, "unchanged": 2}


def test_half_a_file_and_then_the_whole_come_to_the_same(hotline):
    rows = [f"{n},2026-11-20 09:30,food,{HERE}" for n in range(250)]
    hotline.bring(*rows[:120])
    assert hotline.bring(*rows) == {"read": 250, "posts": 130, "needs": 130, "unchanged": 120}


def test_another_source_with_the_same_ids_is_another(hotline):
    hotline.bring(f"7,2026-11-20 09:30,food,{HERE}")
    hotline.mapping.write_text(MAPPING.replace('"hotline"', '"radio"'))
    assert hotline.again() == {"read": 1, "posts": 1, "needs": 1}


def test_old_reports_are_alive_when_they_come(hotline):
    hotline.bring(f"7,2010-01-13 09:30,food,{HERE}")
    do_what_is_due(NOW + timedelta(days=1))
    [need] = hotline.posts()
    assert (need.state, need.asked_still_at) == ("open", None)


def test_person_without_contact_is_answered_for(hotline):
    hotline.bring(f"7,2026-11-20 09:30,food,{HERE}")
    [person] = db.session.scalars(select(Person))
    assert (person.reach, person.answered_for, person.name, person.language) == ("none", True, "", "en")


def test_contact_and_words_are_sealed(hotline):
    columns = 'longitude = "lon"\nname = "who"\nphone = "tel"\nemail = "mail"\nlanguage = "tongue"'
    columns += '\ndetails = "words"\nquantity = "many"'
    hotline.mapping.write_text(MAPPING.replace('longitude = "lon"', columns))
    header = f"{HEADER},who,tel,mail,tongue,words,many"
    counts = hotline.bring(
        f"7,2026-11-20 09:30,food,{HERE},Amina,416 555 0142,,es-MX,No nuts,3",
        f"8,2026-11-20 09:30,food,{HERE},Dee,+1 (416) 555-0142,Dee@Example.org,Spanish,,",
        header=header,
    )
    one, two = hotline.posts()
    assert counts["posts"] == 2
    assert (one.person.name, one.person.phone, one.person.reach) == ("Amina", "+14165550142", "call")
    assert (one.person.language, one.person.languages, one.languages) == ("es", ["es"], ["es"])
    assert (one.quantity, one.person.answered_for) == (3, False)
    assert db.session.get_one(PostDetails, (one.network_id, one.id)).text == "No nuts"
    assert (two.person.email, two.person.reach, two.person.languages) == ("dee@example.org", "email", [])
    assert one.person_id != two.person_id  # the same phone only suggests that they are one
    assert one.person.phone_hash == two.person.phone_hash


def test_place_leads_to_its_area(hotline):
    parkdale = make_area(hotline.network)
    db.session.commit()
    hotline.bring(f"7,2026-11-20 09:30,food,{HERE}", "8,2026-11-20 09:30,food,43.8,-79.3")
    assert [post.area_id for post in hotline.posts()] == [parkdale.id, None]


def test_area_that_is_named_counts_before_the_place(hotline):
    parkdale = make_area(hotline.network)
    junction = make_area(hotline.network, "Junction", at=(43.665, -79.47))
    db.session.commit()
    hotline.mapping.write_text(MAPPING.replace('longitude = "lon"', 'longitude = "lon"\narea = "area"'))
    hotline.bring(
        f"7,2026-11-20 09:30,food,{HERE},JUNCTION",
        f"8,2026-11-20 09:30,food,{HERE},Jnctn",
        header=f"{HEADER},area",
    )
    assert [post.area_id for post in hotline.posts()] == [junction.id, parkdale.id]


def test_without_json_the_last_line_says_the_same(hotline):
    hotline.write(
        f"7,2026-11-20 09:30,food;gold;police,{HERE}",
        f"8,2026-11-20 09:30,driver,{HERE}",
        f"9,2026-11-20 09:30,gold,{HERE}",
    )
    result = hotline.invoke()
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.splitlines() == [
        "Left out: not between neighbours (1)",
        "Not in the mapping: gold (2)",
        f"The rows that were not taken are in {hotline.rejects}, with the reason.",
        "Read 3 rows. Added 2 posts: 1 needs, 1 offers. Rejected 1 rows. 0 posts stood already, unchanged.",
    ]


def test_another_network_sees_nothing_of_it(hotline):
    chris = make_network("elsewhere", name="Elsewhere")
    add_default_categories(chris)
    db.session.commit()
    hotline.bring(f"7,2026-11-20 09:30,food,{HERE}")
    hotline.slug = "elsewhere"
    assert hotline.again() == {"read": 1, "posts": 1, "needs": 1}
    assert sorted(post.network_id for post in hotline.posts()) == sorted([hotline.network.id, chris.id])


class LateToSee(Taker):
    """Looks before the other run has committed, and writes after it."""

    looks = 0

    def _standing(self, reports: list[Report]) -> Any:
        self.looks += 1
        return super()._standing(reports if self.looks > 1 else [])


def test_rows_that_another_run_brought_meanwhile_are_found_at_the_second_look(hotline):
    hotline.bring(f"7,2026-11-20 09:30,food,{HERE}")
    mapping = read_mapping(hotline.mapping)
    taker = LateToSee(hotline.network, mapping)
    reports = [Report(row, NOW, *PARKDALE, mapping.patterns[1:2]) for row in ("7", "8")]
    taken = keep(taker, reports, NOW)
    assert (taken.needs, taken.unchanged, taker.looks) == (1, 1, 2)
    assert [post.source_row for post in hotline.posts()] == ["7", "8"]


def test_two_runs_at_once_add_nothing_twice(app, hotline):
    hotline.write(*(f"{n},2026-11-20 09:30,food;driver,{HERE}" for n in range(200)))
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "posts", "import", hotline.slug]
    command += [str(hotline.file), "--mapping", str(hotline.mapping), "--json"]
    db.session.rollback()  # SQLite lets one write at a time
    runs = [
        subprocess.Popen(
            command, env=settings_of(app), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    said = [run.communicate(timeout=120) for run in runs]
    assert [(run.returncode, errors) for run, (_, errors) in zip(runs, said, strict=True)] == [(0, "")] * 2
    counts = [json.loads(words) for words, _ in said]
    assert sum(count["posts"] for count in counts) == 400
    assert sum(count["unchanged"] for count in counts) == 400
    assert db.session.scalar(select(func.count()).select_from(Post)) == 400
