"""Forms of offers, needs and consents, and the filters of the directory."""

from collections.abc import Iterable, Mapping
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, RadioField, ValidationError
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from app.accounts.values import Purpose
from app.commodities.catalogue import Catalogue
from app.commodities.values import Found, UnitOption
from app.enterprises.values import Certificate, EnterpriseState, SizeClass, TradeSide
from app.kit.ids import new_id
from app.listings.values import DirectoryFilters, GoodsFilters, ListingDetails, Period, Side
from app.web.fields import (
    ChoiceField,
    Filled,
    LongTextField,
    ManyField,
    NotLongerThan,
    PageForm,
    QuantityField,
    RupiahField,
    TextField,
    options,
)
from app.web.filters import named

OWN_WORDS = "own"
SEARCHED = 40
LONGEST_TITLE = 120
LONGEST_DESCRIPTION = 800
LONGEST_PACKING = 120
LONGEST_SEARCH = 80
ALL = options([("", _l("Semua"))])
MORE_FILTERS = ("family", "certificate", "month", "price", "price_from", "price_to")
PERIOD_WORDS: Mapping[Period, Any] = {
    Period.MONTH: _l("Sebulan"), Period.WEEK: _l("Seminggu"), Period.SEASON: _l("Semusim"),
    Period.YEAR: _l("Setahun"), Period.ONCE: _l("Sekali kirim"),
}
MONTH_WORDS = (
    _l("Jan"), _l("Feb"), _l("Mar"), _l("Apr"), _l("Mei"), _l("Jun"), _l("Jul"), _l("Agu"), _l("Sep"), _l("Okt"),
    _l("Nov"), _l("Des"),
)
CERTIFICATE_WORDS: Mapping[Certificate, Any] = {
    Certificate.HALAL: _l("Halal"), Certificate.PIRT: _l("P-IRT"), Certificate.BPOM: _l("BPOM"),
    Certificate.SNI: _l("SNI"), Certificate.HACCP: _l("HACCP"), Certificate.SKP: _l("SKP"),
    Certificate.QUARANTINE: _l("Surat karantina"), Certificate.ORGANIC: _l("Organik"), Certificate.SVLK: _l("SVLK"),
    Certificate.NKV: _l("NKV"), Certificate.BRAND: _l("Merek terdaftar"),
}


class ListingForm(PageForm):
    """What, how much, how often: the part that is asked at the first visit."""

    key = HiddenField(default=new_id)
    title = TextField(_l("Nama barang"), [Filled(_l("Tulis nama barangnya.")), NotLongerThan(LONGEST_TITLE)])
    commodity_code = TextField(_l("Barang yang paling sesuai"))
    quantity = QuantityField(_l("Banyaknya"))
    unit_code = ChoiceField(_l("Satuan"))
    period = ChoiceField(
        _l("Dalam waktu"), default=Period.MONTH.value,
        choices=options(PERIOD_WORDS.items()),
    )

    def __init__(self, *args: Any, side: Side, goods: Catalogue, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.side, self.goods = side, goods
        self.unit_code.choices = _unit_choices(goods.unit_options(self.commodity_code.data))
        if self.unit_code.data is None:
            self.unit_code.data = goods.unit_options(self.commodity_code.data)[0].code

    @property
    def found(self) -> list[Found]:
        """The goods to choose from: what fits the typed words, and what was chosen before."""
        found = self.goods.find(self.title.data) if self.title.data else []
        chosen = self.goods.goods.get(self.commodity_code.data or "")
        if chosen is None:
            return found
        return [Found(chosen, None, False), *(row for row in found if row.good.code != chosen.code)]

    def is_untouched(self) -> bool:
        """Tell whether nothing was typed."""
        return not self.title.data and not self.quantity.typed

    def validate_title(self, field: Any) -> None:
        """Take the good that is called exactly so; ask when several may be meant."""
        if not any(character.isalpha() for character in field.data):
            raise ValidationError(_l("Nama barang perlu huruf, bukan angka atau tanda saja."))
        if self.commodity_code.data:
            return
        exact = self.goods.exact(field.data)
        if exact is not None:
            self.commodity_code.data = exact.code
        elif self.found:
            raise ValidationError(_l("Pilih satu yang paling sesuai di bawah ini, atau pakai kata sendiri."))

    def validate_commodity_code(self, field: Any) -> None:
        """Refuse a code that no good has."""
        if field.data and field.data != OWN_WORDS and field.data not in self.goods.goods:
            raise ValidationError(_l("Pilih barang dari daftar, atau pakai kata sendiri."))

    def details(self) -> ListingDetails:
        """Return what was typed."""
        return ListingDetails(**self._values())

    def _whole_title(self) -> str:
        """Return the words that were typed; three letters of a chosen good become the word they stand for."""
        typed = str(self.title.data)
        for row in self.goods.find(typed, SEARCHED):
            if row.good.code == self.commodity_code.data and not row.is_exact:
                return row.word or row.good.name_id
        return typed

    def _values(self) -> dict[str, Any]:
        chosen = self.commodity_code.data
        return {
            "side": self.side, "title": self._whole_title(), "quantity": self.quantity.data,
            "commodity_code": chosen if chosen and chosen != OWN_WORDS else None, "unit_code": self.unit_code.data,
            "period": Period(self.period.data),
        }


class MoreListingForm(ListingForm):
    """A whole listing."""

    description = LongTextField(_l("Keterangan"), [NotLongerThan(LONGEST_DESCRIPTION)])
    price_amount = RupiahField(_l("Harga"))
    minimum_order = QuantityField(_l("Pesanan terkecil"))
    months = ManyField(_l("Bulan"), choices=options((str(n), word) for n, word in enumerate(MONTH_WORDS, start=1)))
    packing = TextField(_l("Kemasan"), [NotLongerThan(LONGEST_PACKING)])
    certificates = ManyField(
        _l("Sertifikat"), choices=options(CERTIFICATE_WORDS.items())
    )

    def details(self) -> ListingDetails:
        """Return what was typed."""
        return ListingDetails(
            **self._values(), description=self.description.data or "", price_amount=self.price_amount.data,
            minimum_order=self.minimum_order.data, packing=self.packing.data or "",
            months=tuple(int(number) for number in self.months.data or ()),
            certificates=tuple(self.certificates.data or ()),
        )


def _unit_choices(units: list[UnitOption]) -> list[SelectChoice]:
    """Return the usual units before the others, each with its weight for the conversion on the page."""
    return [
        SelectChoice(
            value=unit.code, label=named(unit), render_kw={"data-kg": f"{unit.kg:g}"} if unit.kg else {},
            optgroup=_l("Biasa dipakai") if unit.is_usual else _l("Satuan lain"),
        )
        for unit in units
    ]


def _yes_or_no(question: Any) -> RadioField:
    return RadioField(
        question, [InputRequired(_l("Pilih Ya atau Tidak."))], choices=options([("yes", _l("Ya")), ("no", _l("Tidak"))])
    )


class ConsentForm(PageForm):
    """Four questions in the words of macros/consents, each answered on its own; nothing is chosen beforehand."""

    partners = _yes_or_no(_l("Usaha saya boleh dilihat calon mitra"))
    phone = _yes_or_no(_l("Nomor HP saya boleh diberikan kepada mitra"))
    statistics = _yes_or_no(_l("Data saya boleh dihitung dalam statistik"))
    press = _yes_or_no(_l("Usaha saya boleh disebut dalam berita"))

    def answers(self) -> dict[Purpose, bool]:
        """Return the answers by purpose."""
        return {purpose: self[purpose.value].data == "yes" for purpose in Purpose}


class SearchForm(PageForm):
    """What both lists of the directory are narrowed to; what is not offered narrows nothing."""

    class Meta(PageForm.Meta):
        csrf = False

    q = TextField(_l("Nama usaha atau barang"))
    exact = ChoiceField(_l("Cara mencari"), choices=options([("", ""), ("1", "")]))
    province = ChoiceField(_l("Provinsi"))
    regency = ChoiceField(_l("Kabupaten atau kota"))

    def __init__(self, *args: Any, regencies: Iterable[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = list(regencies)
        provinces = {row.province_code: row.province.name for row in rows}
        self.province.choices = [*ALL, *options(provinces.items())]
        self.regency.choices = ALL + [
            choice for row in rows for choice in options([(row.code, row.name)], row.province.name)
        ]

    def _values(self, **fields: str) -> dict[str, Any]:
        """Return the words and the valid ones of the fields, by the names of the filters."""
        self.validate()
        shared = {"province_code": "province", "regency_code": "regency"}
        return {
            "words": (self.q.data or "")[:LONGEST_SEARCH], "is_literal": self.exact.data == "1",
            **{name: self[field].data or "" for name, field in (shared | fields).items() if not self[field].errors},
        }


class DirectoryForm(SearchForm):
    """Filters of the firms."""

    state = ChoiceField(_l("Keadaan"), choices=options([
        ("", _l("Semua")), (EnterpriseState.ACTIVE.value, _l("Aktif")),
        (EnterpriseState.AWAITING_OWNER.value, _l("Menunggu pemilik")),
        (EnterpriseState.DRAFT.value, _l("Belum selesai")), (EnterpriseState.CLOSED.value, _l("Ditutup")),
    ]))
    side = ChoiceField(_l("Jual atau beli"), choices=options([
        ("", _l("Semua")), (TradeSide.SELLS.value, _l("Menjual")), (TradeSide.BUYS.value, _l("Membeli")),
    ]))
    size = ChoiceField(_l("Besar usaha"), choices=options([
        ("", _l("Semua")), (SizeClass.MICRO.value, _l("Usaha mikro")), (SizeClass.SMALL.value, _l("Usaha kecil")),
        (SizeClass.MEDIUM.value, _l("Usaha menengah")), (SizeClass.LARGE.value, _l("Usaha besar")),
    ]))

    def filters(self) -> DirectoryFilters:
        """Return what to narrow to."""
        return DirectoryFilters(**self._values(state="state", trade_side="side", size_class="size"))


class GoodsSearchForm(SearchForm):
    """Filters of the offers and needs."""

    side = ChoiceField(_l("Dijual atau dicari"), choices=options([
        ("", _l("Semua")), (Side.OFFER.value, _l("Dijual")), (Side.NEED.value, _l("Dicari")),
    ]))
    family = ChoiceField(_l("Kelompok barang"))
    certificate = ChoiceField(_l("Sertifikat"), choices=[*ALL, *options(CERTIFICATE_WORDS.items())])
    month = ChoiceField(
        _l("Bulan"), choices=[*ALL, *options((str(n), word) for n, word in enumerate(MONTH_WORDS, start=1))]
    )
    price = ChoiceField(_l("Harga"), choices=options([("", _l("Semua")), ("1", _l("Ada harganya"))]))
    price_from = RupiahField(_l("Harga sekilo dari, Rp"))
    price_to = RupiahField(_l("Harga sekilo sampai, Rp"))

    def __init__(self, *args: Any, goods: Catalogue, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.family.choices = [*ALL, *options((row.code, named(row)) for row in goods.families.values())]

    @property
    def has_more(self) -> bool:
        """Whether one of the filters that are folded away is in use."""
        return any(self[name].data for name in MORE_FILTERS) or bool(self.price_from.errors or self.price_to.errors)

    def filters(self) -> GoodsFilters:
        """Return what to narrow to."""
        values = self._values(side="side", family_code="family", certificate="certificate")
        return GoodsFilters(
            **values, month=int(self.month.data) if self.month.data and not self.month.errors else None,
            has_price=self.price.data == "1", price_from=self.price_from.data, price_to=self.price_to.data,
        )
