"""What a text seems to hold: a number to call, another way to reach somebody, a link, money, an address.

A guess, from tables. Whoever means to get around it can. Nothing here is about which language somebody writes, or how
well.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator

import phonenumbers

from mutualaid.normal import STREET

ALL = ("phone", "email", "handle", "link", "money", "address")
TITLES = re.compile(
    r"\b(?:mr|mrs|ms|dr|dra|sr|sra|srta|ma|st|jr)\.", re.IGNORECASE
)  # no part of a link: Mrs.Ng
DIGITS = 7  # so many in a row, however written, may be a number to call

NUMBER_WORDS = {
    "0": "zero cero oh",
    "1": "one uno una",
    "2": "two dos",
    "3": "three tres",
    "4": "four cuatro",
    "5": "five cinco",
    "6": "six seis",
    "7": "seven siete",
    "8": "eight ocho",
    "9": "nine nueve",
    "10": "ten diez",
    "11": "eleven once",
    "12": "twelve doce",
    "13": "thirteen trece",
    "14": "fourteen catorce",
    "15": "fifteen quince",
    "16": "sixteen dieciseis",
    "17": "seventeen diecisiete",
    "18": "eighteen dieciocho",
    "19": "nineteen diecinueve",
    "20": "twenty veinte",
    "30": "thirty treinta",
    "40": "forty cuarenta",
    "50": "fifty cincuenta",
    "60": "sixty sesenta",
    "70": "seventy setenta",
    "80": "eighty ochenta",
    "90": "ninety noventa",
}
SPOKEN = {word: digits for digits, words in NUMBER_WORDS.items() for word in words.split()}
TWICE = {"double": 2, "doble": 2, "triple": 3}
LOOKS_LIKE = str.maketrans("oil|", "0111")  # between digits: 4l6 555 o142
SPOKEN_ALONE = re.compile("|".join(sorted(SPOKEN, key=len, reverse=True)))  # fouronesix
TOKEN = re.compile(r"\d+|[^\W\d_]+|[^\w\s]|_")
BETWEEN = frozenset(["and", "y", "e", "then", "luego"])  # does not end a row of digits

CLOCK = re.compile(r"(?<![\d:.])(?:[01]?\d|2[0-3])\s?[:.h]\s?[0-5]\d(?![\d:.])")
DATE = re.compile(
    r"(?<![\d/.-])(?:(?:19|20)\d\d([/.-])(?:0?[1-9]|1[0-2])\1(?:0?[1-9]|[12]\d|3[01])"
    r"|(?:0?[1-9]|[12]\d|3[01])([/.-])(?:0?[1-9]|[12]\d|3[01])\2(?:20)?\d\d)(?![\d/.-])"
)

DOT = r"(?:\.|\s*[\[(]\s*(?:\.|dot|punto)\s*[\])]\s*|\s+(?:dot|punto)\s+)"
AT = r"(?:\s*@\s*|\s*[\[(]\s*(?:@|at|arroba)\s*[\])]\s*|\s+(?:at|arroba)\s+)"
ENDINGS = (
    "com|net|org|info|biz|edu|gov|io|ai|app|dev|me|co|cc|tv|ly|gl|gd|gg|to|xyz|link|site|online|shop|store|club|top"
    "|live|page|world|help|click|icu|vip|fun|ca|us|uk|es|mx|ar|cl|pe|br|fr|de|it|pt|nl|eu|ru|cn|in|ng|ph"
)
CHAT_HOSTS = r"\b(?:t|wa|m|ig|fb|signal|line|telegram)\s*" + DOT + r"\s*me\b\S*"


def _words(*words: str) -> str:
    return r"\b(?:" + "|".join(words) + r")\b"


SIGNS: dict[str, tuple[str, ...]] = {
    "email": (
        r"[\w.+-]+" + AT + r"[\w-]+(?:" + DOT + r"[\w-]+)*" + DOT + r"(?:" + ENDINGS + r")\b",
        r"\S@\w[\w-]*\.\w",
        _words("gmail", "hotmail", "outlook", "yahoo", "icloud", "protonmail", "e-?mail me", "mi (?:e-?mail|correo)"),
    ),
    "handle": (
        CHAT_HOSTS,
        r"(?<![\w.])@\s?[^\W\d][\w.]+",
        _words("whats?\\s?app", "wasap", "guasap", "telegram", "signal app", "instagram", "insta", "facebook",
               "messenger", "snapchat", "tiktok", "discord", "skype", "wechat", "viber"),
    ),
    "link": (
        r"\bhttps?\s*:",
        r"\bwww\s*[.\s]",
        r"\b[\w-]{2,}(?:\.[\w-]+)*\.(?:" + ENDINGS + r")\b(?!['’])",
        r"\b\w[\w-]*(?:\s*[\[(]\s*(?:\.|dot|punto)\s*[\])]\s*|\s+(?:dot|punto)\s+|\s+\.\s*|\.\s+)(?:com|net|org)\b",
        r"\b\d{1,3}(?:\.\d{1,3}){3}\b",
    ),
    "money": (
        _words("usd", "cad", "mxn", "ars", "gbp", "eur", "dollars?", "bucks?", "euros?", "dolar(?:es)?", "pesos"),
        r"\d\s*pesos?\b",
        _words("cash", "money", "pay(?! attention)", "pays", "paying", "paid", "payments?", "fees?", "deposits?",
               "loans?", "refunds?", "wire", "bank account", "bank transfer", "(?:credit|debit|gift) cards?",
               "account number"),
        _words("paypal", "venmo", "zelle", "cash\\s?app", "e-?\\s?transfers?", "interac", "western union", "moneygram",
               "bizum", "bitcoins?", "btc", "crypto", "usdt", "iban"),
        _words("dinero", "plata", "efectivo", "pag(?:o|os|a|as|an|ar|ue|ues|uen|ame|ale|arme|arte|arle)",
               "transferencias?", "transfer(?:ir|i|ime|ile|irme|irte|irle)", "transfier(?:o|e|a|eme|ele|elo)",
               "deposit(?:o|os|a|e|ar|ame|ale|alo)", "prestamos?", "cuenta (?:bancaria|de banco)",
               "tarjeta de (?:credito|debito|regalo)", "numero de cuenta", "cobr(?:o|a|as|an|ar|arme|arte)", "cuotas?",
               "giros?", "fianza"),
        r"\b[a-z]{2}\d{2}(?:\s?[a-z0-9]{4}){3,}",
    ),
}  # fmt: skip
PATTERNS = {sign: [re.compile(one) for one in patterns] for sign, patterns in SIGNS.items()}


def signs_of(text: str, region: str | None) -> list[str]:
    """Which of ALL it seems to hold; `region` (two letters) is where numbers are called from."""
    plain = _plain(text)
    found: dict[str, Callable[[], bool]] = {
        "phone": lambda: _has_number(plain, region),
        "email": lambda: _matches("email", plain),
        "handle": lambda: _matches("handle", plain),
        "link": lambda: _matches("link", _without_chats(plain)),
        "money": lambda: _has_currency(plain) or _matches("money", plain),
        "address": lambda: bool(STREET.search(plain)),
    }
    return [sign for sign in ALL if found[sign]()]


def way_in_name(name: str) -> bool:
    """Whether a name seems to hold a way to reach somebody. The name of a service alone is none: Jim Messenger."""
    plain = TITLES.sub(" ", name)
    found = signs_of(plain, None)
    return not {"phone", "email", "link"}.isdisjoint(found) or bool(re.search(CHAT_HOSTS, _plain(plain)))


def _plain(text: str) -> str:
    """Small letters without accents, digits as 0 to 9, without what cannot be seen."""
    wide = unicodedata.normalize("NFKC", text).replace("。", ".")
    seen = "".join(c for c in wide if unicodedata.category(c) != "Cf")
    parts = unicodedata.normalize("NFKD", seen.casefold())
    bare = (c for c in parts if not unicodedata.combining(c))
    return "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in bare)


def _matches(sign: str, plain: str) -> bool:
    return any(pattern.search(plain) for pattern in PATTERNS[sign])


def _without_chats(plain: str) -> str:
    """An address in a chat, or an email, is a way to reach somebody and not a link."""
    return re.sub(rf"{CHAT_HOSTS}|{SIGNS['email'][0]}", " ", plain)


def _has_currency(plain: str) -> bool:
    return any(unicodedata.category(c) == "Sc" for c in plain)


def _has_number(plain: str, region: str | None) -> bool:
    times = DATE.sub(" . ", CLOCK.sub(" . ", plain))
    possible = phonenumbers.Leniency.POSSIBLE
    if any(len(row) >= DIGITS for row in _rows_of_digits(times)):
        return True
    return phonenumbers.PhoneNumberMatcher(times, region, leniency=possible).has_next()


def _rows_of_digits(plain: str) -> Iterator[str]:
    """Digits and spelled-out ones that follow each other, whatever signs stand between them."""
    row, times = "", 1
    for token in TOKEN.findall(plain):
        digits = _digits_in(token, row)
        if token in TWICE:
            times = TWICE[token]
        elif digits:
            row, times = row + digits * times, 1
        elif token.isalnum() and token not in BETWEEN:
            yield row
            row, times = "", 1
    yield row


def _digits_in(token: str, row: str) -> str:
    if token.isdecimal():
        return token
    if token in SPOKEN:
        return SPOKEN[token]
    looks = token.translate(LOOKS_LIKE)
    if row and looks.isdecimal():
        return looks
    spoken = SPOKEN_ALONE.findall(token)
    return "".join(SPOKEN[word] for word in spoken) if spoken and "".join(spoken) == token else ""
