"""Form fields of this trade, with messages that say what to type."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import date, time
from decimal import Decimal
from typing import Any

import phonenumbers
from flask_babel import get_translations
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import SelectField, SelectMultipleField, StringField, ValidationError
from wtforms.fields.choices import SelectChoice
from wtforms.validators import StopValidation
from wtforms.widgets import TextArea

from app.kit.errors import Refused
from app.kit.money import LARGEST_AMOUNT, LARGEST_QUANTITY, NotANumber, parse_number, parse_rupiah
from app.web.filters import phone_shown

LONGEST_TEXT = 10_000  # more than any field takes, so that what is cut is refused as too long


class _Catalogue:
    """Gives WTForms' own messages our catalogues."""

    def gettext(self, text: str) -> str:
        return str(get_translations().ugettext(text))

    def ngettext(self, singular: str, plural: str, count: int) -> str:
        return str(get_translations().ungettext(singular, plural, count))


class PageForm(FlaskForm):
    """The base of every form: our translations, and text cleaned of what only looks like text."""

    class Meta(FlaskForm.Meta):
        def get_translations(self, form: Any) -> _Catalogue:
            return _Catalogue()

    def blame(self, refusal: Refused) -> None:
        """Show a refusal beside the field that it names; one that names no field here gets its own page."""
        if refusal.field not in self:
            raise refusal
        field = self[refusal.field]
        field.errors = [*field.errors, refusal.message]


def clean(text: str | None) -> str | None:
    """Return text without control characters, surrounding blanks and doubled blanks; None stays None."""
    if text is None:
        return None
    # Sorting marks takes the square of their number: two megabytes of them would hold up everybody for a minute.
    normal = unicodedata.normalize("NFKC", text[:LONGEST_TEXT])
    visible = "".join(c for c in normal if c in "\n\t" or unicodedata.category(c)[0] != "C")
    return re.sub(r"[ \t]+", " ", visible).strip()


class TextField(StringField):
    """One line of text, cleaned."""

    def process_formdata(self, valuelist: Sequence[Any]) -> None:
        """Clean what was typed; a file or anything else that is no text counts as empty."""
        text = valuelist[0] if valuelist and isinstance(valuelist[0], str) else ""
        self.data = (clean(text) or "").replace("\n", " ")


class LongTextField(StringField):
    """Several lines of text, cleaned."""

    widget = TextArea()

    def process_formdata(self, valuelist: Sequence[Any]) -> None:
        """Clean what was typed; a file or anything else that is no text counts as empty."""
        text = valuelist[0] if valuelist and isinstance(valuelist[0], str) else ""
        self.data = clean(text) or ""


class _ParsedField(StringField):
    """A field that keeps what was typed for showing it again and offers the parsed value in `data`."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.typed: str | None = None

    def _value(self) -> str:
        if self.typed is not None:
            return self.typed
        return "" if self.data is None else self.shown(self.data)

    def shown(self, value: Any) -> str:
        return str(value)

    def parse(self, text: str) -> Any:
        # Never put on a form itself: each field below says how its text is read; WTForms' metaclass rules out ABC.
        raise NotImplementedError

    def process_formdata(self, valuelist: Sequence[Any]) -> None:
        text = valuelist[0] if valuelist and isinstance(valuelist[0], str) else ""
        self.typed = clean(text) or ""
        self.data = None
        if self.typed:
            self.data = self.parse(self.typed)


class QuantityField(_ParsedField):
    """A positive quantity, written 1.000,50 or 1000.50."""

    def shown(self, value: Decimal) -> str:
        """Return 12,5 or 1000 without needless zeros."""
        plain = f"{value.normalize():f}"
        return plain.replace(".", ",")

    def parse(self, text: str) -> Decimal:
        """Return the quantity; raises ValueError with what to type."""
        try:
            value = parse_number(text)
        except NotANumber:
            raise ValueError(_l("Tulis jumlah dengan angka saja, misalnya 1.000 atau 12,5.")) from None
        if value <= 0:
            raise ValueError(_l("Jumlah harus lebih dari nol."))
        if value > LARGEST_QUANTITY:
            raise ValueError(_l("Jumlah ini terlalu besar. Periksa lagi angka dan satuannya."))
        if value != value.quantize(Decimal("0.001")):
            raise ValueError(_l("Paling banyak tiga angka di belakang koma."))
        return value


class RupiahField(_ParsedField):
    """An amount in whole rupiah, written 12.500.000, Rp 12.500.000 or 12,5 juta."""

    def shown(self, value: int) -> str:
        """Return 12.500.000."""
        return f"{value:,}".replace(",", ".")

    def parse(self, text: str) -> int:
        """Return whole rupiah; raises ValueError with what to type."""
        try:
            value = parse_rupiah(text)
        except NotANumber:
            raise ValueError(_l("Tulis harga dengan angka, misalnya 12.500 atau 12,5 juta.")) from None
        if value <= 0:
            raise ValueError(_l("Rupiah harus lebih dari nol."))
        if value > LARGEST_AMOUNT:
            raise ValueError(_l("Angka rupiah ini terlalu besar. Periksa lagi jumlah nolnya."))
        return value


class WholeField(_ParsedField):
    """A whole number of things or people."""

    def __init__(self, *args: Any, smallest: int = 0, largest: int = 10**9, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.smallest, self.largest = smallest, largest

    def parse(self, text: str) -> int:
        """Return the number; raises ValueError with what to type."""
        try:
            value = parse_number(text)
        except NotANumber:
            raise ValueError(_l("Tulis dengan angka saja.")) from None
        if value != value.to_integral_value() or not self.smallest <= value <= self.largest:
            raise ValueError(
                _l(
                    "Tulis bilangan bulat dari %(smallest)s sampai %(largest)s.",
                    smallest=self.smallest, largest=self.largest,
                )
            )
        return int(value)


def normal_phone(text: str) -> str | None:
    """Return an Indonesian mobile number as +62..., or None when the text is not one."""
    try:
        number = phonenumbers.parse(unicodedata.normalize("NFKC", text), "ID")
    except phonenumbers.NumberParseException:
        return None
    is_mobile = phonenumbers.number_type(number) == phonenumbers.PhoneNumberType.MOBILE
    if not phonenumbers.is_valid_number(number) or not is_mobile or number.country_code != 62:
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


class PhoneField(_ParsedField):
    """An Indonesian mobile number in any usual spelling."""

    def shown(self, value: str) -> str:
        """Return 0812-3456-7890, as people read it."""
        return phone_shown(value)

    def parse(self, text: str) -> str:
        """Return +62...; raises ValueError with what to type."""
        found = normal_phone(text)
        if found is None:
            raise ValueError(_l("Nomor HP ini belum benar. Contoh: 0812-3456-7890."))
        return found


class DigitsField(_ParsedField):
    """A registration number of fixed lengths; blanks, dots and dashes do not count."""

    def __init__(self, *args: Any, lengths: tuple[int, ...], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lengths = lengths

    def parse(self, text: str) -> str:
        """Return the digits; raises ValueError with what to type."""
        digits = re.sub(r"[\s.\-]", "", text)
        if not (digits.isascii() and digits.isdigit()):
            raise ValueError(_l("Nomor ini hanya berisi angka."))
        if len(digits) not in self.lengths:
            wanted = " / ".join(str(length) for length in self.lengths)
            raise ValueError(
                _l("Nomor ini harus %(wanted)s angka, yang ditulis %(found)s angka.", wanted=wanted, found=len(digits))
            )
        return digits


class DayField(_ParsedField):
    """A day as the browser's date field sends it (2027-04-15) or as it is written here (15/04/2027)."""

    FIRST_YEAR, LAST_YEAR = 2010, 2100

    def shown(self, value: date) -> str:
        """Return 2027-04-15, as date fields want it."""
        return value.isoformat()

    def parse(self, text: str) -> date:
        """Return the day; raises ValueError with what to type."""
        found = re.fullmatch(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})", text, flags=re.ASCII)
        try:
            day = date(int(found[3]), int(found[2]), int(found[1])) if found else date.fromisoformat(text)
        except ValueError:
            raise ValueError(_l("Tulis tanggal seperti 15/04/2027.")) from None
        if not self.FIRST_YEAR <= day.year <= self.LAST_YEAR:
            raise ValueError(_l("Periksa lagi tahunnya."))
        return day


class ClockField(_ParsedField):
    """A time of day, written 09.00 or 09:00."""

    def shown(self, value: time) -> str:
        """Return 09:00, as time fields want it."""
        return f"{value:%H:%M}"

    def parse(self, text: str) -> time:
        """Return the time; raises ValueError with what to type."""
        found = re.fullmatch(r"(\d{1,2})[.:](\d{2})(?:[.:]\d{2})?", text, flags=re.ASCII)
        if not found or int(found[1]) > 23 or int(found[2]) > 59:
            raise ValueError(_l("Tulis jam seperti 09.00."))
        return time(int(found[1]), int(found[2]))


def options(pairs: Iterable[tuple[str, Any]], group: Any = None) -> list[SelectChoice]:
    """Return (value, label) pairs as choices of a select, a radio or a list of boxes."""
    return [SelectChoice(value=value, label=label, optgroup=group) for value, label in pairs]


class ChoiceField(SelectField):
    """One of a list, with our own words for what is not in it."""

    def pre_validate(self, form: Any) -> None:
        """Refuse a value that is not offered."""
        if self.data not in [value for value, *_ in self.iter_choices()]:
            raise ValidationError(_l("Pilih satu dari daftar ini."))


class ManyField(SelectMultipleField):
    """Several of a list, with our own words for what is not in it."""

    def pre_validate(self, form: Any) -> None:
        """Refuse values that are not offered."""
        offered = {value for value, *_ in self.iter_choices()}
        if not set(self.data or ()) <= offered:
            raise ValidationError(_l("Pilih hanya dari daftar ini."))


class Filled:
    """Refuses an empty field with a message of its own, and lets what the field itself found wrong stand."""

    def __init__(self, message: Any) -> None:
        self.message = message

    def __call__(self, form: Any, field: Any) -> None:
        """Stop when there is neither a value nor an earlier error."""
        if field.data in (None, "") and not field.errors:
            raise StopValidation(self.message)


class NotLongerThan:
    """Refuses text above a length, saying both numbers."""

    def __init__(self, longest: int) -> None:
        self.longest = longest

    def __call__(self, form: Any, field: Any) -> None:
        """Raise ValidationError when the text is too long."""
        if field.data and len(field.data) > self.longest:
            raise ValidationError(
                _l(
                    "Terlalu panjang: %(found)s huruf, paling banyak %(longest)s.",
                    found=len(field.data), longest=self.longest,
                )
            )
