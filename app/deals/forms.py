"""Forms of deals, and the filters of their list."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, TypeVar, cast

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, ValidationError
from wtforms.fields.choices import SelectChoice
from wtforms.widgets import HiddenInput

from app.commodities.catalogue import Catalogue
from app.commodities.values import Found
from app.deals.models import DealEntry
from app.deals.values import KIND_WORDS, TERM_WORDS, DealDetails, DealFilters, DealKind, Standing, Term
from app.kit import ids, money
from app.listings.values import Period
from app.matching.models import Proposal
from app.missions.values import MissionRole
from app.web.fields import (
    ChoiceField,
    DayField,
    Filled,
    LongTextField,
    NotLongerThan,
    PageForm,
    QuantityField,
    RupiahField,
    TextField,
    WholeField,
    clean,
    options,
)
from app.web.filters import named

OWN_WORDS = "own"
WEEKS_A_MONTH = Decimal(52) / 12
_TERMS = {Period.WEEK: Term.MONTH, Period.MONTH: Term.MONTH, Period.SEASON: Term.SEASON, Period.YEAR: Term.YEAR}
Word = TypeVar("Word", bound=StrEnum)


class HiddenTextField(TextField):
    widget = HiddenInput()


class DealForm(PageForm):
    """What both forms ask about a deal."""

    goods = TextField(_l("Barang"), [Filled(_l("Tulis barangnya.")), NotLongerThan(120)])
    commodity_code = TextField(_l("Barang di daftar"))
    quantity = QuantityField(_l("Volume"))
    unit_code = ChoiceField(_l("Satuan"))
    unit_price_amount = RupiahField(_l("Harga satuan"))
    value_amount = RupiahField(_l("Nilai lain"))
    value_reason = TextField(_l("Alasan nilai lain"), [NotLongerThan(300)])
    term = ChoiceField(_l("Jangka waktu"), choices=options(TERM_WORDS.items()))
    kind = ChoiceField(_l("Jenis"), choices=options(KIND_WORDS.items()))
    form_number = TextField(_l("Nomor lembar komitmen (PKT)"), [NotLongerThan(60)])
    signed_on = DayField(_l("Tanggal tanda tangan"), [Filled(_l("Isi tanggal tanda tangannya."))])
    note = LongTextField(_l("Catatan"), [NotLongerThan(500)])
    seen = HiddenTextField()
    is_checked = BooleanField(_l("Sudah dicek, memang begini"))

    def offer(self, goods: Catalogue) -> None:
        """Put the units into the list, those usual for the good first, and keep the goods for checking."""
        self.goods_known = goods
        self.unit_code.choices = [SelectChoice(value="", label=_l("Pilih satuan")), *(
            SelectChoice(unit.code, named(unit), render_kw={"data-kg": unit.kg} if unit.kg else None)
            for unit in goods.unit_options(self.chosen_good())
        )]

    def chosen_good(self) -> str | None:
        """Return the code of the good in our list, None for words of one's own."""
        code = self.commodity_code.data
        return code if code in self.goods_known.goods else None

    def validate_commodity_code(self, field: Any) -> None:
        """Take the only good of that very name; ask when several fit and nothing was chosen."""
        if field.data == OWN_WORDS or self.chosen_good() or not self.goods.data:
            return
        exact = self.goods_known.exact(self.goods.data)
        if exact is not None:
            field.data = exact.code
        elif self.goods_known.find(self.goods.data):
            raise ValidationError(_l("Pilih barang yang paling sesuai dari daftar, atau pakai kata sendiri."))

    def goods_found(self) -> list[Found]:
        """Return the goods that fit what was typed; the one already chosen is always among them."""
        found = self.goods_known.find(self.goods.data or "")
        chosen = self.chosen_good()
        if chosen is not None and chosen not in {one.good.code for one in found}:
            found.insert(0, Found(self.goods_known.goods[chosen], None, False))
        return found

    def computed(self) -> int | None:
        """Return volume times price, when both can be read."""
        if self.quantity.data is None or self.unit_price_amount.data is None:
            return None
        return money.times(self.quantity.data, self.unit_price_amount.data)

    def acknowledged(self) -> frozenset[str]:
        """Return the marks of the doubts that were shown and ticked."""
        return frozenset((self.seen.data or "").split(",")) - {""} if self.is_checked.data else frozenset()

    def ask_about(self, marks: Sequence[str]) -> None:
        """Show further doubts: the tick has to be set again, and then counts for the earlier ones too."""
        self.seen.data = ",".join([*sorted(self.acknowledged()), *marks])
        self.is_checked.data = False

    def details(self) -> DealDetails:
        """Return what was typed; the form has to be valid."""
        return DealDetails(
            seller_id=self.seller_id.data or "", buyer_id=self.buyer_id.data or "",
            commodity_code=self.chosen_good(), goods=self.goods.data, quantity=self.quantity.data,
            unit_code=self.unit_code.data or None, unit_price_amount=self.unit_price_amount.data,
            value_amount=self.value_amount.data, value_reason=self.value_reason.data or "",
            term=Term(self.term.data), kind=DealKind(self.kind.data), form_number=self.form_number.data or "",
            signed_on=cast(date, self.signed_on.data), note=self.note.data or "",
        )


class NewDealForm(DealForm):
    key = HiddenTextField()
    seller_id = HiddenTextField()
    buyer_id = HiddenTextField()

    def validate_key(self, field: Any) -> None:
        """Refuse a form that did not come from our page."""
        if not re.fullmatch(rf"[0-9a-z]{{{ids.LENGTH}}}", field.data or "", flags=re.ASCII):
            raise ValidationError(_l("Halaman ini sudah lama terbuka. Muat ulang, lalu isi lagi."))


class CorrectDealForm(DealForm):
    seller_id = ChoiceField(_l("Penjual"))
    buyer_id = ChoiceField(_l("Pembeli"))
    reason = TextField(_l("Alasan koreksi"), [Filled(_l("Tulis alasannya.")), NotLongerThan(300)])
    version = WholeField(_l("Versi yang dilihat"), [Filled(_l("Muat ulang halaman ini."))], smallest=1,
                         widget=HiddenInput())


class VoidDealForm(PageForm):
    reason = TextField(_l("Alasan pembatalan"), [Filled(_l("Tulis alasannya.")), NotLongerThan(300)])
    version = WholeField(_l("Versi yang dilihat"), [Filled(_l("Muat ulang halaman ini."))], smallest=1,
                         widget=HiddenInput())


def typed_from_entry(entry: DealEntry) -> dict[str, Any]:
    """Return an entry as its form holds it."""
    names = (
        "seller_id", "buyer_id", "goods", "quantity", "unit_price_amount", "value_reason", "form_number", "signed_on",
        "note", "version",
    )
    is_computed = entry.value_amount == entry.computed_amount
    return {name: getattr(entry, name) for name in names} | {
        "commodity_code": entry.commodity_code or OWN_WORDS, "unit_code": entry.unit_code or "",
        "term": entry.term.value, "kind": entry.kind.value, "value_amount": None if is_computed else entry.value_amount,
    }


def typed_from_proposal(proposal: Proposal, goods: Catalogue) -> dict[str, Any]:
    """Return what the two listings already say, in the words and the unit of the need."""
    need, offer = proposal.need, proposal.offer
    quantity, unit_code = need.quantity or offer.quantity, need.unit_code if need.quantity else offer.unit_code
    period = need.period if need.quantity else offer.period
    if quantity is not None and period is Period.WEEK:
        quantity = (quantity * WEEKS_A_MONTH).quantize(Decimal("0.001"))
    code = offer.commodity_code or need.commodity_code
    return {
        "seller_id": offer.enterprise_id, "buyer_id": need.enterprise_id, "goods": offer.title,
        "commodity_code": code or OWN_WORDS, "quantity": quantity, "unit_code": unit_code or "",
        "unit_price_amount": _price_in(unit_code, proposal, goods), "term": _TERMS.get(period, Term.SPOT).value,
    }


def _price_in(unit_code: str | None, proposal: Proposal, goods: Catalogue) -> int | None:
    """Return the price asked, or else offered to pay, for one unit; None when the units cannot be compared."""
    for listing in (proposal.offer, proposal.need):
        if listing.price_amount is None:
            continue
        if listing.unit_code == unit_code:
            return listing.price_amount
        theirs = goods.kg_per_unit(listing.commodity_code, listing.unit_code)
        ours = goods.kg_per_unit(listing.commodity_code, unit_code)
        if theirs and ours:
            return round(listing.price_amount / theirs * ours)
    return None


def fresh(typed: Mapping[str, Any], today: date) -> dict[str, Any]:
    """Return the values of a new form: a key of its own, today, and a commitment unless told otherwise."""
    usual = {"signed_on": today, "kind": DealKind.COMMITMENT.value, "term": Term.YEAR.value}
    return usual | {"key": ids.new_id(), **typed}


def deal_filters(arguments: Mapping[str, str]) -> DealFilters:
    """Read the filters in an address; what makes no sense is ignored."""
    return DealFilters(
        text=(clean(arguments.get("q")) or "")[:100],
        kind=_one_of(DealKind, arguments.get("kind")), seller_role=_one_of(MissionRole, arguments.get("sold_by")),
        family_code=_code(arguments.get("family")), commodity_code=_code(arguments.get("commodity")),
        seller_regency=_code(arguments.get("from")), buyer_regency=_code(arguments.get("to")),
        recorded_by_id=_code(arguments.get("by")),
        standing=_one_of(Standing, arguments.get("standing")) or Standing.COUNTS,
    )


def _code(text: str | None) -> str | None:
    return (clean(text) or "")[:60] or None


def _one_of(words: type[Word], text: str | None) -> Word | None:
    return words(text) if text in {word.value for word in words} else None


def choices_of(firms: Sequence[Any]) -> list[SelectChoice]:
    """Return firms for a select, by name and place."""
    return options((firm.id, f"{firm.name}, {firm.regency.name}") for firm in firms)
