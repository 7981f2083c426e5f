"""`posts import` of files that are not as they should be: what cannot be taken is said, and the rest is kept."""

import pytest

from tests.aid.hotline import HEADER, HERE, MAPPING, Hotline


@pytest.fixture
def hotline(app, tmp_path, clock):
    return Hotline(app, tmp_path)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (f",2026-11-20 09:30,food,{HERE}", "There is no id."),
        (f"{'7' * 81},2026-11-20 09:30,food,{HERE}", "The id is longer than 80 letters."),
        (f"7,,food,{HERE}", "There is no date."),
        (f"7,yesterday,food,{HERE}", "“yesterday” is not a date like 2010-01-31 13:05."),
        (f"7,2026-02-30 09:30,food,{HERE}", "“2026-02-30 09:30” is not a date like 2010-01-31 13:05."),
        (f"7,0001-01-01 00:00,food,{HERE}", "The date 0001-01-01 00:00 is too long ago."),
        (f"7,9999-12-31 23:59,food,{HERE}", "“9999-12-31 23:59” is not a date like 2010-01-31 13:05."),
        (f"7,2027-01-01 00:00,food,{HERE}", "The date 2027-01-01 00:00 has not come yet."),
        ("7,2026-11-20 09:30,food,91,-79.4", "The latitude 91 is not on earth: it goes from -90 to 90."),
        (
            "7,2026-11-20 09:30,food,43.6,-181",
            "The longitude -181 is not on earth: it goes from -180 to 180.",
        ),
        ("7,2026-11-20 09:30,food,,-79.4", "There is no latitude."),
        ("7,2026-11-20 09:30,food,43.6,NaN", "The longitude “NaN” is not a number."),
        ("7,2026-11-20 09:30,food,inf,-79.4", "The latitude “inf” is not a number."),
        ('7,2026-11-20 09:30,food,"43,6",-79.4', "The latitude “43,6” is not a number."),
        ("7,2026-11-20 09:30,food,0,0", "0.0, 0.0 lies outside the bounds."),
        (f"7,2026-11-20 09:30,,{HERE}", "There is no category."),
        (f"7,2026-11-20 09:30, ; ,{HERE}", "There is no category."),
        (f"7,2026-11-20 09:30,gold; silver,{HERE}", "No category known: gold, silver."),
        (
            f"7,2026-11-20 09:30,police,{HERE}",
            "Left out, it is neither a need nor an offer: not between neighbours.",
        ),
        ("7,2026-11-20 09:30,food", "It has 3 cells; the first line has 5."),
        (f"7,2026-11-20 09:30,food,{HERE},x", "It has 6 cells; the first line has 5."),
    ],
)
def test_row_that_cannot_be_taken_says_why_and_the_rest_is_kept(hotline, row, reason):
    assert hotline.bring(row, f"8,2026-11-20 09:30,food,{HERE}") == {
        "read": 2,
        "posts": 1,
        "needs": 1,
        "rejected": 1,
    }
    assert hotline.reasons() == [reason]


@pytest.mark.parametrize(
    ("column", "cell", "reason"),
    [
        ("quantity", "0", "The quantity “0” is not a whole number from 1 to 1,000,000."),
        ("quantity", "some", "The quantity “some” is not a whole number from 1 to 1,000,000."),
        ("phone", "call me", "“call me” is not a phone number."),
        ("email", "amina at home", "“amina at home” is not an email."),
    ],
)
def test_cell_that_makes_no_sense_rejects_its_row(hotline, column, cell, reason):
    hotline.mapping.write_text(MAPPING.replace("# more columns", f'{column} = "more"'))
    row = f"7,2026-11-20 09:30,food,{HERE},{cell}"
    assert hotline.bring(row, header=f"{HEADER},more") == {"read": 1, "rejected": 1}
    assert hotline.reasons() == [reason]


def test_rejected_rows_can_be_mended_and_brought_again(hotline):
    hotline.bring("7,2026-11-20 09:30,food,91,-79.4")
    mended = hotline.rejects.read_text().replace("91", "43.65")
    hotline.file.write_text(mended)
    assert hotline.again() == {"read": 1, "posts": 1, "needs": 1}
    assert not hotline.rejects.exists()


def test_header_alone_is_a_file_of_nothing(hotline):
    assert hotline.bring() == {}
    assert not hotline.rejects.exists()


def test_file_with_a_bom_and_spaces_in_its_header_is_read(hotline):
    header = "\ufeffno, when ,what,lat,lon"
    assert hotline.bring(f"7,2026-11-20 09:30,food,{HERE}", header=header)["posts"] == 1


def test_missing_column_says_which_and_what_there_is(hotline):
    hotline.write("7,2026-11-20 09:30,food,43.6", header="no,when,what,latitude")
    assert hotline.refuse() == (
        "There is no column “lat”, “lon”. The file has: “no”, “when”, “what”, “latitude”."
    )


def test_column_that_stands_twice_says_so(hotline):
    hotline.write(header=f"{HEADER},lat")
    assert hotline.refuse() == "There is more than one column “lat”."


def test_empty_file_says_so(hotline):
    hotline.file.write_bytes(b"")
    assert hotline.refuse() == "The file is empty: not even names of columns."


def test_wrong_encoding_of_the_header_says_so(hotline):
    hotline.file.write_bytes("n°,when\n".encode("latin-1"))
    assert hotline.refuse() == (
        "The first line cannot be read as names of columns. It is not written in utf-8."
    )


def test_wrong_encoding_of_a_row_rejects_that_row(hotline):
    rows = [HEADER, f"7,2026-11-20 09:30,food à Léogâne,{HERE}", f"8,2026-11-20 09:30,food,{HERE}"]
    hotline.file.write_bytes("\n".join(rows).encode("latin-1"))
    assert hotline.again() == {"read": 2, "posts": 1, "needs": 1, "rejected": 1}
    assert hotline.reasons() == ["It is not written in utf-8."]
    assert "food \\xe0 L\\xe9og\\xe2ne" in hotline.rejects.read_text(encoding="utf-8")


def test_line_of_ten_megabytes_rejects_that_row(hotline):
    long = f"7,2026-11-20 09:30,{'food;' * 2_000_000},{HERE}"
    counts = hotline.bring(long, f"8,2026-11-20 09:30,food,{HERE}")
    assert counts == {"read": 2, "posts": 1, "needs": 1, "rejected": 1}
    assert hotline.reasons() == ["It is too long: more than 100,000 letters, which are not kept here."]
    assert hotline.rejects.stat().st_size < 1000


def test_unknown_category_of_the_mapping_says_so(hotline):
    hotline.mapping.write_text(MAPPING.replace('"groceries"', '"groseries"'))
    hotline.write()
    said = hotline.refuse()
    assert said.startswith(
        "The mapping names categories that garrison does not have: groseries. It has: food,"
    )


def test_mapping_with_a_fault_says_so(hotline):
    hotline.mapping.write_text(MAPPING.replace("[bounds]", "[limits]"))
    hotline.write()
    assert hotline.refuse() == "map.toml: the part [bounds] is missing."


def test_unknown_network_says_so(hotline):
    hotline.slug = "nowhere"
    hotline.write()
    assert hotline.refuse() == "There is no network “nowhere”."


def test_file_that_is_not_there_says_so(hotline):
    result = hotline.invoke()
    assert result.exit_code == 2
    assert "reports.csv' does not exist." in result.stderr
