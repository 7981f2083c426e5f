"""Scanners that other people wrote, in a virtual environment of their own, and a server that tells what it answered."""

import json
import random
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from werkzeug.serving import WSGIRequestHandler, make_server

WANTED = ("wapiti3==3.2.3", "sqlmap==1.10.10")
# Not ldap: there is none to ask, and it takes any two answers that differ for a find.
MODULES = "crlf,csp,csrf,exec,file,http_headers,methods,permanentxss,redirect,sql,ssrf,xss,xxe"
AWAY = ("/sign-out", "/leave", "/language", "/mine/erase", "/mine/code", "/account")


class Quiet(WSGIRequestHandler):
    def log(self, *_given: Any) -> None:
        pass


@contextmanager
def listening(app: Callable[..., Any]) -> Iterator[tuple[str, list[str]]]:
    """The address, and whatever was answered with 5xx. Each request comes from another place: no limit hides a flaw."""
    broken: list[str] = []

    def noting(environ: dict[str, Any], start: Callable[..., Any]) -> Any:
        environ["REMOTE_ADDR"] = ".".join(str(random.randrange(1, 250)) for _ in range(4))

        def begin(status: str, *more: Any) -> Any:
            if status.startswith("5"):
                broken.append(f"{status} {environ['REQUEST_METHOD']} {environ['PATH_INFO']}")
            return start(status, *more)

        return app(environ, begin)

    server = make_server("127.0.0.1", 0, noting, threaded=True, request_handler=Quiet)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}", broken
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def install(folder: Path) -> str:
    """Into a virtual environment; says why not, where it cannot be."""
    try:
        subprocess.run([sys.executable, "-m", "venv", folder], check=True, capture_output=True)
        subprocess.run(
            [folder / "bin" / "python", "-m", "pip", "install", "--quiet", *WANTED],
            check=True,
            capture_output=True,
        )
    except (OSError, subprocess.CalledProcessError) as error:
        return f"The scanners cannot be installed here ({type(error).__name__})."
    return ""


def wapiti(bin_: Path, address: str, start: str, cookie: str, folder: Path, seconds: int) -> list[str]:
    """What it finds wrong, page by page."""
    report = folder / f"wapiti-{random.randrange(10**9)}.json"
    without = [word for path in AWAY for word in ("-x", f"{address}*{path}*")]
    command = [
        *(bin_ / "wapiti", "-u", address + start, "--scope", "domain", "-m", MODULES, "-d", "4"),
        *("--max-scan-time", seconds, "--max-attack-time", seconds // 8, "--max-files-per-dir", 10),
        *("-t", 60, "--tasks", 4, "-f", "json", "-o", report, "--flush-session", "--no-bugreport"),
        *("--store-session", folder, *(("-C", cookie) if cookie else ()), *without),
    ]
    subprocess.run([str(word) for word in command], check=True, capture_output=True, timeout=seconds * 3)
    told = json.loads(report.read_text())
    return [
        f"{what}: {one['method']} {one['path']} {one['info']}"
        for part in ("vulnerabilities", "anomalies")
        for what, found in told[part].items()
        for one in found
    ]


def sqlmap(bin_: Path, url: str, data: str, cookie: str, folder: Path) -> list[str]:
    """Where SQL can be put in; what it says of each."""
    command = [
        *(bin_ / "sqlmap", "-u", url, "--batch", "--flush-session", "--output-dir", folder),
        *(
            "--level",
            1,
            "--threads",
            4,
            "--risk",
            1,
            "--technique",
            "BEUQ",
            "--ignore-code",
            "*",
            "--timeout",
            60,
        ),
        *(("--data", data, "--skip", "csrf_token,token,once") if data else ()),
        *(("--cookie", cookie, "--drop-set-cookie") if cookie else ()),
    ]
    done = subprocess.run([str(w) for w in command], capture_output=True, text=True, timeout=900, check=False)
    assert "testing" in done.stdout, done.stdout[-2000:]
    return [line.strip() for line in done.stdout.splitlines() if line.strip().startswith("Payload:")]
