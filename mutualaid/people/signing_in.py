"""Signing in: with a passkey alone, or with a password and then, where there is one, a second way. And once more."""

import base64
import json
import secrets
from datetime import timedelta
from typing import Any

from flask import Blueprint, abort, current_app, g, redirect, render_template, request, session, url_for
from flask_babel import gettext, lazy_gettext
from werkzeug.wrappers import Response
from wtforms import HiddenField, PasswordField

from mutualaid.db import db, set_reading_only
from mutualaid.forms import BaseForm, Email, Line, needed
from mutualaid.guard import account_only, local_path, public
from mutualaid.people import accounts, limits, passkeys, second, signed_in
from mutualaid.people.models import Account, Attempt
from mutualaid.people.signed_in import SignedIn
from mutualaid.sealed import keyring

bp = Blueprint("signing_in", __name__, url_prefix="/sign-in")
PER = timedelta(minutes=15)
# So many wrong ones: passwords for one email, passwords and passkeys from one place, codes for one account.
LIMITS = {"sign_in": 10, "client": 50, "second": 5}
HALF = timedelta(minutes=10)  # so long after the password the second way may come
NOT_KEPT = {"csrf_token", "password", "passkey"}


class SignInForm(BaseForm):
    """`passkey` is filled in by the browser, instead of the rest."""

    email = Email(lazy_gettext("Your email"), [needed()], render_kw={"autocomplete": "username"})
    password = PasswordField(
        lazy_gettext("Your password"), [needed()], render_kw={"autocomplete": "current-password"}
    )
    passkey = HiddenField()
    next = HiddenField()


class CodeForm(BaseForm):
    code = Line(
        lazy_gettext("Your code"),
        [needed(lazy_gettext("Please type your code."))],
        description=lazy_gettext("The six numbers that your app shows now, or one of your recovery codes."),
        render_kw={"class": "short", "autocomplete": "one-time-code", "spellcheck": "false"},
    )
    passkey = HiddenField()


class AgainForm(BaseForm):
    """`kept`: what was being sent when we asked, as JSON; it goes on from here."""

    password = PasswordField(
        lazy_gettext("Your password"), [needed()], render_kw={"autocomplete": "current-password"}
    )
    code = CodeForm.code
    passkey = HiddenField()
    next = HiddenField()
    kept = HiddenField()


@bp.route("", methods=("GET", "POST"))
@public
def show() -> Response | str:
    form, failed = SignInForm(next=request.args.get("next")), ""
    if form.passkey.data:
        account = by_passkey(form.passkey.data)
        if account:
            return go_in(account, form.next.data)
        failed = "passkey"
    elif form.validate_on_submit():
        account = opened_by(form.email.data, form.password.data)
        if account:
            return go_on_with(account, form.next.data)
        failed = "password"
    return render_template("people/sign_in.html", form=form, failed=failed)


def go_on_with(account: Account, to: str | None) -> Response:
    """The password was right: they are in, or asked for their second way."""
    if not second.is_there(account):
        return go_in(account, to)
    until = int((g.now + HALF).timestamp())
    session["half"] = {"account": account.id, "stamp": stamp(account), "until": until, "next": to}
    return redirect(url_for(".second_step"), 303)


def stamp(account: Account) -> str:
    """Another one with another password."""
    return keyring.digest(account.password_hash or "", "stamp").hex()[:16]


def go_in(account: Account, to: str | None) -> Response:
    session.pop("half", None)
    signed_in.start(account)
    db.session.commit()
    return redirect(local_path(to) or url_for("networks.first"), 303)


@bp.route("/second", methods=("GET", "POST"))
@public
def second_step() -> Response | str:
    """Only after the password was right does anybody learn that there is one."""
    half = session.get("half") or {}
    account = half_in(half)
    if account is None:
        return redirect(url_for(".show"), 303)
    form, failed = CodeForm(), False
    if form.passkey.data:
        opened = by_passkey(form.passkey.data)
        if opened:
            return go_in(opened, half["next"])
        failed = True
    elif form.validate_on_submit():
        if is_code(account, form.code.data):
            return go_in(account, half["next"])
        form.code.errors = [code_is_wrong()]
    return render_template(
        "people/second.html", form=form, failed=failed, has_passkey=bool(second.passkeys(account))
    )


def half_in(half: dict[str, Any]) -> Account | None:
    """Whose password was right in this browser, a moment ago."""
    if not half or g.now.timestamp() >= half["until"]:
        return None
    account = db.session.get(Account, half["account"])
    return account if account and stamp(account) == half["stamp"] else None


def code_is_wrong() -> str:
    return str(gettext("This code does not open, or was used already. Wait for the next one, and try it."))


@bp.route("/again", methods=("GET", "POST"))
@account_only
def again() -> Response | str:
    """Asked for before what is delicate (guard.recent); then it goes on where it was, with all that was typed."""
    me = signed_in.now_signed_in()
    assert me is not None
    if request.method == "POST" and "kept" not in request.form:  # sent on to here by guard.recent
        form = AgainForm(formdata=None, next=request.args.get("next"), kept=json.dumps(sent()))
        return asked_again(form, me)
    form = AgainForm(next=request.args.get("next"))
    if not second.is_there(me.account):
        del form.code
    if not form.is_submitted():
        return asked_again(form, me)
    if form.passkey.data:
        opened = by_passkey(form.passkey.data)
        if opened is None or opened.id != me.account.id:
            return asked_again(form, me, "passkey")
    elif not form.validate():
        return asked_again(form, me)
    elif not shown_again(me.account, form):
        return asked_again(form, me, "password")
    signed_in.prove(me)
    db.session.commit()
    return back_to(form)


def sent() -> list[tuple[str, str]]:
    return [(name, value) for name, value in request.form.items(multi=True) if name not in NOT_KEPT]


def asked_again(form: AgainForm, me: SignedIn, failed: str = "") -> str:
    if not second.is_there(me.account) and "code" in form:
        del form.code
    return render_template(
        "people/again.html", form=form, failed=failed, has_passkey=bool(second.passkeys(me.account))
    )


def shown_again(account: Account, form: AgainForm) -> bool:
    """Both are looked at, so that nobody learns which was wrong."""
    right = opened_by(account.email, form.password.data) is not None
    return ("code" not in form or is_code(account, form.code.data)) and right


def back_to(form: AgainForm) -> Response | str:
    """To the page, or on with what was being sent to it."""
    to = local_path(form.next.data) or url_for("networks.first")
    if not form.kept.data:
        return redirect(to, 303)
    try:
        kept = [(str(name), str(value)) for name, value in json.loads(form.kept.data)]
    except (ValueError, TypeError, RecursionError):
        abort(400)
    return render_template("people/go_on.html", to=to, kept=kept)


@bp.post("/challenge")
@public
def challenge() -> Response:
    """What a passkey has to answer to sign in. The same for everyone: nobody has said who they are."""
    return as_json(passkeys.ask(site(), new_challenge()))


def as_json(text: str) -> Response:
    return current_app.response_class(text, mimetype="application/json")


def site() -> passkeys.Site:
    return passkeys.Site(current_app.config["BASE_URL"])


def new_challenge() -> bytes:
    """Bound to this browser; whatever it was asked before counts no longer."""
    made = secrets.token_bytes(32)
    until = int((g.now + passkeys.LASTS).timestamp())
    session["challenge"] = {"value": base64.b64encode(made).decode(), "until": until}
    return made


def take_challenge() -> bytes | None:
    """What this browser was asked last, if it is not too long ago; an answer to it is looked at once."""
    kept = session.pop("challenge", None)
    return base64.b64decode(kept["value"]) if kept and g.now.timestamp() < kept["until"] else None


def by_passkey(answer: str) -> Account | None:
    """Whom a passkey lets in. Misses are counted for the place they come from."""
    tries = take_tries({"client": limits.client(request.remote_addr, g.now)})
    asked = take_challenge()
    account = passkeys.opened_by(site(), answer, asked, now=g.now) if asked else None
    return settled(tries, account)


def take_tries(who: dict[str, bytes]) -> list[Attempt]:
    """One more try is written down before anything is looked at: where it cannot be, nobody comes in."""
    tries = [limits.take(kind, key, now=g.now, limit=LIMITS[kind], per=PER) for kind, key in who.items()]
    taken = [attempt for attempt in tries if attempt is not None]
    if len(taken) < len(tries):
        for attempt in taken:
            limits.give_back(attempt)
        db.session.commit()
        abort(429)
    return taken


def opened_by(email: str, password: str) -> Account | None:
    """The account that this email and password open. The same time and the same answer, whichever was wrong.

    The password is checked outside of any transaction: it takes 40 ms, and others wait for the database.
    """
    tries = take_tries(
        {"sign_in": accounts.email_key(email), "client": limits.client(request.remote_addr, g.now)}
    )
    set_reading_only(True)
    account = accounts.find(email)
    password_hash = account.password_hash if account else None
    db.session.rollback()
    right = accounts.is_password(password_hash, password)
    set_reading_only(False)
    return settled(tries, account if right else None)


def is_code(account: Account, typed: str) -> bool:
    tries = take_tries({"second": keyring.digest(str(account.id), "second")})
    return settled(tries, account if second.take(account, typed, now=g.now) else None) is not None


def settled(tries: list[Attempt], account: Account | None) -> Account | None:
    """A try that was fine does not count."""
    for attempt in tries if account else ():
        limits.give_back(attempt)
    db.session.commit()
    return account
