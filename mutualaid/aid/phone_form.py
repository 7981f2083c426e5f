"""What a coordinator fills in with someone on the line: everything on one page, in the words to read out."""

from collections.abc import Callable
from typing import Any

from flask import g
from flask_babel import gettext, lazy_gettext
from wtforms import BooleanField, HiddenField, RadioField, SelectField
from wtforms.validators import InputRequired, Optional, StopValidation, ValidationError

from mutualaid.aid.answers import FAR, NOT_SAID
from mutualaid.aid.lifecycle import Said
from mutualaid.aid.models import Category
from mutualaid.aid.post_fields import (
    MOST,
    MattersFields,
    TimesForm,
    area_choices,
    categories_in_order,
    count,
    hour_choices,
    within_three_months,
)
from mutualaid.aid.words.asked import REACHES, capital
from mutualaid.aid.words.posts import ASKED_TRAITS
from mutualaid.db import db
from mutualaid.forms import Day, Line, Phone, Several, at_most, between, choices_of, needed
from mutualaid.people.access import TooManyMisses, try_code
from mutualaid.people.models import Person
from mutualaid.places.models import Area
from mutualaid.sealed import keyring

SOMEBODY_ELSE = "new"
FIRST = {"kind": "need", "many": 1, "urgency": "1", "area": NOT_SAID, "reach": "any", "intake": "ready"}


KINDS = (("need", lazy_gettext("They need something")), ("offer", lazy_gettext("They can help")))
TRAVEL = (
    ("host", lazy_gettext("Others come to them")),
    ("come", lazy_gettext("They go there")),
    ("either", lazy_gettext("Either way is fine")),
)
INTAKE = (
    ("ready", lazy_gettext("It is clear: helpers may see it now")),
    ("call_back", lazy_gettext("Call back first: nobody else sees it until then")),
)


def only_for(kind: str) -> Callable[[Any, Any], None]:
    """Nothing is asked of the other kind."""

    def check(form: Any, field: Any) -> None:
        if form.kind.data != kind:
            field.errors[:] = []
            raise StopValidation

    return check


class CallerForm(TimesForm, MattersFields):
    known: Person | None = None  # whose code it is

    once = HiddenField(render_kw={"id": None})  # the draft's: however often this is sent, one post is made
    code = Line(
        lazy_gettext("Do you have a code?"),
        [at_most(20)],
        description=lazy_gettext(
            "With it this goes with the rest of theirs, and you need not ask who they are."
        ),
        render_kw={"autocomplete": "off", "class": "short"},
    )
    name = Line(
        lazy_gettext("What shall we call you?"),
        [at_most(60)],
        render_kw={"autocomplete": "off"},
    )
    phone = Phone(
        lazy_gettext("Your phone number"),
        description=lazy_gettext(
            "Empty for a caller without a phone of their own: then you answer for them."
        ),
        render_kw={"autocomplete": "off", "inputmode": "tel"},
    )
    hours = Several(
        lazy_gettext("When is it safe to call?"),
        choices=hour_choices,
    )
    same = RadioField(lazy_gettext("Do we know this caller already?"), validate_choice=False)
    kind = RadioField(
        lazy_gettext("What is it?"),
        choices=choices_of(KINDS),
    )
    category = SelectField(lazy_gettext("What is it about?"), validate_choice=False)
    many = count(
        lazy_gettext("How many?"),
        [
            only_for("need"),
            InputRequired(lazy_gettext("How many? Please write a number, like 3.")),
            between(1, MOST),
        ],
    )
    week = count(lazy_gettext("At most in a week"), [only_for("offer"), Optional(), between(1, MOST)])
    stock = count(lazy_gettext("At most in all"), [only_for("offer"), Optional(), between(1, MOST)])
    area = SelectField(lazy_gettext("Which area?"))
    travel = RadioField(
        lazy_gettext("Who goes to whom?"),
        choices=choices_of(TRAVEL),
        validators=[needed(lazy_gettext("Who goes to whom? Please choose one."))],
    )
    reach = SelectField(lazy_gettext("How far can you go?"), choices=choices_of(REACHES))
    interpreter = BooleanField(lazy_gettext("They need someone who speaks one of these"))
    choose_for_me = BooleanField(
        lazy_gettext("Choose someone for them"),
        description=lazy_gettext("They say yes beforehand. Nobody has to call them first."),
    )
    intake = RadioField(
        lazy_gettext("What happens now?"),
        choices=choices_of(INTAKE),
    )
    call_on = Day(lazy_gettext("Call back on"), [Optional(), within_three_months])

    def about(self, categories: list[Category], areas: list[Area]) -> "CallerForm":
        named = ((str(category_id), name) for category_id, name in categories_in_order(categories))
        self.category.choices = choices_of([("", gettext("Please choose")), *named])
        self.area.choices = area_choices(areas)[1:]
        self.traits.choices = choices_of((trait, capital(word())) for trait, word in ASKED_TRAITS.items())
        return self

    def validate_code(self, field: Line) -> None:
        """Misses are counted for the member: only who holds a code learns whose it is."""
        if not field.data:
            return
        member = keyring.digest(str(g.actor.person_id), "phone_code", g.network.id)
        try:
            self.known = try_code(g.network.id, field.data, kind="phone_code", who=member, now=g.now)
        except TooManyMisses:
            raise ValidationError(
                gettext("Too many codes opened nothing. Leave it empty and ask for a name, or wait an hour.")
            ) from None
        db.session.commit()
        if self.known is None:
            raise ValidationError(
                gettext("This code opens nothing here. Ask them to say it again, or leave it empty.")
            )

    def validate_name(self, field: Line) -> None:
        if not field.data and not self.code.data:
            raise ValidationError(gettext("What shall we call them? Any name is fine."))

    def validate_category(self, field: SelectField) -> None:
        if not field.data or field.data not in {choice.value for choice in field.choices}:
            raise ValidationError(gettext("What is it about? Please choose one."))

    def validate_intake(self, field: RadioField) -> None:
        if field.data == "call_back" and not self.call_on.data:
            raise ValidationError(gettext("On which day shall we call back?"))

    @property
    def area_id(self) -> int | None:
        return None if self.area.data == NOT_SAID else int(self.area.data)

    def said(self, category: Category) -> Said:
        """What the caller said, as a post says it."""
        need = self.kind.data == "need"
        amount: dict[str, Any] = (
            {"quantity": self.many.data} if need else {"per_week": self.week.data, "stock": self.stock.data}
        )
        return Said(
            kind=self.kind.data,
            category_id=category.id,
            area_id=self.area_id,
            travel=self.travel.data,
            reach_km=None if self.travel.data == "host" else FAR[self.reach.data],
            times=self.chosen_times(),
            until_day=self.until.data,
            urgency=int(self.urgency.data) if need else 0,
            languages=tuple(self.spoken()),
            interpreter=need and self.interpreter.data,
            traits=tuple(self.traits.data or ()),
            choose_for_me=need and self.choose_for_me.data,
            details=self.details.data or "",
            **amount,
        )
