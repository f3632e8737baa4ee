"""Passwords, codes and sealed phones. Keys come from the configuration; nothing here is ever logged."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import secrets
import unicodedata
from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from flask import current_app

#: Letters and digits of printed codes: none that can be taken for another (no 0 O 1 I L).
ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"


@lru_cache(maxsize=2)
def _hasher(fast: bool) -> PasswordHasher:
    if fast:
        return PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    return PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


def hash_password(password: str) -> str:
    """argon2id of a password."""
    return _hasher(bool(current_app.config["ARGON2_FAST"])).hash(password)


def password_fits(hashed: str | None, password: str) -> bool:
    """Whether the password is the one; takes as long for an account that does not exist."""
    hasher = _hasher(bool(current_app.config["ARGON2_FAST"]))
    # Made for whoever comes first, known or not: otherwise the first stranger would wait twice as long.
    nobody = _nobody()
    try:
        return bool(hasher.verify(hashed or nobody, password)) and hashed is not None
    except (VerificationError, InvalidHashError):
        return False


@lru_cache(maxsize=1)
def _nobody() -> str:
    return hash_password(secrets.token_hex(16))


def blind(kind: str, value: str) -> str:
    """A keyed fingerprint (HMAC-SHA256, hex) by which a code or phone is found without being stored."""
    key = current_app.config["HMAC_KEY"].encode()
    return hmac.new(key, f"{kind}:{value}".encode(), hashlib.sha256).hexdigest()


def seal(text: str, about: str = "phone") -> str:
    """Encrypt for storage (AES-256-GCM). ``about`` is not hidden, but the text opens under the same one only, so that a
    sealed text copied into another row is worth nothing there."""
    nonce = os.urandom(12)
    sealed = AESGCM(_seal_key()).encrypt(nonce, text.encode(), about.encode())
    return base64.b64encode(nonce + sealed).decode()


def unseal(sealed: str, about: str = "phone") -> str:
    """The text that :func:`seal` hid."""
    raw = base64.b64decode(sealed)
    return AESGCM(_seal_key()).decrypt(raw[:12], raw[12:], about.encode()).decode()


def _seal_key() -> bytes:
    return hashlib.sha256(current_app.config["SEAL_KEY"].encode()).digest()


def new_code(length: int = 10) -> str:
    """A code to be printed: ``length`` letters and digits nobody mistakes."""
    return "".join(secrets.choice(ALPHABET) for _ in range(length))


def new_tracking_code() -> str:
    """Twelve digits, read aloud in threes."""
    return f"{secrets.randbelow(10**12):012d}"


def tidy_code(text: str) -> str:
    """What people type, without blanks, dashes and full-width forms."""
    plain = unicodedata.normalize("NFKC", text)
    return "".join(letter for letter in plain.upper() if letter.isalnum())
