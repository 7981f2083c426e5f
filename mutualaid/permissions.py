"""Who may do what, on one page. Each says yes or no of a person and a thing; *when* is the lifecycle's matter."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mutualaid.actors import Actor
    from mutualaid.aid.models import Match, Post


def may_see_desk(actor: Actor) -> bool:
    return actor.role in ("coordinator", "steward")


def may_steward(actor: Actor) -> bool:
    return actor.role == "steward"


def may_see_near(actor: Actor) -> bool:
    """A helper with an account sees the needs near them; a coordinator is a helper too."""
    return actor.is_member


def may_coordinate(actor: Actor, post: Post) -> bool:
    """A coordinator of this area (or of all); a post without an area is everyone's. On the desk they change it, take it
    in, and look at its person's contact, with a reason that is written down."""
    if not actor.coordinates or actor.network_id != post.network_id:
        return False
    return not actor.area_ids or post.area_id is None or post.area_id in actor.area_ids


def owns(actor: Actor, post: Post) -> bool:
    return (
        actor.person_id is not None
        and actor.network_id == post.network_id
        and actor.person_id == post.person_id
    )


def may_change_post(actor: Actor, post: Post) -> bool:
    return owns(actor, post) or may_coordinate(actor, post)


def may_propose(actor: Actor, need: Post, offer: Post) -> bool:
    """A coordinator of the need; whose offer it is needs no say here: its helper is asked."""
    return may_coordinate(actor, need) or (owns(actor, offer) and may_claim(actor, need))


def may_claim(actor: Actor, need: Post) -> bool:
    """A helper with an account takes a need; what is sensitive goes through coordinators only."""
    return actor.is_member and actor.network_id == need.network_id and not need.category.sensitive


def side_of(actor: Actor, match: Match) -> str | None:
    """need, offer, or None when the match is not theirs."""
    if actor.person_id is None or actor.network_id != match.network_id:
        return None
    if match.need.person_id == actor.person_id:
        return "need"
    return "offer" if match.offer.person_id == actor.person_id else None


def may_coordinate_match(actor: Actor, match: Match) -> bool:
    return may_coordinate(actor, match.need) or may_coordinate(actor, match.offer)


def may_see_match(actor: Actor, match: Match) -> bool:
    return side_of(actor, match) is not None or may_coordinate_match(actor, match)


may_answer = may_see_match  # consent, decline: either side; a coordinator for someone on the phone
may_release = may_see_match


def may_answer_for(actor: Actor, match: Match, side: str) -> bool:
    """Say yes or no in somebody's name: only a coordinator of their own post, not of the other's."""
    return may_coordinate(actor, match.need if side == "need" else match.offer)


def may_retract(actor: Actor, match: Match) -> bool:
    proposed_it = actor.person_id is not None and match.proposed_by_id == actor.person_id
    return (proposed_it and actor.network_id == match.network_id) or may_coordinate_match(actor, match)


def may_deliver(actor: Actor, match: Match) -> bool:
    return side_of(actor, match) == "offer" or may_coordinate_match(actor, match)


def may_confirm(actor: Actor, match: Match) -> bool:
    return side_of(actor, match) == "need" or may_coordinate_match(actor, match)


may_dispute = may_confirm  # a coordinator only for someone on the phone


def may_resolve(actor: Actor, match: Match) -> bool:
    return may_coordinate_match(actor, match)


def may_write(actor: Actor, match: Match) -> bool:
    """To the other side, and read what they wrote; a code is enough for it. What is held coordinators read first."""
    return side_of(actor, match) is not None


def may_read_first(actor: Actor, match: Match) -> bool:
    """A coordinator of either area, but not of what they or the other wrote in a match of their own."""
    return may_coordinate_match(actor, match) and side_of(actor, match) is None


def may_see_contact(actor: Actor, match: Match) -> bool:
    """Who may look at all; whether the match is agreed and has not ended is asked in aid.contact."""
    return side_of(actor, match) is not None and actor.via in ("link", "account")


def may_say_where(actor: Actor, match: Match) -> bool:
    """Whoever receives the visit says where to come; as for contact, a spoken code is not enough."""
    return may_see_contact(actor, match) and side_of(actor, match) == match.host


def may_erase(actor: Actor) -> bool:
    """One's own page, opened with the link or an account: a spoken code is not enough."""
    return actor.person_id is not None and actor.via in ("link", "account")


may_see_own_list = may_erase  # whom never to be matched with: to write it a code is enough, to see it not
