"""The members of a network: coordinators see them, stewards invite them, change their mandates and end them."""

from datetime import datetime
from typing import Any

from flask import Blueprint, current_app, flash, g, redirect, render_template, url_for
from flask_babel import gettext, lazy_gettext
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import joinedload
from werkzeug.wrappers import Response
from wtforms import RadioField, SelectField

from mutualaid import permissions
from mutualaid.db import db
from mutualaid.forms import BaseForm, Email, Several, needed
from mutualaid.guard import permission, recent, require
from mutualaid.networks import two_people, verbs
from mutualaid.networks.models import MONTHS, ROLES, AskedMandate, Membership
from mutualaid.networks.two_people import Waiting
from mutualaid.networks.words import day_of, months_words, role_hints, role_words, until_words, where_words
from mutualaid.people.accounts import LASTS

bp = Blueprint("members", __name__, url_prefix="/<slug>/members")
CHOICES = (1, 3, MONTHS, 12)


class WhoForm(BaseForm):
    email = Email(lazy_gettext("Their email"), [needed()], render_kw={"autocomplete": "off"})


class MandateForm(BaseForm):
    """A role, where, and for how long."""

    role = RadioField(lazy_gettext("What will they do?"), [needed(lazy_gettext("Please choose one."))])
    areas = Several(
        lazy_gettext("Where do they coordinate?"),
        coerce=int,
        description=lazy_gettext("Choose none for all areas. Only for coordinators."),
    )
    months = SelectField(lazy_gettext("For how long, from today?"), coerce=int, default=MONTHS)

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.role.choices = [(role, role_words(role)) for role in ROLES]
        self.areas.choices = [(area.id, area.name) for area in g.network.areas]
        self.months.choices = [(n, months_words(n)) for n in CHOICES]


class InviteForm(MandateForm, WhoForm):
    """Whom, and the same."""


@bp.get("")
@permission(permissions.may_see_desk)
def show() -> str:
    """Emails are for stewards, who invite by them."""
    rows = db.session.scalars(
        select(Membership)
        .options(joinedload(Membership.person), joinedload(Membership.account))
        .where(Membership.network_id == g.network.id)
    )
    members = sorted(
        rows, key=lambda m: (not m.stands(g.now), ROLES[::-1].index(m.role), m.person.name, m.id)
    )
    return render_template(
        "networks/members.html",
        waiting=two_people.waiting(g.network, g.now),
        members=members,
        may_change=permissions.may_steward(g.actor),
        role_words=role_words,
        months_words=months_words,
        where_words=where_words,
        until_words=until_words,
        last_day=lambda asked: day_of(asked.asked_at + two_people.LASTS),
    )


@bp.route("/invite", methods=("GET", "POST"))
@permission(permissions.may_steward)
@recent
def invite() -> Response | str:
    form = InviteForm()
    if not form.validate_on_submit():
        return render_template("networks/invite.html", form=form, hints=role_hints())
    found = verbs.member_by_email(g.network, form.email.data)
    return asked_for(form.email.data, found, form) or given(form.email.data, found, form)


@bp.route("/<int:member_id>", methods=("GET", "POST"))
@permission(permissions.may_steward)
@recent
def change(member_id: int) -> Response | str:
    member = get_member(member_id)
    form = MandateForm(role=member.role, areas=member.area_ids)
    if not form.validate_on_submit():
        return render_template(
            "networks/member.html", form=form, hints=role_hints(), member=member, until=until_words(member)
        )
    email = member.account.email
    return asked_for(email, member, form) or given(email, member, form)


def mandate(form: MandateForm) -> dict[str, Any]:
    """Where, for how long, and who says so."""
    return {"area_ids": form.areas.data, "months": form.months.data, "now": g.now, "by": g.actor}


def asked_for(email: str, member: Membership | None, form: MandateForm) -> Response | None:
    """Kept until a second person says yes; None when it needs none, or there is none."""
    if not needs_two(member, form):
        return None
    if not two_people.somebody_else(g.network, email, g.actor, g.now):
        until = two_people.alone_after(g.network, email, g.actor, g.now)
        return not_alone_yet(until) if until else None
    try:
        two_people.ask(g.network, email, form.role.data, **mandate(form))
        db.session.commit()
    except IntegrityError:  # the same form, sent twice at once
        db.session.rollback()
    said = gettext(
        "Asked for. It counts as soon as another coordinator or steward says yes here, within %(days)s days.",
        days=two_people.LASTS.days,
    )
    return done(said)


def not_alone_yet(until: datetime) -> Response:
    why = gettext(
        "Nothing was changed. Another person has to say yes. After %(day)s you can do it alone.",
        day=day_of(until),
    )
    return refused(why)


def needs_two(member: Membership | None, form: MandateForm) -> bool:
    return two_people.needs_two(member, form.role.data, form.areas.data, form.months.data, g.now)


def given(email: str, member: Membership | None, form: MandateForm) -> Response | str:
    alone = needs_two(member, form)
    try:
        member, token = verbs.add_member(g.network, email, form.role.data, **mandate(form), alone=alone)
    except verbs.NotPossible:
        return last_steward()
    db.session.commit()
    return invited(token) if token else changed(member)


@bp.post("/asked/<int:asked_id>/yes")
@permission(permissions.may_see_desk)
@recent
def say_yes(asked_id: int) -> Response | str:
    """By somebody else who leads. For those who may not, it looks as if it did not wait any more.

    Who is invited gets the link from whoever said yes: who asked could else join in their place, and be two people.
    """
    waits = get_waiting(asked_id)
    if waits is None or not waits.may_answer(g.actor):
        return answered_before()
    try:
        member = two_people.say_yes(g.network, waits, by=g.actor, now=g.now)
    except verbs.NotPossible:
        return last_steward()
    if member is None:
        return answered_before()
    token = None if member.joined_at else verbs.invite(member, g.now)
    db.session.commit()
    g.to_answer -= 1  # in the bar above the page
    return invited(token) if token else changed(member)


@bp.post("/asked/<int:asked_id>/no")
@permission(permissions.may_see_desk)
@recent
def say_no(asked_id: int) -> Response:
    waits = get_waiting(asked_id)
    if waits is None or not waits.may_answer(g.actor):
        return answered_before()
    return ended(waits, "mandate_no", gettext("You said no. Nothing has changed for them."))


@bp.post("/asked/<int:asked_id>/back")
@permission(permissions.may_see_desk)
@recent
def take_back(asked_id: int) -> Response:
    """By whoever asked."""
    waits = get_waiting(asked_id)
    if waits is None or waits.asked.asked_by_id != g.actor.person_id:
        return answered_before()
    return ended(waits, "mandate_back", gettext("You took it back. Nothing has changed for them."))


def get_waiting(asked_id: int) -> Waiting | None:
    return next(iter(two_people.waiting(g.network, g.now, AskedMandate.id == asked_id)), None)


def ended(waits: Waiting, verb: str, said: str) -> Response:
    if not two_people.end(waits, verb, by=g.actor, now=g.now):
        return answered_before()
    db.session.commit()
    return done(said)


def answered_before() -> Response:
    return refused(gettext("This does not wait any more: somebody has answered it, or its time was over."))


@bp.post("/<int:member_id>/recall")
@permission(permissions.may_steward)
@recent
def recall(member_id: int) -> Response:
    member = get_member(member_id)
    try:
        verbs.recall_member(member, now=g.now, by=g.actor)
    except verbs.NotPossible:
        return last_steward()
    db.session.commit()
    return done(gettext("Their role has ended. They can still ask and offer, like everyone."))


def last_steward() -> Response:
    return refused(gettext("Nothing was changed: the last steward stays. Invite another one first."))


def done(what: str) -> Response:
    flash(what, "offer")
    return redirect(url_for(".show"), 303)


def refused(why: str) -> Response:
    db.session.rollback()
    flash(why, "now")
    return redirect(url_for(".show"), 303)


@bp.post("/<int:member_id>/invitation")
@permission(permissions.may_steward)
@recent
def invite_again(member_id: int) -> Response | str:
    """A new link for someone who has not opened the first one."""
    member = get_member(member_id)
    require(member.joined_at is None and member.recalled_at is None)
    if member.role != "helper" and two_people.asked_for(member, g.actor):
        return refused(
            gettext(
                "You asked for this role, so another steward makes the link. Or end it, and ask once more."
            )
        )
    token = verbs.invite(member, g.now)
    db.session.commit()
    return invited(token)


def get_member(member_id: int) -> Membership:
    member = db.session.get(Membership, (g.network.id, member_id))
    require(member is not None)
    assert member is not None
    return member


def invited(token: str) -> str:
    """The link is shown this once; only its hash is kept."""
    link = current_app.config["BASE_URL"] + url_for("invitation.link", token=token)
    return render_template("networks/invited.html", link=link, days=LASTS["invitation"].days)


def changed(member: Membership) -> Response:
    return done(gettext("Their role is changed. It lasts until %(day)s.", day=day_of(member.ends_at)))
