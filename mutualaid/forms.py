"""The base form and the fields that several forms share. Forms check answers and never save."""

import unicodedata
from collections.abc import Iterable
from datetime import date
from typing import Any

from flask import g
from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from wtforms import (
    DateField,
    EmailField,
    IntegerField,
    SelectMultipleField,
    StringField,
    TelField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import (
    DataRequired,
    InputRequired,
    Length,
    NumberRange,
    StopValidation,
    ValidationError,
)

from mutualaid.normal import normal_email, normal_phone, region_of
from mutualaid.signs import way_in_name


class BaseForm(FlaskForm):
    """Every form: its token against forgery, and answers that stay when something is missing."""


class Line(StringField):
    """Words on one line."""

    def process_formdata(self, valuelist: list[str]) -> None:
        if valuelist:
            self.data = " ".join(printable(valuelist[0]).split())


class Words(TextAreaField):
    """Words on several lines."""

    def process_formdata(self, valuelist: list[str]) -> None:
        if valuelist:
            self.data = printable(valuelist[0].replace("\r\n", "\n")).strip()


class Email(EmailField):
    """An email, in lower case once it is one. Empty stays empty."""

    data: str

    def pre_validate(self, form: Any) -> None:
        self.data = (self.data or "").strip()
        normal = normal_email(self.data)
        if self.data and normal is None:
            raise StopValidation(
                gettext("This does not look like an email. Emails look like rosa@example.org.")
            )
        self.data = normal or ""


class Phone(TelField):
    """A phone number: `data` as it was typed, `e164` as it is called ("" when empty)."""

    data: str
    e164 = ""

    def pre_validate(self, form: Any) -> None:
        self.data = " ".join(printable(self.data or "").split())
        region = region_of(g.network.timezone) if g.get("network") else None
        self.e164 = (normal_phone(self.data, region) or "") if len(self.data) <= 40 else ""
        if self.data and not self.e164:
            raise StopValidation(
                gettext("This does not look like a phone number. Write it with its area code.")
            )


class Trap(StringField):
    """A line that people do not see. Programs fill in every line; a browser that did so by itself shows it."""

    def pre_validate(self, form: Any) -> None:
        if self.data:
            raise StopValidation(gettext("Please empty this line. It is only there to stop programs."))


class Several(SelectMultipleField):
    """Some of what is offered. Each counts once, however often a form says it."""

    def process_formdata(self, valuelist: list[str]) -> None:
        super().process_formdata(list(dict.fromkeys(valuelist)))


class Count(IntegerField):
    """A whole number."""

    def process_formdata(self, valuelist: list[str]) -> None:
        typed = valuelist[0].strip() if valuelist else ""
        self.data = None
        if typed:
            try:
                self.data = int(typed)
            except ValueError:
                raise ValueError(gettext("Please write a number, like 3.")) from None


class Day(DateField):
    """A day; empty is none. Takes what a draft has kept, "2026-11-24", as well as a date."""

    def process_data(self, value: Any) -> None:
        self.data = date.fromisoformat(value) if isinstance(value, str) and value else value or None

    def process_formdata(self, valuelist: list[str]) -> None:
        typed = valuelist[0].strip() if valuelist else ""
        self.data = None
        if typed:
            try:
                self.data = date.fromisoformat(typed)
            except ValueError:
                raise ValueError(gettext("Please write a day, like 2026-11-24.")) from None


def needed(message: Any = None) -> DataRequired:
    """Something has to be answered here."""
    return DataRequired(message or lazy_gettext("Please fill this in."))


def number_needed() -> InputRequired:
    """A number has to stand here; 0 is one, and whether it fits is said by `between`."""
    return InputRequired(lazy_gettext("Please fill this in."))


def at_most(letters: int) -> Length:
    return Length(max=letters, message=lazy_gettext("This is too long. There is room for %(max)d letters."))


def only_a_name(_form: Any, field: Line) -> None:
    """It is shown before both have said yes, and no coordinator reads it first: no way to reach somebody in it."""
    if field.errors:  # it may be far too long to be looked at
        return
    name = unicodedata.normalize("NFKC", field.data or "")
    if way_in_name(name) or any(sign in name for sign in "@_") or sum(map(str.isdecimal, name)) > 4:
        raise ValidationError(gettext("Please write only a name here: no number and no link."))


def between(least: int, most: int) -> NumberRange:
    return NumberRange(least, most, lazy_gettext("Please write a number from %(min)s to %(max)s."))


def number_in(text: str, most: int = 2**63 - 1) -> int | None:
    """The whole number that an address or a form carries; None for what is none, or more than `most`."""
    found = (
        int(text) if text.isascii() and text.isdecimal() and len(text) < 20 else None
    )  # "²" is a digit, too
    return found if found is not None and found <= most else None


def printable(text: str) -> str:
    """Without control characters, which no database needs and PostgreSQL refuses."""
    return "".join(c for c in text if c in "\n\t" or unicodedata.category(c) != "Cc")


def choices_of(pairs: Iterable[tuple[Any, Any]]) -> list[SelectChoice]:
    """What a field offers, from (value, words) pairs."""
    return [SelectChoice(value, label) for value, label in pairs]
