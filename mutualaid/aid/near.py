"""Near you: what a signed-in helper has promised, is asked, and could do."""

from datetime import datetime

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext, lazy_gettext
from werkzeug.wrappers import Response
from wtforms import BooleanField
from wtforms.validators import Optional

from mutualaid import permissions
from mutualaid.aid import lifecycle, story
from mutualaid.aid.acting import act
from mutualaid.aid.matching.ranking import Suggestion
from mutualaid.aid.matching.search import suggestions_for
from mutualaid.aid.messages.queries import own_matches
from mutualaid.aid.mine import lately_over, told_field
from mutualaid.aid.models import LIVE, Post
from mutualaid.aid.queries import get_post, open_needs_for, posts_of
from mutualaid.db import db
from mutualaid.forms import BaseForm, Count, between
from mutualaid.guard import permission, require
from mutualaid.people.blocks import entries_about, who
from mutualaid.people.models import Person

bp = Blueprint("near", __name__, url_prefix="/<slug>/near")
SHOWN, ALL = 12, 100


class HowMuch(BaseForm):
    per_week = Count(lazy_gettext("How many times a week at most?"), [Optional(), between(1, 50)])
    digest = BooleanField(lazy_gettext("Write to me once a day when there are new needs that fit me"))
    told_a_day = told_field()


@bp.get("/")
@permission(permissions.may_see_near)
def show() -> str:
    posts = posts_of(g.network.id, g.actor.person_id)
    offers = [post for post in posts if not post.is_need and post.state == "open"]
    fits = fitting(offers)
    shown = {fit.pair.need.id for fit in fits}
    matches = own_matches(g.network.id, g.actor.person_id)
    sides = [(match, side) for match, side, _ in matches if side == "offer"]
    entries = entries_about(g.network.id, [who(g.member.person)])
    waiting = [(m, side) for m, side in sides if story.is_waiting_for(m, side)]
    most = ALL if request.args.get("all") else SHOWN
    return render_template(
        "near/show.html",
        shown=SHOWN,
        more=most == SHOWN,
        person=g.member.person,
        offers=offers,
        fits=fits[:most],
        others=[
            need
            for need in open_needs_for(g.network, g.member.person, entries, now=g.now, most=ALL)
            if need.id not in shown
        ][:SHOWN],
        waiting=waiting,
        going=[one for one in sides if one[0].state in LIVE and one not in waiting],
        over=lately_over(sides, entries),
        messages={match.id: number for match, _, number in matches},
    )


def fitting(offers: list[Post]) -> list[Suggestion]:
    """The needs that fit any of these offers, best first, each once; never what is sensitive."""
    if not offers:
        return []
    ranked = suggestions_for(g.network, offers, now=g.now, sensitive=False, for_helper=True).values()
    fits = sorted((fit for found, _ in ranked for fit in found), key=best_first)
    best: dict[int, Suggestion] = {}
    for fit in fits:
        best.setdefault(fit.pair.need.id, fit)
    return list(best.values())


def best_first(fit: Suggestion) -> tuple[float, datetime, int]:
    need = fit.pair.need
    return -fit.score, need.created_at, need.id


def need_to_claim(post_id: int) -> Post:
    need = get_post(g.network, post_id)
    require(
        need is not None and need.is_need and need.intake is None and permissions.may_claim(g.actor, need)
    )
    assert need is not None
    return need


@bp.post("/<int:post_id>/claim")
@permission(permissions.may_see_near)
def claim(post_id: int) -> Response:
    """With the offer that fits best, or one made for it."""
    need = need_to_claim(post_id)
    helper = g.member.person
    return act(
        lambda: lifecycle.claim(need, helper, by=g.actor, now=g.now),
        gettext("It is held for you while your neighbour answers."),
        then=url_for("near.show"),
        about=need,
    )


@bp.post("/<int:post_id>/<int:offer_id>/pass_over")
@permission(permissions.may_see_near)
def pass_over(post_id: int, offer_id: int) -> Response:
    """Not for me: this need is not suggested to this offer again."""
    need, offer = need_to_claim(post_id), get_post(g.network, offer_id)
    require(offer is not None and not offer.is_need and permissions.owns(g.actor, offer))
    assert offer is not None
    return act(
        lambda: lifecycle.pass_over(need, offer, by=g.actor, now=g.now),
        gettext("We do not show it to you again."),
        then=url_for("near.show"),
        about=need,
    )


@bp.route("/settings", methods=["GET", "POST"])
@permission(permissions.may_see_near)
def settings() -> Response | str:
    """How much a week, and whether to be told of new needs."""
    person = db.session.get_one(Person, (g.network.id, g.actor.person_id))
    form = HowMuch(obj=person)
    if not form.validate_on_submit():
        return render_template("near/settings.html", form=form)
    form.populate_obj(person)
    db.session.commit()
    flash(gettext("Kept."), "offer")
    return redirect(url_for("near.show"), 303)
