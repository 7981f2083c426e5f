"""The choices of posting, and what was answered, in the words of whoever posts."""

from dataclasses import dataclass, field

from flask_babel import gettext, lazy_gettext

from mutualaid.aid.answers import Answers, times_of
from mutualaid.aid.lifecycle import Said
from mutualaid.aid.models import Category
from mutualaid.aid.words.posts import category_name, languages_words, unit_words
from mutualaid.aid.words.times import PARTS_EACH, when_words
from mutualaid.aid.words.units import FEW, public_count

TRAVEL = {
    "need": (
        ("host", lazy_gettext("They come to me")),
        ("come", lazy_gettext("I can come")),
        ("either", lazy_gettext("Either way is fine")),
    ),
    "offer": (
        ("come", lazy_gettext("I come to them")),
        ("host", lazy_gettext("They come to me")),
        ("either", lazy_gettext("Either way is fine")),
    ),
}
REACHES = (
    ("1", lazy_gettext("On foot, about 1 km")),
    ("4", lazy_gettext("By bicycle, about 4 km")),
    ("10", lazy_gettext("By car, about 10 km")),
    ("any", lazy_gettext("Anywhere in our areas")),
)
URGENCIES = (
    ("2", lazy_gettext("Today")),
    ("1", lazy_gettext("This week")),
    ("0", lazy_gettext("It can wait")),
)
WAYS = (
    ("email", lazy_gettext("Email")),
    ("call", lazy_gettext("Phone call")),
    ("none", lazy_gettext("Neither: I will look with my code")),
)
TRAITS_OF = {
    "need": {
        "vehicle": lazy_gettext("A car or van"),
        "lifting": lazy_gettext("Someone who can lift"),
        "step_free": lazy_gettext("A way without steps"),
        "woman": lazy_gettext("A woman only"),
        "no_pets": lazy_gettext("No pets"),
        "no_smoke": lazy_gettext("Nobody who smokes"),
    },
    "offer": {
        "vehicle": lazy_gettext("I have a car or van"),
        "lifting": lazy_gettext("I can lift"),
        "step_free": lazy_gettext("No steps where I am"),
        "woman": lazy_gettext("I am a woman"),
        "no_pets": lazy_gettext("I have no pets"),
        "no_smoke": lazy_gettext("I do not smoke"),
    },
}
PART_KEYS = ("morning", "afternoon", "evening")


@dataclass(frozen=True)
class Told:
    """One line of the check: which step it came from, what it is about, and what was said."""

    step: str
    about: str
    lines: list[str] = field(default_factory=list)


def told(answers: Answers, area: str | None) -> list[Told]:
    """Everything that was answered, to be read once more before it is sent. `area`: its name."""
    parts = {
        "which": lambda: (
            _asked_for(answers.kind),
            [amount_line(row, said) for row, said in answers.posts],
        ),
        "where": lambda: (gettext("Where"), [area or gettext("You would rather not say")]),
        "travel": lambda: (gettext("Who goes to whom"), _travel(answers)),
        "when": lambda: (gettext("When"), _when(answers)),
        "matters": lambda: (gettext("What matters"), _matters(answers)),
        "reach": lambda: (gettext("How we reach you"), _reach(answers)),
    }
    return [Told(step, *parts[step]()) for step in answers.steps if step in parts]


def _asked_for(kind: str) -> str:
    return str(gettext("You ask for") if kind == "need" else gettext("You can give"))


def amount_line(row: Category, said: Said) -> str:
    """ "Groceries: 3 boxes"; an offer without a limit says so."""
    if said.kind == "need":
        return f"{category_name(row)}: {unit_words(row.unit, said.quantity)}"
    limits = []
    if said.per_week is not None:
        limits.append(gettext("%(amount)s a week", amount=unit_words(row.unit, said.per_week)))
    if said.stock is not None:
        limits.append(gettext("%(amount)s in all", amount=unit_words(row.unit, said.stock)))
    return f"{category_name(row)}: {', '.join(limits) or gettext('no limit')}"


def _travel(answers: Answers) -> list[str]:
    how = answers.of("travel")
    lines = [str(dict(TRAVEL[answers.kind])[how["travel"]])]
    return lines if how["travel"] == "host" else [*lines, str(dict(REACHES)[how["reach"]])]


def _when(answers: Answers) -> list[str]:
    when = answers.of("when")
    lines = [str(dict(URGENCIES)[when["urgency"]])] if answers.kind == "need" else []
    return [*lines, capital(when_words(times_of(when), None, answers.until_day))]


def _matters(answers: Answers) -> list[str]:
    matters = answers.of("matters")
    spoken = languages_words(matters["spoken"])
    lines = [gettext("You speak %(languages)s", languages=spoken)] if spoken else []
    if matters["interpreter"]:
        lines.append(gettext("Whoever helps must speak one of these"))
    if matters["traits"]:
        lines += [str(TRAITS_OF[answers.kind][trait]) for trait in matters["traits"]]
    if matters["details"]:
        lines.append(matters["details"])
    if matters["choose_for_me"]:
        lines.append(gettext("We choose someone for you"))
    return lines or [gettext("Nothing more")]


def _reach(answers: Answers) -> list[str]:
    reach = answers.of("reach")
    value = {"email": reach["email"], "call": reach["phone"], "none": ""}[reach["reach"]]
    way = str(dict(WAYS)[reach["reach"]])
    lines = [reach["name"], f"{way}: {value}" if value else way]
    return [*lines, capital(hours_words(", ".join(reach["hours"])))] if reach["reach"] == "call" else lines


def around_words(row: Category, number: int) -> str:
    """ "A ride: 10 or more". Few and none read the same, and so do 10 and 14: whoever counts what they are shown must
    not find that somebody keeps away from them."""
    much = gettext("%(most)s or more", most=number // FEW * FEW) if number >= FEW else public_count(number)
    return f"{category_name(row)}: {much}"


def hours_words(hours: str) -> str:
    """When it is safe to call: "mornings, evenings", from the parts of the day that a person keeps."""
    words = dict(zip(PART_KEYS, PARTS_EACH, strict=True))
    return ", ".join(words[part]() if part in words else part for part in hours.split(", "))


def capital(text: str) -> str:
    return text[:1].upper() + text[1:]
