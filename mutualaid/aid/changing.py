"""Saying a post differently: its person says how much, when and in which words; a coordinator all that it says."""

from dataclasses import replace
from typing import Any

from flask import g
from flask_babel import gettext, lazy_gettext
from wtforms import RadioField, SelectField
from wtforms.validators import InputRequired, Optional, ValidationError

from mutualaid.aid.lifecycle import Said, said
from mutualaid.aid.models import Category, Post
from mutualaid.aid.post_fields import MOST, MattersFields, TimesForm, categories_in_order, count
from mutualaid.aid.words.asked import TRAITS_OF, TRAVEL
from mutualaid.aid.words.posts import language_name
from mutualaid.forms import Day, Words, at_most, between, choices_of, number_needed
from mutualaid.places.models import Area

OF_NEEDS = ("quantity", "urgency", "interpreter", "choose_for_me")
OF_OFFERS = ("per_week", "stock")


class OwnChange(TimesForm):
    as_they_are: tuple[str, ...] = ("quantity", "per_week", "stock", "details")

    quantity = count(lazy_gettext("How many?"), [number_needed(), between(1, MOST)])
    per_week = count(lazy_gettext("At most in a week"), [Optional(), between(1, MOST)])
    stock = count(lazy_gettext("At most in all"), [Optional(), between(1, MOST)])
    details = Words(lazy_gettext("In your own words"), [at_most(1000)], render_kw={"rows": 4})

    def about(self, post: Post) -> "OwnChange":
        """Only the questions of its kind, filled in with what it says now."""
        for name in OF_OFFERS if post.is_need else OF_NEEDS:
            if name in self:
                delattr(self, name)
        if not self.is_submitted():
            self.fill(said(post))
        return self

    def fill(self, now: Said) -> None:
        for name in self._plain():
            self[name].data = getattr(now, name)
        if "urgency" in self:
            self.urgency.data = str(now.urgency)
        self.until.data = now.until_day
        self.show_times(now.times)

    def said(self, before: Said) -> Said:
        new: dict[str, Any] = {name: self[name].data for name in self._plain()}
        if "urgency" in self:
            new["urgency"] = int(self.urgency.data)
        new["details"] = self.details.data or ""
        return replace(before, times=self.chosen_times(), until_day=self.until.data, **new)

    def _plain(self) -> list[str]:
        return [name for name in self.as_they_are if name in self]


class DeskChange(OwnChange, MattersFields):
    as_they_are = (*OwnChange.as_they_are, "interpreter", "choose_for_me", "travel", "reach_km", "from_day")

    category = SelectField(lazy_gettext("What?"), coerce=int)
    area = SelectField(lazy_gettext("Which area?"), coerce=int)
    travel = RadioField(lazy_gettext("Who goes to whom?"), [InputRequired()])
    reach_km = count(lazy_gettext("How many kilometres do they go?"), [Optional(), between(0, 500)])
    from_day = Day(lazy_gettext("From which day?"), [Optional()])

    def among(self, kind: str, categories: list[Category], areas: list[Area]) -> "DeskChange":
        """What there is to choose from."""
        rather_not = (0, gettext("They would rather not say"))
        self.category.choices = choices_of(categories_in_order(categories))
        self.area.choices = choices_of([rather_not, *((area.id, area.name) for area in areas)])
        self.travel.choices = choices_of(TRAVEL[kind])
        self.traits.choices = choices_of(TRAITS_OF[kind].items())
        return self

    def fill(self, now: Said) -> None:
        super().fill(now)
        known = [code for code in now.languages if code in g.network.languages]
        self.languages.data = known
        self.others.data = ", ".join(language_name(code) for code in now.languages if code not in known)
        self.category.data, self.area.data, self.traits.data = (
            now.category_id,
            now.area_id or 0,
            list(now.traits),
        )

    def said(self, before: Said) -> Said:
        """The cell stays only while the area does: in another area it would be wrong."""
        area_id = self.area.data or None
        return replace(
            super().said(before),
            category_id=self.category.data,
            area_id=area_id,
            cell=before.cell if area_id == before.area_id else None,
            traits=tuple(self.traits.data or ()),
            languages=tuple(self.spoken()),
        )

    def validate_from_day(self, field: Day) -> None:
        if field.data and self.until.data and field.data > self.until.data:
            raise ValidationError(gettext("This day comes after the last one."))
