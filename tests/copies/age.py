"""A file of age, written by hand: its passphrase opens it at once, where age makes whoever opens one wait."""

import hashlib
import hmac
import os
from base64 import b64encode

from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

AT_ONCE = 1 << 16


def sealed(plain: bytes, passphrase: str) -> bytes:
    """As age-encryption.org/v1 says, with the least work that scrypt knows: 2^1 steps."""
    key, salt, nonce = os.urandom(16), os.urandom(16), os.urandom(16)
    scrypt_salt = b"age-encryption.org/v1/scrypt" + salt
    wrapping = hashlib.scrypt(passphrase.encode(), salt=scrypt_salt, n=2, r=8, p=1, dklen=32)
    wrapped = ChaCha20Poly1305(wrapping).encrypt(bytes(12), key, None)
    head = f"age-encryption.org/v1\n-> scrypt {_text(salt)} 1\n{_text(wrapped)}\n---".encode()
    mac = hmac.digest(_derived(key, b"", b"header"), head, "sha256")
    cipher = ChaCha20Poly1305(_derived(key, nonce, b"payload"))
    starts = range(0, len(plain), AT_ONCE)
    parts = [
        cipher.encrypt(n.to_bytes(11) + bytes([start == starts[-1]]), plain[start : start + AT_ONCE], None)
        for n, start in enumerate(starts)
    ]
    return head + f" {_text(mac)}\n".encode() + nonce + b"".join(parts)


def _text(data: bytes) -> str:
    return b64encode(data).decode().rstrip("=")


def _derived(key: bytes, salt: bytes, purpose: bytes) -> bytes:
    return HKDF(SHA256(), 32, salt, purpose).derive(key)
