"""The shell face: one command group per noun, each in the module of its name and imported when it is called.

A web server never runs a command, and what commands need (migrations, a whole demo street) would cost it a second.
"""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

import click
from flask import Flask
from flask.cli import AppGroup, ScriptInfo

#: Noun → what it is about; ``app.faces.cli.<noun>`` holds its ``group``.
NOUNS = {
    "audit": "The sealed logs: verify, export, seal.",
    "backup": "Backup and restore: one command each way.",
    "ballot": "Ballots that anyone may count again.",
    "clock": "The clock of demo and test folders.",
    "community": "Halls: open, dress, pause, archive, restore.",
    "db": "Alembic's own commands.",
    "demo": "The demo street.",
    "jobs": "Worker and scheduler.",
    "report": "The figures of halls and street.",
    "street": "The street office: database, registry, accounts.",
}
_FILES = {"clock": "clockwork", "community": "halls", "db": "migrating"}


class Noun(AppGroup):
    """A command group that is imported when one of its commands is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The verbs of this noun."""
        return list(self._module().group.list_commands(ctx))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """One verb."""
        command: click.Command | None = self._module().group.get_command(ctx, cmd_name)
        return command

    def invoke(self, ctx: click.Context) -> object:
        """Run the verb; a module may have something to make ready on the program first."""
        if make_ready := getattr(self._module(), "make_ready", None):
            make_ready(ctx.ensure_object(ScriptInfo).load_app())
        return super().invoke(ctx)

    def _module(self) -> ModuleType:
        return import_module(f"{__name__}.{_FILES.get(self.name or '', self.name)}")


def init_cli(app: Flask) -> None:
    """Add the nouns."""
    for name, about in NOUNS.items():
        app.cli.add_command(Noun(name, help=about))
