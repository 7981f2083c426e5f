"""Settings, all from the environment; `docs/settings.md` lists them."""

import os
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from mutualaid.sealed import keys_in

ROOT = Path(__file__).parent.parent
LANGUAGES = {"en": "English", "es": "Español"}  # that the app speaks
TIME_TO_POST = timedelta(seconds=3)  # whoever was quicker is asked to press once more


def instance_path() -> Path:
    return Path(os.environ.get("INSTANCE_PATH") or ROOT / "instance").absolute()


def database_uri(instance: Path) -> str:
    """DATABASE_URL, or SQLite in the instance folder. PostgreSQL goes through psycopg 3."""
    url = os.environ.get("DATABASE_URL", "")
    for scheme in ("postgres://", "postgresql://"):
        if url.startswith(scheme):
            return "postgresql+psycopg://" + url.removeprefix(scheme)
    return url or f"sqlite:///{instance / 'mutualaid.sqlite'}"


def base_url(instance: Path) -> str:
    """BASE_URL, or where `make run` listened last: commands in another terminal print links that open."""
    path = instance / "base_url"
    url = os.environ.get("BASE_URL") or (path.read_text() if path.exists() else "")
    return (url.strip() or "http://localhost:8000").rstrip("/")


def is_https() -> bool:
    return os.environ.get("BASE_URL", "").startswith("https://")


def cookies() -> dict[str, Any]:
    """Over https no other host of the same domain can set or read ours: browsers hold a name with __Host- to that."""
    return {
        "SESSION_COOKIE_SECURE": is_https(),
        "SESSION_COOKIE_NAME": "__Host-session" if is_https() else "session",
    }


def trusted_hosts() -> list[str] | None:
    """TRUSTED_HOSTS; else, where people come by https, the host of BASE_URL alone."""
    named = [host for host in os.environ.get("TRUSTED_HOSTS", "").split(",") if host]
    if not named and is_https():
        named = [urlsplit(os.environ["BASE_URL"]).hostname or ""]
    return named or None


def from_environment() -> dict[str, Any]:
    instance = instance_path()
    return {
        "INSTANCE": instance,
        "LANGUAGES": LANGUAGES,
        "SQLALCHEMY_DATABASE_URI": database_uri(instance),
        "SECRET_KEY": os.environ.get("SECRET_KEY") or read_secret_key(instance),
        "KEYS": read_keys(instance),
        "BASE_URL": base_url(instance),
        "TRUSTED_HOSTS": trusted_hosts(),
        "PROXIES": int(os.environ.get("PROXIES", "0")),
        "TIME_TO_POST": TIME_TO_POST,
        "TIME_TO_ANSWER": 0.15,  # seconds, where the clock would tell who is here
        "MAX_CONTENT_LENGTH": 2 * 1024 * 1024,
        "MAX_FORM_MEMORY_SIZE": 500_000,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_HTTPONLY": True,
        **cookies(),
        "WTF_CSRF_SSL_STRICT": False,  # it asks for a Referer, which our own policy tells browsers not to send
        "WTF_CSRF_TIME_LIMIT": None,  # as long as the session: nobody loses an answer by thinking about it
        "PERMANENT_SESSION_LIFETIME": 26 * 3600,  # longer than a draft, which then says that its day is over
        "SEND_FILE_MAX_AGE_DEFAULT": 365 * 24 * 3600,
        "COMPRESS_ALGORITHM": ["br", "gzip"],
        "COMPRESS_ALGORITHM_STREAMING": ["br", "gzip"],  # static files are streamed
        "SQLALCHEMY_ENGINE_OPTIONS": {"hide_parameters": True},  # an error in the log names no person
        "SMTP_URL": os.environ.get("SMTP_URL", ""),
        "MAIL_FROM": os.environ.get("MAIL_FROM", ""),
    }


def keys_file(instance: Path) -> Path:
    return Path(instance) / "keys.json"


def read_keys(instance: Path) -> dict[str, Any] | None:
    """KEYS in the environment (JSON), or instance/keys.json; None when neither stands."""
    text, path = os.environ.get("KEYS", ""), keys_file(instance)
    if not text and path.exists():
        text = path.read_text()
    return keys_in(text) if text else None


def read_secret_key(instance: Path) -> str | None:
    path = instance / "secret_key"
    return path.read_text().strip() if path.exists() else None
