"""The shell face: one command group per noun."""

from __future__ import annotations

from flask import Flask

from app.faces.cli import ballot, clockwork, demo, halls, jobs, report, street


def init_cli(app: Flask) -> None:
    """Add the command groups."""
    for group in (street.group, halls.group, clockwork.group, jobs.group, demo.group, ballot.group, report.group):
        app.cli.add_command(group)
