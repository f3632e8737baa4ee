"""Doors of the hall: the pictures that go with an expert's letter, as copies of their own."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import flash, redirect, request
from flask_babel import gettext as _

from app import clock
from app.errors import Missing, Refused
from app.faces.community.inputs import as_uuid
from app.faces.community.invitation_page import found
from app.faces.pictures import files, forget_pictures, picture_answer, pictures_sent
from app.faces.visitor import actor
from app.flow.collect.actions import Picture
from app.matter.models import Attachment, Matter
from app.talent import papers, queries
from app.talent.models import Invitation
from app.words import N_
from tenants.database import uuid7
from tenants.hosts import site_url
from tenants.scope import current_community


def copy_in(invitation: Invitation, matter: Matter, pictures: Sequence[Attachment], now: datetime) -> None:
    """Copy pictures of the matter into the letter: file and row are the letter's own from now on."""
    rows = [_copy(one, invitation, now) for one in pictures]
    papers.lay_in(invitation, matter, rows, by=actor(), now=now)


def add(invitation_id: UUID) -> Any:
    """Put more pictures in: those ticked, and new ones on which everything is covered that names somebody."""
    invitation, matter = found(invitation_id)
    now = clock.now()
    ticked = [one for text in request.form.getlist("paper") if (one := as_uuid(text))]
    sent = pictures_sent("photos")
    if sent and not request.form.get("checked"):
        forget_pictures(sent)
        raise Refused(N_("人脸、姓名、门牌都遮好了，再打上勾。"))
    if not sent and not ticked:
        raise Refused(N_("请选一张照片。"))
    try:
        copies = [_copy(one, invitation, now) for one in papers.chosen(matter, ticked)]
        rows = [_row(one, invitation, request.form.get("caption", ""), now) for one in sent]
        papers.lay_in(invitation, matter, [*copies, *rows], by=actor(), now=now)
    except Refused:
        forget_pictures(sent)
        raise
    flash(_("材料放进去了，专家答应以后看得到。"), "ok")
    return _back(invitation)


def remove(invitation_id: UUID, picture_id: UUID) -> Any:
    """Take a picture out again."""
    invitation, _matter = found(invitation_id)
    papers.take_out(invitation, picture_id, by=actor(), now=clock.now())
    flash(_("拿掉了，专家看不到这一张了。"), "ok")
    return _back(invitation)


def picture(invitation_id: UUID, picture_id: UUID) -> Any:
    """One picture of the letter, for the staff."""
    invitation, _matter = found(invitation_id)
    if picture_id not in {one.id for one in queries.papers_of(invitation.id)}:
        raise Missing(N_("没有这张照片。"))
    return picture_answer(picture_id, "small" if request.args.get("small") else "")


def _copy(one: Attachment, invitation: Invitation, now: datetime) -> Attachment:
    fresh, here = uuid7(), current_community()
    for variant in ("", "small"):
        with files().open(here, one.id, variant=variant) as stored:
            files().put(here, fresh, stored.read(), variant=variant)
    return papers.paper(
        fresh, invitation, width=one.width, height=one.height, size=one.size, sha256=one.sha256, caption=one.caption,
        now=now,
    )  # fmt: skip


def _row(one: Picture, invitation: Invitation, caption: str, now: datetime) -> Attachment:
    return papers.paper(
        one.id, invitation, width=one.width, height=one.height, size=one.size, sha256=one.sha256, caption=caption,
        now=now,
    )  # fmt: skip


def _back(invitation: Invitation) -> Any:
    return redirect(site_url("community.invitation", invitation_id=invitation.id) + "#papers", 303)
