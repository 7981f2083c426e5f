"""What the two sides of a match see of what they wrote, and what they are told of it."""

from bs4 import BeautifulSoup
from sqlalchemy import select

from mutualaid.db import db
from mutualaid.notices.models import Notice
from tests.aid.desk_cast import words

NUMBER = "Call 416 555 0199."  # waits for a coordinator until both have said yes


def page_of(client, person, match, via="link"):
    answer = client.enter(person, via).get(f"/garrison/matches/{match.id}/messages")
    assert answer.status_code == 200
    return BeautifulSoup(answer.data, "html.parser")


def said(page):
    return [words(row) for row in page.select(".talk .kept-lines")]


def owed(person):
    return list(
        db.session.scalars(select(Notice.kind).where(Notice.person_id == person.id).order_by(Notice.id))
    )
