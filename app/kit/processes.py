"""Two processes that live and die together: the web server and the worker."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass

PATIENCE_SECONDS = 10.0
LOOK_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Program:
    """A child process and the signal that lets it finish its work."""

    name: str
    command: Sequence[str]
    ending: signal.Signals


def is_port_free(port: int, host: str = "127.0.0.1") -> bool:
    """Say whether a server could listen on this port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
        return True


def run_together(programs: Sequence[Program]) -> int:
    """Start the programs and wait; when one ends, or on Ctrl-C or SIGTERM, end them all.

    Returns 0 after a wished end and 1 when a program ended by itself. Work at hand is finished first; a program
    that has not ended after ten seconds is killed.
    """
    asked: list[int] = []
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda got, _frame: asked.append(got))
    children = [(program, _start(program)) for program in programs]
    while not asked and all(child.poll() is None for _, child in children):
        time.sleep(LOOK_SECONDS)
    for program, child in children:
        if child.poll() is not None and not asked:
            print(f"{program.name} ended by itself (status {child.returncode}).", file=sys.stderr, flush=True)
    _end_all(children)
    return 0 if asked else 1


def _start(program: Program) -> "subprocess.Popen[bytes]":
    # Its own process group: Ctrl-C reaches this parent only, which then ends the children in order.
    environment = {**os.environ, "PARENT_PID": str(os.getpid())}
    return subprocess.Popen(list(program.command), start_new_session=True, env=environment)  # noqa: S603  # our own


def _end_all(children: Sequence[tuple[Program, "subprocess.Popen[bytes]"]]) -> None:
    for program, child in children:
        if child.poll() is None:
            child.send_signal(program.ending)
    deadline = time.monotonic() + PATIENCE_SECONDS
    for _, child in children:
        try:
            child.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()


def end_with_parent() -> None:
    """End this process when the parent that started it is gone, so that no orphan holds the port."""
    parent = int(os.environ.get("PARENT_PID", "0"))
    if not parent:
        return

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, daemon=True).start()
