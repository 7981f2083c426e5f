"""Signing out, leaving quickly, and what forms for a new password share."""

from flask import Blueprint, redirect, render_template, request, session, url_for
from flask.blueprints import BlueprintSetupState
from flask_babel import gettext, lazy_gettext
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.wrappers import Response
from wtforms import PasswordField
from wtforms.validators import ValidationError

from mutualaid import restoring
from mutualaid.db import db
from mutualaid.forms import BaseForm, needed
from mutualaid.guard import public
from mutualaid.people import accounts, signed_in

bp = Blueprint("people", __name__)
FORGET = '"cache", "cookies", "storage"'


class NewPassword(PasswordField):
    """A password to be set; the form says whose with `email`."""

    def pre_validate(self, form: BaseForm) -> None:
        weak = accounts.weakness(self.data, form.email) if self.data else None
        if weak:
            raise ValidationError(
                {
                    "short": gettext(
                        "This is too short. Take %(least)s letters or more: four words are easy to keep.",
                        least=accounts.LEAST,
                    ),
                    "long": gettext(
                        "This is too long. There is room for %(most)s letters.", most=accounts.MOST
                    ),
                    "email": gettext("This is your email. Take something that nobody can guess."),
                    "common": gettext("Many people use this one. Take something that nobody can guess."),
                }[weak]
            )


class NewPasswordForm(BaseForm):
    """`email` is whose password it is."""

    password = NewPassword(
        lazy_gettext("A new password"),
        [needed()],
        description=lazy_gettext(
            "%(least)s letters or more. Four words that only you would put together are good.",
            least=accounts.LEAST,
        ),
        render_kw={"autocomplete": "new-password"},
    )

    def __init__(self, email: str) -> None:
        self.email = email
        super().__init__()


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

    Commits. While a copy is put back nothing waits for the database: afterwards everybody has to sign in again.
    """
    if not restoring.stage():
        try:
            signed_in.sign_out()
            db.session.commit()
        except SQLAlchemyError:  # their session ends later, by itself
            db.session.rollback()
    kept = {key: session[key] for key in keep if key in session}
    session.clear()
    session.update(kept)
