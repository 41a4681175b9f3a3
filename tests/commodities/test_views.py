"""The public list of goods and the fragments for forms."""

import re

import pytest
from sqlalchemy import event

from tests.checking_client import CheckingClient


def test_the_list_shows_every_family_in_both_languages(client: CheckingClient) -> None:
    indonesian = client.get("/commodities").get_data(as_text=True)
    client.set_cookie("locale", "en")
    english = client.get("/commodities").get_data(as_text=True)

    assert "Ikan dan hasil laut segar atau beku" in indonesian and "Kopra" in indonesian
    assert "Fresh and frozen fish and seafood" in english and "Copra" in english


def test_the_list_is_searched_with_local_words(client: CheckingClient) -> None:
    page = client.get("/commodities?q=brambang").get_data(as_text=True)

    assert "brambang → Bawang merah" in page


def test_a_search_without_result_says_what_to_do(client: CheckingClient) -> None:
    page = client.get("/commodities?q=zzqx").get_data(as_text=True)

    assert "belum ada di daftar" in page and "Lihat semua barang" in page


def test_suggestions_are_radio_rows_with_family_and_unit(client: CheckingClient) -> None:
    page = client.get("/commodities/suggest?q=cengke&side=need").get_data(as_text=True)

    assert 'name="commodity_code" value="cengkih"' in page
    assert re.search(r"cengke\w* → Cengkih", page)
    assert "Rempah dan empon-empon · kilogram" in page
    assert 'value="own"' in page and "<html" not in page


def test_a_word_that_is_the_name_is_chosen_already(client: CheckingClient) -> None:
    page = client.get("/commodities/suggest?q=kopra").get_data(as_text=True)

    assert 'value="kopra" checked' in page
    assert page.count("checked") == 1


def test_unknown_words_offer_to_keep_them(client: CheckingClient) -> None:
    page = client.get("/commodities/suggest?q=<b>zzqx</b>").get_data(as_text=True)

    assert page.count("<input") == 1 and 'value="own"' in page
    assert "<b>" not in page


@pytest.mark.parametrize("query", ["", "q=", "q=" + "x" * 5000, "q[]=a", "q=%F0%9F%90%9F"])
def test_odd_questions_get_an_answer(client: CheckingClient, query: str) -> None:
    assert client.get(f"/commodities/suggest?{query}").status_code == 200
    assert client.get(f"/commodities?{query}").status_code == 200


def test_units_carry_their_weight_for_the_good(client: CheckingClient) -> None:
    page = client.get("/commodities/units?commodity_code=kopra").get_data(as_text=True)

    assert re.search(r'value="kontainer" data-kg="14000(\.0)?"', page)
    assert re.search(r'value="kg"[^>]* selected', page)


def test_units_of_an_unknown_good_are_the_plain_ones(client: CheckingClient) -> None:
    page = client.get("/commodities/units?commodity_code=bukan").get_data(as_text=True)

    assert 'value="ton" data-kg="1000' in page and 'value="kontainer" data-kg' not in page


def test_the_list_needs_few_queries(client: CheckingClient) -> None:
    client.get("/commodities")  # the goods are in memory now
    engine, statements = client.application.extensions["database"].engine, []

    def note(_c: object, _k: object, statement: str, *_: object) -> None:
        statements.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    client.get("/commodities")
    event.remove(engine, "before_cursor_execute", note)

    assert len(statements) <= 3
