"""Which answers a firm's forms take, and what they say otherwise."""

import pytest
from flask import Flask
from werkzeug.datastructures import MultiDict

from app.enterprises.forms import AssistForm, BasicForm, MoreForm
from app.enterprises.values import Certificate, TradeSide

PLACES = {"Provinsi Contoh": [("0101", "Kota Contoh")]}
BASIC = {"name": "UD Contoh", "regency_code": "0101", "trade_side": "both"}


def errors_of(app: Flask, kind: type, data: dict[str, object], **extra: object) -> dict[str, str]:
    with app.test_request_context(method="POST"):
        form = kind(formdata=MultiDict(data), meta={"csrf": False}, **extra)
        form.validate()
        return {name: " ".join(str(message) for message in messages) for name, messages in form.errors.items()}


def more_errors(app: Flask, **data: object) -> dict[str, str]:
    return errors_of(app, MoreForm, data, this_year=2027)


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("nib", "123456789012", "harus 13 angka, yang ditulis 12 angka"), ("nib", "12345678901234", "14 angka"),
        ("nib", "12345678901x3", "hanya berisi angka"), ("nib", "١٢٣٤٥٦٧٨٩٠١٢٣", "hanya berisi angka"),
        ("npwp", "12345678901234", "15 / 16"), ("npwp", "12345678901234567", "15 / 16"),
        ("annual_turnover", "banyak", "angka"), ("annual_turnover", "-5 juta", "lebih dari nol"),
        ("annual_turnover", "9" * 20, "terlalu besar"), ("capital", "1.2.3", "angka"),
        ("workers", "-1", "bilangan bulat"), ("workers", "1,5", "bilangan bulat"), ("workers", "sepuluh", "angka saja"),
        ("workers", "99999999", "bilangan bulat"), ("outside_buyers", "=1+1", "angka saja"),
        ("founded_year", "2028", "belum lewat"), ("founded_year", "12", "bilangan bulat"),
        ("certificates", "iso-palsu", "dari daftar"), ("about", "x" * 601, "Terlalu panjang"),
        ("owner_gender", "x", "valid"),
    ],
)
def test_wrong_details_say_what_to_type(app: Flask, field: str, typed: str, said: str) -> None:
    errors = more_errors(app, **{field: typed})

    assert list(errors) == [field]
    assert said in errors[field] or field == "owner_gender"


@pytest.mark.parametrize(
    ("field", "typed", "value"),
    [
        ("nib", "1234 5678 90123", "1234567890123"), ("npwp", "12.345.678.9-012.345", "123456789012345"),
        ("npwp", "3578012345670001", "3578012345670001"), ("annual_turnover", "350 juta", 350_000_000),
        ("annual_turnover", "Rp 1.200.000", 1_200_000), ("capital", "1,5 miliar", 1_500_000_000),
        ("workers", "1.200", 1200), ("workers", "0", 0), ("founded_year", "1998", 1998), ("owner_gender", "f", "f"),
    ],
)
def test_usual_spellings_are_understood(app: Flask, field: str, typed: str, value: object) -> None:
    with app.test_request_context(method="POST"):
        form = MoreForm(formdata=MultiDict({field: typed}), meta={"csrf": False}, this_year=2027)

        assert form.validate(), form.errors
        assert getattr(form.details(), field) == value


def test_everything_may_stay_empty(app: Flask) -> None:
    with app.test_request_context(method="POST"):
        form = MoreForm(formdata=MultiDict({"nib": "", "about": ""}), meta={"csrf": False}, this_year=2027)

        assert form.validate(), form.errors
        details = form.details()
    assert (details.nib, details.about, details.certificates, details.owner_gender) == (None, "", (), None)


def test_certificates_come_as_their_own_words(app: Flask) -> None:
    with app.test_request_context(method="POST"):
        data = MultiDict([("certificates", "halal"), ("certificates", "haccp")])
        form = MoreForm(formdata=data, meta={"csrf": False}, this_year=2027)

        assert form.validate(), form.errors
        assert form.details().certificates == (Certificate.HALAL, Certificate.HACCP)


def test_the_first_step_is_three_answers(app: Flask) -> None:
    with app.test_request_context(method="POST"):
        form = BasicForm(formdata=MultiDict(BASIC), meta={"csrf": False}, regencies=PLACES)

        assert form.validate(), form.errors
        assert form.details().trade_side is TradeSide.BOTH


def test_a_name_loses_what_cannot_be_seen(app: Flask) -> None:
    with app.test_request_context(method="POST"):
        form = BasicForm(
            formdata=MultiDict(BASIC | {"name": "  UD\u200b  Kelapa\u202e Jaya "}), meta={"csrf": False},
            regencies=PLACES,
        )

        assert form.validate(), form.errors
        assert form.details().name == "UD Kelapa Jaya"


@pytest.mark.parametrize(
    ("phone", "is_good"),
    [("0812-3456-7890", True), ("+62 812 3456 7890", True), ("0313456789", False), ("+1 212 555 0100", False),
     ("", False), ("08", False)],
)
def test_the_owners_phone_is_an_indonesian_mobile_number(app: Flask, phone: str, is_good: bool) -> None:
    errors = errors_of(app, AssistForm, BASIC | {"phone": phone, "owner_name": "Bu Rahma"}, regencies=PLACES)

    assert ("phone" not in errors) is is_good
    assert set(errors) <= {"phone"}
