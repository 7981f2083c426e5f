"""One's own account: where one is signed in."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext
from sqlalchemy import ColumnElement
from werkzeug.wrappers import Response

from mutualaid.db import db
from mutualaid.guard import account_only
from mutualaid.people import sessions
from mutualaid.people.models import AccountSession
from mutualaid.people.signed_in import SignedIn, now_signed_in

bp = Blueprint("account", __name__, url_prefix="/account")


@bp.get("/")
@account_only
def show() -> str:
    me = whoever()
    others = [row for row in sessions.of_account(me.account.id) if row.id != me.row.id]
    return render_template("people/account.html", this=me.row, others=others)


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
