"""Signing in and out, and leaving quickly."""

from datetime import timedelta

from flask import Blueprint, abort, g, redirect, render_template, request, session, url_for
from flask.blueprints import BlueprintSetupState
from flask_babel import gettext, lazy_gettext
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.wrappers import Response
from wtforms import HiddenField, PasswordField
from wtforms.validators import ValidationError

from mutualaid.db import db, set_reading_only
from mutualaid.forms import BaseForm, Email, needed
from mutualaid.guard import local_path, public
from mutualaid.people import accounts, limits, signed_in
from mutualaid.people.models import Account

bp = Blueprint("people", __name__)
PER = timedelta(minutes=15)
LIMITS = {"sign_in": 10, "client": 50}  # so many wrong passwords: for one email, from one place
FORGET = '"cache", "cookies", "storage"'


class SignInForm(BaseForm):
    email = Email(lazy_gettext("Your email"), [needed()], render_kw={"autocomplete": "username"})
    password = PasswordField(
        lazy_gettext("Your password"), [needed()], render_kw={"autocomplete": "current-password"}
    )
    next = HiddenField()


class NewPassword(PasswordField):
    """A password to be set; the form says whose with `email`."""

    def pre_validate(self, form: BaseForm) -> None:
        weak = accounts.weakness(self.data, form.email) if self.data else None
        if weak:
            raise ValidationError(
                {
                    "short": gettext(
                        "This is too short. Take 12 letters or more: four words are easy to keep."
                    ),
                    "long": gettext("This is too long. There is room for 200 letters."),
                    "email": gettext("This is your email. Take something that nobody can guess."),
                    "common": gettext("Many people use this one. Take something that nobody can guess."),
                }[weak]
            )


class NewPasswordForm(BaseForm):
    """`email` is whose password it is."""

    password = NewPassword(
        lazy_gettext("A new password"),
        [needed()],
        description=lazy_gettext("12 letters or more. Four words that only you would put together are good."),
        render_kw={"autocomplete": "new-password"},
    )

    def __init__(self, email: str) -> None:
        self.email = email
        super().__init__()


@bp.route("/sign-in", methods=("GET", "POST"))
@public
def sign_in() -> Response | str:
    form = SignInForm(next=request.args.get("next"))
    failed = False
    if form.validate_on_submit():
        account = opened_by(form.email.data, form.password.data)
        if account is not None:
            signed_in.start(account)
            db.session.commit()
            return redirect(local_path(form.next.data) or url_for("networks.first"), 303)
        failed = True
    return render_template("people/sign_in.html", form=form, failed=failed)


def opened_by(email: str, password: str) -> Account | None:
    """The account that this email and password open. The same time and the same answer, whichever was wrong.

    The password is checked outside of any transaction: it takes 40 ms, and others wait for the database.
    """
    set_reading_only(True)
    tries = {"sign_in": accounts.email_key(email), "client": limits.client(request.remote_addr)}
    if any(limits.too_many(kind, who, now=g.now, limit=LIMITS[kind], per=PER) for kind, who in tries.items()):
        abort(429)
    account = accounts.find(email)
    password_hash = account.password_hash if account else None
    db.session.rollback()
    right = accounts.is_password(password_hash, password)
    set_reading_only(False)
    if right:
        return account
    for kind, who in tries.items():
        limits.count(kind, who, now=g.now)
    db.session.commit()
    return None


@bp.post("/sign-out")
@public
def sign_out() -> Response:
    end_session(keep=("language",))
    return redirect(url_for("networks.first"), 303)


@bp.post("/leave")
@public
def leave() -> Response:
    """Forget whoever used this browser: sign-in, code, drafts. Works without a token, however old the page is."""
    answer = redirect(url_for(".away"), 303)
    if request.headers.get("Sec-Fetch-Site") != "cross-site":
        end_session()
        answer.headers["Clear-Site-Data"] = FORGET
    return answer


@bp.get("/away")
@public
def away() -> str:
    """A page that says nothing about us."""
    return render_template("people/away.html")


@bp.record_once
def leave_without_token(state: BlueprintSetupState) -> None:
    state.app.extensions["csrf"].exempt(leave)


def end_session(keep: tuple[str, ...] = ()) -> None:
    """Nothing of whoever used this browser stays in it, whatever the database says; and their sign-in is over.

    Commits.
    """
    try:
        signed_in.sign_out()
        db.session.commit()
    except SQLAlchemyError:  # their session ends later, by itself
        db.session.rollback()
    kept = {key: session[key] for key in keep if key in session}
    session.clear()
    session.update(kept)
