"""The long version: ten thousand runs of fifty steps."""

from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.aid.contact_machine import Contacts

MANY = settings(
    max_examples=10_000,
    stateful_step_count=50,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    database=None,
)


def test_ten_thousand_runs_of_fifty_steps(app):
    run_state_machine_as_test(Contacts, settings=MANY)
