"""How a message is handed to the mail server: encrypted and signed in when so set, and never to a stranger."""

import ssl
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from mutualaid.notices.mail import BadMailSettings, Mailbox, NotSent, Unreachable, compose, mailbox, send
from tests.factories import NOW
from tests.notices.post_office import open_office

LONG_AGO, FAR_AHEAD = NOW - timedelta(days=9000), NOW + timedelta(days=9000)


def box_of(url: str, sender: str = "notes@example.org") -> Mailbox:
    box = mailbox({"SMTP_URL": url, "MAIL_FROM": sender})
    assert box is not None
    return box


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """For 127.0.0.1, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    here = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    made = (
        x509.CertificateBuilder(
            name, name, key.public_key(), x509.random_serial_number(), LONG_AGO, FAR_AHEAD
        )
        .add_extension(here, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "server.pem"
    plain = serialization.NoEncryption()
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return path


@pytest.fixture
def tls(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


def send_one(box: Mailbox) -> None:
    send(compose(box, "amina@example.org", "A note for you", "Hello,\n", number="1.2", now=NOW), box)


def secure(url: str, password: str) -> str:
    return url.replace("smtp://", f"smtp://notes:{password}@") + "?starttls=1"


def test_starttls_and_sign_in(
    tls: ssl.SSLContext, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with open_office(tls) as office:
        send_one(box_of(secure(office.url, "right%20p%40ss")))
    assert office.sign_ins == [(b"notes", b"right p@ss")]
    assert office.recipients == [["amina@example.org"]]


def test_server_without_a_certificate_we_trust_is_told_nothing(tls: ssl.SSLContext) -> None:
    with open_office(tls) as office, pytest.raises(Unreachable):
        send_one(box_of(secure(office.url, "right%20p%40ss")))
    assert (office.sign_ins, office.taken) == ([], [])


def test_server_that_offers_no_starttls_is_told_no_password() -> None:
    with open_office() as office, pytest.raises(Unreachable):
        send_one(box_of(secure(office.url, "right%20p%40ss")))
    assert (office.sign_ins, office.taken) == ([], [])


def test_wrong_password_is_a_setting_and_no_fault_of_the_message(
    tls: ssl.SSLContext, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with open_office(tls) as office, pytest.raises(Unreachable) as problem:
        send_one(box_of(secure(office.url, "wrong")))
    assert not problem.value.for_good
    assert problem.value.why == "the mail server cannot be used (SMTPAuthenticationError 535)"


def test_address_in_another_script_needs_a_server_that_can() -> None:
    """Ours can; the domain is written in letters that every server reads."""
    with open_office() as office:
        box = box_of(office.url)
        send(compose(box, "zoé@münster.example", "A note for you", "Hello,\n", number="1.2", now=NOW), box)
    assert office.recipients == [["zoé@xn--mnster-3ya.example"]]


def test_text_in_any_language_arrives_as_written() -> None:
    words = "¿Todavía lo quieres? مرحبا\n" + "https://aid.example.org/" + "x" * 120 + "\n"
    with open_office() as office:
        box = box_of(office.url)
        send(compose(box, "amina@example.org", "Una nota para ti", words, number="1.2", now=NOW), box)
    assert office.taken[0].get_content().replace("\r\n", "\n") == words


def test_connection_that_breaks_is_tried_again_later() -> None:
    with open_office() as office:
        box = box_of(office.url)
        office.answers = ["421 4.3.2 shutting down"]
        with pytest.raises(NotSent) as problem:
            send_one(box)
    assert not problem.value.for_good


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("smtp://mail.example.org", ("mail.example.org", 25, "none", "", "")),
        ("smtp://mail.example.org?starttls=1", ("mail.example.org", 587, "starttls", "", "")),
        ("smtps://me:p%40ss@mail.example.org", ("mail.example.org", 465, "tls", "me", "p@ss")),
        ("smtps://mail.example.org:2465", ("mail.example.org", 2465, "tls", "", "")),
    ],
)
def test_mailbox_is_read_from_a_url(url: str, expected: tuple[str, int, str, str, str]) -> None:
    box = box_of(url)
    assert (box.host, box.port, box.security, box.user, box.password) == expected


def test_mailbox_without_settings_is_none() -> None:
    assert mailbox({"SMTP_URL": "", "MAIL_FROM": ""}) is None


@pytest.mark.parametrize(
    ("url", "sender"),
    [
        ("smtp://me:secret@mail.example.org", ""),
        ("", "notes@example.org"),
        ("http://me:secret@mail.example.org", "notes@example.org"),
        ("smtp://me:secret@mail.example.org:port", "notes@example.org"),
        ("smtp://me:secret@", "notes@example.org"),
        ("smtp://me:secret@mail.example.org", "notes"),
        ("smtp://me:secret@mail.example.org", "notes@one@two"),
    ],
)
def test_mailbox_that_makes_no_sense_is_refused_without_telling_the_password(url: str, sender: str) -> None:
    with pytest.raises(BadMailSettings) as problem:
        mailbox({"SMTP_URL": url, "MAIL_FROM": sender})
    assert "secret" not in str(problem.value)


def test_mailbox_does_not_show_its_password() -> None:
    assert "secret" not in repr(box_of("smtp://me:secret@mail.example.org"))
