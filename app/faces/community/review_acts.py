"""Doors of the hall's review: what is written down, followed up, taken back, and the ways out of the stage."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import flash, redirect, request
from flask_babel import gettext as _

from app import clock
from app.errors import Missing
from app.faces.community import paperwork
from app.faces.community import review_forms as forms
from app.faces.community.inputs import as_uuid
from app.faces.community.review_forms import WordsForm
from app.faces.community.reviews import review_page
from app.faces.doors import Door
from app.faces.look import link
from app.faces.pages import desk
from app.faces.visitor import actor
from app.flow.evaluate import actions, queries, rules
from app.flow.evaluate.models import ReturnVisit
from app.flow.implement.queries import commitments_of
from app.matter.models import Matter
from app.matter.situation import Stage
from app.people.permissions import Permission
from app.words import N_
from tenants.hosts import site_url


def visit(matter_id: UUID) -> Any:
    """Write a return visit down, with the unhappy ones it was made to."""
    matter = paperwork.matter_or_404(matter_id)
    row_id, form = paperwork.once(), forms.VisitForm()
    if not paperwork.already(ReturnVisit, row_id):
        paperwork.must_stand_at(matter, Stage.REVIEWING)
        if paperwork.attempt(form, lambda: _visit(matter, form, row_id)) is None:
            return review_page(paperwork.matter_or_404(matter_id), visit=form), 422
    flash(_("回访记下了。"), "ok")
    return back(matter_id)


def enter_ratings(matter_id: UUID) -> Any:
    """Enter a round of visits or papers at once; the form's own id keeps a second click from counting twice."""
    matter = paperwork.matter_or_404(matter_id)
    paperwork.must_stand_at(matter, Stage.REVIEWING)
    batch, form = paperwork.once(), forms.BatchForm()
    taken = paperwork.attempt(
        form, lambda: actions.enter_ratings(
            matter, forms.voices_of(form), source=form.source.data or "", batch=batch, by=actor(), now=clock.now()
        ),
    )  # fmt: skip
    if taken is None:
        return review_page(paperwork.matter_or_404(matter_id), batch=form), 422
    flash(_("录了 %(n)s 份评价。", n=taken) if taken else _("这一批刚才已经录过了。"), "ok")
    return back(matter_id)


def striking(matter_id: UUID, batch_id: UUID) -> str:
    """Ask before a batch is taken back."""
    matter = paperwork.matter_or_404(matter_id)
    return _striking(matter, batch_id, WordsForm(formdata=None))


def strike(matter_id: UUID, batch_id: UUID) -> Any:
    """Take a batch back that was typed wrongly; the counts follow."""
    matter = paperwork.matter_or_404(matter_id)
    form = WordsForm()
    taken = paperwork.attempt(
        form, lambda: actions.strike_batch(matter, batch_id, form.words.data or "", by=actor(), now=clock.now())
    )
    if taken is None:
        return _striking(paperwork.matter_or_404(matter_id), batch_id, form), 422
    flash(_("划掉了 %(n)s 份，人数和满意率跟着改了。", n=taken) if taken else _("这一批已经划掉了。"), "ok")
    return back(matter_id)


def follow_page(matter_id: UUID, rating_id: UUID) -> str:
    """One unhappy voice: what was said, what to say, and what came of it."""
    matter = paperwork.matter_or_404(matter_id)
    return _follow_page(matter, rating_id, forms.FollowForm(formdata=None))


def follow(matter_id: UUID, rating_id: UUID) -> Any:
    """Write the follow-up down and go on to the next."""
    matter = paperwork.matter_or_404(matter_id)
    form = forms.FollowForm()
    done = paperwork.attempt(
        form, lambda: actions.follow_up(
            matter, rating_id, form.words.data or "", how=form.how.data or "", by=actor(), now=clock.now()
        ),
    )  # fmt: skip
    if done is None:
        return _follow_page(paperwork.matter_or_404(matter_id), rating_id, form), 422
    left = queries.low_open(matter)
    flash(_("记下了。还有 %(n)s 位没回访。", n=len(left)) if left else _("记下了，不满意的都回访过了。"), "ok")
    if left:
        target = site_url("community.low_follow", matter_id=matter_id, rating_id=left[0].id)
        return redirect(target, 303)
    return back(matter_id) if matter.stage == Stage.REVIEWING else redirect(site_url("community.reviews"), 303)


def evaluate(matter_id: UUID) -> Any:
    """The hall's own judgement, by itself or in a sitting."""
    matter = paperwork.matter_or_404(matter_id)
    paperwork.must_stand_at(matter, Stage.REVIEWING)
    form = forms.JudgeForm()

    def act() -> Any:
        sitting_id = as_uuid(form.sitting.data) if form.sitting.data else None
        return actions.evaluate(
            matter, form.words.data or "", effect=form.effect.data or "", sitting_id=sitting_id, by=actor(),
            now=clock.now(),
        )  # fmt: skip

    if paperwork.attempt(form, act) is None:
        return review_page(paperwork.matter_or_404(matter_id), evaluation=form), 422
    flash(_("评估记下了。"), "ok")
    return back(matter_id)


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
    form = forms.ArchiveForm()
    actions.archive(matter, retention=form.retention.data or "", by=actor(), now=clock.now())
    flash(_("归档了。"), "ok")
    return back(matter_id)


def reopen(matter_id: UUID) -> Any:
    """New facts: back to screening, with a link to the closing."""
    return _with_words(
        matter_id, "reopening",
        lambda matter, words: actions.reopen(matter, words, by=actor(), now=clock.now()),
        _("重新打开了，回到初审。"), stages=(Stage.CLOSED,), target="reviews",
    )  # fmt: skip


def back(matter_id: UUID) -> Any:
    """To the matter's review."""
    return redirect(site_url("community.review", matter_id=matter_id), 303)


def _visit(matter: Matter, form: forms.VisitForm, row_id: UUID) -> ReturnVisit:
    typed = (form.reached.data or "").strip()
    reached = int(typed) if typed.isdecimal() and len(typed) < 7 else 0
    # The page names whom a visit was made to; a form without that list leaves it to the count.
    named = [one for one in map(as_uuid, request.form.getlist("follows")) if one is not None]
    follows = named if named or "names_low" in request.form else None
    return actions.visit(
        matter, form.words.data or "", reached=reached, how=form.how.data or "", follows=follows, by=actor(),
        now=clock.now(), id=row_id,
    )  # fmt: skip


def _with_words(
    matter_id: UUID, name: str, act: Any, told: str, *, stages: tuple[Stage, ...] = (Stage.REVIEWING,), target: str = ""
) -> Any:
    matter = paperwork.matter_or_404(matter_id)
    paperwork.must_stand_at(matter, *stages)
    form = WordsForm()
    if paperwork.attempt(form, lambda: act(matter, form.words.data or "")) is None:
        return review_page(paperwork.matter_or_404(matter_id), **{name: form}), 422
    flash(told, "ok")
    return redirect(site_url(f"community.{target}"), 303) if target else back(matter_id)


def _striking(matter: Matter, batch_id: UUID, form: WordsForm) -> str:
    found = next((one for one in queries.batches_of(matter) if one.id == batch_id), None)
    if found is None:
        raise Missing(N_("没有这一批评价。"))
    return desk(
        "desk/rating_striking.html", "reviews", matter=matter, batch=found, form=form,
        source=_(rules.SOURCE_LABELS[found.source]),
    )  # fmt: skip


def _follow_page(matter: Matter, rating_id: UUID, form: forms.FollowForm) -> str:
    rating = queries.find_rating(matter, rating_id)
    if rating is None or not rules.is_low(rating.grade):
        raise Missing(N_("没有这条评价。"))
    refused = rules.may_follow_up(rating.grade, rating.followed_at is not None, rating.struck_at is not None, "phone")
    return desk(
        "desk/low_follow.html", "reviews", matter=matter, rating=rating, form=form, labels=rules,
        grade=_(rules.GRADE_LABELS[rating.grade]), source=_(rules.SOURCE_LABELS[rating.source]),
        who=_(rules.WHO_LABELS[rating.who]), calls=link("community.review_calls", matter_id=matter.id),
        refused=refused,
    )  # fmt: skip


_MATTER = "/desk/matters/<uuid:matter_id>"
_BATCH = f"{_MATTER}/rating-rounds/<uuid:batch_id>/striking"
_LOW = f"{_MATTER}/ratings/<uuid:rating_id>/follow-up"
_WRITE = Permission.REVIEW_WRITE
DOORS: list[Door] = [
    Door("POST", f"{_MATTER}/visits", visit, _WRITE, name="write_visit"),
    Door("POST", f"{_MATTER}/rating-rounds", enter_ratings, _WRITE),
    Door("GET", _BATCH, striking, _WRITE, name="rating_striking"),
    Door("POST", _BATCH, strike, _WRITE, name="rating_strike"),
    Door("GET", _LOW, follow_page, _WRITE, name="low_follow"),
    Door("POST", _LOW, follow, _WRITE, name="low_follow_write"),
    Door("POST", f"{_MATTER}/evaluations", evaluate, _WRITE, name="write_evaluation"),
    Door("POST", f"{_MATTER}/closings", close, _WRITE, name="close_matter"),
    Door("POST", f"{_MATTER}/reworks", rework, _WRITE),
    Door("POST", f"{_MATTER}/fresh-talks", talk_again, _WRITE),
    Door("POST", f"{_MATTER}/archivings", archive, _WRITE, name="archive_matter"),
    Door("POST", f"{_MATTER}/reopenings", reopen, _WRITE, name="reopen_matter"),
]
