"""The form by which a coordinator says a post differently: all that it says, as it stands."""

from typing import Any

from flask import g
from flask_babel import gettext, lazy_gettext
from wtforms import RadioField, SelectField
from wtforms.validators import InputRequired, Optional, ValidationError

from mutualaid.aid.lifecycle import Said, said
from mutualaid.aid.models import Category, Post
from mutualaid.aid.post_fields import MOST, MattersFields, TimesForm, count
from mutualaid.aid.windows import mask, slots
from mutualaid.aid.words.asked import TRAITS_OF, TRAVEL
from mutualaid.aid.words.posts import category_name, language_name
from mutualaid.forms import Day, between, choices_of, needed
from mutualaid.places.models import Area

OF_NEEDS = ("quantity", "urgency", "interpreter", "choose_for_me")
OF_OFFERS = ("per_week", "stock")
AS_THEY_ARE = (*OF_NEEDS, *OF_OFFERS, "travel", "reach_km", "from_day", "traits", "details")


class ChangeForm(TimesForm, MattersFields):
    category = SelectField(lazy_gettext("What?"), coerce=int)
    quantity = count(lazy_gettext("How many?"), [needed(), between(1, MOST)])
    per_week = count(lazy_gettext("At most in a week"), [Optional(), between(1, MOST)])
    stock = count(lazy_gettext("At most in all"), [Optional(), between(1, MOST)])
    area = SelectField(lazy_gettext("Which area?"), coerce=int)
    travel = RadioField(lazy_gettext("Who goes to whom?"), [InputRequired()])
    reach_km = count(lazy_gettext("How many kilometres do they go?"), [Optional(), between(0, 500)])
    from_day = Day(lazy_gettext("From which day?"), [Optional()])

    def about(self, post: Post, categories: list[Category], areas: list[Area]) -> "ChangeForm":
        """Only the questions of its kind, filled in with what it says now."""
        for name in OF_OFFERS if post.is_need else OF_NEEDS:
            delattr(self, name)
        rather_not = (0, gettext("They would rather not say"))
        self.category.choices = choices_of(in_order(categories))
        self.area.choices = choices_of([rather_not, *((area.id, area.name) for area in areas)])
        self.travel.choices = choices_of(TRAVEL[post.kind])
        self.traits.choices = choices_of(TRAITS_OF[post.kind].items())
        if not self.is_submitted():
            self._fill(said(post))
        return self

    def _fill(self, now: Said) -> None:
        for name in self._plain():
            value = getattr(now, name)
            self[name].data = str(value) if name == "urgency" else list(value) if name == "traits" else value
        known = [code for code in now.languages if code in g.network.languages]
        self.languages.data = known
        self.others.data = ", ".join(language_name(code) for code in now.languages if code not in known)
        self.category.data, self.area.data, self.until.data = now.category_id, now.area_id or 0, now.until_day
        self.times.data = "some" if now.times else "any"
        self.slots.data = [3 * day + part for day, part in slots(now.times)]

    def _plain(self) -> list[str]:
        return [name for name in AS_THEY_ARE if name in self]

    def validate_from_day(self, field: Day) -> None:
        if field.data and self.until.data and field.data > self.until.data:
            raise ValidationError(gettext("This day comes after the last one."))

    def said(self, post: Post) -> Said:
        """What it says now. The cell stays only while the area does: in another area it would be wrong."""
        given: dict[str, Any] = {name: self[name].data for name in self._plain()}
        given |= {"details": given["details"] or "", "traits": tuple(given["traits"] or ())}
        if "urgency" in given:
            given["urgency"] = int(given["urgency"])
        area_id = self.area.data or None
        wanted = self.slots.data if self.times.data == "some" else []
        return Said(
            kind=post.kind,
            category_id=self.category.data,
            area_id=area_id,
            cell=post.cell if area_id == post.area_id else None,
            times=mask(divmod(bit, 3) for bit in wanted or []),
            until_day=self.until.data,
            languages=tuple(self.spoken()),
            **given,
        )


def in_order(categories: list[Category]) -> list[tuple[int, str]]:
    """Each top-level category, then its own, set in."""
    tops = [row for row in categories if row.parent_id is None]
    return [
        (row.id, category_name(row) if row is top else f"\N{EN DASH} {category_name(row)}")
        for top in tops
        for row in (top, *(child for child in categories if child.parent_id == top.id))
    ]
