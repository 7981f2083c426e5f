"""One way to write an email and a phone number, so that the same one is found again however it was typed."""

import phonenumbers
from babel.core import get_global
from email_validator import EmailNotValidError, validate_email


def normal_email(typed: str) -> str | None:
    """Lower case, in one Unicode form; None when it cannot be an email. Nothing is asked of any server."""
    try:
        return validate_email(typed.strip(), check_deliverability=False).normalized.lower()
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
