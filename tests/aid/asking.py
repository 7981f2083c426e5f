"""Going through the questions of posting, in a browser without a window, and what came of it."""

import re
from typing import Any

from bs4 import BeautifulSoup
from sqlalchemy import select

from mutualaid.aid.models import Post
from mutualaid.db import db
from mutualaid.networks.models import Network
from mutualaid.people.models import Person
from mutualaid.places.models import Area
from tests.web import Browser

CODE = re.compile(r"[0-9A-Z]{4} [0-9A-Z]{4}")
WHEN = {"urgency": "1", "times": "any"}
MATTERS = {"languages": ["en"], "others": "", "details": ""}
REACH = {"name": "Amina", "reach": "call", "phone": "416 555 0142", "hours": ["morning"], "language": "en"}


def of_need(area: Area | None, **more: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The answers to every question, by step: three boxes of groceries and a ride."""
    answers: dict[str, dict[str, Any]] = {
        "what": {"what": ["food", "rides"]},
        "which": {"kinds_food": ["groceries"], "many_groceries": "3", "many_rides": "1"},
        "where": {"area": str(area.id) if area else "none"},
        "travel": {"travel": "host"},
        "when": WHEN,
        "matters": MATTERS,
        "reach": REACH,
    }
    return answers | more


def of_offer(area: Area | None, **more: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Two rides a week, ten in all, by car."""
    rides: dict[str, dict[str, Any]] = {
        "what": {"what": ["rides"]},
        "which": {"week_rides": "2", "stock_rides": "10"},
        "travel": {"travel": "come", "reach": "10"},
        "when": {"times": "some", "slots": ["3", "4"]},
    }
    return of_need(area) | rides | more


def answer(client: Browser, network: Network, kind: str, answers: dict[str, dict[str, Any]]) -> list[str]:
    """Answer these steps in their order; says where each answer led."""
    return [
        client.post(f"/{network.slug}/post/{kind}/{step}", data=fields).location.rpartition("/")[2]
        for step, fields in answers.items()
    ]


def send(client: Browser, network: Network, kind: str, answers: dict[str, dict[str, Any]]) -> str:
    """Answer everything, send it, and open what follows: the page with the code."""
    answer(client, network, kind, answers)
    return client.post(f"/{network.slug}/post/{kind}/check", follow_redirects=True).text


def soup(client: Browser, path: str) -> BeautifulSoup:
    return BeautifulSoup(client.get(path).text, "html.parser")


# What stands in the database by now


def posts() -> list[Post]:
    db.session.rollback()
    return list(db.session.scalars(select(Post).order_by(Post.id)))


def people() -> list[Person]:
    db.session.rollback()
    return list(db.session.scalars(select(Person)))
