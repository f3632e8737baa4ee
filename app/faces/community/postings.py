"""Doors of the hall: putting a resolution on the board, hearing objections, answering them, taking the paper down."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from flask import Response, flash, g, redirect, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import StringField, TextAreaField

from app import clock
from app.errors import Missing, Refused
from app.faces.community import paperwork
from app.faces.community.resolutions import docx_answer
from app.faces.community.sheets import clock_words, posting_days, posting_paper, resolution_sheet
from app.faces.doors import Door
from app.faces.pages import desk, page
from app.faces.visitor import actor
from app.flow.resolve import actions, queries, rules
from app.flow.resolve.evidence import evidence_of
from app.flow.resolve.models import Objection, Posting, Resolution
from app.matter.actions import situation_of
from app.matter.house import house
from app.matter.models import Matter
from app.matter.situation import Level, Stage, Triage
from app.matter.stages import missing
from app.people.permissions import Permission
from app.people.secrets import unseal
from app.records.documents.filename import paper_filename
from app.records.qr import qr_svg
from app.words import N_
from tenants.database import uuid7
from tenants.hosts import site_url


class PostingForm(FlaskForm):
    """Where it hangs and for how long."""

    starts = StringField(_l("从哪天贴出"))
    days = StringField(_l("挂几天"))
    place = StringField(_l("贴在哪里"))
    how_to_object = TextAreaField(_l("怎样提意见"))


class ObjectionForm(FlaskForm):
    """What a neighbour says against it."""

    words = TextAreaField(_l("您的意见"))
    contact = StringField(_l("怎么联系您"))


class ReplyForm(FlaskForm):
    """The hall's answer to one objection."""

    reply = TextAreaField(_l("答复"))


def posting_form(matter_id: UUID) -> str:
    """Where, from which day, how long; for a private settlement only the yes to begin."""
    matter = paperwork.matter_or_404(matter_id)
    paperwork.must_stand_at(matter, Stage.DECIDED)
    how = _(
        "打电话 %(phone)s；写纸条投信箱；或者扫码在网上说。每一条都会答复。", phone=g.site.phone or g.site.street_phone
    )
    form = PostingForm(
        formdata=None, starts=clock.today().isoformat(), days=str(rules.HANG_DAYS), place="", how_to_object=how
    )
    return _form_page(matter, form)


def post(matter_id: UUID) -> Any:
    """Put it on the board; a small grid matter begins at the same time, a private one begins without a paper."""
    matter = paperwork.matter_or_404(matter_id)
    row_id, form = paperwork.once(), PostingForm()
    if paperwork.already(Posting, row_id):
        return redirect(site_url("community.desk_posting", posting_id=row_id), 303)
    paperwork.must_stand_at(matter, Stage.DECIDED)
    if matter.visibility == "parties":
        actions.start_work(matter, by=actor(), now=clock.now())
        flash(_("开始办了。这是当事人之间的事，不公示。"), "ok")
        return redirect(site_url("community.tasks"), 303)
    made = paperwork.attempt(form, lambda: _post(matter, form, row_id))
    if made is None:
        return _form_page(paperwork.matter_or_404(matter_id), form), 422
    flash(_("公示 %(number)s 已经登出，别忘了把纸贴到公开栏。", number=made.number), "ok")
    return redirect(site_url("community.desk_posting", posting_id=made.id), 303)


def desk_postings() -> str:
    """Every posting of the hall, with its clock in words."""
    today = clock.today()
    rows = [
        {"posting": posting, "matter": matter, "clock": clock_words(posting, today), "came": came, "waiting": waiting}
        for posting, _resolution, matter, came, waiting in queries.postings(public=False)
    ]
    return desk("desk/postings.html", "postings", rows=rows)


def desk_posting(posting_id: UUID) -> str:
    """One posting with its objections and their answers."""
    return _desk_page(*_found(posting_id), ReplyForm(formdata=None), None)


def answer(objection_id: UUID) -> Any:
    """Answer an objection, once."""
    objection = queries.find_objection(objection_id)
    if objection is None:
        raise Missing(N_("没有这条意见。"))
    form, upheld = ReplyForm(), request.form.get("upheld") == "yes"
    posting_id = objection.posting_id
    if objection.replied_at is not None:
        raise Refused(N_("这条意见已经答复过了。"))
    done = paperwork.attempt(
        form, lambda: actions.answer_objection(
            objection, reply=form.reply.data or "", upheld=upheld, by=actor(), now=clock.now()
        ),
    )  # fmt: skip
    if done is None:
        return _desk_page(*_found(posting_id), form, objection_id), 422
    flash(_("答复记下了。"), "ok")
    return redirect(site_url("community.desk_posting", posting_id=posting_id), 303)


def take_down(posting_id: UUID) -> Any:
    """Take the paper off the board after its last day."""
    posting, _resolution, _matter = _found(posting_id)
    actions.take_down(posting, by=actor(), now=clock.now())
    flash(_("公示期满，已经收下。"), "ok")
    return redirect(site_url("community.desk_postings"), 303)


def postings() -> str:
    """What hangs on the board now, for everybody."""
    today = clock.today()
    rows = [
        {"posting": posting, "title": matter.title, "clock": clock_words(posting, today)}
        for posting, _resolution, matter, _came, _waiting in queries.postings(public=True)
        if paperwork.open_to_reader(matter)
    ]
    return page("hall/postings.html", rows=rows)


def posting(posting_id: UUID) -> str:
    """One posting: the plan, the clock in words, how to object."""
    return _public_page(*_public(posting_id), ObjectionForm(formdata=None))


def object_to(posting_id: UUID) -> Any:
    """Take in an objection; the words stay inside until they are answered."""
    found, _resolution, _matter = _public(posting_id)
    row_id, form = paperwork.once(), ObjectionForm()
    said = True if paperwork.already(Objection, row_id) else paperwork.attempt(
        form, lambda: actions.object_to(
            found, form.words.data or "", contact=form.contact.data or "", by=actor(), now=clock.now(), id=row_id
        ),
    )  # fmt: skip
    if said is None:
        return _public_page(*_public(posting_id), form), 422
    flash(_("意见收到了。办事的人会逐条答复，您的姓名和电话不公开。"), "ok")
    return redirect(site_url("community.posting", posting_id=posting_id), 303)


def posting_print(posting_id: UUID) -> str:
    """The notice for the board: A4, with a code that leads back here."""
    found, resolution, matter = _public(posting_id)
    address = site_url("community.posting", posting_id=posting_id, external=True)
    return page(
        "hall/posting_paper.html", posting=found, days=posting_days(found), matter=matter, address=address,
        **_plan(resolution, matter),
        qr=qr_svg(address, label=_("扫码看进展、提意见")),
    )  # fmt: skip


def posting_docx(posting_id: UUID) -> Response:
    """The notice as .docx."""
    found, resolution, matter = _public(posting_id)
    data = posting_paper(found, resolution, matter, queries.tasks_of(resolution.id))
    number = int(found.number.rpartition("-")[2])
    return docx_answer(data, paper_filename(found.starts, house().short, "公示", number, 1))


def starts_at_once(matter: Matter) -> bool:
    """Whether the work begins while the posting hangs: 小事 and 急事 of the grid, and what only the parties see."""
    on_the_spot = matter.level == Level.GRID and matter.triage in (Triage.MINOR, Triage.URGENT)
    return on_the_spot or matter.visibility == "parties"


def _post(matter: Matter, form: PostingForm, row_id: UUID) -> Posting | None:
    starts = paperwork.day(form.starts.data)
    if starts is None:
        raise Refused(N_("写上从哪天贴出。"))
    days = (form.days.data or "").strip()
    if not days.isdecimal() or len(days) > 3:
        raise Refused(N_("挂几天，写个数。"))
    terms = {"starts": starts, "place": form.place.data or "", "days": int(days)}
    how = form.how_to_object.data or ""
    if starts_at_once(matter):
        board = actions.Board(**terms, how_to_object=how)
        return actions.start_work(matter, board=board, by=actor(), now=clock.now(), id=row_id)
    return actions.publicize(matter, **terms, how_to_object=how, by=actor(), now=clock.now(), id=row_id)


def _form_page(matter: Matter, form: PostingForm) -> str:
    lacking = missing("publicize", situation_of(matter, evidence_of(matter)))
    needs = [{"ok": False, "label": _(need.label), "url": site_url("community.resolution_form", matter_id=matter.id),
              "link": _("去写决议")} for need in lacking]  # fmt: skip
    return desk(
        "desk/posting_form.html", "postings", matter=matter, form=form, needs=needs, at_once=starts_at_once(matter),
        private=matter.visibility == "parties", once=request.form.get("once") or uuid7(),
        resolution=queries.valid_resolution(matter), back=paperwork.matter_link(matter),
    )  # fmt: skip


def _found(posting_id: UUID) -> tuple[Posting, Resolution, Matter]:
    found = queries.find_posting(posting_id)
    if found is None:
        raise Missing(N_("没有这份公示。"))
    return found


def _public(posting_id: UUID) -> tuple[Posting, Resolution, Matter]:
    found = _found(posting_id)
    paperwork.public_or_404(found[2])
    return found


def _desk_page(posting: Posting, _resolution: Resolution, matter: Matter, form: ReplyForm, failed: UUID | None) -> str:
    today = clock.today()
    rows = [
        {
            "id": said.id, "at": said.at, "words": said.words, "reply": said.reply, "upheld": said.upheld,
            "replied_at": said.replied_at, "label": said.replied_label,
            "contact": unseal(said.contact_sealed) if said.contact_sealed else "",
        }
        for said in queries.objections_of(posting.id)
    ]  # fmt: skip
    return desk(
        "desk/posting.html", "postings", posting=posting, matter=matter, rows=rows, form=form, failed=failed,
        clock=clock_words(posting, today), may_take_down=posting.state == "up" and today > posting.ends,
        upheld=any(row["upheld"] for row in rows) and matter.stage == Stage.PUBLICIZED,
        back=paperwork.matter_link(matter),
    )  # fmt: skip


def _public_page(posting: Posting, resolution: Resolution, matter: Matter, form: ObjectionForm) -> str:
    today: date = clock.today()
    return page(
        "hall/posting.html", posting=posting, days=posting_days(posting), matter=matter, form=form,
        **_plan(resolution, matter),
        clock=clock_words(posting, today), once=request.form.get("once") or uuid7(),
        may_object=rules.may_object(posting.state, posting.starts, posting.objections_until, today),
        answered=queries.objections_of(posting.id, answered_only=True), public_url=paperwork.public_link(matter),
    )  # fmt: skip


def _plan(resolution: Resolution, matter: Matter) -> dict[str, Any]:
    tasks = queries.tasks_of(resolution.id)
    return {
        "resolution": resolution,
        "sheet": resolution_sheet(resolution, matter, tasks, None),
        "money_fen": sum(task.planned_fen for task in tasks),
    }


DOORS: list[Door] = [
    Door("GET", "/desk/matters/<uuid:matter_id>/posting-draft", posting_form, Permission.POSTING_WRITE),
    Door("POST", "/desk/matters/<uuid:matter_id>/postings", post, Permission.POSTING_WRITE, name="post_resolution"),
    Door("GET", "/desk/postings", desk_postings, Permission.POSTING_WRITE),
    Door("GET", "/desk/postings/<uuid:posting_id>", desk_posting, Permission.POSTING_WRITE),
    Door("POST", "/desk/postings/<uuid:posting_id>/removals", take_down, Permission.POSTING_WRITE,
         name="take_down_posting"),
    Door("POST", "/desk/objections/<uuid:objection_id>/replies", answer, Permission.POSTING_WRITE,
         name="answer_objection"),
    Door("GET", "/postings", postings, Permission.ANYONE_ENTER),
    Door("GET", "/postings/<uuid:posting_id>", posting, Permission.ANYONE_ENTER),
    Door("POST", "/postings/<uuid:posting_id>/objections", object_to, Permission.ANYONE_OBJECT,
         limit="10 per 10 minutes"),
    Door("GET", "/postings/<uuid:posting_id>/paper", posting_print, Permission.ANYONE_ENTER),
    Door("GET", "/postings/<uuid:posting_id>/paper.docx", posting_docx, Permission.ANYONE_ENTER),
]  # fmt: skip
