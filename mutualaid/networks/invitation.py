"""Accepting an invitation: a link that is used once, by whoever gets it, to set a password and join one network."""

from flask import Blueprint, abort, g, redirect, render_template, url_for
from flask_babel import lazy_gettext
from flask_login import current_user
from werkzeug.wrappers import Response

from mutualaid.db import db
from mutualaid.forms import BaseForm, Line, at_most, needed, only_a_name
from mutualaid.guard import public
from mutualaid.networks import verbs
from mutualaid.networks.models import Membership, Network
from mutualaid.people import accounts, one_time, signed_in
from mutualaid.people.models import Account, AccountToken
from mutualaid.people.routes import NewPasswordForm

bp = Blueprint("invitation", __name__)
Found = tuple[AccountToken, Account, Membership, Network]


class JoinForm(BaseForm):
    name = Line(
        lazy_gettext("What shall we call you?"),
        [needed(), at_most(60), only_a_name],
        description=lazy_gettext("A first name, or any name you like. People you help will see it."),
        render_kw={"autocomplete": "given-name"},
    )


class BeginForm(NewPasswordForm, JoinForm):
    """For those who have no password yet."""


@bp.get("/invitation/<token>")
@public
def link(token: str) -> str:
    return one_time.look(token, "invitation")


@bp.post("/invitation/link")
@public
def open_link() -> Response | tuple[str, int]:
    return one_time.take("invitation", ".answer")


@bp.route("/invitation", methods=("GET", "POST"))
@public
def answer() -> Response | str | tuple[str, int]:
    """Looking does not use it up. Who has a password signs in first: no invitation opens an account that is in use."""
    found = find_invitation()
    if found is None:
        return one_time.ended("invitation")
    row, account, member, network = found
    is_theirs = current_user.is_authenticated and current_user.id == account.id
    if not is_theirs and (account.password_hash or verbs.has_joined(account)):
        return render_template("networks/invitation_known.html", group=network)
    form = JoinForm() if account.password_hash else BeginForm(account.email)
    if form.validate_on_submit():
        return accept(row, account, member, form)
    return render_template("networks/invitation.html", form=form, group=network, role=member.role)


def find_invitation() -> Found | None:
    """What this browser has opened, with the place it leads to, while that is still open."""
    found = one_time.taken("invitation")
    if found is None:
        return None
    row, account = found
    network = db.session.get(Network, row.network_id)
    member = verbs.find_member(network, account) if network else None
    if (
        network is None
        or network.wiping_at
        or member is None
        or member.recalled_at
        or member.ends_at <= g.now
    ):
        return None
    return row, account, member, network


def accept(row: AccountToken, account: Account, member: Membership, form: JoinForm) -> Response:
    if isinstance(form, BeginForm) and not accounts.is_new(account):
        return redirect(url_for(".answer"), 303)
    if not accounts.use_token(row, g.now):
        abort(404)
    if isinstance(form, BeginForm):
        accounts.set_password(account, form.password.data, now=g.now)
    verbs.join(member, form.name.data, now=g.now)
    if isinstance(form, BeginForm):
        signed_in.start(account)
    db.session.commit()
    return redirect(url_for("networks.first"), 303)
