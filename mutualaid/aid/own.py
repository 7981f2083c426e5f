"""Changing one's own post: how much, when, and one's own words. For anything else one posts something new."""

from flask import Blueprint, g, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from mutualaid import permissions
from mutualaid.aid import lifecycle
from mutualaid.aid.acting import act
from mutualaid.aid.changing import OwnChange
from mutualaid.aid.lifecycle import said
from mutualaid.aid.mine import come_in, own_post
from mutualaid.guard import permission_inside, require

bp = Blueprint("own", __name__, url_prefix="/<slug>/mine")
bp.before_request(come_in)


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
