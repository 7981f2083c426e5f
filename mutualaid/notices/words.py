"""The words of notices. Somebody else may look at the phone, so none says what it is about, or names anyone.

`subject`, `text` and `dated` are in the language in force (see sending); `about` and `call_words` are for the desk.
"""

from datetime import datetime
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time
from flask_babel import get_locale, gettext, ngettext


def subject() -> str:
    """The same for every kind: a subject is what a locked phone shows."""
    return str(gettext("A note for you"))


def letter(kind: str, *, link: str, network: str, until: str = "", number: int = 0) -> str:
    """The whole text. `until` is a time in words, `number` a count; only some kinds use them."""
    parts = (
        gettext("Hello,"),
        text(kind, until=until, number=number),
        _link(kind, link),
        gettext("This link is only for you. Please do not pass it on."),
        " ".join(network.split()),
    )
    return "\n\n".join(str(part) for part in parts) + "\n"


def _link(kind: str, link: str) -> str:
    if kind == "page_ends":
        return str(gettext("Keep my page: %(link)s", link=link))
    return link if kind == "reset" else str(gettext("Your page: %(link)s", link=link))


def text(kind: str, *, until: str = "", number: int = 0) -> str:
    """What happened, and what to do next."""
    words = {
        "proposed_need": gettext(
            "You have an answer. Please open your page and say yes or no before %(until)s."
            " If you say no, that is fine, and we keep looking.",
            until=until,
        ),
        "proposed_offer": gettext(
            "We have a question for you. Please open your page and say yes or no before %(until)s."
            " If you say no, that is fine.",
            until=until,
        ),
        "agreed_need": gettext("You both said yes. Your page shows what comes next."),
        "agreed_offer": gettext("You both said yes. Your page shows what comes next."),
        "address_need": gettext("Your page says where to go now."),
        "address_offer": gettext("Your page says where to go now."),
        "ended_need": gettext(
            "One plan on your page has ended. It is nobody's fault. We keep looking, you do not have to do anything."
        ),
        "ended_offer": gettext(
            "One plan on your page has ended. It is nobody's fault. You do not have to do anything."
        ),
        "delivered_need": gettext(
            "Please open your page and tell us if it worked out."
            " If we hear nothing for 7 days, we take that as a yes."
        ),
        "confirmed_offer": gettext(
            "One thing on your page is done. Thank you! You do not have to do anything."
        ),
        "message_need": gettext("There is something new to read on your page."),
        "message_offer": gettext("There is something new to read on your page."),
        "still_need": gettext(
            "Nothing has changed on your page for a while. Please open it and tell us: is it still right?"
            " If we hear nothing for a week, we close it. You can open it again."
        ),
        "still_offer": gettext(
            "Nothing has changed on your page for a while. Please open it and tell us: does it still suit you?"
            " If we hear nothing for a week, we close it. You can open it again."
        ),
        "expired_need": gettext(
            "One thing on your page is closed now, because its time was over."
            " Do you still want it? Then open it again on your page."
        ),
        "expired_offer": gettext(
            "One thing on your page is closed now, because its time was over."
            " Does it still suit you? Then open it again on your page."
        ),
        "link_again": gettext(
            "Here is a new link to your page. If you did not ask for it, you can leave this note alone."
        ),
        "reset": gettext(
            "Choose a new password with this link. It works for one hour."
            " If you did not ask for it, leave this note alone: then nothing changes."
        ),
        "digest": ngettext(
            "There is %(num)s new thing on your page that could suit you.",
            "There are %(num)s new things on your page that could suit you.",
            number,
        ),
        "new_need": gettext(
            "There is something new that could suit you. If you sign in with a password, look under “Near you”."
            " If not, we ask you when it is your turn."
        ),
        "new_offer": gettext(
            "There is something new that could suit you. You do not have to do anything:"
            " we write again when there is an answer for you."
        ),
        "page_ends": gettext(
            "Nothing has changed on your page for a while, so it ends on %(until)s, with all that is on it."
            " That is fine, you do not have to do anything. Would you like to keep it? Then open this link.",
            until=until,
        ),
        "second_reset": gettext(
            "Somebody in your group lost the second way to sign in, and whoever runs this took it away for them."
            " Did nobody tell you about it? Then please ask."
        ),
        "mandate_ends": gettext(
            "Your role with us ends on %(until)s. Would you like to go on? Then please tell us before that day.",
            until=until,
        ),
    }
    return str(words[kind])


def about(kind: str) -> str:
    """In a few words, for the desk: what sort of notice this is."""
    words = {
        "proposed_need": gettext("Someone can help: yes or no?"),
        "proposed_offer": gettext("Asked to help: yes or no?"),
        "agreed_need": gettext("Both said yes"),
        "agreed_offer": gettext("Both said yes"),
        "address_need": gettext("Where to go"),
        "address_offer": gettext("Where to go"),
        "ended_need": gettext("A plan has ended"),
        "ended_offer": gettext("A plan has ended"),
        "delivered_need": gettext("Did it come?"),
        "confirmed_offer": gettext("It is done, thank you"),
        "message_need": gettext("Something to read"),
        "message_offer": gettext("Something to read"),
        "still_need": gettext("Still needed?"),
        "still_offer": gettext("Still offered?"),
        "expired_need": gettext("Closed, its time was over"),
        "expired_offer": gettext("Closed, its time was over"),
        "link_again": gettext("A new link"),
        "reset": gettext("A new password"),
        "digest": gettext("New needs today"),
        "new_need": gettext("A new need that fits"),
        "new_offer": gettext("A new offer that fits"),
        "page_ends": gettext("A page ends soon"),
        "second_reset": gettext("Somebody's second way to sign in was taken away"),
        "mandate_ends": gettext("A role ends soon"),
    }
    return str(words[kind])


def call_words(kind: str) -> str:
    """What to say on the phone, once you are sure who is speaking. KeyError for what is never a call."""
    words = {
        "proposed_need": gettext("Someone can help. Ask if that suits them, and answer for them here."),
        "proposed_offer": gettext(
            "Someone could use what they offer. Ask if they can, and answer for them here."
        ),
        "agreed_need": gettext("Both said yes. Tell them who comes and when, and how to reach each other."),
        "agreed_offer": gettext(
            "Both said yes. Tell them where to go and when, and how to reach each other."
        ),
        "address_need": gettext("Tell them where to go, and when."),
        "address_offer": gettext("Tell them where to go, and when."),
        "ended_need": gettext(
            "The help that was planned will not come. It is nobody's fault, and we keep looking."
        ),
        "ended_offer": gettext(
            "The help they planned is no longer needed. It is nobody's fault. Say thank you."
        ),
        "delivered_need": gettext("We heard that help came. Ask if that is right, and how much came."),
        "still_need": gettext("Ask if they still need it. If nobody says so within a week, it closes."),
        "still_offer": gettext(
            "Ask if their offer still stands. If nobody says so within a week, it closes."
        ),
        "expired_need": gettext(
            "What they asked for is closed: its time was over. Ask if we should open it again."
        ),
        "expired_offer": gettext("Their offer is closed: its time was over. Ask if we should open it again."),
        "link_again": gettext("They lost their code. Make a new one on their page, and read it out to them."),
    }
    return str(words[kind])


def dated(moment: datetime, timezone: str) -> str:
    """Tuesday, November 24, 2026, 10:00 AM: in the language in force and the network's own time."""
    there, locale = moment.astimezone(ZoneInfo(timezone)), get_locale()
    words = f"{format_date(there, 'full', locale=locale)}, {format_time(there, 'short', locale=locale)}"
    return words.replace("\u202f", " ")  # old phones show a box for this narrow space
