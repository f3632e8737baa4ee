"""At the table: the register, opening, words, options as put, and how a sitting ends."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from app.errors import Missing, NotAllowed, Refused
from app.flow.deliberate import rules
from app.flow.deliberate.evidence import gathered
from app.flow.deliberate.models import AgendaItem, Attendance, MinutesEntry, Sitting
from app.flow.deliberate.planning import as_convener, fix_base, hold, staff_may_type
from app.flow.deliberate.queries import agenda_of, current_item, presence
from app.flow.deliberate.rules import Seat, SittingState
from app.flow.research.models import Option
from app.matter.actions import move, record
from app.matter.models import Matter
from app.matter.situation import Stage
from app.people.actor import Actor
from app.people.models import Account
from app.people.roles import COMMUNITY_STAFF, Role
from app.words import N_
from tenants.database import db, uuid7
from tenants.scope import current_community

LONGEST_WORDS = 5_000


def account_id_of(who: Any) -> UUID:
    """The id of an account, an actor, or the id itself."""
    return who if isinstance(who, UUID) else who.id  # type: ignore[no-any-return]


def account_name(account_id: UUID) -> str:
    """The display name of one of the hall's accounts; raises ``Missing``."""
    name = db.session.scalar(
        select(Account.display_name).where(Account.community_id == current_community(), Account.id == account_id)
    )
    if name is None:
        raise Missing(N_("没有这个账号。"))
    return name


def in_the_chair(sitting: Sitting, by: Actor) -> Actor:
    """The chair, the recorder beside them, or the office that types what the chair announces; raises ``NotAllowed``."""
    on_duty = by.id is not None and by.id in (sitting.chair_id, sitting.recorder_id)
    if on_duty or staff_may_type(by) or (by.roles & COMMUNITY_STAFF and sitting.kind not in rules.ANNOUNCED):
        return by.as_capacity(Role.CHAIR)
    raise NotAllowed(N_("这一步要主持人来，或者由记录人、社区工作者代记。"))


def register(sitting: Sitting, attendance_id: UUID, state: str, *, by: Actor, now: datetime) -> Attendance:
    """Mark one line of the register."""
    return register_many(sitting, {attendance_id: state}, by=by, now=now)[0]


def register_many(sitting: Sitting, states: Mapping[UUID, str], *, by: Actor, now: datetime) -> list[Attendance]:
    """Mark the whole register at once; a line of another sitting raises ``Missing`` and nothing is changed."""
    sitting = hold(sitting)
    lines = db.session.scalars(
        select(Attendance).where(
            Attendance.community_id == current_community(), Attendance.sitting_id == sitting.id,
            Attendance.id.in_(list(states)),
        )
    ).all()  # fmt: skip
    if len(lines) != len(states):
        raise Missing(N_("到会名单上没有这个人。"))
    for line in lines:
        new = Seat(states[line.id])
        if new == line.state:
            continue
        rules.may_mark(SittingState(sitting.state), Seat(line.state), new).or_refuse()
        _mark(line, new, now)
    db.session.flush()
    return list(lines)


def _mark(line: Attendance, new: Seat, now: datetime) -> None:
    if new is Seat.PRESENT:
        line.arrived_at, line.left_at = line.arrived_at or now, None
    elif new is Seat.LEFT:
        line.left_at = now
    else:
        line.arrived_at = line.left_at = None
    line.state = str(new)


def recuse(sitting: Sitting, attendance_id: UUID, matter: Matter, *, by: Actor, now: datetime) -> Attendance:
    """A party to the matter speaks, then leaves, and drops out of N and P for it; the log keeps that it happened."""
    sitting = hold(sitting)
    by = in_the_chair(sitting, by)
    line = db.session.scalar(
        select(Attendance).where(
            Attendance.community_id == current_community(), Attendance.sitting_id == sitting.id,
            Attendance.id == attendance_id,
        )
    )  # fmt: skip
    if line is None or not any(found.id == matter.id for _, found in agenda_of(sitting.id)):
        raise Missing(N_("到会名单或议程里没有。"))
    if matter.stage not in (Stage.SCHEDULED, Stage.DELIBERATING, Stage.ACCEPTED):
        raise Refused(N_("已经开始表决，不能再回避。"))
    if line.recused_matter_id and line.recused_matter_id != matter.id:
        raise Refused(N_("%(name)s 这次会已经为另一件事回避了，请登记成列席再议这件。"), name=line.name)
    if line.recused_matter_id is None:
        line.recused_matter_id = matter.id
        record(matter, "recuse", by=by, now=now, words="有一位和这件事有关，说完意见后回避，不参加表决。")
    db.session.flush()
    return line


def open_sitting(sitting: Sitting, *, chair: Any, recorder: Any, by: Actor, now: datetime) -> Sitting:
    """Open the sitting: count the register by its rule and let each matter on the agenda be talked over.

    ``chair`` and ``recorder`` are accounts of the hall (or their ids). Without a quorum people may still talk (恳谈)
    and minutes are kept; nothing can be decided, and closing sends the matters back for a new notice.
    """
    sitting = hold(sitting)
    rules.may_open(SittingState(sitting.state), now, sitting.starts_at).or_refuse()
    sitting.chair_id, sitting.recorder_id = account_id_of(chair), account_id_of(recorder)
    sitting.chair_label, sitting.recorder_label = account_name(sitting.chair_id), account_name(sitting.recorder_id)
    if not sitting.base:
        fix_base(sitting, now)
        db.session.flush()
    here = presence(sitting)
    if here.present == 0:
        raise Refused(N_("到会登记还是空的，先登记谁到了。"))
    sitting.state, sitting.opened_at = str(SittingState.OPEN), now
    sitting.present_at_opening, sitting.quorate = here.present, here.condition.met
    db.session.flush()
    opener = in_the_chair(sitting, by) if by.id == sitting.chair_id else as_convener(by)
    for _, matter in agenda_of(sitting.id):
        if matter.stage in (Stage.SCHEDULED, Stage.ACCEPTED):
            _begin(sitting, matter, opener, now)
    return sitting


def _begin(sitting: Sitting, matter: Matter, opener: Actor, now: datetime) -> None:
    here = presence(sitting, matter.id)
    condition = here.condition
    counted = condition.reason % condition.values
    verdict = "够了。" if condition.met else "不够数，先恳谈，不作决定。"
    move(
        matter, "open_sitting", by=opener, now=now, evidence=gathered(matter), words=f"{counted}，{verdict}",
        data={"sitting": str(sitting.id), "eligible": here.eligible, "present": here.present},
        # A small matter sits down straight from triage; the question it is asked by then is its own title.
        question=matter.question or matter.title,
    )  # fmt: skip


def speak(
    sitting: Sitting, matter_id: UUID | None, speaker: str, words: str, *, by: Actor, now: datetime,
    id: UUID | None = None,
) -> MinutesEntry:  # fmt: skip
    """Write down what one speaker said. ``id`` makes a double click harmless."""
    if id is not None and (found := db.session.get(MinutesEntry, (current_community(), id))):
        return found
    sitting = _writable(hold(sitting))
    if matter_id is not None and all(matter.id != matter_id for _, matter in agenda_of(sitting.id)):
        raise Missing(N_("议程里没有这件事。"))
    last = db.session.scalar(
        select(func.max(MinutesEntry.position)).where(
            MinutesEntry.community_id == current_community(), MinutesEntry.sitting_id == sitting.id
        )
    )
    entry = MinutesEntry(
        id=id or uuid7(), sitting_id=sitting.id, matter_id=matter_id, position=(last or 0) + 1, at=now,
        speaker=_said(speaker, 40, N_("谁说的要写上，40 个字以内。")),
        words=_said(words, LONGEST_WORDS, N_("说了什么要写上，5000 个字以内。")),
    )  # fmt: skip
    db.session.add(entry)
    db.session.flush()
    return entry


def edit_words(entry_id: UUID, speaker: str, words: str, *, by: Actor, now: datetime) -> MinutesEntry:
    """Correct an entry until the minutes are signed off."""
    entry = db.session.scalar(
        select(MinutesEntry).where(MinutesEntry.community_id == current_community(), MinutesEntry.id == entry_id)
    )
    if entry is None:
        raise Missing(N_("没有这条记录。"))
    sitting = db.session.get(Sitting, (current_community(), entry.sitting_id))
    _writable(hold(sitting))  # type: ignore[arg-type]
    entry.speaker = _said(speaker, 40, N_("谁说的要写上，40 个字以内。"))
    entry.words = _said(words, LONGEST_WORDS, N_("说了什么要写上，5000 个字以内。"))
    db.session.flush()
    return entry


def _writable(sitting: Sitting) -> Sitting:
    if sitting.state not in (SittingState.OPEN, SittingState.CLOSED):
        raise Refused(N_("会还没开，没有什么可记的。"))
    if sitting.minutes_done_at:
        raise Refused(N_("会议记录已经定稿，不能再改。"))
    return sitting


def _said(text: str, most: int, complaint: str) -> str:
    found = text.strip()
    if not found or len(found) > most:
        raise Refused(complaint)
    return found


def finish_minutes(sitting: Sitting, *, by: Actor, now: datetime) -> Sitting:
    """Sign the minutes off; from here on they are a record."""
    sitting = hold(sitting)
    if sitting.state != SittingState.CLOSED:
        raise Refused(N_("散会以后才能定稿。"))
    sitting.minutes_done_at = sitting.minutes_done_at or now
    db.session.flush()
    return sitting


def put_options(
    sitting: Sitting,
    matter: Matter,
    options: Sequence[Option] | Iterable[str] | None = None,
    *,
    by: Actor,
    now: datetime,
) -> AgendaItem:
    """Read the options out and keep them as put, word for word: found options of the matter, or plain sentences.

    ``None`` puts every option that was found out and not dropped. A vote is taken on this text alone.
    """
    sitting = hold(sitting)
    by = in_the_chair(sitting, by)
    item = item_on_table(sitting, matter)
    chosen = list(options) if options is not None else _found_options(matter)
    put = [_as_put(one) for one in chosen]
    if not put:
        raise Refused(N_("还没有方案，先写一句大家要议的办法。"))
    item.options = put
    db.session.flush()
    return item


def _found_options(matter: Matter) -> list[Option]:
    return list(
        db.session.scalars(
            select(Option)
            .where(
                Option.community_id == current_community(), Option.matter_id == matter.id, Option.dropped_at.is_(None)
            )
            .order_by(Option.label)
        )
    )


def _as_put(one: Option | str) -> dict[str, Any]:
    if isinstance(one, str):
        words = _said(one, LONGEST_WORDS, N_("方案要写上，5000 个字以内。"))
        return {"label": "", "words": words, "cost_fen": None, "cost_approx": False, "payer": ""}
    return {
        "label": one.label, "words": one.words, "cost_fen": one.cost_fen, "cost_approx": one.cost_approx,
        "payer": one.payer,
    }  # fmt: skip


def item_on_table(sitting: Sitting, matter: Matter) -> AgendaItem:
    """The agenda item of a matter that is being talked over in this open sitting; raises ``Refused`` otherwise."""
    found = current_item(matter.id)
    if found is None or found[1].id != sitting.id:
        raise Missing(N_("议程里没有这件事。"))
    if sitting.state != SittingState.OPEN:
        raise Refused(N_("会没在开，这一步要在会上做。"))
    return found[0]


def redeliberate(matter: Matter, reason: str, *, by: Actor, now: datetime) -> Matter:
    """Send the matter back to be looked into; its next sitting starts with a fresh notice."""
    found = current_item(matter.id)
    if found is None:
        raise Missing(N_("议程里没有这件事。"))
    item, sitting = found
    by = in_the_chair(hold(sitting), by)
    move(matter, "redeliberate", by=by, now=now, evidence=gathered(matter), reason=reason, round=matter.round + 1)
    item.outcome = "redeliberate"
    return matter


def adjourn(sitting: Sitting, matter: Matter, reason: str, *, by: Actor, now: datetime) -> Matter:
    """Not enough people: the talk is kept, nothing is decided, and the matter waits for a new notice."""
    sitting = hold(sitting)
    by = in_the_chair(sitting, by)
    item = item_on_table(sitting, matter)
    move(
        matter, "adjourn", by=by, now=now, evidence=gathered(matter), reason=reason or "到会人数不够，改成恳谈",
        words="到会人数不够，这次只谈不定，另行公告再开。",
    )  # fmt: skip
    item.outcome = "adjourned"
    return matter


def close_sitting(sitting: Sitting, conclusion: str = "", *, by: Actor, now: datetime) -> Sitting:
    """End the sitting. Each matter has its outcome by then; without a quorum the talk is kept and all go back.

    Raises ``Refused`` naming the first matter that is still open on the table.
    """
    sitting = hold(sitting)
    by = in_the_chair(sitting, by)
    if sitting.state != SittingState.OPEN:
        raise Refused(N_("会没在开，不用散会。"))
    for item, matter in agenda_of(sitting.id):
        if matter.stage == Stage.VOTING and item.outcome == "":
            raise Refused(N_("「%(title)s」还在表决，先计票再散会。"), title=matter.title)
        if matter.stage == Stage.DELIBERATING and item.outcome == "":
            if presence(sitting, matter.id).condition.met:
                raise Refused(
                    N_("「%(title)s」还没个说法：表决、商定，或者再去了解了解，选一样再散会。"), title=matter.title
                )
            adjourn(sitting, matter, "", by=by, now=now)
        elif item.outcome == "":
            item.outcome = "left"
    sitting.state, sitting.closed_at = str(SittingState.CLOSED), now
    sitting.conclusion = conclusion.strip()
    db.session.flush()
    return sitting
