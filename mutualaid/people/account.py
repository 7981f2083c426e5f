"""One's own account: the ways to sign in, and where one is signed in."""

import base64

import segno
from cryptography.exceptions import InvalidTag
from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext, lazy_gettext
from sqlalchemy import ColumnElement
from werkzeug.wrappers import Response
from wtforms import HiddenField

from mutualaid.db import db
from mutualaid.forms import BaseForm, Line, needed
from mutualaid.guard import account_only, recent
from mutualaid.people import passkeys, second, sessions
from mutualaid.people.models import Account, AccountSession
from mutualaid.people.signed_in import SignedIn, now_signed_in
from mutualaid.people.signing_in import as_json, code_is_wrong, new_challenge, site, take_challenge
from mutualaid.sealed import NoKeys, keyring

bp = Blueprint("account", __name__, url_prefix="/account")


class AppForm(BaseForm):
    """`secret` is sealed: it is kept by the page until one code has shown that the app has it."""

    secret = HiddenField()
    code = Line(
        lazy_gettext("The code that the app shows"),
        [needed(lazy_gettext("Please type your code."))],
        description=lazy_gettext("Six numbers. Another code comes every half minute."),
        render_kw={"class": "short", "autocomplete": "one-time-code", "inputmode": "numeric"},
    )


@bp.get("/")
@account_only
def show() -> str:
    """`wanted`: they were sent here, because where they were going a second way is needed."""
    me = whoever()
    return render_template(
        "people/account.html",
        account=me.account,
        wanted=request.args.get("wanted") and not me.has_second,
        has_second=me.has_second,
        passkeys=second.passkeys(me.account),
        codes_left=second.codes_left(me.account),
        this=me.row,
        others=[row for row in sessions.of_account(me.account.id) if row.id != me.row.id],
    )


@bp.route("/app", methods=("GET", "POST"))
@account_only
@recent
def app() -> Response | str:
    """An app on the phone that shows codes. It counts once it has shown a right one."""
    me, form = whoever(), AppForm()
    secret = opened(me.account, form.secret.data) or second.new_secret()
    if form.validate_on_submit():
        if second.set_app(me.account, secret, form.code.data, now=g.now):
            return now_there(
                me, gettext("From now on we ask you for a code of this app, after your password.")
            )
        form.code.errors = [code_is_wrong()]
    form.secret.data = base64.b64encode(keyring.seal(secret, context(me.account))).decode()
    address = second.address(me.account, secret, site().host)
    return render_template(
        "people/app.html",
        form=form,
        squares=segno.make(address, micro=False).matrix,
        secret=" ".join(secret[n : n + 4] for n in range(0, len(secret), 4)),
        address=address,
    )


def opened(account: Account, sealed: str | None) -> str | None:
    try:
        return keyring.open(base64.b64decode(sealed or ""), context(account)) if sealed else None
    except (InvalidTag, NoKeys, ValueError, IndexError):
        abort(400)


def context(account: Account) -> str:
    return f"app|{account.id}"


@bp.post("/app/remove")
@account_only
@recent
def remove_app() -> Response:
    second.remove_app(whoever().account)
    return removed()


@bp.post("/passkeys/challenge")
@account_only
@recent
def challenge() -> Response:
    return as_json(passkeys.ask_for_new(site(), whoever().account, new_challenge()))


@bp.route("/passkeys", methods=("GET", "POST"))
@account_only
@recent
def passkey() -> Response | str:
    """The device makes it, and the browser sends what it answered."""
    if request.method == "GET":
        return render_template("people/passkey.html")
    me, asked = whoever(), take_challenge()
    answer = request.form.get("passkey", "")
    if asked and passkeys.add(site(), me.account, answer, asked, now=g.now):
        return now_there(me, gettext("The passkey is made. From now on you can sign in with it alone."))
    db.session.rollback()
    flash(gettext("That did not work, and nothing was changed. Please try again."), "now")
    return redirect(url_for(".passkey"), 303)


@bp.post("/passkeys/<int:passkey_id>/remove")
@account_only
@recent
def remove_passkey(passkey_id: int) -> Response:
    second.remove_passkey(whoever().account, passkey_id)
    return removed()


def now_there(me: SignedIn, said: str) -> Response | str:
    """With the first second way come the recovery codes."""
    if second.codes_left(me.account):
        db.session.commit()
        flash(said, "offer")
        return redirect(url_for(".show"), 303)
    return with_codes(me, said)


def removed() -> Response:
    db.session.commit()
    flash(gettext("It is taken away."), "offer")
    return redirect(url_for(".show"), 303)


@bp.post("/codes")
@account_only
@recent
def codes() -> Response | str:
    """New recovery codes; those of before end."""
    me = whoever()
    if not me.has_second:
        return redirect(url_for(".show"), 303)
    return with_codes(me, gettext("Your old recovery codes do not work any more."))


def with_codes(me: SignedIn, said: str) -> str:
    made = second.new_codes(me.account)
    db.session.commit()
    return render_template("people/codes.html", codes=made, said=said)


@bp.post("/sessions/<int:session_id>/end")
@account_only
def end_session(session_id: int) -> Response:
    """Somebody else's, or one that has ended: nothing happens, and the answer is the same."""
    return ended(AccountSession.id == session_id)


@bp.post("/sessions/end")
@account_only
def end_others() -> Response:
    return ended()


def ended(*which: ColumnElement[bool]) -> Response:
    """This browser stays; it has its own button."""
    me = whoever()
    sessions.end(me.account.id, AccountSession.id != me.row.id, *which)
    db.session.commit()
    flash(gettext("Signed out there."), "offer")
    return redirect(url_for(".show"), 303)


def whoever() -> SignedIn:
    """Behind @account_only."""
    me = now_signed_in()
    assert me is not None
    return me
