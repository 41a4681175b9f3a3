"""Passwords, codes and authenticator steps."""

from datetime import UTC, datetime, timedelta

import pytest

from app.kit import proofs

NOW = datetime(2027, 2, 15, 3, 0, tzinfo=UTC)
# RFC 6238, appendix B: the secret of its SHA-1 examples, and the last six digits of its codes.
RFC_SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"


@pytest.mark.parametrize(("seconds", "code"), [
    (59, "287082"), (1111111109, "081804"), (1111111111, "050471"), (1234567890, "005924"), (2000000000, "279037"),
])
def test_authenticator_codes_are_those_of_the_standard(seconds: int, code: str) -> None:
    moment = datetime.fromtimestamp(seconds, UTC)

    assert proofs.totp_code(RFC_SECRET, proofs.totp_step(moment)) == code
    assert proofs.matching_step(RFC_SECRET, code, moment) == proofs.totp_step(moment)


@pytest.mark.parametrize(("steps", "is_found"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_one_step_before_and_after_is_taken(steps: int, is_found: bool) -> None:
    secret, step = proofs.random_totp_secret(), proofs.totp_step(NOW)

    found = proofs.matching_step(secret, proofs.totp_code(secret, step + steps), NOW)

    assert found == (step + steps if is_found else None)


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "abcdef", "²²²²²²x", "٠١٢٣٤٥"])
def test_what_is_no_code_matches_no_step(typed: str) -> None:
    assert proofs.matching_step(RFC_SECRET, typed, NOW) is None


def test_password_fits_its_own_hash_only() -> None:
    hashed = proofs.hash_password("empat kata yang jauh")

    assert hashed.startswith("$argon2id$")
    assert proofs.password_fits(hashed, "empat kata yang jauh")
    assert not proofs.password_fits(hashed, "empat kata yang jauh ")
    assert not proofs.password_fits("no hash at all", "empat kata yang jauh")
    assert not proofs.password_fits(proofs.NOBODYS_HASH, "")


def test_same_password_has_another_hash_each_time() -> None:
    assert proofs.hash_password("x") != proofs.hash_password("x")


def test_letters_that_look_the_same_are_the_same_password() -> None:
    assert proofs.password_fits(proofs.hash_password("caf\u00e9 jauh"), "cafe\u0301 jauh")


@pytest.mark.parametrize("typed", ["123456", " 123 456 ", "123-456", "１２３４５６", "123.456", "12\u00a034\u200956"])
def test_code_has_one_normal_form(typed: str) -> None:
    assert proofs.plain_code(typed) == "123456"


def test_digest_of_a_code_belongs_to_its_row_and_key() -> None:
    key, other = proofs.code_key("one secret"), proofs.code_key("another secret")

    digests = {
        proofs.code_digest(key, "row", "123456"), proofs.code_digest(key, "other row", "123456"),
        proofs.code_digest(key, "row", "123457"), proofs.code_digest(other, "row", "123456"),
    }

    assert len(digests) == 4
    assert key != b"one secret"


def test_random_things_do_not_repeat_and_have_their_shape() -> None:
    codes = {proofs.random_code() for _ in range(500)}
    recovery = {proofs.random_recovery_code() for _ in range(200)}

    assert all(len(code) == 6 and code.isdigit() for code in codes)
    assert len(codes) > 480
    assert len(recovery) == 200
    assert all(len(proofs.plain_code(code)) == proofs.RECOVERY_LETTERS for code in recovery)
    assert len({proofs.random_token() for _ in range(100)}) == 100
    assert len(proofs.random_password()) == 20


def test_steps_are_thirty_seconds() -> None:
    assert proofs.totp_step(NOW + timedelta(seconds=29)) == proofs.totp_step(NOW)
    assert proofs.totp_step(NOW + timedelta(seconds=30)) == proofs.totp_step(NOW) + 1


def test_address_for_the_authenticator_names_us_and_the_account() -> None:
    uri = proofs.totp_uri(RFC_SECRET, name="sari@contoh.example", issuer="Titik Temu")

    assert uri.startswith("otpauth://totp/Titik%20Temu:sari%40contoh.example?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Titik%20Temu")
