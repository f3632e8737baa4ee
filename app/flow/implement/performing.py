"""Looking after a mediation agreement: each term is checked, and a dispute that failed ends its matter.

Source: People's Mediation Act sections 26 and 31. The words stay with the parties' file; the promise that keeps a
term's clock is only told that it was performed.
"""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from app.errors import Missing
from app.flow.implement import exits, queries, working
from app.flow.resolve import mediating
from app.flow.resolve import mediation_rules as rules
from app.flow.resolve.mediation_models import AgreementTerm, Mediation
from app.flow.resolve.mediation_queries import Whole
from app.flow.resolve.mediation_terms import mark_done, term_to_check
from app.matter.situation import Stage
from app.matter.workdays import local_day
from app.people.actor import Actor
from app.people.roles import Role
from app.words import N_
from tenants.database import db

PERFORMED = "调解员核对过，已履行"


def check_term(found: Whole, term_id: UUID, *, on: date, words: str, by: Actor, now: datetime) -> AgreementTerm:
    """One term was performed on a day; with the last one the matter is handed over to be looked at.

    :raises Missing: when the agreement in force has no such term.
    """
    row = term_to_check(found.mediation.id, term_id)
    if row is None:
        raise Missing(N_("没有这一条。"))
    term, agreement, promise = row
    rules.may_work(by.roles, "open").or_refuse()
    rules.may_check(term.done_on, on, agreement.signed_on, local_day(now), words).or_refuse()
    mark_done(promise.id, words, by=by, now=now, day=on)
    working.finish(promise, evidence=PERFORMED, by=by, now=now)
    db.session.refresh(term)
    matter = found.matter
    is_done = all(one.state != "open" for one in queries.commitments_of(matter))
    if is_done and Stage(matter.stage) is Stage.IMPLEMENTING:
        working.hand_over(matter, by=by, now=now)
    return term


def end_mediation(
    found: Whole, *, way: str, reason: str, told: bool, closes: bool, by: Actor, now: datetime
) -> Mediation:  # fmt: skip
    """It failed or was given up. With ``closes`` the secretary ends the matter too; otherwise it stays where it is."""
    mediation = mediating.end(found, way=way, reason=reason, told=told, by=by, now=now)
    if closes and Role.SECRETARY in by.roles:
        cause = N_("调解没有谈成") if way == "failed" else N_("当事人不再调解")
        exits.terminate(found.matter, cause=cause, notice=cause + "。", other_routes=rules.ROUTES, by=by, now=now)
    return mediation
