"""What the rooms wrote about a matter, for its line of the ledger: a small subquery each, all in one statement."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import JSON, ScalarSelect, and_, func, select
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import aliased

from app.flow.collect.models import Proposal
from app.flow.decide.models import Ballot
from app.flow.deliberate.models import AgendaItem, Sitting
from app.flow.evaluate.models import Evaluation, ReturnVisit
from app.flow.implement.models import ProgressNote
from app.flow.implement.order_models import OrderEvent, SupervisionOrder
from app.flow.resolve.models import Commitment, Posting, Resolution
from app.matter.models import Matter
from app.people.models import Person

#: The promises of one matter that a line of the ledger shows.
PROMISES = 12


def _json(**values: Any) -> Any:
    pairs = [part for name, value in values.items() for part in (name, value)]
    return func.json_build_object(*pairs, type_=JSON)


def _of(table: Any) -> Any:
    return and_(table.community_id == Matter.community_id, table.matter_id == Matter.id)


def said() -> ScalarSelect[Any]:
    """Who said it first, and who typed it. A name leaves this module only masked."""
    return (
        select(_json(
            name=Person.name, title=Person.title, organisation=Proposal.organisation, entered=Proposal.entered_label,
        ))
        .select_from(Proposal)
        .outerjoin(Person, and_(Person.community_id == Proposal.community_id, Person.id == Proposal.person_id))
        .where(_of(Proposal)).order_by(Proposal.said_at, Proposal.id).limit(1).scalar_subquery()
    )  # fmt: skip


def sitting() -> ScalarSelect[Any]:
    """The newest table the matter lay on: day, place, how many should and how many did come."""
    return (
        select(_json(
            at=Sitting.starts_at, place=Sitting.place, base=Sitting.base, present=Sitting.present_at_opening,
        ))
        .select_from(AgendaItem)
        .join(Sitting, and_(Sitting.community_id == AgendaItem.community_id, Sitting.id == AgendaItem.sitting_id))
        .where(
            _of(AgendaItem), AgendaItem.outcome.not_in(("called_off", "taken_off")),
            Sitting.state.in_(("noticed", "open", "closed")),
        )
        .order_by(Sitting.starts_at.desc()).limit(1).scalar_subquery()
    )  # fmt: skip


def vote() -> ScalarSelect[Any]:
    """The newest question that was counted."""
    return (
        select(_json(
            mode=Ballot.mode, yes=Ballot.yes, no=Ballot.no, abstain=Ballot.abstain, outcome=Ballot.outcome,
            passed=Ballot.passed, options=Ballot.options, winner=Ballot.winner,
        ))
        .where(_of(Ballot), Ballot.state == "closed")
        .order_by(Ballot.closed_at.desc(), Ballot.position).limit(1).scalar_subquery()
    )  # fmt: skip


def table_outcome() -> ScalarSelect[Any]:
    """What the newest table said of it, where it said anything."""
    return (
        select(AgendaItem.outcome)
        .select_from(AgendaItem)
        .join(Sitting, and_(Sitting.community_id == AgendaItem.community_id, Sitting.id == AgendaItem.sitting_id))
        .where(_of(AgendaItem), AgendaItem.outcome.not_in(("", "called_off", "taken_off")))
        .order_by(Sitting.starts_at.desc()).limit(1).scalar_subquery()
    )  # fmt: skip


def resolution() -> ScalarSelect[Any]:
    """The number of the resolution in force."""
    return select(Resolution.number).where(_of(Resolution), Resolution.replaced_at.is_(None)).scalar_subquery()


def promises() -> ScalarSelect[Any]:
    """What was promised, by whom, until when, and how much of it is done."""
    listed = (
        select(Commitment)
        .where(_of(Commitment), Commitment.state != "dropped")
        .order_by(Commitment.position).limit(PROMISES).correlate(Matter).subquery()
    )  # fmt: skip
    one = _json(
        what=listed.c.what, who=listed.c.who, due=listed.c.due, state=listed.c.state, done=listed.c.done_count,
        target=listed.c.target, unit=listed.c.unit,
    )  # fmt: skip
    return select(func.json_agg(aggregate_order_by(one, listed.c.position), type_=JSON)).scalar_subquery()


def progress() -> ScalarSelect[Any]:
    """The newest line of progress."""
    return (
        select(_json(words=ProgressNote.words, at=ProgressNote.at))
        .where(_of(ProgressNote)).order_by(ProgressNote.at.desc()).limit(1).scalar_subquery()
    )  # fmt: skip


def orders() -> ScalarSelect[Any]:
    """How often it was urged by an order; one that was declared void does not count."""
    void = select(OrderEvent.id).where(
        OrderEvent.community_id == SupervisionOrder.community_id, OrderEvent.order_id == SupervisionOrder.id,
        OrderEvent.kind == "void",
    )  # fmt: skip
    return select(func.count()).where(_of(SupervisionOrder), ~void.exists()).scalar_subquery()


def posting() -> ScalarSelect[Any]:
    """From when to when it hung on the board."""
    return (
        select(_json(starts=Posting.starts, ends=Posting.ends))
        .where(_of(Posting), Posting.state != "withdrawn")
        .order_by(Posting.posted_at.desc()).limit(1).scalar_subquery()
    )  # fmt: skip


def visited() -> ScalarSelect[Any]:
    """When somebody last went back and asked."""
    return select(func.max(ReturnVisit.at)).where(_of(ReturnVisit)).scalar_subquery()


def evaluation() -> ScalarSelect[Any]:
    """The hall's own judgement of the effect, the newest round's."""
    return select(Evaluation.words).where(_of(Evaluation)).order_by(Evaluation.round.desc()).limit(1).scalar_subquery()


def merged() -> ScalarSelect[Any]:
    """The number of the matter it was merged into."""
    target = aliased(Matter)
    return (
        select(target.number)
        .where(target.community_id == Matter.community_id, target.id == Matter.merged_into_id)
        .scalar_subquery()
    )


#: Fact of :class:`~app.records.ledger_columns.Column` → the parts of the statement it needs.
FACTS: dict[str, dict[str, Callable[[], ScalarSelect[Any]]]] = {
    "said": {"said": said},
    "sitting": {"sitting": sitting},
    "result": {"vote": vote, "table_outcome": table_outcome},
    "resolution": {"resolution": resolution},
    "promises": {"promises": promises},
    "progress": {"progress": progress},
    "orders": {"orders": orders},
    "posting": {"posting": posting},
    "visited": {"visited": visited},
    "evaluation": {"evaluation": evaluation},
    "merged": {"merged": merged},
}
