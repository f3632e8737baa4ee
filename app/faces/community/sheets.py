"""Resolutions and postings as plain data for a page, and as the papers of ``records.documents``."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from flask import g
from flask_babel import gettext as _

from app import clock
from app.faces.community import tally_words as counts
from app.faces.community.tally_words import tally_words
from app.faces.community.task_rows import said_of
from app.faces.look import money, say
from app.flow.decide.rules import EFFECT_LABELS, RULE_LABELS, LegalEffect, Rule
from app.flow.deliberate.queries import find_sitting
from app.flow.resolve import rules
from app.flow.resolve.models import Commitment, Posting, Resolution
from app.flow.resolve.rules import Change
from app.matter.models import Matter
from app.records.documents import notice as notice_document
from app.records.documents import resolution as resolution_document
from app.records.documents.parts import Dissent, Task
from app.records.documents.wording import full_date, paragraphs
from app.records.qr import qr_png
from app.records.templates import current_template
from app.words import N_
from tenants.hosts import site_url

__all__ = ["change_words", "clock_words", "posting_days", "posting_paper", "resolution_paper", "resolution_sheet",
           "tally_words", "tasks_as_written"]  # fmt: skip

FIELD_LABELS = {
    "title": N_("决议标题"), "basis": N_("议定依据"), "words": N_("决议内容"), "dissent": N_("不同意见"),
    "dissent_answer": N_("答复"), "signed_by": N_("落款"), "task": N_("任务"),
}  # fmt: skip


def resolution_sheet(
    resolution: Resolution, matter: Matter, tasks: Sequence[Commitment], posting: Posting | None
) -> dict[str, Any]:
    """What the page of a resolution shows."""
    tally = resolution.tally
    return {
        "title": resolution.title,
        "number": resolution.number,
        "version": resolution.version,
        "basis": paragraphs(resolution.basis),
        "text": paragraphs(resolution.words),
        "dissent": paragraphs(resolution.dissent),
        "dissent_answer": paragraphs(resolution.dissent_answer),
        "signed_by": resolution.signed_by,
        "signed_at": resolution.signed_at,
        "signed_on": clock.local(resolution.made_at).date(),
        "replaced_at": resolution.replaced_at,
        "correction": resolution.correction_reason,
        "tally": tally,
        "tally_words": tally_words(tally),
        "counts": counts.blocks(tally),
        "ratified": counts.ratified_block(tally),
        "rule": _(RULE_LABELS[Rule(tally["rule"])]),
        "effect": _(EFFECT_LABELS[LegalEffect(resolution.legal_effect)]),
        "seal": _("协商一致") if tally["rule"] == "consensus" else _("表决通过"),
        "signed_words": full_date(clock.local(resolution.made_at).date()),
        "tasks": [
            {**said_of(t), "due_words": full_date(_due(t)), "planned_fen": t["planned_fen"]}
            for t in tasks_as_written(resolution, tasks)
        ],
        "posting": posting and {"number": posting.number, "starts": posting.starts, "ends": posting.ends,
                                "until": posting.objections_until,
                                "open": posting.state == "up" and clock.today() <= posting.objections_until},
    }  # fmt: skip


def tasks_as_written(resolution: Resolution, tasks: Sequence[Commitment]) -> list[dict[str, Any]]:
    """The tasks as this version says them; papers older than versions kept them only as promises."""
    return resolution.tasks or [
        {"what": t.what, "who": t.who, "due": t.first_due.isoformat(), "planned_fen": t.planned_fen, "unit": t.unit,
         "target": t.target, "letter_no": t.letter_no}
        for t in tasks
    ]  # fmt: skip


def change_words(change: Change) -> dict[str, str]:
    """One place where two versions differ: ``{label, old, new}``."""
    old, new = (_task_words(side) if change.field == "task" else side or "" for side in (change.old, change.new))
    return {"label": _(FIELD_LABELS[change.field]), "old": old, "new": new}


def _task_words(task: dict[str, Any] | None) -> str:
    if task is None:
        return ""
    said = _("%(what)s，%(who)s，%(due)s前", **said_of(task), due=full_date(_due(task)))
    return said + (_("，预算 %(money)s", money=money(task["planned_fen"])) if task["planned_fen"] else "")


def _due(task: dict[str, Any]) -> date:
    return date.fromisoformat(task["due"])


def posting_days(posting: Posting) -> dict[str, str]:
    """The days of a posting as papers write them, with the year."""
    return {
        "starts": full_date(posting.starts), "ends": full_date(posting.ends),
        "until": full_date(posting.objections_until), "posted": full_date(clock.local(posting.posted_at).date()),
    }  # fmt: skip


def clock_words(posting: Posting, today: date) -> str:
    """「公示第 3 天，还有 4 天可以提意见」, and what became of a posting that is down."""
    if posting.state == "withdrawn":
        return _("已撤下")
    terms = rules.Terms(posting.starts, posting.objections_until, posting.ends)
    return say(*rules.clock_words(terms, today))


def resolution_paper(
    resolution: Resolution, matter: Matter, tasks: Sequence[Commitment], posting: Posting | None
) -> bytes:
    """The 决议书 as .docx, on the street's letterhead where it has one."""
    sitting = find_sitting(resolution.sitting_id) if resolution.sitting_id else None
    held = (sitting.opened_at or sitting.starts_at) if sitting else resolution.made_at
    first, *more = counts.paper_tallies(resolution.tally)
    made_on = clock.local(resolution.made_at).date()
    paper = resolution_document.Resolution(
        issuer=f"{g.site.name}{g.site.hall}", number=resolution.number, matter_number=matter.number,
        matter_title=matter.title, held_at=held, place=sitting.place if sitting else (g.site.address or g.site.hall),
        chair=(sitting.chair_label if sitting else "") or resolution.signed_by, basis=paragraphs(resolution.basis),
        text=resolution.words, tally=first, more_tallies=more, ratified=counts.paper_ratified(resolution.tally),
        tasks=[
            Task(**said_of(t), due=_due(t), money_fen=t["planned_fen"] or None)
            for t in tasks_as_written(resolution, tasks)
        ],
        dissents=[Dissent(resolution.dissent, resolution.dissent_answer)] if resolution.dissent else [],
        convener=resolution.signed_by, signed_on=made_on, posting_starts=posting.starts if posting else None,
        posting_ends=posting.ends if posting else None, objections_until=posting.objections_until if posting else None,
        sealed=resolution.tally["mode"] != "consensus", contact=_contact(), version=resolution.version,
        correction=resolution.correction_reason, corrected_on=made_on, title=resolution.title,
    )  # fmt: skip
    return resolution_document.resolution_docx(paper, template=current_template("resolution"))


def posting_paper(posting: Posting, resolution: Resolution, matter: Matter, tasks: Sequence[Commitment]) -> bytes:
    """The 公示 as .docx, with a code that leads to its page; it shows the version that hangs."""
    address = site_url("community.posting", posting_id=posting.id, external=True)
    written = tasks_as_written(resolution, tasks)
    ratified = resolution.tally.get("ratified")
    paper = notice_document.Posting(
        issuer=f"{g.site.name}{g.site.hall}", number=posting.number, matter_number=matter.number,
        matter_title=matter.title, plan=resolution.words, starts_on=posting.starts, ends_on=posting.ends,
        objections_until=posting.objections_until, phone=g.site.phone or g.site.street_phone or "—",
        letterbox=g.site.address or posting.place, contact=_contact(),
        issued_on=clock.local(posting.posted_at).date(), resolution_number=resolution.number,
        money_fen=sum(task["planned_fen"] for task in written) or None, qr_png=qr_png(address), address=address,
        tasks=[_posted_words(t) for t in written], version=resolution.version,
        decided=counts.BODY_NAMES[counts.Body(ratified["body"])] if ratified else "",
    )  # fmt: skip
    return notice_document.posting_docx(paper, template=current_template("notice"))


def _posted_words(task: dict[str, Any]) -> str:
    said = said_of(task)
    return f"{said['what']}：{said['who']}，{full_date(_due(task))}前办完。"


def _contact() -> str:
    return "，".join(part for part in (g.site.name, g.site.phone) if part)
