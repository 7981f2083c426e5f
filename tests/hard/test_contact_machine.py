"""The long version: ten thousand runs of fifty steps, in parts, so that several processes share them."""

import pytest
from hypothesis import HealthCheck, settings

from tests.aid.contact_machine import run_contacts

PARTS = 20
MANY = settings(
    max_examples=10_000 // PARTS,
    stateful_step_count=50,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    database=None,
)


@pytest.mark.parametrize("part", range(PARTS))
def test_ten_thousand_runs_of_fifty_steps(app, part):
    run_contacts(MANY)
