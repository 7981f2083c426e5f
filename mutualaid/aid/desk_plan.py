"""The plan on the desk: who could help whom, everyone at once; proposed whole or line by line."""

import re
from collections import Counter
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from mutualaid.aid.desk import keep_place
from mutualaid.aid.matching.everyone import TooMany
from mutualaid.aid.matching.flow import NoPlan
from mutualaid.aid.matching.plan import Plan, make_plan
from mutualaid.aid.matching.plan_reasons import why
from mutualaid.aid.models import Post
from mutualaid.aid.planning import Accepted, Asked, in_batches, posts_of_lines, propose_lines
from mutualaid.aid.words import but_words, left_words, reason_words, unmet_words
from mutualaid.db import db
from mutualaid.guard import permission
from mutualaid.permissions import may_see_desk
from mutualaid.places import map as area_map
from mutualaid.places.areas import areas_of

bp = Blueprint("desk_plan", __name__, url_prefix="/<slug>/desk/plan")
bp.url_defaults(keep_place)
AT_MOST = 5_000  # open posts: a page is made in a second, or not at all
SHOWN = 100  # lines on the page
ALL = 500  # lines proposed at once
LINE = re.compile(r"(\d{1,19})-(\d{1,19})-(\d{1,9})")


@dataclass(frozen=True)
class Shown:
    """A line as it stands on the page."""

    key: str
    need: Post
    offer: Post
    quantity: int
    reasons: list[str]
    buts: list[str]


@bp.get("")
@permission(may_see_desk)
def show() -> str:
    """Only reads. At real sizes (200 to 2,000 needs) it takes less than a second; for more there is the command."""
    try:
        plan = make_plan(g.network, now=g.now, area_ids=g.actor.area_ids, at_most=AT_MOST)
    except (TooMany, NoPlan) as error:
        return render_template("desk/plan_none.html", too_many=isinstance(error, TooMany), at_most=AT_MOST)
    return render_template(
        "desk/plan.html",
        found=plan.figures(),
        lines=shown_lines(plan),
        every=[key_of(line) for line in plan.lines[:ALL]],
        number=len(plan.lines),
        picture=picture_of(plan),
        unmet=[(unmet_words(reason), number) for reason, number in plan.figures()["unmet"].items() if number],
    )


@bp.post("")
@permission(may_see_desk)
def propose() -> str | Response:
    """Propose what was ticked, or all that the page was made of. Sent twice, it proposes nothing twice."""
    every = request.form.get("all", "").split() if request.form.get("act") == "all" else []
    lines = lines_of(every or request.form.getlist("line"))
    if not lines:
        flash(gettext("Nothing was chosen. Tick the boxes first."), "now")
        return redirect(url_for(".show"), 303)
    accepted = Accepted()
    for some in in_batches(lines):
        accepted.add(propose_lines(g.network, some, by=g.actor, now=g.now))
        db.session.commit()
    theirs = [(line, refused) for line, refused in accepted.left_out if refused is not None]
    posts = posts_of_lines(g.network, [line[:2] for line, _ in theirs])
    named = [(posts[line.need], posts[line.offer], left_words(refused)) for line, refused in theirs]
    unnamed = [(None, None, left_words(None))] * (len(accepted.left_out) - len(theirs))
    return render_template("desk/planned.html", proposed=accepted.proposed, left_out=named + unnamed)


def lines_of(keys: list[str]) -> list[Asked]:
    """Lines out of a form, each pair once; whatever is none is passed over."""
    read = (LINE.fullmatch(key) for key in keys[:ALL])
    lines = {match.group(1, 2): Asked(*map(int, match.groups())) for match in read if match}
    return [line for line in lines.values() if line.quantity and max(line) < 1 << 63]


def key_of(line: Any) -> str:
    return f"{line.need}-{line.offer}-{line.quantity}"


def shown_lines(plan: Plan) -> list[Shown]:
    lines = plan.lines[:SHOWN]
    posts = posts_of_lines(g.network, [(line.need, line.offer) for line in lines])
    shown = []
    for line in lines:
        if line.need in posts and line.offer in posts:
            need, offer = posts[line.need], posts[line.offer]
            reasons, buts = why(plan, line, need, offer, g.now)
            words = list(map(reason_words, reasons)), list(map(but_words, buts))
            shown.append(Shown(key_of(line), need, offer, line.quantity, *words))
    return shown


def picture_of(plan: Plan) -> dict[str, Any]:
    """A map of the areas where something is asked for: how many needs would be met; and the same numbers as rows."""
    of_need = dict(zip(plan.everyone.needs.id.tolist(), plan.everyone.needs.area.tolist(), strict=True))
    met = Counter(of_need[need] for need in {line.need for line in plan.lines})
    unmet = Counter(of_need[need] for need in plan.unmet)
    areas = [area for area in areas_of(g.network) if met[area.id] or unmet[area.id]]
    names = {area.id: area.name for area in areas}
    counts = {key: (met[key], unmet[key]) for key in sorted(met | unmet)}
    rows = [(names.get(key), *count) for key, count in counts.items()]
    return {
        "drawn": area_map.draw(areas, with_numbers=True),
        "numbers": {key: count[0] for key, count in counts.items()},
        "classes": area_map.tints({key: count[0] for key, count in counts.items()})
        | {key: "gap" for key, count in counts.items() if not count[0]},
        "counts": counts,
        "rows": sorted(rows, key=lambda row: (-row[1] - row[2], row[0] or "")),
    }
