"""What people read when something goes wrong: what happened, what was kept, what to do next."""

from flask import Flask, current_app, g, render_template, request
from flask_babel import gettext, refresh
from flask_login import AnonymousUserMixin
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException, SecurityError

from mutualaid import logs
from mutualaid.db import db

KNOWN = (400, 403, 404, 413, 429)
QUIET = {"never", "desk_never", "lost"}  # whom somebody fears stays in no page that is left open
SECRET = {"password", "code", "token", "passkey"}  # fields that are in no page once they were sent


def register(app: Flask) -> None:
    for code in KNOWN:
        app.register_error_handler(code, show)
    app.register_error_handler(SecurityError, wrong_host)
    app.register_error_handler(500, broken)
    app.register_error_handler(OperationalError, full)


def show(error: HTTPException) -> tuple[str, int]:
    code = error.code or 500
    if (
        code == 404
    ):  # the same page for what is not there and for what is somebody else's, in whatever network
        g.network = g.member = g.actor = None
        refresh()
    return render_template(f"errors/{code}.html"), code


def wrong_host(_error: HTTPException) -> tuple[str, int, dict[str, str]]:
    """Not a page: no address can be made for a host that we do not answer for."""
    return (
        gettext("This is not the address of this place."),
        400,
        {"Content-Type": "text/plain; charset=utf-8"},
    )


def broken(error: HTTPException) -> tuple[str, int]:
    forget_database()
    reference = logs.failed(current_app, "broke", getattr(error, "original_exception", None) or error)
    return render_template("errors/500.html", reference=reference), 500


def full(error: OperationalError) -> tuple[str, int]:
    """The disk is full, or the database is away or busy for too long: it may well work again in a minute."""
    forget_database()
    reference = logs.failed(current_app, "the database is full, away or busy", error.orig)
    return render_template("errors/503.html", reference=reference, typed=typed()), 503


def restoring() -> tuple[str, int]:
    """Whoever is erased may stand there again for a moment, so nothing is read."""
    forget_database()
    return render_template("errors/restoring.html", typed=typed()), 503


def typed() -> list[tuple[str, str]]:
    """What was sent, so that the page that says so can send it again; nothing when it holds a secret or a file."""
    if request.files or request.blueprint in QUIET or any(request.form.get(name) for name in SECRET):
        return []
    return list(request.form.items(multi=True))


def forget_database() -> None:
    """The page that says so must not ask the database."""
    db.session.rollback()
    g.network = g.member = g.actor = None
    g._login_user = AnonymousUserMixin()  # where Flask-Login looks before it asks the database
