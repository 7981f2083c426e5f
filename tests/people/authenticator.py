"""A device that keeps one passkey, in software: it answers as a phone does, and can be told to answer wrongly."""

import hashlib
import json
import os
from base64 import urlsafe_b64encode
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

PRESENT, VERIFIED, WITH_KEY = 0x01, 0x04, 0x40


def text(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


class Device:
    """`count` goes up with each answer; set it back and it is a copy that fell behind."""

    def __init__(self, origin: str = "http://localhost:8000", host: str = "localhost") -> None:
        self.origin, self.host, self.count = origin, host, 0
        self.id, self.key, self.owner = os.urandom(32), ec.generate_private_key(ec.SECP256R1()), b""

    def make(self, options: dict[str, Any], *, flags: int = PRESENT | VERIFIED) -> str:
        self.owner = options["user"]["id"].encode()
        data = self._data(flags | WITH_KEY) + bytes(16) + len(self.id).to_bytes(2) + self.id + self._public()
        answer = {
            "clientDataJSON": text(self._client("webauthn.create", options)),
            "attestationObject": text(cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})),
        }
        return self._json(answer)

    def answer(self, options: dict[str, Any], *, flags: int = PRESENT | VERIFIED) -> str:
        self.count += 1
        data, client = self._data(flags), self._client("webauthn.get", options)
        signed = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        answer = {
            "clientDataJSON": text(client),
            "authenticatorData": text(data),
            "signature": text(signed),
            "userHandle": self.owner.decode(),
        }
        return self._json(answer)

    def _json(self, answer: dict[str, str]) -> str:
        return json.dumps(
            {"id": text(self.id), "rawId": text(self.id), "type": "public-key", "response": answer}
        )

    def _data(self, flags: int) -> bytes:
        return hashlib.sha256(self.host.encode()).digest() + bytes([flags]) + self.count.to_bytes(4)

    def _client(self, kind: str, options: dict[str, Any]) -> bytes:
        return json.dumps({"type": kind, "challenge": options["challenge"], "origin": self.origin}).encode()

    def _public(self) -> bytes:
        numbers = self.key.public_key().public_numbers()
        return cbor2.dumps({1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32), -3: numbers.y.to_bytes(32)})
