"""Every setting that the code reads is in docs/settings.md, and the other way round."""

import re

from mutualaid.config import ROOT

READ = r"environ(?:\.get\(|\[|\.setdefault\()\s*\"([A-Z_]+)\""
OTHERS = {"MAKELEVEL", "CI", "FLASK_RUN_FROM_CLI"}  # said by other programs about themselves
ELSEWHERE = {"SSL_CERT_FILE"}  # read by OpenSSL


def read_by_code() -> set[str]:
    files = [ROOT / "gunicorn.conf.py", *sorted((ROOT / "mutualaid").rglob("*.py"))]
    return {name for path in files for name in re.findall(READ, path.read_text())}


def test_settings_are_documented() -> None:
    documented = set(re.findall(r"`([A-Z][A-Z_]+)`", (ROOT / "docs" / "settings.md").read_text()))
    assert read_by_code() - OTHERS == documented - ELSEWHERE
