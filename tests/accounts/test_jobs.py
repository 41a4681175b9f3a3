"""Messages leave by the way the installation has, and codes do not stay behind."""

import smtplib
from dataclasses import dataclass, field, replace
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts import actions, jobs
from app.accounts.values import Channel
from app.config import Settings, read_settings
from app.kit.db import Database
from app.kit.jobs import Job, JobState, run
from app.kit.messages import SCRUBBED, Console, Gateway, Outbox, OutgoingMessage, Smtp
from tests.accounts.helpers import ask
from tests.factories import NOW

SETTINGS = read_settings({"TITIK_DEMO": "1"})


def promised(database: Database) -> str:
    with database.unit_of_work() as session:
        ask(session, "a", NOW)
        return session.scalars(select(Job.id)).one()


def message(session: Session) -> OutgoingMessage:
    return session.scalars(select(OutgoingMessage)).one()


def use(monkeypatch: pytest.MonkeyPatch, **changes: str) -> None:
    settings = replace(SETTINGS, **changes)  # type: ignore[arg-type]
    monkeypatch.setattr(jobs, "read_settings", lambda: settings)
    monkeypatch.setattr("app.kit.clock.now", lambda: NOW + timedelta(seconds=1))


@dataclass
class Post:
    """Stands in for the mail server."""

    sent: list[EmailMessage] = field(default_factory=list)

    def __call__(self, *args: Any, **kwargs: Any) -> "Post":
        return self

    def __enter__(self) -> "Post":
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def has_extn(self, _: str) -> bool:
        return False

    def send_message(self, mail: EmailMessage) -> None:
        self.sent.append(mail)


@pytest.mark.parametrize(("changes", "phone", "mail"), [
    ({"code_channel": "outbox"}, Outbox, Outbox),
    ({"code_channel": "console"}, Console, Console),
    ({"code_channel": "smtp", "smtp_url": "smtp://x"}, type(None), Smtp),
    ({"code_channel": "gateway", "gateway_url": "https://x"}, Gateway, type(None)),
    ({"code_channel": "gateway", "gateway_url": "https://x", "smtp_url": "smtp://x"}, Gateway, Smtp),
])
def test_carrier_fits_installation_and_channel(changes: dict[str, str], phone: type, mail: type) -> None:
    settings: Settings = replace(SETTINGS, **changes)  # type: ignore[arg-type]

    assert isinstance(actions.carrier_for(settings, Channel.PHONE), phone)
    assert isinstance(actions.carrier_for(settings, Channel.MAIL), mail)


def test_outbox_keeps_the_code_for_its_page(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, code_channel="outbox")
    job = promised(database)

    run(database, job)

    with database.open(read_only=True) as reading:
        assert message(reading).sent_at == NOW + timedelta(seconds=1)
        assert message(reading).body[:6].isdigit()


def test_code_is_wiped_after_sending(
    database: Database, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    use(monkeypatch, code_channel="console")
    job = promised(database)

    run(database, job)

    assert "kode masuk Titik Temu" in capsys.readouterr().out
    with database.open(read_only=True) as reading:
        assert message(reading).body == SCRUBBED


def test_mail_carries_the_code_once(session: Session, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    post = Post()
    monkeypatch.setattr(smtplib, "SMTP", post)
    use(monkeypatch, code_channel="smtp", smtp_url="smtp://mail.example:25", mail_from="kami@contoh.example")
    ask(session, "a", NOW, identity="ibu@contoh.example", channel=Channel.MAIL)
    job = session.scalars(select(Job)).one()
    arguments = job.arguments
    session.commit()

    run(database, job.id)
    jobs.send_message(database, arguments, None)  # type: ignore[arg-type]

    assert [(mail["To"], mail["From"]) for mail in post.sent] == [("ibu@contoh.example", "kami@contoh.example")]
    assert "kode masuk" in post.sent[0].get_content()


def test_nothing_is_locked_while_a_message_is_on_its_way(
    database: Database, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(monkeypatch, code_channel="console")
    job = promised(database)
    written: list[bool] = []

    def slow_carrier(_: Console, __: OutgoingMessage) -> None:
        with database.unit_of_work() as other:
            ask(other, "b", NOW, identity="+6281234567899")
        written.append(True)

    monkeypatch.setattr(Console, "carry", slow_carrier)
    run(database, job)

    assert written == [True]


def test_failed_message_is_tried_again(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, code_channel="gateway", gateway_url="")
    job = promised(database)

    run(database, job)

    with database.open(read_only=True) as reading:
        row = reading.get_one(Job, job)
        assert row.state is JobState.QUEUED
        assert "no carrier for phone" in row.error
        assert message(reading).sent_at is None


def test_code_that_came_too_late_is_wiped_and_not_sent(
    database: Database, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    use(monkeypatch, code_channel="console")
    job = promised(database)
    monkeypatch.setattr("app.kit.clock.now", lambda: NOW + timedelta(minutes=11))

    run(database, job)

    assert "kode masuk" not in capsys.readouterr().out
    with database.open(read_only=True) as reading:
        assert (message(reading).body, message(reading).sent_at) == (SCRUBBED, None)
