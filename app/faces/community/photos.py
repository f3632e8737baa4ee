"""Doors of the hall: a matter's pictures at the desk. Add one, publish one, take one back, hide one."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import current_app, flash, redirect, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, MultipleFileField, StringField

from app import clock
from app.errors import Missing, NotAllowed, Refused
from app.faces.community.drafts import files
from app.faces.community.inputs import take_back
from app.faces.community.matter import readable
from app.faces.community.moderation import HideForm, with_reason
from app.faces.doors import Door
from app.faces.look import say
from app.faces.pages import desk
from app.faces.phrasing import headed
from app.faces.visitor import actor, visitor
from app.flow.collect import hiding, pictures
from app.flow.collect import voices_rules as rules
from app.flow.collect.actions import Picture
from app.matter.models import Attachment, Matter
from app.matter.photos import BadPhoto, reencode
from app.people.permissions import Permission
from app.words import N_
from tenants.database import uuid7
from tenants.hosts import site_url
from tenants.scope import current_community

AT_ONCE = 6


class AddForm(FlaskForm):
    """Pictures and what is on them."""

    photos = MultipleFileField(_l("照片"))
    caption = StringField(_l("拍的是什么"))


class PublishForm(FlaskForm):
    """What stands under it, who agreed, and that nobody is to be recognised on it."""

    caption = StringField(_l("照片下面写什么"))
    note = StringField(_l("谁同意公开的"))
    checked = BooleanField(_l("看过了：人脸、车牌、门牌都遮好了，或者没有拍到"))


def matter_photos(matter_id: UUID) -> str:
    """Every picture of the matter with what the public sees of it."""
    return _page(readable(matter_id), AddForm(formdata=None))


def photos_add(matter_id: UUID) -> Any:
    """Add pictures; each is drawn anew, and the good ones are kept when one is not."""
    matter, form = readable(matter_id), AddForm()
    form.validate()
    made, wrong = _drawn()
    form.photos.errors = wrong
    if not made and not wrong:
        form.photos.errors = [_("请选一张照片。")]
    elif made:
        try:
            pictures.add_photos(matter, made, form.caption.data or "", by=actor(), now=clock.now())
        except Refused as error:
            take_back(form, "caption", error)
            _forget(made)
            return _page(readable(matter_id), form), 422
        flash(_("添了 %(n)s 张照片，只有办事的人看得到。", n=len(made)), "ok")
    if form.photos.errors:
        return _page(matter, form), 422
    return _back(matter_id)


def photo_form(photo_id: UUID) -> str:
    """One picture, large, with what may be done to it."""
    photo, matter = _found(photo_id)
    return _photo_page(photo, matter, PublishForm(formdata=None, caption=photo.caption), HideForm(formdata=None))


def photo_publish(photo_id: UUID) -> Any:
    """Everybody sees it from now on."""
    photo, matter = _found(photo_id)
    form = PublishForm()
    form.validate()
    caption, note = form.caption.data or "", form.note.data or ""
    try:
        pictures.publish_photo(photo, matter, caption, note, checked=form.checked.data, by=actor(), now=clock.now())
    except Refused as error:
        field = "caption" if not rules.good_words(caption, most=rules.CAPTION) else "checked"
        field = "note" if field == "checked" and not rules.good_words(note, most=rules.NOTE) else field
        take_back(form, field, error)
        return _photo_page(*_found(photo_id), form, HideForm(formdata=None)), 422
    flash(_("公开了，大家在这件事的页面上看得到。"), "ok")
    return _back(matter.id)


def photo_unpublish(photo_id: UUID) -> Any:
    """Only the handlers see it again."""
    photo, matter = _found(photo_id)
    pictures.unpublish_photo(photo, matter, by=actor(), now=clock.now())
    flash(_("收回了，只有办事的人看得到。"), "ok")
    return _back(matter.id)


def photo_hide(photo_id: UUID) -> Any:
    """Nobody but the staff sees it, with the reason."""
    photo, matter = _found(photo_id)
    form = HideForm()
    if not with_reason(form, lambda reason: hiding.hide_photo(photo, matter, reason, by=actor(), now=clock.now())):
        photo, matter = _found(photo_id)
        return _photo_page(photo, matter, PublishForm(formdata=None, caption=photo.caption), form), 422
    flash(_("这张照片不显示了。"), "ok")
    return _back(matter.id)


def photo_show(photo_id: UUID) -> Any:
    """Take the hiding back."""
    photo, matter = _found(photo_id)
    hiding.show_photo(photo, matter, by=actor(), now=clock.now())
    flash(_("照片恢复了。"), "ok")
    return _back(matter.id)


def _drawn() -> tuple[list[Picture], list[str]]:
    """The uploads as our own JPEGs in the store, and what was wrong with the others."""
    made: list[Picture] = []
    wrong: list[str] = []
    uploads = [upload for upload in request.files.getlist("photos") if upload.filename]
    if len(uploads) > AT_ONCE:
        wrong.append(_("一次最多 %(n)s 张照片，多的没有收。", n=AT_ONCE))
    store = files()
    for upload in uploads[:AT_ONCE]:
        try:
            photo = reencode(upload.stream, limit_bytes=current_app.config["PHOTO_BYTES"])
        except BadPhoto as error:
            wrong.append(headed((upload.filename or "")[:40], say(error.reason, error.values)))
            continue
        picture = Picture(uuid7(), photo.width, photo.height, len(photo.full), photo.sha256)
        store.put(current_community(), picture.id, photo.full)
        store.put(current_community(), picture.id, photo.small, variant="small")
        made.append(picture)
    return made, wrong


def _forget(made: list[Picture]) -> None:
    for picture in made:
        files().forget(current_community(), picture.id)


def _found(photo_id: UUID) -> tuple[Attachment, Matter]:
    found = pictures.find_photo(photo_id)
    if found is None:
        raise Missing(N_("没有这张照片。"))
    try:
        readable(found[1].id)
    except NotAllowed as error:
        # Whoever may not read the matter learns nothing about its pictures.
        raise Missing(N_("没有这张照片。")) from error
    return found


def _may_publish() -> bool:
    me = visitor()
    return me is not None and me.can(Permission.MODERATION_WRITE)


def _page(matter: Matter, form: AddForm) -> str:
    return desk(
        "desk/photos.html", "ledger", matter=matter, form=form, photos=pictures.photos_of_matter(matter), most=AT_ONCE,
        may_publish=_may_publish(), restricted=not pictures.may_be_public(matter),
    )  # fmt: skip


def _photo_page(photo: Attachment, matter: Matter, publish: PublishForm, hide: HideForm) -> str:
    return desk(
        "desk/photo.html", "ledger", matter=matter, photo=photo, publish=publish, hide=hide,
        restricted=not pictures.may_be_public(matter),
    )  # fmt: skip


def _back(matter_id: UUID) -> Any:
    return redirect(site_url("community.matter_photos", matter_id=matter_id), 303)


P = Permission
MATTER, PHOTO = "/desk/matters/<uuid:matter_id>/photos", "/desk/photos/<uuid:photo_id>"
DOORS: list[Door] = [
    Door("GET", MATTER, matter_photos, P.RESEARCH_WRITE),
    Door("POST", MATTER, photos_add, P.RESEARCH_WRITE),
    Door("GET", PHOTO, photo_form, P.MODERATION_WRITE, name="desk_photo"),
    Door("POST", f"{PHOTO}/publications", photo_publish, P.MODERATION_WRITE),
    Door("POST", f"{PHOTO}/retractions", photo_unpublish, P.MODERATION_WRITE),
    Door("POST", f"{PHOTO}/hidings", photo_hide, P.MODERATION_WRITE),
    Door("POST", f"{PHOTO}/showings", photo_show, P.MODERATION_WRITE),
]
