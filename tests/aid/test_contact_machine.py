"""Contact is visible exactly when both agreed and it has not ended, been ended, blocked or erased; whatever happens."""

import pytest
from hypothesis.stateful import run_state_machine_as_test

from tests.aid.contact_machine import Contacts
from tests.examples import FEW


@pytest.mark.hypothesis
def test_two_needs_two_offers_and_people_who_block_erase_and_look(app):
    run_state_machine_as_test(Contacts, settings=FEW)
