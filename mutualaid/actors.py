"""Actor: who is doing something, and with what right. From an account, a code, a link or the program alike."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Actor:
    """`via` is how they came in: account, code, link, cli, worker. `area_ids` empty means all areas."""

    network_id: int
    person_id: int | None
    role: str  # neighbour, helper, coordinator, steward, worker, nobody
    via: str
    area_ids: frozenset[int] = frozenset()

    @property
    def coordinates(self) -> bool:
        return self.role in ("coordinator", "steward", "worker")

    @property
    def is_member(self) -> bool:
        return self.via == "account"


def nobody(network_id: int) -> Actor:
    return Actor(network_id, None, "nobody", "none")


def worker(network_id: int) -> Actor:
    """The program itself, acting by the clock."""
    return Actor(network_id, None, "worker", "worker")


def command_line(network_id: int) -> Actor:
    """Whoever runs the installation, at its command line."""
    return Actor(network_id, None, "worker", "cli")
