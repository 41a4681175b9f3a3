"""The demo mission: 155 invented firms whose offers and needs are shaped like those of real owners."""

import csv
import re
from collections import Counter
from datetime import date, time
from decimal import Decimal
from pathlib import Path

import phonenumbers
import pytest
from phonenumbers import carrier

from app.accounts.values import PROVINCIAL_STAFF, Role
from app.enterprises.values import Certificate, TradeSide
from app.listings.values import Period, Side
from app.missions.values import Funding

SEED_DATA = Path(__file__).parents[2] / "seed_data"
FIRMS_OF_PROVINCE = {"35": 55, "82": 100}
# +62 810 is given to no operator, so that nobody can be called by accident.
DEMO_PHONE = re.compile(r"^\+6281000000\d{3}$")

Row = dict[str, str]


def read(name: str) -> list[Row]:
    """Return the rows of one list."""
    with (SEED_DATA / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def codes(name: str) -> set[str]:
    """Return the codes of a reference list."""
    return {row["code"] for row in read(name)}


def split(text: str) -> list[str]:
    """Return the parts of a semicolon list."""
    return text.split(";") if text else []


PEOPLE = read("demo_people")
ENTERPRISES = read("demo_enterprises")
LISTINGS = read("demo_listings")
MISSION = {row["key"]: row["value"] for row in read("demo_mission")}
PROVINCE_OF_OWNER = {row["key"]: row["province_code"] for row in PEOPLE}
ENTERPRISE_BY_KEY = {row["key"]: row for row in ENTERPRISES}


def province_of(listing: Row) -> str:
    """Return the province of the firm of a listing."""
    return PROVINCE_OF_OWNER[ENTERPRISE_BY_KEY[listing["enterprise_key"]]["owner_key"]]


@pytest.mark.parametrize("name", ["demo_people", "demo_enterprises", "demo_listings", "demo_mission"])
def test_files_are_plain_utf8_with_unix_line_ends(name: str) -> None:
    raw = (SEED_DATA / f"{name}.csv").read_bytes()
    raw.decode("utf-8")
    assert b"\r" not in raw
    assert raw.endswith(b"\n")
    assert not raw.startswith(b"\xef\xbb\xbf")


@pytest.mark.parametrize("rows", [PEOPLE, ENTERPRISES, LISTINGS], ids=["people", "enterprises", "listings"])
def test_rows_are_complete_and_their_keys_unique(rows: list[Row]) -> None:
    assert len({row["key"] for row in rows}) == len(rows)
    for row in rows:
        assert None not in row
        assert None not in row.values()
        assert all(value == value.strip() for value in row.values()), row["key"]


def test_every_phone_is_a_valid_mobile_number_that_nobody_has() -> None:
    phones = [row["phone"] for row in PEOPLE]
    assert len(set(phones)) == len(phones)
    for phone in phones:
        assert DEMO_PHONE.match(phone), phone
        number = phonenumbers.parse(phone)
        assert phonenumbers.is_valid_number(number), phone
        assert phonenumbers.number_type(number) == phonenumbers.PhoneNumberType.MOBILE, phone
        assert carrier.name_for_number(number, "en") == "", phone


def test_every_mail_address_is_unique_and_in_a_reserved_domain() -> None:
    addresses = [row["email"] for row in PEOPLE if row["email"]]
    assert len(set(addresses)) == len(addresses)
    assert all(re.fullmatch(r"[a-z0-9.]+@contoh\.example", address) for address in addresses)
    assert all(row["email"] for row in PEOPLE if row["role"] != Role.OWNER or row["is_showcase"] == "1")


def test_there_is_one_owner_for_each_firm_and_one_office_and_organiser_for_each_province() -> None:
    owners = [row for row in PEOPLE if row["role"] == Role.OWNER]
    assert Counter(row["province_code"] for row in owners) == FIRMS_OF_PROVINCE
    assert {row["owner_key"] for row in ENTERPRISES} == {row["key"] for row in owners}
    assert len({row["owner_key"] for row in ENTERPRISES}) == len(ENTERPRISES)
    for role in PROVINCIAL_STAFF:
        assert {row["province_code"] for row in PEOPLE if row["role"] == role} == set(FIRMS_OF_PROVINCE)
    assert [row["province_code"] for row in PEOPLE if row["role"] == Role.ADMIN] == [""]


def test_one_person_of_each_role_and_province_is_shown_to_newcomers() -> None:
    shown = [(row["role"], row["province_code"]) for row in PEOPLE if row["is_showcase"] == "1"]
    roles = (Role.OWNER, Role.ORGANISER, Role.OFFICE)
    expected = {(role.value, province) for role in roles for province in FIRMS_OF_PROVINCE}
    assert len(shown) == len(expected) + 1
    assert set(shown) == expected | {(Role.ADMIN.value, "")}


def test_firms_lie_in_known_regencies_of_the_province_of_their_owner() -> None:
    province_of_regency = {row["code"]: row["province_code"] for row in read("regencies")}
    for row in ENTERPRISES:
        assert province_of_regency[row["regency_code"]] == PROVINCE_OF_OWNER[row["owner_key"]], row["key"]
    regencies = Counter(code[:2] for code in {row["regency_code"] for row in ENTERPRISES})
    assert regencies["82"] == 10
    assert regencies["35"] >= 25


def test_firms_have_the_words_and_numbers_that_the_forms_accept() -> None:
    for row in ENTERPRISES:
        TradeSide(row["trade_side"])
        Funding(row["funded_by"])
        assert all(Certificate(word) for word in split(row["certificates"]))
        assert re.fullmatch(r"(9999\d{9})?", row["nib"]), row["key"]
        assert re.fullmatch(r"(00\d{14})?", row["npwp"]), row["key"]
        assert row["owner_gender"] in {"f", "m"}
        assert row["is_stale"] in {"0", "1"}
        assert row["nominated_by"]
        assert 1980 <= int(row["founded_year"]) <= 2026
        assert len(row["about"].split()) <= 25, row["key"]
        for column in ("annual_turnover", "capital", "workers", "outside_buyers"):
            assert re.fullmatch(r"\d*", row[column]), (row["key"], column)
    for column in ("name", "nib"):
        values = [row[column] for row in ENTERPRISES if row[column]]
        assert len(set(values)) == len(values), column


def test_some_firms_left_out_what_may_be_left_out() -> None:
    for column in ("nib", "npwp", "certificates", "annual_turnover", "capital", "outside_buyers", "about"):
        empty = sum(not row[column] for row in ENTERPRISES)
        assert 10 <= empty <= len(ENTERPRISES) - 25, column


def test_most_hosting_firms_are_micro_and_no_firm_is_large() -> None:
    known = [row for row in ENTERPRISES if row["annual_turnover"]]
    assert max(int(row["annual_turnover"]) for row in known) <= 50_000_000_000
    assert max(int(row["capital"] or 0) for row in ENTERPRISES) <= 10_000_000_000
    hosting = [int(row["annual_turnover"]) for row in known if PROVINCE_OF_OWNER[row["owner_key"]] == "82"]
    assert sum(value <= 2_000_000_000 for value in hosting) > len(hosting) * 0.6


def test_every_firm_lists_what_its_trade_side_says() -> None:
    sides: dict[str, set[str]] = {row["key"]: set() for row in ENTERPRISES}
    for listing in LISTINGS:
        sides[listing["enterprise_key"]].add(listing["side"])
    expected = {
        TradeSide.SELLS: {Side.OFFER.value},
        TradeSide.BUYS: {Side.NEED.value},
        TradeSide.BOTH: {Side.OFFER.value, Side.NEED.value},
    }
    for row in ENTERPRISES:
        assert sides[row["key"]] == expected[TradeSide(row["trade_side"])], row["key"]


def test_there_are_enough_listings_of_both_sides_in_both_provinces() -> None:
    assert len(LISTINGS) >= 430
    assert sum(listing["side"] == Side.NEED for listing in LISTINGS) >= 180
    counts = Counter((province_of(listing), listing["side"]) for listing in LISTINGS)
    assert all(counts[province, side.value] >= 80 for province in FIRMS_OF_PROVINCE for side in Side)


def test_listings_carry_known_codes_and_sound_numbers() -> None:
    commodity_codes = codes("commodities")
    unit_codes = codes("units")
    for row in LISTINGS:
        Side(row["side"])
        Period(row["period"])
        assert row["commodity_code"] in commodity_codes | {""}, row["key"]
        assert row["unit_code"] in unit_codes, row["key"]
        assert all(Certificate(word) for word in split(row["certificates"]))
        months = [int(month) for month in split(row["months"])]
        assert months == sorted(set(months) & set(range(1, 13))), row["key"]
        assert re.fullmatch(r"([1-9]\d*)?", row["price_amount"]), row["key"]
        assert 0 <= int(row["days_old"]) <= 420
        for column in ("quantity", "minimum_order"):
            assert not row[column] or Decimal(row[column]) > 0, (row["key"], column)
        assert row["side"] == Side.OFFER or not row["minimum_order"], row["key"]


def test_titles_and_descriptions_are_as_long_as_owners_type_them() -> None:
    for row in LISTINGS:
        assert 2 <= len(row["title"].split()) <= 8, row["key"]
        assert len(row["description"].split()) <= 30, row["key"]
    assert sum(row["title"].isupper() for row in LISTINGS) >= 30
    assert len({row["title"].casefold() for row in LISTINGS}) > len(LISTINGS) * 0.95


def test_weight_prices_are_of_the_order_of_the_unit() -> None:
    kilograms = {"kg": 1, "kuintal": 100, "ton": 1000}
    for row in LISTINGS:
        # A ton of a service is a place in a store, not goods.
        is_service = row["commodity_code"].startswith("jasa-")
        if row["price_amount"] and row["unit_code"] in kilograms and not is_service:
            price = int(row["price_amount"]) / kilograms[row["unit_code"]]
            assert 500 <= price <= 2_000_000, (row["key"], price)


def test_a_few_listings_were_coded_by_nobody() -> None:
    uncoded = sum(not row["commodity_code"] for row in LISTINGS)
    assert 0.03 <= uncoded / len(LISTINGS) <= 0.05


def test_the_listings_are_of_many_goods_and_families() -> None:
    family_of = {row["code"]: row["family_code"] for row in read("commodities")}
    listed = {row["commodity_code"] for row in LISTINGS if row["commodity_code"]}
    assert len(listed) >= 60
    assert len({family_of[code] for code in listed}) >= 25


def test_a_stale_firm_has_old_listings_only() -> None:
    stale = {row["key"] for row in ENTERPRISES if row["is_stale"] == "1"}
    assert 3 <= len(stale) <= 10
    for row in LISTINGS:
        assert (int(row["days_old"]) > 240) == (row["enterprise_key"] in stale), row["key"]


def test_an_offer_holds_no_certificate_that_its_firm_lacks() -> None:
    for row in LISTINGS:
        if row["side"] == Side.OFFER:
            # A quarantine paper belongs to a load, not to a firm.
            held = split(ENTERPRISE_BY_KEY[row["enterprise_key"]]["certificates"])
            assert set(split(row["certificates"])) <= {*held, Certificate.QUARANTINE}, row["key"]


def codes_listed(province: str, side: Side) -> set[str]:
    """Return the coded goods of one side of one province."""
    rows = (row for row in LISTINGS if row["side"] == side and province_of(row) == province)
    return {row["commodity_code"] for row in rows if row["commodity_code"]}


@pytest.mark.parametrize(("seller", "buyer"), [("35", "82"), ("82", "35")])
def test_goods_meet_across_the_provinces_in_both_directions(seller: str, buyer: str) -> None:
    assert len(codes_listed(seller, Side.OFFER) & codes_listed(buyer, Side.NEED)) >= 30


@pytest.mark.parametrize("code", ["gas-elpiji", "panel-surya", "bbm"])
def test_some_needs_have_no_offer_at_all(code: str) -> None:
    assert code in codes_listed("82", Side.NEED)
    assert code not in codes_listed("35", Side.OFFER) | codes_listed("82", Side.OFFER)


@pytest.mark.parametrize(
    "traps",
    [
        {"pakan-ikan", "ikan-laut"},
        {"minyak-goreng", "minyak-cengkih", "minyak-kelapa"},
        {"kelapa-bulat", "kopra", "arang-tempurung", "tempurung-kelapa", "vco"},
        {"kayu-manis", "kayu-gergajian"},
        {"gula-pasir", "gula-aren", "permen"},
        {"doc-broiler", "karkas-ayam", "fillet-ayam", "pakan-unggas"},
        {"jagung", "benih-jagung"},
        {"ikan-cakalang", "ikan-kayu", "cakalang-fufu"},
    ],
    ids=["feed", "oil", "coconut", "wood", "sugar", "chicken", "maize", "skipjack"],
)
def test_goods_that_share_a_word_are_all_there(traps: set[str]) -> None:
    assert traps <= {row["commodity_code"] for row in LISTINGS}


def codes_of_shown_owner(province: str, side: Side) -> set[str]:
    """Return the goods of one side of the owner whose account is shown for a province."""
    owners = (row for row in PEOPLE if row["is_showcase"] == "1" and row["role"] == Role.OWNER)
    owner = next(row["key"] for row in owners if row["province_code"] == province)
    firm = next(row["key"] for row in ENTERPRISES if row["owner_key"] == owner)
    return {
        row["commodity_code"] for row in LISTINGS if row["enterprise_key"] == firm and row["side"] == side
    }


@pytest.mark.parametrize(("seller", "buyer"), [("35", "82"), ("82", "35")])
def test_the_two_shown_owners_suit_each_other(seller: str, buyer: str) -> None:
    assert len(codes_of_shown_owner(seller, Side.OFFER) & codes_of_shown_owner(buyer, Side.NEED)) >= 3


def test_the_mission_says_that_it_is_a_demo_and_joins_the_two_provinces() -> None:
    assert MISSION["id"] == "ternate-demo"
    assert MISSION["name"].startswith("Contoh:")
    assert date.fromisoformat(MISSION["held_on"]).year == 2027
    assert {MISSION["visiting_province_code"], MISSION["hosting_province_code"]} == set(FIRMS_OF_PROVINCE)
    assert MISSION["venue"]
    assert MISSION["host_city"]


def test_the_slots_of_the_mission_fit_into_its_day_and_hall() -> None:
    opens, closes, cutoff = (
        time.fromisoformat(MISSION[key]) for key in ("opens_at_local", "closes_at_local", "cutoff_at_local")
    )
    assert opens < closes <= cutoff
    day_minutes = (closes.hour - opens.hour) * 60 + closes.minute - opens.minute
    assert int(MISSION["slot_minutes"]) * int(MISSION["slot_count"]) <= day_minutes
    # Each firm finds room for three meetings, as many as nobody should go home without.
    assert int(MISSION["table_count"]) * int(MISSION["slot_count"]) * 2 >= 3 * len(ENTERPRISES)
