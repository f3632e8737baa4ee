"""Resolutions and postings as plain data for a page, and as the papers of ``records.documents``."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from flask import g
from flask_babel import gettext as _

from app import clock
from app.faces.look import say
from app.flow.decide.rules import EFFECT_LABELS, RULE_LABELS, LegalEffect, Rule
from app.flow.deliberate.queries import find_sitting
from app.flow.resolve import rules
from app.flow.resolve.models import Commitment, Posting, Resolution
from app.matter.models import Matter
from app.records.documents import notice as notice_document
from app.records.documents import resolution as resolution_document
from app.records.documents.parts import Dissent, Tally, Task
from app.records.documents.wording import full_date, paragraphs
from app.records.qr import qr_png
from tenants.hosts import site_url


def resolution_sheet(
    resolution: Resolution, matter: Matter, tasks: Sequence[Commitment], posting: Posting | None
) -> dict[str, Any]:
    """What the page of a resolution shows."""
    tally = resolution.tally
    return {
        "title": resolution.title,
        "number": resolution.number,
        "basis": paragraphs(resolution.basis),
        "text": paragraphs(resolution.words),
        "dissent": paragraphs(resolution.dissent),
        "dissent_answer": paragraphs(resolution.dissent_answer),
        "signed_by": resolution.signed_by,
        "signed_on": clock.local(resolution.made_at).date(),
        "replaced_at": resolution.replaced_at,
        "tally": tally,
        "tally_words": tally_words(tally),
        "rule": _(RULE_LABELS[Rule(tally["rule"])]),
        "effect": _(EFFECT_LABELS[LegalEffect(resolution.legal_effect)]),
        "seal": _("协商一致") if tally["rule"] == "consensus" else _("表决通过"),
        "signed_words": full_date(clock.local(resolution.made_at).date()),
        "tasks": [
            {"what": t.what, "who": t.who, "due_words": full_date(t.first_due), "planned_fen": t.planned_fen}
            for t in tasks
        ],
        "posting": posting and {"number": posting.number, "starts": posting.starts, "ends": posting.ends,
                                "until": posting.objections_until,
                                "open": posting.state == "up" and clock.today() <= posting.objections_until},
    }  # fmt: skip


def tally_words(tally: dict[str, Any]) -> str:
    """The whole count in one sentence: N, P, Y/X/A and what was needed."""
    if tally["rule"] == "consensus":
        if not tally["eligible"]:
            return _("有关各方当面谈妥，没有人反对。")
        asked = _("该问的 %(eligible)s 方，问到 %(present)s 方，同意 %(yes)s，有条件同意 %(conditional)s，") % tally
        return asked + _("反对 %(no)s，没联系上 %(unreached)s。") % tally
    there = _("应到 %(eligible)s 人，到会 %(present)s 人：") % tally
    counted = there + _("赞成 %(yes)s 票，反对 %(no)s 票，弃权 %(abstain)s 票。") % tally
    spoiled = _("废票 %(n)s 张。", n=tally["spoiled"]) if tally["spoiled"] else ""
    needed = _("至少要 %(n)s 票赞成，", n=tally["needed"]) if tally["needed"] is not None else ""
    return counted + spoiled + needed + (_("通过。") if tally["passed"] else _("没有通过。"))


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
    """The 决议书 as .docx."""
    sitting = find_sitting(resolution.sitting_id) if resolution.sitting_id else None
    held = (sitting.opened_at or sitting.starts_at) if sitting else resolution.made_at
    return resolution_document.resolution_docx(
        resolution_document.Resolution(
            issuer=f"{g.site.name}{g.site.hall}", number=resolution.number, matter_number=matter.number,
            matter_title=matter.title, held_at=held,
            place=sitting.place if sitting else (g.site.address or g.site.hall),
            chair=(sitting.chair_label if sitting else "") or resolution.signed_by, basis=paragraphs(resolution.basis),
            text=resolution.words, tally=_paper_tally(resolution),
            tasks=[Task(t.what, t.who, t.first_due, t.planned_fen or None) for t in tasks],
            dissents=[Dissent(resolution.dissent, resolution.dissent_answer)] if resolution.dissent else [],
            convener=resolution.signed_by, signed_on=clock.local(resolution.made_at).date(),
            posting_starts=posting.starts if posting else None, posting_ends=posting.ends if posting else None,
            objections_until=posting.objections_until if posting else None,
            sealed=resolution.tally["mode"] != "consensus", contact=_contact(),
        )
    )  # fmt: skip


def _paper_tally(resolution: Resolution) -> Tally:
    tally = resolution.tally
    known = ("rule", "eligible", "present", "yes", "no", "abstain", "passed", "spoiled", "conditional", "unreached",
             "quorum", "needed")  # fmt: skip
    return Tally(**{key: tally[key] for key in known}, effect=resolution.legal_effect)


def posting_paper(posting: Posting, resolution: Resolution, matter: Matter, tasks: Sequence[Commitment]) -> bytes:
    """The 公示 as .docx, with a code that leads to its page."""
    address = site_url("community.posting", posting_id=posting.id, external=True)
    planned = sum(task.planned_fen for task in tasks)
    return notice_document.posting_docx(
        notice_document.Posting(
            issuer=f"{g.site.name}{g.site.hall}", number=posting.number, matter_number=matter.number,
            matter_title=matter.title, plan=resolution.words, starts_on=posting.starts, ends_on=posting.ends,
            objections_until=posting.objections_until, phone=g.site.phone or "—",
            letterbox=g.site.address or posting.place,
            contact=_contact(), issued_on=clock.local(posting.posted_at).date(), resolution_number=resolution.number,
            money_fen=planned or None, qr_png=qr_png(address), address=address,
        )
    )  # fmt: skip


def _contact() -> str:
    return "，".join(part for part in (g.site.name, g.site.phone) if part)
