"""What `make run` starts: it prepares the installation, then keeps the web server and the worker going until Ctrl-C."""

import ctypes
import errno
import ipaddress
import multiprocessing
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress
from types import FrameType

import click
from flask.cli import FlaskGroup

from mutualaid import create_app
from mutualaid.config import instance_path

GRACE_SECONDS = 15  # longer than gunicorn's own graceful_timeout
ENDS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
PR_SET_PDEATHSIG = 1  # <linux/prctl.h>

Child = subprocess.Popen[bytes]
ending = threading.Event()


class Stopped(Exception):
    """Somebody wants an end: Ctrl-C, a closed terminal, or a signal."""


class NotStarted(Exception):
    """Nothing can run; says why in words for whoever typed the command."""


def main() -> int:
    children: dict[str, Child] = {}
    try:
        listen_for_the_end()
        host, port = address_wanted()
        prepare(host)
        start_both(children)
        if answers(host, port, children):
            say_where(host, port)
        return say_which_died(children)
    except NotStarted as why:
        print(why, flush=True)
        return 1
    except Stopped:
        return 0
    finally:
        end(children)


def listen_for_the_end() -> None:
    for number in ENDS:
        signal.signal(number, stop)
    if "MAKELEVEL" in os.environ:
        die_with(os.getppid())


def stop(_number: int, _frame: FrameType | None) -> None:
    if not ending.is_set():  # a second Ctrl-C must not cut short the orderly end
        ending.set()
        raise Stopped


def address_wanted() -> tuple[str, int]:
    """HOST and PORT from the environment, found to be free."""
    host, text = os.environ.get("HOST", "127.0.0.1"), os.environ.get("PORT", "8000")
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise NotStarted(f"PORT is “{text}”, but must be a number from 1 to 65535.")
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, int(text), type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as gunicorn does
            probe.bind(address)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise NotStarted(
                f"Port {text} is in use. Choose another one: make run PORT={int(text) + 1}"
            ) from error
        raise NotStarted(f"Cannot listen on {host}, port {text}: {error.strerror}.") from error
    os.environ.setdefault("BASE_URL", url(host, int(text)))
    return host, int(text)


def url(host: str, port: int) -> str:
    """Where a browser on this machine finds it: a host that means "every address" is here as well."""
    if is_loopback(host) or host in ("0.0.0.0", "::"):
        return f"http://localhost:{port}"
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def prepare(host: str) -> None:
    """In a process of its own, of which nothing stays; forked, since to load the app takes most of the time."""
    work = multiprocessing.get_context("fork").Process(target=make_ready, args=(host, os.getpid()))
    work.start()
    try:
        work.join()
    except Stopped:
        work.terminate()
        work.join()
        raise
    if work.exitcode:
        raise NotStarted("Nothing was started, because the app could not be made ready. Why is said above.")


def make_ready(host: str, parent: int) -> None:
    """Keys, an up-to-date database, and the demo network when there is none and only this machine can see it."""
    os.setsid()
    for number in ENDS:
        signal.signal(number, signal.SIG_DFL)
    die_with(parent)
    flask("keys", "init")
    remember_address()
    flask("db", "upgrade")
    if is_loopback(host):
        flask("demo", "--first-start")


def remember_address() -> None:
    """For commands in another terminal, which are not told where we listen."""
    path = instance_path() / "base_url"
    with open(path, "w", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        file.write(os.environ["BASE_URL"])


def flask(*arguments: str) -> None:
    """The same as `flask --app wsgi` and the arguments, without starting Python anew."""
    try:
        FlaskGroup(create_app=create_app).main(arguments, "flask", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(1)


def start_both(children: dict[str, Child]) -> None:
    children["web server"] = start("gunicorn", "--config", "gunicorn.conf.py")
    children["worker"] = start("flask", "--app", "wsgi", "worker")


def start(*command: str) -> Child:
    """In a session of its own, so that a Ctrl-C in the terminal reaches us alone and we end it in order."""
    us = os.getpid()
    return subprocess.Popen(
        [sys.executable, "-m", *command],
        stdin=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=lambda: die_with(us),  # noqa: PLW1509 - this process has one thread only
    )


def die_with(parent: int) -> None:
    """Ask Linux to end this process when its parent is gone, even if that was killed and could not tell us."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:
            os._exit(1)


def answers(host: str, port: int, children: dict[str, Child]) -> bool:
    """Wait until the web server answers; False when a child died before that."""
    here = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    while all(child.poll() is None for child in children.values()):
        with suppress(OSError), socket.create_connection((here, port), timeout=1):
            return True
        time.sleep(0.1)
    return False


def say_where(host: str, port: int) -> None:
    print(f"\nMutual aid is at {url(host, port)} (Ctrl-C ends it)", flush=True)
    sign_ins = instance_path() / "demo.txt"
    if sign_ins.exists():
        print(f"\n{sign_ins.read_text().strip()}\n", flush=True)


def say_which_died(children: dict[str, Child]) -> int:
    """Wait for as long as both live; they only end by themselves when something is wrong."""
    os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOWAIT)
    for name, child in children.items():
        if child.poll() is not None:
            print(
                f"The {name} died (status {child.returncode}), so everything ends. What it said is above.",
                flush=True,
            )
    return 1


def end(children: dict[str, Child]) -> None:
    """Ask all to end, give them time to finish what they do, then kill whatever is left of them."""
    ending.set()
    for child in children.values():
        child.terminate()
    until = time.monotonic() + GRACE_SECONDS
    for child in children.values():
        with suppress(subprocess.TimeoutExpired):
            child.wait(max(0, until - time.monotonic()))
        with suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()


if __name__ == "__main__":
    sys.exit(main())
