"""The app as it is served: gunicorn with its own settings on a free port, its log in a file, and who calls it."""

import http.client
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from flask import Flask

from mutualaid.config import ROOT
from mutualaid.run import die_with
from tests.processes import settings_of

TOKEN = re.compile(r'name="csrf_token" (?:type="hidden" )?value="([^"]+)"')


def mailing(app: Flask) -> dict[str, str]:
    return {name: app.config[name] for name in ("SMTP_URL", "MAIL_FROM")}


@contextmanager
def served(app: Flask, log: Path, **more: str) -> Iterator[str]:
    """The address where it answers; what it writes to standard error goes to `log`."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = settings_of(app, **mailing(app), HOST="127.0.0.1", PORT=str(port), **more)
    us = os.getpid()
    with log.open("ab") as written:
        process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "--config", "gunicorn.conf.py"],
            cwd=ROOT,
            env=settings,
            stderr=written,
            preexec_fn=lambda: die_with(us),  # noqa: PLW1509 - nothing is left of a test that was cut short
        )
        try:
            wait_for(port, process)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(30)


def wait_for(port: int, process: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < until:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.1)
    raise RuntimeError("The app was not served.")


def command(app: Flask, log: Path, *words: object, **more: str) -> None:
    with log.open("ab") as written:
        subprocess.run(
            [sys.executable, "-m", "flask", "--app", "wsgi", *map(str, words)],
            cwd=ROOT,
            env=settings_of(app, **mailing(app), **more),
            stdout=subprocess.DEVNULL,
            stderr=written,
            check=True,
        )


@dataclass
class Answer:
    status_code: int
    location: str
    text: str


@dataclass
class Caller:
    """A browser in a few lines: cookies, and the token of the form it saw last. `headers` go with every request."""

    address: str
    headers: Mapping[str, str] = field(default_factory=dict)
    cookies: dict[str, str] = field(default_factory=dict)
    token: str = ""

    def get(self, path: str) -> Answer:
        return self._ask("GET", path)

    def post(self, path: str, data: Mapping[str, Any] | None = None, *, forged: bool = False) -> Answer:
        if not self.token:
            self.get("/sign-in")
        own = {} if forged else {"csrf_token": self.token}
        return self._ask("POST", path, urlencode({**(data or {}), **own}, doseq=True))

    def _ask(self, method: str, path: str, body: str | None = None) -> Answer:
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        headers = {**self.headers, "Cookie": cookies}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection = http.client.HTTPConnection(urlsplit(self.address).netloc, timeout=60)
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        for cookie in answer.headers.get_all("Set-Cookie") or []:
            name, _, rest = cookie.partition("=")
            self.cookies[name] = rest.partition(";")[0]
        found = TOKEN.search(text)
        self.token = found[1] if found else self.token
        return Answer(answer.status, answer.headers.get("Location") or "", text)
