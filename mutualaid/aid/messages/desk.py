"""Messages that a coordinator reads first: who wrote to whom, what it seems to hold, and whether it goes on."""

from collections.abc import Callable

from flask import Blueprint, abort, flash, g, redirect, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from mutualaid.aid import contact, lifecycle
from mutualaid.aid.desk import keep_place
from mutualaid.aid.desk_matches import here
from mutualaid.aid.lifecycle import Refused
from mutualaid.aid.messages.models import Message
from mutualaid.aid.messages.queries import get_message
from mutualaid.aid.words import refusal_words
from mutualaid.db import db
from mutualaid.guard import permission, recent, require
from mutualaid.permissions import may_read_first, may_see_desk

bp = Blueprint("desk_messages", __name__, url_prefix="/<slug>/desk/messages/<int:message_id>")
bp.url_defaults(keep_place)


def load(message_id: int) -> Message:
    """One that was written in a match of this coordinator's areas; 404 for every other, and for their own."""
    message = get_message(g.network, message_id) or abort(404)
    require(may_read_first(g.actor, message.match))
    return message


@bp.get("")
@permission(may_see_desk)
def show(message_id: int) -> str:
    return page(load(message_id))


@bp.post("/read")
@permission(may_see_desk)
@recent
def read(message_id: int) -> Response | str:
    """A look is written down, so it is a POST; whoever wrote it can see that it happened."""
    message = load(message_id)
    try:
        contact.check_looks(g.actor, g.now)
        text = lifecycle.read_first(message, by=g.actor, now=g.now)
    except Refused as refused:
        return overtaken(refused)
    db.session.commit()
    return page(load(message_id), text)


@bp.post("/pass-on")
@permission(may_see_desk)
def pass_on(message_id: int) -> Response:
    said = gettext("It is passed on.")
    return decide(load(message_id), lifecycle.pass_on, said)


@bp.post("/keep-back")
@permission(may_see_desk)
def keep_back(message_id: int) -> Response:
    said = gettext("It is not passed on. Whoever wrote it sees that on their page, without blame.")
    return decide(load(message_id), lifecycle.keep_back, said)


def decide(message: Message, verb: Callable[..., None], said: str) -> Response:
    try:
        verb(message, by=g.actor, now=g.now)
    except Refused as refused:
        return overtaken(refused)
    db.session.commit()
    flash(said, "offer")
    return redirect(url_for("desk.show", queue="held"), 303)


def overtaken(refused: Refused) -> Response:
    db.session.rollback()
    flash(refusal_words(refused), "now")
    return redirect(url_for("desk.show", queue="held"), 303)


def page(message: Message, text: str = "") -> str:
    match = message.match
    need, offer = match.need, match.offer
    writer, reader = (need, offer) if message.side == "need" else (offer, need)
    return render_template(
        "desk/held.html",
        post=here(match),
        match=match,
        message=message,
        writer=writer,
        reader=reader,
        text=text,
    )
