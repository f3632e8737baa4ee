"""``flask audit verify | seal | export``: the sealed logs from the shell.

Verifying ends with 1 when anything is wrong.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import click
from flask import current_app
from flask.cli import AppGroup

from app import clock
from app.records import audit, audit_export, audit_verify
from app.records.audit_verify import Report
from tenants.database import db
from tenants.hosts import Unknown, bases, find_site
from tenants.scope import Scope, bound

group = AppGroup("audit", help="The sealed logs.")
ENGLISH = {
    "changed": "changed after it was sealed", "removed": "removed after it was sealed",
    "vanished": "removed before it was sealed", "reordered": "moved out of its place",
    "slipped_in": "neither sealed nor waiting for a seal", "late": "dated earlier than the seal before its own",
    "seal_missing": "this seal is missing", "seal_changed": "this seal was altered",
    "tail_cut": "known outside, gone here: the end of the log was cut off",
    "seal_replaced": "known outside with another hash: the log was written anew",
    "file_changed": "the file is not what was exported", "file_cut": "the file has no end",
}  # fmt: skip


@contextmanager
def _of(slug: str) -> Iterator[str]:
    """Bound to a hall, or to the street for the empty slug; each base host is a street."""
    for base in bases(current_app._get_current_object()):  # type: ignore[attr-defined]
        try:
            site = find_site(current_app, base.rsplit(":", 1)[0], slug)  # type: ignore[arg-type]
        except Unknown:
            continue
        with bound(site.scope):
            try:
                yield slug or "street"
            finally:
                db.session.remove()
        return
    raise click.ClickException(f"no hall is called {slug!r}")


def _every() -> Iterator[tuple[str, Scope]]:
    """Every street and every hall of it, closed halls too."""
    for base in bases(current_app._get_current_object()):  # type: ignore[attr-defined]
        site = find_site(current_app, base.rsplit(":", 1)[0])  # type: ignore[arg-type]
        with bound(site.scope):
            halls = audit.halls_here()
            db.session.remove()
        yield "street", site.scope
        for hall in halls:
            yield hall.slug, Scope("community", street=site.street_id, community=hall.id)


def _wanted(community: str, street: bool) -> Iterator[str]:
    if not community and not street:
        for name, scope in _every():
            with bound(scope):
                try:
                    yield name
                finally:
                    db.session.remove()
        return
    with _of("" if street else community) as name:
        yield name


@group.command()
@click.option("--community", default="", help="One hall, by its slug.")
@click.option("--street", is_flag=True, help="The street's own log.")
@click.option("--all", "everything", is_flag=True, help="The street and every hall; the default.")
@click.option(
    "--file", "path", type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="An exported file, without any database; with --community it is also held against the log.",
)  # fmt: skip
@click.option("--paper", default="", metavar="NO:HASH", help="Number and hash from a printed seal, to hold against.")
def verify(community: str, street: bool, everything: bool, path: Path | None, paper: str) -> None:
    """Recompute every seal from the rows, and name each line that was changed, removed, reordered or planted."""
    if path is not None:
        sys.exit(_file(path, community, street))
    known = _from_paper(paper, bool(community or street))
    wrong = 0
    for name in _wanted(community, street and not everything):
        begun = datetime.now().astimezone()
        report = audit_verify.verify(strict_dates=current_app.config["MODE"] != "demo")
        audit_export.against_database(known, report)
        wrong += _say(name, report, (datetime.now().astimezone() - begun).total_seconds())
    sys.exit(1 if wrong else 0)


def _from_paper(paper: str, is_one: bool) -> dict[int, str]:
    if not paper:
        return {}
    no, _colon, printed = paper.partition(":")
    if not is_one or not no.isdecimal() or not printed:
        raise click.BadParameter("--paper is NO:HASH, and belongs to one --community or to the --street")
    return {int(no): printed.strip().lower()}


def _file(path: Path, community: str, street: bool) -> int:
    try:
        with path.open("rb") as rows:
            head, report, hashes = audit_export.verify_file(rows)
    except audit_export.BadFile as error:
        raise click.ClickException(str(error)) from error
    if community or street:
        for _name in _wanted(community, street):
            if audit.chain_here().name != head["chain"]:
                raise click.ClickException(f"the file is about {head['chain']}, not about {community or 'the street'}")
            audit_export.against_database(hashes, report)
    return 1 if _say(f"{path.name} ({head['name']})", report, None) else 0


def _say(name: str, report: Report, seconds: float | None) -> int:
    took = "" if seconds is None else f" in {seconds:.1f} s"
    newest = report.newest
    tail = f", newest {newest.no} of {newest.at:%Y-%m-%d %H:%M} {newest.hash}" if newest else ""
    more = f", {report.waiting} waiting, anchored to {report.anchored}" if seconds is not None else ""
    click.echo(f"{name}: {report.lines} lines under {report.seals} seals{took}{more}{tail}")
    for one in report.findings:
        line = f" {one.source} {one.row_id}" if one.source else ""
        at = f" of {clock.local(one.at):%Y-%m-%d %H:%M:%S}" if one.at else ""
        covered = f" (seal {one.seal}" + (f" of {clock.local(one.sealed_at):%Y-%m-%d %H:%M})" if one.sealed_at else ")")
        click.echo(f"  WRONG{line}{at}{covered if one.seal else ''}: {ENGLISH[one.kind]}")
    if report.count > len(report.findings):
        click.echo(f"  … and {report.count - len(report.findings)} more")
    click.echo(f"  {'whole' if report.is_whole else f'{report.count} wrong'}")
    return report.count


@group.command()
@click.option("--community", default="", help="One hall, by its slug.")
@click.option("--street", is_flag=True, help="The street's own log.")
def seal(community: str, street: bool) -> None:
    """Seal at once what waits, and anchor the halls in the street."""
    for name in _wanted(community, street):
        anchored = audit.anchor(now=clock.now()) if audit.chain_here().kind == "street" else []
        lines = 0
        while count := audit.seal_some(now=clock.now()):
            db.session.commit()
            lines += count
        db.session.commit()
        click.echo(f"{name}: {lines} lines sealed" + (f", {len(anchored)} halls anchored" if anchored else ""))


@group.command()
@click.argument("slug")
@click.option("--from", "since", type=click.DateTime(["%Y-%m-%d"]), help="First day of seals.")
@click.option("--to", "until", type=click.DateTime(["%Y-%m-%d"]), help="Last day of seals.")
@click.option("--without-words", is_flag=True, help="Seals and digests only; nothing anybody wrote leaves the house.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Default: audit_SLUG_DAY.jsonl.")
def export(slug: str, since: datetime | None, until: datetime | None, without_words: bool, out: Path | None) -> None:
    """Write the sealed log of SLUG (``street`` for the street's own) as a file that --file verifies anywhere."""
    now = clock.now()
    path = out or Path(f"audit_{slug}_{clock.local(now):%Y-%m-%d}.jsonl")
    with _of("" if slug == "street" else slug) as name, path.open("wb") as file:
        path.chmod(0o600)
        rows = audit_export.export(name, since=_start(since), until=_end(until), now=now, words=not without_words)
        file.writelines(rows)
    click.echo(f"{path}: verify it anywhere with: ./run flask audit verify --file {path}")


def _start(day: datetime | None) -> datetime | None:
    return clock.at(day.date(), 0) if day else None


def _end(day: datetime | None) -> datetime | None:
    return clock.at(day.date() + timedelta(days=1), 0) - timedelta(microseconds=1) if day else None
