"""A real SMTP server on a free port of this machine, that keeps what it takes and can be told to refuse."""

import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult


class PostOffice:
    """`taken` and to whom (`recipients`). `answers`: to the next messages; "" takes one."""

    def __init__(self) -> None:
        self.taken: list[EmailMessage] = []
        self.recipients: list[list[str]] = []
        self.sign_ins: list[tuple[bytes, bytes]] = []
        self.answers: list[str] = []
        self.unknown: set[str] = set()
        self.before_taking: Callable[[], None] = lambda: None
        self.port = free_port()

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, to: str, _options: Any) -> str:
        if to in self.unknown:
            return "550 5.1.1 no such mailbox: " + to
        envelope.rcpt_tos.append(to)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        answer = self.answers.pop(0) if self.answers else ""
        if answer:
            return answer
        self.taken.append(message_from_bytes(envelope.content, policy=policy.default))
        self.recipients.append(list(envelope.rcpt_tos))
        self.before_taking()
        return "250 OK"

    def sign_in(self, _server: Any, _session: Any, _envelope: Any, _mechanism: str, given: Any) -> AuthResult:
        self.sign_ins.append((given.login, given.password))
        return AuthResult(success=given.password == b"right p@ss", handled=False)

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"


@contextmanager
def open_office(tls: ssl.SSLContext | None = None) -> Iterator[PostOffice]:
    """With `tls`: STARTTLS first, then a name and password, or it takes nothing."""
    office = PostOffice()
    safe: dict[str, Any] = {
        "tls_context": tls,
        "require_starttls": True,
        "auth_required": True,
        "authenticator": office.sign_in,
    }
    controller = Controller(office, hostname="127.0.0.1", port=office.port, **(safe if tls else {}))
    controller.start()
    try:
        yield office
    finally:
        controller.stop()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
