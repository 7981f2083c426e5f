"""Email over SMTP: where to (SMTP_URL, MAIL_FROM), how a message is put together, and how it is handed over."""

import smtplib
import ssl
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from typing import Any
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

TIMEOUT = 10  # seconds that we wait for each answer of the server


class BadMailSettings(Exception):
    """SMTP_URL or MAIL_FROM cannot be used; says why, without the password."""


class NotSent(Exception):
    """The server did not take the message. `why` names no person; `for_good`: it never will."""

    def __init__(self, why: str, *, for_good: bool = False) -> None:
        super().__init__(why)
        self.why, self.for_good = why, for_good


class Unreachable(NotSent):
    """The server is not there, or does not let us in: no other message has a chance now either."""


@dataclass(frozen=True, repr=False)
class Mailbox:
    """`security`: none, starttls, tls."""

    host: str
    port: int
    security: str
    user: str
    password: str
    sender: Address


def mailbox(settings: Mapping[str, Any]) -> Mailbox | None:
    """None when no email is set up. Raises BadMailSettings when only half is, or it makes no sense."""
    url, sender = settings["SMTP_URL"], settings["MAIL_FROM"]
    if not url and not sender:
        return None
    if not url or not sender:
        raise BadMailSettings("SMTP_URL and MAIL_FROM belong together: set both, or neither.")
    parts, port = _parts(url)
    starttls = parse_qs(parts.query).get("starttls") == ["1"]
    security = "tls" if parts.scheme == "smtps" else "starttls" if starttls else "none"
    usual = {"tls": 465, "starttls": 587, "none": 25}[security]
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    return Mailbox(parts.hostname or "", port or usual, security, user, password, _sender(sender))


def _parts(url: str) -> tuple[SplitResult, int | None]:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise BadMailSettings("SMTP_URL cannot be read: is the port a number?") from None
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
        raise BadMailSettings("SMTP_URL must look like smtp://user:password@host:587?starttls=1 or smtps://…")
    return parts, port


def _sender(mail_from: str) -> Address:
    name, address = parseaddr(mail_from)
    try:
        return Address(name, addr_spec=address)
    except (ValueError, IndexError, MessageError):
        raise BadMailSettings("MAIL_FROM must be an email address, like notes@example.org") from None


def compose(box: Mailbox, to: str, subject: str, text: str, *, number: str, now: datetime) -> EmailMessage:
    """`number` names the notice: a repeat has the same Message-ID. ValueError when `to` is no single address."""
    user, at, domain = to.rpartition("@")
    if not (user and at and domain) or any(c in to for c in " ,;<>\r\n\t"):
        raise ValueError("That is not one address.")
    message = EmailMessage()
    message["From"] = box.sender
    message["To"] = Address(username=user, domain=domain.encode("idna").decode())
    message["Subject"] = subject
    message["Date"] = format_datetime(now)
    message["Message-ID"] = f"<{number}@{box.sender.domain}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(text)
    return message


def send(message: EmailMessage, box: Mailbox) -> None:
    """Hand it over. Raises NotSent, or Unreachable; once the server has taken it nothing is raised any more."""
    smtp = _connect(box)
    try:
        smtp.send_message(message)
    except smtplib.SMTPRecipientsRefused as refused:
        raise _refused(min(code for code, _ in refused.recipients.values())) from None
    except smtplib.SMTPDataError as refused:
        raise _refused(refused.smtp_code) from None
    except smtplib.SMTPNotSupportedError:
        raise NotSent("the server cannot write to such an address", for_good=True) from None
    except smtplib.SMTPResponseException as refused:  # our own sender, mostly: a setting, not this message
        raise NotSent(f"the server answered {refused.smtp_code}") from None
    except (smtplib.SMTPException, OSError) as error:
        raise NotSent(f"the connection broke ({type(error).__name__})") from None
    finally:
        with suppress(smtplib.SMTPException, OSError):
            smtp.quit()
        smtp.close()


def _refused(code: int) -> NotSent:
    return NotSent(f"the server answered {code}", for_good=500 <= code < 600)


def _connect(box: Mailbox) -> smtplib.SMTP:
    """Connected, encrypted as set, and signed in."""
    smtp: smtplib.SMTP | None = None
    try:
        smtp = _open(box)
        if box.security == "starttls":
            smtp.starttls(context=ssl.create_default_context())
        if box.user:
            smtp.login(box.user, box.password)
        smtp.ehlo_or_helo_if_needed()
        return smtp
    except (smtplib.SMTPException, OSError) as error:
        if smtp is not None:
            smtp.close()
        code = f" {error.smtp_code}" if isinstance(error, smtplib.SMTPResponseException) else ""
        raise Unreachable(f"the mail server cannot be used ({type(error).__name__}{code})") from None


def _open(box: Mailbox) -> smtplib.SMTP:
    # Without a name of our own smtplib would ask the network for one, which can take long.
    name = box.sender.domain
    if box.security == "tls":
        return smtplib.SMTP_SSL(
            box.host, box.port, name, timeout=TIMEOUT, context=ssl.create_default_context()
        )
    return smtplib.SMTP(box.host, box.port, name, timeout=TIMEOUT)
