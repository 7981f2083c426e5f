"""How far one's own post has come, as a small timeline: what happened, where it stands, what comes next."""

from collections.abc import Iterable
from datetime import datetime

from flask import g
from flask_babel import gettext

from mutualaid.aid.models import STANDING, Match, Post
from mutualaid.aid.words import moment_words, outcome_words

Stage = dict[str, str]


def stages(post: Post, matches: Iterable[Match]) -> list[Stage]:
    """For components/parts.html timeline, from the times that the rows carry."""
    mark = "open" if post.is_need else "offer"
    told = [
        _stage(
            mark,
            gettext("You asked") if post.is_need else gettext("You offered"),
            post.created_at,
        )
    ]
    if post.taken_in_at:
        told.append(_stage("dot", gettext("A coordinator read it"), post.taken_in_at))
    live = next((match for match in matches if match.state in STANDING), None)
    if post.state == "closed":
        done = "confirmed" if post.outcome == "fulfilled" else "closed"
        return [
            *told,
            _stage(done, outcome_words(str(post.outcome)), post.closed_at, "now"),
        ]
    if live is None:
        return [*told, _stage(mark, _looking(post), None, "now")]
    return [*told, *_of_match(live, post.is_need)]


def _stage(state: str, title: str, at: datetime | None = None, cls: str = "") -> Stage:
    return {
        "state": state,
        "title": title,
        "text": moment_words(at) if at else "",
        "cls": cls,
    }


def _looking(post: Post) -> str:
    if post.paused_at:
        return gettext("Paused: we do not look for now")
    return (
        gettext("We are looking for someone") if post.is_need else gettext("We ask you when someone needs it")
    )


def _of_match(match: Match, is_need: bool) -> list[Stage]:
    """The steps of a live match, the ones ahead without a time."""
    mine, theirs = (
        (match.need_yes_at, match.offer_yes_at) if is_need else (match.offer_yes_at, match.need_yes_at)
    )
    told = [_stage("proposed", gettext("We asked you both"), match.proposed_at)]
    if match.state == "disputed":
        return [
            *told,
            _stage(
                "disputed",
                gettext("It did not come. A coordinator looks into it"),
                None,
                "now",
            ),
        ]
    waiting = match.state == "proposed"
    if theirs and (waiting or not mine):
        told.append(_stage("dot", gettext("The other said yes"), theirs))
    if waiting:
        yours = gettext("The other has to say yes") if mine else gettext("Now it is your turn")
        told.append(_stage("proposed", yours, None, "now"))
        told.append(_stage("agreed", gettext("You both said yes"), None, "ahead"))
    else:
        told.append(
            _stage(
                "agreed",
                gettext("You both said yes"),
                match.agreed_at,
                "" if match.delivered_at else "now",
            )
        )
    if match.delivered_at:
        told.append(_stage("delivered", gettext("It was brought"), match.delivered_at, "now"))
    came = (
        gettext("You tell us whether it came") if is_need else gettext("Your neighbour tells us that it came")
    )
    return [*told, _stage("confirmed", came, None, "ahead")]


def is_waiting_for(match: Match, side: str) -> bool:
    """Whether this side has to say yes or no, and can."""
    said = match.need_yes_at if side == "need" else match.offer_yes_at
    return match.state == "proposed" and said is None and match.lease_until > g.now
