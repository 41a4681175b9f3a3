"""Finding goods by local words, and what a unit weighs."""

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from app.commodities import queries
from app.commodities.models import CommodityWord
from app.commodities.values import WordKind


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("cengke", "cengkih"), ("kop", "kopra"), ("kelapa kering", "kopra"), ("brambang", "bawang-merah"),
        ("ngaf", "ikan-teri"), ("CENGKEH", "cengkih"), ("copra", "kopra"),
    ],
)
def test_three_letters_of_any_local_word_find_the_good(session: Session, typed: str, code: str) -> None:
    found = queries.catalogue(session).find(typed)

    assert code in [row.good.code for row in found]
    assert len(found) <= 8


def test_the_matched_word_is_told_unless_it_is_the_name(session: Session) -> None:
    goods = queries.catalogue(session)

    by_word = {row.good.code: row.word for row in goods.find("brambang")}
    by_name = {row.good.code: row.word for row in goods.find("Kopra")}

    assert by_word["bawang-merah"] == "brambang"
    assert by_name["kopra"] is None


@pytest.mark.parametrize("typed", ["", "x", "zzqx", "%%%", "ma-teri-al", "\x00"])
def test_nonsense_finds_nothing(session: Session, typed: str) -> None:
    assert queries.catalogue(session).find(typed) == []


def test_a_word_inside_another_word_finds_nothing(session: Session) -> None:
    found = {row.good.family_code for row in queries.catalogue(session).find("material")}

    assert "hasil-laut" not in found


def test_an_exact_name_is_one_good_or_none(session: Session) -> None:
    goods = queries.catalogue(session)

    assert goods.exact("kopra").code == "kopra"
    assert goods.exact("kop") is None


def test_units_of_a_good_begin_with_its_own(session: Session) -> None:
    goods = queries.catalogue(session)

    options = goods.unit_options("kopra")

    assert options[0].code == goods.goods["kopra"].default_unit
    assert {option.code for option in options} == set(goods.units)
    usual = [option.is_usual for option in options]
    assert usual == sorted(usual, reverse=True)


def test_weights_are_known_only_where_they_are_defined(session: Session) -> None:
    goods, factors = queries.catalogue(session), queries.kg_factors(session)

    assert factors[None, "ton"] == 1000
    assert factors["kopra", "kontainer"] == 14_000
    assert goods.kg_per_unit("kopra", "kontainer") == 14_000
    assert goods.kg_per_unit("kopra", "ton") == 1000
    assert goods.kg_per_unit(None, "karung") is None
    assert goods.kg_per_unit("kopra", None) is None


def test_the_lists_are_read_once_and_again_when_they_change(session: Session) -> None:
    first = queries.catalogue(session)
    statements = 0

    def count(*_: object) -> None:
        nonlocal statements
        statements += 1

    event.listen(session.get_bind(), "before_cursor_execute", count)
    again = queries.catalogue(session)
    asked = statements
    session.add(CommodityWord(commodity_code="kopra", word="kata baru sekali", kind=WordKind.LOCAL))
    session.flush()
    changed = queries.catalogue(session)
    event.remove(session.get_bind(), "before_cursor_execute", count)

    assert again is first and asked == 1
    assert [row.good.code for row in changed.find("kata baru")] == ["kopra"]


def test_the_tagger_knows_goods_and_families(session: Session) -> None:
    tagger = queries.tagger(session)

    (found,) = [tag.code for tag in tagger.tag("Kopra asap kualitas ekspor") if tag.score >= 0.5]
    assert "kopra" in tagger.tree.lineage(found)
    assert any(tag.is_family for tag in tagger.tag("butuh hasil laut"))


def test_every_family_with_goods_is_listed(session: Session) -> None:
    goods = queries.catalogue(session)

    listed = [good.code for family in goods.families.values() for good in family.goods]

    assert sorted(listed) == sorted(goods.goods)
    assert len(listed) >= 200 and len(goods.families) >= 18
