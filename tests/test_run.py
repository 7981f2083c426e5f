"""What `make run` starts, as a process: it comes up, says where it is, and leaves nothing behind."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest

ROOT = Path(__file__).parent.parent
Run = subprocess.Popen[str]
PATIENCE = 120  # seconds, on a machine that has much else to do


@pytest.fixture
def port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory, new_database: Callable[[], str]) -> tuple[Path, str]:
    """The instance folder and the database of all runs here: only the first has to make them ready."""
    return tmp_path_factory.mktemp("run") / "instance", new_database()


@pytest.fixture
def settings(port: int, installed: tuple[Path, str]) -> dict[str, str]:
    instance, database = installed
    ours = {"HOST": "127.0.0.1", "PORT": str(port), "INSTANCE_PATH": str(instance)}
    return os.environ | ours | {"DATABASE_URL": database}


@pytest.fixture
def start(settings: dict[str, str], tmp_path: Path) -> Iterator[Callable[[], Run]]:
    started: list[Run] = []

    def starting() -> Run:
        command = [sys.executable, "-m", "mutualaid.run"]
        errors = (tmp_path / "errors").open("w")
        run = subprocess.Popen(
            command, cwd=ROOT, env=settings, stdout=subprocess.PIPE, stderr=errors, text=True
        )
        errors.close()
        started.append(run)
        return run

    yield starting
    for run in started:
        run.kill()
        run.communicate()


def read_until(run: Run, words: str) -> str:
    """What it prints, up to the line with these words (or its end)."""
    assert run.stdout
    printed = ""
    for line in run.stdout:
        printed += line
        if words in line:
            break
    return printed


def family(pid: int) -> list[Path]:
    """The folders in /proc of all processes below this one; such a folder is gone with its process."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [member for child in children for member in (Path("/proc", child), *family(int(child)))]


def all_gone(members: list[Path]) -> bool:
    until = time.monotonic() + PATIENCE
    while any(member.exists() for member in members) and time.monotonic() < until:
        time.sleep(0.1)
    return not any(member.exists() for member in members)


def answers(port: int) -> None:
    """Waits for a page: until then, gunicorn hears no signal."""
    with urlopen(f"http://127.0.0.1:{port}/demo/", timeout=PATIENCE) as page:
        assert page.status == 200


def test_run_serves_the_demo_and_leaves_nothing_behind(start, settings, port, installed, tmp_path):
    run = start()
    printed = read_until(run, "Amina")
    assert f"Mutual aid is at http://localhost:{port} (Ctrl-C ends it)" in printed.splitlines()
    answers(port)
    secrets = [installed[0] / name for name in ("keys.json", "secret_key", "demo.txt", "base_url")]
    assert [oct(path.stat().st_mode & 0o777) for path in secrets] == ["0o600"] * 4

    check_that_a_command_in_another_terminal_prints_links_to(port, settings)
    ask_what_cannot_be_read(port)
    members = family(run.pid)
    assert len(members) == 4  # the web server with two workers, and the worker
    run.send_signal(signal.SIGINT)
    assert run.wait(PATIENCE) == 0
    assert all_gone(members)
    errors = (tmp_path / "errors").read_text()
    assert ("127.0.0.1" in errors, "secret" in errors) == (False, False)


def check_that_a_command_in_another_terminal_prints_links_to(port, settings):
    add = ["members", "add", "demo", "eve@example.org", "--role", "helper"]
    added = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "wsgi", *add],
        cwd=ROOT,
        env={name: value for name, value in settings.items() if name != "BASE_URL"},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    assert added.stdout.splitlines()[-1].startswith(f"http://localhost:{port}/invitation/")


def ask_what_cannot_be_read(port):
    """A warning about it would name the address that it came from."""
    for request in (b"GET /demo/link/secret HTTP/1.1\r\nno header\r\n\r\n", b"GET /demo/link/secret\r\n\r\n"):
        with socket.create_connection(("127.0.0.1", port), timeout=10) as line:
            line.sendall(request)
            assert line.recv(12) == b"HTTP/1.1 400"


@pytest.mark.once
def test_run_takes_its_children_along_when_it_is_killed(start, port):
    run = start()
    read_until(run, "Mutual aid is at")
    answers(port)
    members = family(run.pid)
    run.kill()
    assert all_gone(members)


@pytest.mark.once
def test_run_ends_and_says_so_when_a_child_dies(start, port):
    run = start()
    read_until(run, "Amina")
    answers(port)
    members = family(run.pid)
    worker = next(pid for pid in members if b"worker" in (pid / "cmdline").read_bytes().split(b"\0"))
    os.kill(int(worker.name), signal.SIGKILL)
    assert "The worker died (status -9), so everything ends." in read_until(run, "died")
    assert run.wait(PATIENCE) == 1
    assert all_gone(members)


@pytest.mark.once
def test_run_with_a_port_in_use_says_so_and_starts_nothing(start, settings, port, tmp_path):
    settings["INSTANCE_PATH"] = str(tmp_path / "instance")
    with socket.create_server(("127.0.0.1", port)):
        run = start()
        assert run.wait(PATIENCE) == 1
    assert (
        read_until(run, "in use") == f"Port {port} is in use. Choose another one: make run PORT={port + 1}\n"
    )
    assert not (tmp_path / "instance").exists()
