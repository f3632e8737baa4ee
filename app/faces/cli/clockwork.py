"""``flask clock advance 3d``: move the demo's clock for web, worker and scheduler alike."""

from __future__ import annotations

import re
from datetime import timedelta

import click
from flask import current_app
from flask.cli import AppGroup

from app import clock

group = AppGroup("clock", help="The demo's clock.")
UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def parse(text: str) -> timedelta:
    """``3d``, ``36h``, ``90m``, ``2w`` → timedelta."""
    found = re.fullmatch(r"(\d{1,5})([mhdw])", text.strip())
    if not found:
        raise click.BadParameter("write 90m, 36h, 3d or 2w")
    return timedelta(**{UNITS[found[2]]: int(found[1])})


@group.command()
@click.argument("by")
def advance(by: str) -> None:
    """Move the clock forward."""
    try:
        moved = clock.advance(current_app, parse(by))
    except clock.OffsetForbidden as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"the clock runs ahead by {moved}; it is now {clock.local(clock.now()):%Y-%m-%d %H:%M}")


@group.command()
def show() -> None:
    """Tell the time."""
    click.echo(f"{clock.local(clock.now()):%Y-%m-%d %H:%M}")
