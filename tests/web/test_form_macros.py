"""templates/macros/form.html: every control knows its label, its hint and its error."""

import re
from typing import Any

import pytest
from jinja2 import Environment, FileSystemLoader
from werkzeug.datastructures import MultiDict
from wtforms import (
    BooleanField,
    Form,
    RadioField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    validators,
)

from app.config import ROOT


class Offer(Form):
    name = StringField("Nama barang", [validators.InputRequired("Tulis nama barangnya.")])
    note = TextAreaField("Catatan")
    side = RadioField("Saya", choices={"sell": "Menjual", "buy": "Membeli"},
                      validators=[validators.InputRequired("Pilih salah satu.")])
    months = SelectMultipleField("Bulan", choices={"1": "Jan", "2": "Feb", "3": "Mar"})
    agrees = BooleanField("Saya setuju")


@pytest.fixture
def macros() -> Any:
    environment = Environment(loader=FileSystemLoader(ROOT / "templates"), autoescape=True,
                              trim_blocks=True, lstrip_blocks=True)
    environment.globals.update(_=lambda text, **values: text % values if values else text, asset=str,
                               csrf_token=lambda: "token")
    return environment.get_template("macros/form.html").module


def wrong(**typed: Any) -> Offer:
    form = Offer(MultiDict(typed))
    assert not form.validate()
    return form


def test_a_quiet_field_has_label_and_hint_and_no_error(macros: Any) -> None:
    html = str(macros.field(Offer().name, hint="Di nota."))

    assert '<label for="name">Nama barang</label>' in html
    assert 'aria-describedby="name-hint"' in html and 'id="name-hint">Di nota.' in html
    assert "aria-invalid" not in html and "error" not in html


def test_a_wrong_field_points_to_hint_and_error_and_keeps_what_was_typed(macros: Any) -> None:
    html = str(macros.field(wrong(name="", note='"><b>').name, hint="Di nota.", inputmode="text"))

    assert 'aria-describedby="name-hint name-error"' in html
    assert 'aria-invalid="true"' in html and 'inputmode="text"' in html
    assert re.search(r'id="name-error">.*Tulis nama barangnya\.', html)
    assert "<b>" not in str(macros.field(wrong(note='"><b>').note))


def test_the_summary_leads_to_every_wrong_field(macros: Any) -> None:
    form = wrong()
    summary = str(macros.error_summary(form))
    drawn = str(macros.field(form.name)) + str(macros.radios(form.side))

    targets = re.findall(r'href="#([\w-]+)"', summary)

    assert 'role="alert"' in summary
    assert targets == ["name", "side"]
    assert all(f'id="{target}"' in drawn for target in targets)


def test_a_right_form_has_no_summary(macros: Any) -> None:
    assert str(macros.error_summary(Offer())).strip() == ""


def test_a_group_names_its_boxes_once_and_says_its_error(macros: Any) -> None:
    html = str(macros.radios(wrong().side, notes={"sell": "barang saya"}))

    assert re.search(r'<fieldset class="field" id="side" tabindex="-1" aria-describedby="side-error">', html)
    assert re.findall(r'id="(side-\d)"', html) == ["side-0", "side-1"]
    assert "<small>barang saya</small>" in html and "Pilih salah satu." in html


def test_chosen_boxes_stay_chosen(macros: Any) -> None:
    html = str(macros.months(Offer(MultiDict([("months", "1"), ("months", "3")])).months))

    assert re.findall(r'value="(\d)" checked', html) == ["1", "3"]


def test_a_box_stands_before_its_label(macros: Any) -> None:
    html = str(macros.field(Offer().agrees))

    assert html.index('type="checkbox"') < html.index('<label for="agrees">')


def test_a_button_form_carries_token_fields_and_key(macros: Any) -> None:
    html = str(macros.post_button("/accept", "Terima", "check", "btn-main", {"pair": "7&8"}, "a"))

    assert 'action="/accept"' in html and 'name="csrf_token" value="token"' in html
    assert 'name="pair" value="7&amp;8"' in html
    assert 'data-key="a"' in html and ">A</kbd>" in html
