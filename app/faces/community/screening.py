"""Doors of the desk's answers: take on, ask for more, refuse, pass on, put together, answer on the spot; the topic."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any
from uuid import UUID

from flask import flash, redirect, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, DateField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import Optional

from app import clock
from app.errors import Missing, Refused
from app.faces.community.matter import readable
from app.faces.doors import Door
from app.faces.look import say
from app.faces.pages import desk
from app.faces.visitor import actor
from app.flow.collect.actions import register
from app.flow.collect.queries import photos_of, proposals_of
from app.flow.collect.rules import CATEGORIES
from app.flow.triage import actions, queries
from app.flow.triage.lists import NEGATIVE, WAY_LABELS, hint
from app.flow.triage.rules import TRIAGE_HINTS
from app.matter.actions import situation_of
from app.matter.deadlines import working_days
from app.matter.house import house
from app.matter.models import Matter
from app.matter.situation import (
    LABELS,
    LEVEL_LABELS,
    POWER_LABELS,
    TRACK_LABELS,
    TRIAGE_LABELS,
    Level,
    Power,
    Stage,
)  # fmt: skip
from app.matter.stages import moves_from
from app.matter.workdays import due, end_of, local_day
from app.people.permissions import Permission
from app.words import N_
from tenants.database import db
from tenants.hosts import site_url

#: The ways in the order in which the page offers them, with icon and words.
WAYS: dict[str, tuple[str, str]] = {
    "accept": ("check-circle", N_("受理")),
    "submit": ("journal-text", N_("登记成提案")),
    "answer": ("chat-left-text", N_("当场答复")),
    "ask_for_more": ("arrow-return-left", N_("退回补充")),
    "refuse": ("slash-circle", N_("不予受理")),
    "refer": ("send", N_("转办")),
    "merge": ("arrow-left-right", N_("并案")),
    "reconsider": ("arrow-repeat", N_("街道复核意见")),
}
#: A call back is promised a week of working days ahead, unless the worker chooses another day.
CALL_BACK = working_days(5)


class AcceptForm(FlaskForm):
    """What accepting settles."""

    triage = RadioField(
        _l("这是哪一种事"), choices=[(str(k), v) for k, v in TRIAGE_LABELS.items()], validate_choice=False
    )
    title = StringField(_l("标题"))
    category = SelectField(_l("属于哪一类"), validate_choice=False)
    wish = TextAreaField(_l("提出人盼着怎么办"))
    level = RadioField(_l("哪一级来办"), validate_choice=False)
    owner = SelectField(_l("责任人"), validate_choice=False)
    power = RadioField(_l("这事谁能定"), validate_choice=False)
    track = RadioField(_l("怎么议"), validate_choice=False)
    is_secretary_project = BooleanField(_l("书记项目，直接去办"))
    is_plain_duty = BooleanField(_l("分内该办的事，直接去办"))
    is_sensitive = BooleanField(_l("内容敏感，只给当事人和经手的人看"))


class AskForm(FlaskForm):
    """What is missing."""

    missing = TextAreaField(_l("要补什么，写明白"))


class RefuseForm(FlaskForm):
    """Item, reason and door."""

    code = RadioField(
        _l("属于负面清单哪一条"), choices=[(item.code, item.label) for item in NEGATIVE.values()], validate_choice=False
    )
    reason = TextAreaField(_l("跟提出人怎么说"))
    door = TextAreaField(_l("该去哪儿反映"))


class ReferForm(FlaskForm):
    """Taker, reason and the day of calling back."""

    receiver = StringField(_l("转给哪个单位"))
    reason = TextAreaField(_l("为什么转"))
    call_back = DateField(_l("哪天给提出人回话"), validators=[Optional()])


class MergeForm(FlaskForm):
    """Into which one, and why."""

    into = RadioField(_l("并到哪一件"), validate_choice=False)
    reason = TextAreaField(_l("为什么是一回事"))


class AnswerForm(FlaskForm):
    """The answer given on the spot."""

    reply = TextAreaField(_l("当场怎么答复的"))


class ReviewForm(FlaskForm):
    """What the street wrote."""

    opinion = TextAreaField(_l("街道的复核意见"))
    upheld = RadioField(
        _l("结论"), choices=[("yes", _l("应当受理，重新审")), ("no", _l("维持不予受理"))], validate_choice=False
    )


class TopicForm(FlaskForm):
    """The one sentence to be decided."""

    question = TextAreaField(_l("一句话说清要议什么"))
    party_prestudy = BooleanField(_l("党组织先议过了，或者已经排上"))


class NewsForm(FlaskForm):
    """What the other unit said."""

    words = TextAreaField(_l("对方怎么说的"))


FORMS: dict[str, type[FlaskForm]] = {
    "accept": AcceptForm, "ask_for_more": AskForm, "refuse": RefuseForm, "refer": ReferForm, "merge": MergeForm,
    "answer": AnswerForm, "reconsider": ReviewForm, "submit": FlaskForm,
}  # fmt: skip


def screening(matter_id: UUID) -> str:
    """The words as spoken and the ways to answer; ``?way=`` opens one form."""
    matter = readable(matter_id)
    open_ways = _ways(matter)
    way = request.args.get("way", "")
    way = way if way in open_ways else next(iter(open_ways), "")
    form = FORMS[way](formdata=None, **_start(way, matter)) if way else None
    return _page(matter, way, form)


def acceptance(matter_id: UUID) -> Any:
    """Take it on."""

    def act(matter: Matter, form: Any, now: datetime) -> None:
        owner = _uuid(form.owner.data)
        if owner is None:
            raise Refused(N_("责任人要选一位。"))
        for field in (form.triage, form.level, form.power, form.track):
            if field.data not in {value for value, _label in field.choices}:
                raise Refused(N_("四样都要选：哪一种事、哪一级办、谁能定、怎么议。"))
        actions.accept(
            matter, by=actor(), now=now, triage=form.triage.data, level=form.level.data, owner_id=owner,
            power=form.power.data, category=form.category.data or "", title=form.title.data, track=form.track.data,
            is_secretary_project=form.is_secretary_project.data, is_plain_duty=form.is_plain_duty.data,
            visibility="parties" if form.is_sensitive.data else None, wish=form.wish.data or "",
        )  # fmt: skip

    return _answer(matter_id, "accept", act, _("受理了。"))


def supplement_request(matter_id: UUID) -> Any:
    """Ask the proposer once for what is missing."""

    def act(matter: Matter, form: Any, now: datetime) -> None:
        actions.ask_for_more(matter, form.missing.data or "", by=actor(), now=now)

    return _answer(matter_id, "ask_for_more", act, _("退回补充了，提出人补好会自动回到待受理。"))


def refusal(matter_id: UUID) -> Any:
    """Do not take it on, and show the right door."""

    def act(matter: Matter, form: Any, now: datetime) -> None:
        found = NEGATIVE.get(form.code.data or "")
        door = (form.door.data or "").strip() or (_(found.door) if found else "")
        actions.refuse(matter, form.code.data or "", form.reason.data or "", door, by=actor(), now=now)

    return _answer(matter_id, "refuse", act, _("不予受理，原因和该去的地方都告诉提出人了。"))


def referral(matter_id: UUID) -> Any:
    """Pass it on."""

    def act(matter: Matter, form: Any, now: datetime) -> None:
        back: date | None = form.call_back.data
        if back is None:
            raise Refused(N_("哪天回话，要选今天以后的日子。"))
        actions.refer(matter, form.receiver.data or "", form.reason.data or "", end_of(back), by=actor(), now=now)

    return _answer(matter_id, "refer", act, _("转出去了，记得要回执。"))


def merger(matter_id: UUID) -> Any:
    """Put two together."""

    def act(matter: Matter, form: Any, now: datetime) -> None:
        into = _uuid(form.into.data)
        target = readable(into) if into else None
        if target is None:
            raise Refused(N_("并到哪一件，要选一个。"))
        actions.merge(matter, target, form.reason.data or "", by=actor(), now=now)

    return _answer(matter_id, "merge", act, _("并到一起了，提出人都保留着。"))


def reply(matter_id: UUID) -> Any:
    """Answer a lead on the spot."""

    def act(matter: Matter, form: Any, now: datetime) -> None:
        actions.answer(matter, form.reply.data or "", by=actor(), now=now)

    return _answer(matter_id, "answer", act, _("答复记下了。"))


def registration(matter_id: UUID) -> Any:
    """Make a lead a proposal."""

    def act(matter: Matter, form: Any, now: datetime) -> None:
        register(matter, by=actor(), now=now)

    return _answer(matter_id, "submit", act, _("登记成提案了。"))


def review_opinion(matter_id: UUID) -> Any:
    """Take up what the street wrote on a refusal."""

    def act(matter: Matter, form: Any, now: datetime) -> None:
        if form.upheld.data not in ("yes", "no"):
            raise Refused(N_("结论要选一个。"))
        actions.note_review(matter, form.opinion.data or "", form.upheld.data == "yes", by=actor(), now=now)

    return _answer(matter_id, "reconsider", act, _("记下了。"))


def topic(matter_id: UUID) -> str:
    """The form of the topic."""
    matter = readable(matter_id)
    return _topic_page(matter, TopicForm(formdata=None, question=matter.question or matter.title))


def topic_set(matter_id: UUID) -> Any:
    """Confirm the topic."""
    matter, form = readable(matter_id), TopicForm()
    if "confirm_topic" not in _moves(matter):
        raise Refused(N_("刚才已经有人办过这一步了，请刷新看看现在到了哪一步。"))
    try:
        actions.confirm_topic(matter, form.question.data or "", form.party_prestudy.data, by=actor(), now=clock.now())
    except Refused as error:
        return _again(error, form, lambda: _topic_page(matter, form))
    flash(_("立题了，接下来列出和谁有关。"), "success")
    return redirect(site_url("community.desk_matter", matter_id=matter_id), 303)


def referral_news(matter_id: UUID) -> Any:
    """The receipt of the other unit, or what became of it; ``?final=1`` means the proposer was called back."""
    return _news_page(readable(matter_id), NewsForm(formdata=None))


def receipt(matter_id: UUID) -> Any:
    """Keep the other unit's receipt."""
    return _news(matter_id, lambda matter, words: actions.note_receipt(matter, words, by=actor(), now=clock.now()))


def call_back(matter_id: UUID) -> Any:
    """Keep that the proposer was called back, and with what."""
    return _news(matter_id, lambda matter, words: actions.call_back(matter, words, by=actor(), now=clock.now()))


def _news(matter_id: UUID, act: Callable[[Matter, str], Any]) -> Any:
    matter, form = readable(matter_id), NewsForm()
    try:
        act(matter, form.words.data or "")
    except Refused as error:
        return _again(error, form, lambda: _news_page(matter, form))
    flash(_("记下了。"), "success")
    return redirect(site_url("community.desk_matter", matter_id=matter_id), 303)


def _answer(matter_id: UUID, way: str, act: Callable[[Matter, Any, datetime], None], told: str) -> Any:
    """Parse, act once, and say what happened; a refusal shows the same form with what was typed."""
    matter = readable(matter_id)
    if way not in _ways(matter):
        raise Refused(N_("刚才已经有人办过这一步了，请刷新看看现在到了哪一步。"))
    form = FORMS[way]()
    _fill_choices(way, form, matter)
    form.validate()
    try:
        if form.errors:
            raise Refused(N_("有的地方没填对，请看下面。"))
        act(matter, form, clock.now())
    except Refused as error:
        return _again(error, form, lambda: _page(matter, way, form))
    flash(told, "success")
    return redirect(site_url("community.desk_matter", matter_id=matter_id), 303)


def _again(error: Refused, form: FlaskForm, show: Callable[[], str]) -> Any:
    db.session.rollback()
    # A rule may name a thing by its message id (which field is too long), so text values are translated as well.
    told = {name: _(value) if isinstance(value, str) and value else value for name, value in error.values.items()}
    form.form_errors.append(say(error.reason, told))
    return show(), 422


def _moves(matter: Matter) -> set[str]:
    return {move.name for move in moves_from(situation_of(matter))}


def _ways(matter: Matter) -> dict[str, tuple[str, str]]:
    moves = _moves(matter)
    open_ways = {way: words for way, words in WAYS.items() if way in moves}
    if not matter.review_asked:
        open_ways.pop("reconsider", None)
    return open_ways


def _start(way: str, matter: Matter) -> dict[str, Any]:
    """What a form begins with."""
    if way == "accept":
        return {
            "title": matter.title, "category": matter.category, "level": str(Level.COMMUNITY),
            "power": str(Power.COUNCIL), "track": matter.track, "is_secretary_project": matter.is_secretary_project,
            "is_plain_duty": matter.is_plain_duty, "owner": str(matter.owner_id or actor().id or ""),
        }  # fmt: skip
    if way == "refer":
        return {"call_back": local_day(due(clock.now(), CALL_BACK, house().calendar))}
    return {"into": request.args.get("into", "")} if way == "merge" else {}


def _fill_choices(way: str, form: Any, matter: Matter) -> None:
    if way == "accept":
        form.category.choices = [("", _("请选一类")), *((key, _(label)) for key, label in CATEGORIES.items())]
        form.owner.choices = [("", _("请选一位")), *((str(key), name) for key, name in queries.carriers(clock.today()))]
        form.triage.choices = [(str(key), _(label)) for key, label in TRIAGE_LABELS.items()]
        form.level.choices = [(str(key), _(LEVEL_LABELS[key])) for key in (Level.GRID, Level.COMMUNITY)]
        form.power.choices = [(str(key), _(label)) for key, label in POWER_LABELS.items()]
        form.track.choices = [(str(key), _(label)) for key, label in TRACK_LABELS.items()]
    elif way == "refuse":
        form.code.choices = [(item.code, f"{item.code} {_(item.label)}") for item in NEGATIVE.values()]
    elif way == "merge":
        found = queries.could_take(matter, request.values.get("q", ""))
        form.into.choices = [
            (str(other.id), f"{other.number} {other.title}（{_(LABELS[Stage(other.stage)])}）") for other in found
        ]


def _page(matter: Matter, way: str, form: Any) -> str:
    if form is not None:
        _fill_choices(way, form, matter)
    proposals = proposals_of(matter)
    words = " ".join(proposal.words for proposal in proposals)
    return desk(
        "desk/screening.html", "inbox", matter=matter, way=way, form=form, ways=_ways(matter), proposals=proposals,
        photos=photos_of(matter, public_only=False), hint=hint(words), stage=_(LABELS[Stage(matter.stage)]),
        needs_wish=not any(proposal.wish for proposal in proposals), way_labels=WAY_LABELS, negative=NEGATIVE,
        triage_hints={str(key): _(text) for key, text in TRIAGE_HINTS.items()}, search=request.values.get("q", "")[:60],
    )  # fmt: skip


def _topic_page(matter: Matter, form: TopicForm) -> str:
    return desk(
        "desk/screening_topic.html", "ledger", matter=matter, form=form, asks_party=matter.power == Power.RESIDENTS
    )


def _news_page(matter: Matter, form: NewsForm) -> str:
    found = queries.last_screening(matter.id, "referred")
    if found is None:
        raise Missing(N_("这件事没有转出去。"))
    return desk("desk/screening_referral.html", "ledger", matter=matter, form=form, screening=found)


def _uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text or "")
    except ValueError:
        return None


_AT = "/desk/matters/<uuid:matter_id>"
DOORS: list[Door] = [
    Door("GET", f"{_AT}/screening", screening, Permission.SCREENING_WRITE),
    Door("POST", f"{_AT}/acceptance", acceptance, Permission.SCREENING_WRITE),
    Door("POST", f"{_AT}/supplement-request", supplement_request, Permission.SCREENING_WRITE),
    Door("POST", f"{_AT}/refusal", refusal, Permission.SCREENING_WRITE),
    Door("POST", f"{_AT}/referral", referral, Permission.SCREENING_WRITE),
    Door("GET", f"{_AT}/referral", referral_news, Permission.SCREENING_WRITE),
    Door("POST", f"{_AT}/referral/receipt", receipt, Permission.SCREENING_WRITE, name="referral_receipt"),
    Door("POST", f"{_AT}/referral/call-back", call_back, Permission.SCREENING_WRITE, name="referral_call_back"),
    Door("POST", f"{_AT}/merger", merger, Permission.SCREENING_WRITE),
    Door("POST", f"{_AT}/reply", reply, Permission.RESEARCH_WRITE),
    Door("POST", f"{_AT}/registration", registration, Permission.RESEARCH_WRITE),
    Door("POST", f"{_AT}/review-opinion", review_opinion, Permission.SCREENING_WRITE),
    Door("GET", f"{_AT}/topic", topic, Permission.SCREENING_WRITE),
    Door("POST", f"{_AT}/topic", topic_set, Permission.SCREENING_WRITE, name="topic_set"),
]
