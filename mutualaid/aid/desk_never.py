"""Whom somebody on the phone never wants to be matched with. It is written down nowhere but on their own list."""

from flask import Blueprint, g, redirect
from flask_babel import gettext, lazy_gettext
from werkzeug.wrappers import Response

from mutualaid.aid import lifecycle
from mutualaid.aid.acting import act
from mutualaid.aid.desk import ask, back_to, keep_place, load_post
from mutualaid.aid.desk_forms import one_of
from mutualaid.aid.desk_matches import back, here, load, name_of
from mutualaid.aid.models import Match
from mutualaid.aid.never import Never
from mutualaid.forms import BaseForm, choices_of
from mutualaid.guard import permission, require
from mutualaid.permissions import may_answer_for, may_see_desk

bp = Blueprint("desk_never", __name__, url_prefix="/<slug>/desk")
bp.url_defaults(keep_place)


class NeverAgain(BaseForm):
    side = one_of(lazy_gettext("Who said so?"))

    def about(self, match: Match) -> "NeverAgain":
        """Only for whom this coordinator may speak."""
        sides = [side for side in ("need", "offer") if may_answer_for(g.actor, match, side)]
        self.side.choices = choices_of((side, name_of(match, side) or gettext("No name")) for side in sides)
        return self


@bp.route("/<int:post_id>/never", methods=["GET", "POST"])
@permission(may_see_desk)
def with_somebody(post_id: int) -> Response | str:
    """Somebody who is known here or not: a phone or an email."""
    post, form = load_post(post_id), Never()
    require(post.person.erased_at is None)
    if form.validate_on_submit() and form.is_kept_for(post.person, by=g.actor):
        return redirect(back_to(post), 303)
    lead = gettext(
        "It works even when they are not here yet. Nobody sees it afterwards, and nothing is told to anyone."
    )
    return ask(form, gettext("Whom they never want to meet"), about=post, lead=lead, done=gettext("Keep it"))


@bp.route("/matches/<int:match_id>/never", methods=["GET", "POST"])
@permission(may_see_desk)
def again(match_id: int) -> Response | str:
    """One of the two of a match never wants to meet the other again."""
    match, form = load(match_id), NeverAgain()
    if not form.about(match).validate_on_submit():
        lead = gettext(
            "The two are not matched again, for anything. What is agreed ends, and the other only hears that it is off."
        )
        return ask(
            form, gettext("Never match them again"), about=here(match), lead=lead, done=gettext("Never again")
        )
    return act(
        lambda: lifecycle.never_match(match, form.side.data, by=g.actor, now=g.now),
        gettext("They are not matched again. Nobody is told why."),
        then=back(match),
        about=match,
    )
