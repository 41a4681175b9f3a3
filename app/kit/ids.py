"""Identifiers that sort by age and cannot be counted through."""

import secrets
import time

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
LENGTH = 20


def new_id() -> str:
    """Return 20 characters of Crockford base 32: milliseconds (9 characters, 45 bits), then 55 random bits."""
    stamp = time.time_ns() // 1_000_000
    return _encode(stamp, 9) + _encode(secrets.randbits(55), 11)


def _encode(number: int, length: int) -> str:
    digits = []
    for _ in range(length):
        digits.append(_ALPHABET[number & 31])
        number >>= 5
    return "".join(reversed(digits))
