"""The life of posts and matches: every verb of the domain, and the one place where state changes."""

from mutualaid.aid.lifecycle.agreeing import consent, decline, lapse, pass_over, propose, retract
from mutualaid.aid.lifecycle.claiming import claim
from mutualaid.aid.lifecycle.closing import (
    expire,
    mark_duplicate,
    refer,
    reopen,
    withdraw,
)
from mutualaid.aid.lifecycle.erasing import erase
from mutualaid.aid.lifecycle.giving import (
    confirm,
    deliver,
    dispute,
    end_contact,
    release,
    resolve,
    set_address,
)
from mutualaid.aid.lifecycle.messages import (
    keep_back,
    may_be_written,
    pass_on,
    read_first,
    write_message,
)
from mutualaid.aid.lifecycle.never import (
    match_again,
    never_match,
    never_match_contact,
    never_match_contacts,
    never_match_person,
)
from mutualaid.aid.lifecycle.posts import (
    Said,
    change,
    hold,
    pause,
    post,
    resume,
    said,
    still_needed,
    take_in,
)
from mutualaid.aid.lifecycle.table import MATCH_MOVES, POST_MOVES, Refused, WrongState

__all__ = [
    "MATCH_MOVES",
    "POST_MOVES",
    "Refused",
    "Said",
    "WrongState",
    "change",
    "claim",
    "confirm",
    "consent",
    "decline",
    "deliver",
    "dispute",
    "end_contact",
    "erase",
    "expire",
    "hold",
    "keep_back",
    "lapse",
    "mark_duplicate",
    "match_again",
    "may_be_written",
    "never_match",
    "never_match_contact",
    "never_match_contacts",
    "never_match_person",
    "pass_on",
    "pass_over",
    "pause",
    "post",
    "propose",
    "read_first",
    "refer",
    "release",
    "reopen",
    "resolve",
    "resume",
    "retract",
    "said",
    "set_address",
    "still_needed",
    "take_in",
    "withdraw",
    "write_message",
]
