"""Settings that would make the product unsafe are refused in one sentence."""

from pathlib import Path

import pytest

from app.config import DEMO_SECRET_KEY, BadSetting, make_folder, read_settings

GOOD = {"SECRET_KEY": "k" * 40}


@pytest.mark.parametrize("key", ["", "short", DEMO_SECRET_KEY])
def test_a_weak_secret_key_is_refused_outside_the_demo(key: str) -> None:
    with pytest.raises(BadSetting, match="SECRET_KEY"):
        read_settings({"SECRET_KEY": key})


def test_the_demo_starts_without_settings() -> None:
    assert read_settings({"TITIK_DEMO": "1"}).code_channel == "outbox"


@pytest.mark.parametrize(("channel", "says"), [
    ("pigeon", "one of"), ("outbox", "demo only"), ("smtp", "SMTP_URL"), ("gateway", "GATEWAY_URL"),
])
def test_a_channel_that_cannot_work_is_refused(channel: str, says: str) -> None:
    with pytest.raises(BadSetting, match=says):
        read_settings({**GOOD, "CODE_CHANNEL": channel})


def test_a_port_must_be_a_number() -> None:
    with pytest.raises(BadSetting, match="PORT"):
        read_settings({**GOOD, "PORT": "abc"})


@pytest.mark.parametrize("given", ["postgres://u@h/d", "postgresql://u@h/d"])
def test_both_spellings_of_a_postgresql_address_work(given: str) -> None:
    assert read_settings({**GOOD, "DATABASE_URL": given}).database_url == "postgresql+psycopg://u@h/d"


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")

    with pytest.raises(BadSetting, match="cannot be written"):
        make_folder(tmp_path / "file" / "data")
