"""Words: every sentence of the code and the templates can be translated, and is, in every language that is shipped."""

import io
import re
from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po
from bs4 import BeautifulSoup, NavigableString
from flask import g
from flask_babel import force_locale, ngettext
from jinja2 import Environment, nodes
from wtforms import StringField
from wtforms.validators import InputRequired

from mutualaid.aid.words import day_words, times_words, unit_words
from mutualaid.config import LANGUAGES, ROOT
from mutualaid.forms import BaseForm, Line, needed
from mutualaid.notices.words import dated
from tests.factories import NOW
from tests.pages import addresses, enter, make_town

TRANSLATIONS = ROOT / "translations"
SHIPPED = [code for code in LANGUAGES if code != "en"]
LAZY = {"lazy_gettext": None, "lazy_ngettext": (1, 2)}
FOR_BUILDERS = {"/patterns"}
TEMPLATES = [
    path for path in sorted((ROOT / "templates").rglob("*.html")) if f"/{path.stem}" not in FOR_BUILDERS
]
PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]")
WORD = re.compile(r"(?<![\w-])[^\W\d_]{2}")
SENTENCE = re.compile(r"[A-Z][^_]* |[A-Z].*[.?!:]$")
ENGLISH = re.compile(r"\b(the|your|you|and|is|are|not|with|it|they|this|for|from|please)\b", re.IGNORECASE)
SAID = {"_", "gettext", "ngettext"}
CLASSES = {"body_class", "main_class"}
READ_OUT = ("aria-label", "title", "alt", "placeholder")


@cache
def sources() -> frozenset[str | tuple[str, ...]]:
    """Whatever `make words` finds in the code and the templates."""
    with (TRANSLATIONS / "babel.cfg").open() as mapping:
        methods, options = parse_mapping_cfg(mapping)
    found = extract_from_dir(ROOT, methods, options, keywords=DEFAULT_KEYWORDS | LAZY)
    return frozenset(message for _file, _line, message, _comments, _context in found)


def catalog(language: str) -> Catalog:
    with (TRANSLATIONS / language / "LC_MESSAGES" / "messages.po").open("rb") as po:
        return read_po(po, locale=language)


def messages(language: str) -> Iterator[Message]:
    return (message for message in catalog(language) if message.id)


def forms(text: str | tuple[str, ...] | list[str]) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text)


def bare(env: Environment, source: str) -> list[str]:
    """The words of a template that nobody can translate: in its text, in what is read out, or given to a macro."""
    tree = env.parse(source)
    page = BeautifulSoup("".join(text_of(tree)), "html.parser")
    for tag in page.find_all(["kbd", "script"]) + page.find_all(translate="no"):
        tag.decompose()
    texts = [text.strip() for text in page.find_all(string=True) if type(text) is NavigableString]
    texts += [tag[name] for tag in page.find_all() for name in READ_OUT if tag.get(name)]
    return [text for text in texts if WORD.search(text)] + sentences(tree)


def text_of(node: nodes.Node) -> list[str]:
    """What a template writes itself, without its expressions and the names of classes."""
    if isinstance(node, nodes.Block) and node.name in CLASSES:
        return []
    if isinstance(node, nodes.TemplateData):
        return [node.data]
    return [text for child in node.iter_child_nodes() for text in text_of(child)]


def sentences(node: nodes.Node) -> list[str]:
    """Constants that look like words for people and stand in no `_()`."""
    if isinstance(node, nodes.Call) and isinstance(node.node, nodes.Name) and node.node.name in SAID:
        return []
    if isinstance(node, nodes.Const) and isinstance(node.value, str):
        return [node.value] if SENTENCE.match(node.value) else []
    return [words for child in node.iter_child_nodes() for words in sentences(child)]


def english(page: bytes) -> list[str]:
    """English words in what a page shows or has read out."""
    soup = BeautifulSoup(page, "html.parser")
    for tag in soup.find_all("script") + soup.find_all("button", lang=True):
        tag.decompose()
    shown = soup.get_text(" ") + " ".join(
        tag[name] for tag in soup.find_all() for name in READ_OUT if tag.get(name)
    )
    return [found.group() for found in ENGLISH.finditer(shown)]


def test_extraction_finds_code_and_templates() -> None:
    assert {"I need something", "Please fill this in.", ("%(num)s box", "%(num)s boxes")} <= sources()


@pytest.mark.parametrize("language", SHIPPED)
def test_every_string_has_its_place_in_the_catalog(language: str) -> None:
    standing = {
        message.id if isinstance(message.id, str) else tuple(message.id) for message in messages(language)
    }
    assert sorted(map(str, sources() - standing)) == [], "run `make words` and translate these"


@pytest.mark.parametrize("language", SHIPPED)
def test_every_string_is_translated_and_none_is_a_guess(language: str) -> None:
    plurals = catalog(language).num_plurals
    assert [
        message.id
        for message in messages(language)
        if message.fuzzy
        or not all(forms(message.string))
        or len(forms(message.string)) != (1 if isinstance(message.id, str) else plurals)
    ] == []


@pytest.mark.parametrize("language", SHIPPED)
def test_every_translation_fills_the_same_places(language: str) -> None:
    assert [
        message.id
        for message in messages(language)
        for form in forms(message.string)
        if set(PLACEHOLDER.findall(form)) != set(PLACEHOLDER.findall(forms(message.id)[-1]))
    ] == []


@pytest.mark.parametrize("language", SHIPPED)
def test_translations_bring_no_markup(language: str) -> None:
    assert [
        message.id for message in messages(language) if re.search(r"[<>&]", "".join(forms(message.string)))
    ] == []


@pytest.mark.parametrize("language", SHIPPED)
def test_compiled_catalog_is_the_written_one(language: str) -> None:
    compiled = io.BytesIO()
    write_mo(compiled, catalog(language))
    compiled.seek(0)
    path = TRANSLATIONS / language / "LC_MESSAGES" / "messages.mo"
    with path.open("rb") as shipped:
        told, wanted = ({str(m.id): m.string for m in read_mo(file) if m.id} for file in (shipped, compiled))
    assert told == wanted, "run `make words`"


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT / "templates")))
def test_template_says_nothing_that_cannot_be_translated(app, path: Path) -> None:
    assert bare(app.jinja_env, path.read_text()) == []


def test_template_rule_finds_what_it_is_for(app) -> None:
    planted = """
        <p class="lead small">{{ _("Well said") }} Plain words</p>{% if x %}<b>Other words</b>{% endif %}
        <a href="#" aria-label="Read out">{{ i("back", "flip") }}{{ note("now", "A bare sentence.", "") }}</a>
        <kbd>Enter</kbd> <p translate="no">garrison</p> <p>{{ ngettext("One thing", "%(num)s things", n) }} · 7</p>
    """
    assert bare(app.jinja_env, planted) == ["Plain words", "Other words", "Read out", "A bare sentence."]


@pytest.mark.once
@pytest.mark.parametrize("who", ["public", "amina", "dee", "bo", "ines"])
def test_no_page_speaks_english_to_those_who_chose_spanish(app, client, who: str) -> None:
    town = make_town()
    visitor = enter(client, town, who)
    with visitor.session_transaction() as session:
        session["language"] = "es"
    for address in sorted({*addresses(town)[who], "/nobody/here"} - FOR_BUILDERS):
        answer = visitor.get(address, follow_redirects=True)
        assert BeautifulSoup(answer.data, "html.parser").html["lang"] == "es", address
        assert (address, english(answer.data)) == (address, [])


def test_page_in_english_would_be_found(app, client) -> None:
    town = make_town()
    assert {"you", "and", "for"} <= set(english(client.get(f"/{town.network.slug}/").data))


class Asked(BaseForm):
    name = Line(validators=[needed()])
    kind = StringField(validators=[InputRequired()])


@pytest.mark.parametrize(
    ("language", "own", "built_in"),
    [
        ("en", "Please fill this in.", "This field is required."),
        ("es", "Escribe algo aquí.", "Este campo es obligatorio."),
    ],
)
def test_errors_of_forms_are_in_the_language_of_the_request(
    app, language: str, own: str, built_in: str
) -> None:
    with app.test_request_context(method="POST"), force_locale(language):
        form = Asked(meta={"csrf": False})
        assert not form.validate()
        assert (form.name.errors, form.kind.errors) == ([own], [built_in])


def test_numbers_days_and_times_are_in_the_language_of_the_request(app) -> None:
    with app.test_request_context():
        g.now = NOW
        with force_locale("es"):
            assert [unit_words("boxes", n) for n in (0, 1, 2)] == ["0 cajas", "1 caja", "2 cajas"]
            assert ngettext("%(num)s day", "%(num)s days", 1) == "1 día"
            assert day_words(date(2026, 11, 26)) == "jueves 26 de noviembre"
            assert day_words(date(2028, 3, 1)) == "1 de marzo de 2028"
            assert times_words(0b001_001_001) == "lunes, martes, miércoles por la mañana"
            assert dated(NOW, "America/Toronto") == "lunes, 23 de noviembre de 2026, 10:00"
        with force_locale("en"):
            assert day_words(date(2026, 11, 26)) == "Thursday 26 November"
