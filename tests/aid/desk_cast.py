"""What the tests of the desk start from."""

from bs4 import BeautifulSoup
from sqlalchemy import select

from mutualaid.aid.models import Match, Post
from mutualaid.db import db
from mutualaid.events.models import Event
from tests.aid.street import Street


class Desk(Street):
    """The street as Bo sees it, who coordinates all areas and is signed in."""

    def __init__(self, client):
        super().__init__()
        self.client = client
        client.sign_in(self.bo)

    def get(self, path="", client=None, **query) -> BeautifulSoup:
        answer = (client or self.client).get(f"/garrison/desk{path}", query_string=query or None)
        assert answer.status_code == 200, answer.status_code
        return BeautifulSoup(answer.data, "html.parser")

    def post(self, path, client=None, **fields):
        return (client or self.client).post(f"/garrison/desk{path}", data=fields)

    def told(self, answer, client=None) -> str:
        """What the page says, last of all, to which an act leads."""
        assert answer.status_code == 303, answer.status_code
        page = BeautifulSoup((client or self.client).get(answer.location).data, "html.parser")
        return words(page.find_all(role="status")[-1])

    def fresh(self, row):
        db.session.expire_all()
        return row


def filled_in(page):
    """What a browser would send of the page's form."""
    form = page.select_one("form.form")
    fields = {
        tag["name"]: tag.get("value", "")
        for tag in form.select("input:not([type=radio]):not([type=checkbox])")
    }
    fields |= {tag["name"]: tag.text.strip() for tag in form.select("textarea")}
    fields |= {
        tag["name"]: (tag.find("option", selected=True) or tag.option)["value"]
        for tag in form.select("select")
    }
    for tag in form.find_all("input", checked=True):
        fields.setdefault(tag["name"], []).append(tag["value"])
    return {name: value for name, value in fields.items() if name != "csrf_token"}


def words(tag) -> str:
    return " ".join(tag.get_text(" ").split())


def verbs() -> list[str]:
    """The history, oldest first."""
    db.session.expire_all()
    return list(db.session.scalars(select(Event.verb).order_by(Event.at, Event.id)))


def last_event() -> Event:
    db.session.expire_all()
    return db.session.scalars(select(Event).order_by(Event.at.desc(), Event.id.desc())).first()


def only_match() -> Match:
    db.session.expire_all()
    return db.session.scalars(select(Match)).one()


def state_of(post: Post) -> tuple[str, str | None]:
    db.session.expire_all()
    return post.state, post.outcome
