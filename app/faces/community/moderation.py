"""Doors of the hall: reading what neighbours wrote before the public does, answering reports, hiding and showing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import flash, redirect, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import TextAreaField

from app import clock
from app.errors import Missing, Refused, Verdict
from app.faces.choosing import RadioField
from app.faces.community.inputs import as_uuid, last_page, page_number, take_back, tell
from app.faces.community.matter import readable
from app.faces.doors import Door
from app.faces.pages import desk
from app.faces.visitor import actor
from app.flow.collect import hiding
from app.flow.collect import voices_actions as actions
from app.flow.collect import voices_queries as queries
from app.flow.collect import voices_rules as rules
from app.flow.collect.voices import Comment
from app.flow.collect.voices_queries import Reported
from app.matter.models import Matter
from app.people.models import Account
from app.people.permissions import Permission
from app.words import N_
from tenants.hosts import site_url

VIEWS = (("waiting", N_("等着看的")), ("reports", N_("有人报告的")), ("decided", N_("看过的")))
SUBJECTS = {"matter": N_("整件事"), "comment": N_("留言"), "photo": N_("照片")}


class HideForm(FlaskForm):
    """Why it does not stand in public; the public reads this."""

    code = RadioField(
        _l("为什么不显示"), choices=[(code, _l(label)) for code, label in rules.REASONS.items()], validate_choice=False
    )
    more = TextAreaField(_l("再写一句"))


class KeepForm(FlaskForm):
    """Why it stays."""

    outcome = TextAreaField(_l("为什么留着"))


def moderation() -> str:
    """The queue: what waits (the oldest first), what was reported, what was decided."""
    view = request.args.get("view", "waiting")
    view = view if view in dict(VIEWS) else "waiting"
    number = page_number()
    if view == "reports":
        return _queue(view, reports=[_reported(found) for found in queries.reported()])
    rows, total = queries.queue(waiting=view == "waiting", number=number)
    last = last_page(total, queries.PAGE)
    return _queue(view, comments=[_row(*row) for row in rows], number=number, last=last)


def comments_show() -> Any:
    """Show everything ticked; what holds a word of the list is left for a closer look."""
    ids = [found for text in request.form.getlist("comment")[:100] if (found := as_uuid(text))]
    shown, left = actions.show_comments(ids, by=actor(), now=clock.now())
    words = _("显示了 %(n)s 条。", n=shown) if shown else _("没有选中要显示的。")
    flash(words + (_("还有 %(n)s 条要一条一条看。", n=left) if left else ""), "ok" if shown else "warning")
    return redirect(site_url("community.moderation"), 303)


def comment(comment_id: UUID) -> str:
    """One comment, whole, with who wrote it: the hall knows, the public reads what the author chose."""
    return _comment_page(*_found(comment_id), HideForm(formdata=None))


def comment_show(comment_id: UUID) -> Any:
    """Let it stand, or stand again."""
    found, matter, _account = _found(comment_id)
    actions.show_comment(found, matter, by=actor(), now=clock.now())
    flash(_("留言显示出来了。"), "ok")
    return redirect(site_url("community.moderation"), 303)


def comment_hide(comment_id: UUID) -> Any:
    """Keep it from the public, with a reason."""
    found, matter, account = _found(comment_id)
    form = HideForm()
    done = with_reason(form, lambda reason: actions.hide_comment(found, matter, reason, by=actor(), now=clock.now()))
    if not done:
        return _comment_page(found, matter, account, form), 422
    flash(_("这条留言不显示，大家看得到原因。"), "ok")
    return redirect(site_url("community.moderation"), 303)


def reported(report_id: UUID) -> str:
    """What was reported, by how many and why, and the two ways to answer."""
    return _report_page(_found_report(report_id), HideForm(formdata=None), KeepForm(formdata=None))


def reported_keep(report_id: UUID) -> Any:
    """It stays, and why."""
    found, form = _found_report(report_id), KeepForm()
    form.validate()
    verdict = rules.good_words(form.outcome.data or "", most=rules.REASON)
    if not tell(form, "outcome", verdict):
        return _report_page(found, HideForm(formdata=None), form), 422
    hiding.keep_reported(found, form.outcome.data or "", by=actor(), now=clock.now())
    flash(_("记下了：留着，原因也写下了。"), "ok")
    return redirect(site_url("community.moderation", view="reports"), 303)


def reported_hide(report_id: UUID) -> Any:
    """It goes out of sight, and everybody who reported it is answered."""
    found, form = _found_report(report_id), HideForm()
    if not with_reason(form, lambda reason: hiding.hide_reported(found, reason, by=actor(), now=clock.now())):
        return _report_page(_found_report(report_id), form, KeepForm(formdata=None)), 422
    flash(_("不显示了，大家看得到原因。"), "ok")
    return redirect(site_url("community.moderation", view="reports"), 303)


def matter_hiding(matter_id: UUID) -> str:
    """Ask for the reason before a whole matter goes out of sight."""
    return _hiding_page(readable(matter_id), HideForm(formdata=None))


def matter_hide(matter_id: UUID) -> Any:
    """The public sees number, stage and the reason."""
    matter, form = readable(matter_id), HideForm()
    if not with_reason(form, lambda reason: hiding.hide_matter(matter, reason, by=actor(), now=clock.now())):
        return _hiding_page(readable(matter_id), form), 422
    flash(_("这件事暂时不显示，页面上写着原因。"), "ok")
    return redirect(site_url("community.desk_matter", matter_id=matter_id), 303)


def matter_show(matter_id: UUID) -> Any:
    """Take the hiding back."""
    hiding.show_matter(readable(matter_id), by=actor(), now=clock.now())
    flash(_("这件事恢复显示了。"), "ok")
    return redirect(site_url("community.desk_matter", matter_id=matter_id), 303)


def with_reason(form: HideForm, act: Callable[[str], Any]) -> bool:
    """Run ``act`` with the reason as the public will read it; False with the reason's fault at its field."""
    form.validate()
    code, more = form.code.data or "", form.more.data or ""
    verdict: Verdict = rules.reason_words(code, more)
    if not tell(form, "more" if code in rules.REASONS else "code", verdict):
        return False
    try:
        act(rules.spoken_reason(code, more))
    except Refused as error:
        take_back(form, "code", error)
        return False
    return True


def _found(comment_id: UUID) -> tuple[Comment, Matter, Account | None]:
    found = queries.find_comment(comment_id)
    if found is None:
        raise Missing(N_("没有这条留言。"))
    return found


def _found_report(report_id: UUID) -> Reported:
    found = queries.find_reported(report_id)
    if found is None:
        raise Missing(N_("没有这条报告。"))
    return found


def _row(comment: Comment, matter: Matter, account: Account | None) -> dict[str, Any]:
    return {
        "id": comment.id, "matter_id": matter.id, "number": matter.number, "title": matter.title,
        "pieces": rules.marked(comment.words, comment.signs), "signs": comment.signs, "state": comment.state,
        "label": rules.STATE_LABELS[comment.state], "reason": comment.reason, "who": comment.shown_name,
        "account": account.display_name if account else "", "at": comment.written_at, "by_staff": comment.by_staff,
        "decided_at": comment.decided_at, "decided_label": comment.decided_label, "purged": comment.purged_at,
    }  # fmt: skip


def _reported(found: Reported) -> dict[str, Any]:
    comment = found.comment
    return {
        "id": found.report.id, "subject": found.report.subject, "subject_label": SUBJECTS[found.report.subject],
        "matter_id": found.matter.id, "number": found.matter.number, "title": found.matter.title, "times": found.times,
        "reasons": [(rules.REASONS[code], words) for code, words in found.reasons], "at": found.report.at,
        "comment": _row(comment, found.matter, None) if comment else None, "photo": found.photo,
        "state": found.report.state, "outcome": found.report.outcome, "handled_label": found.report.handled_label,
        "handled_at": found.report.handled_at,
    }  # fmt: skip


def _queue(view: str, **values: Any) -> str:
    waiting, open_reports = queries.counts()
    found = {"comments": [], "reports": [], "number": 1, "last": 1} | values

    def url_of(n: int) -> str:
        return site_url("community.moderation", view=view, page=n)

    return desk(
        "desk/moderation.html", "moderation", view=view, views=VIEWS, url_of=url_of,
        totals={"waiting": waiting, "reports": open_reports}, **found,
    )  # fmt: skip


def _comment_page(comment: Comment, matter: Matter, account: Account | None, form: HideForm) -> str:
    return desk("desk/comment.html", "moderation", comment=_row(comment, matter, account), form=form)


def _report_page(found: Reported, hide: HideForm, keep: KeepForm) -> str:
    return desk("desk/report.html", "moderation", reported=_reported(found), hide=hide, keep=keep)


def _hiding_page(matter: Matter, form: HideForm) -> str:
    return desk("desk/matter_hiding.html", "ledger", matter=matter, form=form)


W = Permission.MODERATION_WRITE
COMMENT, REPORT, MATTER = (
    "/desk/comments/<uuid:comment_id>", "/desk/reports/<uuid:report_id>", "/desk/matters/<uuid:matter_id>",
)  # fmt: skip
DOORS: list[Door] = [
    Door("GET", "/desk/moderation", moderation, W),
    Door("POST", "/desk/moderation/showings", comments_show, W),
    Door("GET", COMMENT, comment, W, name="desk_comment"),
    Door("POST", f"{COMMENT}/showings", comment_show, W),
    Door("POST", f"{COMMENT}/hidings", comment_hide, W),
    Door("GET", REPORT, reported, W, name="desk_report"),
    Door("POST", f"{REPORT}/keepings", reported_keep, W),
    Door("POST", f"{REPORT}/hidings", reported_hide, W),
    Door("GET", f"{MATTER}/hidings", matter_hiding, W),
    Door("POST", f"{MATTER}/hidings", matter_hide, W),
    Door("POST", f"{MATTER}/showings", matter_show, W),
]
