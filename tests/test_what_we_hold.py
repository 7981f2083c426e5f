"""The page that says what could be handed over knows every column there is."""

import pytest

from mutualaid import what_we_hold
from mutualaid.db import db
from mutualaid.every_column import Held
from mutualaid.what_we_hold import groups_of, without_words


def test_every_column_has_words(app):
    """Fails when a column came or went: say in mutualaid/every_column.py what it is and how long it stays."""
    assert without_words() == set()


def test_column_without_words_is_found(app, monkeypatch):
    known = what_we_hold.TABLES["match_details"]
    monkeypatch.setitem(
        what_we_hold.TABLES, "match_details", Held(known.what, known.stays, {"gone": "A word"})
    )
    assert without_words() == {"match_details.address_sealed", "match_details.gone"}


def test_words_of_a_group_are_true_of_all_its_columns(app):
    """What is sealed, or a fingerprint, does not stand among what is readable."""
    for name, held in what_we_hold.TABLES.items():
        for group in groups_of(name, held):
            kinds = {
                what_we_hold.how_kept(db.metadata.tables[name].c[c.partition(".")[2]]) for c in group.columns
            }
            assert kinds == {group.how}, group.columns


@pytest.mark.parametrize(("language", "words"), [("en", "Where to come"), ("es", "Adónde ir")])
def test_page_stands_in_every_language(client, language, words):
    with client.session_transaction() as session:
        session["language"] = language
    page = client.get("/what-we-hold").text
    assert words in page
    assert "match_details.address_sealed" in page
