"""What the desk's sitting page shows, gathered in a fixed number of statements, and how it answers a refusal."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from flask import request
from flask_babel import gettext as _

from app import clock
from app.errors import Missing, Refused, Verdict
from app.faces.community import sitting_forms as forms
from app.faces.community.floor_forms import FloorForm, fill_people
from app.faces.community.live_key import live_url
from app.faces.community.sitting_before import before_of
from app.faces.look import say
from app.faces.pages import desk
from app.faces.visitor import actor, visitor
from app.flow.decide.casting import MODE_LABELS, Mode
from app.flow.decide.models import Ballot, Stance
from app.flow.decide.queries import ballots_of_sitting, stances_of
from app.flow.decide.rules import STANCE_LABELS
from app.flow.decide.voting import allowed_rules
from app.flow.deliberate import floor_rules, queries, rules
from app.flow.deliberate.agenda import kept_back
from app.flow.deliberate.live import Floor, floor_of, item_now, next_item
from app.flow.deliberate.models import AgendaItem, Attendance, MinutesEntry, ReportLine, Sitting
from app.flow.deliberate.reporting import lines_of
from app.flow.deliberate.rules import KIND_LABELS, SEAT_LABELS, STATE_LABELS, Seat, SittingKind, SittingState
from app.flow.implement.reporting import reported
from app.flow.research.queries import findings_of
from app.matter.house import house
from app.matter.models import Matter
from app.matter.situation import Triage
from app.words import N_
from tenants.database import db, uuid7

OUTCOME_LABELS = {
    "": N_("等着议"),
    "adjourned": N_("人不够，改日再议"),
    "redeliberate": N_("再去了解"),
    "agreed": N_("商定了"),
    "passed": N_("表决通过"),
    "rejected": N_("表决没通过"),
    "left": N_("没议"),
    "polled": N_("交给大家投票"),
    "reported": N_("报告过了"),
    "called_off": N_("会取消了"),
}
VIEW_WORDS = {str(view): text for view, text in floor_rules.VIEW_LABELS.items()}
OUTCOME_TONES = {"agreed": "ok", "passed": "ok", "rejected": "late", "adjourned": "soon", "redeliberate": "info"}


@dataclass
class Table:
    """One sitting whole: everything its pages need, read once."""

    sitting: Sitting
    items: list[tuple[AgendaItem, Matter]]
    register: list[Attendance]
    minutes: list[MinutesEntry] = field(default_factory=list)
    ballots: list[Ballot] = field(default_factory=list)
    reports: Sequence[ReportLine] = ()

    @property
    def here(self) -> queries.Presence:
        return queries.presence_in(self.sitting, self.register)

    def here_for(self, matter: Matter) -> queries.Presence:
        """N and P for one matter, without those recused from it."""
        return queries.presence_in(self.sitting, self.register, matter.id)

    @property
    def state_label(self) -> str:
        return say(STATE_LABELS[SittingState(self.sitting.state)])

    @property
    def kind_label(self) -> str:
        return say(KIND_LABELS[SittingKind(self.sitting.kind)])

    def words_on(self, matter_id: UUID | None) -> list[MinutesEntry]:
        """What was said on one matter."""
        return [entry for entry in self.minutes if entry.matter_id == matter_id]

    def ballot_on(self, matter_id: UUID) -> Ballot | None:
        """The newest ballot of this sitting on one matter."""
        found = [b for b in self.ballots if b.matter_id == matter_id and b.state != "void"]
        return found[-1] if found else None

    def find(self, matter_id: UUID) -> tuple[AgendaItem, Matter]:
        """The agenda item of a matter; raises ``Missing``."""
        for item, matter in self.items:
            if matter.id == matter_id:
                return item, matter
        raise Missing(N_("议程里没有这件事。"))


def enough_words(here: queries.Presence) -> str:
    """「应到 17 人，过半要 9 人，现在到了 11 人，够了」."""
    if not here.decides:
        return _("到了 %(present)s 人，报告会不作决定，不算够不够数", present=here.present)
    values = {"n": here.eligible, "needed": here.condition.values["needed"], "present": here.present}
    if here.quorum is rules.Quorum.HALF:
        counted = _("应到 %(n)s 人，过半要 %(needed)s 人，现在到了 %(present)s 人，", **values)
    else:
        counted = _("应到 %(n)s 人，三分之二要 %(needed)s 人，现在到了 %(present)s 人，", **values)
    if here.condition.met:
        return counted + _("够了")
    return counted + _("还差 %(n)s 人", n=int(str(values["needed"])) - here.present)


def read_table(sitting_id: UUID, *, whole: bool = True) -> Table:
    """The sitting with agenda, register, minutes and ballots (five statements; three without ``whole``)."""
    sitting = queries.find_sitting(sitting_id)
    if sitting is None:
        raise Missing(N_("没有这个会。"))
    table = Table(sitting, queries.agenda_of(sitting_id), queries.register_of(sitting_id))
    if whole:
        table.minutes, table.ballots = queries.minutes_of(sitting_id), ballots_of_sitting(sitting_id)
        table.reports = lines_of(sitting_id) if sitting.kind in rules.TELLING else ()
    return table


def current_matter(table: Table) -> tuple[AgendaItem, Matter] | None:
    """The matter asked for, else the one on the table."""
    wanted = forms.as_uuid(request.values.get("matter"))
    asked = next((pair for pair in table.items if pair[1].id == wanted), None)
    return asked or item_now(table.sitting, table.items)


def show(sitting_id: UUID, status: int = 200, **errors: Any) -> Any:
    """The page of one sitting. ``errors`` are forms that were filled in and refused, under their own names."""
    table = read_table(sitting_id)
    chosen = current_matter(table)
    item, matter = chosen or (None, None)
    ballot = table.ballot_on(matter.id) if matter else None
    stances: list[Stance] = stances_of(ballot.id) if ballot and ballot.mode == "consensus" else []
    findings = findings_of(matter.id) if matter and table.sitting.state == SittingState.OPEN else None
    needs_people = table.sitting.state in (SittingState.PLANNED, SittingState.NOTICED)
    people = queries.hall_people() if needs_people else []
    is_open = table.sitting.state == SittingState.OPEN
    floor = floor_of(sitting_id) if is_open else Floor()
    on_table = item_now(table.sitting, table.items) if is_open else None
    page = desk(
        "desk/sittings_one.html", "council", table=table, sitting=table.sitting, item=item, matter=matter,
        ballot=ballot, stances=stances, findings=findings, enough=enough_words(table.here),
        people=people,
        before=before_of(table.sitting, table.items, table.register) if needs_people else None,
        notice=_notice(table), lacks=_lacks(table), f=_forms(table, item, matter, people, errors),
        outcomes=OUTCOME_LABELS, tones=OUTCOME_TONES,
        modes={str(mode): say(text) for mode, text in MODE_LABELS.items()}, Mode=Mode,
        seats={str(k): say(v) for k, v in SEAT_LABELS.items()},
        stance_labels={str(k): say(v) for k, v in STANCE_LABELS.items()},
        here_for=table.here_for(matter) if matter else None,
        enough_for=enough_words(table.here_for(matter)) if matter else "",
        floor=floor, names={line.id: line for line in table.register}, views=VIEW_WORDS,
        on_table=on_table[1] if on_table else None, upcoming=next_item(table.sitting, table.items) if is_open else None,
        left=floor_rules.remaining(floor.turn.began_at, clock.now()) if floor.turn else 0, seconds=floor_rules.SECONDS,
        report=_report(table.sitting),
        live_url=live_url(sitting_id, "desk") if is_open else "", clock_now=int(clock.now().timestamp() * 1000),
    )  # fmt: skip
    return page, status


def _report(sitting: Sitting) -> list[tuple[Matter, list[Any]]]:
    """The promises of a report-back sitting by matter; nothing for any other kind."""
    if sitting.kind not in rules.TELLING:
        return []
    found: dict[UUID, tuple[Matter, list[Any]]] = {}
    for one in reported(sitting, clock.today()):
        found.setdefault(one.matter.id, (one.matter, []))[1].append(one)
    return list(found.values())


def _notice(table: Table) -> Any:
    if table.sitting.state != SittingState.PLANNED:
        return None
    triages = [Triage(matter.triage) if matter.triage else None for _, matter in table.items]
    days = rules.notice_days(SittingKind(table.sitting.kind), triages, house().settings.get("notice_days"))
    return rules.may_notice(days, clock.now(), table.sitting.starts_at)


def _lacks(table: Table) -> list[tuple[Matter, Verdict]]:
    """What keeps a planned sitting from being announced, matter by matter."""
    planned = table.sitting.state == SittingState.PLANNED
    return kept_back([matter for _, matter in table.items], by=actor()) if planned else []


def _forms(table: Table, item: Any, matter: Any, people: Any, errors: dict[str, Any]) -> dict[str, Any]:
    """One fresh form each, or the refused one with what was typed."""
    fresh: dict[str, Callable[[], Any]] = {
        "postpone": lambda: forms.PostponeForm(formdata=None),
        "opening": lambda: _with_me_writing(fill_opening(forms.OpenForm(formdata=None), people)),
        "words": lambda: forms.WordsForm(formdata=None, once=str(uuid7()), version="0"),
        "floor": lambda: FloorForm(formdata=None),
        "options": lambda: forms.OptionsForm(formdata=None, words=_put_words(item)),
        "vote": lambda: forms.VoteForm(
            formdata=None, once=str(uuid7()), question=matter.question if matter else "", rule=str(allowed_rules()[0])
        ).fill(),
        "names": lambda: forms.NamesForm(
            formdata=None, once=str(uuid7()),
            names="\n".join(line.name for line in table.register if line.counts and line.state == "present"),
        ),
        "settle": lambda: forms.SettleForm(formdata=None),
        "reason": lambda: forms.ReasonForm(formdata=None),
        "conclusion": lambda: forms.ConclusionForm(formdata=None),
        "line": lambda: None,
    }  # fmt: skip
    made = {name: errors.get(name) or make() for name, make in fresh.items()}
    fill_people(made["floor"], [line for line in table.register if line.state == Seat.PRESENT])
    return made


def _with_me_writing(form: Any) -> Any:
    """Whoever opens the sitting at the desk is usually the one who types."""
    me = visitor()
    if me is not None and form.recorder.offers(str(me.id)):
        form.recorder.data = str(me.id)
    return form


def fill_opening(form: Any, accounts: Any = None) -> Any:
    """Chair and recorder are chosen from the hall's own accounts."""
    accounts = queries.hall_people() if accounts is None else accounts
    forms.people(form.chair, accounts)
    forms.people(form.recorder, accounts)
    return form


def _put_words(item: Any) -> str:
    if item is not None and item.options:
        return "\n".join(f"{o['label']} {o['words']}".strip() for o in item.options)
    return ""


def attempt(sitting_id: UUID, name: str, form: Any, act: Callable[[], Any]) -> Any | None:
    """Validate and act; None when it worked, otherwise the sitting's page again with the reason at its form (422)."""
    complaint = ""
    if form.validate():
        try:
            act()
        except Refused as refused:
            complaint = say(refused.reason, refused.values)
        else:
            return None
    # Whatever the refused act had begun must not be committed with the page that explains it.
    db.session.rollback()
    if complaint:
        form.form_errors = [*form.form_errors, complaint]
    return show(sitting_id, 422, **{name: form})
