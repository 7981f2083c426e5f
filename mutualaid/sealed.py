"""Sealed fields: personal words are encrypted in the database with keys that are kept outside it.

AES-256-GCM; the stored bytes are: key id (1 byte length, then the id), nonce (12 bytes), ciphertext and tag.
The associated data names table, column and row, so that a sealed value moved elsewhere does not open.
"""

import hmac
import json
import os
from pathlib import Path
from typing import Any, overload

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import LargeBinary
from sqlalchemy.orm import MappedColumn, mapped_column

from mutualaid.db import new_id

NONCE_BYTES = 12
NONE_YET = """There are no keys yet. To put back a backup, put the keys.json of then into the instance folder.
For a new installation, run: .venv/bin/flask --app wsgi keys init"""


class NoKeys(Exception):
    """The installation has no keys, so nothing personal can be read or written."""


class Keyring:
    """The keys in use: one that seals, all that open, and one for keyed hashes."""

    def __init__(self) -> None:
        self.current = ""
        self._sealing: dict[str, AESGCM] = {}
        self._hashing = b""
        self._of_networks: dict[int, bytes] = {}
        self._file: Path | None = None
        self._changed = 0

    def follow(self, file: Path) -> None:
        """Read the file again whenever it changes: `keys rotate` runs beside the web server and the worker."""
        self._file, self._changed = file, _changed(file)

    def _look(self) -> None:
        if self._file and _changed(self._file) not in (0, self._changed):
            self.follow(self._file)
            self.load(keys_in(self._file.read_text()))

    def load(self, keys: dict[str, Any]) -> None:
        """`keys`: {"current": id, "sealing": {id: 64 hex digits}, "hashing": 64 hex digits}.

        "networks" holds {network id: 64 hex digits} of those that came from elsewhere: see `hashing_of`.
        """
        try:
            sealing = {name: AESGCM(bytes.fromhex(key)) for name, key in keys["sealing"].items()}
            hashing, current = bytes.fromhex(keys["hashing"]), str(keys["current"])
            networks = {int(row): bytes.fromhex(key) for row, key in keys.get("networks", {}).items()}
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise NoKeys("The keys cannot be read. Put back instance/keys.json as it was.") from error
        if current not in sealing or len(hashing) < 32:
            raise NoKeys("The keys are not complete. Put back instance/keys.json as it was.")
        self.current, self._sealing, self._hashing = current, sealing, hashing
        self._of_networks = networks

    def seal(self, text: str, context: str) -> bytes:
        self._look()
        if not self.current:
            raise NoKeys(NONE_YET)
        name, nonce = self.current.encode(), os.urandom(NONCE_BYTES)
        sealed = self._sealing[self.current].encrypt(nonce, text.encode(), context.encode())
        return bytes([len(name)]) + name + nonce + sealed

    def open(self, data: bytes, context: str) -> str:
        """Raises cryptography's InvalidTag when the value was changed or moved, NoKeys when its key is missing."""
        name, rest = key_of(data), data[1 + data[0] :]
        if name not in self._sealing:
            self._look()
        if name not in self._sealing:
            raise NoKeys(f"The key “{name}” is missing from instance/keys.json.")
        return self._sealing[name].decrypt(rest[:NONCE_BYTES], rest[NONCE_BYTES:], context.encode()).decode()

    def digest(self, text: str, purpose: str, network_id: int = 0) -> bytes:
        """A keyed hash for look-ups (HMAC-SHA256): the same text gives another hash in each network."""
        return hmac.digest(self.hashing_of(network_id), f"{purpose}|{text}".encode(), "sha256")

    def hashing_of(self, network_id: int) -> bytes:
        """A network's own key for hashes, made from the installation's, so that the network can take it elsewhere:
        its codes and its do-not-match lists, of which only hashes are kept, then go on working."""
        self._look()
        if not self._hashing:
            raise NoKeys(NONE_YET)
        if network_id not in self._of_networks:
            made = hmac.digest(self._hashing, f"network|{network_id}".encode(), "sha256")
            self._of_networks = self._of_networks | {network_id: made}
        return self._of_networks[network_id]


def _changed(file: Path) -> int:
    """When; 0: there is none."""
    try:
        return file.stat().st_mtime_ns
    except OSError:
        return 0


keyring = Keyring()


def keys_in(text: str) -> dict[str, Any]:
    """Keys as they are kept, in JSON."""
    try:
        return dict(json.loads(text))
    except (ValueError, TypeError) as error:
        raise NoKeys("The keys cannot be read. Put back instance/keys.json as it was.") from error


def new_keys() -> dict[str, Any]:
    """A fresh set of keys, as `Keyring.load` takes it."""
    return {"current": "1", "sealing": {"1": os.urandom(32).hex()}, "hashing": os.urandom(32).hex()}


def key_of(data: bytes) -> str:
    """Which key sealed this."""
    return data[1 : 1 + data[0]].decode()


def sealed_column() -> MappedColumn[bytes | None]:
    return mapped_column(LargeBinary, nullable=True, default=None)


class Sealed:
    """Reads and writes a sealed column as text: `name = Sealed("name_sealed")`. Empty text is stored as nothing."""

    def __init__(self, column: str) -> None:
        self.column = column

    @overload
    def __get__(self, row: None, owner: type) -> "Sealed": ...
    @overload
    def __get__(self, row: object, owner: type) -> str: ...
    def __get__(self, row: object | None, owner: type) -> "Sealed | str":
        if row is None:
            return self
        data = getattr(row, self.column)
        return keyring.open(data, self._context(row)) if data else ""

    def __set__(self, row: object, value: str | None) -> None:
        setattr(row, self.column, keyring.seal(value, self._context(row)) if value else None)

    def _context(self, row: Any) -> str:
        if row.id is None:
            row.id = new_id()
        return _context(row.__tablename__, self.column, row.id)


def opened(model: Any, column: str, row_id: int, data: bytes) -> str:
    """A sealed value that was read by itself, without its row."""
    return keyring.open(data, _context(model.__tablename__, column, row_id))


def sealed_as(model: Any, column: str, row_id: int, text: str) -> bytes:
    """The reverse of `opened`."""
    return keyring.seal(text, _context(model.__tablename__, column, row_id))


def resealed(model: Any, column: str, row_id: int, data: bytes) -> bytes:
    """The same words under the current key."""
    return sealed_as(model, column, row_id, opened(model, column, row_id, data))


def _context(table: str, column: str, row_id: int) -> str:
    return f"{table}|{column}|{row_id}"
