"""The form that says a post differently: all that it says, as it stands."""

from typing import Any

from flask import g
from flask_babel import gettext, lazy_gettext
from wtforms import BooleanField, RadioField, SelectField, SelectMultipleField
from wtforms.validators import InputRequired, Optional, ValidationError

from mutualaid.aid.desk_forms import Day
from mutualaid.aid.languages import code_of
from mutualaid.aid.lifecycle import Said, said
from mutualaid.aid.models import TRAITS, Category, Post
from mutualaid.aid.windows import slots
from mutualaid.aid.words import category_name, urgency_words
from mutualaid.aid.words.posts import ASKED_TRAITS, HAD_TRAITS, language, language_name
from mutualaid.forms import BaseForm, Count, Line, Words, at_most, between, needed
from mutualaid.places.models import Area

SHORT = {"class": "short"}
BITS = [(bit, str(bit)) for bit in range(21)]  # of aid.windows
OF_NEEDS = ("quantity", "urgency", "interpreter", "choose_for_me")
OF_OFFERS = ("stock", "per_week")


class ChangeForm(BaseForm):
    category = SelectField(lazy_gettext("What"), coerce=int)
    quantity = Count(lazy_gettext("How many"), [needed(), between(1, 9999)], render_kw=SHORT)
    per_week = Count(lazy_gettext("How many a week"), [Optional(), between(1, 999)], render_kw=SHORT)
    stock = Count(lazy_gettext("How many in all"), [Optional(), between(1, 9999)], render_kw=SHORT)
    urgency = RadioField(lazy_gettext("How soon"), [InputRequired()], coerce=int)
    area = SelectField(lazy_gettext("Where"), coerce=int)
    travel = RadioField(lazy_gettext("Who comes to whom"), [InputRequired()])
    reach_km = Count(lazy_gettext("How far they go, in km"), [Optional(), between(0, 500)], render_kw=SHORT)
    times = SelectMultipleField(lazy_gettext("When it suits"), coerce=int, choices=BITS)
    from_day = Day(lazy_gettext("From"))
    until_day = Day(lazy_gettext("Until"))
    languages = SelectMultipleField(lazy_gettext("Languages they speak"))
    other_languages = Line(lazy_gettext("Other languages"), [at_most(100)])
    interpreter = BooleanField(lazy_gettext("A shared language is a must"))
    traits = SelectMultipleField(lazy_gettext("What matters"))
    choose_for_me = BooleanField(lazy_gettext("They said: choose someone for me"))
    details = Words(lazy_gettext("In their own words"), [at_most(2000)])

    def about(self, post: Post, categories: list[Category], areas: list[Area]) -> "ChangeForm":
        """Only the questions of its kind, filled in with what it says now."""
        for name in OF_OFFERS if post.is_need else OF_NEEDS:
            delattr(self, name)
        self._offer_choices(post, categories, areas)
        if not self.is_submitted():
            self._fill(said(post))
        return self

    def _offer_choices(self, post: Post, categories: list[Category], areas: list[Area]) -> None:
        self.category.choices = in_order(categories)
        nowhere = (0, gettext("They would rather not say"))
        self.area.choices = [nowhere, *((area.id, area.name) for area in areas)]
        comes, goes = gettext("The helper comes to them"), gettext("They go to the helper")
        if not post.is_need:
            comes, goes = gettext("The neighbour comes to them"), gettext("They go to the neighbour")
        self.travel.choices = [("host", comes), ("come", goes), ("either", gettext("Either way"))]
        codes = dict.fromkeys([*g.network.languages, *post.languages])
        self.languages.choices = [(code, language_name(code)) for code in codes]
        words = ASKED_TRAITS if post.is_need else HAD_TRAITS
        self.traits.choices = [(trait, words[trait]()) for trait in TRAITS]
        if post.is_need:
            self.urgency.choices = [(n, urgency_words(n)) for n in (2, 1, 0)]

    def _fill(self, now: Said) -> None:
        for field in self:
            if hasattr(now, field.name):
                value = getattr(now, field.name)
                field.data = list(value) if isinstance(value, tuple) else value
        self.category.data, self.area.data = now.category_id, now.area_id or 0
        self.times.data = [3 * day + part for day, part in slots(now.times)]

    def validate_until_day(self, field: Day) -> None:
        if field.data and self.from_day.data and field.data < self.from_day.data:
            raise ValidationError(gettext("This day is before the first one."))

    def validate_other_languages(self, field: Line) -> None:
        unknown = [name for name in names_in(field.data) if code_of(name, language()) is None]
        if unknown:
            raise ValidationError(gettext("We do not know this language: %(name)s.", name=unknown[0]))

    def said(self, post: Post) -> Said:
        """A cell is kept while the area stays; in another area it would be a wrong one."""
        given: dict[str, Any] = {
            field.name: field.data
            for field in self
            if field.name in (*OF_NEEDS, *OF_OFFERS, "travel", "reach_km", "from_day", "until_day")
        }
        area_id = self.area.data or None
        others = (code_of(name, language()) for name in names_in(self.other_languages.data))
        return Said(
            kind=post.kind,
            category_id=self.category.data,
            area_id=area_id,
            cell=post.cell if area_id == post.area_id else None,
            times=sum(1 << bit for bit in set(self.times.data or [])),
            languages=tuple(dict.fromkeys([*(self.languages.data or []), *filter(None, others)])),
            traits=tuple(self.traits.data or []),
            details=self.details.data or "",
            **given,
        )


def names_in(typed: str | None) -> list[str]:
    return [name.strip() for name in (typed or "").split(",") if name.strip()]


def in_order(categories: list[Category]) -> list[tuple[int, str]]:
    """Each top-level category, then its own, set in."""
    tops = [row for row in categories if row.parent_id is None]
    return [
        (row.id, category_name(row) if row is top else f"\N{EN DASH} {category_name(row)}")
        for top in tops
        for row in (top, *(child for child in categories if child.parent_id == top.id))
    ]
