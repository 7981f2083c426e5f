"""Words that stand nowhere else, and a search that finds them however they are written down."""

import base64
import re
import secrets
from collections.abc import Mapping
from urllib.parse import quote, quote_plus

Words = dict[str, str]
LETTERS = "bcdfghjklmnpqrstvwxz"
# Whose, or where it is said.
PHONES = ("amina_phone", "caller_phone", "brought_phone", "feared_phone", "unknown_phone", "held_phone")
EMAILS = ("eve_email", "dee_email", "feared_email", "unknown_email")
SAID = (
    *("details", "phoned", "brought_details", "address", "message", "held", "note", "resolved", "group"),
    *("password", "path", "agent"),
)


def new_words() -> Words:
    """Whose name, phone, email and so on: new ones each time, so that nothing of an earlier run is found."""
    return {
        **{name: _odd().capitalize() for name in ("amina", "eve", "dee", "caller", "brought")},
        **{name: f"416 {place}{_digits(2)} {_digits(4)}" for place, name in enumerate(PHONES, 2)},
        **{name: f"{_odd()}@{_odd()}.org" for name in EMAILS},
        **{name: f"{_odd()} {_odd()}" for name in SAID},
        "ip": f"2001:db8:{secrets.randbelow(0xEFFF) + 0x1000:x}:{secrets.randbelow(0xEFFF) + 0x1000:x}::7",
    }


def found(words: Mapping[str, str], where: bytes) -> set[str]:
    """Whose words stand there: as they are, as digits, or in base64, hex, an address, UTF-16."""
    plain, digits = where.lower(), re.sub(rb"[^0-9]", b"", where)
    return {
        name
        for name, word in words.items()
        if any(way in where for way in exactly(word))
        or any(way in plain for way in in_any_case(word))
        or (is_number(word) and digits_of(word) in digits)
    }


def exactly(word: str) -> set[bytes]:
    """In base64, small letters and large are not the same."""
    return {one for spelt in spellings(word) for one in _base64(spelt.encode())}


def in_any_case(word: str) -> set[bytes]:
    plain = {way for spelt in spellings(word) for way in (spelt, quote(spelt, safe=""), quote_plus(spelt))}
    bare = {way.encode(code) for way in plain for code in ("utf-8", "utf-16-le", "utf-16-be")}
    return {way.lower() for way in bare | {way.hex().encode() for way in bare}}


def spellings(word: str) -> set[str]:
    return {word, word.lower()} | ({digits_of(word).decode()} if is_number(word) else set())


def is_number(word: str) -> bool:
    return word.startswith("416 ")


def digits_of(word: str) -> bytes:
    return re.sub(r"\D", "", word).encode()


def _base64(data: bytes) -> set[bytes]:
    """What is the same in whatever stands before and after: three alignments, two alphabets."""
    ways = set()
    for before in range(3):
        whole = base64.b64encode(b"\0" * before + data)
        inner = whole[-(-before * 8 // 6) : len(whole) - (4 if (before + len(data)) % 3 else 0)]
        ways |= {inner, inner.replace(b"+", b"-").replace(b"/", b"_")}
    return ways


def _digits(many: int) -> str:
    return f"{secrets.randbelow(10**many):0{many}}"


def _odd() -> str:
    return "".join(secrets.choice(LETTERS) for _ in range(10))
