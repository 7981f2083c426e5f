"""A browser without a window: it sends the token against forgery by itself, and can be signed in at once."""

from contextvars import Context
from typing import Any
from urllib.parse import urlsplit

from flask import has_app_context
from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer
from werkzeug.test import TestResponse

from mutualaid.db import db, utcnow
from mutualaid.networks.models import Membership
from mutualaid.people import sessions
from mutualaid.people.access import seat_of
from mutualaid.people.models import Account, Person

RAW_TOKEN = "0" * 40


class Browser(FlaskClient):
    """What the test has written is committed before each request, and each request has a context of its own."""

    def open(self, *args: Any, **more: Any) -> TestResponse:
        if has_app_context():  # not when it follows a redirect
            db.session.commit()
        return Context().run(super().open, *args, **more)

    def post(
        self, *args: Any, data: dict[str, Any] | None = None, forged: bool = False, **more: Any
    ) -> TestResponse:
        """`forged`: without the token."""
        fields = dict(data or {})
        if not forged:
            fields.setdefault("csrf_token", self._token())
        return super().post(*args, data=fields, **more)

    def sign_in(self, who: Membership | Account) -> "Browser":
        """As somebody who has just shown who they are."""
        account, now = who.account if isinstance(who, Membership) else who, utcnow()
        token = sessions.begin(account, now=now)
        with self.session_transaction() as session:
            session["signed_in"] = {"token": token, "seen": int(now.timestamp())}
        return self

    def enter(self, person: Person, via: str = "link") -> "Browser":
        """As somebody whose code or link was taken."""
        with self.session_transaction() as session:
            session[f"guest:{person.network_id}"] = seat_of(person, via)
        return self

    def show_link(self, address: str) -> TestResponse:
        """What the button does to which a one-time link leads (`/reset/…`, `/invitation/…`)."""
        path, _, token = urlsplit(address).path.rpartition("/")
        return self.post(f"{path}/link", data={"token": token})

    def _token(self) -> str:
        with self.session_transaction() as session:
            session["csrf_token"] = RAW_TOKEN
        signer = URLSafeTimedSerializer(str(self.application.secret_key), salt="wtf-csrf-token")
        return str(signer.dumps(RAW_TOKEN))
