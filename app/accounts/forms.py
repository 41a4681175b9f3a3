"""Forms of this package: well-formed or not, nothing about who may."""

import unicodedata
from collections.abc import Sequence
from typing import Any

from email_validator import EmailNotValidError, validate_email
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, PasswordField, RadioField, SelectField, ValidationError
from wtforms.validators import EqualTo, Length, Optional

from app.accounts.values import (
    LONGEST_PASSWORD,
    SHORTEST_PASSWORD,
    STAFF,
    Channel,
    MyDetails,
    Purpose,
    Role,
    StaffDetails,
)
from app.kit import proofs
from app.web.fields import Filled, LongTextField, NotLongerThan, PageForm, PhoneField, TextField, normal_phone, options
from app.web.i18n import LANGUAGES

ROLE_LABELS = {
    Role.OWNER: _l("Pemilik usaha"),
    Role.ORGANISER: _l("Panitia misi"),
    Role.OFFICE: _l("Dinas perdagangan"),
    Role.ADMIN: _l("Admin"),
}
LONGEST_NAME = 120


def normal_email(text: str) -> str | None:
    """Return a mail address in the one form we keep, or None when the text is not one."""
    try:
        found = validate_email(text, check_deliverability=False, globally_deliverable=False)
    except EmailNotValidError:
        return None
    return str(found.normalized).lower()


class EmailField(PhoneField):
    """A mail address in any usual spelling."""

    def shown(self, value: str) -> str:
        """Return the address as it is."""
        return value

    def parse(self, text: str) -> str:
        """Return the address in small letters; raises ValueError with what to type."""
        found = normal_email(text)
        if found is None:
            raise ValueError(_l("Alamat e-mail ini belum benar. Contoh: nama@usaha.co.id."))
        return found


class IdentityField(PhoneField):
    """A mobile number or a mail address; `data` is its normal form."""

    def parse(self, text: str) -> str:
        """Return +62... or the address; raises ValueError with what to type."""
        found = normal_email(text) if "@" in text else normal_phone(text)
        if found is None:
            raise ValueError(_l("Tulis nomor HP, misalnya 0812-3456-7890, atau alamat e-mail."))
        return found


class CodeField(TextField):
    """Six digits, or a recovery code; blanks, dashes and full-width digits do not matter."""

    def process_formdata(self, valuelist: Sequence[Any]) -> None:
        """Bring what was typed into the one normal form of a code."""
        super().process_formdata(valuelist)
        self.data = proofs.plain_code(self.data or "")[:40]


class SecretField(PasswordField):
    """A password exactly as typed; a file or anything else that is no text counts as empty."""

    def process_formdata(self, valuelist: Sequence[Any]) -> None:
        """Take text only."""
        self.data = valuelist[0] if valuelist and isinstance(valuelist[0], str) else ""


class SixDigits:
    """Refuses what cannot be a code before it costs an attempt."""

    def __call__(self, form: Any, field: Any) -> None:
        """Raise ValidationError unless there are six digits."""
        code = field.data or ""
        if not (code.isascii() and code.isdigit() and len(code) == proofs.CODE_DIGITS):
            raise ValidationError(_l("Kode terdiri dari enam angka."))


class GoodPassword:
    """Refuses passwords that are short or made of what everybody knows."""

    def __call__(self, form: Any, field: Any) -> None:
        """Raise ValidationError with what to do better."""
        text = field.data or ""
        plain = unicodedata.normalize("NFKC", text[:LONGEST_PASSWORD]).lower()
        if len(text) < SHORTEST_PASSWORD:
            raise ValidationError(_l("Kata sandi paling sedikit %(n)s huruf atau angka.", n=SHORTEST_PASSWORD))
        if len(set(plain)) < 6 or any(word in plain for word in ("titik-temu", "titiktemu", "katasandi", "password")):
            raise ValidationError(_l("Kata sandi ini mudah ditebak. Pakai beberapa kata yang tidak saling berkaitan."))


def _required() -> Filled:
    return Filled(_l("Isian ini perlu diisi."))


class SignInForm(PageForm):
    identity = IdentityField(_l("Nomor HP atau e-mail"), [_required()])

    def wanted(self) -> tuple[str, Channel]:
        """Return the identity and how a code reaches it."""
        identity = str(self.identity.data)
        return identity, Channel.MAIL if "@" in identity else Channel.PHONE


class CodeForm(PageForm):
    code = CodeField(_l("Kode enam angka"), [_required(), SixDigits()])


class StaffSignInForm(PageForm):
    email = EmailField(_l("E-mail petugas"), [_required()])
    password = SecretField(_l("Kata sandi"), [_required(), Length(max=LONGEST_PASSWORD)])

    def typed(self) -> tuple[str, str]:
        """Return address and password."""
        return str(self.email.data), str(self.password.data)


class SecondFactorForm(PageForm):
    code = CodeField(_l("Kode dari aplikasi, atau kode cadangan"), [_required()])


class SetUpForm(PageForm):
    code = CodeField(_l("Kode pertama dari aplikasi"), [_required(), SixDigits()])
    password = SecretField(
        _l("Kata sandi baru Anda"), [_required(), Length(max=LONGEST_PASSWORD), GoodPassword()]
    )
    repeat = SecretField(
        _l("Ulangi kata sandi baru"), [_required(), EqualTo("password", _l("Kedua kata sandi belum sama."))]
    )


class MeForm(PageForm):
    name = TextField(_l("Nama Anda"), [_required(), NotLongerThan(LONGEST_NAME)])
    locale = RadioField(
        _l("Bahasa"), choices=options([("id", "Bahasa Indonesia"), ("en", "English")]), default="id"
    )

    def details(self) -> MyDetails:
        """Return what was typed."""
        return MyDetails(name=self.name.data, locale=self.locale.data if self.locale.data in LANGUAGES else "id")


class ConsentsForm(PageForm):
    partners = BooleanField()
    phone = BooleanField()
    statistics = BooleanField()
    press = BooleanField()

    def answers(self) -> dict[Purpose, bool]:
        """Return the four answers."""
        return {purpose: bool(self[purpose.value].data) for purpose in Purpose}


class FreshForm(PageForm):
    """A form that asks for a code of the authenticator when the last one was typed too long ago."""

    code = CodeField(_l("Kode dari aplikasi, untuk memastikan ini Anda"), [_required(), SixDigits()])

    def needs_code(self, needed: bool) -> None:
        """Drop the code where the person proved who they are some minutes ago."""
        if not needed:
            del self.code


class ChangePasswordForm(PageForm):
    old = SecretField(_l("Kata sandi sekarang"), [_required(), Length(max=LONGEST_PASSWORD)])
    password = SecretField(_l("Kata sandi baru"), [_required(), Length(max=LONGEST_PASSWORD), GoodPassword()])
    repeat = SecretField(
        _l("Ulangi kata sandi baru"), [_required(), EqualTo("password", _l("Kedua kata sandi belum sama."))]
    )

    def typed(self) -> tuple[str, str]:
        """Return the present password and the new one."""
        return str(self.old.data), str(self.password.data)


class StaffForm(FreshForm):
    name = TextField(_l("Nama"), [_required(), NotLongerThan(LONGEST_NAME)])
    email = EmailField(_l("E-mail"), [_required()])
    phone = PhoneField(_l("Nomor HP"), [Optional()])
    role = RadioField(_l("Peran"), [_required()], choices=options((role.value, ROLE_LABELS[role]) for role in STAFF))
    province_code = SelectField(_l("Provinsi"), [Optional(strip_whitespace=False)])  # a blank is no province

    def offer_provinces(self, provinces: Sequence[tuple[str, str]]) -> None:
        """Fill the list of provinces; the first row is for admins."""
        self.province_code.choices = options([("", _l("Tanpa provinsi (admin)")), *provinces])

    def details(self) -> StaffDetails:
        """Return what was typed."""
        return StaffDetails(
            name=self.name.data, email=str(self.email.data), phone=self.phone.data, role=Role(self.role.data),
            province_code=self.province_code.data or None,
        )


class ReasonForm(FreshForm):
    reason = LongTextField(_l("Alasan"), [_required(), NotLongerThan(400)])


class RenewForm(FreshForm):
    pass


class PeopleFilter(PageForm):
    class Meta(PageForm.Meta):
        csrf = False

    q = TextField(_l("Nama, e-mail atau nomor HP"))
    role = SelectField(
        _l("Peran"), choices=options([("", _l("Semua petugas")), *((role.value, ROLE_LABELS[role]) for role in Role)])
    )

    def chosen_role(self) -> Role | None:
        """Return the role to list, None for all staff."""
        return Role(self.role.data) if self.role.data in set(Role) else None
