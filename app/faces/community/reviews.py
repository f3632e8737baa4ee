"""Doors of the hall's review: what waits in four lists, and everything the last step needs of one matter."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import request, session
from flask_babel import gettext as _
from flask_wtf import FlaskForm

from app import clock
from app.faces.community import paperwork
from app.faces.community.desk import hidden_title, reader
from app.faces.community.inputs import last_page, page_number
from app.faces.community.review_forms import ArchiveForm, BatchForm, JudgeForm, VisitForm, WordsForm
from app.faces.doors import Door
from app.faces.look import day
from app.faces.pages import desk
from app.flow.deliberate.queries import list_sittings
from app.flow.evaluate import effects, queries, review_lists, rules
from app.flow.evaluate.evidence import evidence_of
from app.flow.evaluate.review_lists import Line, Low
from app.flow.implement.queries import commitments_of
from app.matter.actions import situation_of
from app.matter.house import house
from app.matter.ledger import Reader, may_read
from app.matter.lights import light
from app.matter.models import Matter
from app.matter.situation import LABELS, Stage
from app.matter.stages import find
from app.people.permissions import Permission
from app.words import N_
from tenants.database import uuid7
from tenants.hosts import site_url

PAGE = 20
SHOWN = (Stage.REVIEWING, Stage.CLOSED, Stage.ARCHIVED)
TABS = {
    "visit": N_("等着回访的"), "low": N_("不满意、还没回访的"), "ready": N_("可以办结的"), "closed": N_("办结的"),
}  # fmt: skip
#: What stays below the list of those to visit: the newest few that were closed.
LATELY = 5


def reviews() -> str:
    """Four lists with their clocks; the chosen one stays until another is chosen."""
    tab, number, who = _tab(), page_number(), reader()
    counts = review_lists.counts()
    offset = (number - 1) * PAGE
    lines = [] if tab == "low" else [_row(one, who) for one in review_lists.lines(tab, limit=PAGE, offset=offset)]
    lows = [_low(one, who) for one in review_lists.lows(limit=PAGE, offset=offset)] if tab == "low" else []
    closed = [_row(one, who) for one in review_lists.lines("closed", limit=LATELY)] if tab == "visit" else []
    return desk(
        "desk/reviews.html", "reviews", tab=tab, lines=lines, lows=lows, lately=closed, number=number,
        last=last_page(counts[tab], PAGE), total=counts[tab], title=_(TABS[tab]),
        tabs=[(f"{_(label)} {counts[key]}", site_url("community.reviews", tab=key), key == tab)
              for key, label in TABS.items()],
        url_of=lambda n: site_url("community.reviews", tab=tab, page=n),
    )  # fmt: skip


def review(matter_id: UUID) -> str:
    """Everything the last step needs on one page: figures, low ones, visits, evaluation, and the ways out."""
    matter = paperwork.matter_or_404(matter_id)
    paperwork.must_stand_at(matter, *SHOWN, Stage.NOT_PASSED)
    return review_page(matter)


def review_page(matter: Matter, **forms: FlaskForm) -> str:
    """The page with these forms as they were typed."""
    heard, judged = queries.satisfaction_of(matter), queries.evaluation_of(matter)
    stage = Stage(matter.stage)
    reviewing = stage is Stage.REVIEWING
    failed = next(iter(forms), "")
    lows = queries.ratings_of(matter, low_only=True, limit=50)
    return desk(
        "desk/review.html", "reviews", matter=matter, stage=LABELS[stage], reviewing=reviewing,
        not_passed=stage is Stage.NOT_PASSED, closed=stage is Stage.CLOSED, heard=heard, figure=heard.figure,
        grades=[{"label": _(label), "count": heard.by_grade[grade], "tone": "" if grade > 2 else "late"}
                for grade, label in rules.GRADE_LABELS.items()],
        lows=lows, waiting=[one for one in lows if one.followed_at is None], ticked=request.form.getlist("follows"),
        visits=queries.visits_of(matter), judged=judged, tasks=commitments_of(matter) if reviewing else [],
        effect=effects.effect_of(matter), batches=queries.batches_of(matter) if reviewing else [],
        wishes=[one for one in queries.wishes_of(matter) if one.wish_matter_id is None],
        kin=effects.kin_of(matter), forms=_forms(forms, judged, reviewing), failed=failed,
        archive=ArchiveForm(formdata=None), once=request.form.get("once") or uuid7(),
        gate=_gate(matter, heard) if reviewing else [], back=paperwork.matter_link(matter), labels=rules,
        refusal=rules.may_close(heard.figure, matter.reworks, heard.unheard),
        too_few=heard.figure.count > 0 and not heard.figure.enough,
        rating_url=site_url("community.rating", matter_id=matter.id, external=True),
    )  # fmt: skip


def _forms(typed: dict[str, FlaskForm], judged: Any, reviewing: bool) -> dict[str, FlaskForm]:
    worded = ("closing", "rework", "again", "reopening")
    blank: dict[str, type[FlaskForm]] = {"visit": VisitForm, "batch": BatchForm, **dict.fromkeys(worded, WordsForm)}
    made: dict[str, FlaskForm] = {name: typed.get(name) or kind(formdata=None) for name, kind in blank.items()}
    judging = typed.get("evaluation")
    if judging is None:
        judging = JudgeForm(formdata=None)
        if judged is not None:
            kept = {"words": judged.words, "effect": judged.effect, "sitting": str(judged.sitting_id or "")}
            judging = JudgeForm(formdata=None, **kept)
    judging["sitting"].choices = [("", _("不在会上，由议事厅评"))]
    if reviewing:
        past = list_sittings(clock.now(), past=True, n=8)
        judging["sitting"].choices += [
            (str(row["sitting"].id), f"{day(row['sitting'].starts_at, week=False)} {row['sitting'].title}")
            for row in past
        ]
    return made | {"evaluation": judging}


def _gate(matter: Matter, heard: queries.Satisfaction) -> list[dict[str, Any]]:
    """What 办结 asks for; the closing note is the box under it and is not listed as missing."""
    move = find("close", Stage.REVIEWING)
    situation = situation_of(matter, evidence_of(matter) | {"closing_note"}, low_rating=heard.unheard > 0)
    needs = [
        {"ok": not need.is_missing(situation), "label": _(need.label)}
        for need in (move.needs if move else ())
        if need.key not in ("closing_note", "low_followed") and (need.applies is None or need.applies(situation))
    ]
    if heard.unheard:
        needs.append(
            {"ok": False, "label": _("不满意的都回访过"), "text": _("还有 %(n)s 位", n=heard.unheard), "url": "#low",
             "link": _("一位一位回访")}
        )  # fmt: skip
    return needs


def _tab() -> str:
    """The list last looked at on this browser, unless the address names one."""
    asked = request.args.get("tab")
    if asked in TABS:
        session["reviews"] = asked
    kept = str(session.get("reviews", "visit"))
    return kept if kept in TABS else "visit"


def _row(line: Line, who: Reader) -> dict[str, Any]:
    matter = line.matter
    told = may_read(matter, who)
    return {
        "matter": matter, "told": told, "title": matter.title if told else hidden_title(matter.has_minor),
        "figure": rules.Figure(matter.rating_satisfied, matter.rating_count), "low": line.low, "visits": line.visits,
        "judged": line.judged, "light": light(matter.stage_since, matter.due_at, clock.now(), house().calendar),
    }  # fmt: skip


def _low(low: Low, who: Reader) -> dict[str, Any]:
    told = may_read(low.matter, who)
    return {
        "rating": low.rating, "matter": low.matter, "told": told,
        "title": low.matter.title if told else hidden_title(low.matter.has_minor),
        "grade": _(rules.GRADE_LABELS[low.rating.grade]), "source": _(rules.SOURCE_LABELS[low.rating.source]),
        "who": _(rules.WHO_LABELS[low.rating.who]) if low.rating.who else "",
        "light": light(low.rating.at, low.matter.due_at, clock.now(), house().calendar),
    }  # fmt: skip


DOORS: list[Door] = [
    Door("GET", "/desk/reviews", reviews, Permission.MATTER_READ),
    Door("GET", "/desk/matters/<uuid:matter_id>/review", review, Permission.MATTER_READ),
]
