"""Calls to make: whom, what to say, and what came of it."""

from flask import Blueprint, abort, flash, g, redirect, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from mutualaid.aid import contact
from mutualaid.aid.contact import Contact
from mutualaid.aid.desk import keep_place
from mutualaid.aid.lifecycle import Refused
from mutualaid.aid.models import Match, Post
from mutualaid.aid.queries import get_match, get_post, posts_of
from mutualaid.aid.story import is_waiting_for
from mutualaid.aid.words import refusal_words
from mutualaid.db import db
from mutualaid.guard import permission, recent, require
from mutualaid.notices.calls import call_done
from mutualaid.notices.models import Notice
from mutualaid.notices.words import call_words
from mutualaid.permissions import may_answer_for, may_coordinate, may_see_desk

bp = Blueprint("desk_calls", __name__, url_prefix="/<slug>/desk/calls")
bp.url_defaults(keep_place)
OF_A_MATCH = ("proposed", "agreed", "address")  # the kinds that are about what is between two people


def load(notice_id: int) -> tuple[Notice, Post]:
    """A call to somebody of this coordinator's areas, and the post it is about or, without one, their newest."""
    notice = db.session.get(Notice, (g.network.id, notice_id)) or abort(404)
    require(notice.channel == "call")
    posts = (
        [get_post(g.network, notice.post_id)] if notice.post_id else posts_of(g.network.id, notice.person_id)
    )
    post = next(iter(posts), None) or abort(404)
    require(may_coordinate(g.actor, post))
    return notice, post


@bp.get("/<int:notice_id>")
@permission(may_see_desk)
def show(notice_id: int) -> str:
    return page(*load(notice_id))


@bp.post("/<int:notice_id>/number")
@permission(may_see_desk)
@recent
def number(notice_id: int) -> Response | str:
    """The number to call, and once both said yes how to reach the other. Each look is written down for its person."""
    notice, post = load(notice_id)
    match, side = between(notice)
    theirs = None
    try:
        found = contact.look_early(notice.person, post, by=g.actor, reason="call", now=g.now)
        if match and not notice.done_at and contact.is_shown(match, g.now):
            theirs = contact.look(match, side, by=g.actor, now=g.now)
    except Refused as refused:
        db.session.rollback()
        flash(refusal_words(refused), "now")
        return redirect(url_for("desk.show", queue="calls"), 303)
    db.session.commit()
    return page(*load(notice_id), found, theirs)


def between(notice: Notice) -> tuple[Match | None, str]:
    """The match that is called about, and on which side of it (need or offer) the one who is called stands."""
    kind, _, side = notice.kind.partition("_")
    if notice.match_id is None or kind not in OF_A_MATCH:
        return None, side
    return get_match(g.network, notice.match_id), side


def page(notice: Notice, post: Post, found: Contact | None = None, theirs: Contact | None = None) -> str:
    match, side = between(notice)
    return render_template(
        "desk/call.html",
        notice=notice,
        post=post,
        contact=found,
        theirs=theirs,
        match=match,
        side=side,
        may_answer=match is not None and is_waiting_for(match, side) and may_answer_for(g.actor, match, side),
        say=call_words(notice.kind),
    )


@bp.post("/<int:notice_id>/called")
@permission(may_see_desk)
def called(notice_id: int) -> Response:
    """They were reached: on to the post, where their answer is written down."""
    _, post = load(notice_id)
    done(notice_id, "called", gettext("Noted: they were called. What did they say?"))
    return redirect(url_for("desk.need", post_id=post.id, queue="calls"), 303)


@bp.post("/<int:notice_id>/no-answer")
@permission(may_see_desk)
def no_answer(notice_id: int) -> Response:
    done(notice_id, "no_answer", gettext("Noted. It comes back tomorrow morning."))
    return redirect(url_for("desk.show", queue="calls"), 303)


def done(notice_id: int, outcome: str, said: str) -> None:
    notice, _ = load(notice_id)
    if call_done(notice, g.actor, g.now, outcome):
        flash(said, "offer")
    else:
        flash(gettext("Somebody has called already. Nothing was changed by you."), "now")
    db.session.commit()
