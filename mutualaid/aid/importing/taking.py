"""Making posts of reports: each once, whatever is read again."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from mutualaid.actors import command_line
from mutualaid.aid import lifecycle
from mutualaid.aid.importing.mapping import CannotImport, Mapping, Pattern
from mutualaid.aid.importing.reports import Report
from mutualaid.aid.lifecycle import Said
from mutualaid.aid.lifecycle.emptying import hidden_row
from mutualaid.aid.models import Post
from mutualaid.aid.queries import categories_of
from mutualaid.db import db, new_id
from mutualaid.networks.models import Network
from mutualaid.normal import region_of
from mutualaid.people.contact import set_email, set_phone
from mutualaid.people.models import Person
from mutualaid.places.areas import area_at
from mutualaid.places.cells import cell_at
from mutualaid.places.models import Area

Identity = tuple[
    str, str, int
]  # row id, kind, category id: with the source's name, what makes a post the same


@dataclass
class Taken:
    """How many posts were added, and how many stood already."""

    needs: int = 0
    offers: int = 0
    unchanged: int = 0

    def add(self, other: "Taken") -> None:
        self.needs += other.needs
        self.offers += other.offers
        self.unchanged += other.unchanged


class Taker:
    """Takes reports into one network. Holds ids only, so that it outlives a transaction."""

    def __init__(self, network: Network, mapping: Mapping) -> None:
        """CannotImport when the mapping names a category that the network lacks."""
        self.network_id = network.id
        self.mapping = mapping
        self.category_ids = _category_ids(network, mapping)
        self.area_ids = _area_ids(network)

    def take_in(self, reports: list[Report], now: datetime) -> Taken:
        """Add what does not stand yet; what stands stays as it is. Does not commit."""
        network = db.session.get_one(Network, self.network_id)
        standing, people = self._standing(reports)
        taken = Taken()
        with db.session.no_autoflush:
            for report in reports:
                wanted = {self._identity(report, pattern): pattern for pattern in report.patterns}
                new = [pattern for identity, pattern in wanted.items() if identity not in standing]
                if new and report.row_id not in people:
                    people[report.row_id] = self._new_person(network, report)
                if new and people[report.row_id].erased_at is not None:
                    new = []  # who erased themselves stays erased
                for pattern in new:
                    self._post(network, people[report.row_id], report, pattern, now)
                taken.add(_count(new, len(wanted) - len(new)))
                standing |= wanted.keys()
        return taken

    def _identity(self, report: Report, pattern: Pattern) -> Identity:
        return report.row_id, pattern.kind, self.category_ids[pattern.category]

    def _standing(self, reports: list[Report]) -> tuple[set[Identity], dict[str, Person]]:
        """What these rows became before, and whose they are; also where the number of the row is hidden by now."""
        read = {report.row_id for report in reports}
        rows_of = {row_id: row_id for row_id in read}
        rows_of |= {hidden_row(self.network_id, row_id): row_id for row_id in read}
        rows = db.session.execute(
            select(Post.source_row, Post.kind, Post.category_id, Person)
            .join(Person, (Person.network_id == Post.network_id) & (Person.id == Post.person_id))
            .where(
                Post.network_id == self.network_id,
                Post.source == self.mapping.source,
                Post.source_row.in_(rows_of),
            )
        ).all()
        standing = {(rows_of[row], kind, category_id) for row, kind, category_id, _ in rows if row}
        return standing, {rows_of[row]: person for row, _, _, person in rows if row}

    def _new_person(self, network: Network, report: Report) -> Person:
        """One for each row: the same phone or email only suggests that two are one."""
        person = Person(
            network_id=network.id,
            id=new_id(),
            reach="email" if report.email else "call" if report.phone else "none",
            answered_for=not (report.email or report.phone),
            language=report.language if report.language in network.languages else network.languages[0],
            languages=[report.language] if report.language else [],
            created_at=report.at,
        )
        person.name = report.name
        set_email(person, report.email)
        set_phone(person, report.phone, region_of(self.mapping.timezone))
        db.session.add(person)
        return person

    def _post(
        self, network: Network, person: Person, report: Report, pattern: Pattern, now: datetime
    ) -> None:
        """As old as the report is, and alive since now."""
        quantity = report.quantity or pattern.quantity
        said = Said(
            kind=pattern.kind,
            category_id=self.category_ids[pattern.category],
            area_id=self._area_id(network, report),
            cell=cell_at(report.lat, report.lon, network.resolution),
            quantity=(pattern.kind == "need" and quantity) or 1,
            stock=quantity if pattern.kind == "offer" else None,
            travel=pattern.travel,
            reach_km=pattern.reach_km,
            urgency=pattern.urgency,
            languages=(report.language,) if report.language else (),
            details=report.details,
        )
        source = self.mapping.source, report.row_id
        lifecycle.post(
            person, said, by=command_line(network.id), now=report.at, last_sign_at=now, source=source
        )

    def _area_id(self, network: Network, report: Report) -> int | None:
        """The area it names, else the one it lies in."""
        named = self.area_ids.get(report.area.casefold())
        if named or not self.area_ids:
            return named
        area = area_at(network, report.lat, report.lon)
        return area.id if area else None


def _count(new: list[Pattern], unchanged: int) -> Taken:
    needs = sum(pattern.kind == "need" for pattern in new)
    return Taken(needs, len(new) - needs, unchanged)


def _category_ids(network: Network, mapping: Mapping) -> dict[str, int]:
    ids = {category.key: category.id for category in categories_of(network)}
    strange = {p.category for p in mapping.patterns if p.kind} - ids.keys()
    if strange:
        raise CannotImport(
            f"The mapping names categories that {network.slug} does not have: {', '.join(sorted(strange))}."
            f" It has: {', '.join(ids)}."
        )
    return ids


def _area_ids(network: Network) -> dict[str, int]:
    rows = db.session.execute(select(Area.name, Area.id).where(Area.network_id == network.id))
    return {name.casefold(): int(area_id) for name, area_id in rows}
