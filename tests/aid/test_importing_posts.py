"""`posts import`: reports become needs and offers once, and what cannot be taken is said."""

import csv
import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from mutualaid.aid import lifecycle
from mutualaid.aid.categories import add_default_categories
from mutualaid.aid.importing import Report, Taker, read_mapping
from mutualaid.aid.lifecycle.due import do_what_is_due
from mutualaid.aid.models import Category, Post, PostDetails
from mutualaid.cli_posts import keep
from mutualaid.db import db
from mutualaid.people.models import Person
from mutualaid.places.cells import cell_at
from tests.factories import NOW, PARKDALE, actor_of, make_area, make_network

HEADER = "no,when,what,lat,lon"
HERE = f"{PARKDALE[0]},{PARKDALE[1]}"
BOUNDS = "south = 43.5\nwest = -79.7\nnorth = 43.9\neast = -79.1"
MAPPING = f"""
source = "hotline"
date_format = "%Y-%m-%d %H:%M"
timezone = "America/Toronto"
separator = ";"
[bounds]
{BOUNDS}
[columns]
id = "no"
date = "when"
category = "what"
latitude = "lat"
longitude = "lon"
# more columns
[[patterns]]
match = "police"
left_out = "not between neighbours"
[[patterns]]
match = "food|hungry"
kind = "need"
category = "groceries"
urgency = 1
reach_km = 3
[[patterns]]
match = "^ride$"
kind = "need"
category = "rides"
quantity = 2
[[patterns]]
match = "^driver$"
kind = "offer"
category = "rides"
quantity = 4
travel = "come"
reach_km = 10
"""
NOTHING = {"read": 0, "posts": 0, "needs": 0, "offers": 0, "rejected": 0, "unchanged": 0}


class Hotline:
    """A network, and a file that is brought into it."""

    def __init__(self, app, folder: Path) -> None:
        self.network = make_network()
        add_default_categories(self.network)
        db.session.commit()
        self.slug = self.network.slug
        self.runner = app.test_cli_runner()
        self.file, self.mapping = folder / "reports.csv", folder / "map.toml"
        self.rejects = folder / "reports.rejected.csv"
        self.mapping.write_text(MAPPING)

    def invoke(self, *more: str) -> Any:
        arguments = ["posts", "import", self.slug, str(self.file), "--mapping", str(self.mapping)]
        return self.runner.invoke(args=[*arguments, *more])

    def write(self, *rows: str, header: str = HEADER) -> None:
        self.file.write_text("\n".join([header, *rows]) + "\n")

    def bring(self, *rows: str, header: str = HEADER) -> dict[str, int]:
        """The counts of a run, without the zeros."""
        self.write(*rows, header=header)
        return self.again()

    def again(self) -> dict[str, int]:
        result = self.invoke("--json")
        assert (result.exit_code, result.stderr) == (0, "")
        counts = json.loads(result.stdout)
        assert list(counts) == list(NOTHING)
        return {name: count for name, count in counts.items() if count}

    def refuse(self) -> str:
        """What is said when nothing can be taken in."""
        result = self.invoke("--json")
        assert (result.exit_code, result.stdout) == (1, "")
        assert self.posts() == []
        assert not self.rejects.exists()
        return str(result.stderr).removeprefix("Error: ").strip()

    def reasons(self) -> list[str]:
        with self.rejects.open(newline="", encoding="utf-8") as file:
            return [row["reason"] for row in csv.DictReader(file)]

    def posts(self) -> list[Post]:
        return list(db.session.scalars(select(Post).order_by(Post.source_row, Post.id)))


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


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (f",2026-11-20 09:30,food,{HERE}", "There is no id."),
        (f"{'7' * 81},2026-11-20 09:30,food,{HERE}", "The id is longer than 80 letters."),
        (f"7,,food,{HERE}", "There is no date."),
        (f"7,yesterday,food,{HERE}", "“yesterday” is not a date like 2010-01-31 13:05."),
        (f"7,2026-02-30 09:30,food,{HERE}", "“2026-02-30 09:30” is not a date like 2010-01-31 13:05."),
        (f"7,0001-01-01 00:00,food,{HERE}", "The date 0001-01-01 00:00 is too long ago."),
        (f"7,9999-12-31 23:59,food,{HERE}", "“9999-12-31 23:59” is not a date like 2010-01-31 13:05."),
        (f"7,2027-01-01 00:00,food,{HERE}", "The date 2027-01-01 00:00 has not come yet."),
        ("7,2026-11-20 09:30,food,91,-79.4", "The latitude 91 is not on earth: it goes from -90 to 90."),
        (
            "7,2026-11-20 09:30,food,43.6,-181",
            "The longitude -181 is not on earth: it goes from -180 to 180.",
        ),
        ("7,2026-11-20 09:30,food,,-79.4", "There is no latitude."),
        ("7,2026-11-20 09:30,food,43.6,NaN", "The longitude “NaN” is not a number."),
        ("7,2026-11-20 09:30,food,inf,-79.4", "The latitude “inf” is not a number."),
        ('7,2026-11-20 09:30,food,"43,6",-79.4', "The latitude “43,6” is not a number."),
        ("7,2026-11-20 09:30,food,0,0", "0.0, 0.0 lies outside the bounds."),
        (f"7,2026-11-20 09:30,,{HERE}", "There is no category."),
        (f"7,2026-11-20 09:30, ; ,{HERE}", "There is no category."),
        (f"7,2026-11-20 09:30,gold; silver,{HERE}", "No category known: gold, silver."),
        (
            f"7,2026-11-20 09:30,police,{HERE}",
            "Left out, it is neither a need nor an offer: not between neighbours.",
        ),
        ("7,2026-11-20 09:30,food", "It has 3 cells; the first line has 5."),
        (f"7,2026-11-20 09:30,food,{HERE},x", "It has 6 cells; the first line has 5."),
    ],
)
def test_row_that_cannot_be_taken_says_why_and_the_rest_is_kept(hotline, row, reason):
    assert hotline.bring(row, f"8,2026-11-20 09:30,food,{HERE}") == {
        "read": 2,
        "posts": 1,
        "needs": 1,
        "rejected": 1,
    }
    assert hotline.reasons() == [reason]


@pytest.mark.parametrize(
    ("column", "cell", "reason"),
    [
        ("quantity", "0", "The quantity “0” is not a whole number from 1 to 1,000,000."),
        ("quantity", "some", "The quantity “some” is not a whole number from 1 to 1,000,000."),
        ("phone", "call me", "“call me” is not a phone number."),
        ("email", "amina at home", "“amina at home” is not an email."),
    ],
)
def test_cell_that_makes_no_sense_rejects_its_row(hotline, column, cell, reason):
    hotline.mapping.write_text(MAPPING.replace("# more columns", f'{column} = "more"'))
    row = f"7,2026-11-20 09:30,food,{HERE},{cell}"
    assert hotline.bring(row, header=f"{HEADER},more") == {"read": 1, "rejected": 1}
    assert hotline.reasons() == [reason]


def test_rejected_rows_can_be_mended_and_brought_again(hotline):
    hotline.bring("7,2026-11-20 09:30,food,91,-79.4")
    mended = hotline.rejects.read_text().replace("91", "43.65")
    hotline.file.write_text(mended)
    assert hotline.again() == {"read": 1, "posts": 1, "needs": 1}
    assert not hotline.rejects.exists()


def test_header_alone_is_a_file_of_nothing(hotline):
    assert hotline.bring() == {}
    assert not hotline.rejects.exists()


def test_file_with_a_bom_and_spaces_in_its_header_is_read(hotline):
    header = "\ufeffno, when ,what,lat,lon"
    assert hotline.bring(f"7,2026-11-20 09:30,food,{HERE}", header=header)["posts"] == 1


def test_missing_column_says_which_and_what_there_is(hotline):
    hotline.write("7,2026-11-20 09:30,food,43.6", header="no,when,what,latitude")
    assert hotline.refuse() == (
        "There is no column “lat”, “lon”. The file has: “no”, “when”, “what”, “latitude”."
    )


def test_column_that_stands_twice_says_so(hotline):
    hotline.write(header=f"{HEADER},lat")
    assert hotline.refuse() == "There is more than one column “lat”."


def test_empty_file_says_so(hotline):
    hotline.file.write_bytes(b"")
    assert hotline.refuse() == "The file is empty: not even names of columns."


def test_wrong_encoding_of_the_header_says_so(hotline):
    hotline.file.write_bytes("n°,when\n".encode("latin-1"))
    assert hotline.refuse() == (
        "The first line cannot be read as names of columns. It is not written in utf-8."
    )


def test_wrong_encoding_of_a_row_rejects_that_row(hotline):
    rows = [HEADER, f"7,2026-11-20 09:30,food à Léogâne,{HERE}", f"8,2026-11-20 09:30,food,{HERE}"]
    hotline.file.write_bytes("\n".join(rows).encode("latin-1"))
    assert hotline.again() == {"read": 2, "posts": 1, "needs": 1, "rejected": 1}
    assert hotline.reasons() == ["It is not written in utf-8."]
    assert "food \\xe0 L\\xe9og\\xe2ne" in hotline.rejects.read_text(encoding="utf-8")


def test_line_of_ten_megabytes_rejects_that_row(hotline):
    long = f"7,2026-11-20 09:30,{'food;' * 2_000_000},{HERE}"
    counts = hotline.bring(long, f"8,2026-11-20 09:30,food,{HERE}")
    assert counts == {"read": 2, "posts": 1, "needs": 1, "rejected": 1}
    assert hotline.reasons() == ["It is too long: more than 100,000 letters, which are not kept here."]
    assert hotline.rejects.stat().st_size < 1000


def test_unknown_category_of_the_mapping_says_so(hotline):
    hotline.mapping.write_text(MAPPING.replace('"groceries"', '"groseries"'))
    hotline.write()
    said = hotline.refuse()
    assert said.startswith(
        "The mapping names categories that garrison does not have: groseries. It has: food,"
    )


def test_mapping_with_a_fault_says_so(hotline):
    hotline.mapping.write_text(MAPPING.replace("[bounds]", "[limits]"))
    hotline.write()
    assert hotline.refuse() == "map.toml: the part [bounds] is missing."


def test_unknown_network_says_so(hotline):
    hotline.slug = "nowhere"
    hotline.write()
    assert hotline.refuse() == "There is no network “nowhere”."


def test_file_that_is_not_there_says_so(hotline):
    result = hotline.invoke()
    assert result.exit_code == 2
    assert "reports.csv' does not exist." in result.stderr


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
    hotline.write(*(f"{n},2026-11-20 09:30,food;driver,{HERE}" for n in range(300)))
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "posts", "import", hotline.slug]
    command += [str(hotline.file), "--mapping", str(hotline.mapping), "--json"]
    settings = {
        "DATABASE_URL": app.config["SQLALCHEMY_DATABASE_URI"],
        "KEYS": json.dumps(app.config["KEYS"]),
        "SECRET_KEY": app.config["SECRET_KEY"],
        "INSTANCE_PATH": str(app.config["INSTANCE"]),
    }
    db.session.rollback()  # SQLite lets one write at a time
    runs = [
        subprocess.Popen(command, env=os.environ | settings, stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    counts = [json.loads(run.communicate(timeout=120)[0]) for run in runs]
    assert [run.returncode for run in runs] == [0, 0]
    assert sum(count["posts"] for count in counts) == 600
    assert sum(count["unchanged"] for count in counts) == 600
    assert db.session.scalar(select(func.count()).select_from(Post)) == 600


HAITI = Path("docs/examples/haiti.toml")
HAITI_HEADER = "id,date,place,category,latitude,longitude,verified"
IN_PORT_AU_PRINCE = "18.539269,-72.336408,NO"


@pytest.fixture
def haiti(app, tmp_path, clock):
    """The mapping in the docs, with rows of the form it is for."""
    hotline = Hotline(app, tmp_path)
    hotline.network.timezone, hotline.network.resolution = "America/Port-au-Prince", 7
    db.session.commit()
    hotline.mapping = HAITI.absolute()
    return hotline


@pytest.mark.parametrize(
    ("label", "posts"),
    [
        ("1. Urgences | Emergency", [("need", "other")]),
        ("1a. Highly vulnerable", [("need", "care")]),
        ("1b. Urgence medicale | Medical Emergency", [("need", "health")]),
        ("1c. Personnes prises au piege | People trapped", [("need", "other")]),
        ("1d. Incendie | Fire", [("need", "other")]),
        ("2. Urgences logistiques | Vital Lines", [("need", "things")]),
        ("2a. Penurie d'aliments | Food Shortage", [("need", "groceries")]),
        ("2b. Penurie d'eau | Water shortage", [("need", "water")]),
        ("2c. Eau contaminee | Contaminated water", [("need", "water")]),
        ("2c. Probleme de securite | Security Concern", [("need", "other")]),
        ("2d. Refuge | Shelter needed", [("need", "place_to_stay")]),
        ("2e. Penurie de carburant | Fuel shortage", [("need", "household")]),
        ("2f. Sans courant | Power Outage", [("need", "tools")]),
        ("3. Public Health", [("need", "health")]),
        ("3a. Infectious human disease", [("need", "health")]),
        ("3b. Chronic care needs", [("need", "health")]),
        ("3c. Besoins en materiels et medicaments | Medical equipment", [("need", "supplies")]),
        ("3d. OBGYN/Women's Health", [("need", "health")]),
        ("3e. Psychiatric need", [("need", "health")]),
        ("7. Secours | Services Available", [("offer", "other")]),
        ("7a. Distribution d'aliments | Food distribution point", [("offer", "groceries")]),
        ("7b. Distribution d'eau | Water distribution point", [("offer", "water")]),
        ("7c. Denrees non alimentaires | Non-food aid distribution point", [("offer", "things")]),
        ("7d. Services de sante | Hospital/Clinics Operating", [("offer", "health")]),
        ("7e. Feeding centers available", [("offer", "food")]),
        ("7f. Shelter offered", [("offer", "place_to_stay")]),
        ("7g. Morgue | Human remains management", [("offer", "other")]),
        ("7h. Deblayage de gravats | Rubble removal", [("offer", "home")]),
        ("7j. Internet access", [("offer", "other")]),
        ("2B. PENURIE D'EAU", [("need", "water")]),
    ],
)
def test_every_kind_of_haitis_reports_becomes_what_it_is(haiti, label, posts):
    haiti.bring(f'9,12/01/2010 07:35,delmas,"{label},",{IN_PORT_AU_PRINCE}', header=HAITI_HEADER)
    assert [(post.kind, post.category.key) for post in haiti.posts()] == posts


@pytest.mark.parametrize(
    ("label", "why"),
    [
        ("4a. Pillage | Looting", "security threats"),
        ("4e. Assainissement eau et hygiene | Water sanitation", "water sanitation and hygiene"),
        ("5a. Structure effondres | Collapsed structure", "damaged buildings, roads and lines"),
        ("6b. Personnes Disparues | Missing Persons", "natural hazards, deaths and missing people"),
        ("8a. IDP concentration", "other news"),
    ],
)
def test_haitis_dangers_and_news_are_left_out_with_the_reason(haiti, label, why):
    row = f'9,12/01/2010 07:35,delmas,"{label},",{IN_PORT_AU_PRINCE}'
    assert haiti.bring(row, header=HAITI_HEADER) == {"read": 1, "rejected": 1}
    assert haiti.reasons() == [f"Left out, it is neither a need nor an offer: {why}."]


def test_haitis_report_is_read_in_its_own_time_and_cell(haiti):
    haiti.bring(
        f'9,12/01/2010 07:35,delmas,"2a. Penurie d\'aliments | Food Shortage, 2b. Eau | Water,",'
        f"{IN_PORT_AU_PRINCE}",
        '10,12/01/2010 07:40,santo domingo,"2b. Eau | Water,",18.479014,-69.890784,NO',
        header=HAITI_HEADER,
    )
    food, water = haiti.posts()
    assert food.created_at == water.created_at == datetime(2010, 1, 12, 12, 35, tzinfo=UTC)
    assert food.cell == cell_at(18.539269, -72.336408, 7)
    assert food.person_id == water.person_id
    assert haiti.reasons() == ["18.479014, -69.890784 lies outside the bounds."]


def test_every_category_of_haitis_mapping_is_a_default_one(haiti):
    used = {pattern.category for pattern in read_mapping(HAITI).patterns if pattern.kind}
    keys = select(Category.key).where(Category.network_id == haiti.network.id)
    assert used <= set(db.session.scalars(keys))
