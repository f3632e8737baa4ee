"""Doors of the hall: before the larger body — the party's study, the asking, its poll, and announcing the result."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import flash, g, redirect, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import StringField, TextAreaField

from app import clock
from app.errors import Refused
from app.faces.choosing import RadioField, SelectField
from app.faces.community import paperwork
from app.faces.community.tally_words import blocks
from app.faces.doors import Door
from app.faces.look import link
from app.faces.pages import desk
from app.faces.visitor import actor
from app.flow.decide.models import Poll
from app.flow.resolve import actions, body_queries, queries, rules
from app.flow.resolve.body_poll import draft_body_poll
from app.flow.resolve.body_rules import BODIES_OF, BODY_LABELS, ITEMS, OUTCOME_WORDS, SPECIAL_ITEMS, Body
from app.flow.resolve.models import PartyStudy, Posting, Ratification
from app.flow.resolve.ratifying import body_tally
from app.matter.models import Matter
from app.matter.situation import POWER_LABELS, Power, Stage
from app.people.permissions import Permission
from app.words import N_
from tenants.database import db, uuid7
from tenants.hosts import site_url

#: How the body votes: the poll's mode, and by which ways ballots come. Owners sign on paper, whatever else is chosen.
WAYS: dict[str, tuple[str, str, dict[str, bool]]] = {
    "paper": (N_("无记名纸票"), "secret", {"paper": True}),
    "both": (N_("无记名，纸票和网上都行"), "secret", {"paper": True, "online": True}),
    "hands": (N_("当场举手"), "named", {"hands": True, "paper": False}),
    "signed": (N_("记名签字的纸票"), "named", {"paper": True}),
}


PASSES: dict[str, str] = {
    "residents_meeting": N_("应到的过半数到会，到会的过半数同意"),
    "reps_meeting": N_("应到的三分之二以上到会，到会的过半数同意"),
    "owners_ordinary": N_("人数和面积都有三分之二以上参与，参与的都过半数同意"),
    "owners_special": N_("人数和面积都有三分之二以上参与，参与的都有四分之三以上同意"),
}


class StudyForm(FlaskForm):
    """What the party organisation said."""

    organisation = StringField(_l("哪个党组织"))
    studied_on = StringField(_l("哪天研究的"))
    chaired_by = StringField(_l("谁主持"))
    words = TextAreaField(_l("研究的意见"))


class BodyForm(FlaskForm):
    """Who decides, and what exactly is asked."""

    body = RadioField(_l("请哪个大会来定"), validate_choice=False)
    estate = SelectField(_l("哪个小区的业主"), validate_choice=False)
    item = RadioField(_l("属于民法典第二百七十八条的哪一项"), validate_choice=False)
    question = TextAreaField(_l("请大会表决的话"))


class PollForm(FlaskForm):
    """How the body votes."""

    way = RadioField(_l("怎么投"), validate_choice=False)


class ResultForm(FlaskForm):
    """Where the posting hangs that follows a yes."""

    starts = StringField(_l("从哪天贴出"))
    days = StringField(_l("挂几天"))
    place = StringField(_l("贴在哪里"))
    how_to_object = TextAreaField(_l("怎样提意见"))


def ratification(matter_id: UUID) -> str:
    """Where it stands before the larger body, and the one form that comes next."""
    return _page(_matter(matter_id), {})


def study_add(matter_id: UUID) -> Any:
    """Write the party's study down."""
    matter, row_id, form = _matter(matter_id), paperwork.once(), StudyForm()
    made = True if paperwork.already(PartyStudy, row_id) else paperwork.attempt(
        form, lambda: actions.record_study(
            matter, organisation=form.organisation.data or "", studied_on=paperwork.day(form.studied_on.data),
            words=form.words.data or "", chaired_by=form.chaired_by.data or "", by=actor(), now=clock.now(), id=row_id,
        ),
    )  # fmt: skip
    return _answer(matter_id, made, {"study": form}, _("党组织研究的情况记下了。"))


def body_ask(matter_id: UUID) -> Any:
    """Take it to the body."""
    matter, row_id, form = _matter(matter_id), paperwork.once(), BodyForm()
    _fill_choices(form, matter)
    made = True if paperwork.already(Ratification, row_id) else paperwork.attempt(
        form, lambda: actions.take_to_body(
            matter, body=form.body.data or "", question=form.question.data or "", item=_item(form.item.data),
            estate_id=_estate(form.estate.data), by=actor(), now=clock.now(), id=row_id,
        ),
    )  # fmt: skip
    return _answer(matter_id, made, {"body": form}, _("提请大会了，接着排会、备票。"))


def body_poll(matter_id: UUID) -> Any:
    """Put the body's sheet together; the poll's own page has its roll, its papers and its count."""
    matter, row_id, form = _matter(matter_id), paperwork.once(), PollForm()
    asked = body_queries.asked_now(matter)
    if asked is None:
        raise Refused(N_("先提请大会，再备表决票。"))
    _fill_ways(form, asked)
    made = db.session.get(Poll, (asked.community_id, row_id)) or paperwork.attempt(
        form, lambda: _draft(asked, matter, form.way.data or "", row_id)
    )
    if made is None or not link("community.desk_poll", poll_id=row_id):
        return _answer(matter_id, made, {"poll": form}, _("表决票备好了。"))
    flash(_("表决票备好了，核对名单，再打开投票。"), "ok")
    return redirect(site_url("community.desk_poll", poll_id=made.id), 303)


def body_drop(matter_id: UUID) -> Any:
    """It was put to the wrong body: take it back, with the reason."""
    matter = _matter(matter_id)
    asked = body_queries.asked_now(matter)
    if asked is None:
        raise Refused(N_("眼下没有提请大会。"))
    actions.drop_ratification(asked, reason=(request.form.get("reason") or ""), by=actor(), now=clock.now())
    flash(_("这次提请撤回了，可以另请一个大会。"), "ok")
    return redirect(site_url("community.ratification", matter_id=matter_id), 303)


def body_settle(matter_id: UUID) -> Any:
    """Announce the result; passed, it goes onto the board at once. A second click finds the posting of the first."""
    matter, row_id, form = _matter(matter_id), paperwork.once(), ResultForm()
    if paperwork.already(Posting, row_id):
        return redirect(site_url("community.desk_posting", posting_id=row_id), 303)
    done = paperwork.attempt(form, lambda: _settle(matter, form, row_id))
    if done is None:
        return _answer(matter_id, None, {"result": form}, "")
    if done.state == "passed":
        flash(_("大会通过，已经公示，别忘了把纸贴到公开栏。"), "ok")
        return redirect(site_url("community.desk_posting", posting_id=row_id), 303)
    flash(_("大会没有通过，已经告诉提出人。") if done.state == "failed" else _("人数不够，可以再请大会开一次。"), "ok")
    return redirect(site_url("community.ratification", matter_id=matter_id), 303)


def _settle(matter: Matter, form: ResultForm, row_id: UUID) -> Ratification:
    board = None
    if body_queries.standing_of(matter).outcome == "passed":
        starts, days = paperwork.day(form.starts.data), (form.days.data or "").strip()
        if starts is None:
            raise Refused(N_("写上从哪天贴出。"))
        if not days.isdecimal() or len(days) > 3:
            raise Refused(N_("挂几天，写个数。"))
        how = form.how_to_object.data or ""
        board = actions.Board(starts, form.place.data or "", days=int(days), how_to_object=how)
    return actions.settle_ratification(matter, board=board, by=actor(), now=clock.now(), id=row_id)


def _draft(asked: Ratification, matter: Matter, way: str, row_id: UUID) -> Poll:
    if way not in _ways_of(asked):
        raise Refused(N_("选一样：怎么投。"))
    _label, mode, by_which = WAYS[way]
    return draft_body_poll(asked, matter, mode=mode, by=actor(), now=clock.now(), id=row_id, **by_which)


def _ways_of(asked: Ratification) -> list[str]:
    return ["signed"] if asked.body == Body.OWNERS else ["paper", "both", "hands"]


def _matter(matter_id: UUID) -> Matter:
    matter = paperwork.matter_or_404(matter_id)
    if Power(matter.power) not in BODIES_OF if matter.power else True:
        raise Refused(N_("议事会自己能定，不用提请大会"))
    return matter


def _answer(matter_id: UUID, made: Any, forms: dict[str, FlaskForm], told: str) -> Any:
    if made is None:
        return _page(_matter(matter_id), forms), 422
    flash(told, "ok")
    return redirect(site_url("community.ratification", matter_id=matter_id), 303)


def _item(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() and len(text) < 3 else None


def _estate(text: str | None) -> UUID | None:
    known = {str(estate_id): estate_id for estate_id, _name in body_queries.estates()}
    return known.get(text or "")


def _fill_choices(form: BodyForm, matter: Matter) -> None:
    bodies = BODIES_OF[Power(matter.power)]  # type: ignore[arg-type]
    form.body.choices = [(str(body), _(BODY_LABELS[body])) for body in bodies]
    form.item.choices = [
        (str(n), _("%(n)s. %(item)s（%(share)s）", n=n, item=_(words), share=_share(n))) for n, words in ITEMS.items()
    ]
    form.estate.choices = [(str(estate_id), name) for estate_id, name in body_queries.estates()]


def _share(item: int) -> str:
    return _("参与的四分之三以上同意") if item in SPECIAL_ITEMS else _("参与的过半数同意")


def _fill_ways(form: PollForm, asked: Ratification) -> None:
    form.way.choices = [(way, _(WAYS[way][0])) for way in _ways_of(asked)]


def _page(matter: Matter, forms: dict[str, FlaskForm]) -> str:
    askings, study = body_queries.askings_of(matter), body_queries.study_of(matter)
    now = next((one for one in askings if one.ratification.state == "preparing"), None)
    standing = body_queries.standing_of(matter) if now else None
    return desk(
        "desk/ratification.html", "ledger", matter=matter, resolution=queries.valid_resolution(matter), study=study,
        latest=now and _shown(now), earlier=[_shown(one) for one in askings if one is not now],
        outcome=standing.outcome if standing else "", outcome_words=OUTCOME_WORDS,
        counts=_counts(now, standing), forms=_forms(matter, now, forms), power=_(POWER_LABELS[Power(matter.power)]),
        at_body=matter.stage in (Stage.DECIDED, Stage.RATIFYING), back=paperwork.matter_link(matter, tab="resolution"),
        once=request.form.get("once") or uuid7(),
    )  # fmt: skip


def _counts(now: body_queries.BodyAsked | None, standing: Any) -> list[dict[str, Any]]:
    if now is None or standing is None or standing.outcome == "waiting":
        return []
    return blocks(body_tally(now.ratification, None))


def _shown(one: body_queries.BodyAsked) -> dict[str, Any]:
    asked, poll = one.ratification, one.poll
    return {
        "row": asked, "body": _(BODY_LABELS[Body(asked.body)]), "passes": _(PASSES[asked.rule]),
        "estate": one.estate, "item": _(ITEMS[asked.item]) if asked.item else "",
        "share": _share(asked.item) if asked.item else "", "poll": poll,
        "poll_url": link("community.desk_poll", poll_id=poll.id) if poll else "",
        "sitting_url": link("community.plan_sitting", matter=asked.matter_id),
    }  # fmt: skip


def _forms(matter: Matter, now: body_queries.BodyAsked | None, forms: dict[str, FlaskForm]) -> dict[str, FlaskForm]:
    """The form with what was typed, and the others as they come."""
    body = forms.get("body") or BodyForm(formdata=None, body=str(BODIES_OF[Power(matter.power)][0]),  # type: ignore[arg-type]
                                         question=_("是否同意%(title)s？", title=matter.title))  # fmt: skip
    _fill_choices(body, matter)  # type: ignore[arg-type]
    poll = forms.get("poll") or PollForm(formdata=None, way=_ways_of(now.ratification)[0] if now else "")
    if now:
        _fill_ways(poll, now.ratification)  # type: ignore[arg-type]
    phone = g.site.phone or g.site.street_phone
    how = _("打电话 %(phone)s；写纸条投信箱；或者扫码在网上说。每一条都会答复。", phone=phone)
    result = forms.get("result") or ResultForm(
        formdata=None, starts=clock.today().isoformat(), days=str(rules.HANG_DAYS), place="", how_to_object=how
    )
    study = forms.get("study") or StudyForm(formdata=None, organisation=_("中共%(name)s委员会", name=g.site.name))
    return {"study": study, "body": body, "poll": poll, "result": result}


_HERE = "/desk/matters/<uuid:matter_id>"
W = Permission.RATIFICATION_WRITE
DOORS: list[Door] = [
    Door("GET", f"{_HERE}/ratification", ratification, W),
    Door("POST", f"{_HERE}/party-studies", study_add, W),
    Door("POST", f"{_HERE}/ratifications", body_ask, W),
    Door("POST", f"{_HERE}/ratification-polls", body_poll, W),
    Door("POST", f"{_HERE}/ratification-drops", body_drop, W),
    Door("POST", f"{_HERE}/ratification-results", body_settle, W),
]
