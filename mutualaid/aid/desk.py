"""The desk: what waits, the list of it, one post opened; and what every page of the desk shares."""

from collections.abc import Iterable
from typing import Any

from flask import Blueprint, abort, current_app, g, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from mutualaid.aid import desk_notices, desk_queries, desk_queues, desk_story
from mutualaid.aid.desk_forms import LookForm
from mutualaid.aid.desk_picture import picture_of
from mutualaid.aid.desk_queries import POST_QUEUES, QUEUES, Listed, Sift
from mutualaid.aid.matching.search import suggestions
from mutualaid.aid.messages.queries import held_messages
from mutualaid.aid.models import STANDING, Match, Post
from mutualaid.aid.open_counts import spoken
from mutualaid.aid.post_fields import categories_in_order
from mutualaid.aid.queries import categories_of, get_post
from mutualaid.aid.windows import local_day
from mutualaid.aid.words.posts import language_name
from mutualaid.forms import BaseForm, number_in
from mutualaid.guard import permission, require
from mutualaid.notices.models import Notice
from mutualaid.notices.words import about
from mutualaid.permissions import may_coordinate, may_see_desk
from mutualaid.places.areas import names_of

bp = Blueprint("desk", __name__, url_prefix="/<slug>/desk")
SUGGESTED = 20
KEPT = ("queue", "area", "category", "urgency", "language", "age")


def keep_place(_endpoint: str, values: dict[str, Any]) -> None:
    """Whoever works through a queue stays in it: links on the desk carry the queue and the filters along."""
    for key, value in kept().items():
        values.setdefault(key, value)


bp.url_defaults(keep_place)


@bp.get("")
@permission(may_see_desk)
def show() -> str | Response:
    """The queues, one of them as a list, and where needs and offers meet."""
    counts = count_queues()
    queue = chosen_queue(counts)
    listed, notices, held = Listed([], counts[queue], 1), [], []
    if queue in POST_QUEUES:
        listed = list_of(queue, counts)
        if listed.page > listed.pages:
            return redirect(url_for(".show"))
    elif queue == "held":
        held = held_messages(g.actor.area_ids, desk_queues.known(g.network, g.now, most=desk_queries.MOST))
    else:
        notices = notices_in(queue)
    areas, categories = names_of(g.network), categories_of(g.network)
    return render_template(
        "desk/show.html",
        counts=counts,
        queue=queue,
        queues=queue_words(),
        listed=listed,
        notices=notices,
        held=held,
        sift=sift_of_request(),
        areas=[(area.id, area.name) for area in areas],
        categories=categories_in_order(categories),
        spoken=[(code, language_name(code)) for code in spoken(g.network)],
        picture=picture_of(areas, categories, url_for(".show", queue="needs", area=None)),
        about=about,
    )


@bp.get("/<int:post_id>")
@permission(may_see_desk)
def need(post_id: int) -> str:
    """One post opened, a need or an offer, beside the list it was opened from."""
    post, words, matches = desk_story.opened(g.network, post_id) or abort(404)
    require(may_coordinate(g.actor, post))
    counts = count_queues()
    queue = chosen_queue(counts, (*POST_QUEUES, "calls"))
    # An offer goes to the needs of this coordinator's areas: who else asked for what is for others to know.
    fits, misses = suggestions(g.network, post, now=g.now, areas=() if post.is_need else g.actor.area_ids)
    return render_template(
        "desk/opened.html",
        counts=counts,
        queue=queue,
        queues=queue_words(),
        listed=list_of(queue, counts) if queue in POST_QUEUES else Listed([], counts[queue], 1),
        notices=[] if queue in POST_QUEUES else notices_in(queue),
        about=about,
        post=post,
        words=words,
        matches=[match for match in matches if stands_open(match)],
        others={match.id: (match.offer if post.is_need else match.need).person for match in matches},
        suggestions=fits[:SUGGESTED],
        misses=misses,
        lines=desk_story.story_of(post, matches),
        look=LookForm(),
        kept=kept(),
    )


@bp.get("/chat")
@permission(may_see_desk)
def chat() -> str:
    """A plain list for a group chat: nothing about anyone."""
    posts, left_out = chosen_needs()
    return render_template("desk/chat.html", posts=posts, left_out=left_out)


@bp.get("/sheet")
@permission(may_see_desk)
def sheet() -> str:
    """A list to print and take along: no names, no numbers."""
    posts, left_out = chosen_needs()
    today = local_day(g.now, g.network.timezone)
    return render_template("desk/sheet.html", posts=posts, left_out=left_out, today=today)


def chosen_needs() -> tuple[list[Post], int]:
    """The open needs that were chosen, as far as they may leave the desk; and how many may not: the sensitive ones."""
    posts = desk_story.chosen(g.network, ids(request.args.getlist("post")))
    mine = [post for post in posts if post.is_need and post.state == "open" and may_coordinate(g.actor, post)]
    shown = [post for post in mine if not post.category.sensitive]
    return shown, len(mine) - len(shown)


def ids(texts: Iterable[str]) -> list[int]:
    """Ids out of a form, at most a page of them; whatever is none is passed over."""
    return [found for text in texts if (found := number_in(text)) is not None][: desk_queries.PAGE]


def count_queues() -> dict[str, int]:
    return desk_queries.counts(g.network, g.actor, mail_works=bool(current_app.config["SMTP_URL"]), now=g.now)


def chosen_queue(counts: dict[str, int], among: tuple[str, ...] = QUEUES) -> str:
    """The one asked for, else the first where somebody waits: trouble comes first."""
    asked = request.args.get("queue", "")
    return asked if asked in among else next((queue for queue in among if counts[queue]), "needs")


def list_of(queue: str, counts: dict[str, int]) -> Listed:
    page, sift = number_in(request.args.get("page", ""), most=9999) or 1, sift_of_request()
    total = counts[queue] if sift == Sift() else None
    return desk_queries.listed(g.network, g.actor, queue, sift, now=g.now, page=page, total=total)


def notices_in(queue: str) -> list[Notice]:
    works, areas = bool(current_app.config["SMTP_URL"]), g.actor.area_ids
    which = desk_notices.calls(areas) if queue == "calls" else desk_notices.unsent(areas, mail_works=works)
    return desk_notices.notices(which, desk_queues.known(g.network, g.now, most=desk_queries.MOST))


def sift_of_request() -> Sift:
    def number(name: str) -> int | None:
        return next(iter(ids([request.args.get(name, "")])), None)

    words = (request.args.get(name, "") for name in ("language", "age"))
    return Sift(number("area"), number("category"), number("urgency"), *words)


def kept() -> dict[str, str]:
    """Where in which queue we are."""
    return {key: request.args[key] for key in KEPT if request.args.get(key)}


def queue_words() -> dict[str, str]:
    return {
        "disputed": gettext("It did not come"),
        "lapsing": gettext("Answer due today"),
        "overdue": gettext("Overdue"),
        "new": gettext("New"),
        "call_back": gettext("To call back"),
        "calls": gettext("Calls to make"),
        "held": gettext("Messages to read"),
        "unconfirmed": gettext("Did it come?"),
        "looking": gettext("Looking for someone"),
        "stale": gettext("Waiting long"),
        "needs": gettext("All open needs"),
        "offers": gettext("All open offers"),
        "unsent": gettext("Not sent"),
    }


def stands_open(match: Match) -> bool:
    """What a coordinator can still do something about."""
    return match.state in STANDING or (match.state == "confirmed" and match.by_silence)


def load_post(post_id: int) -> Post:
    """A post that whoever asks may coordinate; 404 for every other."""
    post = get_post(g.network, post_id) or abort(404)
    require(may_coordinate(g.actor, post))
    return post


def ask(form: BaseForm, heading: str, *, about: Post, done: str, lead: str = "") -> str:
    """A page with one form; `done` stands on its button."""
    words = {"heading": heading, "lead": lead, "done": done}
    return render_template("desk/ask.html", form=form, post=about, back=back_to(about), **words)


def back_to(post: Post) -> str:
    return url_for("desk.need", post_id=post.id)
