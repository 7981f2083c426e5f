"""Reading files that are not as they should be, and writing down what was not taken."""

import csv
import tracemalloc
from pathlib import Path

import pytest

from mutualaid.aid.importing import (
    ROW_LIMIT,
    CannotImport,
    RejectedRows,
    open_text,
    read_rows,
    rejected_path,
)
from mutualaid.aid.importing.rejecting import harmless

UNCLOSED = "A quotation mark is opened and not closed."
TOO_LONG = "It is too long: more than 100,000 letters, which are not kept here."


@pytest.fixture
def rows(tmp_path):
    """What is read from these bytes, header left off: cells of sound rows, problems of the others."""

    def read(data, encoding="utf-8"):
        path = tmp_path / "reports.csv"
        path.write_bytes(data)
        with open_text(path, encoding) as text:
            found = read_rows(text)
            assert next(found).cells == ["id", "place"]
            return [row.problem or row.cells for row in found]

    return read


def test_plain_rows_are_read(rows):
    assert rows(b"id,place\n1,Delmas\n2,Carrefour\n") == [["1", "Delmas"], ["2", "Carrefour"]]


def test_bom_is_taken_away(rows):
    assert rows(b"\xef\xbb\xbfid,place\n1,Delmas\n") == [["1", "Delmas"]]


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_any_end_of_line_is_understood(rows, end):
    assert rows(end.join([b"id,place", b"1,a", b"2,b"])) == [["1", "a"], ["2", "b"]]


def test_quoted_newline_stays_in_its_cell(rows):
    assert rows(b'id,place\n1,"Delmas\n19, ""red"" door"\n2,b\n') == [
        ["1", 'Delmas\n19, "red" door'],
        ["2", "b"],
    ]


def test_empty_rows_are_no_rows(rows):
    assert rows(b"id,place\n\n1,a\n , \n,\n2,b\n\n") == [["1", "a"], ["2", "b"]]


def test_spare_empty_cells_do_no_harm(rows):
    assert rows(b"id,place\n1,a,,\n") == [["1", "a", "", ""]]


def test_row_with_too_many_or_too_few_cells_is_told(rows):
    assert rows(b"id,place\n1,a,b\n2\n3,c\n") == [
        "It has 3 cells; the first line has 2.",
        "It has 1 cells; the first line has 2.",
        ["3", "c"],
    ]


def test_stray_quotation_mark_spoils_only_its_own_row(rows):
    lines = [b"id,place", b'1,"Delmas', *(b"%d,x" % n for n in range(2, 60)), b'60,"y', b"61,z"]
    read = rows(b"\n".join(lines))
    assert (read[0], read[59]) == (UNCLOSED, UNCLOSED)
    assert read[1:59] + read[60:] == [[str(n), "x"] for n in range(2, 60)] + [["61", "z"]]


def test_stray_quotation_mark_in_a_file_without_another_spoils_only_its_own_row(rows):
    count = ROW_LIMIT // 4
    read = rows(b'id,place\n1,"Delmas\n' + b"".join(b"%d,x\n" % n for n in range(2, count)))
    assert (read[0], len(read)) == (UNCLOSED, count - 1)
    assert read[1:] == [[str(n), "x"] for n in range(2, count)]


def test_letters_behind_a_closing_quotation_mark_are_taken_as_they_are(rows):
    assert rows(b'id,place\n1,"Delmas"19\n') == [["1", "Delmas19"]]


def test_row_in_another_encoding_spoils_only_itself(rows):
    assert rows("id,place\n1,Léogâne\n".encode() + "2,Léogâne\n".encode("latin-1") + b"3,c\n") == [
        ["1", "Léogâne"],
        "It is not written in utf-8.",
        ["3", "c"],
    ]


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16", "cp1252"])
def test_encoding_named_by_the_mapping_is_read(rows, encoding):
    assert rows("id,place\n1,Léogâne\n".encode(encoding), encoding) == [["1", "Léogâne"]]


def test_zero_byte_spoils_only_its_own_row(rows):
    assert rows(b"id,place\n1,a\0b\n2,c\n") == ["It holds a zero byte, which is no letter.", ["2", "c"]]


@pytest.mark.parametrize("quote", [b"", b'"'])
def test_line_of_ten_megabytes_spoils_only_itself_and_is_never_held(rows, quote):
    long = quote + b"x" * 10_000_000 + quote
    data = b"id,place\n1,a\n2," + long + b"\n3,c\n"
    tracemalloc.start()
    try:
        read = rows(data)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert read == [["1", "a"], TOO_LONG, ["3", "c"]]
    assert peak < 3_000_000


def test_row_that_is_too_long_can_be_found_again(tmp_path):
    path = tmp_path / "reports.csv"
    path.write_bytes(b"id,place\n2," + b"x" * 10_000_000)
    with open_text(path, "utf-8") as text:
        _, row = read_rows(text)
    assert row.cells == ["2", "x" * 198]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "The file is empty: not even names of columns."),
        (b"\xef\xbb\xbf\r\n\n", "The file is empty: not even names of columns."),
        (
            "id,place\n1,é\n".encode("utf-16"),
            "The first line cannot be read as names of columns. It is not written in utf-8.",
        ),
        (
            "id,place\n".encode("utf-16-le"),
            "The first line cannot be read as names of columns. It holds a zero byte, which is no letter.",
        ),
        (b"x" * 200_000, f"The first line cannot be read as names of columns. {TOO_LONG}"),
        (b'id,"place\n1,a\n', f"The first line cannot be read as names of columns. {UNCLOSED}"),
    ],
)
def test_file_without_names_of_columns_says_why(rows, data, message):
    with pytest.raises(CannotImport) as refused:
        rows(data)
    assert str(refused.value) == message


def test_file_that_breaks_its_encoding_half_way_says_so(rows):
    with pytest.raises(CannotImport, match="The file is not written in utf-16"):
        rows("id,place\n1,a\n".encode("utf-16") + b"x", "utf-16")


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        ("=1+1", "'=1+1"),
        ("\uff1d1+1", "'\uff1d1+1"),
        ("+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0"),
        ("-2+3", "'-2+3"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\r=1"),
        ("-72.33", "-72.33"),
        ("+14165550142", "+14165550142"),
        ("-1e5", "-1e5"),
        ("Delmas 19", "Delmas 19"),
        ("a\0b", "a\\x00b"),
        ("L\udce9ogane", "L\\xe9ogane"),
    ],
)
def test_cell_of_a_rejected_row_does_no_harm(cell, written):
    assert harmless(cell) == written


def written(path: Path, header: list[str], *rejected: tuple[list[str], str]) -> list[list[str]] | None:
    with RejectedRows(path, header) as rows:
        for cells, reason in rejected:
            rows.add(cells, reason)
    return list(csv.reader(path.read_text(encoding="utf-8").splitlines())) if path.exists() else None


def test_rejected_rows_stand_with_their_reason(tmp_path):
    path = tmp_path / "a.rejected.csv"
    rejected = (["1", "a"], "No."), (["2"], "Short."), (["3", "c", "d"], "Long.")
    assert written(path, ["id", "=place"], *rejected) == [
        ["id", "'=place", "reason"],
        ["1", "a", "No."],
        ["2", "", "Short."],
        ["3", "c", "Long.", "d"],
    ]
    assert path.stat().st_mode & 0o777 == 0o600


def test_rejected_rows_read_again_have_one_reason(tmp_path):
    path = tmp_path / "a.rejected.csv"
    assert written(path, ["id", "reason"], (["1", "old"], "New.")) == [["id", "reason"], ["1", "New."]]


def test_file_of_rejected_rows_goes_when_there_are_none(tmp_path):
    path = tmp_path / "a.rejected.csv"
    path.write_text("from the last run")
    assert written(path, ["id"]) is None


def test_file_of_rejected_rows_that_cannot_be_written_says_so(tmp_path):
    with pytest.raises(
        CannotImport, match=r"^a\.rejected\.csv cannot be written \(No such file or directory\)"
    ):
        written(tmp_path / "nowhere" / "a.rejected.csv", ["id"])


@pytest.mark.parametrize(
    ("name", "rejects"),
    [
        ("a.csv", "a.rejected.csv"),
        ("A.CSV", "A.rejected.csv"),
        ("a.b.csv", "a.b.rejected.csv"),
        ("a.txt", "a.txt.rejected.csv"),
    ],
)
def test_rejected_rows_stand_beside_their_file(tmp_path, name, rejects):
    assert rejected_path(tmp_path / name) == tmp_path / rejects
