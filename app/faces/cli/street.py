"""``flask street prepare | open | account``."""

from __future__ import annotations

import os

import click
from flask import current_app
from flask.cli import AppGroup

from app import clock
from app.errors import DomainError
from app.faces.cli.migrating import migrate
from app.people import street_desk, two_step
from app.people.actor import SYSTEM
from app.people.desk import first_password
from app.people.roles import STREET_ROLES, Role
from tenants import provisioning
from tenants.catalogue import audit
from tenants.database import db
from tenants.hosts import bases, find_site
from tenants.policies import OWNER, sync
from tenants.scope import bound

group = AppGroup("street", help="The street office: database, registry, accounts.")


def owner_url() -> str:
    """The owner's login; only this face and the migrations ever use it."""
    url = os.environ.get("DATABASE_OWNER_URL")
    if not url:
        raise click.ClickException("DATABASE_OWNER_URL is not set: this command needs the database owner's login")
    return url


@group.command()
def prepare() -> None:
    """Create roles and database where absent, migrate, sync the policies. Safe to run again."""
    passwords = {name: os.environ.get(f"{name.upper()}_PASSWORD", "") for name in ("cm_login", "cm_guest_login")}
    provisioning.create_database(owner_url(), passwords)
    migrate(current_app._get_current_object())  # type: ignore[attr-defined]
    with provisioning.owner_engine(owner_url()) as engine, engine.begin() as conn:
        conn.exec_driver_sql(f"SET ROLE {OWNER}")
        sync(conn)
        problems = audit(conn)
    if problems:
        raise click.ClickException("; ".join(problems))
    click.echo("prepared")


@group.command("open")
@click.option("--host", default="localhost", show_default=True)
@click.option("--name", required=True)
@click.option("--short", required=True, help="as it leads numbers of papers: 中街")
@click.option("--phone", default="")
def open_(host: str, name: str, short: str, phone: str) -> None:
    """Open a street office on a base host."""
    street_id = provisioning.open_street(host=host, name=name, short=short, phone=phone, now=clock.now())
    click.echo(f"street {street_id}: {name}")


@group.command()
@click.argument("login")
@click.option("--name", required=True, help="display name")
@click.option("--role", type=click.Choice(sorted(str(one) for one in STREET_ROLES)), default="street_admin")
@click.option("--phone-lost", is_flag=True, help="switch its second step off too")
def account(login: str, name: str, role: str, phone_lost: bool) -> None:
    """Add a login of the street, or give the one that has it a new first password; prints it, to be changed at once.

    The way back where the only security administrator lost password and phone: nobody at the street can reset them.
    """
    host = bases(current_app)[0].rsplit(":", 1)[0]  # type: ignore[arg-type]
    password, now = first_password(login), clock.now()
    with bound(find_site(current_app, host).scope):  # type: ignore[arg-type]
        try:
            found = next((one for one in street_desk.accounts() if one.login == login), None)
            if found is None:
                street_desk.add_account(login, name, Role(role), password, by=SYSTEM, now=now)
            else:
                street_desk.reset_password(found, password, by=SYSTEM, now=now)
                if phone_lost and found.totp_since is not None:
                    two_step.reset(found, "在服务器上重设", by=SYSTEM, now=now)
            db.session.commit()
        except DomainError as error:
            raise click.ClickException(error.reason % error.values if error.values else error.reason) from error
        finally:
            db.session.remove()
    click.echo(f"login {login}\npassword {password}")
