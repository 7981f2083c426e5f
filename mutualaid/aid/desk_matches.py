"""What a coordinator does with a match: every verb of its table, also for whoever is on the phone."""

from flask import Blueprint, abort, g, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from mutualaid.aid import lifecycle
from mutualaid.aid.acting import act
from mutualaid.aid.desk import ask, keep_place, load_post
from mutualaid.aid.desk_forms import AddressForm, DisputeForm, GivenForm, ReleaseForm, ResolveForm
from mutualaid.aid.models import Match, Post
from mutualaid.aid.queries import address_of, get_match, get_post
from mutualaid.forms import number_in
from mutualaid.guard import permission, require
from mutualaid.notices.outbox import channel_for
from mutualaid.permissions import (
    may_answer_for,
    may_confirm,
    may_coordinate,
    may_coordinate_match,
    may_deliver,
    may_dispute,
    may_propose,
    may_resolve,
    may_retract,
    may_see_desk,
)

bp = Blueprint("desk_matches", __name__, url_prefix="/<slug>/desk")
bp.url_defaults(keep_place)


@bp.post("/<int:post_id>/propose/<int:other_id>")
@permission(may_see_desk)
def propose(post_id: int, other_id: int) -> Response:
    """Bring two together: the opened post and one that was suggested for it; both are asked."""
    post = load_post(post_id)
    need, offer = pair_of(post, other_id)
    require(may_propose(g.actor, need, offer))
    quantity = number_in(request.form.get("quantity", "").strip())
    return act(
        lambda: lifecycle.propose(need, offer, by=g.actor, now=g.now, quantity=quantity),
        what_comes_next(need, offer),
        then=url_for("desk.need", post_id=post.id),
        about=need,
    )


def what_comes_next(need: Post, offer: Post) -> str:
    """Whoever is reached by phone is not asked before somebody calls."""
    asked = [post.person for post in (need, offer) if post is offer or not post.choose_for_me]
    calls = [person.name or gettext("them") for person in asked if channel_for(person) == "call"]
    said = gettext("You proposed %(name)s.", name=offer.person.name or gettext("them"))
    if not calls:
        return f"{said} {gettext('Whoever has not said yes is asked now.')}"
    both = gettext("Please call %(one)s and %(other)s.", one=calls[0], other=calls[-1])
    return f"{said} {both if len(calls) == 2 else gettext('Please call %(name)s.', name=calls[0])}"


def pair_of(post: Post, other_id: int) -> tuple[Post, Post]:
    """The need and the offer; 404 unless the other is one of the other kind in this network."""
    other = get_post(g.network, other_id) or abort(404)
    require(other.kind != post.kind)
    return (post, other) if post.is_need else (other, post)


def load(match_id: int) -> Match:
    """A match that touches this coordinator's areas; 404 for every other."""
    match = get_match(g.network, match_id) or abort(404)
    require(may_coordinate_match(g.actor, match))
    return match


def side_asked() -> str:
    side = request.form.get("side", "")
    require(side in ("need", "offer"))
    return side


def here(match: Match) -> Post:
    """The post from which the coordinator came, as far as it is one of theirs; else the need."""
    posts = [post for post in (match.need, match.offer) if may_coordinate(g.actor, post)]
    return next((post for post in posts if str(post.id) == request.args.get("of")), posts[0])


def back(match: Match) -> str:
    return url_for("desk.need", post_id=here(match).id)


def name_of(match: Match, side: str) -> str:
    return (match.need if side == "need" else match.offer).person.name


@bp.post("/matches/<int:match_id>/yes")
@permission(may_see_desk)
def consent(match_id: int) -> Response:
    """They said yes on the phone."""
    match, side = load(match_id), side_asked()
    require(may_answer_for(g.actor, match, side))
    return act(
        lambda: lifecycle.consent(match, side, by=g.actor, now=g.now),
        gettext("Noted: %(name)s said yes.", name=name_of(match, side)),
        then=back(match),
        about=match,
    )


@bp.post("/matches/<int:match_id>/no")
@permission(may_see_desk)
def decline(match_id: int) -> Response:
    """They said no on the phone."""
    match, side = load(match_id), side_asked()
    require(may_answer_for(g.actor, match, side))
    return act(
        lambda: lifecycle.decline(match, side, by=g.actor, now=g.now),
        gettext("Noted: %(name)s said no. It is not suggested again.", name=name_of(match, side)),
        then=back(match),
        about=match,
    )


@bp.post("/matches/<int:match_id>/retract")
@permission(may_see_desk)
def retract(match_id: int) -> Response:
    match = load(match_id)
    require(may_retract(g.actor, match))
    return act(
        lambda: lifecycle.retract(match, by=g.actor, now=g.now),
        gettext("The proposal is taken back. Whoever said yes already is told, without blame."),
        then=back(match),
        about=match,
    )


@bp.route("/matches/<int:match_id>/release", methods=["GET", "POST"])
@permission(may_see_desk)
def release(match_id: int) -> Response | str:
    match, form = load(match_id), ReleaseForm().with_reasons()
    if not form.validate_on_submit():
        lead = gettext("Both are told that it ends. Nobody is blamed. The need comes first in its queue.")
        return ask(form, gettext("Let it go"), about=here(match), lead=lead, done=gettext("Let it go"))
    return act(
        lambda: lifecycle.release(match, None, by=g.actor, now=g.now, reason=form.reason.data),
        gettext("Let go. Both are told, and the need comes first in its queue."),
        then=back(match),
        about=match,
    )


@bp.route("/matches/<int:match_id>/deliver", methods=["GET", "POST"])
@permission(may_see_desk)
def deliver(match_id: int) -> Response | str:
    match, form = load(match_id), GivenForm()
    require(may_deliver(g.actor, match))
    if not form.up_to(match).validate_on_submit():
        lead = gettext("If it was less than promised, the rest is looked for again.")
        heading = gettext("%(name)s brought it", name=name_of(match, "offer"))
        return ask(form, heading, about=here(match), lead=lead, done=gettext("It was brought"))
    return act(
        lambda: lifecycle.deliver(match, by=g.actor, now=g.now, given=form.given.data),
        gettext("Noted as brought. %(name)s is asked whether it came.", name=name_of(match, "need")),
        then=back(match),
        about=match,
    )


@bp.route("/matches/<int:match_id>/confirm", methods=["GET", "POST"])
@permission(may_see_desk)
def confirm(match_id: int) -> Response | str:
    """It came. What was said to be brought stands; only before that is it asked how many."""
    match, form = load(match_id), GivenForm()
    require(may_confirm(g.actor, match))
    brought = match.state == "delivered"
    if not (brought and request.method == "POST") and not form.up_to(match).validate_on_submit():
        heading = gettext("It came, says %(name)s", name=name_of(match, "need"))
        return ask(form, heading, about=here(match), done=gettext("It came"))
    return act(
        lambda: lifecycle.confirm(match, by=g.actor, now=g.now, given=form.given.data),
        gettext("Good. It is counted."),
        then=back(match),
        about=match,
    )


@bp.route("/matches/<int:match_id>/dispute", methods=["GET", "POST"])
@permission(may_see_desk)
def dispute(match_id: int) -> Response | str:
    match, form = load(match_id), DisputeForm()
    require(may_dispute(g.actor, match))
    if not form.validate_on_submit():
        heading = gettext("It did not come, says %(name)s", name=name_of(match, "need"))
        lead = gettext("The need is open again. Only coordinators read what you write here.")
        return ask(form, heading, about=here(match), lead=lead, done=gettext("It did not come"))
    return act(
        lambda: lifecycle.dispute(match, by=g.actor, now=g.now, note=form.note.data),
        gettext("Noted. The need is open again, and comes first in its queue."),
        then=back(match),
        about=match,
    )


@bp.route("/matches/<int:match_id>/resolve", methods=["GET", "POST"])
@permission(may_see_desk)
def resolve(match_id: int) -> Response | str:
    match, form = load(match_id), ResolveForm()
    require(may_resolve(g.actor, match))
    if not form.up_to(match).validate_on_submit():
        names = {"neighbour": name_of(match, "need"), "helper": name_of(match, "offer")}
        lead = gettext("Ask %(neighbour)s and %(helper)s first. Nobody is blamed.", **names)
        return ask(form, gettext("What came of it"), about=here(match), lead=lead, done=gettext("So it was"))
    return act(
        lambda: lifecycle.resolve(
            match, form.to.data, by=g.actor, now=g.now, given=form.given.data, note=form.note.data
        ),
        gettext("Settled."),
        then=back(match),
        about=match,
    )


@bp.route("/matches/<int:match_id>/address", methods=["GET", "POST"])
@permission(may_see_desk)
def set_address(match_id: int) -> Response | str:
    """Where to come, said on the phone by whoever receives the visit. What stands already is shown by a look alone."""
    match = load(match_id)
    require(match.host is not None and may_answer_for(g.actor, match, match.host))
    form = AddressForm()
    if not form.validate_on_submit():
        lead = gettext(
            "Only the one who comes sees it, and we who help by phone, until it is over. Then it is erased."
        )
        if address_of(match):
            lead += " " + gettext("Something is kept already. What you write now takes its place.")
        return ask(form, gettext("Where to come"), about=here(match), lead=lead, done=gettext("Keep it"))
    return act(
        lambda: lifecycle.set_address(match, form.address.data, by=g.actor, now=g.now),
        gettext("Kept for the one who comes."),
        then=back(match),
        about=match,
    )
