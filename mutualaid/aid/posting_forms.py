"""The forms of posting, one for each step. They check answers; what they hold is kept in the draft."""

from typing import Any

from flask import g
from flask_babel import gettext, lazy_gettext
from wtforms import RadioField, SelectField
from wtforms.validators import InputRequired, Optional, StopValidation, ValidationError

from mutualaid.aid.answers import Answers
from mutualaid.aid.models import Category
from mutualaid.aid.post_fields import (
    MOST,
    MattersFields,
    TimesForm,
    area_choices,
    count,
    hour_choices,
    on_list,
)
from mutualaid.aid.words.asked import (
    REACHES,
    TRAITS_OF,
    TRAVEL,
    WAYS,
)
from mutualaid.aid.words.posts import category_name
from mutualaid.config import LANGUAGES
from mutualaid.forms import (
    BaseForm,
    Email,
    Line,
    Phone,
    Several,
    Trap,
    at_most,
    between,
    choices_of,
    needed,
    only_a_name,
)
from mutualaid.places.models import Area


class StepForm(BaseForm):
    """`fields()` is what the draft keeps: everything as it was answered, so that Back shows it again."""

    def __init__(self, answers: Answers, **more: Any) -> None:
        self.answers = answers
        super().__init__(**more)

    def fields(self) -> dict[str, Any]:
        return {field.name: field.data for field in self if field.name not in ("csrf_token", "website")}


class WhatForm(StepForm):
    what = Several(
        validate_choice=False, validators=[needed(lazy_gettext("Please choose at least one.")), on_list]
    )

    def __init__(self, answers: Answers, **more: Any) -> None:
        super().__init__(answers, **more)
        tops = [row for row in answers.categories if row.parent_id is None]
        self.what.choices = choices_of((row.key, category_name(row)) for row in tops)


class IfTicked:
    """Nothing is asked about a kind that was not ticked."""

    def __init__(self, group: str, key: str) -> None:
        self.group, self.key = group, key

    def __call__(self, form: Any, field: Any) -> None:
        if self.key not in (form[self.group].data or []):
            field.errors[:] = []
            raise StopValidation


def which_form(answers: Answers) -> type[StepForm]:
    """A form with the kinds of each category that was chosen, and how much of each."""
    fields: dict[str, Any] = {}
    for top in answers.tops:
        kinds = answers.kinds(top)
        if kinds:
            fields[f"kinds_{top.key}"] = kinds_field(top, kinds)
        for row in kinds or [top]:
            fields |= amount_fields(
                answers.kind, row, [IfTicked(f"kinds_{top.key}", row.key)] if kinds else []
            )
    return type("WhichForm", (StepForm,), fields)


def kinds_field(top: Category, kinds: list[Category]) -> Several:
    names = [(row.key, gettext("Any of these") if row is top else category_name(row)) for row in kinds]
    message = gettext("%(what)s: please choose at least one kind.", what=category_name(top))
    return Several(choices=choices_of(names), validate_choice=False, validators=[needed(message), on_list])


def amount_fields(kind: str, row: Category, first: list[Any]) -> dict[str, Any]:
    """How much, in the category's unit. A need: one number. An offer: two, each of which may stay empty."""
    if kind == "need":
        asked = InputRequired(gettext("How many? Please write a number, like 3."))
        return {f"many_{row.key}": count(gettext("How many?"), [*first, asked, between(1, MOST)], default=1)}
    limits = [*first, Optional(), between(1, MOST)]
    return {
        f"week_{row.key}": count(gettext("At most in a week"), limits),
        f"stock_{row.key}": count(gettext("At most in all"), limits),
    }


class WhereForm(StepForm):
    area = SelectField(lazy_gettext("Which area?"), validate_choice=False)

    def __init__(self, answers: Answers, areas: list[Area], **more: Any) -> None:
        super().__init__(answers, **more)
        self.area.choices = area_choices(areas)

    def validate_area(self, field: SelectField) -> None:
        if not field.data:
            raise ValidationError(gettext("Which area? You may also say that you would rather not say."))
        on_list(self, field)


class TravelForm(StepForm):
    travel = RadioField(
        lazy_gettext("Who goes to whom?"),
        validators=[needed(lazy_gettext("Who goes to whom? Please choose one."))],
    )
    reach = RadioField(
        lazy_gettext("How far can you go?"), choices=choices_of(REACHES), validate_choice=False
    )

    def __init__(self, answers: Answers, **more: Any) -> None:
        super().__init__(answers, **more)
        self.travel.choices = choices_of(TRAVEL[answers.kind])

    def validate_reach(self, field: RadioField) -> None:
        if self.travel.data not in ("come", "either"):
            field.data = None
        elif field.data not in dict(REACHES):
            raise ValidationError(gettext("How far can you go? Please choose one."))


class WhenForm(TimesForm, StepForm):
    def __init__(self, answers: Answers, **more: Any) -> None:
        super().__init__(answers, **more)
        if answers.kind == "offer":
            del self.urgency


class MattersForm(MattersFields, StepForm):
    def __init__(self, answers: Answers, **more: Any) -> None:
        super().__init__(answers, **more)
        self.traits.choices = choices_of(TRAITS_OF[answers.kind].items())
        if answers.kind == "offer":
            del self.interpreter, self.choose_for_me

    def fields(self) -> dict[str, Any]:
        return {"interpreter": False, "choose_for_me": False} | super().fields() | {"spoken": self.spoken()}


class ReachForm(StepForm):
    name = Line(
        lazy_gettext("What shall we call you?"),
        [needed(lazy_gettext("What shall we call you? Any name is fine.")), at_most(60), only_a_name],
        description=lazy_gettext("A first name or any name you like."),
        render_kw={"autocomplete": "given-name"},
    )
    reach = RadioField(
        lazy_gettext("How should we let you know?"),
        choices=choices_of(WAYS),
        validators=[needed(lazy_gettext("How should we let you know? Please choose one."))],
    )
    email = Email(lazy_gettext("Your email"), [at_most(200)], render_kw={"autocomplete": "email"})
    phone = Phone(lazy_gettext("Your phone number"), render_kw={"autocomplete": "tel", "inputmode": "tel"})
    hours = Several(
        lazy_gettext("When may we call?"),
        choices=hour_choices,
    )
    language = SelectField(lazy_gettext("Which language should we write in?"))
    website = Trap(lazy_gettext("Leave this empty"))

    def __init__(self, answers: Answers, **more: Any) -> None:
        super().__init__(answers, **more)
        spoken = [code for code in g.network.languages if code in LANGUAGES] or ["en"]
        self.language.choices = choices_of((code, LANGUAGES[code]) for code in spoken)

    def validate(self, **more: Any) -> bool:
        """Only the way that was chosen is looked at, and kept."""
        if self.reach.data != "email":
            self.email.data = ""
        if self.reach.data != "call":
            self.phone.data, self.hours.data = "", []
        return bool(super().validate(**more))

    def validate_email(self, field: Email) -> None:
        if self.reach.data == "email" and not field.data:
            raise ValidationError(gettext("What is your email?"))

    def validate_phone(self, field: Phone) -> None:
        if self.reach.data == "call" and not field.data:
            raise ValidationError(gettext("What is your phone number?"))

    def validate_hours(self, field: Several) -> None:
        if self.reach.data == "call" and not field.data:
            raise ValidationError(
                gettext("Choose at least one time, so that nobody rings when it is not safe.")
            )


def form_for(step: str, answers: Answers, areas: list[Area], data: dict[str, Any]) -> StepForm:
    """The form of a step, filled with what is known, or with what was just sent."""
    if step == "which":
        return which_form(answers)(answers, data=data)
    if step == "where":
        return WhereForm(answers, areas, data=data)
    simple: dict[str, type[StepForm]] = {
        "what": WhatForm,
        "travel": TravelForm,
        "when": WhenForm,
        "matters": MattersForm,
        "reach": ReachForm,
        "check": StepForm,
    }
    return simple[step](answers, data=data)
