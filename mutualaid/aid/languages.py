"""Languages by the names that people give them: "Kreyòl", "Haitian Creole", "criollo haitiano" are one."""

import unicodedata
from functools import cache

from babel import Locale
from babel.localedata import locale_identifiers

ABOUT_NO_LANGUAGE = {"mul", "und", "zxx", "root"}
ALSO = {
    "farsi": "fa",
    "dari": "fa",
    "mandarin": "zh",
    "tagalog": "fil",
    "patois": "jam",
    "creole": "ht",
    "criollo": "ht",
}
# Offered while one types; every other one that has a name is understood too.
COMMON = (
    "am ar bn bo cs zh da de el en es fa fi fil fr gu ha he hi ht hu hy id ig it ja ka km ko ku lo ln ml mn mr my ne nl"
    " pa pl ps pt qu ro ru rw si sk so sq sr sv sw ta te th ti tr tw uk ur uz vi wo yo yue zu"
)


def code_of(name: str, language: str = "en") -> str | None:
    """The code of a language named in itself, in English or in `language`; None when nobody calls one so."""
    wanted = plain(name)
    return (
        ALSO.get(wanted)
        or _names_in(language).get(wanted)
        or _names_in("en").get(wanted)
        or _own_names(COMMON).get(wanted)
        or _own_names().get(wanted)
    )


def own_name(code: str) -> str | None:
    """What its speakers call it."""
    if code not in locale_identifiers():
        return None
    name = Locale.parse(code).languages.get(code)
    return name[:1].upper() + name[1:] if name else None


@cache
def common_names() -> list[str]:
    """To choose from while typing, in their own words and letters."""
    return sorted(name for code in COMMON.split() if (name := own_name(code)))


def plain(name: str) -> str:
    """Without accents, capitals and what stands beside the letters, so that "kreyol" finds "Kreyòl"."""
    letters = unicodedata.normalize("NFKD", name.casefold())
    return "".join(c for c in letters if c.isalnum() or unicodedata.category(c) == "Mc")


@cache
def _names_in(language: str) -> dict[str, str]:
    names = Locale.parse(language).languages.items()
    return {plain(name): code for code, name in names if _is_one(code)}


@cache
def _own_names(codes: str = "") -> dict[str, str]:
    """Of all languages, or of some: to read those that are seldom spoken here takes a second and 100 MB for good."""
    of = codes.split() or [code for code in locale_identifiers() if _is_one(code)]
    named = ((code, own_name(code)) for code in of)
    return {plain(part): code for code, name in named if name for part in (name, name.split()[0])}


def _is_one(code: str) -> bool:
    return "_" not in code and code not in ABOUT_NO_LANGUAGE
