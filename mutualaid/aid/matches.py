"""What the two sides of a match do: with an account, a link or a code alike."""

from collections.abc import Callable

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext, lazy_gettext
from werkzeug.wrappers import Response
from wtforms import BooleanField, RadioField
from wtforms.validators import Optional

from mutualaid import permissions
from mutualaid.aid import contact, lifecycle
from mutualaid.aid.acting import act, why_not
from mutualaid.aid.between import AFTER_END
from mutualaid.aid.lifecycle import Refused
from mutualaid.aid.lifecycle.table import RELEASE_REASONS
from mutualaid.aid.models import Match
from mutualaid.aid.queries import address_of, details_of, get_match
from mutualaid.aid.words import release_reason_words
from mutualaid.db import db
from mutualaid.forms import BaseForm, Count, Words, at_most, choices_of, needed
from mutualaid.guard import ask_again, is_recent, permission_inside, require

bp = Blueprint("matches", __name__, url_prefix="/<slug>/matches/<int:match_id>")


class HowMany(BaseForm):
    """How many were brought, or came; empty: all that was promised."""

    given = Count(lazy_gettext("How many?"), [Optional()])


class LetGo(BaseForm):
    reason = RadioField(lazy_gettext("What happened?"), default="cannot_come")
    end_contact = BooleanField(
        lazy_gettext("Also stop showing us how to reach each other"),
        description=lazy_gettext("Else you both see it for %(days)s more days.", days=AFTER_END.days),
    )

    def set_choices(self) -> "LetGo":
        self.reason.choices = choices_of((reason, release_reason_words(reason)) for reason in RELEASE_REASONS)
        return self


class NotCome(BaseForm):
    note = Words(
        lazy_gettext("What happened? A coordinator reads this."),
        [Optional(), at_most(1000)],
    )


class Address(BaseForm):
    address = Words(lazy_gettext("Where should they come?"), [needed(), at_most(300)])


def load(match_id: int) -> tuple[Match, str]:
    """The match and on which side the visitor is, by code or link first, else by account; 404 for everyone else."""
    match = get_match(g.network, match_id)
    require(match is not None)
    assert match is not None
    for actor in (g.neighbour, g.actor):
        side = permissions.side_of(actor, match)
        if side is not None:
            g.actor = actor
            return match, side
    require(False)
    raise AssertionError


def back(side: str) -> str:
    """To the page they came from: a signed-in helper's own, else the page behind the code."""
    return url_for("near.show") if g.actor.is_member and side == "offer" else url_for("mine.show")


@bp.post("/consent")
@permission_inside
def consent(match_id: int) -> Response:
    match, side = load(match_id)
    require(permissions.may_answer(g.actor, match))

    def said() -> str:
        if match.state == "proposed":
            return str(
                gettext("You said yes. As soon as the other says yes too, you can reach each other here.")
            )
        return str(gettext("You both said yes. Now you can reach each other here."))

    return act(
        lambda: lifecycle.consent(match, side, by=g.actor, now=g.now), said, then=back(side), about=match
    )


@bp.post("/decline")
@permission_inside
def decline(match_id: int) -> Response:
    match, side = load(match_id)
    require(permissions.may_answer(g.actor, match))
    return act(
        lambda: lifecycle.decline(match, side, by=g.actor, now=g.now),
        gettext("You said no, and that is fine. We go on looking."),
        then=back(side),
        about=match,
    )


@bp.post("/retract")
@permission_inside
def retract(match_id: int) -> Response:
    match, side = load(match_id)
    require(permissions.may_retract(g.actor, match))
    return act(
        lambda: lifecycle.retract(match, by=g.actor, now=g.now),
        gettext("You took it back. Nobody is told why."),
        then=back(side),
        about=match,
    )


@bp.route("/release", methods=["GET", "POST"])
@permission_inside
def release(match_id: int) -> Response | str:
    match, side = load(match_id)
    require(permissions.may_release(g.actor, match))
    form = LetGo().set_choices()
    if not form.validate_on_submit():
        return render_template("mine/release.html", form=form, match=match, side=side, back=back(side))

    def let_go() -> None:
        lifecycle.release(match, side, by=g.actor, now=g.now, reason=str(form.reason.data))
        if form.end_contact.data:
            lifecycle.end_contact(match, by=g.actor, now=g.now)

    return act(
        let_go,
        gettext("You let it go. It is back at the top of the list, and the other is told kindly."),
        then=back(side),
        about=match,
    )


@bp.post("/deliver")
@permission_inside
def deliver(match_id: int) -> Response:
    match, side = load(match_id)
    require(permissions.may_deliver(g.actor, match))
    said = gettext("Thank you. We ask your neighbour whether it came.")
    return _give(
        match,
        side,
        lambda given: lifecycle.deliver(match, by=g.actor, now=g.now, given=given),
        said,
    )


@bp.post("/confirm")
@permission_inside
def confirm(match_id: int) -> Response:
    match, side = load(match_id)
    require(permissions.may_confirm(g.actor, match))
    said = gettext("Good that it came. It is counted.")
    return _give(
        match,
        side,
        lambda given: lifecycle.confirm(match, by=g.actor, now=g.now, given=given),
        said,
    )


def _give(match: Match, side: str, verb: Callable[[int | None], object], said: str) -> Response:
    form = HowMany()
    if not form.validate_on_submit():
        flash(
            gettext("Please write a number from 1 to %(most)s.", most=match.promised),
            "now",
        )
        return redirect(back(side), 303)
    return act(lambda: verb(form.given.data), said, then=back(side), about=match)


@bp.route("/dispute", methods=["GET", "POST"])
@permission_inside
def dispute(match_id: int) -> Response | str:
    match, side = load(match_id)
    require(permissions.may_dispute(g.actor, match))
    form = NotCome()
    if not form.validate_on_submit():
        return render_template("mine/dispute.html", form=form, match=match, back=back(side))
    return act(
        lambda: lifecycle.dispute(match, by=g.actor, now=g.now, note=form.note.data or ""),
        gettext("We are sorry. A coordinator looks into it, and your need is open again."),
        then=back(side),
        about=match,
    )


@bp.route("/address", methods=["GET", "POST"])
@permission_inside
def address(match_id: int) -> Response | str:
    match, side = load(match_id)
    require(permissions.may_say_where(g.actor, match))
    form = Address(address=address_of(match))
    if not form.validate_on_submit():
        return render_template("mine/address.html", form=form, match=match, back=back(side))
    return act(
        lambda: lifecycle.set_address(match, form.address.data or "", by=g.actor, now=g.now),
        gettext("Only the one who comes can see it, until it is over. Then it is erased."),
        then=back(side),
        about=match,
    )


@bp.post("/contact")
@permission_inside
def show_contact(match_id: int) -> Response | str:
    """A look is written down, so it is a POST; the other can see that it happened."""
    match, side = load(match_id)
    require(permissions.may_see_contact(g.actor, match))
    if g.actor.is_member and not is_recent():
        return ask_again()
    try:
        found = contact.look(match, side, by=g.actor, now=g.now)
        db.session.commit()
    except Refused as refused:
        db.session.rollback()
        flash(why_not(refused, match), "now")
        return redirect(back(side), 303)
    details = details_of(match.need) if side == "offer" else ""
    return render_template(
        "mine/contact.html",
        match=match,
        days=AFTER_END.days,
        side=side,
        contact=found,
        details=details,
        back=back(side),
    )


@bp.route("/end-contact", methods=["GET", "POST"])
@permission_inside
def end_contact(match_id: int) -> Response | str:
    """Neither sees any more how to reach the other."""
    match, side = load(match_id)
    require(permissions.may_answer(g.actor, match))
    if request.method == "GET":
        return render_template("mine/end_contact.html", match=match, side=side, back=back(side))
    return act(
        lambda: lifecycle.end_contact(match, by=g.actor, now=g.now),
        gettext("You two can no longer reach each other here."),
        then=back(side),
        about=match,
    )


@bp.route("/never", methods=["GET", "POST"])
@permission_inside
def never(match_id: int) -> Response | str:
    """Never match me with this person again. Nobody is told."""
    match, side = load(match_id)
    require(permissions.may_answer(g.actor, match))
    if request.method == "GET":
        return render_template("mine/never.html", match=match, back=back(side))
    return act(
        lambda: lifecycle.never_match(match, side, by=g.actor, now=g.now),
        gettext("You two are not matched again. Nobody is told."),
        then=back(side),
        about=match,
    )
