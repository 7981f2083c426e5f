"""Every kind of notice that the code ever owes has words, in every language, and they give nothing away."""

import ast
import re
from collections.abc import Iterator

import pytest
from flask import Flask
from flask_babel import force_locale

from mutualaid.config import LANGUAGES, ROOT
from mutualaid.notices import words
from mutualaid.notices.outbox import NOT_WORTH_A_CALL

LINK = "https://aid.example.org/garrison/link/abc"
# A subject or a text that says one of these tells whoever looks at the phone what it is about.
TELLING = r"\b(help\w*|need\w*|offer\w*|request\w*|volunteer\w*|food|money|rides?|visits?|neighbou?rs?|aid)\b"


def calls_of_owe() -> Iterator[ast.Call]:
    """But for the outbox's own, which passes on what it was given."""
    for path in sorted((ROOT / "mutualaid").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            owes = isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", ""))
            if owes in ("owe", "owe_once") and path.stem != "outbox":
                yield node


def kinds_of(call: ast.Call) -> list[str]:
    """Its second argument is a word, or one that ends in the kind of a post."""
    kind = call.args[1]
    if isinstance(kind, ast.Constant):
        return [str(kind.value)]
    assert isinstance(kind, ast.JoinedStr), ast.dump(kind)
    start, end = kind.values
    assert isinstance(start, ast.Constant), ast.dump(kind)
    assert re.search(r"\b(kind|side)}", ast.unparse(end)), ast.unparse(end)
    return [f"{start.value!s}{side}" for side in ("need", "offer")]


def is_by_email_only(call: ast.Call) -> bool:
    channel = next((word.value for word in call.keywords if word.arg == "channel"), None)
    return isinstance(channel, ast.Constant) and channel.value == "email"


KINDS = sorted({kind for call in calls_of_owe() for kind in kinds_of(call)})
CALLED = sorted(
    {kind for call in calls_of_owe() if not is_by_email_only(call) for kind in kinds_of(call)}
    - NOT_WORTH_A_CALL
)


def letter(kind: str, language: str = "en", number: int = 2) -> str:
    with force_locale(language):
        return words.letter(kind, link=LINK, network="Garrison Creek", until="Tuesday at ten", number=number)


def test_kinds_are_found_in_the_code() -> None:
    assert {
        "proposed_need",
        "still_offer",
        "expired_need",
        "reset",
        "link_again",
        "digest",
        "mandate_ends",
        "second_reset",
    } <= set(KINDS)
    assert "digest" not in CALLED


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_kind_has_words_in_every_language(app: Flask, kind: str, language: str) -> None:
    text = letter(kind, language)
    assert len(text) > 120
    assert not re.search(r"%\(|\{", text)
    with force_locale(language):
        assert words.subject() != ""
        assert words.about(kind) != ""


@pytest.mark.parametrize("kind", CALLED)
def test_kind_that_may_be_a_call_says_what_to_say(app: Flask, kind: str) -> None:
    with force_locale("en"):
        assert words.call_words(kind).endswith(".")


@pytest.mark.parametrize("kind", KINDS)
def test_words_give_nothing_away(app: Flask, kind: str) -> None:
    with force_locale("en"):
        text = words.subject() + letter(kind).replace(LINK, "")
    assert re.findall(TELLING, text, re.IGNORECASE) == []


def test_words_that_give_something_away_would_be_found() -> None:
    assert re.findall(TELLING, "A neighbour needs food", re.IGNORECASE) == ["neighbour", "needs", "food"]


@pytest.mark.parametrize("kind", KINDS)
def test_letter_has_its_link_once_and_alone_at_the_end_of_a_line(app: Flask, kind: str) -> None:
    assert [line for line in letter(kind).splitlines() if LINK in line and line.endswith(LINK)] != []
    assert letter(kind).count(LINK) == 1


@pytest.mark.parametrize("kind", ["proposed_need", "proposed_offer", "page_ends", "mandate_ends"])
def test_letter_says_until_when(app: Flask, kind: str) -> None:
    assert "Tuesday at ten" in letter(kind)


def test_digest_counts(app: Flask) -> None:
    assert "There is 1 new thing on your page" in letter("digest", number=1)
    assert "There are 3 new things on your page" in letter("digest", number=3)


def test_text_is_easy_to_read(app: Flask) -> None:
    """Short sentences of short words: by the Flesch-Kincaid formula a child of nine reads them (grade 4)."""
    with force_locale("en"):
        text = " ".join(words.text(kind, until="Tuesday", number=2) for kind in KINDS)
    sentences = len(re.findall(r"[.!?:]", text))
    spoken = re.findall(r"[A-Za-z']+", text)
    syllables = sum(max(1, len(re.findall(r"[aeiouy]+", word.lower().rstrip("e")))) for word in spoken)
    assert 0.39 * len(spoken) / sentences + 11.8 * syllables / len(spoken) - 15.59 < 4
