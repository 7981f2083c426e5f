"""Which verb leads from which state to which; and how a verb is refused."""

from dataclasses import dataclass, field
from typing import Any


class Refused(Exception):
    """A verb that may not happen now. `reason` is a key of aid.words.refusals; the caller rolls back."""

    def __init__(self, reason: str, **facts: Any) -> None:
        super().__init__(reason, facts)
        self.reason = reason
        self.facts = facts


class WrongState(Refused):
    """Somebody was quicker, or it was never possible: `facts["state"]` is where it stands."""


@dataclass(frozen=True)
class Move:
    """A row of the table. `ends`: nothing is open any more; `rests`: the pair is not suggested for a while."""

    sources: frozenset[str]
    target: str
    ends: bool = False
    rests: bool = False
    others: frozenset[str] = field(default_factory=frozenset)


def _move(sources: str, target: str, **more: Any) -> Move:
    return Move(frozenset(sources.split()), target, **more)


MATCH_MOVES = {
    "consent": _move("proposed", "agreed"),  # to agreed only when the other side's yes stands
    "decline": _move("proposed", "declined", ends=True),
    "retract": _move("proposed", "retracted", ends=True),
    "lapse": _move("proposed", "lapsed", ends=True, rests=True),
    "release": _move("agreed", "released", ends=True, rests=True),
    "deliver": _move("agreed", "delivered"),
    "confirm": _move("agreed delivered", "confirmed", ends=True),
    "dispute": _move("agreed delivered confirmed", "disputed"),  # confirmed: only by silence
    "resolve": _move("disputed", "confirmed", ends=True, others=frozenset({"released"})),
}

# verb -> (the state it starts from, the outcome it closes with)
POST_MOVES: dict[str, tuple[str, str | None]] = {
    "take_in": ("open", None),
    "change": ("open", None),
    "still_needed": ("open", None),
    "pause": ("open", None),
    "resume": ("open", None),
    "withdraw": ("open", "withdrawn"),
    "refer": ("open", "referred"),
    "mark_duplicate": ("open", "duplicate"),
    "expire": ("open", "expired"),
    "reopen": ("closed", None),
}

RELEASE_REASONS = ("cannot_come", "ill", "no_answer", "not_right", "other")
REST_DAYS = 7
SILENCE_DAYS = 7
EXPIRE_DAYS = 30
ASK_DAYS = 23
NEW_HELPER_LIMIT = 3
DUE_DAYS = {
    2: 1,
    1: 7,
    0: 14,
}  # by urgency: agreed, without a last day, and not delivered after so many days
# So that nobody reaches many people at once. New: until the first match on their side was confirmed.
CLAIMS_A_DAY, NEW_CLAIMS_A_DAY = 25, 5
MESSAGES_A_DAY = 20  # from one side of a match to the other
WRITTEN_TO_A_DAY, NEW_WRITTEN_TO_A_DAY = 30, 5  # matches in which one person wrote
NEVER_A_DAY = 3  # by phone or email onto one's own list, taken off again or not
NEVER_FROM_A_CONTACT = (
    9  # the same by all who gave one phone or email: who posts without an account is new each time
)
NEVER_FOR_OTHERS_A_DAY = 10  # by one coordinator, for people on the phone
