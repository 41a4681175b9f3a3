"""Proofs of who somebody is: passwords, one-time codes, authenticator steps, random tokens. Pure, no database."""

import base64
import hashlib
import hmac
import secrets
import unicodedata
from datetime import datetime

import pyotp
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

CODE_DIGITS = 6
STEP_SECONDS = 30
RECOVERY_LETTERS = 16
_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"
_hasher = PasswordHasher()
# Checked when there is no such person, so that an unknown address takes as long as a wrong password.
NOBODYS_HASH = _hasher.hash(secrets.token_urlsafe(24))


def hash_password(password: str) -> str:
    """Return the Argon2id hash of a password; takes about 50 ms, so never call it while holding a write lock."""
    return _hasher.hash(unicodedata.normalize("NFKC", password))


def password_fits(hashed: str, typed: str) -> bool:
    """Return whether a typed password belongs to a hash; as slow as `hash_password`."""
    try:
        return _hasher.verify(hashed, unicodedata.normalize("NFKC", typed))
    except (VerificationError, InvalidHashError):
        return False


def random_password() -> str:
    """Return 20 letters and digits that cannot be mistaken for one another (98 bits)."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(20))


def random_token() -> str:
    """Return 256 random bits for a cookie."""
    return secrets.token_urlsafe(32)


def digest(text: str) -> str:
    """Return SHA-256 as hex: enough for texts that are random themselves, never for passwords or short codes."""
    return hashlib.sha256(text.encode()).hexdigest()


def random_code() -> str:
    """Return six random digits."""
    return f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}d}"


def code_key(secret_key: str) -> bytes:
    """Return the key for digests of one-time codes, so that the cookie key itself signs cookies only."""
    return hmac.digest(secret_key.encode(), b"titik-temu one-time code", "sha256")


def code_digest(key: bytes, code_id: str, code: str) -> str:
    """Return what is stored of a code; bound to its row, useless without the key."""
    return hmac.new(key, f"{code_id}:{code}".encode(), "sha256").hexdigest()


def same(left: str, right: str) -> bool:
    """Compare in constant time."""
    return hmac.compare_digest(left.encode(), right.encode())


def plain_code(typed: str) -> str:
    """Return a typed code without blanks and dashes, full-width letters made plain: the one normal form of a code."""
    normal = unicodedata.normalize("NFKC", typed).lower()
    return "".join(letter for letter in normal if not letter.isspace() and letter not in "-–.")


def random_totp_secret() -> str:
    """Return 160 random bits in the spelling that authenticator apps read."""
    return base64.b32encode(secrets.token_bytes(20)).decode()


def totp_uri(secret: str, *, name: str, issuer: str) -> str:
    """Return the address behind the QR code of an authenticator app."""
    return pyotp.TOTP(secret, interval=STEP_SECONDS).provisioning_uri(name=name, issuer_name=issuer)


def totp_step(moment: datetime) -> int:
    """Return the number of the 30-second step a moment lies in."""
    return int(moment.timestamp()) // STEP_SECONDS


def totp_code(secret: str, step: int) -> str:
    """Return the six digits of one step."""
    return pyotp.TOTP(secret, interval=STEP_SECONDS).generate_otp(step)


def matching_step(secret: str, typed: str, moment: datetime) -> int | None:
    """Return the step (this one, the one before or after) whose code was typed, or None."""
    code = plain_code(typed)
    if not (len(code) == CODE_DIGITS and code.isascii() and code.isdigit()):
        return None
    present = totp_step(moment)
    found = [step for step in (present - 1, present, present + 1) if same(totp_code(secret, step), code)]
    return max(found, default=None)


def random_recovery_code() -> str:
    """Return 79 random bits as four groups of four, to be written on paper."""
    letters = "".join(secrets.choice(_ALPHABET) for _ in range(RECOVERY_LETTERS))
    return "-".join(letters[start : start + 4] for start in range(0, RECOVERY_LETTERS, 4))
