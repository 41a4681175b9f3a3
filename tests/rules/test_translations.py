"""Both languages are complete: Indonesian is the source, English must translate every sentence."""

import re
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parents[2]
TRANSLATIONS = ROOT / "app" / "translations"
METHODS = [("app/**.py", "python"), ("templates/**.html", "jinja2")]
KEYWORDS = {"_": None, "_l": None, "gettext": None, "lazy_gettext": None, "ngettext": (1, 2), "N_": None, "_n": (1, 2)}
OPTIONS = {"templates/**.html": {"trim_blocks": "true", "lstrip_blocks": "true", "silent": "false"}}


def extracted() -> set[str]:
    found = extract_from_dir(str(ROOT), METHODS, OPTIONS, KEYWORDS, directory_filter=_ours)
    return {message if isinstance(message, str) else message[0] for _, _, message, _, _ in found}


def _ours(folder: str) -> bool:
    return not any(part.startswith(".") or part in ("node_modules", "data") for part in Path(folder).relative_to(ROOT).parts)


def catalogue(language: str) -> Catalog:
    return read_po(BytesIO((TRANSLATIONS / language / "LC_MESSAGES" / "messages.po").read_bytes()), locale=language)


def test_every_sentence_has_an_english_one() -> None:
    english = catalogue("en")
    missing = sorted(text for text in extracted() if not (english.get(text) and all(_strings(english.get(text).string))))

    assert missing == []


def _strings(value: object) -> tuple[str, ...]:
    return tuple(value) if isinstance(value, tuple | list) else (str(value or ""),)


def test_no_translation_is_stale_fuzzy_or_broken() -> None:
    english, known = catalogue("en"), extracted()
    stale = [m.id for m in english if m.id and (m.id if isinstance(m.id, str) else m.id[0]) not in known
             and not _is_wtforms(m)]
    fuzzy = [m.id for m in english if m.fuzzy and m.id]
    broken = [(m.id, [str(fault) for fault in m.check(english)]) for m in english if m.id and any(m.check(english))]

    assert (stale, fuzzy, broken) == ([], [], [])


def _is_wtforms(message: object) -> bool:
    return "wtforms" in " ".join(getattr(message, "auto_comments", []))


def test_the_libraries_own_messages_are_indonesian() -> None:
    import wtforms

    source = Path(wtforms.__file__).parent
    theirs = {m if isinstance(m, str) else m[0] for _, _, m, _, _ in extract_from_dir(str(source), [("**.py", "python")])}
    indonesian = catalogue("id")
    missing = sorted(text for text in theirs if not (indonesian.get(text) and all(_strings(indonesian.get(text).string))))

    assert missing == []
    assert "nplurals=1" in indonesian.plural_forms


class _BareText(HTMLParser):
    """Collects words in a template that stand outside any expression."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._raw = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name in ("title", "placeholder", "aria-label", "alt") and value and re.search(r"[a-z]{3}", value):
                self.found.append(value)

    def handle_data(self, data: str) -> None:
        self.found += re.findall(r"[^\W\d_]{3,}[^<>{}]*", data.strip())


# Blocks of the layout that are filled with class names, not with words.
CLASS_BLOCKS = r"\{%-? block (?:wrap|body_class|top_class) -?%\}.*?\{%-? endblock -?%\}"
# Words that are the same in both languages or are names.
SAME = {"Titik Temu", "WIB", "WIT", "WITA", "NIB", "NPWP", "ID", "EN", "WhatsApp", "QR", "Excel", "CSV", "kg", "CO2", "pdf", "Python"}


@pytest.mark.parametrize("path", sorted((ROOT / "templates").rglob("*.html")), ids=lambda p: str(p.relative_to(ROOT)))
def test_no_bare_words_stand_in_a_template(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    text = re.sub(r"\{#.*?#\}", "", text, flags=re.DOTALL)
    text = re.sub(CLASS_BLOCKS, "", text)
    text = re.sub(r"\{%.*?%\}", "", text, flags=re.DOTALL)
    text = re.sub(r"\{\{.*?\}\}", "", text, flags=re.DOTALL)
    reader = _BareText()
    reader.feed(re.sub(r"<svg.*?</svg>|<!doctype[^>]*>", "", text, flags=re.DOTALL | re.IGNORECASE))
    words = [w.strip() for w in reader.found if w.strip(" .,:·–/()") not in SAME and "Titik Temu" not in w]

    assert words == []


def test_every_act_of_the_trail_has_words() -> None:
    from app.matching.values import Decision

    nouns = "deal|enterprise|listing|mission|participation|person|proposal"
    sources = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "app").rglob("actions.py"))
    recorded = set(re.findall(rf'"((?:{nouns})\.[a-z_]+)"', sources)) | {f"proposal.{one.value}" for one in Decision}
    named = set(re.findall(rf"'((?:{nouns})\.[a-z_]+)':", (ROOT / "templates/home/_trail.html").read_text(encoding="utf-8")))

    assert len(recorded) > 30
    assert sorted(recorded ^ named) == []


def test_amounts_read_as_each_language_writes_them() -> None:
    from flask import Flask
    from flask_babel import Babel, force_locale

    from app.web.filters import rupiah, rupiah_short

    app = Flask(__name__)
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(TRANSLATIONS)
    Babel(app, default_locale="id")
    shown = {}
    for language in ("id", "en"):
        with app.test_request_context(), force_locale(language):
            shown[language] = [text.replace("\u00a0", " ") for text in (
                rupiah(12_500_000), rupiah_short(12_500_000), rupiah_short(568_042_498_000), rupiah_short(2 * 10**12))]

    assert shown == {
        "id": ["Rp 12.500.000", "Rp 12,5 juta", "Rp 568,04 miliar", "Rp 2 triliun"],
        "en": ["Rp 12,500,000", "Rp 12.5 million", "Rp 568.04 billion", "Rp 2 trillion"],
    }


def test_units_have_a_plural_in_english_only() -> None:
    import csv
    from types import SimpleNamespace

    from flask import Flask
    from flask_babel import Babel, force_locale

    from app.web.filters import counted

    app = Flask(__name__)
    Babel(app, default_locale="id")
    with (ROOT / "seed_data" / "units.csv").open(encoding="utf-8", newline="") as file:
        units = {row["code"]: SimpleNamespace(name_id=row["name_id"], name_en=row["name_en"]) for row in csv.DictReader(file)}
    with app.test_request_context(), force_locale("en"):
        many = {code: counted(units[code], 20) for code in ("karung", "butir", "slop", "tandan", "kegiatan", "orang", "ekor", "gros")}
        one = counted(units["karung"], 1)
    with app.test_request_context(), force_locale("id"):
        indonesian = counted(units["karung"], 20)

    assert (one, indonesian) == ("sack", "karung")
    assert many == {
        "karung": "sacks", "butir": "pieces (egg or nut)", "slop": "cartons of 10 packs", "tandan": "bunches",
        "kegiatan": "activities", "orang": "people", "ekor": "head", "gros": "gross (144 pieces)",
    }
