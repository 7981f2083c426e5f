"""One way to write an email and a phone number, so that the same one is found again however it was typed."""

import re
from collections.abc import Iterator

import phonenumbers
from babel.core import get_global
from email_validator import EmailNotValidError, validate_email
from phonenumbers import shortnumberinfo

STREET = re.compile(
    r"\b\d{1,5}\w?,? (?:[\w.'’-]+ ){1,2}(?:st|street|ave|avenue|road|rd|blvd|boulevard|lane|crescent|court)\b"
    r"|\b(?:calle|avenida|avda|carrera|paseo|plaza|rue)\.? (?:[\w.'’-]+,? ){0,3}\W{0,2}\d{1,5}\b"
    r"|\b(?:apt|apartment|apartamento|apto|unit|buzzer)\.? ?#?\d+",
    re.IGNORECASE,
)

# Anybody may send a text of half a million marks; to bring that into one Unicode form takes minutes.
LONGEST_EMAIL = 254


def normal_email(typed: str) -> str | None:
    """Lower case, in one Unicode form; None when it cannot be an email. Nothing is asked of any server."""
    typed = typed.strip()
    if len(typed) > LONGEST_EMAIL:
        return None
    try:
        return validate_email(typed, check_deliverability=False).normalized.lower()
    except EmailNotValidError:
        return None


def normal_phone(typed: str, region: str | None) -> str | None:
    """As E.164 ("+14165550142"), or None; `region` (two letters) is where a number without a country code is."""
    try:
        number = phonenumbers.parse(typed, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def region_of(timezone: str) -> str | None:
    """The country of a time zone, as two letters: "America/Toronto" is in "CA"; None for zones of no country."""
    region = get_global("zone_territories").get(timezone)
    return str(region) if region and region not in ("001", "ZZ") else None


def phones_in(text: str, region: str | None) -> Iterator[tuple[int, int, str]]:
    """The numbers to call in a sentence: where each begins and ends, and how it is dialled. Short ones: emergencies."""
    full = [
        (found.start, found.end, f"+{found.number.country_code}{found.number.national_number}")
        for found in phonenumbers.PhoneNumberMatcher(text, region)
    ]
    short = [
        (found.start(), found.end(), found[0])
        for found in re.finditer(r"(?<![\d+-])[0-9]{3}(?![\d-])", text)
        if shortnumberinfo.is_emergency_number(found[0], region or "US")
    ]
    end = 0
    for start, after, number in sorted(full + short):
        if start >= end:
            yield start, after, number
            end = after


def says_where(text: str, region: str | None) -> bool:
    """Whether words look as if they held a phone number or an address. A guess, to be kind with."""
    return bool(STREET.search(text)) or any(phones_in(text, region or "US"))
