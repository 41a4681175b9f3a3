"""Messages to people: a row first, then one of the channels carries it (outbox, console, SMTP, HTTP gateway)."""

import json
import logging
import smtplib
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from typing import Protocol
from urllib.parse import unquote, urlsplit

from sqlalchemy import Index, Text, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.kit.db import Base
from app.kit.ids import new_id

log = logging.getLogger(__name__)
SECONDS = 10
SCRUBBED = "(isi dihapus sesudah terkirim)"


class OutgoingMessage(Base):
    """One message to one address."""

    __tablename__ = "outgoing_message"
    __table_args__ = (Index("ix_outgoing_message_created", "created_at"),)

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    channel: Mapped[str]
    recipient: Mapped[str]
    subject: Mapped[str]
    body: Mapped[str] = mapped_column(Text)
    is_secret: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]


class Carrier(Protocol):
    """Something that can bring a message to a person."""

    @property
    def keeps_body(self) -> bool:
        """Whether the text may stay in the row after sending."""

    def carry(self, message: OutgoingMessage) -> None:
        """Deliver; raises any error of the transport."""


class Outbox:
    """Leaves the message where the demo's outbox page shows it."""

    keeps_body = True

    def carry(self, message: OutgoingMessage) -> None:
        """Nothing leaves the machine."""


class Console:
    """Prints the message in the server's window, for a first try without any gateway."""

    keeps_body = False

    def carry(self, message: OutgoingMessage) -> None:
        """Print it."""
        print(f"[pesan] {message.recipient}: {message.body}", flush=True)


@dataclass(frozen=True, slots=True)
class Smtp:
    """Sends mail through a server given as smtp://user:password@host:port or smtps://..."""

    url: str
    sender: str
    keeps_body: bool = False

    def carry(self, message: OutgoingMessage) -> None:
        """Send one mail."""
        parts = urlsplit(self.url)
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = self.sender, message.recipient, message.subject
        mail.set_content(message.body)
        make = smtplib.SMTP_SSL if parts.scheme == "smtps" else smtplib.SMTP
        with make(parts.hostname or "localhost", parts.port or 0, timeout=SECONDS) as server:
            if parts.scheme == "smtp" and server.has_extn("starttls"):
                server.starttls()
            if parts.username:
                server.login(unquote(parts.username), unquote(parts.password or ""))
            server.send_message(mail)


@dataclass(frozen=True, slots=True)
class Gateway:
    """Posts {"to", "text"} as JSON to a WhatsApp or SMS gateway, with a bearer token."""

    url: str
    token: str
    keeps_body: bool = False

    def carry(self, message: OutgoingMessage) -> None:
        """Send one text; any answer outside 200-299 is an error."""
        body = json.dumps({"to": message.recipient, "text": message.body}).encode()
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {self.token}"}
        # The address comes from the operator's settings, never from a user.
        request = urllib.request.Request(self.url, data=body, headers=headers, method="POST")  # noqa: S310
        opener = urllib.request.build_opener(_NoRedirect)
        with opener.open(request, timeout=SECONDS) as answer:
            answer.read(1000)


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object, **__: object) -> None:
        return None


def add_message(
    session: Session, *, channel: str, recipient: str, subject: str, body: str, now: datetime, is_secret: bool = False
) -> OutgoingMessage:
    """Add a message to the caller's transaction; a job carries it after the commit."""
    message = OutgoingMessage(
        id=new_id(), channel=channel, recipient=recipient, subject=subject, body=body, is_secret=is_secret,
        created_at=now,
    )
    session.add(message)
    return message


def mark_sent(message: OutgoingMessage, carrier: Carrier, *, now: datetime) -> None:
    """Note that a message was carried; secrets are wiped from the row when the channel needs them no more."""
    message.sent_at = now
    if message.is_secret and not carrier.keeps_body:
        message.body = SCRUBBED


def newest_messages(session: Session, count: int) -> Sequence[OutgoingMessage]:
    """Return the messages written last, newest first."""
    return session.scalars(
        select(OutgoingMessage).order_by(OutgoingMessage.created_at.desc(), OutgoingMessage.id.desc()).limit(count)
    ).all()


def forget_messages(session: Session, *, before: datetime) -> None:
    """Remove old messages: they hold addresses of people."""
    session.execute(delete(OutgoingMessage).where(OutgoingMessage.created_at < before))
