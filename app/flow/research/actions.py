"""Finding out before sitting down: looking, weighing ways and costs, naming who is touched, going from door to door."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import select

from app.errors import Missing, Refused
from app.flow.research import rules
from app.flow.research.evidence import evidence_of
from app.flow.research.models import Canvass, Option, SiteNote, Stakeholder
from app.flow.triage.evidence import evidence_of as triaged
from app.flow.triage.rules import fits
from app.matter.actions import move, record
from app.matter.models import Matter
from app.matter.situation import Stage
from app.people.actor import Actor
from app.people.roles import COMMUNITY_STAFF, Role
from app.words import N_
from tenants.database import db, uuid7
from tenants.scope import current_community

Row = TypeVar("Row", SiteNote, Option, Stakeholder, Canvass)


def start_survey(matter: Matter, *, by: Actor, now: datetime) -> Matter:
    """Begin to look, ask and calculate; needs the question and the list of those it touches."""
    found = triaged(matter) | evidence_of(matter)
    return move(matter, "survey", by=by, now=now, evidence=found, words=N_("开始去看、去问、去算"))


def note_site(matter: Matter, words: str, *, by: Actor, now: datetime, note_id: UUID | None = None) -> SiteNote:
    """Write down what was seen on the spot. ``note_id`` is the form's ``once``."""
    if before := _again(SiteNote, note_id, matter):
        return before
    may_write(by)
    rules.may_note_site(Stage(matter.stage)).or_refuse()
    if not words.strip():
        raise Refused(N_("看见了什么，要写一句。"))
    fits(words, rules.WORDS, N_("现场记录")).or_refuse()
    note = SiteNote(
        id=note_id or uuid7(), matter_id=matter.id, words=words.strip(), by_id=by.id, by_label=by.label, at=now
    )  # fmt: skip
    db.session.add(note)
    record(matter, "site_note", by=by, now=now, words=N_("到现场看过了"))
    return note


def add_option(
    matter: Matter, *, words: str, cost_fen: int, payer: str, by: Actor, now: datetime, cost_approx: bool = False,
    days: str = "", worry: str = "", label: str = "", option_id: UUID | None = None,
) -> Option:  # fmt: skip
    """Add one way to do it; ``label`` is the next free letter unless given."""
    if before := _again(Option, option_id, matter):
        return before
    may_write(by)
    rules.may_find(Stage(matter.stage)).or_refuse()
    rules.good_option(words, cost_fen, payer).or_refuse()
    _short(words=words, payer=payer, days=days, worry=worry)
    used = db.session.scalars(
        select(Option.label).where(Option.community_id == current_community(), Option.matter_id == matter.id)
    ).all()
    if len(used) >= len(rules.LABELS):
        raise Refused(N_("方案太多了，先去掉几个再加。"))
    if label and label in used:
        raise Refused(N_("已经有方案 %(label)s 了，换一个字母。"), label=label)
    option = Option(
        id=option_id or uuid7(), matter_id=matter.id, label=label or rules.next_label(used), words=words.strip(),
        cost_fen=cost_fen, cost_approx=cost_approx, payer=payer.strip(), days=days.strip(), worry=worry.strip(),
        created_at=now,
    )  # fmt: skip
    db.session.add(option)
    record(matter, "option", by=by, now=now, words=N_("有了方案 %(label)s：%(words)s") % {
        "label": option.label, "words": option.words,
    })  # fmt: skip
    return option


def drop_option(option: Option, matter: Matter, *, by: Actor, now: datetime) -> Option:
    """Take an option off the table; it stays readable under its letter."""
    may_write(by)
    if option.matter_id != matter.id:
        raise Missing(N_("没有这个方案。"))
    rules.may_find(Stage(matter.stage)).or_refuse()
    if option.dropped_at is None:
        option.dropped_at = now
        record(matter, "drop_option", by=by, now=now, words=N_("方案 %(label)s 不再议") % {"label": option.label})
    return option


def restore_option(option: Option, matter: Matter, *, by: Actor, now: datetime) -> Option:
    """Put a dropped option back on the table."""
    may_write(by)
    if option.matter_id != matter.id:
        raise Missing(N_("没有这个方案。"))
    rules.may_find(Stage(matter.stage)).or_refuse()
    if option.dropped_at is not None:
        option.dropped_at = None
        record(matter, "restore_option", by=by, now=now, words=N_("方案 %(label)s 接着议") % {"label": option.label})
    return option


def name_stakeholders(
    matter: Matter, names: Iterable[tuple[str, int | None]], *, by: Actor, now: datetime
) -> list[Stakeholder]:
    """Write down whom the matter touches, with the number of households where known; known names are left alone."""
    may_write(by)
    rules.may_find(Stage(matter.stage)).or_refuse()
    known = {who.name: who for who in _ever_named(matter.id)}
    added = []
    for name, households in names:
        name = name.strip()
        fits(name, rules.NAME, N_("名称")).or_refuse()
        _good_number(households)
        before = known.get(name)
        if name and before is None:
            known[name] = Stakeholder(
                matter_id=matter.id, name=name, households=households, position=len(known) + 1, created_at=now
            )
            db.session.add(known[name])
            added.append(known[name])
        elif before is not None and before.removed_at is not None:
            before.removed_at, before.households = None, households
            added.append(before)
    if all(who.removed_at is not None for who in known.values()):
        raise Refused(N_("和谁有关，至少写一行。"))
    if added:
        record(
            matter,
            "stakeholders",
            by=by,
            now=now,
            words=N_("列了和谁有关：%(names)s") % {"names": "、".join(s.name for s in added)},
        )
    return added


def record_canvass(
    matter: Matter, *, question: str, target: int, reached: int, in_favour: int, against: int, tries: int, by: Actor,
    now: datetime, canvass_id: UUID | None = None,
) -> Canvass:  # fmt: skip
    """Keep the figures of a round from door to door (R10). They inform; they never pass anything."""
    if before := _again(Canvass, canvass_id, matter):
        return before
    may_write(by)
    rules.may_find(Stage(matter.stage)).or_refuse()
    rules.good_count(rules.Count(target, reached, in_favour, against, tries)).or_refuse()
    if not question.strip():
        raise Refused(N_("问的是哪一句话，要照原样写上。"))
    fits(question, rules.SHORT, N_("问的话")).or_refuse()
    canvass = Canvass(
        id=canvass_id or uuid7(), matter_id=matter.id, question=question.strip(), target=target, reached=reached,
        in_favour=in_favour, against=against, tries=tries, by_id=by.id, by_label=by.label, at=now,
    )  # fmt: skip
    db.session.add(canvass)
    tell_totals(canvass, matter, by=by, now=now)
    return canvass


def tell_totals(canvass: Canvass, matter: Matter, *, by: Actor, now: datetime) -> None:
    """The line of the timeline; the totals of a handful of households stay inside."""
    words = N_("挨家问了一遍（户数少，不公布数目；只作参考，不算表决）")
    if rules.may_be_told(canvass.reached):
        words = N_(
            "挨家问了一遍：问到 %(reached)s/%(target)s 户，赞成 %(yes)s 户，不赞成 %(no)s 户（只作参考，不算表决）"
        )
        words = words % {
            "reached": canvass.reached, "target": canvass.target, "yes": canvass.in_favour, "no": canvass.against,
        }  # fmt: skip
    record(matter, "canvass", by=by, now=now, words=words)


def change_stakeholder(
    who: Stakeholder, matter: Matter, *, name: str, households: int | None, by: Actor, now: datetime
) -> Stakeholder:
    """Put name or number of households right."""
    may_write(by)
    rules.may_find(Stage(matter.stage)).or_refuse()
    name = name.strip()
    if not name:
        raise Refused(N_("名称要填；不算在内的，点「去掉」。"))
    fits(name, rules.NAME, N_("名称")).or_refuse()
    _good_number(households)
    if any(other.name == name and other.id != who.id for other in _ever_named(matter.id)):
        raise Refused(N_("名单里已经有「%(name)s」了。"), name=name)
    if (who.name, who.households) != (name, households):
        words = N_("名单改了：%(before)s 改成 %(after)s") % {"before": who.name, "after": name}
        who.name, who.households = name, households
        record(matter, "stakeholders", by=by, now=now, words=words, public=False)
    return who


def remove_stakeholder(who: Stakeholder, matter: Matter, *, by: Actor, now: datetime) -> Stakeholder:
    """Take somebody off the list; the last one stays, because a matter that touches nobody is none."""
    may_write(by)
    rules.may_find(Stage(matter.stage)).or_refuse()
    if who.removed_at is not None:
        return who
    if len(stakeholders_of(matter.id)) < 2:
        raise Refused(N_("名单里只剩这一行了，先加上别的再去掉。"))
    who.removed_at = now
    record(
        matter, "stakeholders", by=by, now=now, words=N_("名单里去掉了：%(name)s") % {"name": who.name}, public=False
    )
    return who


def find_stakeholder(matter: Matter, stakeholder_id: UUID) -> Stakeholder:
    """A line of this matter's list; raises ``Missing``."""
    who = next((one for one in stakeholders_of(matter.id) if one.id == stakeholder_id), None)
    if who is None:
        raise Missing(N_("名单里没有这一行。"))
    return who


def stakeholders_of(matter_id: UUID) -> list[Stakeholder]:
    """Whom the matter touches, in the order they were written down."""
    return [who for who in _ever_named(matter_id) if who.removed_at is None]


def _ever_named(matter_id: UUID) -> list[Stakeholder]:
    return list(
        db.session.scalars(
            select(Stakeholder)
            .where(Stakeholder.community_id == current_community(), Stakeholder.matter_id == matter_id)
            .order_by(Stakeholder.position)
        )
    )


def _good_number(households: int | None) -> None:
    if households is not None and not 0 <= households <= rules.MOST_HOUSEHOLDS:
        raise Refused(N_("户数填 0 以上的整数。"))


def may_write(by: Actor) -> None:
    """Findings are written by the community and the grid."""
    if not by.roles & (COMMUNITY_STAFF | {Role.BUILDING_STEWARD, Role.SYSTEM}):
        raise Refused(N_("调查研究由社区和网格的人来记。"))


def _again(table: type[Row], row_id: UUID | None, matter: Matter) -> Row | None:
    """The row an earlier click of the same form made, or None."""
    if row_id is None:
        return None
    found: Any = db.session.scalar(select(table).where(table.community_id == current_community(), table.id == row_id))
    if found is not None and found.matter_id != matter.id:
        raise Missing(N_("没找到这件事。"))
    return found  # type: ignore[no-any-return]


def _short(**texts: str) -> None:
    names = {"words": N_("方案"), "payer": N_("谁出"), "days": N_("多久"), "worry": N_("大家担心")}
    for field, text in texts.items():
        fits(text, rules.SHORT, names[field]).or_refuse()
