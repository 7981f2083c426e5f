"""The way in with a code or a private link, in one network."""

from flask import Blueprint, abort, flash, g, redirect, render_template, request, session, url_for
from flask_babel import gettext, lazy_gettext, ngettext
from werkzeug.wrappers import Response

from mutualaid.db import db
from mutualaid.forms import BaseForm, Line, needed
from mutualaid.guard import public
from mutualaid.people import limits
from mutualaid.people.access import TooManyMisses, keep_page, person_by_link, seat_of, try_code
from mutualaid.people.models import Person

bp = Blueprint("access", __name__, url_prefix="/<slug>")


class CodeForm(BaseForm):
    code = Line(
        lazy_gettext("Your code"),
        [needed(lazy_gettext("Please type your code."))],
        description=lazy_gettext("Eight letters and numbers, like 7KM4 RXQ2. Small letters are fine."),
        render_kw={
            "class": "short",
            "autocomplete": "off",
            "autocapitalize": "characters",
            "spellcheck": "false",
        },
    )


@bp.route("/code", methods=("GET", "POST"))
@public
def code() -> Response | str:
    form = CodeForm()
    if form.validate_on_submit():
        person = person_of_code(form.code.data)
        if person is not None:
            return enter(person, "code")
        form.code.errors = [
            gettext("This code opens nothing here. Look at it again: it has eight letters and numbers.")
        ]
    return render_template("people/code.html", form=form)


def person_of_code(typed: str) -> Person | None:
    """Misses are counted for the place they come from."""
    client = limits.client(request.remote_addr, g.now, g.network.id)
    try:
        person = try_code(g.network.id, typed, kind="code", who=client, now=g.now)
    except TooManyMisses:
        abort(429)
    db.session.commit()
    return person


@bp.get("/link/<token>")
@public
def link(token: str) -> str:
    """One button. Programs that look through mail open every link, so opening it does nothing yet."""
    return render_template("people/link.html", token=token, keep=bool(request.args.get("keep")))


@bp.post("/link")
@public
def open_link() -> Response | tuple[str, int]:
    """The token comes in the form, so that no address leads to the page behind it."""
    person = person_by_link(g.network.id, request.form.get("token", ""), g.now)
    if person is None:
        return render_template("people/link_ended.html"), 404
    if request.form.get("keep"):
        keep_page(person, g.network.retention_days, g.now)
        db.session.commit()
        flash(kept_words(g.network.retention_days), "offer")
    return enter(person, "link")


def kept_words(days: int) -> str:
    return str(
        ngettext(
            "We keep your page for another %(num)s day.", "We keep your page for another %(num)s days.", days
        )
    )


def enter(person: Person, via: str) -> Response:
    """Sit down as this person. Whoever came by link already keeps what the link allows."""
    if (g.neighbour.person_id, g.neighbour.via) == (person.id, "link"):
        via = "link"
    session[f"guest:{person.network_id}"] = seat_of(person, via)
    return redirect(url_for("mine.show"), 303)
