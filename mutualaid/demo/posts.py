# ruff: noqa: E501
# fmt: off
"""What the demo's people ask for and offer. Nobody here is real.

Needs: name, category, area, how many, urgency, days ago, languages, what it requires, own words, more of lifecycle.Said.
"""

from typing import Any

from mutualaid.aid import windows

MORNINGS = windows.mask((day, 0) for day in range(7))
AFTERNOONS = windows.mask((day, 1) for day in range(7))
EVENINGS = windows.mask((day, 2) for day in range(7))
WEEKDAYS = windows.mask((day, part) for day in range(5) for part in range(3))
WEEKEND = windows.mask((day, part) for day in (5, 6) for part in range(3))
TUESDAY_MORNING = windows.mask([(1, 0)])
THURSDAY_EVENING = windows.mask([(3, 2)])

PARK, RONCY, DUFF, TRIN, LITTLE = (
    "South Parkdale",
    "Roncesvalles",
    "Dufferin Grove",
    "Trinity-Bellwoods",
    "Little Portugal",
)
KENS, JUNC, PALM, HIGH, NIAG = (
    "Kensington-Chinatown",
    "Junction Area",
    "Palmerston-Little Italy",
    "High Park North",
    "Niagara",
)

Row = tuple[str, str, str, int, int, float, tuple[str, ...], tuple[str, ...], str, dict[str, Any]]


def _need(
    name: str,
    category: str,
    area: str,
    quantity: int = 1,
    urgency: int = 0,
    days: float = 1,
    languages: tuple[str, ...] = ("en",),
    requires: tuple[str, ...] = (),
    words: str = "",
    **more: Any,
) -> Row:
    return name, category, area, quantity, urgency, days, languages, requires, words, more


NEEDS = (
    _need(
        "Teresa",
        "rides",
        PARK,
        2,
        2,
        0.1,
        ("pt", "en"),
        ("vehicle", "step_free"),
        "To the clinic and back. I use a walker.",
        times=TUESDAY_MORNING,
    ),
    _need("Yusuf", "prescriptions", DUFF, 1, 2, 0.03, ("ar", "en"), words="Insulin, it is paid for already."),
    _need("Farida", "groceries", LITTLE, 6, 2, 0.2, ("en", "fa"), words="We are six. No pork, please."),
    _need(
        "Mei",
        "children",
        KENS,
        3,
        1,
        1,
        ("zh", "en"),
        (),
        "Two girls, four and seven.",
        times=THURSDAY_EVENING,
    ),
    _need(
        "Ana",
        "forms",
        DUFF,
        2,
        1,
        1.2,
        ("es",),
        (),
        "A letter from the landlord that I do not understand.",
        interpreter=True,
    ),
    _need(
        "Kwame", "moving", PALM, 3, 1, 1.5, ("en", "fr"), ("lifting",), "A bed, up two floors.", times=WEEKEND
    ),
    _need("Ruth", "calls", TRIN, 2, 0, 2, ("en",), (), "Evenings are long.", times=EVENINGS),
    _need("Paulo", "repairs", DUFF, 1, 1, 2.2, ("pt",), (), "A window that does not shut."),
    _need("Olena", "yard", RONCY, 4, 0, 3, ("uk", "en"), (), "The front steps, after snow.", times=MORNINGS),
    _need(
        "Amina",
        "groceries",
        PARK,
        3,
        1,
        0.5,
        ("en", "so"),
        (),
        "The buzzer does not work, please ring.",
        choose_for_me=True,
    ),
    _need("Sipho", "meals", KENS, 4, 2, 0.3, ("en",), (), "Just home from hospital."),
    _need(
        "Ingrid",
        "pets",
        HIGH,
        5,
        1,
        11.5,
        ("en",),
        (),
        "One old cat. I am away for five days.",
        times=MORNINGS,
    ),
    _need("Tomasz", "technology", RONCY, 1, 0, 6, ("pl", "en"), (), "For school. An old one is fine."),
    _need("Leila", "baby_formula", LITTLE, 4, 2, 0.4, ("ar", "fr"), (), "From six months on."),
    _need("Gloria", "rent", PARK, 400, 1, 2.5, ("es", "en"), (), "Short for December."),
    _need(
        "Hassan",
        "accompaniment",
        TRIN,
        1,
        1,
        1.1,
        ("so", "en"),
        ("woman",),
        "For my mother, at the eye clinic.",
    ),
    _need("Nadia", "place_to_stay", NIAG, 3, 2, 0.6, ("en",), ("no_smoke",), ""),
    _need("Victor", "furniture", JUNC, 2, 0, 9, ("es", "en"), (), "A table and a chair."),
    _need("Soledad", "interpreting", JUNC, 1, 1, 3.5, ("es",), (), "For a school meeting.", interpreter=True),
    _need("Bao", "clothes", KENS, 4, 0, 12, ("vi", "en"), (), "Winter coats, two of them small."),
    _need(
        "Edith",
        "visits",
        HIGH,
        4,
        0,
        15,
        ("en",),
        ("no_pets",),
        "Somebody to play cards with.",
        times=AFTERNOONS,
    ),
    _need("Rosa", "eviction", PARK, 1, 2, 0.7, ("es",), (), "The hearing is next week.", interpreter=True),
    _need("Dmitri", "groceries", JUNC, 2, 0, 25, ("ru", "en")),
    _need("Carmen", "cleaning", LITTLE, 3, 0, 5, ("pt", "es"), (), "", times=WEEKDAYS),
)
# Offers: name, category, area, in all, a week, days ago, languages, has, reach in km, more.
Offer = tuple[
    str, str, str, int | None, int | None, float, tuple[str, ...], tuple[str, ...], int, dict[str, Any]
]


def _offer(
    name: str,
    category: str,
    area: str,
    days: float,
    languages: tuple[str, ...] = ("en",),
    has: tuple[str, ...] = (),
    reach: int = 4,
    stock: int | None = None,
    per_week: int | None = None,
    **more: Any,
) -> Offer:
    return name, category, area, stock, per_week, days, languages, has, reach, more


OFFERS = (
    _offer("Dee", "rides", RONCY, 34, ("en", "pt"), ("vehicle", "step_free"), 10, per_week=2),
    _offer(
        "Joaquim",
        "rides",
        LITTLE,
        33,
        ("pt", "en"),
        ("vehicle", "step_free"),
        5,
        per_week=1,
        times=TUESDAY_MORNING,
    ),
    _offer("Priya", "rides", DUFF, 33, ("en", "hi"), ("vehicle", "step_free"), 10, per_week=3),
    _offer("Marcus", "rides", PARK, 20, ("en",), ("vehicle", "step_free"), 10, times=EVENINGS),
    _offer("Owen", "rides", LITTLE, 18, ("en",), ("vehicle",), 10),
    _offer("Lan", "groceries", KENS, 32, ("vi", "en"), ("vehicle",), 5, per_week=8),
    _offer("Inês", "groceries", PARK, 31, ("pt", "en"), (), 4, per_week=9),
    _offer("Samir", "groceries", TRIN, 30, ("ar", "en"), ("vehicle",), 6, per_week=8),
    _offer("Greta", "meals", DUFF, 32, ("en", "de"), (), 6, per_week=9),
    _offer("Kofi", "meals", PARK, 30, ("en", "fr"), (), 3, per_week=8),
    _offer("Anselm", "moving", TRIN, 29, ("en",), ("vehicle", "lifting"), 10, per_week=6),
    _offer("Ruthie", "children", PALM, 22, ("en", "zh"), ("woman",), 4, per_week=6, times=EVENINGS),
    _offer("Hugo", "forms", KENS, 21, ("es", "en", "fr"), (), 6, per_week=4),
    _offer("Nour", "prescriptions", DUFF, 21, ("ar", "fr", "en"), (), 4),
    _offer("Stefan", "repairs", RONCY, 28, ("pl", "en"), (), 5, per_week=2),
    _offer("Wanda", "company", HIGH, 27, ("pl", "en"), ("woman",), 4, per_week=5),
    _offer("Malik", "yard", RONCY, 26, ("en",), ("lifting",), 3, per_week=4, times=MORNINGS),
    _offer("Chloe", "pets", HIGH, 13, ("fr", "en"), ("no_smoke",), 3, stock=8),
    _offer("Dev", "technology", NIAG, 10, ("en", "hi"), (), 10, stock=3),
    _offer("Beatriz", "cleaning", LITTLE, 9, ("pt", "es"), ("woman",), 4, per_week=4),
    _offer("Jonas", "things", JUNC, 8, ("en", "de"), ("vehicle",), 10, stock=12),
    _offer("Salma", "baby_formula", KENS, 6, ("ar", "fr", "en"), (), 5, stock=6),
)
# What came already: (neighbour, category, area, how many, days ago, helper).
CAME = (
    ("Ngozi", "groceries", PARK, 2, 28, "Inês"),
    ("Petra", "groceries", PARK, 1, 27, "Inês"),
    ("Ali", "groceries", PARK, 3, 20, "Inês"),
    ("Zofia", "groceries", TRIN, 2, 26, "Samir"),
    ("Hana", "groceries", TRIN, 2, 18, "Samir"),
    ("Luis", "groceries", KENS, 4, 25, "Lan"),
    ("Quynh", "groceries", KENS, 2, 17, "Lan"),
    ("Marta", "meals", DUFF, 4, 28, "Greta"),
    ("Ivan", "meals", DUFF, 2, 24, "Greta"),
    ("Celia", "meals", DUFF, 3, 16, "Greta"),
    ("Abdi", "meals", PARK, 3, 23, "Kofi"),
    ("Mona", "meals", PARK, 2, 15, "Kofi"),
    ("Rita", "meals", PARK, 2, 9, "Kofi"),
    ("Teresa", "rides", PARK, 1, 22, "Joaquim"),
    ("Pilar", "rides", DUFF, 1, 21, "Priya"),
    ("Noor", "rides", DUFF, 1, 14, "Priya"),
    ("Elio", "moving", TRIN, 2, 19, "Anselm"),
    ("Sunil", "moving", TRIN, 3, 12, "Anselm"),
    ("Vera", "repairs", RONCY, 1, 13, "Stefan"),
    ("Jade", "repairs", RONCY, 1, 10, "Stefan"),
    ("Henry", "calls", HIGH, 2, 11, "Wanda"),
    ("Aya", "yard", RONCY, 1, 8, "Malik"),
)
