"""What counts as well-formed when people sign in or are described."""

from typing import Any

import pytest
from flask import Flask
from werkzeug.datastructures import MultiDict

from app.accounts.forms import CodeForm, ConsentsForm, MeForm, PeopleFilter, SetUpForm, SignInForm, StaffForm
from app.accounts.values import Channel, Purpose, Role, StaffDetails
from tests.factories import VISITING


def filled(app: Flask, kind: type[Any], **values: str) -> Any:
    """The form with values typed into it, and whether it is right."""
    app.config["WTF_CSRF_ENABLED"] = False
    with app.test_request_context(method="POST", data=values):
        form = kind()
        if isinstance(form, StaffForm):
            form.needs_code(False)
            form.offer_provinces([(VISITING, "Satu")])
        form.is_right = form.validate()
        form.said = {name: [str(message) for message in messages] for name, messages in form.errors.items()}
        return form


@pytest.mark.parametrize("typed", [
    "081234567890", "0812-3456-7890", "0812 3456 7890", "+62 812-3456-7890", "62812 3456 7890", "81234567890",
    "  081234567890  ", "\u200b0812\u200b34567890", "０８１２３４５６７８９０",
])
def test_one_number_in_all_its_spellings(app: Flask, typed: str) -> None:
    form = filled(app, SignInForm, identity=typed)

    assert form.is_right
    assert form.wanted() == ("+6281234567890", Channel.PHONE)


@pytest.mark.parametrize("typed", ["Ibu.Ani@Contoh.Example", " ibu.ani@contoh.example ", "ibu.ani＠contoh.example"])
def test_one_mail_address_in_all_its_spellings(app: Flask, typed: str) -> None:
    assert filled(app, SignInForm, identity=typed).wanted() == ("ibu.ani@contoh.example", Channel.MAIL)


@pytest.mark.parametrize("typed", [
    "", " ", "0", "0211234567", "021-5551234", "110", "+14155550123", "ibu@", "@contoh.example", "ibu ani@contoh",
    "x" * 500, "<script>alert(1)</script>", "0812345678901234567890", "null", "ibu@contoh.example\r\nBcc: x@y.example",
])
def test_what_is_no_identity_is_explained(app: Flask, typed: str) -> None:
    form = filled(app, SignInForm, identity=typed)

    assert not form.is_right
    wanted = "Tulis nomor HP, misalnya 0812-3456-7890, atau alamat e-mail." if typed.strip() else "Isian ini perlu diisi."
    assert form.said["identity"] == [wanted]


@pytest.mark.parametrize("typed", ["123 456", "123-456", "１２３４５６", " 123456\n"])
def test_code_is_brought_into_one_form(app: Flask, typed: str) -> None:
    form = filled(app, CodeForm, code=typed)

    assert form.is_right
    assert form.code.data == "123456"


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "12345a", "٠١٢٣٤٥"])
def test_what_is_no_code_costs_no_attempt(app: Flask, typed: str) -> None:
    assert not filled(app, CodeForm, code=typed).is_right


@pytest.mark.parametrize(("password", "is_right"), [
    ("empat kata yang jauh", True), ("pendek", False), ("aaaaaaaaaaaaaaaa", False), ("titik-temu-demo", False),
    ("KataSandi-123456", False), ("x" * 201, False), ("", False),
])
def test_passwords_that_are_taken(app: Flask, password: str, is_right: bool) -> None:
    form = filled(app, SetUpForm, code="123456", password=password, repeat=password)

    assert form.is_right is is_right


def test_repeated_password_must_be_the_same(app: Flask) -> None:
    form = filled(app, SetUpForm, code="123456", password="empat kata yang jauh", repeat="empat kata yang dekat")

    assert form.said == {"repeat": ["Kedua kata sandi belum sama."]}


def test_staff_form_gives_details(app: Flask) -> None:
    form = filled(
        app, StaffForm, name=" Sari  Dewi ", email="Sari@Contoh.Example", phone="0812-3456-7890", role="office",
        province_code=VISITING,
    )

    assert form.is_right
    assert form.details() == StaffDetails(
        name="Sari Dewi", email="sari@contoh.example", phone="+6281234567890", role=Role.OFFICE, province_code=VISITING
    )


def test_stored_number_and_address_are_shown_as_people_write_them(app: Flask) -> None:
    with app.test_request_context():
        form = StaffForm(data={"phone": "+6281234567890", "email": "sari@contoh.example"})

        assert 'value="0812-3456-7890"' in form.phone()
        assert 'value="sari@contoh.example"' in form.email()


@pytest.mark.parametrize(("field", "typed"), [
    ("name", ""), ("name", "x" * 121), ("email", "bukan"), ("phone", "021"), ("role", "owner"), ("role", "raja"),
    ("province_code", "zz"),
])
def test_staff_form_names_the_wrong_field(app: Flask, field: str, typed: str) -> None:
    values = {"name": "Sari", "email": "sari@contoh.example", "role": "office", "province_code": VISITING}

    form = filled(app, StaffForm, **values | {field: typed})

    assert list(form.said) == [field]


def test_consents_are_four_separate_answers(app: Flask) -> None:
    assert filled(app, ConsentsForm, partners="y", press="y").answers() == {
        Purpose.PARTNERS: True, Purpose.PHONE: False, Purpose.STATISTICS: False, Purpose.PRESS: True
    }


def test_language_is_one_of_two(app: Flask) -> None:
    assert not filled(app, MeForm, name="Ibu", locale="xx").is_right
    assert filled(app, MeForm, name="Ibu", locale="en").details().locale == "en"


@pytest.mark.parametrize(("typed", "role"), [("", None), ("owner", Role.OWNER), ("raja", None)])
def test_filter_reads_nonsense_as_all_staff(app: Flask, typed: str, role: Role | None) -> None:
    with app.test_request_context():
        assert PeopleFilter(MultiDict({"role": typed})).chosen_role() is role
