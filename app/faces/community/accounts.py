"""Doors of the hall: the secretary's desk for accounts.

A first password is shown once, on the answer to the POST that made it; it is nowhere else, so reloading cannot bring
it back. Forms carry what they saw (``epoch``, ``once``): a second click says so instead of doing it twice.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import redirect, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.exc import IntegrityError

from app import clock
from app.errors import Refused
from app.faces.community import hall_council, hall_households
from app.faces.community.account_forms import ROLE_CHOICES, AccountForm, NameForm, RoleForm, field_of, sound
from app.faces.community.inputs import last_page, once_id, page_number, take_back, tell, tidy, whole_number
from app.faces.doors import Door
from app.faces.kept_accounts import Keeper
from app.faces.pages import desk as desk_page
from app.faces.visitor import actor, visitor
from app.people import accounts, desk
from app.people.models import Account
from app.people.permissions import Permission
from app.people.roles import ROLE_LABELS, Role
from tenants.database import db, uuid7
from tenants.hosts import site_url
from tenants.scope import current_community


def accounts_list() -> str:
    """Who has a login here, twenty a page."""
    kind = request.args.get("kind", "staff")
    chosen = {
        "kind": kind if kind in accounts.KINDS else "staff",
        "role": request.args.get("role", ""),
        "words": tidy(request.args.get("q"))[:40],
    }
    page = page_number()
    rows, total = accounts.accounts_page(page=page, **chosen)
    now = clock.now()
    for row in rows:
        row["locked"] = accounts.is_locked(row["account"], now)
    return desk_page(
        "desk/accounts.html", "people", rows=rows, total=total, chosen=chosen, role_choices=ROLE_CHOICES,
        role_labels=ROLE_LABELS, page=page, last=last_page(total, accounts.PAGE), url_of=_page_url(chosen),
    )  # fmt: skip


def _page_url(chosen: dict[str, str]) -> Any:
    kept = {"kind": chosen["kind"], "role": chosen["role"], "q": chosen["words"]}
    return lambda number: site_url("community.accounts", page=number, **{k: v for k, v in kept.items() if v})


def account_new() -> str:
    """The form of a new account."""
    return _new_page(AccountForm(formdata=None, role=str(Role.COMMUNITY_WORKER)))


def _new_page(form: AccountForm, once: UUID | None = None) -> str:
    return desk_page("desk/account_new.html", "people", form=form, once=once or uuid7())


def account_add() -> Any:
    """Add an account and show its first password, once."""
    form, once = AccountForm(), once_id()
    if db.session.get(Account, (current_community(), once)):
        return redirect(KEEPER.page_url(once), 303)
    if not sound(form, form.validate()):
        return _new_page(form, once), 422
    role, password = Role(form.role.data), desk.first_password(form.login.data.lower())
    try:
        account = desk.add_account(
            form.login.data, form.name.data, password, {role: form.title.data}, by=actor(), now=clock.now(),
            seat=whole_number(form.seat.data), must_change=True, id=once,
        )  # fmt: skip
        db.session.flush()
    except Refused as error:
        take_back(form, field_of(error), error)
        return _new_page(form), 422
    except IntegrityError:
        take_back(form, "login", Refused(desk.TAKEN, login=form.login.data))
        return _new_page(form), 422
    return _password_page(account, password, is_new=True)


def _password_page(account: Account, password: str, *, is_new: bool) -> str:
    return desk_page("desk/account_password.html", "people", account=account, password=password, is_new=is_new)


def account_shown(account_id: UUID) -> str:
    """One account: who, which roles, what can be done."""
    account = desk.find_account(account_id)
    return account_page(account)


def account_page(account: Account, names: NameForm | None = None, role: RoleForm | None = None) -> str:
    me = visitor()
    return desk_page(
        "desk/account.html", "people", account=account, is_me=bool(me and me.id == account.id),
        held=accounts.memberships_of([account.id]).get(account.id, []), past=accounts.past_roles(account.id),
        locked=accounts.is_locked(account, clock.now()), role_labels=ROLE_LABELS,
        names=names or NameForm(formdata=None, name=account.display_name, login=account.login),
        role=role or RoleForm(formdata=None, prefix="new", role=str(Role.COUNCIL_MEMBER)),
    )  # fmt: skip


def account_names(account_id: UUID) -> Any:
    """Change name and login."""
    account, form = desk.find_account(account_id), NameForm()
    fine = form.validate()
    if not form.login.errors:
        fine = tell(form, "login", desk.good_identity(form.login.data.lower(), form.name.data or "x")) and fine
    if not fine:
        return account_page(account, names=form), 422
    try:
        desk.change_account(account, login=form.login.data, name=form.name.data, by=actor(), now=clock.now())
        db.session.flush()
    except Refused as error:
        take_back(form, "login", error)
        return account_page(account, names=form), 422
    except IntegrityError:
        take_back(form, "login", Refused(desk.TAKEN, login=form.login.data))
        return account_page(account, names=form), 422
    return KEEPER.back_to(account_id, _("姓名和登录名存好了。"))


W = Permission.HALL_ACCOUNT_WRITE
ONE = "/desk/accounts/<uuid:account_id>"
KEEPER = Keeper(
    face="community", layout="desk.html", menu="people", at=ONE, one="community.desk_account", permission=W, room=desk,
    listing=_l("账号和议事员"), show_password=_password_page,
    stays=_l("停用以后马上退出登录，也进不来了。办过的事、投过的票都留着。以后可以再启用。"),
)  # fmt: skip
DOORS: list[Door] = [
    Door("GET", "/desk/accounts", accounts_list, W, name="accounts"),
    Door("POST", "/desk/accounts", account_add, W),
    Door("GET", "/desk/accounts/new", account_new, W),
    Door("GET", ONE, account_shown, W, name="desk_account"),
    Door("POST", f"{ONE}/names", account_names, W),
    *KEEPER.doors(),
    *hall_council.DOORS,
    *hall_households.DOORS,
]
