"""Asking for people who are here and for people who are not: what is answered, and how long it takes."""

import random
import re
import time
from statistics import median

from flask import Flask
from werkzeug.test import TestResponse

from mutualaid.db import db, utcnow
from mutualaid.people import accounts
from mutualaid.people.access import new_code, new_link
from tests.factories import PASSWORD, make_member, make_network, make_person
from tests.web import Browser

TOKEN = re.compile(rb'(name="csrf_token"[^>]*value=)"[^"]+"')
HOW = ("sign in", "new password", "code", "lost, by email", "lost, by phone", "link")
Question = tuple[str, dict[str, str]]  # where, and what is filled in
Seen = tuple[int, list[tuple[str, str]], bytes]


class Asked:
    """`many` people are here, each in every way; as many of the same length are not."""

    def __init__(self, many: int) -> None:
        self.many, now = many, utcnow()
        network, other = make_network(), make_network("chris")
        hashed = accounts.hasher.hash(PASSWORD)
        self.codes, self.links = [], []
        for n in range(many):
            member = make_member(network, "helper", name="Dee", email=f"a{n:04}@example.org", now=now)
            member.account.password_hash = hashed
            make_person(network, "Amina", email=f"a{n:04}@example.net")
            make_person(network, "Amina", phone=f"416 555 {n:04}")
            elsewhere = make_person(other, "Eve")
            self.codes.append(new_code(elsewhere))
            self.links.append(new_link(elsewhere, now))
        db.session.commit()

    def question(self, how: str, n: int, *, known: bool) -> Question:
        """The code and the link of somebody in another network, or of nobody."""
        letter = "a" if known else "b"
        code, link = (self.codes[n], self.links[n]) if known else ("0000 0000", "x" * 22)
        asked: dict[str, Question] = {
            "sign in": ("/sign-in", {"email": f"{letter}{n:04}@example.org", "password": "four other words"}),
            "new password": ("/reset", {"email": f"{letter}{n:04}@example.org"}),
            "code": ("/garrison/code", {"code": code}),
            "lost, by email": ("/garrison/lost", {"contact": f"{letter}{n:04}@example.net"}),
            "lost, by phone": ("/garrison/lost", {"contact": f"416 {'555' if known else '556'} {n:04}"}),
            "link": ("/garrison/link", {"token": link}),
        }
        return asked[how]

    def answers(self, app: Flask, how: str) -> "Told":
        """Known and unknown in any order, each from a place and a browser of its own."""
        told, dice = Told(), random.Random(how)
        both = [(n, known) for n in range(self.many) for known in (True, False)]
        dice.shuffle(both)
        for number, (n, known) in enumerate(both):
            where, filled_in = self.question(how, n, known=known)
            browser = app.test_client()
            browser.environ_base["REMOTE_ADDR"] = f"10.0.{number >> 8}.{number & 255}"
            assert isinstance(browser, Browser)
            began = time.perf_counter()
            answer = browser.post(where, data=filled_in)
            told.add(known, seen(answer, filled_in), time.perf_counter() - began)
        return told


class Told:
    """What was seen, and the seconds that it took, of known (True) and unknown people."""

    def __init__(self) -> None:
        self.answers: dict[bool, set[str]] = {True: set(), False: set()}
        self.seconds: dict[bool, list[float]] = {True: [], False: []}

    def add(self, known: bool, answer: Seen, seconds: float) -> None:
        self.answers[known].add(repr(answer))
        self.seconds[known].append(seconds)

    @property
    def gap_ms(self) -> float:
        return 1000 * (median(self.seconds[True]) - median(self.seconds[False]))


def seen(answer: TestResponse, filled_in: dict[str, str]) -> Seen:
    """All of it but the token, what was typed, and what the cookie holds."""
    body = TOKEN.sub(rb"\1", answer.data)
    for typed in filled_in.values():
        body = body.replace(typed.encode(), b"(typed)")
    heads = [(name, re.sub(r"^(\w+=)[^;]+", r"\1", value)) for name, value in answer.headers.items()]
    return answer.status_code, heads, body
