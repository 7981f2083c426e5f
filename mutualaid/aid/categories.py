"""What people ask for and offer: the categories that a new network starts with.

The two levels follow the lists on the forms of mutual-aid groups: mostly food, errands, rides,
care and money, then a long tail of things, papers and company. A network may rename them; the keys stay.
"""

from dataclasses import dataclass

from sqlalchemy import select

from mutualaid.aid.models import Category
from mutualaid.db import db, new_id
from mutualaid.networks.models import Network


@dataclass(frozen=True)
class Default:
    """`unit` is what is counted; remote: place does not count; sensitive: for coordinators only."""

    key: str
    unit: str
    en: str
    es: str
    remote: bool = False
    sensitive: bool = False


DEFAULTS: tuple[tuple[Default, tuple[Default, ...]], ...] = (
    (
        Default("food", "boxes", "Food", "Comida"),
        (
            Default("groceries", "boxes", "Groceries", "Alimentos"),
            Default("meals", "meals", "A cooked meal", "Una comida preparada"),
            Default("baby_formula", "boxes", "Baby formula", "Leche de fórmula"),
            Default("water", "boxes", "Drinking water", "Agua para beber"),
        ),
    ),
    (
        Default("errands", "times", "Errands", "Mandados"),
        (
            Default("shopping", "times", "Shopping", "Hacer las compras"),
            Default("prescriptions", "times", "Medicine from the pharmacy", "Medicinas de la farmacia"),
            Default("parcels", "items", "Parcels and mail", "Paquetes y correo"),
        ),
    ),
    (Default("rides", "rides", "A ride", "Un viaje en auto"), ()),
    (
        Default("care", "hours", "Looking after someone", "Cuidar a alguien"),
        (
            Default("children", "hours", "Someone with the children", "Alguien con los niños"),
            Default("elders", "hours", "Someone with an older person", "Alguien con una persona mayor"),
            Default("pets", "visits", "Looking after a pet", "Cuidar una mascota"),
        ),
    ),
    (
        Default("home", "hours", "Help at home", "Ayuda en casa"),
        (
            Default("repairs", "times", "Small repairs", "Arreglos pequeños"),
            Default("moving", "hours", "Moving and carrying", "Mudanzas y cargar cosas"),
            Default("cleaning", "hours", "Cleaning", "Limpieza"),
            Default("yard", "hours", "Yard, garden and snow", "Patio, jardín y nieve"),
        ),
    ),
    (
        Default("things", "items", "Things", "Cosas"),
        (
            Default("household", "items", "Things for the home", "Cosas para la casa"),
            Default("clothes", "items", "Clothes and shoes", "Ropa y zapatos"),
            Default("furniture", "items", "Furniture", "Muebles"),
            Default("tools", "items", "Tools", "Herramientas"),
            Default("technology", "items", "A phone or computer", "Un teléfono o una computadora"),
        ),
    ),
    (
        Default("health", "visits", "Health", "Salud", sensitive=True),
        (
            Default("supplies", "items", "Medical supplies", "Artículos médicos"),
            Default(
                "accompaniment",
                "visits",
                "Someone to come to the doctor",
                "Compañía para ir al médico",
                sensitive=True,
            ),
        ),
    ),
    (
        Default("housing", "nights", "Housing", "Vivienda", sensitive=True),
        (
            Default("place_to_stay", "nights", "A place to stay", "Un lugar para quedarse", sensitive=True),
            Default("storage", "boxes", "Space to keep things", "Espacio para guardar cosas"),
            Default("eviction", "times", "Help against eviction", "Ayuda contra un desalojo", sensitive=True),
        ),
    ),
    (
        Default("money", "dollars", "Money", "Dinero", remote=True, sensitive=True),
        (
            Default(
                "bills", "dollars", "Money for bills", "Dinero para las cuentas", remote=True, sensitive=True
            ),
            Default(
                "rent", "dollars", "Money for rent", "Dinero para el alquiler", remote=True, sensitive=True
            ),
        ),
    ),
    (
        Default(
            "papers", "hours", "Papers and translation", "Papeles y traducción", remote=True, sensitive=True
        ),
        (
            Default("forms", "hours", "Filling in forms", "Llenar formularios", remote=True, sensitive=True),
            Default(
                "benefits",
                "hours",
                "Asking for benefits",
                "Pedir ayudas públicas",
                remote=True,
                sensitive=True,
            ),
            Default("interpreting", "hours", "Someone to translate", "Alguien que traduzca", remote=True),
        ),
    ),
    (
        Default("company", "visits", "Company", "Compañía"),
        (
            Default("calls", "calls", "A friendly phone call", "Una llamada amistosa", remote=True),
            Default("visits", "visits", "A visit", "Una visita"),
        ),
    ),
    (Default("skills", "hours", "Skills and learning", "Enseñar y aprender"), ()),
    (Default("other", "times", "Something else", "Otra cosa"), ()),
)


def add_default_categories(network: Network) -> None:
    """Add what the network lacks of the default set; what stands, under whatever name, stays."""
    standing = select(Category.key, Category.id).where(Category.network_id == network.id)
    ids = {key: int(category_id) for key, category_id in db.session.execute(standing)}
    position = 0
    for parent, children in DEFAULTS:
        for row in (parent, *children):
            if row.key not in ids:
                ids[row.key] = new_id()
                above = None if row is parent else ids[parent.key]
                db.session.add(_category(network, ids[row.key], row, above, position))
            position += 1
    db.session.flush()


def _category(network: Network, made_id: int, row: Default, parent_id: int | None, position: int) -> Category:
    return Category(
        network_id=network.id,
        id=made_id,
        parent_id=parent_id,
        key=row.key,
        names={"en": row.en, "es": row.es},
        unit=row.unit,
        remote=row.remote,
        sensitive=row.sensitive,
        position=position,
    )
