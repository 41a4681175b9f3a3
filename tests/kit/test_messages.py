"""The gateway gets one text as JSON, and is not followed elsewhere."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any
from urllib.error import HTTPError

import pytest

from app.kit.messages import Gateway, OutgoingMessage

MESSAGE = OutgoingMessage(id="m", channel="phone", recipient="+6281234567890", subject="", body="123456 adalah kode")


class Receiver(BaseHTTPRequestHandler):
    """Notes what was posted, and answers as the test says."""

    status = 200
    posts: list[tuple[str, str | None, Any]] = []

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.posts.append((self.path, self.headers["Authorization"], json.loads(body)))
        self.send_response(self.status)
        self.send_header("Location", "/elsewhere")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Stay quiet."""


@pytest.fixture
def gateway() -> Iterator[str]:
    """Address of a gateway on this machine."""
    Receiver.status, Receiver.posts = 200, []
    server = HTTPServer(("127.0.0.1", 0), Receiver)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/send"
    server.shutdown()
    thread.join()
    server.server_close()


def test_gateway_gets_number_text_and_token(gateway: str) -> None:
    Gateway(gateway, "a-token").carry(MESSAGE)

    assert Receiver.posts == [
        ("/send", "Bearer a-token", {"to": "+6281234567890", "text": "123456 adalah kode"})
    ]


@pytest.mark.parametrize("status", [302, 307, 401, 500])
def test_any_other_answer_is_a_failure_and_no_redirect_is_followed(gateway: str, status: int) -> None:
    Receiver.status = status

    with pytest.raises(HTTPError) as failed:
        Gateway(gateway, "a-token").carry(MESSAGE)

    failed.value.close()
    assert failed.value.code == status
    assert [path for path, *_ in Receiver.posts] == ["/send"]
