"""Rules about the source: no province in code, one place for dangerous things, no swallowed faults."""

import ast
import csv
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted((ROOT / "app").rglob("*.py"))
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))


def provinces() -> list[dict[str, str]]:
    with (ROOT / "seed_data" / "provinces.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def forbidden_names() -> re.Pattern[str]:
    names = [row["name"] for row in provinces()] + [row["short_name"] for row in provinces()]
    return re.compile(r"\b(?:" + "|".join(re.escape(name) for name in names) + r")\b", re.IGNORECASE)


def names_in(text: str) -> list[str]:
    # "Bali" and "Papua" would also be found inside other words of prose; whole words only, in any case.
    return sorted({found.group(0) for found in forbidden_names().finditer(text)})


@pytest.mark.parametrize("path", SOURCES + TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_province_is_named_in_code_or_templates(path: Path) -> None:
    text = path.read_text(encoding="utf-8")

    assert names_in(text) == []
    assert not re.search(r"""province\w*\s*(?:==|!=|in)\s*[("']*\d{2}['"]""", text)


def test_the_province_rule_can_fail() -> None:
    assert names_in("if province.name == 'Jawa Timur':") == ["Jawa Timur"]


def calls(path: Path) -> Iterator[tuple[str, ast.Call]]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func), node


ONLY_IN = {
    "Markup": set(),
    "render_template_string": set(),
    "from_string": set(),
    "pickle.loads": set(),
    "yaml.load": set(),
    "eval": set(),
    "exec": set(),
    "send_file": set(),
    "populate_obj": set(),
    "csrf.exempt": set(),
    "session.commit": {"app/web/database.py", "app/kit/db.py"},
    "xlsxwriter.Workbook": {"app/web/spreadsheets.py"},
    "csv.writer": {"app/web/spreadsheets.py"},
    "urllib.request.urlopen": set(),
    "opener.open": {"app/kit/messages.py"},
    "datetime.now": {"app/kit/clock.py"},
    "datetime.utcnow": set(),
}


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_dangerous_calls_stay_in_their_one_place(path: Path) -> None:
    here = str(path.relative_to(ROOT))
    strayed = [name for name, _ in calls(path) for wanted, places in ONLY_IN.items()
               if (name == wanted or name.endswith("." + wanted)) and here not in places]

    assert strayed == []


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_sql_text_never_holds_values(path: Path) -> None:
    built = [ast.unparse(call) for name, call in calls(path)
             if name in ("text", "sa.text", "sqlalchemy.text") and call.args and isinstance(call.args[0], ast.JoinedStr)]

    assert built == []


CATCHES_ALL = {"app/kit/jobs.py", "app/kit/queue.py"}


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_nothing_swallows_every_fault(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    broad = [node.lineno for node in ast.walk(tree) if isinstance(node, ast.ExceptHandler)
             and (node.type is None or ast.unparse(node.type) == "Exception")]

    assert broad == [] or str(path.relative_to(ROOT)) in CATCHES_ALL


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_templates_never_switch_escaping_off(path: Path) -> None:
    text = path.read_text(encoding="utf-8")

    assert not re.search(r"\|\s*safe\b|autoescape\s+false", text)
    assert not re.search(r"""(?:src|href|action)=["']https?://(?!wa\.me)""", text)


def test_every_template_is_used() -> None:
    everything = "\n".join(path.read_text(encoding="utf-8") for path in SOURCES + TEMPLATES)
    orphans = []
    for path in TEMPLATES:
        name = str(path.relative_to(ROOT / "templates"))
        if path.parent.name == "errors":
            continue
        if name not in everything:
            orphans.append(name)

    assert orphans == []


def test_a_view_renders_only_its_own_folder() -> None:
    strayed = []
    for path in (ROOT / "app").glob("*/views.py"):
        for name, call in calls(path):
            if name == "render_template" and isinstance(call.args[0], ast.Constant):
                folder = str(call.args[0].value).split("/")[0]
                if folder != path.parent.name:
                    strayed.append((path.parent.name, call.args[0].value))

    assert strayed == []


def test_no_file_names_a_machine_path() -> None:
    # Written in two halves, so that this line does not find itself.
    marks = ["/wo" + "rk/main", "/wo" + "rk/shared", "/ro" + "ot/"]
    texts = [p for p in ROOT.rglob("*") if p.suffix in {".py", ".md", ".html", ".toml", ".sh", ".csv"}
             and ".venv" not in p.parts and "node_modules" not in p.parts]

    assert [str(p) for p in texts if any(mark in p.read_text(encoding="utf-8", errors="ignore") for mark in marks)] == []
