"""Doors of the hall: the list of public matters, and one matter as its proposer, its follower or anybody sees it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import request
from flask_babel import gettext as _

from app import clock
from app.errors import Missing
from app.faces.community import parts
from app.faces.community.inputs import page_number
from app.faces.community.parts.assets import told as assets_told
from app.faces.community.parts.joint import told as joint_told
from app.faces.community.parts.mediation import load_own
from app.faces.community.parts.orders import told as orders_told
from app.faces.community.sight import follows, said_by_me, viewer_of
from app.faces.community.voices import load_voices
from app.faces.doors import Door
from app.faces.pages import page
from app.faces.phrasing import aside, clauses, quoted
from app.flow.collect import queries, rules
from app.flow.collect.public_lists import GROUPS, public_page
from app.flow.collect.queries import is_told, sensitivity_of
from app.flow.implement.queries import AFTER, BEFORE
from app.flow.triage.effective import lists
from app.flow.triage.review import refusal_of
from app.matter.actions import label_of_move
from app.matter.house import house
from app.matter.lights import Light, light
from app.matter.models import Attachment, Matter, TimelineEntry
from app.matter.sight import Part, Viewer, may_see
from app.matter.situation import END_STAGES, LABELS, Kind, Stage, Track
from app.matter.stages import public_step
from app.matter.workdays import Calendar
from app.people.permissions import Permission
from app.words import N_
from tenants.hosts import site_url

GROUP_LABELS = {
    "": N_("全部"), "talking": N_("正在议"), "doing": N_("正在办"), "done": N_("办成的"), "ended": N_("别的去处"),
}  # fmt: skip
#: What happens next, said to the one who waits. Where a matter rests there is nothing to say.
NEXT: dict[Stage, str] = {
    Stage.COLLECTED: N_("社区先看一看，能当场答复的当场答复。"),
    Stage.SUBMITTED: N_("社区来看这件事归不归这儿办，看完告诉您。"),
    Stage.NEEDS_INFO: N_("等提出人补充，补上就接着办。"),
    Stage.ACCEPTED: N_("定一定怎么商量：坐下来议，还是立成议题。"),
    Stage.TOPIC_CONFIRMED: N_("去现场看，问一问有关的人。"),
    Stage.SURVEYING: N_("把方案和花费摆出来，定开会的日子。"),
    Stage.SCHEDULED: N_("到日子开会，路过也能坐下听。"),
    Stage.DELIBERATING: N_("商量好了就定下来，定不下来就表决。"),
    Stage.VOTING: N_("计票，宣布结果。"),
    Stage.NOT_PASSED: N_("有新情况可以再议一次。"),
    Stage.DECIDED: N_("写成决议，贴出来公示。"),
    Stage.RATIFYING: N_("等大会来定。"),
    Stage.PUBLICIZED: N_("公示期里都可以提意见，期满就去办。"),
    Stage.IMPLEMENTING: N_("一项一项办，办完请人来看。"),
    Stage.SUSPENDED: N_("等外面的原因过去，接着办。"),
    Stage.VERIFYING: N_("网格员和一位居民一起去看办得怎样。"),
    Stage.REVIEWING: N_("请大家评一评办得好不好。"),
    Stage.NOT_ACCEPTED: N_("不服可以请街道再看一次。"),
}
LINES = 60
#: As much of a search as anybody types.
WORDS = 60
#: Once something is decided the page tells the result; until then, what is on the table.
DECIDED = frozenset(
    {Stage.DECIDED, Stage.RATIFYING, Stage.PUBLICIZED, Stage.IMPLEMENTING, Stage.SUSPENDED, Stage.VERIFYING,
     Stage.REVIEWING, Stage.CLOSED, Stage.ARCHIVED, Stage.TERMINATED}
)  # fmt: skip
WAY = ("research", "sitting")
RESULT = ("resolution", "tasks", "review")
#: Before a larger body has decided there is nothing to carry out yet, but there is a vote to be seen.
BEFORE_A_LARGER_BODY = ("resolution", "sitting")
#: Shown with their own task, before and after side by side.
OF_TASKS = (BEFORE, AFTER)
TALK = ("research", "sitting", "talent", "escalation")
MONEY = ("money",)


def matters() -> Any:
    """Twenty to a page, the newest first, by where they stand."""
    group = request.args.get("stage", "")
    return _list(group if group in GROUPS else "", "now" if group != "done" else "done")


def done() -> Any:
    """What got done."""
    return _list("done", "done")


def public_matter(matter_id: UUID) -> str:
    """One matter. Who is not meant to read it sees its number and how far it is."""
    said = queries.everything_said(matter_id)
    if said is None:
        raise Missing(_("没有这件事。"))
    matter, own, followed = said.matter, said_by_me(said.matter, said.proposals), follows(matter_id)
    viewer = viewer_of(matter, own)
    told = _open_facts(matter, viewer) or own
    shut = matter.hidden_at is not None and not told
    content = bool(may_see(Part.WORDS, viewer, sensitivity_of(matter)))
    tab = _chosen_tab(matter) if told else "story"
    lines = _lines(matter, viewer) if tab == "story" and (told or (followed and not shut)) else []
    photos = [one for one in said.photos if one.about not in OF_TASKS and (content or (told and one.public))]
    pair = _before_after(photos, lines) if told else ()
    return page(
        "hall/matter.html", matter=matter, glimpse=glimpse(matter, lines, clock.now(), house().calendar),
        told=told, own=own, staff=viewer.is_staff, followed=followed, tab=tab, tabs=_tabs(matter, tab) if told else [],
        log=[_line(entry, own or followed or viewer.is_staff) for entry in lines], dates=_dates(lines),
        proposals=said.proposals if content else [], proposer=_proposer(matter, said.proposals),
        sees_signers=own and matter.kind == Kind.JOINT,
        pair=pair, photos=[photo for photo in photos if photo not in pair],
        where=_where(matter), category=rules.CATEGORIES.get(matter.category, ""),
        next_words=_next_words(matter), owes=matter.stage == "needs_info" or matter.lapsed,
        asked=next((line.reason for line in lines if line.verb == "ask_for_more"), ""),
        parts=_parts(matter, tab, lines, own) if told else [], shut=shut, across=joint_told(lines) if told else "",
        voices=load_voices(matter) if is_told(matter) and tab == "story" else None,
        **_refusal(matter, own or followed or viewer.is_handler),
    )  # fmt: skip


def _next_words(matter: Matter) -> str:
    if matter.stage == Stage.NOT_ACCEPTED and matter.review_asked:
        return N_("街道看过以后，意见写在这儿。") if matter.due_at else ""
    return NEXT.get(Stage(matter.stage), "")


def _refusal(matter: Matter, may_read: bool) -> dict[str, Any]:
    """Why the matter was not taken on and where to go instead, for its own people and its handlers."""
    if matter.stage != Stage.NOT_ACCEPTED or not may_read:
        return {}
    found = refusal_of(matter.id)
    item = lists().negative.get(found.screening.code) if found else None
    return {"refusal": found, "refusal_item": item.code + quoted(_(item.label)) if item else ""}


def glimpse(matter: Matter, lines: Iterable[TimelineEntry], now: datetime, calendar: Calendar) -> dict[str, Any]:
    """A matter as a card: number, title where it is public, step, stage, light and its newest lines."""
    stage = Stage(matter.stage)
    lines = list(lines)
    return {
        "id": matter.id,
        "number": matter.number,
        "title": matter.title if is_told(matter) else "",
        "hidden": matter.hidden_at is not None,
        "step": public_step(stage, _came_from(matter, lines)).number,
        "stage": LABELS[stage],
        "finished": stage in (Stage.CLOSED, Stage.ARCHIVED),
        "rates": stage is Stage.REVIEWING and is_told(matter),
        "light": light_of(matter, now, calendar),
        "lines": [(line.at, line.words) for line in lines if line.words][:3],
    }


def glimpses(
    rows: Iterable[tuple[Matter, list[TimelineEntry]]], now: datetime, calendar: Calendar
) -> list[dict[str, Any]]:
    """Several matters as cards."""
    return [glimpse(matter, lines, now, calendar) for matter, lines in rows]


def light_of(matter: Matter, now: datetime, calendar: Calendar) -> Light | None:
    """The light of a matter that still runs; None where it has come to rest or has no clock."""
    stage = Stage(matter.stage)
    if stage in END_STAGES or stage is Stage.CLOSED:
        return None
    if matter.due_at is None and stage is not Stage.SUSPENDED:
        return None
    return light(matter.stage_since, matter.due_at, now, calendar, suspended=stage is Stage.SUSPENDED)


def _list(group: str, current: str) -> str:
    words = " ".join(request.args.get("q", "").split())[:WORDS]
    found = public_page(group, page_number(), words)
    calendar, now = house().calendar, clock.now()

    def url_of(number: int) -> str:
        return site_url("community.matters", stage=group or None, q=words or None, page=number)

    return page(
        "hall/matters.html", current=current, group=group, groups=GROUP_LABELS, found=found, url_of=url_of, words=words,
        matters=[glimpse(matter, [], now, calendar) for matter in found.rows],
    )  # fmt: skip


def _open_facts(matter: Matter, viewer: Viewer) -> bool:
    """Title, light, resolution and posting; before the hall took the matter up only its people read them (先审后发)."""
    if not may_see(Part.OPEN_FACTS, viewer, sensitivity_of(matter)):
        return False
    return matter.accepted_at is not None or viewer.is_own or viewer.is_staff


def _lines(matter: Matter, viewer: Viewer) -> list[TimelineEntry]:
    """Public lines; of a private matter its own people see the moves, because none of its lines is public."""
    if matter.visibility == "public" or not (viewer.is_own or viewer.is_handler):
        return queries.lines_of(matter, public_only=True, limit=LINES)
    return [line for line in queries.lines_of(matter, public_only=False, limit=LINES) if line.new_stage]


def _line(entry: TimelineEntry, with_reason: bool) -> dict[str, Any]:
    words = entry.words or label_of_move(entry.verb, entry.old_stage)
    moved = entry.new_stage and entry.new_stage != entry.old_stage
    return {
        "at": entry.at, "words": words if words != entry.verb else "", "reason": entry.reason if with_reason else "",
        "stage": LABELS[Stage(entry.new_stage)] if moved and entry.new_stage else "",
        "step": public_step(Stage(entry.new_stage)).number if moved and entry.new_stage else None,
    }  # fmt: skip


def _came_from(matter: Matter, lines: Iterable[TimelineEntry]) -> Stage | None:
    if matter.suspended_from:
        return Stage(matter.suspended_from)
    found = next((line.old_stage for line in lines if line.new_stage == matter.stage and line.old_stage), None)
    return Stage(found) if found else None


def _dates(lines: list[TimelineEntry]) -> dict[int, datetime]:
    """The day each of the seven steps was reached last."""
    found: dict[int, datetime] = {}
    for line in lines:
        if line.new_stage and line.new_stage != line.old_stage:
            stage = Stage(line.new_stage)
            found.setdefault(public_step(stage, Stage(line.old_stage) if line.old_stage else None).number, line.at)
    return found


def _before_after(photos: list[Attachment], lines: list[TimelineEntry]) -> tuple[Attachment, ...]:
    """The first public picture from before the work began and the last one since; nothing unless both are there."""
    began = min((line.at for line in lines if line.new_stage == Stage.IMPLEMENTING), default=None)
    shown = [photo for photo in photos if photo.public]
    if began is None or not shown or not shown[0].created_at < began <= shown[-1].created_at:
        return ()
    return shown[0], shown[-1]


def _proposer(matter: Matter, proposals: list[Any]) -> dict[str, str]:
    """The first speaker as the public may read it: by name only where they asked for it, and never a child's."""
    person = proposals[0].person if proposals else None
    if proposals and proposals[0].organisation:
        kind = rules.ORGANISATIONS.get(proposals[0].organisation_kind, "")
        name = aside(proposals[0].organisation, _(kind) if kind else "")
        return {"name": name, "gender": "", "whole": "y"}
    if person is None or not person.name_public or matter.has_minor:
        return {"name": "", "gender": "", "whole": ""}
    return {"name": person.name, "gender": rules.gender_of(person.title), "whole": ""}


def _where(matter: Matter) -> str:
    if matter.has_minor and matter.visibility == "public":
        # The building may be the child's own; what stands in ``place`` was written for everybody to read.
        return matter.place
    building = matter.building
    unit = " " + _("%(unit)s 单元", unit=matter.unit) if building and matter.unit else ""
    named = f"{building.estate.name} {building.name}{unit}" if building else ""
    return clauses(part for part in (named, matter.place) if part)


def _parts(matter: Matter, tab: str, lines: list[TimelineEntry], own: bool) -> list[tuple[str, dict[str, Any]]]:
    """What other rooms have to tell. Each page reads few of them, so that one page never costs more than eight."""
    stage = Stage(matter.stage)
    result = BEFORE_A_LARGER_BODY if stage is Stage.RATIFYING else RESULT if stage in DECIDED else WAY
    names = {"talk": TALK, "money": MONEY}.get(tab, result)
    shown = parts.modules()
    found = [(name, shown[name].load_public(matter)) for name in names if name in shown]
    if own and matter.track == Track.MEDIATION and tab == "story":
        found.insert(0, ("mediation", load_own(matter)))
    # What was urged and what stands there is told by the lines this page has read, so it costs no statement of its own.
    beside = [("orders", orders_told(lines))] if names in (WAY, RESULT) else []
    return [*found, *beside, ("assets", assets_told(lines))] if names is RESULT else [*found, *beside]


def _chosen_tab(matter: Matter) -> str:
    """``?tab=``; a matter that costs nothing has no account to show."""
    asked = request.args.get("tab", "")
    return asked if asked == "talk" or (asked == "money" and matter.costs_money) else "story"


def _tabs(matter: Matter, tab: str) -> list[tuple[str, str, bool]]:
    if matter.accepted_at is None:
        return []
    here = "community.public_matter"
    account = (_("钱怎么花的"), site_url(here, matter_id=matter.id, tab="money"), tab == "money")
    return [
        (_("怎么样了"), site_url(here, matter_id=matter.id), tab == "story"),
        (_("怎么议的"), site_url(here, matter_id=matter.id, tab="talk"), tab == "talk"),
        *([account] if matter.costs_money else []),
    ]


DOORS: list[Door] = [
    Door("GET", "/matters", matters, Permission.ANYONE_ENTER),
    Door("GET", "/done", done, Permission.ANYONE_ENTER),
    Door("GET", "/matters/<uuid:matter_id>", public_matter, Permission.ANYONE_TRACK),
]
