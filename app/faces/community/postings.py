"""Doors of the hall: putting a resolution on the board, hearing objections, answering them, taking the paper down."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from flask import flash, g, redirect, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import StringField, TextAreaField

from app import clock
from app.errors import Missing, Refused
from app.faces import figures
from app.faces.community import paperwork
from app.faces.community.board import found_posting, newer_version
from app.faces.community.sheets import clock_words
from app.faces.doors import Door
from app.faces.pages import desk
from app.faces.visitor import actor
from app.flow.resolve import actions, queries, rules
from app.flow.resolve.evidence import evidence_of
from app.flow.resolve.models import Posting, Resolution
from app.flow.resolve.posting import terms_of
from app.matter.actions import situation_of
from app.matter.models import Matter
from app.matter.situation import Level, Stage, Triage
from app.matter.stages import missing
from app.people.permissions import Permission
from app.people.secrets import unseal
from app.words import N_
from tenants.database import uuid7
from tenants.hosts import site_url


class PostingForm(FlaskForm):
    """Where it hangs and for how long."""

    starts = StringField(_l("从哪天贴出"))
    days = StringField(_l("挂几天"))
    place = StringField(_l("贴在哪里"))
    how_to_object = TextAreaField(_l("怎样提意见"))


class ReplyForm(FlaskForm):
    """The hall's answer to one objection."""

    reply = TextAreaField(_l("答复"))


def posting_form(matter_id: UUID) -> Any:
    """Where, from which day, how long; for a private settlement only the yes to begin."""
    matter = paperwork.matter_or_404(matter_id)
    if matter.stage == Stage.RATIFYING:
        return redirect(site_url("community.ratification", matter_id=matter.id))
    _must_be_postable(matter)
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
    _must_be_postable(matter)
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
    return _desk_page(*found_posting(posting_id), ReplyForm(formdata=None), None)


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
        return _desk_page(*found_posting(posting_id), form, objection_id), 422
    flash(_("答复记下了。"), "ok")
    return redirect(site_url("community.desk_posting", posting_id=posting_id), 303)


def take_down(posting_id: UUID) -> Any:
    """Take the paper off the board after its last day."""
    posting, _resolution, _matter = found_posting(posting_id)
    actions.take_down(posting, by=actor(), now=clock.now())
    flash(_("公示期满，已经收下。"), "ok")
    return redirect(site_url("community.desk_postings"), 303)


def hang_new_paper(posting_id: UUID) -> Any:
    """The corrected sheet is on the board now."""
    posting, _resolution, _matter = found_posting(posting_id)
    actions.hang_new_paper(posting, by=actor(), now=clock.now())
    flash(_("记下了，公开栏上贴的是更正后的一版。"), "ok")
    return redirect(site_url("community.desk_posting", posting_id=posting_id), 303)


def starts_at_once(matter: Matter) -> bool:
    """Whether the work begins while the posting hangs: 小事 and 急事 of the grid, and what only the parties see."""
    on_the_spot = matter.level == Level.GRID and matter.triage in (Triage.MINOR, Triage.URGENT)
    return on_the_spot or matter.visibility == "parties"


def too_early(matter: Matter, tasks: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The tasks, typed or written down, that are due before objections are over: ``{what, due}``."""
    if starts_at_once(matter):
        return []
    # Work waits until objections are over, by the hall's own days: a task due within them is late before it may begin.
    until = terms_of(actions.Board(clock.today(), "")).objections_until
    dues = [(task["what"], figures.day_or_none(task["due"])) for task in tasks]
    return [{"what": what, "due": due} for what, due in dues if due is not None and not rules.window_ended(until, due)]


def _post(matter: Matter, form: PostingForm, row_id: UUID) -> Posting | None:
    starts = paperwork.day(form.starts.data)
    if starts is None:
        raise Refused(N_("写上从哪天贴出。"))
    days = (form.days.data or "").strip()
    if not days.isdecimal() or len(days) > 3:
        raise Refused(N_("挂几天，写个数。"))
    terms = {"starts": starts, "place": form.place.data or "", "days": int(days)}
    how = form.how_to_object.data or ""
    if matter.stage != Stage.DECIDED:
        board = actions.Board(**terms, how_to_object=how)
        return actions.post_again(matter, board, by=actor(), now=clock.now(), id=row_id)
    if starts_at_once(matter):
        board = actions.Board(**terms, how_to_object=how)
        return actions.start_work(matter, board=board, by=actor(), now=clock.now(), id=row_id)
    return actions.publicize(matter, **terms, how_to_object=how, by=actor(), now=clock.now(), id=row_id)


def _must_be_postable(matter: Matter) -> None:
    """Decided, or corrected so that its posting came down and another has to hang."""
    if matter.stage != Stage.DECIDED and not queries.owes_posting(matter):
        raise Refused(N_("这件事现在走到别的一步了，请刷新看看。"))


def _form_page(matter: Matter, form: PostingForm) -> str:
    again = matter.stage != Stage.DECIDED
    lacking = () if again else missing("publicize", situation_of(matter, evidence_of(matter)))
    needs = [{"ok": False, "label": _(need.label), "url": site_url("community.resolution_form", matter_id=matter.id),
              "link": _("去写决议")} for need in lacking]  # fmt: skip
    resolution = queries.valid_resolution(matter)
    return desk(
        "desk/posting_form.html", "postings", matter=matter, form=form, needs=needs, again=again,
        early=too_early(matter, resolution.tasks if resolution is not None else []),
        at_once=starts_at_once(matter) and not again, private=matter.visibility == "parties",
        once=request.form.get("once") or uuid7(),
        resolution=resolution, back=paperwork.matter_link(matter),
    )  # fmt: skip


def _desk_page(posting: Posting, resolution: Resolution, matter: Matter, form: ReplyForm, failed: UUID | None) -> str:
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
        back=paperwork.matter_link(matter), version=resolution.version, newer=newer_version(resolution),
        owes=posting.state == "withdrawn" and queries.owes_posting(matter),
    )  # fmt: skip


DOORS: list[Door] = [
    Door("GET", "/desk/matters/<uuid:matter_id>/posting-draft", posting_form, Permission.POSTING_WRITE),
    Door("POST", "/desk/matters/<uuid:matter_id>/postings", post, Permission.POSTING_WRITE, name="post_resolution"),
    Door("GET", "/desk/postings", desk_postings, Permission.POSTING_WRITE),
    Door("GET", "/desk/postings/<uuid:posting_id>", desk_posting, Permission.POSTING_WRITE),
    Door("POST", "/desk/postings/<uuid:posting_id>/removals", take_down, Permission.POSTING_WRITE,
         name="take_down_posting"),
    Door("POST", "/desk/postings/<uuid:posting_id>/new-papers", hang_new_paper, Permission.POSTING_WRITE),
    Door("POST", "/desk/objections/<uuid:objection_id>/replies", answer, Permission.POSTING_WRITE,
         name="answer_objection"),
]  # fmt: skip
