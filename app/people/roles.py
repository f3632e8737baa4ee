"""Who a person can be: standing roles of a hall or a street, and capacities held for one occasion.

Source: domain.md section 1 (column "identifier") and the "who moves it" column of section 2. A person often holds
several at once (a grid worker who convenes a bench sitting), so rules always take a set of roles.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from app.words import N_


class Role(StrEnum):
    """One role or capacity; the value is what is stored."""

    SECRETARY = "secretary"
    COMMUNITY_WORKER = "community_worker"
    GRID_LEADER = "grid_leader"
    GRID_WORKER = "grid_worker"
    AFFAIRS_SUPERVISOR = "affairs_supervisor"
    COUNCIL_MEMBER = "council_member"
    BUILDING_STEWARD = "building_steward"
    RESIDENT = "resident"
    STREET_ADMIN = "street_admin"
    STREET_SUPERVISOR = "street_supervisor"
    SECURITY_ADMIN = "security_admin"
    AUDIT_ADMIN = "audit_admin"
    EXPERT = "expert"
    SYSTEM = "system"
    CHAIR = "chair"
    RECORDER = "recorder"
    TELLER = "teller"
    SCRUTINEER = "scrutineer"
    CONVENER = "convener"
    PROPOSER = "proposer"
    TASK_OWNER = "task_owner"


ROLE_LABELS: dict[Role, str] = {
    Role.SECRETARY: N_("社区书记"),
    Role.COMMUNITY_WORKER: N_("社区工作者"),
    Role.GRID_LEADER: N_("网格长"),
    Role.GRID_WORKER: N_("网格员"),
    Role.AFFAIRS_SUPERVISOR: N_("居务监督委员"),
    Role.COUNCIL_MEMBER: N_("议事会成员"),
    Role.BUILDING_STEWARD: N_("楼长"),
    Role.RESIDENT: N_("居民"),
    Role.STREET_ADMIN: N_("街道管理员"),
    Role.STREET_SUPERVISOR: N_("街道督办专员"),
    Role.SECURITY_ADMIN: N_("安全管理员"),
    Role.AUDIT_ADMIN: N_("审计管理员"),
    Role.EXPERT: N_("专家"),
    Role.SYSTEM: N_("系统"),
    Role.CHAIR: N_("主持人"),
    Role.RECORDER: N_("记录人"),
    Role.TELLER: N_("计票人"),
    Role.SCRUTINEER: N_("监票人"),
    Role.CONVENER: N_("召集人"),
    Role.PROPOSER: N_("提出人"),
    Role.TASK_OWNER: N_("经办人"),
}

#: Held only for one matter, sitting or task, never stored on an account.
CAPACITIES: frozenset[Role] = frozenset(
    {
        Role.CHAIR,
        Role.RECORDER,
        Role.TELLER,
        Role.SCRUTINEER,
        Role.CONVENER,
        Role.PROPOSER,
        Role.TASK_OWNER,
    }
)
#: Who does the street's own work with matters.
STREET_STAFF: frozenset[Role] = frozenset({Role.STREET_ADMIN, Role.STREET_SUPERVISOR})
#: Every role a login of the street may have; the two administrators beside the first have nothing to do with matters.
STREET_ROLES: frozenset[Role] = STREET_STAFF | {Role.SECURITY_ADMIN, Role.AUDIT_ADMIN}
GRID_STAFF: frozenset[Role] = frozenset({Role.GRID_LEADER, Role.GRID_WORKER})
OFFICE_STAFF: frozenset[Role] = frozenset({Role.SECRETARY, Role.COMMUNITY_WORKER})
COMMUNITY_STAFF: frozenset[Role] = OFFICE_STAFF | GRID_STAFF

#: Rules accept one role or any collection of them.
Roles = Role | Iterable[Role]


def as_roles(roles: Roles) -> frozenset[Role]:
    """Return ``roles`` as a set, whether one or many were given."""
    # A StrEnum member is itself iterable (its letters), so it has to be recognised before anything else.
    if isinstance(roles, Role):
        return frozenset({roles})
    return frozenset(roles)
