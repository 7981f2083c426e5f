"""From when on a role needs a second way to sign in, beside the password."""

from datetime import datetime, timedelta

from mutualaid.networks.models import Membership, Network

LATER = timedelta(days=14)  # where a network gives its new coordinators and stewards time


def wanted_from(network: Network, member: Membership, now: datetime) -> datetime | None:
    """None: not at all. Helpers choose for themselves.

    A demo asks for none: it is only made where nobody but this machine can see it, its people are made up, and who
    looks around in it has two minutes (see demo.cli).
    """
    if member.joined_at is None or network.is_demo or not member.leads(now):
        return None
    return member.joined_at + LATER if network.second_way_later else member.joined_at
