"""Which messages a coordinator reads first. The two are warned, and somebody else has read the plain cases."""

from collections.abc import Iterable

from mutualaid import signs

# Once both said yes they see how to reach each other, and where to come: then only what a swindler needs is held.
BEFORE_BOTH_SAID_YES = signs.ALL
AFTERWARDS = ("link", "money")


def holds(found: Iterable[str], *, agreed: bool) -> bool:
    """Whether somebody reads a text with these signs before the other side does."""
    return not set(found).isdisjoint(AFTERWARDS if agreed else BEFORE_BOTH_SAID_YES)
