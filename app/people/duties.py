"""Three administrators at the street, so that nobody watches only themselves (三员分立). Pure.

Source: GB/T 22239 level 3, 安全管理中心 (system, security and audit management by different people); the level 2 that
this program is meant for recommends it. The system administrator opens halls and keeps lists, templates and days; the
security administrator keeps accounts, roles and second steps; the audit administrator reads the logs and nothing else.
A small office may begin with one person: a duty that nobody was given yet stays with the system administrator.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from app.errors import Verdict, no, yes
from app.people.permissions import Permission
from app.people.roles import STREET_ROLES, Role
from app.words import N_

#: What a duty carries that the system administrator keeps only until somebody holds it.
CARRIES: Mapping[Role, frozenset[Permission]] = {
    Role.SECURITY_ADMIN: frozenset({Permission.STREET_ACCOUNT_WRITE}),
    Role.AUDIT_ADMIN: frozenset({Permission.STREET_AUDIT_READ}),
}
#: What each login of the street is for, as the page of accounts says it.
TOLD: Mapping[Role, str] = {
    Role.STREET_SUPERVISOR: N_("看数、督办、答升级的事"),
    Role.STREET_ADMIN: N_("另外管开厅、清单、模板和日历"),
    Role.SECURITY_ADMIN: N_("只管账号、角色、密码和两步登录"),
    Role.AUDIT_ADMIN: N_("只看记录，什么都不改"),
}


def withheld(roles: Collection[Role], appointed: Collection[Role]) -> frozenset[Permission]:
    """What a login of the street may not do, although its role could: the duties that somebody else was given."""
    others = (duty for duty in CARRIES if duty in appointed and duty not in roles)
    return frozenset[Permission]().union(*(CARRIES[duty] for duty in others))


def may_give(role: Role, *, to_self: bool) -> Verdict:
    """Whether a login of the street may be given ``role``; nobody changes what they are themselves."""
    if role not in STREET_ROLES:
        return no(N_("街道账号没有这个角色。"))
    return no(N_("自己的角色不能自己改，请另一位来改。")) if to_self else yes()
