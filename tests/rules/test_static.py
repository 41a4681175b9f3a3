"""Rules about stylesheet, scripts, icons and templates: readable colours, nothing inline, nothing from elsewhere."""

import gzip
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from jinja2 import Environment, FileSystemLoader, nodes

from app.config import ROOT
from app.web.filters import clock_in

STATIC = Path(ROOT, "static")
TEMPLATES = Path(ROOT, "templates")
TOKENS = (STATIC / "css" / "tokens.css").read_text()

# Text on its ground. WCAG 2.2 AA asks 4.5 for text and 3 for the edge of a control.
TEXT_PAIRS = (
    ("ink", "paper"), ("ink", "surface"), ("ink", "surface-2"), ("ink-2", "paper"), ("ink-2", "surface"),
    ("ink-2", "surface-2"), ("ink", "laut-tint"), ("ink-2", "laut-tint"), ("ink", "fuli-tint"), ("ink", "kunyit-tint"),
    ("ink", "daun-tint"), ("laut", "paper"), ("laut", "surface"), ("laut", "surface-2"), ("laut", "laut-tint"),
    ("laut-strong", "laut-tint"), ("on-laut", "laut"), ("on-laut", "laut-strong"), ("fuli", "paper"),
    ("fuli", "surface"), ("fuli", "fuli-tint"), ("on-fuli", "fuli"), ("kunyit-ink", "kunyit-tint"),
    ("daun", "surface"), ("daun", "daun-tint"), ("on-daun", "daun"), ("on-deep", "deep"), ("on-deep", "deep-2"),
    ("on-deep-2", "deep"), ("deep-kunyit", "deep"), ("deep-kunyit", "deep-2"), ("deep-laut", "deep"),
    ("deep-fuli", "deep"), ("deep-daun", "deep"),
)
EDGE_PAIRS = (("line-strong", "surface"), ("line-strong", "paper"), ("focus", "paper"), ("focus", "surface"))

INLINE = re.compile(
    r"\sstyle\s*=|<style\b|<script(?![^>]*\ssrc=)|\son[a-z]+\s*=\s*[\"']|hx-on|[\"']js:|javascript:", re.IGNORECASE
)
# Which argument of a macro is the name of an icon.
ICON_PLACE = {"icon": 0, "submit": 1, "post_button": 2, "chip": 1, "note": 1, "empty": 4}


def declarations(block: str) -> dict[str, str]:
    return dict(re.findall(r"--([\w-]+):\s*(#[0-9a-f]{6})\b", block))


def themes() -> dict[str, dict[str, str]]:
    light_block, dark_by_device, dark_by_hand = re.findall(r":root[^{]*\{(.*?)\n\s*\}", TOKENS, re.S)
    assert declarations(dark_by_device) == declarations(dark_by_hand)
    light = declarations(light_block)
    return {"light": light, "dark": light | declarations(dark_by_device)}


def luminance(color: str) -> float:
    parts = [int(color[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(first: str, second: str) -> float:
    light, dark = sorted((luminance(first), luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def templates() -> list[Path]:
    return sorted(TEMPLATES.rglob("*.html"))


def sprite_icons() -> set[str]:
    return set(re.findall(r'<symbol id="([\w-]+)"', (STATIC / "img" / "sprite.svg").read_text()))


def constants(expression: nodes.Node) -> Iterator[str]:
    """Yield the icon names an argument can become; a name that is computed is drawn in another test."""
    if isinstance(expression, nodes.Const) and isinstance(expression.value, str):
        yield expression.value
    elif isinstance(expression, nodes.CondExpr):
        yield from constants(expression.expr1)
        if expression.expr2 is not None:
            yield from constants(expression.expr2)


def icons_named_in(source: str) -> set[str]:
    tree = Environment(extensions=["jinja2.ext.i18n"]).parse(source)
    found: set[str] = set()
    for call in tree.find_all(nodes.Call):
        name = call.node.name if isinstance(call.node, nodes.Name) else getattr(call.node, "attr", "")
        place = ICON_PLACE.get(name)
        if place is None:
            continue
        found.update(*(constants(argument) for argument in call.args[place : place + 1]))
        found.update(*(constants(pair.value) for pair in call.kwargs if pair.key == "icon_name"))
    return found


def macros(environment: Environment, file: str) -> Any:
    return environment.get_template(f"macros/{file}").module


@pytest.fixture
def drawing_room() -> Environment:
    """Macros alone, without the application: a page as a drawing."""
    environment = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, trim_blocks=True, lstrip_blocks=True)
    environment.globals.update(_=lambda text, **values: text % values if values else text, asset=str, csrf_token=str)
    environment.filters["clock_in"] = clock_in
    return environment


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_is_readable_on_its_ground(theme: str) -> None:
    colors = themes()[theme]

    weak = {pair: round(contrast(colors[pair[0]], colors[pair[1]]), 2) for pair in TEXT_PAIRS
            if contrast(colors[pair[0]], colors[pair[1]]) < 4.5}

    assert weak == {}


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_edges_of_controls_can_be_seen(theme: str) -> None:
    colors = themes()[theme]

    assert {pair for pair in EDGE_PAIRS if contrast(colors[pair[0]], colors[pair[1]]) < 3} == set()


def test_contrast_is_computed_as_the_standard_does() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


def test_data_colors_fall_in_lightness_step_by_step() -> None:
    for colors in themes().values():
        steps = [luminance(colors[f"d{number}"]) for number in range(1, 7)]

        assert steps in (sorted(steps), sorted(steps, reverse=True))


def test_stylesheets_load_nothing_from_elsewhere() -> None:
    for sheet in (STATIC / "css").glob("*.css"):
        text = sheet.read_text()
        assert "@import" not in text
        for address in re.findall(r"url\(\s*[\"']?([^\"')]+)", text):
            assert not re.match(r"(?:[a-z]+:)?//|data:", address), address
            assert (sheet.parent / address).resolve().is_file(), address


def test_every_token_used_is_defined() -> None:
    sheets = [sheet.read_text() for sheet in (STATIC / "css").glob("*.css")]
    used = {name for sheet in sheets for name in re.findall(r"var\(--([\w-]+)", sheet)}

    assert used - set(re.findall(r"--([\w-]+):", TOKENS)) == set()


def test_nothing_on_screen_is_under_fourteen_pixels() -> None:
    sized = re.compile(r"([^{}]+)\{[^}]*font(?:-size)?:[^;]*?(?<![\d.])(\d*\.?\d+)(rem|px)")
    small = {selector.split()[0] for sheet in (STATIC / "css").glob("*.css")
             for selector, size, unit in sized.findall(sheet.read_text())
             if float(size) * (16 if unit == "rem" else 1) < 14}

    # Key caps (13), and the words of drawings, whose size is in units of the drawing.
    assert small == {"kbd", ".viz", ".map"}
    assert float(re.findall(r"--t-xs: ([\d.]+)rem", TOKENS)[0]) * 16 >= 14


BAD = ['<p style="x">', "<style>", "<script>x</script>", '<a onclick="x">', '<b hx-on:click="x">', '<i hx-vals="js:x">']


@pytest.mark.parametrize("bad", BAD)
def test_the_search_for_inline_code_finds_it(bad: str) -> None:
    assert INLINE.search(bad)


def test_templates_hold_no_inline_style_or_script() -> None:
    found = {str(path.relative_to(TEMPLATES)): INLINE.findall(path.read_text()) for path in templates()}

    assert {name: hits for name, hits in found.items() if hits} == {}


def test_the_search_for_icons_sees_all_ways_to_name_one() -> None:
    source = "{{ icon('a' if x else 'b') }}{{ submit(_('Lanjut'), 'c') }}{{ f.empty('t', 't', icon_name='d') }}"

    assert icons_named_in(source) == {"a", "b", "c", "d"}


def test_every_icon_named_in_a_template_is_drawn() -> None:
    drawn = sprite_icons()
    missing = {str(path.relative_to(TEMPLATES)): icons_named_in(path.read_text()) - drawn for path in templates()}

    assert {name: icons for name, icons in missing.items() if icons} == {}


def test_every_state_has_word_icon_and_look(drawing_room: Environment) -> None:
    codes = ("proposed", "accepted", "rejected", "both", "met", "commitment", "contract", "shipped", "received", "paid",
             "ended", "warn")
    components = (STATIC / "css" / "components.css").read_text()
    draw = macros(drawing_room, "signs.html").state

    for code in codes:
        chip = re.fullmatch(r'<span class="chip (c-[\w-]+)">.*?#([\w-]+)"/></svg>(.+)</span>', str(draw(code)))
        assert chip is not None, code
        look, icon, word = chip.groups()
        assert f".{look}" in components and icon in sprite_icons() and word.strip()


def test_fit_is_always_said_in_words(drawing_room: Environment) -> None:
    draw = macros(drawing_room, "signs.html").fit

    words = [re.sub(r"<[^>]+>", "", str(draw(level))).strip() for level in ("strong", "good", "check")]

    assert words == ["Cocok kuat", "Cocok", "Perlu dicek"]


def test_one_moment_is_shown_on_both_clocks(drawing_room: Environment) -> None:
    west, east = SimpleNamespace(time_zone="Asia/Jakarta"), SimpleNamespace(time_zone="Asia/Jayapura")
    draw = macros(drawing_room, "signs.html").two_clocks
    moment = datetime(2027, 3, 11, 2, 0, tzinfo=UTC)

    apart = str(draw(moment, SimpleNamespace(visiting_province=west, hosting_province=east)))
    together = str(draw(moment, SimpleNamespace(visiting_province=east, hosting_province=east)))

    assert 'datetime="2027-03-11T02:00:00+00:00"' in apart
    assert re.findall(r"<span>(.*?)</span>", apart) == ["09.00 WIB", "11.00 WIT"]
    assert re.findall(r"<span>(.*?)</span>", together) == ["11.00 WIT"]


@pytest.mark.parametrize(("share", "width"), [(0.256, "25.6"), (-1, "0.0"), (7, "100.0")])
def test_a_bar_never_leaves_its_track(drawing_room: Environment, share: float, width: str) -> None:
    drawing = str(macros(drawing_room, "meter.html").bar(share))

    assert f'<rect class="f3" width="{width}" height="12"/>' in drawing


def test_the_map_draws_points_and_the_way_between_them(drawing_room: Environment) -> None:
    points = [{"x": 100, "y": 200, "label": "A", "role": "visiting"},
              {"x": 500, "y": 80, "label": "B & C", "role": "hosting"}]

    drawing = str(macros(drawing_room, "map.html").dot_map(points, "Peta"))

    assert drawing.count('class="at-visiting"') == drawing.count('class="at-hosting"') == 1
    assert 'class="way" d="M100 200C' in drawing and "B &amp; C" in drawing


def test_words_of_users_are_escaped_by_the_macros(drawing_room: Environment) -> None:
    signs = macros(drawing_room, "signs.html")

    assert "<b>" not in str(signs.side("<b>", "visiting"))
    assert "<script" not in str(macros(drawing_room, "page.html").flash("good", "<script>"))


def test_files_from_others_carry_version_and_licence() -> None:
    for folder in ("vendor", "fonts", "img"):
        assert list((STATIC / folder).glob("LICENSE-*.txt")), folder
    for script in (STATIC / "vendor").glob("*.js"):
        assert re.search(r"-\d+\.\d+\.\d+\.min\.js$", script.name)


def test_the_manifest_names_files_that_exist() -> None:
    manifest = json.loads((STATIC / "site.webmanifest").read_text())

    assert all((STATIC / icon["src"]).is_file() for icon in manifest["icons"])


def test_scripts_use_nothing_the_policy_forbids() -> None:
    forbidden = re.compile(r"\beval\(|new Function|\.style\b|setAttribute\(\"style|https?://")

    assert [path.name for path in (STATIC / "js").glob("*.js") if forbidden.search(path.read_text())] == []


@pytest.mark.parametrize(("pattern", "limit"), [("css/*.css", 11), ("img/sprite.svg", 5), ("vendor/*.js", 14),
                                                ("fonts/*.woff2", 13.5)])
def test_the_parts_of_the_first_view_stay_light(pattern: str, limit: float) -> None:
    kilobytes = sum(len(gzip.compress(path.read_bytes(), 9)) for path in STATIC.glob(pattern)) / 1024

    assert 0 < kilobytes <= limit


def test_the_scripts_of_every_page_stay_light() -> None:
    lists = re.findall(r"for name in \[([^\]]+)\]", (TEMPLATES / "layout.html").read_text())
    names = [name for found in lists for name in re.findall(r"'(\w+)'", found)]
    kilobytes = sum(len(gzip.compress((STATIC / "js" / f"{name}.js").read_bytes(), 9)) for name in names) / 1024

    assert {"draft", "once", "keys"} <= set(names)
    assert kilobytes <= 7
