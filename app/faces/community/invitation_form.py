"""The letter to an expert as a form: who fits, and why, beside each name; and the sittings and pictures to choose."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from flask import request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField, TextAreaField

from app import clock
from app.errors import Missing
from app.faces.choosing import RadioField, SelectField
from app.faces.community.inputs import as_uuid
from app.faces.inputs import CountField
from app.faces.look import day, daytime
from app.faces.pages import desk
from app.flow.deliberate.models import Sitting
from app.flow.deliberate.queries import sittings_of_matter
from app.flow.deliberate.rules import SittingState
from app.matter.models import Matter
from app.talent import actions, matching, papers, queries, rules
from app.talent.models import Invitation
from app.words import N_
from tenants.scope import current_community

WAYS = (("link", _l("发链接")), ("sms", _l("发短信，里面带邀请码")), ("letter", _l("打印邀请函，上面有邀请码")))
#: Sittings an expert may still be asked to.
AHEAD = frozenset({SittingState.PLANNED, SittingState.NOTICED, SittingState.OPEN})


class InviteForm(FlaskForm):
    """The letter."""

    once = HiddenField()
    replaces = HiddenField()
    expert = RadioField(_l("请哪一位"), validate_choice=False, choices=[])
    brief = TextAreaField(_l("是怎么回事"))
    questions = TextAreaField(_l("想请专家说清什么"))
    hours = CountField(_l("链接开几个小时"), default=rules.DEFAULT_HOURS)
    by_way = RadioField(_l("怎么交给专家"), choices=WAYS, default="link", validate_choice=False)
    sitting = SelectField(_l("也请到会上来"), validate_choice=False, choices=[])


def form_page(matter: Matter, form: InviteForm) -> str:
    """The page of the form; whoever cannot be asked stands below the choices with the reason."""
    ahead = sittings_ahead(matter)
    ranked = matching.rank(_wanted(matter, form, ahead), queries.candidates(matter.id))
    able = [match for match in ranked if match.barred is None]
    form.expert.choices = [(str(m.candidate.id), f"{m.candidate.name}　{m.candidate.profession}") for m in able]
    notes = {str(m.candidate.id): _note(m) for m in able}
    barred = [(m.candidate, said(m.barred)) for m in ranked if m.barred is not None]
    form.sitting.choices = [("", _("不请到会上")), *((str(one.id), sitting_words(one)) for one in ahead)]
    pictures = papers.pictures_to_choose(matter)
    return desk(
        "desk/invitation_new.html", "ledger", matter=matter, form=form, notes=notes, barred=barred,
        fitting={str(m.candidate.id) for m in able if m.fits}, most=rules.MOST_HOURS, pictures=pictures,
        ticked=set(request.form.getlist("paper")),
        instead_of=_instead_of(form),
    )  # fmt: skip


def best_for(matter: Matter, instead_of: Invitation) -> matching.Match | None:
    """Whoever fits best of those that may still be asked, in the place of somebody; two statements."""
    wanted = matching.Wanted(current_community(), clock.today(), matter.title, _words(matter))
    return matching.best(matching.rank(wanted, queries.candidates(matter.id)), instead_of.profession)


def reasons(match: matching.Match) -> str:
    """Why somebody fits, in one line: 对口：占道外摆 · 手上 1 件 · 周二能来."""
    return " · ".join(said(reason) for reason in match.reasons)


def said(reason: matching.Said | None) -> str:
    """One reason in the reader's language."""
    if reason is None:
        return ""
    values = {name: day(value) if isinstance(value, date) else value for name, value in reason.values.items()}
    return _(reason.text, **values, **{name: _(text) for name, text in reason.named.items()})


def sittings_ahead(matter: Matter) -> list[Sitting]:
    """The sittings at which the matter is still to be on the table, soonest first."""
    found = {one.id: one for _item, one in sittings_of_matter(matter.id) if SittingState(one.state) in AHEAD}
    return sorted(found.values(), key=lambda one: one.starts_at)


def sitting_words(sitting: Sitting) -> str:
    """A sitting as an expert reads it: when, where, what it is called."""
    return f"{daytime(sitting.starts_at)}　{sitting.place}　{sitting.title}"


def chosen_sitting(matter: Matter, text: str | None) -> actions.At | None:
    """The sitting in a form's field; one that is not the matter's raises ``Missing``."""
    if not text:
        return None
    wanted = as_uuid(text)
    for one in sittings_ahead(matter):
        if one.id == wanted:
            return actions.At(one.id, sitting_words(one)[:200], one.starts_at)
    raise Missing(N_("没有这个会。"))


def _wanted(matter: Matter, form: InviteForm, ahead: list[Sitting]) -> matching.Wanted:
    chosen = next((one for one in ahead if str(one.id) == (form.sitting.data or "")), None)
    one = chosen or (ahead[0] if ahead else None)
    weekday = clock.local(one.starts_at).isoweekday() if one else None
    return matching.Wanted(current_community(), clock.today(), matter.title, _words(matter, form), weekday)


def _words(matter: Matter, form: InviteForm | None = None) -> str:
    typed = (form.brief.data, form.questions.data) if form else ()
    return "\n".join(text for text in (matter.question, matter.category, matter.brief, *typed) if text)


def _note(match: matching.Match) -> str:
    one = match.candidate
    parts = [reasons(match), one.skill, one.hours]
    if one.conflicts:
        parts.append(_("要回避的：%(who)s", who=one.conflicts))
    return "　".join(part for part in parts if part)


def _instead_of(form: InviteForm) -> Invitation | None:
    wanted: UUID | None = as_uuid(form.replaces.data)
    return actions.find(wanted) if wanted else None


def start_from(matter: Matter, replaces: Invitation | None) -> dict[str, Any]:
    """What the fields begin with: the earlier letter where somebody is asked instead, else the matter's own words."""
    if replaces is not None:
        return {"brief": replaces.brief, "questions": replaces.questions, "replaces": str(replaces.id),
                "by_way": replaces.by_way}  # fmt: skip
    return {"brief": (matter.brief or matter.question) if matter.visibility == "public" else ""}
