"""``flask demo play``: the demo street of 中华大街, with every history played through the real actions."""

from __future__ import annotations

import click
from flask import current_app
from flask.cli import AppGroup

from app.faces.cli.demo.play import play_street

group = AppGroup("demo", help="The demo street.")


@group.command()
def play() -> None:
    """Fill the demo street where it is absent and write demo.json. Safe to run again, also after a kill."""
    if current_app.config["MODE"] not in ("demo", "test"):
        raise click.ClickException("this folder serves a real office: the demo is refused")
    play_street(current_app._get_current_object())  # type: ignore[attr-defined]
    click.echo("played")
