"""What posting, the phone page and the change of a post ask alike."""

from datetime import timedelta
from typing import Any

from flask import g
from flask_babel import gettext, lazy_gettext
from wtforms import BooleanField, RadioField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Optional, ValidationError
from wtforms.widgets import TextInput

from mutualaid.aid.answers import NOT_SAID, times_of
from mutualaid.aid.languages import code_of
from mutualaid.aid.models import Category
from mutualaid.aid.windows import local_day, slots
from mutualaid.aid.words.asked import PART_KEYS, URGENCIES, capital
from mutualaid.aid.words.posts import category_name, language, language_name
from mutualaid.aid.words.times import DAYS, PARTS, PARTS_EACH
from mutualaid.forms import BaseForm, Count, Day, Line, Several, Words, at_most, choices_of, needed
from mutualaid.places.models import Area

MOST = 10_000  # of anything, in one post
MOST_LETTERS = 200  # of languages; no more of them are looked up, however long the line is
TIMES = (("any", lazy_gettext("Any time")), ("some", lazy_gettext("Only some days or times")))


def on_list(form: Any, field: Any) -> None:
    """What was chosen still stands: a category or an area may have gone since the page was opened."""
    chosen = [field.data] if isinstance(field.data, str) else field.data or []
    if not {str(value) for value in chosen} <= {str(choice.value) for choice in field.iter_choices()}:
        raise ValidationError(gettext("Our list has changed. Please choose again."))


def count(label: str, validators: list[Any], default: int | None = None) -> Count:
    """A number typed as text, so that "two" stays there to be put right."""
    look = {"inputmode": "numeric", "autocomplete": "off", "class": "short"}
    return Count(label, validators, default=default, widget=TextInput(), render_kw=look)


def area_choices(areas: list[Area]) -> list[SelectChoice]:
    rather_not = (NOT_SAID, gettext("I would rather not say"))
    return choices_of(
        [("", gettext("Please choose")), rather_not, *((str(area.id), area.name) for area in areas)]
    )


def categories_in_order(categories: list[Category]) -> list[tuple[int, str]]:
    """Each top-level category, then its own, set in."""
    tops = [row for row in categories if row.parent_id is None]
    return [
        (row.id, category_name(row) if row is top else f"\N{EN DASH} {category_name(row)}")
        for top in tops
        for row in (top, *(child for child in categories if child.parent_id == top.id))
    ]


def within_three_months(_form: Any, field: Day) -> None:
    """A day to call again."""
    today = local_day(g.now, g.network.timezone)
    if field.data and not today <= field.data <= today + timedelta(days=90):
        raise ValidationError(gettext("Please choose a day from today on, within three months."))


def slot_choices() -> list[SelectChoice]:
    """Monday morning is 0, Sunday evening 20: the bits of aid.windows."""
    return choices_of((3 * d + p, f"{DAYS[d]()} {PARTS[p]()}") for d in range(7) for p in range(3))


def hour_choices() -> list[SelectChoice]:
    """Parts of the day in which it is safe to call."""
    return choices_of((key, capital(PARTS_EACH[place]())) for place, key in enumerate(PART_KEYS))


class TimesForm(BaseForm):
    """How soon and when it suits; shared with the phone page."""

    urgency = RadioField(
        lazy_gettext("How soon do you need it?"),
        choices=choices_of(URGENCIES),
        validators=[needed(lazy_gettext("How soon do you need it? Please choose one."))],
    )
    times = RadioField(
        lazy_gettext("Which times suit you?"),
        choices=choices_of(TIMES),
        default="any",
    )
    slots = Several(lazy_gettext("These times suit me"), coerce=int, choices=slot_choices)
    until = Day(
        lazy_gettext("Until when does it count?"),
        [Optional()],
        description=lazy_gettext("You may leave this empty."),
    )

    def chosen_times(self) -> int:
        """As a mask of aid.windows."""
        return times_of({"times": self.times.data, "slots": self.slots.data or []})

    def show_times(self, times: int) -> None:
        self.times.data = "some" if times else "any"
        self.slots.data = [3 * day + part for day, part in slots(times)]

    def validate_slots(self, field: Several) -> None:
        if self.times.data == "some" and not field.data:
            raise ValidationError(gettext("Please tick at least one time, or choose “Any time”."))

    def validate_until(self, field: Day) -> None:
        today = local_day(g.now, g.network.timezone)
        until = field.data or today
        if until < today:
            raise ValidationError(gettext("This day is over. Please choose today or a later day."))
        if until > today + timedelta(days=365):
            raise ValidationError(gettext("This is very far away. Please choose a day within one year."))


class MattersFields(BaseForm):
    """What else counts for a match; shared with the phone page."""

    languages = Several(
        lazy_gettext("Which languages do you speak?"),
        choices=lambda: choices_of((code, language_name(code)) for code in g.network.languages),
        validate_choice=False,
    )
    others = Line(
        lazy_gettext("Other languages"),
        [at_most(MOST_LETTERS)],
        description=lazy_gettext("Write their names, with commas between them."),
        render_kw={"list": "languages-known", "autocomplete": "off"},
    )
    interpreter = BooleanField(lazy_gettext("I need someone who speaks one of these"))
    traits = Several()
    details = Words(
        lazy_gettext("Anything else, in your own words"), validators=[at_most(1000)], render_kw={"rows": 4}
    )
    choose_for_me = BooleanField(lazy_gettext("Choose someone for me"))

    def validate_others(self, field: Line) -> None:
        unknown = [name for name in self.typed_names() if code_of(name, language()) is None]
        if unknown:
            raise ValidationError(
                gettext("We do not know the language “%(name)s”. Try its name in English.", name=unknown[0])
            )

    def validate_interpreter(self, field: BooleanField) -> None:
        if field.data and not self.spoken():
            raise ValidationError(gettext("Which language should they speak? Please tick or write it."))

    def typed_names(self) -> list[str]:
        typed = (self.others.data or "")[:MOST_LETTERS].replace("،", ",")
        return [name for part in typed.split(",") if (name := part.strip())]

    def spoken(self) -> list[str]:
        """The codes of all languages that were ticked or typed."""
        ticked = [code for code in self.languages.data or [] if code in g.network.languages]
        typed = [code_of(name, language()) for name in self.typed_names()]
        return list(dict.fromkeys([*ticked, *(code for code in typed if code)]))
