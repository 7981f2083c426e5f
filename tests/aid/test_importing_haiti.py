"""The mapping of the docs: Haiti's reports become what they are."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from mutualaid.aid.importing import read_mapping
from mutualaid.aid.models import Category
from mutualaid.db import db
from mutualaid.places.cells import cell_at
from tests.aid.hotline import Hotline

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
