"""What browsers are told with every answer, and what they keep."""

import pytest
from flask import request

from mutualaid import create_app
from tests.factories import make_network


@pytest.fixture
def https(app, monkeypatch, tmp_path):
    """An installation that people reach over https, behind one proxy."""
    monkeypatch.setenv("BASE_URL", "https://aid.example.org")
    monkeypatch.setenv("INSTANCE_PATH", str(tmp_path))
    return create_app({"TESTING": True, "KEYS": app.config["KEYS"], "SECRET_KEY": "only for tests"})


TOLD = {
    "Content-Security-Policy": "default-src 'none'; object-src 'none'; style-src 'self'; script-src 'self';"
    " img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
}
PAGES = [  # of every sort of answer
    ("GET", "/garrison/", 200),
    ("GET", "/garrison/desk", 302),
    ("GET", "/nothing/", 404),
    ("PUT", "/garrison/", 405),
    ("POST", "/sign-in", 400),
]


@pytest.mark.parametrize(("method", "path", "status"), [*PAGES, ("GET", "/static/css/app.css", 200)])
def test_every_answer_forbids_other_hosts_frames_sniffing_and_referrers(client, method, path, status):
    make_network()
    answer = client.open(path, method=method)
    assert answer.status_code == status
    assert {name: answer.headers.get(name) for name in TOLD} == TOLD


@pytest.mark.parametrize(("method", "path", "status"), PAGES)
def test_no_page_is_kept(client, method, path, status):
    make_network()
    assert client.open(path, method=method).headers["Cache-Control"] == "no-store"


def test_files_are_kept(client):
    assert "max-age=31536000" in client.get("/static/css/app.css").headers["Cache-Control"]


def test_cookie_over_https_belongs_to_this_host_alone(https):
    answer = https.test_client().get("/sign-in", base_url="https://aid.example.org")
    name, _, attributes = answer.headers["Set-Cookie"].partition("=")
    assert name == "__Host-session"
    assert {part.strip() for part in attributes.split(";")[1:]} >= {
        "Secure",
        "HttpOnly",
        "Path=/",
        "SameSite=Lax",
    }
    assert "Domain" not in attributes
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"


def test_cookie_without_https_works_on_this_machine(client):
    answer = client.get("/sign-in")
    assert answer.headers["Set-Cookie"].startswith("session=")
    assert "Strict-Transport-Security" not in answer.headers


def test_over_https_only_the_host_of_base_url_is_answered(https):
    assert https.test_client().get("/away", base_url="https://aid.example.org").status_code == 200
    assert https.test_client().get("/away", base_url="https://evil.example").status_code == 400


@pytest.mark.parametrize(
    ("proxies", "seen"), [("0", "127.0.0.1"), ("1", "203.0.113.9"), ("2", "198.51.100.4")]
)
def test_who_asks_is_read_from_as_many_proxies_as_there_are(app, monkeypatch, tmp_path, proxies, seen):
    monkeypatch.setenv("INSTANCE_PATH", str(tmp_path))
    monkeypatch.setenv("PROXIES", proxies)
    made = create_app({"TESTING": True, "KEYS": app.config["KEYS"], "SECRET_KEY": "only for tests"})
    made.view_functions["people.away"] = lambda: request.remote_addr
    forwarded = {"X-Forwarded-For": "192.0.2.1, 198.51.100.4, 203.0.113.9"}
    assert made.test_client().get("/away", headers=forwarded).text == seen
