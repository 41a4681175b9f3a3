"""The reference lists hold together: codes, references, counts, words, units and the sums of the history."""

import csv
import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

SEED = Path(__file__).parents[2] / "seed_data"
Row = dict[str, str]

LISTS = {
    "provinces": ("code", "name", "short_name", "time_zone", "latitude", "longitude"),
    "regencies": ("code", "province_code", "name", "kind", "capital", "island", "latitude", "longitude"),
    "units": ("code", "name_id", "name_en", "kind", "kg_factor", "aliases"),
    "commodity_families": ("code", "name_id", "name_en", "position"),
    "commodities": (
        "code", "family_code", "parent_code", "name_id", "name_en", "hs_heading", "kbki_code", "default_unit",
        "keeping", "is_cold_chain", "form",
    ),
    "commodity_words": ("commodity_code", "word", "kind"),
    "family_words": ("family_code", "word"),
    "commodity_units": ("commodity_code", "unit_code", "kg_per_unit", "note"),
    "commodity_groups": ("code", "name_id", "name_en"),
    "commodity_group_words": ("group_code", "word"),
    "commodity_group_members": ("group_code", "member_code", "is_edge"),
    "commodity_stand_ins": ("asked_code", "offered_code", "value"),
    "commodity_materials": ("product_code", "material_code"),
    "missions": (
        "id", "name", "held_on", "date_precision", "venue", "host_city", "hosting_province_code",
        "visiting_province_code", "visiting_firm_count", "hosting_firm_count", "total_amount",
        "visiting_sold_amount", "visiting_bought_amount", "investment_amount", "letter_of_intent_amount", "notes",
    ),
    "missions_elsewhere": (
        "id", "name", "held_on", "date_precision", "venue", "host_city", "visiting_province_code",
        "visiting_firm_count", "hosting_firm_count", "total_amount", "notes", "sources",
    ),
    "mission_sources": ("mission_id", "url"),
    "price_hints": ("commodity_code", "unit_code", "low_amount", "high_amount", "note", "source"),
}  # fmt: skip
MISSION_PARTS = (
    "visiting_sold_amount", "visiting_bought_amount", "investment_amount", "letter_of_intent_amount",
)  # fmt: skip


def rows_of(name: str) -> list[Row]:
    with (SEED / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def codes_of(name: str, column: str = "code") -> set[str]:
    return {row[column] for row in rows_of(name)}


def repeated(values: Iterable[object]) -> list[object]:
    return [value for value, times in Counter(values).items() if times > 1]


@pytest.mark.parametrize("name", LISTS)
def test_a_list_is_plain_utf8_with_its_columns_and_trimmed_cells(name: str) -> None:
    raw = (SEED / f"{name}.csv").read_bytes()
    assert b"\r" not in raw
    assert not raw.startswith(b"\xef\xbb\xbf")
    assert raw.endswith(b"\n")
    rows = rows_of(name)
    assert tuple(rows[0]) == LISTS[name]
    for row in rows:
        assert None not in row, f"too many cells: {row}"
        assert all(value is not None and value == value.strip() for value in row.values()), row


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("provinces", ("code",)), ("regencies", ("code",)), ("units", ("code",)), ("commodity_families", ("code",)),
        ("commodities", ("code",)), ("commodities", ("name_id",)), ("commodities", ("name_en",)),
        ("commodity_words", ("commodity_code", "word")), ("family_words", ("family_code", "word")),
        ("commodity_units", ("commodity_code", "unit_code")), ("missions", ("id",)), ("missions_elsewhere", ("id",)),
        ("commodity_groups", ("code",)), ("commodity_group_words", ("group_code", "word")),
        ("commodity_group_members", ("group_code", "member_code")),
        ("commodity_stand_ins", ("asked_code", "offered_code")),
        ("commodity_materials", ("product_code", "material_code")),
        ("mission_sources", ("mission_id", "url")), ("price_hints", ("commodity_code", "unit_code", "source")),
    ],
)  # fmt: skip
def test_keys_are_unique(name: str, key: tuple[str, ...]) -> None:
    assert repeated(tuple(row[column] for column in key) for row in rows_of(name)) == []


@pytest.mark.parametrize(
    ("name", "column", "target"),
    [
        ("regencies", "province_code", "provinces"), ("commodities", "family_code", "commodity_families"),
        ("commodities", "parent_code", "commodities"), ("commodities", "default_unit", "units"),
        ("commodity_words", "commodity_code", "commodities"), ("family_words", "family_code", "commodity_families"),
        ("commodity_units", "commodity_code", "commodities"), ("commodity_units", "unit_code", "units"),
        ("commodity_group_words", "group_code", "commodity_groups"),
        ("commodity_group_members", "group_code", "commodity_groups"),
        ("commodity_stand_ins", "asked_code", "commodities"), ("commodity_stand_ins", "offered_code", "commodities"),
        ("commodity_materials", "product_code", "commodities"), ("commodity_materials", "material_code", "commodities"),
        ("missions", "hosting_province_code", "provinces"), ("missions", "visiting_province_code", "provinces"),
        ("missions_elsewhere", "visiting_province_code", "provinces"),
        ("price_hints", "commodity_code", "commodities"), ("price_hints", "unit_code", "units"),
    ],
)  # fmt: skip
def test_references_resolve(name: str, column: str, target: str) -> None:
    assert {row[column] for row in rows_of(name)} - {""} <= codes_of(target)


def test_the_thesaurus_is_broad() -> None:
    assert len(rows_of("commodities")) >= 800
    assert len(codes_of("commodity_words", "word")) >= 5_000


def test_members_of_groups_are_goods_or_families() -> None:
    assert codes_of("commodity_group_members", "member_code") <= codes_of("commodities") | codes_of("commodity_families")
    assert codes_of("commodity_group_members", "is_edge") == {"0", "1"}


def test_groups_have_words_members_and_codes_of_their_own() -> None:
    groups = codes_of("commodity_groups")

    assert groups == codes_of("commodity_group_members", "group_code")
    assert groups & (codes_of("commodities") | codes_of("commodity_families")) == set()


def test_no_good_stands_in_for_itself_or_is_made_of_itself() -> None:
    assert [row for row in rows_of("commodity_stand_ins") if row["asked_code"] == row["offered_code"]] == []
    assert [row for row in rows_of("commodity_materials") if row["product_code"] == row["material_code"]] == []
    assert codes_of("commodity_stand_ins", "value") == {"0", "1", "2"}


def test_words_of_groups_are_lower_case_and_short() -> None:
    for row in rows_of("commodity_group_words"):
        assert row["word"] == row["word"].lower() != "", row
        assert len(row["word"].split()) <= 8, row


def test_the_lists_are_long_enough() -> None:
    assert len(rows_of("provinces")) == 38
    assert Counter(row["province_code"] for row in rows_of("regencies")) == {"35": 38, "82": 10}
    assert len(rows_of("units")) >= 40
    families = codes_of("commodity_families")
    assert len(families) >= 20
    assert {row["family_code"] for row in rows_of("commodities")} == families
    assert len(rows_of("commodities")) >= 260
    assert len(rows_of("commodity_words")) >= 900
    assert len(rows_of("missions")) + len(rows_of("missions_elsewhere")) == 50


def test_time_zones_and_places_are_indonesian() -> None:
    for row in rows_of("provinces"):
        ZoneInfo(row["time_zone"])
        assert row["time_zone"] in {"Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura"}
    for row in rows_of("provinces") + rows_of("regencies"):
        assert -11.1 <= float(row["latitude"]) <= 6.1, row
        assert 95 <= float(row["longitude"]) <= 141.1, row
    for row in rows_of("regencies"):
        assert row["code"].startswith(row["province_code"])
        assert len(row["code"]) == 4
        assert row["name"].split()[0].lower() == row["kind"]
        assert row["kind"] in {"kabupaten", "kota"}


def test_a_spelling_of_a_unit_names_one_unit() -> None:
    names = [name for row in rows_of("units") for name in {row["code"], *row["aliases"].split(";")} - {""}]
    assert repeated(names) == []
    assert all(name == name.lower().strip() for name in names)
    for row in rows_of("units"):
        assert row["kind"] in {"mass", "volume", "count", "area", "service"}
        assert (row["kind"] == "mass") == (row["kg_factor"] != ""), row
        assert not row["kg_factor"] or float(row["kg_factor"]) > 0


def test_values_of_commodities() -> None:
    for row in rows_of("commodities"):
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", row["code"]), row
        assert re.fullmatch(r"(0[1-9]|[1-8]\d|9[0-7])\d\d", row["hs_heading"]) or row["hs_heading"] == "", row
        assert re.fullmatch(r"\d{5}|\d{7}|\d{10}", row["kbki_code"]) or row["kbki_code"] == "", row
        assert row["keeping"] in {"fresh", "weeks", "months", "durable"}, row
        assert row["is_cold_chain"] in {"0", "1"}, row
        assert row["form"] in {"raw", "processed", "feed", "seed", "tool", "material", "service"}, row
        assert (row["family_code"] == "jasa") == (row["form"] == "service"), row
        if row["is_cold_chain"] == "1":
            assert row["keeping"] != "durable", row
        if row["form"] == "service":
            assert row["hs_heading"] == row["kbki_code"] == "", row


def test_parents_form_no_circle() -> None:
    parents = {row["code"]: row["parent_code"] for row in rows_of("commodities")}
    for code in parents:
        seen = {code}
        above = parents[code]
        while above:
            assert above not in seen, f"{code} is above itself"
            seen.add(above)
            above = parents[above]


def test_words_are_lower_case_and_add_something_to_the_name() -> None:
    names = {row["code"]: {row["name_id"].lower(), row["name_en"].lower()} for row in rows_of("commodities")}
    with_words = set()
    for row in rows_of("commodity_words"):
        assert row["word"] == row["word"].lower(), row
        assert re.fullmatch(r"[\w'&.-]+( [\w'&.-]+)*", row["word"]), row
        assert row["kind"] in {"synonym", "local", "office", "spelling", "english"}, row
        if row["word"] not in names[row["commodity_code"]]:
            with_words.add(row["commodity_code"])
    assert len(with_words) >= 0.8 * len(names)
    assert all(row["word"] == row["word"].lower() for row in rows_of("family_words"))


def test_a_word_stands_for_few_commodities() -> None:
    meanings = Counter(row["word"] for row in rows_of("commodity_words"))
    assert {word for word, times in meanings.items() if times > 3} == set()


def test_a_word_is_not_the_name_of_another_commodity() -> None:
    named = {row["name_id"].lower(): row["code"] for row in rows_of("commodities")}
    for row in rows_of("commodity_words"):
        assert named.get(row["word"], row["commodity_code"]) == row["commodity_code"], row


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("ngafi", {"ikan-teri"}), ("garampati", {"abon-tuna"}), ("fufu", {"cakalang-fufu"}),
        ("brambang", {"bawang-merah"}), ("deho", {"ikan-tongkol"}), ("halaban", {"arang-halaban"}),
        ("katul", {"dedak"}), ("cengke", {"cengkih"}), ("cengkeh", {"cengkih"}), ("vannamei", {"udang-vaname"}),
        ("telor", {"telur-ayam"}), ("doc", {"doc-broiler", "doc-layer"}), ("amdk", {"air-minum-kemasan"}),
        ("pala botak", {"biji-pala"}), ("bunga pala", {"fuli"}), ("goropa", {"ikan-kerapu"}),
        ("kelapa", {"kelapa-bulat"}), ("koprah", {"kopra"}), ("arang batok", {"arang-tempurung"}),
        ("gula merah", {"gula-aren", "gula-kelapa"}),
        ("barito", {"bawang-merah", "cabai", "tomat"}),
    ],
)  # fmt: skip
def test_words_of_the_trade_find_their_goods(word: str, expected: set[str]) -> None:
    assert {row["commodity_code"] for row in rows_of("commodity_words") if row["word"] == word} == expected


@pytest.mark.parametrize(
    ("word", "family"),
    [
        ("rempah", "rempah"), ("hasil laut", "hasil-laut"), ("ttg", "mesin"), ("mamin", "makanan-olahan"),
    ],
)  # fmt: skip
def test_words_of_a_whole_family(word: str, family: str) -> None:
    assert family in {row["family_code"] for row in rows_of("family_words") if row["word"] == word}


@pytest.mark.parametrize(("word", "group"), [("bapok", "g-sembako"), ("oleh-oleh", "g-oleh-oleh")])
def test_words_of_a_group_across_families(word: str, group: str) -> None:
    assert group in {row["group_code"] for row in rows_of("commodity_group_words") if row["word"] == word}


def test_usual_units_cover_every_commodity() -> None:
    mass = {row["code"] for row in rows_of("units") if row["kg_factor"]}
    usual = defaultdict(set)
    for row in rows_of("commodity_units"):
        usual[row["commodity_code"]].add(row["unit_code"])
        if row["kg_per_unit"]:
            assert float(row["kg_per_unit"]) > 0, row
            assert row["unit_code"] not in mass, f"a unit of mass converts by itself: {row}"
            assert row["note"], f"a weight needs its ground: {row}"
    for commodity in rows_of("commodities"):
        assert commodity["default_unit"] in usual[commodity["code"]], commodity["code"]


def test_missions_have_a_date_two_provinces_and_a_source() -> None:
    sourced = codes_of("mission_sources", "mission_id")
    missions = rows_of("missions")
    assert sourced == {row["id"] for row in missions}
    assert not sourced & codes_of("missions_elsewhere", "id")
    for row in missions:
        assert row["hosting_province_code"] != row["visiting_province_code"], row
    for row in missions + rows_of("missions_elsewhere"):
        held_on = date.fromisoformat(row["held_on"])
        first_day = {"day": held_on, "month": held_on.replace(day=1), "year": date(held_on.year, 1, 1)}
        assert first_day[row["date_precision"]] == held_on, row
        if row["date_precision"] != "day":
            assert "tidak ditemukan" in row["notes"], row
    for row in rows_of("mission_sources"):
        assert re.fullmatch(r"https?://\S+", row["url"]), row


def test_parts_of_a_mission_add_up_or_the_note_says_why() -> None:
    for row in rows_of("missions"):
        if not (row["total_amount"] and row["visiting_sold_amount"] and row["visiting_bought_amount"]):
            continue
        gap = int(row["total_amount"]) - sum(int(row[part] or 0) for part in MISSION_PARTS)
        assert gap == 0 or "dibulatkan" in row["notes"], (row["id"], gap)
        assert abs(gap) < 1_000_000_000, (row["id"], gap)


def test_the_history_of_the_pair_is_complete() -> None:
    pair = {row["held_on"]: row for row in rows_of("missions") if row["hosting_province_code"] == "82"}
    assert {day: row["total_amount"] for day, row in pair.items() if day >= "2018"} == {
        "2018-12-21": "525383000000",
        "2021-04-08": "500220000000",
        "2023-12-14": "380810000000",
        "2025-03-12": "568042498000",
    }
    last = pair["2025-03-12"]
    assert (last["visiting_firm_count"], last["hosting_firm_count"]) == ("55", "100")
    assert (last["visiting_sold_amount"], last["visiting_bought_amount"]) == ("271674498000", "296368000000")


def test_prices_are_whole_rupiah_ranges_with_a_source_and_a_usual_unit() -> None:
    usual = {(row["commodity_code"], row["unit_code"]) for row in rows_of("commodity_units")}
    for row in rows_of("price_hints"):
        assert 0 < int(row["low_amount"]) <= int(row["high_amount"]), row
        assert re.fullmatch(r"https?://\S+", row["source"]), row
        assert row["note"], row
        assert (row["commodity_code"], row["unit_code"]) in usual, row
