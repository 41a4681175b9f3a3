"""Operator commands."""

from flask import Flask


def init_commands(app: Flask) -> None:
    """Attach the commands to `flask`."""
