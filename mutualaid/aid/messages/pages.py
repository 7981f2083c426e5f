"""What the two sides of a match write to each other: a page for each match, with an account, a link or a code alike."""

from flask import Blueprint, flash, g, redirect, render_template, url_for
from flask_babel import gettext, lazy_gettext
from werkzeug.wrappers import Response
from wtforms import HiddenField

from mutualaid import permissions
from mutualaid.aid import lifecycle
from mutualaid.aid.between import in_touch
from mutualaid.aid.lifecycle import Refused
from mutualaid.aid.matches import back, load
from mutualaid.aid.messages.models import Message
from mutualaid.aid.messages.queries import messages_of
from mutualaid.aid.models import Match
from mutualaid.aid.words import refusal_words
from mutualaid.db import db, new_id
from mutualaid.forms import BaseForm, Words, at_most, needed, number_in
from mutualaid.guard import permission_inside, require

bp = Blueprint("messages", __name__, url_prefix="/<slug>/matches/<int:match_id>/messages")
LETTERS = 500


class Write(BaseForm):
    text = Words(lazy_gettext("What do you want to say?"), [needed(), at_most(LETTERS)])
    once = HiddenField()


@bp.route("", methods=["GET", "POST"])
@permission_inside
def show(match_id: int) -> Response | str:
    match, side = load(match_id)
    require(permissions.may_write(g.actor, match))
    form = Write()
    form.once.data = str(number_in(form.once.data or "") or new_id())
    if not form.validate_on_submit():
        return page(match, side, form)
    try:
        message = lifecycle.write_message(
            match, side, form.text.data or "", once=int(form.once.data), now=g.now
        )
    except Refused as refused:
        db.session.rollback()
        form.form_errors.append(refusal_words(refused))
        return page(match, side, form)
    said = said_of(
        message
    )  # once it is kept, it may be gone at any moment: the match ended, somebody was erased
    db.session.commit()
    flash(*said)
    return redirect(url_for(".show", match_id=match_id), 303)


def said_of(message: Message) -> tuple[str, str]:
    if message.state == "sent":
        return gettext("Sent. They see it on their page."), "offer"
    return gettext("A coordinator reads it first, and passes it on if it keeps you both safe."), "now"


def page(match: Match, side: str, form: Write) -> str:
    """Once the two may not be in touch there is nothing to read, whoever ended it and however."""
    open_ = in_touch(match, g.now)
    return render_template(
        "mine/messages.html",
        match=match,
        side=side,
        form=form,
        messages=[(one, may_be_read(one)) for one in messages_of(match, side)] if open_ else [],
        may_write=lifecycle.may_be_written(match, g.now),
        back=back(side),
    )


def may_be_read(message: Message) -> bool:
    """A spoken code does not open how to reach somebody, wherever that stands."""
    return g.actor.via != "code" or not {"phone", "email", "handle", "address"}.intersection(message.signs)
