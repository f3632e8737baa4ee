"""Doors of the hall: return visits, ratings, the hall's evaluation, closing, rework; and a resident's own rating."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import flash, redirect, request, session
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import Optional

from app import clock
from app.errors import Refused
from app.faces.community import paperwork
from app.faces.community.desk import reader
from app.faces.community.inputs import whole_number
from app.faces.community.sight import is_own
from app.faces.doors import Door
from app.faces.pages import desk, page
from app.faces.visitor import actor, visitor, visitor_key
from app.flow.evaluate import actions, queries, review_lists, rules
from app.flow.evaluate.evidence import evidence_of
from app.flow.evaluate.models import ReturnVisit
from app.flow.evaluate.rules import Voice
from app.flow.implement.queries import commitments_of
from app.matter.actions import situation_of
from app.matter.house import house
from app.matter.ledger import may_read
from app.matter.lights import light
from app.matter.models import Matter
from app.matter.situation import LABELS, Stage
from app.matter.stages import find
from app.people.permissions import Permission
from app.people.roles import Role
from app.words import N_
from tenants.database import uuid7
from tenants.hosts import site_url

PAGE = 20
FACES = {"5": "emoji-laughing", "4": "emoji-smile", "3": "emoji-neutral", "2": "emoji-frown", "1": "emoji-angry"}
SHOWN = (Stage.REVIEWING, Stage.CLOSED, Stage.ARCHIVED)


class RateForm(FlaskForm):
    """One neighbour's rating."""

    grade = RadioField(
        _l("办得好不好"), choices=[(str(grade), _l(label)) for grade, label in rules.GRADE_LABELS.items()],
        validators=[Optional()], validate_choice=False,
    )  # fmt: skip
    reason = TextAreaField(_l("想说的话"))


class VisitForm(FlaskForm):
    """Who was asked, and what they said."""

    words = TextAreaField(_l("问了谁、怎么说的"))
    reached = StringField(_l("问到几位"))


class BatchForm(FlaskForm):
    """A round of visits or papers: how many of each, and a line for each low one."""

    source = RadioField(
        _l("怎么收来的"), choices=[("visit", _l("上门、电话")), ("paper", _l("纸条"))], default="visit",
        validate_choice=False,
    )  # fmt: skip
    grade_5 = StringField(_l("非常满意，几位"))
    grade_4 = StringField(_l("满意，几位"))
    grade_3 = StringField(_l("基本满意，几位"))
    low_2 = TextAreaField(_l("不满意，一行写一位的原因"))
    low_1 = TextAreaField(_l("非常不满意，一行写一位的原因"))


class WordsForm(FlaskForm):
    """One box of words: an evaluation, a closing note, a reason."""

    words = TextAreaField(_l("写在这里"))


class ArchiveForm(FlaskForm):
    """How long the file is kept."""

    retention = SelectField(
        _l("保管期限"), choices=[(key, _l(label)) for key, label in rules.RETENTION_LABELS.items()],
        validate_choice=False,
    )  # fmt: skip


def reviews() -> str:
    """Matters that wait for their rating, and what was closed lately."""
    now, calendar, who = clock.now(), house().calendar, reader()
    waiting = [
        {"matter": one.matter, "told": may_read(one.matter, who),
         "figure": rules.Figure(one.matter.rating_satisfied, one.matter.rating_count),
         "light": light(one.matter.stage_since, one.matter.due_at, now, calendar)}
        for tab in ("visit", "ready") for one in review_lists.lines(tab, limit=PAGE)
    ]  # fmt: skip
    closed = [
        {"matter": one.matter, "told": may_read(one.matter, who),
         "figure": rules.Figure(one.matter.rating_satisfied, one.matter.rating_count)}
        for one in review_lists.lines("closed", limit=PAGE)
    ]  # fmt: skip
    return desk("desk/reviews.html", "reviews", waiting=waiting, closed=closed)


def review(matter_id: UUID) -> str:
    """Everything the last step needs on one page: figures, low ones, visits, evaluation, and the ways out."""
    matter = paperwork.matter_or_404(matter_id)
    paperwork.must_stand_at(matter, *SHOWN, Stage.NOT_PASSED)
    return _page(matter)


def visit(matter_id: UUID) -> Any:
    """Write a return visit down."""
    matter = paperwork.matter_or_404(matter_id)
    row_id, form = paperwork.once(), VisitForm()
    if not paperwork.already(ReturnVisit, row_id):
        paperwork.must_stand_at(matter, Stage.REVIEWING)
        if paperwork.attempt(form, lambda: _visit(matter, form, row_id)) is None:
            return _page(paperwork.matter_or_404(matter_id), visit=form), 422
    flash(_("回访记下了。"), "ok")
    return _back(matter_id)


def enter_ratings(matter_id: UUID) -> Any:
    """Enter a round of visits or papers at once; the form's own id keeps a second click from counting twice."""
    matter = paperwork.matter_or_404(matter_id)
    paperwork.must_stand_at(matter, Stage.REVIEWING)
    batch, form = paperwork.once(), BatchForm()
    taken = paperwork.attempt(
        form, lambda: actions.enter_ratings(
            matter, _voices(form), source=form.source.data or "", batch=batch, by=actor(), now=clock.now()
        ),
    )  # fmt: skip
    if taken is None:
        return _page(paperwork.matter_or_404(matter_id), batch=form), 422
    flash(_("录了 %(n)s 份评价。", n=taken) if taken else _("这一批刚才已经录过了。"), "ok")
    return _back(matter_id)


def evaluate(matter_id: UUID) -> Any:
    """The hall's own judgement."""
    return _with_words(
        matter_id, "evaluation",
        lambda matter, words: actions.evaluate(matter, words, by=actor(), now=clock.now()), _("评估记下了。"),
    )  # fmt: skip


def close(matter_id: UUID) -> Any:
    """Close with a note to the proposer; what did not pass is closed here too."""
    return _with_words(
        matter_id, "closing",
        lambda matter, words: actions.close(matter, words, by=actor(), now=clock.now()), _("办结了，已经告诉提出人。"),
        stages=(Stage.REVIEWING, Stage.NOT_PASSED),
    )  # fmt: skip


def rework(matter_id: UUID) -> Any:
    """Send it back to be done again; the chosen tasks open, or all of them."""
    chosen = request.form.getlist("tasks")

    def act(matter: Matter, words: str) -> Any:
        known = [one.id for one in commitments_of(matter) if str(one.id) in chosen]
        return actions.rework(matter, words, tasks=known, by=actor(), now=clock.now())

    return _with_words(matter_id, "rework", act, _("退回去返工，15 个工作日内办好再评。"), target="tasks")


def talk_again(matter_id: UUID) -> Any:
    """The result does not help: talk it over again."""
    return _with_words(
        matter_id, "again",
        lambda matter, words: actions.redeliberate(matter, words, by=actor(), now=clock.now()),
        _("回到调查研究，重新商量。"), target="reviews",
    )  # fmt: skip


def archive(matter_id: UUID) -> Any:
    """Close the file."""
    matter = paperwork.matter_or_404(matter_id)
    form = ArchiveForm()
    actions.archive(matter, retention=form.retention.data or "", by=actor(), now=clock.now())
    flash(_("归档了。"), "ok")
    return _back(matter_id)


def reopen(matter_id: UUID) -> Any:
    """New facts: back to screening, with a link to the closing."""
    return _with_words(
        matter_id, "reopening",
        lambda matter, words: actions.reopen(matter, words, by=actor(), now=clock.now()),
        _("重新打开了，回到初审。"), stages=(Stage.CLOSED,), target="reviews",
    )  # fmt: skip


def rating(matter_id: UUID) -> str:
    """Five faces with words; once a browser or account."""
    matter = paperwork.matter_or_404(matter_id)
    return _rating_page(matter, RateForm(formdata=None))


def rate(matter_id: UUID) -> Any:
    """Take in one neighbour's rating."""
    matter = paperwork.matter_or_404(matter_id)
    paperwork.must_stand_at(matter, Stage.REVIEWING)
    form = RateForm()
    grade = int(form.grade.data) if form.grade.data in FACES else 0
    taken = paperwork.attempt(
        form, lambda: actions.rate(
            matter, grade=grade, reason=form.reason.data or "", rater=_rater(make=True), by=actor(), now=clock.now()
        ),
    )  # fmt: skip
    if taken is None:
        return _rating_page(paperwork.matter_or_404(matter_id), form), 422
    flash(_("谢谢您，评价收到了。") if taken else _("您已经评过了，一件事评一次。"), "ok" if taken else "")
    return redirect(site_url("community.rating", matter_id=matter_id), 303)


def reopen_own(matter_id: UUID) -> Any:
    """The proposer brings new facts."""
    matter = paperwork.matter_or_404(matter_id)
    if not is_own(matter):
        raise Refused(N_("要由提出人自己来说。不是您提的，请另说一件事。"))
    words = (request.form.get("words") or "").strip()
    actions.reopen(matter, words, by=actor().as_capacity(Role.PROPOSER), now=clock.now())
    flash(_("收到了，社区会重新看这件事。"), "ok")
    return redirect(paperwork.public_link(matter) or site_url("community.home"), 303)


def _rater(*, make: bool = False) -> str:
    """The key of this voice; "" where the browser has none yet and ``make`` is off, because a GET writes nothing."""
    me = visitor()
    if me is not None:
        return actions.rater_key("account", me.id)
    if not make and "visitor" not in session:
        return ""
    return actions.rater_key("browser", visitor_key())


def _rating_page(matter: Matter, form: RateForm) -> str:
    key = _rater()
    own = queries.own_rating(matter, key) if key and Stage(matter.stage) in SHOWN else None
    figure = rules.Figure(matter.rating_satisfied, matter.rating_count)
    return page(
        "hall/rating.html", matter=matter, form=form, faces=FACES, open=matter.stage == Stage.REVIEWING, own=own,
        own_label=_(rules.GRADE_LABELS[own.grade]) if own else "", figure=figure, back=paperwork.public_link(matter),
    )  # fmt: skip


def _visit(matter: Matter, form: VisitForm, row_id: UUID) -> ReturnVisit:
    typed = (form.reached.data or "").strip()
    reached = int(typed) if typed.isdecimal() and len(typed) < 7 else 0
    return actions.visit(matter, form.words.data or "", reached=reached, by=actor(), now=clock.now(), id=row_id)


def _voices(form: BatchForm) -> list[Voice]:
    voices: list[Voice] = []
    for grade in (5, 4, 3):
        # Zeros in front must not hide how long a number is: the list below is made before a rule counts it.
        given = whole_number(form[f"grade_{grade}"].data or "0")
        if given is None or given > rules.BATCH_MOST:
            raise Refused(N_("「%(label)s」写个数，一次最多 500。"), label=_(rules.GRADE_LABELS[grade]))
        voices += [Voice(grade)] * given
    for grade in (2, 1):
        lines = [line.strip() for line in (form[f"low_{grade}"].data or "").splitlines() if line.strip()]
        voices += [Voice(grade, line) for line in lines]
    return voices


def _with_words(
    matter_id: UUID, name: str, act: Any, told: str, *, stages: tuple[Stage, ...] = (Stage.REVIEWING,), target: str = ""
) -> Any:
    matter = paperwork.matter_or_404(matter_id)
    paperwork.must_stand_at(matter, *stages)
    form = WordsForm()
    if paperwork.attempt(form, lambda: act(matter, form.words.data or "")) is None:
        return _page(paperwork.matter_or_404(matter_id), **{name: form}), 422
    flash(told, "ok")
    return redirect(site_url(f"community.{target}"), 303) if target else _back(matter_id)


def _back(matter_id: UUID) -> Any:
    return redirect(site_url("community.review", matter_id=matter_id), 303)


def _page(matter: Matter, **forms: FlaskForm) -> str:
    heard, judged = queries.satisfaction_of(matter), queries.evaluation_of(matter)
    stage = Stage(matter.stage)
    worded = ("closing", "rework", "again", "reopening")
    blank = {"visit": VisitForm, "batch": BatchForm, **dict.fromkeys(worded, WordsForm)}
    made = {name: forms.get(name) or kind(formdata=None) for name, kind in blank.items()}
    made["evaluation"] = forms.get("evaluation") or WordsForm(formdata=None, words=judged.words if judged else "")
    failed = next(iter(forms), "")
    return desk(
        "desk/review.html", "reviews", matter=matter, stage=LABELS[stage], reviewing=stage is Stage.REVIEWING,
        not_passed=stage is Stage.NOT_PASSED, closed=stage is Stage.CLOSED, heard=heard, figure=heard.figure,
        grades=[{"label": _(label), "count": heard.by_grade[grade], "tone": "" if grade > 2 else "late"}
                for grade, label in rules.GRADE_LABELS.items()],
        low=queries.ratings_of(matter, low_only=True, limit=50), visits=queries.visits_of(matter), judged=judged,
        tasks=commitments_of(matter), forms=made, failed=failed, archive=ArchiveForm(formdata=None),
        once=request.form.get("once") or uuid7(), gate=_gate(matter, heard) if stage is Stage.REVIEWING else [],
        refusal=rules.may_close(heard.figure, matter.reworks, heard.unheard), back=paperwork.matter_link(matter),
        rating_url=site_url("community.rating", matter_id=matter.id, external=True),
    )  # fmt: skip


def _gate(matter: Matter, heard: queries.Satisfaction) -> list[dict[str, Any]]:
    """What 办结 asks for; the closing note is the box under it and is not listed as missing."""
    move = find("close", Stage.REVIEWING)
    situation = situation_of(matter, evidence_of(matter) | {"closing_note"}, low_rating=heard.unheard > 0)
    needs = [
        {"ok": not need.is_missing(situation), "label": _(need.label)}
        for need in (move.needs if move else ())
        if need.key != "closing_note" and (need.applies is None or need.applies(situation))
    ]
    if heard.unheard:
        needs.append({"ok": False, "label": _("不满意的都回访过"), "text": _("还有 %(n)s 位", n=heard.unheard)})
    return needs


_MATTER = "/desk/matters/<uuid:matter_id>"
_WRITE = Permission.REVIEW_WRITE
DOORS: list[Door] = [
    Door("GET", "/desk/reviews", reviews, Permission.MATTER_READ),
    Door("GET", f"{_MATTER}/review", review, Permission.MATTER_READ),
    Door("POST", f"{_MATTER}/visits", visit, _WRITE, name="write_visit"),
    Door("POST", f"{_MATTER}/rating-rounds", enter_ratings, _WRITE),
    Door("POST", f"{_MATTER}/evaluations", evaluate, _WRITE, name="write_evaluation"),
    Door("POST", f"{_MATTER}/closings", close, _WRITE, name="close_matter"),
    Door("POST", f"{_MATTER}/reworks", rework, _WRITE),
    Door("POST", f"{_MATTER}/fresh-talks", talk_again, _WRITE),
    Door("POST", f"{_MATTER}/archivings", archive, _WRITE, name="archive_matter"),
    Door("POST", f"{_MATTER}/reopenings", reopen, _WRITE, name="reopen_matter"),
    Door("GET", "/matters/<uuid:matter_id>/rating", rating, Permission.ANYONE_RATE),
    Door("POST", "/matters/<uuid:matter_id>/ratings", rate, Permission.ANYONE_RATE, limit="20 per 10 minutes"),
    Door(
        "POST", "/matters/<uuid:matter_id>/reopenings", reopen_own, Permission.ANYONE_TRACK, limit="20 per 10 minutes"
    ),
]
