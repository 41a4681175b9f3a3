"""Carries messages to people, outside of any transaction."""

from typing import Any

from app.accounts import actions
from app.accounts.values import Channel
from app.config import read_settings
from app.kit import clock, codes, messages
from app.kit.db import Database
from app.kit.jobs import Progress, work


class NoCarrier(RuntimeError):
    """Nothing on this installation carries messages of this channel."""


@work("message.send")
def send_message(database: Database, arguments: dict[str, Any], progress: Progress) -> None:
    """Carry one message. It may go out twice when the worker dies in between; it is never lost."""
    message_id = str(arguments["message_id"])
    with database.open(read_only=True) as reading:
        message = reading.get(messages.OutgoingMessage, message_id)
    if message is None or message.sent_at is not None:
        return
    if message.is_secret and message.created_at < clock.now() - codes.LIFE:
        # The code in it opens nothing any more, so it only goes from the row.
        _scrub(database, message_id)
        return
    carrier = actions.carrier_for(read_settings(), Channel(message.channel))
    if carrier is None:
        raise NoCarrier(f"no carrier for {message.channel}: check CODE_CHANNEL, SMTP_URL and GATEWAY_URL")
    carrier.carry(message)
    with database.unit_of_work() as session:
        messages.mark_sent(session.get_one(messages.OutgoingMessage, message_id), carrier, now=clock.now())


def _scrub(database: Database, message_id: str) -> None:
    with database.unit_of_work() as session:
        session.get_one(messages.OutgoingMessage, message_id).body = messages.SCRUBBED
