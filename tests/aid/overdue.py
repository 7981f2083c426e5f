"""Somebody of whom nothing is open."""

from datetime import datetime
from typing import Any

from mutualaid.aid import lifecycle
from mutualaid.aid.models import Post
from mutualaid.db import db
from tests.factories import NOW, actor_of, make_category, make_need, make_network, make_person


def withdrawn(now: datetime = NOW, **settings: Any) -> Post:
    """Amina's need, taken back; nothing else is hers."""
    network = make_network(**settings)
    amina = make_person(network, "Amina", email="amina@example.org")
    need = make_need(amina, make_category(network), details="Second floor.", now=now)
    lifecycle.withdraw(need, by=actor_of(amina), now=now)
    db.session.commit()
    return need
