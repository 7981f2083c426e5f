"""Changing one's own post: how much, when, and one's own words. For anything else one posts something new."""

from dataclasses import replace
from typing import Any

from flask import Blueprint, g, render_template, url_for
from flask_babel import gettext, lazy_gettext
from werkzeug.wrappers import Response
from wtforms import RadioField
from wtforms.validators import InputRequired, Optional

from mutualaid import permissions
from mutualaid.aid import lifecycle, windows
from mutualaid.aid.acting import act
from mutualaid.aid.lifecycle import Said, said
from mutualaid.aid.mine import come_in, own_post
from mutualaid.aid.models import Post
from mutualaid.aid.post_fields import MOST, TimesForm, count
from mutualaid.aid.words.asked import URGENCIES
from mutualaid.forms import Words, at_most, between, choices_of, needed
from mutualaid.guard import permission_inside, require

bp = Blueprint("own", __name__, url_prefix="/<slug>/mine")
bp.before_request(come_in)

OF_NEEDS = ("quantity", "urgency")
OF_OFFERS = ("per_week", "stock")


class OwnChange(TimesForm):
    quantity = count(lazy_gettext("How many?"), [needed(), between(1, MOST)])
    per_week = count(lazy_gettext("At most in a week"), [Optional(), between(1, MOST)])
    stock = count(lazy_gettext("At most in all"), [Optional(), between(1, MOST)])
    urgency = RadioField(
        lazy_gettext("How soon do you need it?"), [InputRequired()], choices=choices_of(URGENCIES)
    )
    details = Words(lazy_gettext("In your own words"), [at_most(1000)], render_kw={"rows": 4})

    def about(self, post: Post) -> "OwnChange":
        """Only the questions of its kind, filled in with what it says now."""
        for name in OF_OFFERS if post.is_need else OF_NEEDS:
            delattr(self, name)
        if not self.is_submitted():
            self._fill(said(post))
        return self

    def _fill(self, now: Said) -> None:
        for name in self._own_fields():
            self[name].data = str(now.urgency) if name == "urgency" else getattr(now, name)
        self.until.data, self.details.data = now.until_day, now.details
        self.times.data = "some" if now.times else "any"
        self.slots.data = [3 * day + part for day, part in windows.slots(now.times)]

    def _own_fields(self) -> list[str]:
        return [name for name in (*OF_NEEDS, *OF_OFFERS) if name in self]

    def said(self, before: Said) -> Said:
        new: dict[str, Any] = {name: self[name].data for name in self._own_fields()}
        if "urgency" in new:
            new["urgency"] = int(new["urgency"])
        times = 0 if self.times.data == "any" else sum(1 << bit for bit in set(self.slots.data or []))
        return replace(before, times=times, until_day=self.until.data, details=self.details.data or "", **new)


@bp.route("/posts/<int:post_id>/change", methods=["GET", "POST"])
@permission_inside
def change(post_id: int) -> Response | str:
    post = own_post(post_id)
    require(permissions.may_change_post(g.actor, post))
    form = OwnChange().about(post)
    if not form.validate_on_submit():
        return render_template("mine/change.html", form=form, post=post, back=url_for("mine.show"))
    return act(
        lambda: lifecycle.change(post, form.said(said(post)), by=g.actor, now=g.now),
        gettext("It is changed."),
        then=url_for("mine.show"),
        about=post,
    )
