"""What everybody does here, from the first form to the last, each through the pages, the mail and the commands."""

import re
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import select

from mutualaid.aid.categories import add_default_categories
from mutualaid.aid.messages.models import Message
from mutualaid.aid.models import Category, Match, Post
from mutualaid.db import db, reading_only, utcnow
from tests.aid.asking import MATTERS, of_need, of_offer
from tests.aid.hotline import HERE, MAPPING
from tests.canaries import Words
from tests.factories import PASSWORD, code_now, make_area, make_member, make_network
from tests.notices.post_office import PostOffice

SECRET = "four words stand here"
NAMED = '\nname = "who"\nphone = "how"\ndetails = "said"'


class Everybody:
    """`browser` makes one, `work` lets the worker do what is due, `run` is a command. Mail has to come to `office`."""

    def __init__(
        self,
        words: Words,
        office: PostOffice,
        folder: Path,
        *,
        browser: Callable[[], Any],
        work: Callable[[], None],
        run: Callable[..., None],
    ) -> None:
        self.words, self.office, self.folder = words, office, folder
        self.browser, self.work, self.run = browser, work, run
        now = utcnow() - timedelta(days=2)
        network = make_network(created_at=now)
        add_default_categories(network)
        self.area = make_area(network)
        make_member(network, now=now)
        make_member(network, "steward", name="Inês", email="ines@example.org", now=now)
        db.session.flush()
        db.session.expunge(self.area)  # a look at it must not hold up others who write
        db.session.commit()

    def go(self) -> list[Path]:
        """All of it; gives the files that were written."""
        self.dee_joins()
        self.dee_offers()
        self.amina_asks()
        self.somebody_calls()
        self.file_is_brought_in()
        self.they_meet()
        self.passwords_and_codes_are_lost()
        self.pages_refuse_and_break()
        return self.copies()

    # What each does. Every step checks that it came to something: a journey that was refused shows nothing.

    def dee_joins(self) -> None:
        self.at_desk = self.signed_in("bo@example.org")
        steward = self.signed_in("ines@example.org")
        page = steward.post(
            "/garrison/members/invite",
            data={"email": self.words["dee_email"], "role": "helper", "months": "6"},
        )
        link = re.search(r"/invitation/([\w-]+)", page.text)
        assert link
        self.dee = self.browser()
        joined = {"name": self.words["dee"], "password": self.words["password"]}
        assert self.dee.post("/invitation/link", data={"token": link[1]}).status_code == 303
        assert self.dee.post("/invitation", data=joined).status_code == 303
        assert self.dee.post("/sign-out").status_code == 303
        self.dee = self.signed_in(self.words["dee_email"], self.words["password"])

    def signed_in(self, email: str, password: str = PASSWORD) -> Any:
        browser = self.browser()
        answer = browser.post("/sign-in", data={"email": email, "password": password})
        if answer.location.endswith("/second"):
            answer = browser.post("/sign-in/second", data={"code": code_now(utcnow())})
        assert (answer.status_code, answer.location) == (303, "/")
        return browser

    def dee_offers(self) -> None:
        offer = of_offer(self.area)
        offer |= {"what": {"what": ["food"]}, "which": {"kinds_food": ["groceries"], "stock_groceries": "9"}}
        self.answer(self.dee, "offer", {step: said for step, said in offer.items() if step != "reach"})

    def amina_asks(self) -> None:
        need = of_need(self.area, matters=MATTERS | {"details": self.words["details"]})
        need |= {"what": {"what": ["food"]}, "which": {"kinds_food": ["groceries"], "many_groceries": "1"}}
        who = {"name": self.words["amina"], "language": "en", "reach": "call", "hours": ["morning"]}
        self.amina = self.browser()
        refused = {"name": self.words["amina"], "reach": "call", "phone": f"{self.words['amina_phone']} x"}
        self.answer(self.amina, "need", {**need, "reach": refused}, sends=False, refused="reach")
        self.answer(self.amina, "need", {**need, "reach": {**who, "phone": self.words["amina_phone"]}})
        feared = {"phone": self.words["feared_phone"], "email": self.words["feared_email"]}
        assert self.amina.post("/garrison/mine/never", data=feared).status_code == 303
        eve = {"name": self.words["eve"], "reach": "email", "email": self.words["eve_email"]}
        self.answer(self.browser(), "need", {**need, "reach": who | eve})
        half = self.browser()  # never sent: it waits in a draft
        self.answer(half, "need", {**need, "reach": who | {"phone": self.words["amina_phone"]}}, sends=False)

    def answer(
        self,
        browser: Any,
        kind: str,
        answers: dict[str, dict[str, Any]],
        *,
        sends: bool = True,
        refused: str = "",
    ) -> None:
        for step, said in answers.items():
            answer = browser.post(f"/garrison/post/{kind}/{step}", data=said)
            assert answer.status_code == (200 if step == refused else 303), (step, answer.text)
        if sends:
            while (sent := browser.post(f"/garrison/post/{kind}/check")).location.endswith("/check"):
                time.sleep(1)  # we were too quick for a person
            assert sent.location == "/garrison/posted"

    def somebody_calls(self) -> None:
        groceries = self.one(select(Category.id).where(Category.key == "groceries"))
        call = {
            "once": "a form's own number",
            "name": self.words["caller"],
            "phone": self.words["caller_phone"],
            "hours": ["morning"],
            "kind": "need",
            "category": str(groceries),
            "many": "2",
            "urgency": "1",
            "area": str(self.area.id),
            "travel": "host",
            "reach": "any",
            "times": "any",
            "languages": ["es"],
            "details": self.words["phoned"],
            "intake": "ready",
            "same": "new",
        }
        shown = self.at_desk.post("/garrison/phone", data=call)
        assert shown.status_code == 200, "Amina asks for the same: she is shown first"
        answer = self.at_desk.post("/garrison/phone", data=call)
        assert answer.location == "/garrison/phone/written"
        post = self.post_of("caller")
        feared = {"phone": self.words["feared_phone"]}
        assert self.at_desk.post(f"/garrison/desk/{post}/never", data=feared).status_code == 303
        referred = {"to": self.words["group"], "consent": "y"}
        assert self.at_desk.post(f"/garrison/desk/{post}/refer", data=referred).status_code == 303

    def file_is_brought_in(self) -> None:
        rows, then = self.folder / "reports.csv", utcnow() - timedelta(days=3)
        rows.write_text(
            "no,when,what,lat,lon,who,how,said\n"
            f"7,{then:%Y-%m-%d %H:%M},food,{HERE},"
            f"{self.words['brought']},{self.words['brought_phone']},{self.words['brought_details']}\n"
        )
        mapping = self.folder / "map.toml"
        mapping.write_text(MAPPING.replace("# more columns", NAMED))
        self.run("posts", "import", "garrison", rows, "--mapping", mapping)
        for path in (rows, mapping, self.folder / "reports.rejected.csv"):
            path.unlink(missing_ok=True)

    def they_meet(self) -> None:
        need, offer = self.post_of("amina"), self.post_of("dee", "offer")
        taken = self.at_desk.post(f"/garrison/desk/{need}/take-in")
        assert taken.status_code == 303
        proposed = self.at_desk.post(f"/garrison/desk/{need}/propose/{offer}", data={"quantity": "1"})
        assert proposed.status_code == 303
        match = f"/garrison/matches/{self.one(select(Match.id))}"
        self.work()
        self.says(self.dee, f"{match}/messages", text=self.words["message"])
        self.says(self.dee, f"{match}/messages", text=f"{self.words['held']}: {self.words['held_phone']}")
        held = self.one(select(Message.id).where(Message.state == "held"))
        assert self.at_desk.get(f"/garrison/desk/messages/{held}").status_code == 200
        self.says(self.at_desk, f"/garrison/desk/messages/{held}/read")
        for browser in (self.dee, self.amina):
            self.says(browser, f"{match}/consent")
        self.says(self.amina, f"{match}/address", address=self.words["address"])
        for browser, theirs in ((self.dee, "amina_phone"), (self.amina, "dee_email")):
            assert self.words[theirs] in browser.post(f"{match}/contact").text
        self.says(self.dee, f"{match}/deliver", given="1")
        self.says(self.amina, f"{match}/dispute", note=self.words["note"])
        resolved = {"to": "released", "given": "1", "note": self.words["resolved"]}
        self.says(self.at_desk, f"{match.replace('/matches', '/desk/matches')}/resolve", **resolved)
        self.work()

    def says(self, browser: Any, path: str, **said: str) -> None:
        answer = browser.post(path, data=said)
        assert answer.status_code in (200, 303), (path, answer.status_code)
        assert answer.status_code == 303 or path.endswith("/read"), path

    def passwords_and_codes_are_lost(self) -> None:
        somebody, words = self.browser(), self.words
        for contact in ("eve_email", "amina_phone", "unknown_email", "unknown_phone"):
            assert somebody.post("/garrison/lost", data={"contact": words[contact]}).status_code == 200
        for email in ("dee_email", "unknown_email"):
            assert somebody.post("/reset", data={"email": words[email]}).status_code == 200
            wrong = {"email": words[email], "password": words["path"]}
            assert somebody.post("/sign-in", data=wrong).status_code == 200
        assert somebody.post("/garrison/code", data={"code": words["amina_phone"]}).status_code == 200
        self.work()
        links = re.findall(r"/reset/([\w-]+)", "".join(letter.get_content() for letter in self.office.taken))
        assert somebody.post("/reset/link", data={"token": links[-1]}).status_code == 303
        assert somebody.post("/reset/choose", data={"password": words["password"]}).status_code == 303

    def pages_refuse_and_break(self) -> None:
        somebody, words = self.browser(), self.words
        said = "-".join(words[name] for name in ("path", "amina", "amina_phone", "eve_email"))
        path = quote(said)
        assert somebody.get(f"/garrison/{path}?q={path}").status_code == 404
        assert somebody.get(f"/{path}/").status_code == 404
        assert somebody.post("/garrison/lost", data={"contact": said}).status_code == 200
        assert somebody.post("/garrison/code", data={"code": said}, forged=True).status_code == 400
        assert somebody.get(f"/garrison/link/{path}").status_code in (200, 500)

    def copies(self) -> list[Path]:
        backup, export = self.folder / "a.backup", self.folder / "a.network"
        (self.folder / "passphrase").write_text(SECRET)
        self.run("backup", backup)
        self.run("network", "export", "garrison", export, "--passphrase-file", self.folder / "passphrase")
        return [backup, export]

    def post_of(self, who: str, kind: str = "need") -> int:
        with reading_only():
            posts = list(db.session.scalars(select(Post).where(Post.kind == kind)))
            (found,) = (post.id for post in posts if post.person.name == self.words[who])
            db.session.commit()
        return found

    def one(self, asked: Any) -> Any:
        with reading_only():
            found = db.session.scalars(asked).one()
            db.session.commit()
        return found
