from app.algorithms.coding import code_listing
from app.algorithms.listing import Listing
from tests.algorithms.examples import TAGGER, make_need, make_offer


def test_a_chosen_commodity_is_kept_and_completed() -> None:
    coded = code_listing(Listing("minyak goreng", commodity="beras-premium"), TAGGER)

    assert (coded.commodity, coded.family, coded.lineage) == ("beras-premium", "pokok", ("beras-premium", "beras"))


def test_a_list_gives_further_commodities() -> None:
    assert make_offer("cakalang, layang").others == (("layang", "ikan"),)


def test_the_title_comes_first_and_a_list_of_its_family_adds() -> None:
    assert make_offer("Gula pasir\nada juga beras dan telur").codes == ("gula", "beras", "telur")
    assert make_offer("Gula pasir\nbukan untuk kopra atau arang").codes == ("gula",)


def test_a_description_speaks_where_the_title_is_silent() -> None:
    assert make_offer("Hasil kampung kami\ncengkeh petik tangan").codes == ("cengkih",)


def test_a_machine_is_not_what_it_processes() -> None:
    read = make_offer("Mesin olah kelapa\nperas santan, kupas kopra")

    assert read.confidence < 0.6 or read.codes == ()


def test_a_closed_family_list_names_its_members() -> None:
    need = make_need("Bahan pokok\nberas gula migor telur")

    assert need.codes == ("beras", "gula", "minyak-goreng", "telur")


def test_an_open_family_list_leaves_the_family_open() -> None:
    need = make_need("aneka rempah\npala, cengkeh dll")

    assert (need.commodity, need.family, need.codes) == (None, "rempah", ("pala", "cengkih"))


def test_the_description_narrows_a_wide_title() -> None:
    assert make_offer("Ikan komo beku\nlayang ukuran sedang").codes == ("layang",)


def test_a_text_without_goods_stays_uncoded() -> None:
    assert make_offer("barang campuran").codes == ()
