"""Why a line of the plan stands in it: the reasons of ranking.py, for two posts that are known to fit."""

from datetime import datetime, timedelta

from mutualaid.aid import windows
from mutualaid.aid.matching.history import Did
from mutualaid.aid.matching.plan import Line, Plan
from mutualaid.aid.matching.ranking import Reason
from mutualaid.aid.models import Post

LONG = timedelta(weeks=2)


def why(plan: Plan, line: Line, need: Post, offer: Post, now: datetime) -> tuple[list[Reason], list[Reason]]:
    """What speaks for it, and what against."""
    did = plan.everyone.between.done_by(offer.person_id)
    shared = sorted(set(need.languages) & set(offer.languages))
    return _reasons(plan, line, need, offer, shared, did, now), _buts(line, need, offer, shared, did)


def _reasons(
    plan: Plan, line: Line, need: Post, offer: Post, shared: list[str], did: Did, now: datetime
) -> list[Reason]:
    times = (need.times or windows.WEEK) & (offer.times or windows.WEEK)
    found = [
        _where(need, offer, float(plan.edges.km[line.edge])),
        Reason("languages", {"languages": shared}) if shared else None,
        Reason("times", {"times": times, "any": not (need.times and offer.times)}),
        Reason("traits", {"traits": sorted(need.traits)}) if need.traits else None,
        Reason("glad") if (need.person_id, offer.person_id) in plan.everyone.between.glad else None,
    ]
    if did.last_asked_at is None:
        found.append(Reason("never_asked"))
    elif now - did.last_asked_at >= LONG:
        found.append(Reason("not_asked", {"weeks": (now - did.last_asked_at).days // 7}))
    return [reason for reason in found if reason is not None]


def _buts(line: Line, need: Post, offer: Post, shared: list[str], did: Did) -> list[Reason]:
    found = []
    if not _remote(need, offer) and None in (need.measure_cell, offer.measure_cell):
        found.append(Reason("ask_where"))
    if need.languages and offer.languages and not shared:
        found.append(Reason("no_shared_language"))
    if line.quantity < need.uncovered:
        found.append(Reason("only_part", {"room": line.quantity, "uncovered": need.uncovered}))
    if did.this_week:
        found.append(Reason("asked_this_week", {"times": did.this_week}))
    if need.category_id != offer.category_id:
        found.append(Reason("wider_category", {"category": offer.category}))
    return found


def _remote(need: Post, offer: Post) -> bool:
    return need.category.remote or offer.category.remote


def _where(need: Post, offer: Post, km: float) -> Reason | None:
    if _remote(need, offer):
        return Reason("remote")
    if need.measure_cell is None or offer.measure_cell is None:
        return None
    if need.cell is not None and offer.cell is not None:
        return Reason("distance", {"km": km})
    names = [post.area.name if post.area else "" for post in (offer, need)]
    return Reason("area", {"area": names[0], "need_area": names[1]})
