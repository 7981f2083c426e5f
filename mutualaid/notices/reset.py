"""A new password by email. Whoever asks learns nothing about who has an account."""

import time

from flask import Blueprint, abort, current_app, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext, lazy_gettext
from sqlalchemy import select
from werkzeug.wrappers import Response

from mutualaid.db import db
from mutualaid.forms import BaseForm, Email, needed
from mutualaid.guard import public
from mutualaid.networks.models import Membership
from mutualaid.notices.outbox import owe
from mutualaid.people import accounts, limits, one_time
from mutualaid.people.models import Account, Person
from mutualaid.people.routes import NewPasswordForm

bp = Blueprint("reset", __name__)
ASKED = 3  # times an hour for one email; more are not answered, and look the same
FROM_ONE_PLACE = 20


class AskForm(BaseForm):
    email = Email(lazy_gettext("Your email"), [needed()], render_kw={"autocomplete": "username"})


@bp.route("/reset", methods=("GET", "POST"))
@public
def ask() -> str:
    form, began = AskForm(), time.perf_counter()
    asked = form.validate_on_submit()
    if asked:
        if may_ask(form.email.data):
            owe_reset(form.email.data)
        db.session.commit()
        limits.answer_after(current_app.config["TIME_TO_ANSWER"], began)
    return render_template("people/reset_ask.html", form=form, asked=asked)


def may_ask(email: str) -> bool:
    """Counts every time, whether there is an account or not. Who asks for many is turned away."""
    key, client = accounts.email_key(email), limits.client(request.remote_addr, g.now)
    if limits.take("reset_from", client, now=g.now, limit=FROM_ONE_PLACE) is None:
        abort(429)
    return limits.take("reset", key, now=g.now, limit=ASKED) is not None


def owe_reset(email: str) -> None:
    """The notice goes to the account's email; the person of one of its memberships is whom it is written to.

    Of one that they joined, rather than of one where somebody has only named their email.
    """
    person = db.session.scalars(
        select(Person)
        .join(Membership, (Membership.network_id == Person.network_id) & (Membership.person_id == Person.id))
        .join(Account, Account.id == Membership.account_id)
        .where(Account.email_hash == accounts.email_key(email), Person.erased_at.is_(None))
        .order_by(
            Membership.joined_at.is_(None),
            Membership.recalled_at.is_not(None),
            Membership.ends_at.desc(),
            Membership.id,
        )
        .limit(1)
    ).first()
    if person is not None:
        owe(person, "reset", now=g.now, channel="email")


@bp.get("/reset/<token>")
@public
def link(token: str) -> str:
    return one_time.look(token, "reset")


@bp.post("/reset/link")
@public
def open_link() -> Response | tuple[str, int]:
    return one_time.take("reset", ".choose")


@bp.route("/reset/choose", methods=("GET", "POST"))
@public
def choose() -> Response | str | tuple[str, int]:
    """Looking does not use it up."""
    found = one_time.taken("reset")
    if found is None:
        return one_time.ended("reset")
    row, account = found
    form = NewPasswordForm(account.email)
    if not form.validate_on_submit():
        return render_template("people/reset_choose.html", form=form)
    if not accounts.use_token(row, g.now):
        abort(404)
    accounts.set_password(account, form.password.data, now=g.now)
    db.session.commit()
    flash(gettext("Your new password is set. Please sign in with it."), "offer")
    return redirect(url_for("signing_in.show"), 303)
