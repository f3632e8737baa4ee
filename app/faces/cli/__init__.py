"""The shell face: one command group per noun."""

from __future__ import annotations

from flask import Flask

from app.faces.cli import clockwork, community, demo, jobs, street


def init_cli(app: Flask) -> None:
    """Add the command groups."""
    for group in (street.group, community.group, clockwork.group, jobs.group, demo.group):
        app.cli.add_command(group)
