"""The page behind a code, a link or an account: one's own posts, answers and wishes."""

from collections import defaultdict
from datetime import datetime

from flask import (
    Blueprint,
    flash,
    g,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask_babel import gettext, lazy_gettext
from werkzeug.wrappers import Response
from wtforms.validators import Optional

from mutualaid import permissions
from mutualaid.aid import contact, lifecycle, story
from mutualaid.aid.acting import act
from mutualaid.aid.between import in_touch
from mutualaid.aid.lifecycle.leftovers import WEEK
from mutualaid.aid.lifecycle.retention import ends_at
from mutualaid.aid.lifecycle.table import EXPIRE_DAYS
from mutualaid.aid.messages.queries import own_matches
from mutualaid.aid.models import STANDING, Match, Post
from mutualaid.aid.queries import get_post, posts_of
from mutualaid.db import db
from mutualaid.forms import BaseForm, Count, between
from mutualaid.guard import ask_again, is_recent, permission_inside, require
from mutualaid.people.access import end_links, keep_page, new_code, new_link, seat_of
from mutualaid.people.access_routes import kept_words
from mutualaid.people.blocks import Entry, entries_about, who
from mutualaid.people.models import Person

bp = Blueprint("mine", __name__, url_prefix="/<slug>/mine")

OWN_VERBS = {
    "still_needed": (
        lifecycle.still_needed,
        lazy_gettext("Good to know. It counts for another %(days)s days.", days=EXPIRE_DAYS),
    ),
    "pause": (
        lifecycle.pause,
        lazy_gettext("Paused. We do not look until you go on with it."),
    ),
    "resume": (lifecycle.resume, lazy_gettext("We go on looking.")),
    "withdraw": (
        lifecycle.withdraw,
        lazy_gettext("It is taken back. Whoever was asked is told kindly."),
    ),
    "reopen": (lifecycle.reopen, lazy_gettext("It is open again. We are looking.")),
}


def told_field() -> Count:
    """How often a day somebody is told at once of what is new."""
    return Count(
        lazy_gettext("Write to me at once when something new fits: how many times a day at most?"),
        [Optional(), between(1, 20)],
        description=lazy_gettext("Leave it empty if you do not want that."),
        render_kw={"class": "short", "inputmode": "numeric"},
    )


class Told(BaseForm):
    told_a_day = told_field()


@bp.before_request
def come_in() -> Response | None:
    """A code or link counts before an account; without any, the code is asked for."""
    g.actor = g.neighbour
    if g.actor.person_id is None:
        return redirect(url_for("access.code"))
    g.person = db.session.get(Person, (g.network.id, g.actor.person_id))
    if g.person is None or g.person.erased_at is not None:
        session.pop(f"guest:{g.network.id}", None)
        return redirect(url_for("access.code"))
    return None


@bp.get("/")
@permission_inside
def show() -> str:
    require(g.actor.person_id is not None)
    posts = posts_of(g.network.id, g.person.id)
    matches = own_matches(g.network.id, g.person.id)
    by_post: dict[int, list[Match]] = defaultdict(list)
    for match, _, _ in matches:
        by_post[match.need_id].append(match)
        by_post[match.offer_id].append(match)
    standing = [post for post in posts if post.erased_at is None]
    sides = [(match, side) for match, side, _ in matches]
    return render_template(
        "mine/show.html",
        posts=standing,
        stages={post.id: story.stages(post, by_post[post.id]) for post in standing},
        waiting=[(m, side) for m, side in sides if story.is_waiting_for(m, side)],
        going=[(m, side) for m, side in sides if is_going_on(m, side)],
        over=lately_over(sides, entries_about(g.network.id, [who(g.person)])),
        messages={match.id: number for match, _, number in matches},
        looks=contact.looks_at(g.person),
        names=names_of_others(sides),
        contact_open=g.actor.via != "code",
        ends=page_ends(posts, [match for match, _ in sides]),
    )


def names_of_others(sides: list[tuple[Match, str]]) -> dict[int, str]:
    """Whom they were matched with, as their page calls them: none by a code alone."""
    others = [match.offer.person if side == "need" else match.need.person for match, side in sides]
    return {other.id: other.name for other in others} if g.actor.via != "code" else {}


def page_ends(posts: list[Post], matches: list[Match]) -> datetime | None:
    """When, if that is soon. Nothing is asked while something is open."""
    if any(post.state == "open" for post in posts) or any(match.ended_at is None for match in matches):
        return None
    end = ends_at(g.person)
    return end if end is not None and end <= g.now + WEEK else None


def is_going_on(match: Match, side: str) -> bool:
    if story.is_waiting_for(match, side):
        return False
    return match.state in STANDING or (
        match.state == "confirmed" and match.by_silence and side == "need" and match.need.erased_at is None
    )


def lately_over(sides: list[tuple[Match, str]], entries: list[Entry]) -> list[tuple[Match, str]]:
    """What ended, and how to reach the other is still shown. `entries`: all about whoever's page it is."""
    return [
        (match, side)
        for match, side in sides
        if match.agreed_at and not is_going_on(match, side) and in_touch(match, g.now, entries)
    ]


def own_post(post_id: int) -> Post:
    post = get_post(g.network, post_id)
    require(post is not None and permissions.owns(g.actor, post))
    assert post is not None
    return post


@bp.post("/posts/<int:post_id>/<any(still_needed, pause, resume, withdraw, reopen):verb>")
@permission_inside
def change_state(post_id: int, verb: str) -> Response:
    post = own_post(post_id)
    require(permissions.may_change_post(g.actor, post))
    call, said = OWN_VERBS[verb]
    return act(
        lambda: call(post, by=g.actor, now=g.now),
        str(said),
        then=url_for("mine.show"),
        about=post,
    )


@bp.post("/code")
@permission_inside
def renew() -> Response | str:
    """A new code and a new link; the old ones end, and whoever else came in by them is out. Shown once."""
    require(permissions.may_erase(g.actor))
    if g.actor.is_member and not is_recent():  # a link outlives the sign-in that it was made with
        return ask_again()
    end_links(g.person, g.now)
    code, token = new_code(g.person), new_link(g.person, g.now)
    if g.actor.via == "link":
        session[f"guest:{g.network.id}"] = seat_of(g.person, "link")
    db.session.commit()
    link = url_for("access.link", token=token, _external=True)
    return render_template("mine/code.html", code=code, link=link)


@bp.route("/told", methods=["GET", "POST"])
@permission_inside
def told() -> Response | str:
    """Whether to be told at once of what is new and fits; only for those whom we may write to."""
    require(g.actor.person_id is not None and g.person.reach == "email")
    form = Told(obj=g.person)
    if not form.validate_on_submit():
        return render_template("mine/told.html", form=form)
    form.populate_obj(g.person)
    db.session.commit()
    flash(gettext("Kept."), "offer")
    return redirect(url_for("mine.show"), 303)


@bp.post("/keep")
@permission_inside
def keep() -> Response:
    """Their page, although nothing on it is open."""
    require(g.actor.person_id is not None)
    keep_page(g.person, g.network.retention_days, g.now)
    db.session.commit()
    flash(kept_words(g.network.retention_days), "offer")
    return redirect(url_for("mine.show"), 303)


@bp.route("/erase", methods=["GET", "POST"])
@permission_inside
def erase() -> Response | str:
    """Everything about oneself, at once. A spoken code is not enough for it."""
    require(g.actor.person_id is not None)
    if request.method == "GET" or not permissions.may_erase(g.actor):
        return render_template("mine/erase.html", may=permissions.may_erase(g.actor))
    if g.actor.is_member and not is_recent():
        return ask_again()
    lifecycle.erase(g.person, by=g.actor, now=g.now)
    db.session.commit()
    session.pop(f"guest:{g.network.id}", None)
    flash(gettext("Everything about you is deleted. Only the count stays."), "offer")
    return redirect(url_for("home.show"), 303)
