import pytest

from app.algorithms.forms import state_of
from app.algorithms.text import content_words, normalise, phrases, tokens


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("Cengkèh / CENGKE kering", "cengkih cengkih kering"),
        ("telor & trasi", "telur terasi"),
        ("udang vannamei, ayam kartas fozen", "udang vaname ayam karkas beku"),
        ("kwalitas bgs, brg baru, krg 50kg", "kualitas bagus barang baru karung 50 kg"),
        ("Oleh2 khas; ada P-IRT", "oleh-oleh khas ada pirt"),
        ("cumi-cumi 0,5-2 kg", "cumi 0,5 2 kg"),
        ("kemasannya", "kemasan"),
        ("ＫＯＰＲＡ", "kopra"),
    ],
)
def test_spellings_come_to_one(typed: str, expected: str) -> None:
    assert normalise(typed) == expected


def test_normalising_twice_changes_nothing() -> None:
    once = normalise("Cari BRAMBANG/bamer kwalitas super, krg 20kg (oleh2) P.I.R.T")

    assert normalise(once) == once


def test_doubled_words_stay_apart_from_single_ones() -> None:
    assert "gula" not in tokens("gula-gula jahe, gula2 asem")


def test_lists_are_cut_and_decimals_are_not() -> None:
    assert phrases("Bandeng, patin, udang 1,5 kg") == [("bandeng",), ("patin",), ("udang", "1,5", "kg")]


def test_emoji_and_signs_are_no_words() -> None:
    assert tokens("🐟🐟 !!! *** ~~~") == ()


def test_a_very_long_text_is_read_from_its_start() -> None:
    assert tokens("kopra " + "x" * 10_000)[0] == "kopra"


def test_words_of_trading_carry_no_goods() -> None:
    assert content_words(normalise("Kami menjual aneka kopra kering siap kirim 20 ton per bulan")) == [
        "kopra",
        "kering",
    ]


@pytest.mark.parametrize(
    ("text", "state"),
    [
        ("cakalang beku", "frozen"),
        ("teri kering asin", "dried"),
        ("cengkih\nuntuk bumbu bubuk", None),
        ("Hidup", "live"),
    ],
)
def test_the_state_of_goods_is_read(text: str, state: str | None) -> None:
    assert state_of(text) == state
