"""Posting a need or an offer without an account: one question a screen, answers kept in a sealed draft."""

import logging
from dataclasses import dataclass, replace
from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, session, url_for
from flask_babel import gettext
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.wrappers import Response

from mutualaid.aid import drafts, pace
from mutualaid.aid.answers import STEPS, Answers
from mutualaid.aid.languages import common_names
from mutualaid.aid.matching.around import needs_around
from mutualaid.aid.models import KINDS, Draft, Post
from mutualaid.aid.posting_forms import StepForm, form_for
from mutualaid.aid.queries import categories_of
from mutualaid.aid.windows import local_day
from mutualaid.aid.words.asked import around_words, told
from mutualaid.aid.words.posts import language
from mutualaid.db import db, reads_first, set_reading_only
from mutualaid.forms import number_in
from mutualaid.guard import public, require
from mutualaid.people.access import person_by_link, seat_of
from mutualaid.people.models import Person
from mutualaid.places import map as area_map
from mutualaid.places.areas import area_ids_of, areas_of
from mutualaid.places.models import Area

log = logging.getLogger("mutualaid.posting")
bp = Blueprint("posting", __name__, url_prefix="/<slug>")


@dataclass(frozen=True)
class Page:
    """All that one page of posting knows."""

    kind: str
    draft: Draft | None
    answers: Answers
    areas: list[Area]  # where they are drawn
    area: Area | None  # the chosen one, where everything is read once more
    person: Person | None  # who posts, when we know them already
    ran_out: bool  # there was a draft, and its day is over


@bp.get("/post/<kind>")
@public
def start(kind: str) -> Response:
    require(kind in KINDS)
    return redirect(url_for(".show", kind=kind, step=STEPS[0]))


@bp.get("/post/<kind>/<step>")
@public
def show(kind: str, step: str) -> Response | str:
    page = load(kind, step)
    if page.ran_out:
        say_that_it_ran_out()
        session.pop(seat(kind), None)
    if is_over(page, step):
        return seated(page.draft)
    going_on = page.answers.steps
    if step not in going_on or going_on.index(step) > going_on.index(page.answers.first_missing):
        return redirect(url_for(".show", kind=kind, step=page.answers.first_missing))
    return question(page, step, filled_form(page, step))


@bp.post("/post/<kind>/<step>")
@public
def answer(kind: str, step: str) -> Response | str:
    """Keep the answers of one step and go on."""
    page = load(kind, step)
    if is_over(page, step):
        return seated(page.draft)
    form = filled_form(page, step)
    if not form.validate_on_submit():
        return question(page, step, form)
    if not drafts.goes_on(page.draft) and not pace.may_begin():
        return question(page, step, form)
    onward = url_for(".show", kind=kind, step=keep(page, step, form).after(step))
    db.session.commit()
    if page.ran_out:
        say_that_it_ran_out()
    return redirect(onward, 303)


@bp.post("/post/<kind>/check")
@public
@reads_first
def check(kind: str) -> Response:
    """The last step: only now is anything posted."""
    page = load(kind, "check")
    return seated(page.draft) if is_over(page, "check") else send(page)


@bp.post("/post/<kind>/somebody-else")
@public
def somebody_else(kind: str) -> Response:
    """Whoever came here before on this phone is not the one who posts now."""
    sent = is_over(load(kind, "reach"), "reach")
    seats = [seat(one) for one in KINDS if one != kind or sent]
    for left in (f"guest:{g.network.id}", f"posted:{g.network.id}", *seats):
        session.pop(left, None)
    return redirect(url_for(".show", kind=kind, step="reach"), 303)


@bp.get("/posted")
@public
def posted() -> Response | str:
    """The code and the private link, shown again until the draft's day is over."""
    draft = drafts.find(g.network, session.get(f"posted:{g.network.id}"), g.now)
    if draft is None or draft.person_id is None or draft.person_id != g.neighbour.person_id:
        return redirect(url_for("mine.show"))
    link, posts = drafts.link_of(draft), drafts.posts_of(draft)
    return render_template(
        "posting/posted.html",
        kind=draft.kind,
        code=draft.code,
        link=url_for("access.link", token=link, _external=True) if link else "",
        posts=posts,
        stages=stages_ahead(posts),
    )


def stages_ahead(posts: list[Post]) -> list[dict[str, str]]:
    """What happens now, in the order in which it will."""
    need, reach = posts[0].is_need, posts[0].person.reach
    how = {
        "email": gettext("We write you an email. It does not say what it is about."),
        "call": gettext("We call you, at the times you said."),
        "none": gettext("Look now and then with your code: we cannot tell you any other way."),
    }[reach]
    asked = (
        how
        if not all(post.choose_for_me for post in posts)
        else gettext("You said that we may choose for you.")
    )
    return [
        {
            "state": "open" if need else "offer",
            "title": gettext("It is here now"),
            "text": gettext("A coordinator reads it."),
            "cls": "now",
        },
        {
            "state": "proposed",
            "title": gettext("Someone near you can help") if need else gettext("Someone near you needs this"),
            "text": asked,
            "cls": "ahead",
        },
        {
            "state": "agreed",
            "title": gettext("You both say yes"),
            "text": gettext("Only then can you reach each other."),
            "cls": "ahead",
        },
    ]


def load(kind: str, step: str) -> Page:
    require(kind in KINDS and step in STEPS)
    token = session.get(seat(kind))
    draft = drafts.find(g.network, token, g.now)
    given, person = drafts.given(draft), known_person()
    chosen = given.get("what", {}).get("what", [])
    area_id = number_in(str(given.get("where", {}).get("area")))
    area = db.session.get(Area, (g.network.id, area_id)) if step == "check" and area_id else None
    answers = Answers(
        kind=kind,
        given=given,
        categories=categories_of(g.network, under=None if step == "what" else chosen),
        area_ids=frozenset([area.id]) if area else area_ids_of(g.network),
        known=person is not None,
        today=local_day(g.now, g.network.timezone),
    )
    areas = areas_of(g.network) if step == "where" else []
    return Page(kind, draft, answers, areas, area, person, ran_out=bool(token and draft is None))


def seat(kind: str) -> str:
    """Where the session cookie keeps the token of the draft."""
    return f"draft:{g.network.id}:{kind}"


def known_person() -> Person | None:
    """Whoever came by code, link or account posts as themselves."""
    if g.neighbour.person_id is None:
        return None
    person = db.session.get(Person, (g.network.id, g.neighbour.person_id))
    return person if person and person.erased_at is None else None


def filled_form(page: Page, step: str) -> StepForm:
    """With what was sent; else with what is kept; else with what we may guess."""
    known = page.answers.given.get(step) or guessed(page, step)
    tapped = request.args.get("area", "")
    if step == "where" and number_in(tapped) in page.answers.area_ids:
        known = known | {"area": tapped}
    return form_for(step, page.answers, page.areas, known)


def guessed(page: Page, step: str) -> dict[str, Any]:
    mine = drafts.suggested(page.person, page.kind) if step in ("where", "travel", "matters") else {}
    here: drafts.Given = {"matters": {"languages": [language()]}, "reach": {"language": language()}}
    return mine.get(step) or here.get(step, {})


def keep(page: Page, step: str, form: StepForm) -> Answers:
    draft = page.draft
    if draft is None or draft.sent_at is not None:
        draft, session[seat(page.kind)] = drafts.begin(g.network, page.kind, g.now)
    drafts.keep(draft, step, form.fields())
    return replace(page.answers, given=drafts.given(draft))


def is_over(page: Page, step: str) -> bool:
    """Sent already; only the first question starts anew."""
    return page.draft is not None and page.draft.sent_at is not None and step != STEPS[0]


def seated(draft: Draft | None, person: Person | None = None) -> Response:
    """To the code. The browser that posted comes in by its link, once: whoever left since is asked for the code."""
    token = session.get(seat(draft.kind)) if draft else None
    if draft and session.get(f"posted:{g.network.id}") != token:
        session[f"posted:{g.network.id}"] = token
        link = drafts.link_of(draft)
        person = person or person_by_link(g.network.id, link, g.now)
        if person and link:
            session[f"guest:{g.network.id}"] = seat_of(person, "link")
    return redirect(url_for(".posted"), 303)


def say_that_it_ran_out() -> None:
    flash(gettext("We keep answers for one day, and that day is over. Please start again here."), "now")


def send(page: Page) -> Response:
    if page.draft is None or page.answers.first_missing != "check":
        flash(gettext("One answer is missing, or does not fit any more. Nothing has been sent yet."), "now")
        return redirect(url_for(".show", kind=page.kind, step=page.answers.first_missing), 303)
    if not pace.may_send(page.draft, page.person):
        return redirect(url_for(".show", kind=page.kind, step="check"), 303)
    person = drafts.send(page.draft, page.answers, g.network, page.person, by=g.neighbour, now=g.now)
    db.session.commit()
    set_reading_only(True)
    return seated(page.draft, person)


def question(page: Page, step: str, form: StepForm) -> str:
    answers = page.answers
    return render_template(
        f"posting/{step}.html",
        form=form,
        kind=page.kind,
        step=step,
        answers=answers,
        person=page.person,
        place=answers.steps.index(step) + 1 if step in answers.steps else 1,
        back=answers.before(step) if step in answers.steps else None,
        following=answers.ahead(step) if step in answers.steps[:-1] else None,
        **more_for(step, page, form),
    )


def more_for(step: str, page: Page, form: StepForm) -> dict[str, Any]:
    """What one screen alone shows."""
    if step == "where":
        return drawn(page.areas, form.area.data)
    if step == "matters":
        return {"languages_known": common_names()}
    if step == "check":
        return {"told": told(page.answers, page.area.name if page.area else None), "around": around(page)}
    return {"pics": {row.key: row.key for row in page.answers.categories}}


def around(page: Page) -> list[str]:
    """How much is asked for near whoever offers; nothing where it cannot be counted: that must not stop a post."""
    answers = page.answers
    if page.kind == "need" or answers.first_missing != "check":
        return []
    cell, person_id = page.area.middle_cell if page.area else None, page.person.id if page.person else None
    try:
        with db.session.begin_nested():
            counts = needs_around(
                g.network, answers.posts, answers.categories, cell=cell, person_id=person_id
            )
    except SQLAlchemyError as error:
        log.warning("What is asked for near an offer was not counted: %s.", type(error).__name__)
        return []
    return [around_words(row, number) for row, number in counts]


def drawn(areas: list[Area], chosen: str | None) -> dict[str, Any]:
    """The area map; with many areas, once one is chosen, those around it, large enough to tap."""
    area = next((area for area in areas if str(area.id) == chosen), None)
    close = area is not None and len(areas) > area_map.NAMED and "all" not in request.args
    shown = area_map.near(areas, area) if area and close else areas
    return {"drawn": area_map.draw(shown), "chosen": area, "close": close}
