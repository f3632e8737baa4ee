"""Doors of finding out: looking on the spot, options with cost, whom it touches, the round from door to door."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from flask import flash, redirect
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, MultipleFileField, StringField, TextAreaField
from wtforms.validators import Optional

from app import clock
from app.errors import Refused
from app.faces.community.inputs import as_uuid
from app.faces.community.matter import readable
from app.faces.community.pictures_in import pictures_sent
from app.faces.doors import Door
from app.faces.inputs import CountField, DayField
from app.faces.look import say
from app.faces.pages import desk
from app.faces.visitor import actor
from app.flow.research import actions, rules, survey
from app.flow.research.evidence import evidence_of
from app.flow.research.queries import Findings, findings_of
from app.flow.research.site_notes import note_site_with_photos
from app.flow.triage.evidence import evidence_of as triaged
from app.matter.actions import situation_of
from app.matter.models import Matter
from app.matter.situation import Power, Stage
from app.matter.stages import find, may, missing
from app.people.permissions import Permission
from app.people.roles import Role
from app.words import N_
from tenants.database import db
from tenants.hosts import site_url


class SiteForm(FlaskForm):
    """What was seen."""

    once = HiddenField()
    seen = TextAreaField(_l("看见了什么"))
    photos = MultipleFileField(_l("现场的照片"))


class OptionForm(FlaskForm):
    """One way to do it."""

    once = HiddenField()
    option = StringField(_l("怎么做"))
    cost = StringField(_l("花多少钱（元）"))
    cost_approx = BooleanField(_l("大约数"))
    payer = StringField(_l("谁出"))
    days = StringField(_l("多久"))
    worry = StringField(_l("大家担心什么"))


class TouchedForm(FlaskForm):
    """Whom it touches, a line each."""

    touched = TextAreaField(_l("和谁有关，一行写一个"))


class CanvassForm(FlaskForm):
    """The figures of one round."""

    once = HiddenField()
    question = StringField(_l("问的是哪一句话"))
    target = CountField(_l("要问多少户"), validators=[Optional()])
    reached = CountField(_l("问到多少户"), validators=[Optional()])
    in_favour = CountField(_l("赞成多少户"), validators=[Optional()])
    against = CountField(_l("不赞成多少户"), validators=[Optional()])
    tries = CountField(_l("没问到的去过几次"), validators=[Optional()])


class PartyForm(FlaskForm):
    """On which day which party organisation talked it over, and what came of it."""

    on = DayField(_l("哪天议的"), validators=[Optional()])
    who = StringField(_l("哪个党组织"))
    note = TextAreaField(_l("议的结果"))


class ExtendForm(FlaskForm):
    """Why the survey takes longer."""

    reason = StringField(_l("为什么要延长"))


FORMS: dict[str, type[FlaskForm]] = {
    "site": SiteForm, "options": OptionForm, "stakeholders": TouchedForm, "canvass": CanvassForm, "party": PartyForm,
    "extension": ExtendForm,
}  # fmt: skip


def research(matter_id: UUID) -> str:
    """Everything found out so far, with a form for each kind."""
    return _page(readable(matter_id))


def survey_start(matter_id: UUID) -> Any:
    """Begin the survey."""
    matter = readable(matter_id)
    actions.start_survey(matter, by=actor(), now=clock.now())
    flash(_("开始调查研究了。"), "success")
    return redirect(site_url("community.desk_matter", matter_id=matter_id), 303)


def site_notes(matter_id: UUID) -> Any:
    """Keep what was seen."""

    def act(matter: Matter, form: Any, now: datetime) -> None:
        if not (form.seen.data or "").strip():
            raise Refused(N_("看见了什么，要写一句。"))
        note_site_with_photos(
            matter, form.seen.data, pictures_sent("photos"), by=actor(), now=now, note_id=as_uuid(form.once.data)
        )  # fmt: skip

    return _keep(matter_id, "site", act)


def options(matter_id: UUID) -> Any:
    """Keep one option."""

    def act(matter: Matter, form: Any, now: datetime) -> None:
        cost = fen_of(form.cost.data or "")
        rules.good_option(form.option.data or "", cost, form.payer.data or "").or_refuse()
        actions.add_option(
            matter, words=form.option.data, cost_fen=cost or 0, payer=form.payer.data, by=actor(), now=now,
            cost_approx=form.cost_approx.data, days=form.days.data or "", worry=form.worry.data or "",
            option_id=as_uuid(form.once.data),
        )  # fmt: skip

    return _keep(matter_id, "options", act)


def party_study(matter_id: UUID) -> Any:
    """Keep that the party organisation talked it over first."""

    def act(matter: Matter, form: Any, now: datetime) -> None:
        if form.on.data is None:
            raise Refused(N_("哪天议的，要填日期。"))
        survey.record_party_study(
            matter, on=form.on.data, who=form.who.data or "", note=form.note.data or "", by=actor(), now=now
        )

    return _keep(matter_id, "party", act)


def survey_extension(matter_id: UUID) -> Any:
    """Prolong the survey, once."""

    def act(matter: Matter, form: Any, now: datetime) -> None:
        survey.extend_survey(matter, form.reason.data or "", by=actor(), now=now)

    return _keep(matter_id, "extension", act)


def stakeholders(matter_id: UUID) -> Any:
    """Keep whom it touches."""

    def act(matter: Matter, form: Any, now: datetime) -> None:
        actions.name_stakeholders(matter, lines_of(form.touched.data or ""), by=actor(), now=now)

    return _keep(matter_id, "stakeholders", act)


def canvasses(matter_id: UUID) -> Any:
    """Keep the figures of a round from door to door."""

    def act(matter: Matter, form: Any, now: datetime) -> None:
        figures = {name: form[name].data for name in ("target", "reached", "in_favour", "against")}
        if any(value is None for value in figures.values()):
            raise Refused(N_("四个户数都要填，没有就填 0。"))
        actions.record_canvass(
            matter, question=form.question.data or "", tries=form.tries.data or 1, by=actor(), now=now,
            canvass_id=as_uuid(form.once.data), **figures,
        )  # fmt: skip

    return _keep(matter_id, "canvass", act)


def fen_of(text: str) -> int | None:
    """Fen from what people type as yuan (``3,200``, ``4680.5``, ``1.2万``); None where it is no amount."""
    tidy = re.sub(r"[\s,，元¥￥]", "", text)
    times = 10_000 if tidy.endswith("万") else 1
    try:
        amount = Decimal(tidy.removesuffix("万")) * times * 100
    except ArithmeticError:
        # Not a number at all, or one with more places than anything can be counted in.
        return None
    if not amount.is_finite() or amount < 0 or amount != amount.to_integral_value() or amount > rules.MOST_FEN:
        return None
    return int(amount)


def lines_of(text: str) -> list[tuple[str, int | None]]:
    """Name and households of each line: ``3 号楼 36 户`` gives ``("3 号楼", 36)``."""
    found = []
    for line in text.splitlines():
        parts = re.fullmatch(r"(.*?)[\s,，:：]*(\d{1,3}(?:[,，]\d{3})+|\d{1,6})\s*户\s*", line.strip())
        if parts and parts[1].strip():
            found.append((parts[1].strip(), int(re.sub(r"\D", "", parts[2]))))
        elif line.strip():
            found.append((line.strip(), None))
    return found


def _keep(matter_id: UUID, kind: str, act: Callable[[Matter, Any, datetime], None]) -> Any:
    matter, form = readable(matter_id), FORMS[kind]()
    form.validate()
    try:
        if form.errors:
            raise Refused(N_("有的地方没填对，请看下面。"))
        act(matter, form, clock.now())
    except Refused as error:
        db.session.rollback()
        form.form_errors.append(say(error.reason, error.values))
        return _page(matter, {kind: form}), 422
    flash(_("记下了。"), "success")
    return redirect(site_url("community.research", matter_id=matter_id, _anchor=kind), 303)


def _page(matter: Matter, typed: dict[str, FlaskForm] | None = None) -> str:
    once = {"once": str(uuid4())}
    forms = {kind: form(formdata=None, **once) for kind, form in FORMS.items()} | (typed or {})
    stage = Stage(matter.stage)
    situation = situation_of(matter, triaged(matter) | evidence_of(matter))
    can_start = find("survey", stage) is not None
    found = findings_of(matter.id, with_hidden=True)
    return desk(
        "desk/research.html", "ledger", matter=matter, findings=found, forms=forms,
        is_open=stage in rules.OPEN_TO_FINDINGS, may_note=stage in rules.OPEN_TO_SITE_NOTES, can_start=can_start,
        lacking=[_(need.label) for need in missing("survey", situation)] if can_start else [],
        refusal=_told(may("survey", situation, actor().roles)) if can_start else "",
        asks_party=matter.power == Power.RESIDENTS and stage in rules.OPEN_TO_PARTY_STUDY,
        may_extend=_may_extend(matter, found), correctable=_correctable(found),
    )  # fmt: skip


def _may_extend(matter: Matter, found: Findings) -> bool:
    """Whether to show the form; told from what was read already, the action asks again."""
    used = [line for line in found.extensions if line["data"].get("round") == matter.round]
    return Stage(matter.stage) is Stage.SURVEYING and not used and Role.SECRETARY in actor().roles


def _correctable(found: Findings) -> set[UUID]:
    me, now = actor(), clock.now()
    return {note["id"] for note in found.notes if rules.may_correct(note["at"], note["by_id"] == str(me.id), now)}


def _told(verdict: Any) -> str:
    return "" if verdict else say(verdict.reason, verdict.values)


_AT = "/desk/matters/<uuid:matter_id>"
DOORS: list[Door] = [
    Door("GET", f"{_AT}/research", research, Permission.RESEARCH_WRITE),
    Door("POST", f"{_AT}/survey", survey_start, Permission.RESEARCH_WRITE, name="survey"),
    Door("POST", f"{_AT}/survey-extension", survey_extension, Permission.RESEARCH_WRITE),
    Door("POST", f"{_AT}/party-study", party_study, Permission.RESEARCH_WRITE),
    Door("POST", f"{_AT}/site-notes", site_notes, Permission.RESEARCH_WRITE),
    Door("POST", f"{_AT}/options", options, Permission.RESEARCH_WRITE),
    Door("POST", f"{_AT}/stakeholders", stakeholders, Permission.RESEARCH_WRITE),
    Door("POST", f"{_AT}/canvasses", canvasses, Permission.RESEARCH_WRITE),
]
