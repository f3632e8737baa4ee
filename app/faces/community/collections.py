"""Doors of collecting money from door to door: open, end, give back, post. Only for who collects.

Who has paid stands on these pages and nowhere else; in public there are totals.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import flash, redirect, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import TextAreaField

from app import clock
from app.errors import Missing, Refused
from app.faces.community import paperwork
from app.faces.community.desk import hidden_title, reader
from app.faces.community.inputs import last_page, page_number
from app.faces.community.matter import readable
from app.faces.doors import Door
from app.faces.pages import desk
from app.faces.visitor import actor
from app.flow.implement import collecting
from app.flow.implement import collection_queries as reading
from app.flow.implement import collection_rules as rules
from app.flow.implement.collection_queries import PAGE, Whole
from app.flow.implement.money_list import shut_to
from app.people.permissions import Permission
from app.words import N_
from tenants.hosts import site_url

LONGEST = 60


class ReasonForm(FlaskForm):
    """Why."""

    reason = TextAreaField(_l("原因"))


class ClosingForm(FlaskForm):
    """A word at the end."""

    words = TextAreaField(_l("说明"))


def collections() -> str:
    """Twenty collections, the newest first; the filter stays in the URL."""
    words = " ".join(request.args.get("q", "").split())[:LONGEST]
    state = request.args.get("state", "")
    state = state if state in rules.STATES else ""
    number = page_number()
    rows, total = reading.collections_page(state=state, words=words, page=number, secret=shut_to(reader()))
    return desk(
        "desk/collections.html", "money", n=total, state=state, words=words, number=number,
        rows=[
            {"row": row, "title": hidden_title(row.matter.has_minor) if row.is_secret else row.collection.title}
            for row in rows
        ],
        states=[("", _("全部")), *((key, _(label)) for key, label in rules.STATES.items())], labels=rules.STATES,
        last=last_page(total, PAGE),
        url_of=lambda n: site_url("community.collections", q=words or None, state=state or None, page=n),
    )  # fmt: skip


def collection(collection_id: UUID) -> str:
    """The collection: every door with its share, its word and its receipt."""
    return _page(found(collection_id))


def collection_opening(collection_id: UUID) -> str:
    """Ask before the first door: what is voluntary, and the sums."""
    whole = found_at(collection_id, "draft")
    return desk(
        "desk/collection_opening.html", "money", voluntary=rules.VOLUNTARY, by_area=rules.BY_AREA, **about(whole)
    )  # fmt: skip


def collection_open(collection_id: UUID) -> Any:
    """Begin."""
    whole = found(collection_id)
    collecting.open_collection(whole.collection, whole.matter, by=actor(), now=clock.now())
    flash(_("可以去敲门了。先念自愿的那段话，同意了再收。"), "ok")
    return redirect(site_url("community.collection", collection_id=collection_id), 303)


def collection_closing(collection_id: UUID) -> str:
    """Ask before it ends."""
    whole = found_at(collection_id, "open")
    return desk("desk/collection_closing.html", "money", form=ClosingForm(formdata=None), **about(whole))


def collection_close(collection_id: UUID) -> Any:
    """It takes no money any more."""
    whole, form = found(collection_id), ClosingForm()
    done = paperwork.attempt(
        form, lambda: collecting.close_collection(
            whole.collection, whole.matter, words=form.words.data or "", by=actor(), now=clock.now()
        )
    )  # fmt: skip
    if done is None:
        return desk("desk/collection_closing.html", "money", form=form, **about(found(collection_id))), 422
    flash(_("收完了。花的钱记到账上，有余的算好退回，再把账贴出来。"), "ok")
    return redirect(site_url("community.collection", collection_id=collection_id), 303)


def collection_reopen(collection_id: UUID) -> Any:
    """Undo the end."""
    whole = found(collection_id)
    reason = (request.form.get("reason") or "").strip()
    collecting.reopen_collection(whole.collection, whole.matter, reason, by=actor(), now=clock.now())
    flash(_("接着收。"), "ok")
    return redirect(site_url("community.collection", collection_id=collection_id), 303)


def collection_settle(collection_id: UUID) -> Any:
    """Share out what is left."""
    whole = found(collection_id)
    collecting.settle_surplus(whole.collection, whole.matter, by=actor(), now=clock.now())
    flash(_("每户退多少算好了，退一户勾一户。"), "ok")
    return redirect(site_url("community.collection", collection_id=collection_id), 303)


def collection_voiding(collection_id: UUID) -> str:
    """Ask why it is given up, and say what goes back."""
    whole = found_at(collection_id, "draft", "open", "closed")
    return desk("desk/collection_void.html", "money", form=ReasonForm(formdata=None), **about(whole))


def collection_void(collection_id: UUID) -> Any:
    """Give it up; the typed reason is the confirmation."""
    whole, form = found(collection_id), ReasonForm()
    done = paperwork.attempt(
        form, lambda: collecting.void_collection(
            whole.collection, whole.matter, form.reason.data or "", by=actor(), now=clock.now()
        )
    )  # fmt: skip
    if done is None:
        return desk("desk/collection_void.html", "money", form=form, **about(found(collection_id))), 422
    flash(_("作废了。收过的钱一户一户退回。"), "ok")
    return redirect(site_url("community.collection", collection_id=collection_id), 303)


def collection_posting(collection_id: UUID) -> str:
    """Ask before the account is posted: nothing changes afterwards."""
    whole = found_at(collection_id, "closed", "void")
    return desk("desk/collection_posting.html", "money", summary=collecting.summary(whole), **about(whole))


def collection_post(collection_id: UUID) -> Any:
    """Post the totals."""
    whole = found(collection_id)
    collecting.post_collection(whole.collection, whole.matter, by=actor(), now=clock.now())
    flash(_("账公开了。把公布单印出来，贴到单元门口。"), "ok")
    return redirect(site_url("community.collection", collection_id=collection_id), 303)


def found(collection_id: UUID) -> Whole:
    """The collection with its doors, for somebody who may work with its matter."""
    whole = reading.whole(collection_id)
    if whole is None:
        raise Missing(collecting.GONE)
    readable(whole.matter.id)
    return whole


def found_at(collection_id: UUID, *states: str) -> Whole:
    """The same, refused (409) where the collection has gone past the page's step."""
    whole = found(collection_id)
    if whole.collection.state not in states or whole.collection.posted_at is not None:
        raise Refused(N_("这笔收费现在走到别的一步了，请刷新看看。"))
    return whole


def _page(whole: Whole) -> str:
    return desk("desk/collection.html", "money", summary=collecting.summary(whole), **about(whole))


def about(whole: Whole) -> dict[str, Any]:
    """What every page of a collection shows."""
    return {
        "whole": whole, "one": whole.collection, "matter": whole.matter, "count": whole.count, "bases": rules.BASES,
        "states": rules.STATES, "agreed_how": rules.AGREED_HOW, "paid_how": rules.PAID_HOW,
    }  # fmt: skip


P = Permission.COLLECTION_WRITE
ONE = "/desk/collections/<uuid:collection_id>"
DOORS: list[Door] = [
    Door("GET", "/desk/collections", collections, P),
    Door("GET", ONE, collection, P),
    Door("GET", f"{ONE}/opening", collection_opening, P),
    Door("POST", f"{ONE}/opening", collection_open, P),
    Door("GET", f"{ONE}/closure", collection_closing, P),
    Door("POST", f"{ONE}/closure", collection_close, P),
    Door("POST", f"{ONE}/reopening", collection_reopen, P),
    Door("POST", f"{ONE}/surplus", collection_settle, P),
    Door("GET", f"{ONE}/cancellation", collection_voiding, P),
    Door("POST", f"{ONE}/cancellation", collection_void, P),
    Door("GET", f"{ONE}/posting", collection_posting, P),
    Door("POST", f"{ONE}/posting", collection_post, P),
]
