"""How much each reason counts when matches are ranked: a steward's page. What stands in no setting counts as usual."""

from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, url_for
from flask_babel import gettext, lazy_gettext
from werkzeug.wrappers import Response
from wtforms import SelectField

from mutualaid import permissions
from mutualaid.aid.matching.ranking import WEIGHTS, weights_of
from mutualaid.aid.words.ranking import FACTORS, counts_words
from mutualaid.db import db
from mutualaid.forms import BaseForm, choices_of
from mutualaid.guard import permission
from mutualaid.networks.models import Network

bp = Blueprint("steward_ranking", __name__, url_prefix="/<slug>/settings/ranking")
USUAL = "usual"
LEVELS = {"none": 0.0, "little": 0.5, USUAL: 1.0, "more": 2.0}  # times the usual weight
LEVEL_NAMES = (
    ("none", lazy_gettext("not at all")),
    ("little", lazy_gettext("a little")),
    (USUAL, lazy_gettext("as usual")),
    ("more", lazy_gettext("more")),
)


class CountsForm(BaseForm):
    """A field for each factor of ranking.WEIGHTS."""

    def levels(self) -> dict[str, str]:
        return {name: self[name].data for name in WEIGHTS}

    def validate(self, extra_validators: Any = None) -> bool:
        fine = bool(super().validate(extra_validators))
        if fine and all(LEVELS[level] == 0 for level in self.levels().values()):
            self.form_errors.append(
                gettext("At least one of these has to count. Otherwise we cannot say who fits best.")
            )
            return False
        return fine


for _name in WEIGHTS:
    setattr(
        CountsForm,
        _name,
        SelectField(FACTORS[_name].label, choices=choices_of(LEVEL_NAMES), description=FACTORS[_name].hint),
    )


@bp.route("", methods=("GET", "POST"))
@permission(permissions.may_steward)
def show() -> Response | str:
    form = CountsForm(data=levels_of(g.network))
    if form.validate_on_submit():
        g.network.weights = weights_from(form.levels())
        db.session.commit()
        flash(gettext("Kept. From now on we suggest in this order."), "offer")
        return redirect(url_for(".show"), 303)
    return render_template(
        "networks/ranking.html", form=form, factors=list(WEIGHTS), counts=counts_words(weights_of(g.network))
    )


def levels_of(network: Network) -> dict[str, str]:
    """What stands now, by factor."""
    times = {name: weight / WEIGHTS[name] for name, weight in weights_of(network).items()}
    return {name: next((key for key, by in LEVELS.items() if by == times[name]), USUAL) for name in WEIGHTS}


def weights_from(levels: dict[str, str]) -> dict[str, float]:
    """What the network keeps: only what differs from the usual."""
    return {name: WEIGHTS[name] * LEVELS[level] for name, level in levels.items() if level != USUAL}
