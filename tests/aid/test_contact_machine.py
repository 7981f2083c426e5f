"""Contact is visible exactly when both agreed and it has not ended, been ended, blocked or erased; whatever happens.

What is asserted stands in the model (contact_machine.py); here it is shown to find what is not so.
"""

from datetime import timedelta

import pytest
from hypothesis import Phase, settings

from mutualaid.aid import between, contact
from tests.aid.contact_machine import run_contacts
from tests.examples import FEW, FEWER

FIND = settings(  # as long as it takes, and no looking for the shortest way
    FEW, max_examples=500, phases=[Phase.generate], database=None, report_multiple_bugs=False
)


@pytest.mark.hypothesis
def test_two_needs_two_offers_and_people_who_block_erase_and_look(app):
    run_contacts(FEWER)


@pytest.mark.once
@pytest.mark.parametrize(
    ("name", "flaw"),
    [
        ("in_touch", lambda _match, _now: True),
        ("in_touch", lambda match, now: between.in_touch(match, now + timedelta(seconds=1))),
        ("happened", lambda _verb, **_more: None),
    ],
    ids=["contact that never ends", "contact that ends a second early", "look that nobody hears of"],
)
def test_model_finds(app, monkeypatch, name, flaw):
    monkeypatch.setattr(contact, name, flaw)
    with pytest.raises(AssertionError):
        run_contacts(FIND)
