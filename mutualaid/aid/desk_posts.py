"""What a coordinator does with a post: every verb of its table, one at a time or many at once."""

from collections.abc import Callable
from datetime import timedelta

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext, ngettext
from werkzeug.wrappers import Response

from mutualaid.aid import contact, desk_story, lifecycle
from mutualaid.aid.acting import act
from mutualaid.aid.changing import DeskChange
from mutualaid.aid.desk import ask, back_to, ids, keep_place, load_post
from mutualaid.aid.desk_forms import DuplicateForm, HoldForm, LookForm, ReferForm
from mutualaid.aid.lifecycle import Refused
from mutualaid.aid.lifecycle.table import EXPIRE_DAYS
from mutualaid.aid.models import Post
from mutualaid.aid.queries import categories_of, get_post
from mutualaid.aid.windows import local_day
from mutualaid.aid.words import refusal_words
from mutualaid.db import db
from mutualaid.events.history import happened
from mutualaid.guard import permission, recent, require
from mutualaid.people.access import new_code
from mutualaid.permissions import may_coordinate, may_see_desk
from mutualaid.places.areas import areas_of

bp = Blueprint("desk_posts", __name__, url_prefix="/<slug>/desk")
bp.url_defaults(keep_place)


def at_once(post_id: int, verb: Callable[..., object], done: str) -> Response:
    """A verb that needs no answer."""
    post = load_post(post_id)
    return act(lambda: verb(post, by=g.actor, now=g.now), done, then=back_to(post), about=post)


@bp.post("/<int:post_id>/take-in")
@permission(may_see_desk)
def take_in(post_id: int) -> Response:
    return at_once(post_id, lifecycle.take_in, gettext("Taken in. Now someone can be found."))


@bp.post("/<int:post_id>/pause")
@permission(may_see_desk)
def pause(post_id: int) -> Response:
    return at_once(post_id, lifecycle.pause, gettext("Paused. It is not suggested until it goes on."))


@bp.post("/<int:post_id>/resume")
@permission(may_see_desk)
def resume(post_id: int) -> Response:
    return at_once(post_id, lifecycle.resume, gettext("It goes on."))


@bp.post("/<int:post_id>/still-needed")
@permission(may_see_desk)
def still_needed(post_id: int) -> Response:
    return at_once(
        post_id, lifecycle.still_needed, gettext("It counts for another %(days)s days.", days=EXPIRE_DAYS)
    )


@bp.post("/<int:post_id>/withdraw")
@permission(may_see_desk)
def withdraw(post_id: int) -> Response:
    return at_once(post_id, lifecycle.withdraw, gettext("Closed. Whoever had promised something is told."))


@bp.post("/<int:post_id>/reopen")
@permission(may_see_desk)
def reopen(post_id: int) -> Response:
    return at_once(post_id, lifecycle.reopen, gettext("It is open again."))


@bp.route("/<int:post_id>/hold", methods=["GET", "POST"])
@permission(may_see_desk)
def hold(post_id: int) -> Response | str:
    """To call back: helpers do not see it until it is taken in."""
    post = load_post(post_id)
    form = HoldForm(until=local_day(g.now, g.network.timezone) + timedelta(days=1), intake=post.intake)
    if not form.validate_on_submit() or form.until.data is None:
        lead = gettext("Until then nobody else is asked. On that day it waits under “To call back”.")
        return ask(form, gettext("Call back later"), about=post, lead=lead, done=gettext("Keep for that day"))
    until = form.until.data
    return act(
        lambda: lifecycle.hold(post, form.intake.data, until, by=g.actor, now=g.now),
        gettext("Kept. It comes back to the desk on that day."),
        then=back_to(post),
        about=post,
    )


@bp.route("/<int:post_id>/change", methods=["GET", "POST"])
@permission(may_see_desk)
def change(post_id: int) -> Response | str:
    post = load_post(post_id)
    form = DeskChange().among(post.kind, categories_of(g.network), areas_of(g.network))
    form.about(post)
    if not form.validate_on_submit():
        return changing(form, post)
    try:
        lifecycle.change(post, form.said(lifecycle.said(post)), by=g.actor, now=g.now)
    except Refused as refused:  # nothing that was filled in is lost
        db.session.rollback()
        form.form_errors.append(refusal_words(refused))
        return changing(form, load_post(post_id))
    db.session.commit()
    flash(gettext("Changed."), "offer")
    return redirect(back_to(post), 303)


def changing(form: DeskChange, post: Post) -> str:
    return render_template("desk/change.html", form=form, post=post, back=back_to(post))


@bp.get("/<int:post_id>/close")
@permission(may_see_desk)
def close(post_id: int) -> str:
    """The ways in which it can end."""
    return closing(load_post(post_id), ReferForm(), None)


@bp.post("/<int:post_id>/refer")
@permission(may_see_desk)
def refer(post_id: int) -> Response | str:
    post = load_post(post_id)
    form = ReferForm()
    if not form.validate():
        return closing(post, form, None)
    return act(
        lambda: lifecycle.refer(post, form.to.data, by=g.actor, now=g.now),
        gettext("Passed on to %(group)s.", group=form.to.data),
        then=back_to(post),
        about=post,
    )


@bp.post("/<int:post_id>/duplicate")
@permission(may_see_desk)
def mark_duplicate(post_id: int) -> Response | str:
    post = load_post(post_id)
    form = DuplicateForm().offering(alike_here(post))
    if not form.validate():
        return closing(post, ReferForm(formdata=None), form)
    of = load_post(int(form.of.data))
    return act(
        lambda: lifecycle.mark_duplicate(post, of, by=g.actor, now=g.now),
        gettext("Closed as posted twice. This is the one that stays."),
        then=back_to(of),
        about=post,
    )


def closing(post: Post, refer_form: ReferForm, duplicate: DuplicateForm | None) -> str:
    duplicate = duplicate or DuplicateForm(formdata=None).offering(alike_here(post))
    forms = {"refer": refer_form, "duplicate": duplicate}
    return render_template("desk/close.html", post=post, back=back_to(post), **forms)


def alike_here(post: Post) -> list[Post]:
    return [other for other in desk_story.alike(post) if may_coordinate(g.actor, other)]


@bp.post("/<int:post_id>/code")
@permission(may_see_desk)
@recent
def code(post_id: int) -> str:
    """A new code for its person, shown once, to be read out. The old one ends."""
    post = load_post(post_id)
    require(post.person.erased_at is None)
    made = new_code(post.person)
    happened("code", by=g.actor, now=g.now, person_id=post.person_id, post_id=post.id)
    db.session.commit()
    return render_template("desk/code.html", post=load_post(post_id), code=made, back=back_to(post))


@bp.post("/<int:post_id>/look")
@permission(may_see_desk)
@recent
def look(post_id: int) -> Response | str:
    """How to reach its person. The look is written down, and the person can see it."""
    post = load_post(post_id)
    form = LookForm()
    reason = form.reason.data if form.validate() else ""
    try:
        found = contact.look_early(post.person, post, by=g.actor, reason=reason, now=g.now)
    except Refused as refused:
        db.session.rollback()
        flash(refusal_words(refused), "now")
        return redirect(back_to(post), 303)
    db.session.commit()
    return render_template("desk/contact.html", post=load_post(post_id), contact=found, back=back_to(post))


@bp.post("/<int:post_id>/called")
@permission(may_see_desk)
def called(post_id: int) -> Response:
    """They were reached, so whatever waited for the call is over."""
    post = load_post(post_id)
    return act(lambda: was_called(post), gettext("Noted: they were called."), then=back_to(post), about=post)


def was_called(post: Post) -> None:
    happened("called", by=g.actor, now=g.now, person_id=post.person_id, post_id=post.id)
    if post.state == "open" and is_unread(post):
        lifecycle.take_in(post, by=g.actor, now=g.now)


def is_unread(post: Post) -> bool:
    return post.intake is not None or post.taken_in_at is None


@bp.post("/many")
@permission(may_see_desk)
def many() -> Response:
    """The simple acts, on all that were chosen."""
    chosen = ids(request.form.getlist("post"))
    wanted = request.form.get("act", "")
    if not chosen:
        flash(gettext("Nothing was chosen. Tick the boxes first."), "now")
    elif wanted in ("chat", "sheet"):
        return redirect(url_for(f"desk.{wanted}", post=chosen), 303)
    elif wanted in ("take_in", "called"):
        done = sum(one_of_many(wanted, post_id) for post_id in chosen)
        said = {
            "take_in": ngettext("%(num)s is taken in.", "%(num)s are taken in.", done),
            "called": ngettext("%(num)s is noted as called.", "%(num)s are noted as called.", done),
        }[wanted]
        flash(said, "offer" if done else "plain")
    return redirect(url_for("desk.show"), 303)


def one_of_many(wanted: str, post_id: int) -> bool:
    """Each in a transaction of its own: whoever was quicker with one does not hinder the others."""
    post = get_post(g.network, post_id)
    if post is None or not may_coordinate(g.actor, post):
        return False
    try:
        was_called(post) if wanted == "called" else lifecycle.take_in(post, by=g.actor, now=g.now)
        db.session.commit()
    except Refused:
        db.session.rollback()
        return False
    return True
