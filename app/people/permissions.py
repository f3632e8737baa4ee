"""The one vocabulary of permissions, ``scope:resource:action``, and which role holds which.

A door names exactly one. The rule of the field is asked again by the action (who may move what, ``matter.stages``)
and the database says it a third time; this table only decides who may knock.
"""

from __future__ import annotations

from enum import StrEnum

from app.people.roles import Role


class Permission(StrEnum):
    """Alphabetical within its scope. ``anyone`` needs no account; ``guest`` needs the key of an invitation."""

    ANYONE_ENTER = "anyone:hall:enter"
    ANYONE_SIGN_IN = "anyone:account:sign_in"
    ANYONE_SUBMIT = "anyone:proposal:submit"
    ANYONE_TRACK = "anyone:matter:track"
    ANYONE_RATE = "anyone:matter:rate"
    ANYONE_OBJECT = "anyone:posting:object"
    ANYONE_SIGN = "anyone:proposal:sign"
    ANYONE_COMMENT = "anyone:matter:comment"
    ANYONE_REPORT = "anyone:matter:report"
    ANYONE_PRIVACY = "anyone:privacy:ask"
    GUEST_ANSWER = "guest:invitation:answer"
    GUEST_TASK = "guest:task:answer"
    ACCOUNT_USE = "account:self:use"
    ASK_WRITE = "community:ask:write"
    CORE_WRITE = "community:core:write"
    CAMPAIGN_WRITE = "community:campaign:write"
    POLL_CAST = "account:poll:cast"
    COLLECTION_WRITE = "community:collection:write"
    COMMITMENT_WRITE = "community:commitment:write"
    COUNCIL_WRITE = "community:council:write"
    ESCALATION_WRITE = "community:escalation:write"
    HALL_ACCOUNT_WRITE = "community:account:write"
    HALL_LOG_READ = "community:log:read"
    HALL_SETTINGS_WRITE = "community:settings:write"
    HOUSEHOLD_WRITE = "community:household:write"
    IMPORT_WRITE = "community:import:write"
    INVITATION_WRITE = "community:invitation:write"
    EXPERT_SUGGEST = "community:expert:suggest"
    JOINT_WRITE = "community:joint:write"
    LEDGER_EXPORT = "community:ledger:export"
    LEAD_WRITE = "community:lead:write"
    LIST_WRITE = "community:list:write"
    LOOK_READ = "community:look:read"
    MATTER_READ = "community:matter:read"
    MEDIATION_WRITE = "community:mediation:write"
    MONEY_WRITE = "community:money:write"
    MODERATION_WRITE = "community:moderation:write"
    ORDER_WRITE = "community:order:write"
    NOTICE_READ = "community:notice:read"
    OWNER_WRITE = "community:owner:write"
    OUTBOX_READ = "community:outbox:read"
    POSTING_WRITE = "community:posting:write"
    PRIVACY_WRITE = "community:privacy:write"
    PROOF_WRITE = "community:proof:write"
    RATIFICATION_WRITE = "community:ratification:write"
    RECORD_READ = "community:record:read"
    RESEARCH_WRITE = "community:research:write"
    RESOLUTION_WRITE = "community:resolution:write"
    REVIEW_WRITE = "community:review:write"
    SCREENING_WRITE = "community:screening:write"
    SITTING_WRITE = "community:sitting:write"
    BALLOT_WRITE = "community:ballot:write"
    VERIFICATION_WRITE = "community:verification:write"
    VOTE_CAST = "council:vote:cast"
    STREET_ACCOUNT_WRITE = "street:account:write"
    STREET_AUDIT_READ = "street:audit:read"
    STREET_BOUNDS_WRITE = "street:bounds:write"
    STREET_COMMUNITY_WRITE = "street:community:write"
    STREET_ESCALATION_WRITE = "street:escalation:write"
    STREET_LIST_WRITE = "street:list:write"
    STREET_HANDBOOK_WRITE = "street:handbook:write"
    STREET_HOLIDAY_WRITE = "street:holiday:write"
    STREET_JOINT_WRITE = "street:joint:write"
    STREET_LETTER_WRITE = "street:letter:write"
    STREET_LOG_READ = "street:log:read"
    STREET_LOOK_READ = "street:look:read"
    STREET_NOTICE_WRITE = "street:notice:write"
    STREET_ORDER_WRITE = "street:order:write"
    STREET_OVERVIEW_READ = "street:overview:read"
    STREET_POOL_READ = "street:pool:read"
    STREET_POOL_WRITE = "street:pool:write"
    STREET_PERSON_UNMASK = "street:person:unmask"
    STREET_REPORT_WRITE = "street:report:write"
    STREET_REVIEW_WRITE = "street:review:write"
    STREET_TEMPLATE_WRITE = "street:template:write"


P = Permission
ANYONE = frozenset(
    {P.ANYONE_ENTER, P.ANYONE_SIGN_IN, P.ANYONE_SUBMIT, P.ANYONE_TRACK, P.ANYONE_RATE, P.ANYONE_OBJECT, P.ANYONE_SIGN,
     P.ANYONE_COMMENT, P.ANYONE_REPORT, P.ANYONE_PRIVACY}
)  # fmt: skip
_DESK = frozenset({P.ACCOUNT_USE, P.POLL_CAST, P.MATTER_READ, P.RECORD_READ, P.NOTICE_READ})
_GRID = _DESK | {
    P.LEAD_WRITE,
    P.RESEARCH_WRITE,
    P.COMMITMENT_WRITE,
    P.VERIFICATION_WRITE,
    P.SITTING_WRITE,
    P.REVIEW_WRITE,
    P.PROOF_WRITE,
    P.COLLECTION_WRITE,
    P.ORDER_WRITE,
    P.ASK_WRITE,
}
_WORKER = _GRID | {
    P.SCREENING_WRITE,
    P.BALLOT_WRITE,
    P.POSTING_WRITE,
    P.RESOLUTION_WRITE,
    P.INVITATION_WRITE,
    P.OUTBOX_READ,
    P.CAMPAIGN_WRITE,
    P.CORE_WRITE,
    P.EXPERT_SUGGEST,
    P.JOINT_WRITE,
    P.MEDIATION_WRITE,
    P.IMPORT_WRITE,
    P.LEDGER_EXPORT,
    P.MONEY_WRITE,
    P.MODERATION_WRITE,
    P.OWNER_WRITE,
    P.PRIVACY_WRITE,
}
_STREET = frozenset(
    {P.ACCOUNT_USE, P.STREET_OVERVIEW_READ, P.STREET_ESCALATION_WRITE, P.STREET_POOL_READ, P.STREET_REVIEW_WRITE,
     P.STREET_PERSON_UNMASK, P.STREET_ORDER_WRITE, P.STREET_LETTER_WRITE, P.STREET_JOINT_WRITE, P.STREET_NOTICE_WRITE,
     P.STREET_REPORT_WRITE, P.STREET_LOG_READ, P.STREET_LOOK_READ}
)  # fmt: skip

HELD: dict[Role, frozenset[Permission]] = {
    Role.SECRETARY: _WORKER
    | {
        P.HALL_ACCOUNT_WRITE,
        P.HALL_LOG_READ,
        P.HALL_SETTINGS_WRITE,
        P.ESCALATION_WRITE,
        P.LIST_WRITE,
        P.HOUSEHOLD_WRITE,
        P.LOOK_READ,
        P.COUNCIL_WRITE,
        P.RATIFICATION_WRITE,
    },
    Role.COMMUNITY_WORKER: _WORKER,
    Role.GRID_LEADER: _GRID,
    Role.GRID_WORKER: _GRID,
    Role.BUILDING_STEWARD: _DESK | {P.ASK_WRITE, P.COMMITMENT_WRITE, P.LEAD_WRITE, P.ORDER_WRITE},
    Role.AFFAIRS_SUPERVISOR: _DESK | {P.LOOK_READ, P.LEDGER_EXPORT, P.HALL_LOG_READ},
    Role.COUNCIL_MEMBER: frozenset({P.ACCOUNT_USE, P.POLL_CAST, P.VOTE_CAST, P.RECORD_READ}),
    Role.RESIDENT: frozenset({P.ACCOUNT_USE, P.POLL_CAST}),
    Role.STREET_SUPERVISOR: _STREET,
    Role.STREET_ADMIN: _STREET
    | {
        # These two only while nobody else holds the duty: ``people.duties.withheld``.
        P.STREET_ACCOUNT_WRITE,
        P.STREET_AUDIT_READ,
        P.STREET_BOUNDS_WRITE,
        P.STREET_COMMUNITY_WRITE,
        P.STREET_HANDBOOK_WRITE,
        P.STREET_HOLIDAY_WRITE,
        P.STREET_POOL_WRITE,
        P.STREET_LIST_WRITE,
        P.STREET_TEMPLATE_WRITE,
    },
    Role.SECURITY_ADMIN: frozenset({P.ACCOUNT_USE, P.STREET_ACCOUNT_WRITE, P.STREET_LOG_READ}),
    Role.AUDIT_ADMIN: frozenset({P.ACCOUNT_USE, P.STREET_AUDIT_READ, P.STREET_LOG_READ, P.STREET_LOOK_READ}),
}


def holds(roles: frozenset[Role], permission: Permission) -> bool:
    """Whether any of ``roles`` carries ``permission``."""
    return permission in ANYONE or any(permission in HELD.get(role, frozenset()) for role in roles)
