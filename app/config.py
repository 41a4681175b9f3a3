"""Settings, read from the environment once and frozen."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from click import ClickException

ROOT = Path(__file__).resolve().parent.parent
DEMO_SECRET_KEY = "demo-only-not-a-secret-change-me-before-a-real-mission"  # noqa: S105  # refused outside the demo
SHORTEST_SECRET_KEY = 32


class BadSetting(ClickException):
    """A setting that would make the product unsafe or unable to start; shown to the operator as one sentence."""


@dataclass(frozen=True, slots=True)
class Settings:
    """One process' settings; see the table in README.md."""

    database_url: str
    data_dir: Path
    secret_key: str
    is_demo: bool
    port: int
    public_url: str
    trusted_proxies: int
    code_channel: str
    smtp_url: str
    mail_from: str
    gateway_url: str
    gateway_token: str
    help_phone: str
    web_threads: int

    @property
    def is_https(self) -> bool:
        """Whether people reach the site by https, so that cookies can be bound to it."""
        return self.public_url.startswith("https://")


def read_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Return the settings of this process; raises BadSetting with a sentence for the operator."""
    env = os.environ if environ is None else environ
    data_dir = Path(env.get("DATA_DIR", str(ROOT / "data")))
    is_demo = env.get("TITIK_DEMO", "0") == "1"
    port = _number(env, "PORT", 5000)
    return Settings(
        database_url=_database_url(env.get("DATABASE_URL", ""), data_dir),
        data_dir=data_dir,
        secret_key=_secret_key(env.get("SECRET_KEY", ""), is_demo=is_demo),
        is_demo=is_demo,
        port=port,
        public_url=env.get("PUBLIC_URL", f"http://127.0.0.1:{port}").rstrip("/"),
        trusted_proxies=_number(env, "TRUSTED_PROXIES", 0),
        code_channel=_channel(env, is_demo=is_demo),
        smtp_url=env.get("SMTP_URL", ""),
        mail_from=env.get("MAIL_FROM", "titik-temu@localhost"),
        gateway_url=env.get("GATEWAY_URL", ""),
        gateway_token=env.get("GATEWAY_TOKEN", ""),
        help_phone=env.get("HELP_PHONE", ""),
        web_threads=_number(env, "WEB_THREADS", 8),
    )


def make_folder(folder: Path) -> None:
    """Make the data folder and prove that it can be written; raises BadSetting."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / ".write-test"
        probe.touch()
        probe.unlink()
    except OSError as fault:
        raise BadSetting(
            f"The folder {folder} cannot be written ({fault.strerror}). Choose another: DATA_DIR=/some/folder make run"
        ) from fault


def _database_url(given: str, data_dir: Path) -> str:
    if not given:
        return f"sqlite:///{data_dir / 'titik-temu.db'}"
    for plain in ("postgres://", "postgresql://"):
        if given.startswith(plain):
            return "postgresql+psycopg://" + given.removeprefix(plain)
    return given


def _secret_key(given: str, *, is_demo: bool) -> str:
    if is_demo:
        return given or DEMO_SECRET_KEY
    if not given or given == DEMO_SECRET_KEY or len(given) < SHORTEST_SECRET_KEY:
        raise BadSetting(
            "SECRET_KEY is missing, shorter than 32 characters, or the published demo key. Make one with: "
            "python3 -c 'import secrets; print(secrets.token_urlsafe(48))' (or set TITIK_DEMO=1 for a demo)."
        )
    return given


def _channel(env: Mapping[str, str], *, is_demo: bool) -> str:
    channel = env.get("CODE_CHANNEL", "outbox" if is_demo else "console")
    needs = {"outbox": "", "console": "", "smtp": "SMTP_URL", "gateway": "GATEWAY_URL"}
    if channel not in needs:
        raise BadSetting(f"CODE_CHANNEL must be one of {', '.join(needs)}, not {channel!r}.")
    if channel == "outbox" and not is_demo:
        raise BadSetting("CODE_CHANNEL=outbox shows every code to everybody: it exists in the demo only (TITIK_DEMO=1)")
    if needs[channel] and not env.get(needs[channel]):
        raise BadSetting(f"CODE_CHANNEL={channel} needs {needs[channel]}.")
    return channel


def _number(env: Mapping[str, str], name: str, default: int) -> int:
    text = env.get(name, "").strip()
    if not text:
        return default
    if not text.isdigit():
        raise BadSetting(f"{name} must be a whole number, not {text!r}.")
    return int(text)
