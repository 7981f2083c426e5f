"""What someone has answered on the way to a post, in the light of the categories and areas that stand now."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from mutualaid.aid.lifecycle import Said
from mutualaid.aid.models import Category

STEPS = ("what", "which", "where", "travel", "when", "matters", "reach", "check")
NOT_SAID = "none"  # an area one would rather not say
FAR = {
    "1": 1,
    "4": 4,
    "10": 10,
    "any": None,
}  # on foot, by bicycle, by car, anywhere in our areas: kilometres
TRAITS_ANYWHERE = ("woman",)  # of what a post requires: that which counts where place does not


@dataclass(frozen=True)
class Answers:
    """`given` holds the fields of each step's form as JSON; `known`: who posts is known, so reach is not asked."""

    kind: str
    given: dict[str, dict[str, Any]]
    categories: list[Category]
    area_ids: frozenset[int]
    known: bool
    today: date  # in the network's time

    @property
    def tops(self) -> list[Category]:
        """The top-level categories that were chosen and still stand."""
        wanted = self.of("what").get("what", [])
        return [row for row in self.categories if row.parent_id is None and row.key in wanted]

    def kinds(self, top: Category) -> list[Category]:
        """What can be chosen under a top-level category: its children and itself for any of them; or nothing."""
        children = [row for row in self.categories if row.parent_id == top.id]
        return [*children, top] if children else []

    def chosen(self, top: Category) -> list[Category]:
        """Which of them were chosen; one without children stands for itself."""
        kinds, which = self.kinds(top), self.of("which")
        if kinds:
            return [row for row in kinds if row.key in which.get(f"kinds_{top.key}", [])]
        return [top] if f"{'many' if self.kind == 'need' else 'week'}_{top.key}" in which else []

    @property
    def all_chosen(self) -> list[Category]:
        return [row for top in self.tops for row in self.chosen(top)]

    def of(self, step: str) -> dict[str, Any]:
        return self.given.get(step, {})

    @property
    def steps(self) -> list[str]:
        """The steps that are asked here: no place for what needs none, no area where none are drawn, no known name."""
        chosen = self.all_chosen
        placeless = bool(chosen) and all(row.remote for row in chosen)
        left_out = {
            "where": placeless or not self.area_ids,
            "travel": placeless,
            "reach": self.known,
        }
        return [step for step in STEPS if not left_out.get(step)]

    @property
    def first_missing(self) -> str:
        return next(step for step in self.steps if not self.is_answered(step))

    def is_answered(self, step: str) -> bool:
        if step == "what":
            return bool(self.tops) and len(self.tops) == len(self.of("what")["what"])
        if step == "which":
            return all(self.chosen(top) for top in self.tops)
        if step == "where":
            return self.area_stands
        if step == "when":
            until = self.until_day
            return step in self.given and (until is None or until >= self.today)
        return step in self.given

    @property
    def area_stands(self) -> bool:
        area = self.of("where").get("area")
        return area == NOT_SAID or self.area_id is not None

    @property
    def area_id(self) -> int | None:
        area = str(self.of("where").get("area"))
        return int(area) if area.isdigit() and int(area) in self.area_ids else None

    @property
    def until_day(self) -> date | None:
        until = self.of("when").get("until")
        return date.fromisoformat(until) if until else None

    def after(self, step: str) -> str:
        """Where to go on from an answered step: the next one; the check when nothing is missing; never past a gap."""
        missing = self.first_missing
        if step not in self.steps:
            return missing
        return min(missing, self.ahead(step), key=self.steps.index)

    def ahead(self, step: str) -> str:
        """What comes once this step is answered."""
        steps = self.steps
        if all(self.is_answered(other) for other in steps[:-1] if other != step):
            return "check"
        return steps[steps.index(step) + 1]

    def before(self, step: str) -> str | None:
        place = self.steps.index(step)
        return self.steps[place - 1] if place else None

    @property
    def posts(self) -> list[tuple[Category, Said]]:
        """One for each category that was chosen."""
        return [(row, self.said(row)) for row in self.all_chosen]

    def said(self, row: Category) -> Said:
        when, matters = self.of("when"), self.of("matters")
        need = self.kind == "need"
        traits = [t for t in matters["traits"] if not row.remote or t in TRAITS_ANYWHERE]
        return Said(
            kind=self.kind,
            category_id=row.id,
            **self._place(row),
            **self._amount(row),
            times=times_of(when),
            until_day=self.until_day,
            urgency=int(when["urgency"]) if need else 0,
            languages=tuple(matters["spoken"]),
            interpreter=bool(need and matters["interpreter"]),
            traits=tuple(traits),
            choose_for_me=bool(need and matters["choose_for_me"]),
            details=matters["details"] or "",
        )

    def _amount(self, row: Category) -> dict[str, Any]:
        which = self.of("which")
        if self.kind == "need":
            return {"quantity": which[f"many_{row.key}"]}
        return {"per_week": which[f"week_{row.key}"], "stock": which[f"stock_{row.key}"]}

    def _place(self, row: Category) -> dict[str, Any]:
        if row.remote:
            return {}
        how = self.of("travel")
        goes = how["travel"] != "host"
        return {
            "area_id": self.area_id,
            "travel": how["travel"],
            "reach_km": FAR[how["reach"]] if goes else None,
        }


def times_of(when: dict[str, Any]) -> int:
    """The parts of the week as a mask of aid.windows, from the choice and its boxes."""
    return sum(1 << bit for bit in set(when["slots"])) if when["times"] == "some" else 0
