"""A lost code: a new link goes to the same email, or a coordinator calls the phone. Whoever asks learns nothing."""

import time

from flask import Blueprint, abort, current_app, g, render_template, request
from flask_babel import gettext, lazy_gettext
from sqlalchemy import select
from wtforms.validators import ValidationError

from mutualaid.db import db
from mutualaid.forms import BaseForm, Line, needed
from mutualaid.guard import public
from mutualaid.normal import normal_email, normal_phone, region_of
from mutualaid.notices.models import Notice
from mutualaid.notices.outbox import owe
from mutualaid.people import limits
from mutualaid.people.contact import email_hash, people_by_contact, phone_hash
from mutualaid.people.models import Person

bp = Blueprint("lost", __name__, url_prefix="/<slug>")
ASKED = 3  # times an hour for one phone or email; more are not answered, and look the same
FROM_ONE_PLACE = 10


class LostForm(BaseForm):
    contact = Line(
        lazy_gettext("Your email or phone number"),
        [needed(lazy_gettext("Please write the one you gave us."))],
        description=lazy_gettext("The one you gave us. We write to it, or call it."),
    )

    email: str | None = None
    phone: str | None = None

    def validate_contact(self, field: Line) -> None:
        self.email = normal_email(field.data)
        self.phone = None if self.email else normal_phone(field.data, region_of(g.network.timezone))
        if not self.email and not self.phone:
            raise ValidationError(
                gettext("This looks neither like an email nor like a phone number. Look again.")
            )


@bp.route("/lost", methods=("GET", "POST"))
@public
def ask() -> str:
    form, began = LostForm(), time.perf_counter()
    asked = form.validate_on_submit()
    if asked:
        if may_ask(form):
            owe_links(form)
        db.session.commit()
        limits.answer_after(current_app.config["TIME_TO_ANSWER"], began)
    return render_template("people/lost.html", form=form, asked=asked)


def may_ask(form: LostForm) -> bool:
    """Counts every time, whether there is such a person or not. Who asks for many is turned away."""
    client = limits.client(request.remote_addr, g.now, g.network.id)
    if limits.take("lost_from", client, now=g.now, limit=FROM_ONE_PLACE) is None:
        abort(429)
    key = email_hash(g.network.id, form.email) if form.email else phone_hash(g.network.id, form.phone or "")
    return limits.take("lost", key, now=g.now, limit=ASKED) is not None


def owe_links(form: LostForm) -> None:
    """One to each person who gave this contact, and has none on the way already: nobody checked whose it is."""
    for person in people_by_contact(g.network.id, email=form.email, phone=form.phone):
        if not is_owed(person):
            owe(person, "link_again", now=g.now, channel="email" if form.email else "call")


def is_owed(person: Person) -> bool:
    waiting = (
        Notice.network_id == person.network_id,
        Notice.person_id == person.id,
        Notice.done_at.is_(None),
    )
    return db.session.scalar(select(Notice.id).where(*waiting, Notice.kind == "link_again")) is not None
