"""The phone: a coordinator writes down what someone on the line says. Likely duplicates are shown, never refused."""

import secrets

from flask import Blueprint, g, redirect, render_template, session, url_for
from flask_babel import gettext
from sqlalchemy.exc import IntegrityError
from werkzeug.wrappers import Response

from mutualaid import permissions
from mutualaid.aid import callers, drafts
from mutualaid.aid.callers import Caller, Known
from mutualaid.aid.languages import common_names
from mutualaid.aid.models import Category
from mutualaid.aid.phone_form import FIRST, SOMEBODY_ELSE, CallerForm
from mutualaid.aid.queries import categories_of, details_of
from mutualaid.aid.words import title
from mutualaid.aid.words.posts import language
from mutualaid.db import db
from mutualaid.forms import choices_of
from mutualaid.guard import permission
from mutualaid.people.models import Person
from mutualaid.places.areas import areas_of

bp = Blueprint("phone", __name__, url_prefix="/<slug>/phone")


@bp.get("")
@permission(permissions.may_see_desk)
def caller() -> str:
    return asked(new_form(categories_of(g.network)), [])


@bp.post("")
@permission(permissions.may_see_desk)
def write() -> Response | str:
    """Write it down; first show whom it may be, once, and let the coordinator say."""
    categories = categories_of(g.network)
    form = new_form(categories)
    if drafts.find(g.network, form.once.data, g.now):
        return done(form)
    if not form.validate_on_submit():
        return asked(form, [])
    said = form.said(next(row for row in categories if str(row.id) == form.category.data))
    found = [] if form.known else callers.likely_same(g.network, said, form.phone.e164, by=g.actor, now=g.now)
    shown = session.get(shown_seat(), [])
    unseen = [known for known in found if how(known) not in shown]
    seen_now = callers.note_looks(unseen, by=g.actor, now=g.now)
    found = [known for known in found if known not in unseen or known in seen_now]
    said_who = form.same.data in {SOMEBODY_ELSE, *(str(known.person.id) for known in found)}
    if seen_now or (found and not said_who):
        db.session.commit()
        session[shown_seat()] = [how(known) for known in found]
        return asked(form, found)
    same = form.known or next(
        (known.person for known in found if str(known.person.id) == form.same.data), None
    )
    try:
        callers.write_down(
            g.network,
            form.once.data,
            said,
            who(form),
            same,
            by=g.actor,
            now=g.now,
            call_back=form.call_on.data if form.intake.data == "call_back" else None,
        )
        db.session.commit()
    except IntegrityError:  # the same form, sent twice at once
        db.session.rollback()
    return done(form)


@bp.get("/written")
@permission(permissions.may_see_desk)
def written() -> Response | str:
    """The code to read out, for the draft's day."""
    draft = drafts.find(g.network, session.get(seat()), g.now)
    post = callers.post_of(draft) if draft else None
    if draft is None or post is None:
        return redirect(url_for(".caller"))
    may_open = permissions.may_coordinate(g.actor, post)
    return render_template(
        "phone/written.html", post=post, details=details_of(post), code=draft.code, may_open=may_open
    )


def new_form(categories: list[Category]) -> CallerForm:
    first = FIRST | {"once": secrets.token_urlsafe(16), "languages": [language()]}
    return CallerForm(data=first).about(categories, areas_of(g.network))


def who(form: CallerForm) -> Caller:
    hours = ", ".join(form.hours.data or []) if form.phone.data else ""
    spoken = tuple(form.spoken())
    writes = next((code for code in spoken if code in g.network.languages), language())
    return Caller(form.name.data, form.phone.data, hours, writes, spoken)


def seat() -> str:
    return f"called:{g.network.id}"


def shown_seat() -> str:
    return f"may be:{g.network.id}"


def how(known: Known) -> list[int | bool]:
    """What was shown of them. Whoever was found by their need is not yet known by their phone."""
    return [known.person.id, known.by_phone]


def done(form: CallerForm) -> Response:
    session[seat()] = form.once.data
    session.pop(shown_seat(), None)
    return redirect(url_for(".written"), 303)


def asked(form: CallerForm, found: list[Known]) -> str:
    if found:
        somebody = (SOMEBODY_ELSE, gettext("Somebody else: write down a new person"))
        form.same.choices = choices_of(
            [*((str(known.person.id), naming(known.person)) for known in found), somebody]
        )
    return render_template(
        "phone/caller.html",
        form=form,
        found=found,
        hints={str(known.person.id): known_by(known) for known in found},
        languages_known=common_names(),
    )


def naming(person: Person) -> str:
    return str(gettext("This is %(name)s", name=person.name or gettext("a neighbour without a name")))


def known_by(known: Known) -> str:
    how = (
        gettext("The same phone number.")
        if known.by_phone
        else gettext("Asks for the same, in the same area.")
    )
    return f"{how} {'; '.join(title(post) for post in known.posts[:3])}"
