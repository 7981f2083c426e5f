"""What a steward sets for a network."""

import zoneinfo

from flask import Blueprint, flash, g, redirect, render_template, url_for
from flask_babel import gettext, lazy_gettext
from werkzeug.wrappers import Response
from wtforms import BooleanField, SelectField

from mutualaid import permissions
from mutualaid.db import db
from mutualaid.forms import BaseForm, Count, Line, Words, at_most, between, needed, number_needed
from mutualaid.guard import permission, recent
from mutualaid.networks.second_way import LATER
from mutualaid.networks.verbs import LETTERS, NUMBERS

bp = Blueprint("steward", __name__, url_prefix="/<slug>")


class SettingsForm(BaseForm):
    name = Line(lazy_gettext("Name of the network"), [needed(), at_most(80)])
    emergency_line = Line(
        lazy_gettext("When it cannot wait"),
        [at_most(LETTERS["emergency_line"])],
        description=lazy_gettext(
            "Stands on every page: who to call in danger. Like: In danger now? Call 911."
        ),
    )
    phone_line = Line(
        lazy_gettext("When somebody would rather talk"),
        [at_most(LETTERS["phone_line"])],
        description=lazy_gettext("A number, and when somebody answers it."),
    )
    welcome = Words(
        lazy_gettext("Words of welcome"),
        [at_most(LETTERS["welcome"])],
        description=lazy_gettext("On your first page."),
    )
    public = BooleanField(
        lazy_gettext("Show this network on the first page"),
        description=lazy_gettext("Otherwise only those who know the address find it."),
    )
    timezone = SelectField(lazy_gettext("Time zone"))
    lease_hours = Count(
        lazy_gettext("Hours to say yes"),
        [number_needed(), between(*NUMBERS["lease_hours"])],
        description=lazy_gettext("So long each side has to answer a proposal. Then the next one is asked."),
        render_kw={"class": "short", "inputmode": "numeric"},
    )
    urgent_lease_hours = Count(
        lazy_gettext("Hours to say yes when it is urgent"),
        [number_needed(), between(*NUMBERS["urgent_lease_hours"])],
        render_kw={"class": "short", "inputmode": "numeric"},
    )
    retention_days = Count(
        lazy_gettext("Days until names and words are erased"),
        [number_needed(), between(*NUMBERS["retention_days"])],
        description=lazy_gettext("Counted from the day something is done. Then only the count stays."),
        render_kw={"class": "short", "inputmode": "numeric"},
    )
    second_way_later = BooleanField(
        lazy_gettext(
            "New coordinators and stewards have %(days)s days for a second way to sign in", days=LATER.days
        ),
        description=lazy_gettext(
            "A passkey, or an app with codes. Otherwise they need it before they see anything."
        ),
    )


@bp.route("/settings", methods=("GET", "POST"))
@permission(permissions.may_steward)
@recent
def settings() -> Response | str:
    form = SettingsForm(obj=g.network)
    form.timezone.choices = zones()
    if form.validate_on_submit():
        form.populate_obj(g.network)
        db.session.commit()
        flash(gettext("The settings are kept."), "offer")
        return redirect(url_for(".settings"), 303)
    return render_template("networks/settings.html", form=form)


def zones() -> list[str]:
    """Places, not offsets; and the network's own, whatever it is."""
    places = {name for name in zoneinfo.available_timezones() if "/" in name and not name.startswith("Etc/")}
    return sorted(places | {g.network.timezone, "UTC"})
