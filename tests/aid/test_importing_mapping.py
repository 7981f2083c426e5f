"""Mappings: what is missing, wrong or unknown is called by its name."""

from pathlib import Path

import pytest

from mutualaid.aid.importing import CannotImport, read_mapping
from mutualaid.aid.importing.mapping import Bounds

GOOD = """
source = "hotline"
date_format = "%Y-%m-%d %H:%M"
timezone = "America/Toronto"
separator = ";"

[bounds]
south = 43.5
west = -79.7
north = 43.9
east = -79.1

[columns]
id = "no"
date = "when"
category = "what"
latitude = "lat"
longitude = "lon"

[[patterns]]
match = "wheelchair"
left_out = "not between neighbours"

[[patterns]]
match = '^food\\b'
kind = "need"
category = "groceries"
urgency = 1
quantity = 2
"""


@pytest.fixture
def write(tmp_path):
    def write(text: str | bytes) -> Path:
        path: Path = tmp_path / "map.toml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


def why_not(path: Path) -> str:
    with pytest.raises(CannotImport) as refused:
        read_mapping(path)
    return str(refused.value)


def test_mapping_that_is_sound_is_read(write):
    mapping = read_mapping(write(GOOD))
    left_out, food = mapping.patterns
    assert (mapping.source, mapping.encoding, mapping.separator) == ("hotline", "utf-8", ";")
    assert mapping.columns["latitude"] == "lat"
    assert left_out.left_out == "not between neighbours"
    assert (food.kind, food.category, food.urgency, food.quantity) == ("need", "groceries", 1, 2)


def test_first_pattern_that_matches_counts_in_any_case(write):
    mapping = read_mapping(write(GOOD))
    left_out, food = mapping.patterns
    assert mapping.pattern_of("FOOD for three") is food
    assert mapping.pattern_of("food by wheelchair") is left_out
    assert mapping.pattern_of("foodbank") is None


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('source = "hotline"', "", "map.toml: in the mapping, “source” is missing."),
        ('source = "hotline"', "source = 3", "map.toml: in the mapping, “source” must be a text."),
        (
            '"hotline"',
            f'"{"h" * 41}"',
            "map.toml: in the mapping, “source” must not be longer than 40 letters.",
        ),
        ('date = "when"', "", "map.toml: in [columns], “date” is missing."),
        ('date = "when"', 'date = "when"\nfax = "f"', "map.toml: in [columns], “fax” is not known."),
        ("[columns]", "[colums]", "map.toml: the part [columns] is missing."),
        ("[bounds]", "[limits]", "map.toml: the part [bounds] is missing."),
        (
            "north = 43.9",
            "north = 91",
            "map.toml: in [bounds], “north” must be a number of degrees from -90 to 90.",
        ),
        (
            "east = -79.1",
            "east = nan",
            "map.toml: in [bounds], “east” must be a number of degrees from -180 to 180.",
        ),
        ("north = 43.9", "north = 43.1", "map.toml: in [bounds], “south” lies north of “north”."),
        ("[[patterns]]", "[[pattern]]", "map.toml: there is no [[patterns]]."),
        (
            'kind = "need"',
            'kind = "wish"',
            "map.toml: in [[patterns]] number 2, “kind” must be one of: need, offer.",
        ),
        ('kind = "need"', "", "map.toml: in [[patterns]] number 2, “kind” is missing."),
        (
            "urgency = 1",
            "urgency = 5",
            "map.toml: in [[patterns]] number 2, “urgency” must be a whole number from 0 to 2.",
        ),
        ("urgency = 1", "urgancy = 1", "map.toml: in [[patterns]] number 2, “urgancy” is not known."),
        (
            "quantity = 2",
            "quantity = true",
            "map.toml: in [[patterns]] number 2, “quantity” must be a whole number from 1 to 1000000.",
        ),
        (
            '"wheelchair"',
            '"[wheel"',
            "map.toml: in [[patterns]] number 1, “match” is not a pattern: unterminated character set at position 0.",
        ),
        (
            "America/Toronto",
            "America/Gotham",
            "map.toml: in the mapping, “timezone” names no time zone: America/Gotham.",
        ),
        ("America/Toronto", "../etc", "map.toml: in the mapping, “timezone” names no time zone: ../etc."),
        (
            "%Y-%m-%d %H:%M",
            "%Y-%Q",
            "map.toml: in the mapping, “date_format” is not a format: 'Q' is a bad directive in format '%Y-%Q'.",
        ),
        (
            'separator = ";"',
            'encoding = "klingon"',
            "map.toml: in the mapping, “encoding” names no encoding: klingon.",
        ),
        (
            'separator = ";"',
            'encoding = "hex"',
            "map.toml: in the mapping, “encoding” names no encoding: hex.",
        ),
    ],
)
def test_mapping_with_a_fault_says_which(write, old, new, message):
    assert old in GOOD
    assert why_not(write(GOOD.replace(old, new))) == message


@pytest.mark.parametrize("text", ["source = ", "<html>", b"source = '\xe9'"])
def test_mapping_that_is_no_toml_says_so(write, text):
    assert why_not(write(text)).startswith("map.toml is not TOML: ")


def test_mapping_that_cannot_be_read_says_so(tmp_path):
    assert why_not(tmp_path) == f"{tmp_path.name} cannot be read: Is a directory."


@pytest.mark.parametrize(("lon", "inside"), [(178.5, True), (-179, True), (0, False), (-177, False)])
def test_bounds_may_go_over_the_antimeridian(lon, inside):
    assert Bounds(south=-21, west=176, north=-12, east=-178).hold(-18, lon) is inside


@pytest.mark.parametrize("path", sorted(Path("docs/examples").glob("*.toml")), ids=lambda path: path.name)
def test_mapping_in_the_docs_is_sound(path):
    assert read_mapping(path).patterns
