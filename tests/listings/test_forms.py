"""Which answers the forms of offers, needs and consents take."""

from collections.abc import Iterator
from decimal import Decimal

import pytest
from flask import Flask
from werkzeug.datastructures import MultiDict

from app.commodities.catalogue import Catalogue
from app.commodities.queries import catalogue
from app.listings.forms import ConsentForm, DirectoryForm, GoodsSearchForm, ListingForm, MoreListingForm
from app.listings.values import DirectoryFilters, GoodsFilters, Period, Side
from app.regions.models import Province, Regency

COPRA = {"title": "kopra", "commodity_code": "kopra", "quantity": "2", "unit_code": "ton", "period": "month"}
PLACE = Regency(
    code="0101", province_code="01", name="Kota Contoh",
    province=Province(code="01", name="Provinsi Contoh", short_name="Contoh"),
)


@pytest.fixture
def goods(app: Flask) -> Catalogue:
    with app.extensions["database"].open(read_only=True) as session:
        return catalogue(session)


@pytest.fixture
def posting(app: Flask) -> Iterator[None]:
    with app.test_request_context(method="POST"):
        yield


def listing_form(goods: Catalogue, data: dict[str, object], kind: type[ListingForm] = ListingForm) -> ListingForm:
    return kind(formdata=MultiDict(data), meta={"csrf": False}, side=Side.OFFER, goods=goods)


@pytest.mark.usefixtures("posting")
class TestListings:
    @pytest.mark.parametrize(
        ("typed", "value"), [("1.000,50", "1000.5"), ("1000.50", "1000.5"), ("1.000", "1000"), ("12,5", "12.5"), ("", None)]
    )
    def test_quantities_in_every_usual_spelling(self, goods: Catalogue, typed: str, value: str | None) -> None:
        form = listing_form(goods, COPRA | {"quantity": typed})

        assert form.validate(), form.errors
        assert form.details().quantity == (None if value is None else Decimal(value))

    @pytest.mark.parametrize(
        ("field", "typed", "said"),
        [
            ("price_amount", "mahal", "angka"), ("price_amount", "0", "lebih dari nol"),
            ("price_amount", "Rp 9.000 nego", "angka"), ("minimum_order", "-1", "lebih dari nol"),
            ("months", "13", "dari daftar"), ("months", "Januari", "dari daftar"), ("months", "1.5", "dari daftar"),
            ("certificates", "palsu", "dari daftar"), ("packing", "x" * 121, "Terlalu panjang"),
            ("description", "x" * 801, "Terlalu panjang"), ("period", "abad", "dari daftar"),
        ],
    )
    def test_wrong_terms_say_what_to_type(self, goods: Catalogue, field: str, typed: str, said: str) -> None:
        form = listing_form(goods, COPRA | {field: typed}, MoreListingForm)

        assert not form.validate()
        assert list(form.errors) == [field]
        assert said in " ".join(str(message) for message in form.errors[field])

    def test_a_whole_listing_is_understood(self, goods: Catalogue) -> None:
        data = MultiDict(COPRA | {"price_amount": "Rp 9.500", "minimum_order": "0,5", "packing": "karung 50 kg"})
        data.setlist("months", ["3", "4"])
        form = MoreListingForm(formdata=data, meta={"csrf": False}, side=Side.NEED, goods=goods)

        assert form.validate(), form.errors
        details = form.details()
        assert (details.side, details.price_amount, details.months) == (Side.NEED, 9500, (3, 4))
        assert (details.minimum_order, details.packing, details.period) == (Decimal("0.5"), "karung 50 kg", Period.MONTH)

    @pytest.mark.parametrize(
        ("typed", "kept"),
        [("kelapa ke", "kelapa kering"), ("kop", "Kopra"), ("Kopra asap Bacan", "Kopra asap Bacan"), ("KOPRA", "KOPRA")],
    )
    def test_half_a_word_becomes_the_word_that_was_chosen(self, goods: Catalogue, typed: str, kept: str) -> None:
        form = listing_form(goods, COPRA | {"title": typed})

        assert form.validate(), form.errors
        assert form.details().title == kept

    def test_the_units_are_those_of_the_chosen_good(self, goods: Catalogue) -> None:
        form = listing_form(goods, COPRA)

        first = next(iter(form.unit_code.choices))
        assert first.value == goods.goods["kopra"].default_unit
        weights = {choice.value: choice.render_kw.get("data-kg") for choice in form.unit_code.choices}
        assert (weights["ton"], weights["kontainer"], weights["lembar"]) == ("1000", "14000", None)

    @pytest.mark.parametrize("missing", ["partners", "phone", "statistics", "press"])
    def test_each_consent_needs_its_own_answer(self, missing: str) -> None:
        answers = {name: "yes" for name in ("partners", "phone", "statistics", "press") if name != missing}
        form = ConsentForm(formdata=MultiDict(answers), meta={"csrf": False})

        assert not form.validate()
        assert list(form.errors) == [missing]

    def test_consents_are_read_as_yes_and_no(self) -> None:
        answers = {"partners": "yes", "phone": "no", "statistics": "yes", "press": "no"}
        form = ConsentForm(formdata=MultiDict(answers), meta={"csrf": False})

        assert form.validate()
        assert {purpose.value: given for purpose, given in form.answers().items()} == {
            name: answer == "yes" for name, answer in answers.items()
        }

    def test_filters_that_are_not_offered_narrow_nothing(self) -> None:
        form = DirectoryForm(
            MultiDict({"q": " kopra ", "state": "'; --", "side": "sells", "size": "giant", "regency": "9999"}),
            regencies=[PLACE],
        )

        assert form.filters() == DirectoryFilters(words="kopra", trade_side="sells")

    def test_filters_of_goods_take_what_is_valid(self, goods: Catalogue) -> None:
        form = GoodsSearchForm(
            MultiDict({
                "q": "migor", "exact": "1", "side": "need", "province": "01", "regency": "0101", "family": "rempah",
                "certificate": "halal", "month": "12", "price": "1", "price_from": "9.000", "price_to": "murah",
            }),
            regencies=[PLACE], goods=goods,
        )

        assert form.filters() == GoodsFilters(
            words="migor", is_literal=True, side="need", province_code="01", regency_code="0101", family_code="rempah",
            certificate="halal", month=12, has_price=True, price_from=9000,
        )
        assert form.has_more and form.price_to.errors

    def test_odd_filters_of_goods_narrow_nothing(self, goods: Catalogue) -> None:
        odd = dict.fromkeys(("exact", "side", "province", "regency", "family", "certificate", "month", "price"), "'; --")
        form = GoodsSearchForm(MultiDict(odd), regencies=[PLACE], goods=goods)

        assert form.filters() == GoodsFilters()
