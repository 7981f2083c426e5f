"""The patterns page: every part of the look once, made by the real macros. Shown in development and tests only."""

from flask import Blueprint, render_template
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import (
    BooleanField,
    DateField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TelField,
    TextAreaField,
)
from wtforms.validators import ValidationError

from mutualaid.forms import choices_of
from mutualaid.guard import public

bp = Blueprint("patterns", __name__)
CHOICES = [
    ("rides", "A ride"),
    ("groceries", "Groceries"),
    ("company", "Someone to talk to"),
    ("forms", "Filling in forms"),
]
REACH = [("1", "On foot"), ("4", "By bicycle"), ("0", "Anywhere in our areas")]
DAYS = [("mon", "Monday"), ("tue", "Tuesday"), ("wed", "Wednesday")]


class SampleForm(FlaskForm):
    """One field of each kind, none of them stored."""

    class Meta:
        csrf = False

    name = StringField("What shall we call you?", description="A first name or any name you like.")
    people = IntegerField("How many people?", render_kw={"class": "short"})
    area = SelectField("Area", choices=["Parkdale", "Bloordale"])
    day = DateField("Which day?")
    matters = TextAreaField("Anything that matters?", render_kw={"rows": 3})
    phone = TelField("Phone number")
    hours = SelectMultipleField("When may we call?", choices=choices_of(DAYS))
    days = SelectMultipleField("Which days?", choices=choices_of(DAYS))
    agree = BooleanField("Choose someone for me")
    need = RadioField("What do you need?", choices=choices_of(CHOICES))
    offer = SelectMultipleField("What can you do?", choices=choices_of(CHOICES))
    reach = RadioField("How far can you go?", choices=choices_of(REACH))

    def validate_phone(self, field: TelField) -> None:
        raise ValidationError("This has 9 digits and needs 10. Please add the one that is missing.")

    def validate_hours(self, field: SelectMultipleField) -> None:
        raise ValidationError("Choose at least one time, so that nobody rings when it is not safe.")


ANSWERS = MultiDict(
    [
        ("name", "Amina"),
        ("people", "4"),
        ("area", "Parkdale"),
        ("day", "2026-11-24"),
        ("matters", "Second floor, no lift. The dog is friendly."),
        ("phone", "416 555 017"),
        ("days", "tue"),
        ("agree", "y"),
        ("need", "rides"),
        ("offer", "groceries"),
        ("offer", "company"),
        ("reach", "1"),
    ]
)


@bp.get("/patterns")
@public
def show() -> str:
    form = SampleForm(formdata=ANSWERS)
    form.validate()
    return render_template("patterns.html", form=form)
