"""Forms of a firm: three answers first, everything else later and never blocking."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import RadioField, ValidationError
from wtforms.validators import InputRequired

from app.enterprises.values import AssistDetails, BasicDetails, Certificate, Gender, MoreDetails, TradeSide
from app.regions.queries import GroupedChoices
from app.web.fields import (
    ChoiceField,
    DigitsField,
    Filled,
    LongTextField,
    ManyField,
    NotLongerThan,
    PageForm,
    PhoneField,
    RupiahField,
    TextField,
    WholeField,
    options,
)

LONGEST_NAME = 120
LONGEST_ABOUT = 600
MOST_WORKERS = 100_000
FIRST_YEAR = 1800
TRADE_SIDE_WORDS: Mapping[TradeSide, Any] = {
    TradeSide.SELLS: _l("Menjual"), TradeSide.BUYS: _l("Membeli"), TradeSide.BOTH: _l("Keduanya"),
}
CERTIFICATE_WORDS: Mapping[Certificate, Any] = {
    Certificate.HALAL: _l("Halal"), Certificate.PIRT: _l("P-IRT (pangan rumah tangga)"),
    Certificate.BPOM: _l("BPOM (izin edar)"), Certificate.SNI: _l("SNI"),
    Certificate.HACCP: _l("HACCP (keamanan pangan)"), Certificate.SKP: _l("SKP (kelayakan pengolahan ikan)"),
    Certificate.QUARANTINE: _l("Surat karantina"), Certificate.ORGANIC: _l("Organik"),
    Certificate.SVLK: _l("SVLK (kayu legal)"), Certificate.NKV: _l("NKV (produk hewan)"),
    Certificate.BRAND: _l("Merek terdaftar"),
}


class BasicForm(PageForm):
    """The first step: three answers."""

    name = TextField(_l("Nama usaha"), [Filled(_l("Tulis nama usahanya.")), NotLongerThan(LONGEST_NAME)])
    regency_code = ChoiceField(_l("Kabupaten atau kota"), [InputRequired(_l("Pilih kabupaten atau kotanya."))])
    trade_side = RadioField(
        _l("Usaha ini menjual atau membeli?"), [InputRequired(_l("Pilih satu: menjual, membeli, atau keduanya."))],
        choices=options(TRADE_SIDE_WORDS.items()),
    )

    def __init__(self, *args: Any, regencies: GroupedChoices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        nothing = options([("", _l("Pilih kabupaten atau kota"))])
        self.regency_code.choices = nothing + [
            choice for province, pairs in regencies.items() for choice in options(pairs, province)
        ]

    def validate_name(self, field: Any) -> None:
        """Refuse a name without a single letter."""
        if field.data and not any(character.isalpha() for character in field.data):
            raise ValidationError(_l("Nama usaha perlu huruf, bukan angka atau tanda saja."))

    def details(self) -> BasicDetails:
        """Return what was typed."""
        return BasicDetails(
            name=self.name.data, regency_code=self.regency_code.data, trade_side=TradeSide(self.trade_side.data)
        )


class AssistForm(BasicForm):
    """An officer fills in for an owner."""

    phone = PhoneField(_l("Nomor HP pemilik"), [Filled(_l("Isi nomor HP pemiliknya."))])
    owner_name = TextField(_l("Nama pemilik"), [Filled(_l("Tulis nama pemiliknya.")), NotLongerThan(LONGEST_NAME)])

    def assist_details(self) -> AssistDetails:
        """Return what was typed."""
        return AssistDetails(phone=str(self.phone.data), owner_name=self.owner_name.data, basic=self.details())


class MoreForm(PageForm):
    """What a firm adds later."""

    nib = DigitsField(_l("NIB"), lengths=(13,))
    npwp = DigitsField(_l("NPWP"), lengths=(15, 16))
    certificates = ManyField(_l("Sertifikat yang sudah ada"), choices=options(CERTIFICATE_WORDS.items()))
    about = LongTextField(_l("Tentang usaha ini"), [NotLongerThan(LONGEST_ABOUT)])
    annual_turnover = RupiahField(_l("Penjualan setahun"))
    capital = RupiahField(_l("Modal usaha"))
    workers = WholeField(_l("Jumlah pekerja"), largest=MOST_WORKERS)
    outside_buyers = WholeField(_l("Pembeli dari luar provinsi"), largest=MOST_WORKERS)
    founded_year = WholeField(_l("Tahun berdiri"), smallest=FIRST_YEAR, largest=2100)
    owner_gender = RadioField(
        _l("Pemilik usaha"), default="",
        choices=options([
            (Gender.FEMALE.value, _l("Perempuan")), (Gender.MALE.value, _l("Laki-laki")), ("", _l("Tidak diisi"))
        ]),
    )

    def __init__(self, *args: Any, this_year: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.founded_year.largest = this_year
        self.owner_gender.data = self.owner_gender.data or ""

    def validate_founded_year(self, field: Any) -> None:
        """Refuse a year that has not come."""
        if field.data and field.data > field.largest:
            raise ValidationError(_l("Tahun berdiri belum lewat."))

    def details(self) -> MoreDetails:
        """Return what was typed."""
        return MoreDetails(
            nib=self.nib.data, npwp=self.npwp.data, about=self.about.data or "",
            certificates=tuple(Certificate(value) for value in self.certificates.data or ()),
            annual_turnover=self.annual_turnover.data, capital=self.capital.data, workers=self.workers.data,
            outside_buyers=self.outside_buyers.data, founded_year=self.founded_year.data,
            owner_gender=self.owner_gender.data or None,
        )
