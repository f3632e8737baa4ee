"""``flask ballot recount --rule RULE < ballots.json``: count a downloaded box again, without a database."""

from __future__ import annotations

import json
import sys

import click
from flask.cli import AppGroup

from app.flow.decide.recount import BadBox, recount

group = AppGroup("ballot", help="Ballots.")


@group.command("recount", with_appcontext=False)
@click.option("--rule", required=True, help="An identifier of the rule, for example council_majority.")
def recount_box(rule: str) -> None:
    """Count the box on standard input by RULE and print the result as JSON."""
    try:
        answer = recount(rule, json.loads(sys.stdin.buffer.read().decode()))
    except (BadBox, ValueError, RecursionError) as error:
        said = str(error) if isinstance(error, BadBox) else f"the box is not readable JSON: {error}"
        click.echo(f"recount: {said}", err=True)
        sys.exit(2)
    click.echo(json.dumps(answer, ensure_ascii=False, indent=2))
