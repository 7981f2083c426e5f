"""What a coordinator is asked before an act that needs an answer. Each form is a page of its own."""

from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext
from wtforms import BooleanField, RadioField, SelectField
from wtforms.validators import InputRequired

from mutualaid.aid.lifecycle.table import RELEASE_REASONS
from mutualaid.aid.models import Match, Post
from mutualaid.aid.post_fields import within_three_months
from mutualaid.aid.words import release_reason_words, title, where_words
from mutualaid.forms import (
    BaseForm,
    Count,
    Day,
    Line,
    Words,
    at_most,
    between,
    choices_of,
    needed,
    number_needed,
)

LOOK_WORDS = {
    "call": lazy_gettext("to call about this"),
    "unclear": lazy_gettext("something is unclear"),
    "asked": lazy_gettext("they asked me to"),
    "safety": lazy_gettext("I worry about them"),
}


def one_of(label: Any, choices: Sequence[tuple[str, Any]] = ()) -> RadioField:
    return RadioField(
        label, choices=choices_of(choices), validators=[InputRequired(lazy_gettext("Please choose one."))]
    )


class HoldForm(BaseForm):
    """To call back, or nobody answered; and the day to try again."""

    intake = one_of(
        lazy_gettext("What happened?"),
        [
            ("no_answer", lazy_gettext("Nobody answered")),
            ("call_back", lazy_gettext("They want to be called later")),
        ],
    )
    until = Day(lazy_gettext("Try again on"), validators=[needed(), within_three_months])


class ReferForm(BaseForm):
    to = Line(lazy_gettext("Which group?"), validators=[needed(), at_most(200)])
    consent = BooleanField(
        lazy_gettext("They said yes to this"),
        validators=[needed(lazy_gettext("Please ask them first. Nothing is passed on without their yes."))],
    )


class DuplicateForm(BaseForm):
    of = one_of(lazy_gettext("Which one stays?"))

    def offering(self, posts: list[Post]) -> "DuplicateForm":
        self.of.choices = choices_of((str(post.id), _named(post)) for post in posts)
        return self


def _named(post: Post) -> str:
    return f"{title(post)} · {post.person.name} · {where_words(post)}"


class ReleaseForm(BaseForm):
    """The reasons are said in the words of whoever lets go."""

    reason = one_of(lazy_gettext("What did they say?"))

    def with_reasons(self) -> "ReleaseForm":
        self.reason.choices = choices_of((reason, release_reason_words(reason)) for reason in RELEASE_REASONS)
        return self


class GivenForm(BaseForm):
    given = Count(lazy_gettext("How many?"), render_kw={"class": "short"})

    def up_to(self, match: Match) -> "GivenForm":
        self.given.validators = [number_needed(), between(1, match.promised)]
        if not self.is_submitted():
            self.given.data = match.promised
        return self


class DisputeForm(BaseForm):
    note = Words(lazy_gettext("What did they say?"), validators=[at_most(1000)])


class ResolveForm(BaseForm):
    to = one_of(
        lazy_gettext("Did it come?"),
        [("confirmed", lazy_gettext("Yes, it came")), ("released", lazy_gettext("No, it did not come"))],
    )
    given = Count(lazy_gettext("If it came: how many?"), render_kw={"class": "short"})
    note = Words(lazy_gettext("What did they say?"), validators=[at_most(1000)])

    up_to = GivenForm.up_to


class AddressForm(BaseForm):
    address = Words(lazy_gettext("Where to come"), validators=[needed(), at_most(300)])


class LookForm(BaseForm):
    reason = SelectField(lazy_gettext("Why?"), choices=choices_of(LOOK_WORDS.items()))
