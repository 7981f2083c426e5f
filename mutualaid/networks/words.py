"""Roles and mandates in words."""

from datetime import datetime
from zoneinfo import ZoneInfo

from flask import g
from flask_babel import format_date, gettext, ngettext

from mutualaid.networks.models import AskedMandate, Membership


def role_words(role: str) -> str:
    words = {
        "helper": gettext("Helper"),
        "coordinator": gettext("Coordinator"),
        "steward": gettext("Steward"),
    }
    return str(words[role])


def role_hints() -> dict[str, str]:
    return {
        "helper": gettext("Sees what is needed nearby, and takes it on."),
        "coordinator": gettext("Works at the desk, and brings people together."),
        "steward": gettext("Also invites people, and sets up this network."),
    }


def months_words(months: int) -> str:
    return str(ngettext("%(num)s month", "%(num)s months", months))


def where_words(member: Membership | AskedMandate) -> str:
    """The areas of a coordinator, by name."""
    if not member.area_ids:
        return str(gettext("all areas")) if member.role != "helper" else ""
    return ", ".join(area.name for area in g.network.areas if area.id in member.area_ids)


def until_words(member: Membership) -> str:
    if member.recalled_at:
        return str(gettext("ended early, on %(day)s", day=day_of(member.recalled_at)))
    if member.ends_at <= g.now:
        return str(gettext("ended on %(day)s", day=day_of(member.ends_at)))
    if member.joined_at is None:
        return str(gettext("invited, has not answered yet"))
    return str(gettext("until %(day)s", day=day_of(member.ends_at)))


def day_of(moment: datetime) -> str:
    return str(format_date(moment.astimezone(ZoneInfo(g.network.timezone)).date(), "long"))
