"""Whom one never wants to be matched with: said with a code too; seen and ended with a link or an account alone.

The list says when each line was written and not about whom: somebody else may look at the phone, and whoever hears a
code must not learn whom its person fears.
"""

from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, url_for
from flask_babel import gettext, lazy_gettext
from werkzeug.wrappers import Response
from wtforms.validators import Optional

from mutualaid.actors import Actor
from mutualaid.aid import lifecycle
from mutualaid.aid.lifecycle import Refused
from mutualaid.aid.mine import come_in
from mutualaid.aid.words import refusal_words
from mutualaid.db import db
from mutualaid.forms import BaseForm, Email, Phone
from mutualaid.guard import permission_inside, require
from mutualaid.people.blocks import lines_of
from mutualaid.people.contact import email_hash, phone_hash
from mutualaid.people.models import Person
from mutualaid.permissions import may_see_own_list

bp = Blueprint("never", __name__, url_prefix="/<slug>/mine/never")
bp.before_request(come_in)


class Never(BaseForm):
    """A phone or an email of somebody one never wants to be matched with."""

    phone = Phone(lazy_gettext("Their phone number"), [Optional()])
    email = Email(lazy_gettext("Their email"), [Optional()])

    def validate(self, extra_validators: Any = None) -> bool:
        if not super().validate(extra_validators):
            return False
        if not (self.phone.e164 or self.email.data):
            self.form_errors.append(gettext("Please give a phone number or an email."))
            return False
        return True

    def is_kept_for(self, person: Person, *, by: Actor) -> bool:
        """Onto the list of `person`; or the form says why not. Commits."""
        digests = []
        if self.phone.e164:
            digests.append(phone_hash(person.network_id, self.phone.e164))
        if self.email.data:
            digests.append(email_hash(person.network_id, self.email.data))
        try:
            lifecycle.never_match_contacts(person, digests, by=by, now=g.now)
        except Refused as refused:
            db.session.rollback()
            self.form_errors.append(refusal_words(refused))
            return False
        db.session.commit()
        flash(gettext("It is noted. Nobody else can see it."), "offer")
        return True


@bp.route("", methods=["GET", "POST"])
@permission_inside
def show() -> Response | str:
    """Somebody one never wants to be matched with, known here or not."""
    require(g.actor.person_id is not None)
    form = Never()
    if form.validate_on_submit() and form.is_kept_for(g.person, by=g.actor):
        return redirect(url_for("mine.show"), 303)
    return render_template("mine/never_contact.html", form=form, may_see=may_see_own_list(g.actor))


@bp.post("/list")
@permission_inside
def lines() -> str:
    """Shown when asked for, and at no address that a browser would keep."""
    require(may_see_own_list(g.actor))
    return render_template("mine/never_list.html", lines=lines_of(g.person))


@bp.post("/<int:line_id>/end")
@permission_inside
def end(line_id: int) -> Response:
    require(may_see_own_list(g.actor))
    lifecycle.match_again(g.person, line_id)
    db.session.commit()
    flash(gettext("It is taken off your list. Nobody is told."), "offer")
    return redirect(url_for(".show"), 303)
