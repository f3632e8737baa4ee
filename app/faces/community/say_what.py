"""Step 1 of saying something: what is it? Words, a voice note, photos."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, redirect, request
from flask_babel import gettext as _

from app import clock
from app.errors import DomainError, Missing
from app.faces.community import drafts
from app.faces.community.drafts import Draft
from app.faces.community.files import picture_answer
from app.faces.community.say_draft import Origin, origin_of, set_origin
from app.faces.community.say_forms import WhatForm, told
from app.faces.community.similar import similar_panel
from app.faces.look import say as in_words
from app.faces.pages import page
from app.faces.phrasing import headed
from app.flow.collect import rules
from app.flow.collect.rules import Saying
from app.matter.photos import BadPhoto
from app.matter.sounds import BadSound
from tenants.hosts import site_url


def say() -> str:
    """Step 1, with whatever this browser had typed before."""
    draft = drafts.find_draft()
    if draft and draft.handed_in:
        draft = None
    at, call = request.args.get("at", "")[:40], request.args.get("call", "")[:40]
    form = WhatForm(
        formdata=None, words=draft.words if draft else "", wish=draft.wish if draft else "", at=at, call=call
    )
    return _page(form, draft, origin_of(at, call))


def say_what() -> Any:
    """Take in step 1. A photo or voice note is accepted or refused by itself, and accepted ones stay."""
    form, draft = WhatForm(), drafts.open_draft()
    fine = form.validate()
    origin = origin_of(form.at.data or "", form.call.data or "")
    set_origin(draft, origin)
    stays = _drop(draft)
    _add(form.photos, draft.photos, rules.PHOTOS, lambda stream: drafts.add_photo(draft, stream))
    _add(form.voices, draft.voices, rules.VOICES, lambda stream: drafts.add_voice(draft, stream))
    saying = Saying(words=form.words.data or "", wish=form.wish.data or "", place="-", voices=len(draft.voices))
    fine = told(form, rules.problems(saying, year=clock.today().year)) and fine
    fine = fine and not form.photos.errors and not form.voices.errors
    if len(saying.words) <= rules.WORDS and len(saying.wish) <= rules.WISH:
        draft.words, draft.wish = rules.tidy_words(saying.words), rules.tidy_words(saying.wish)
    drafts.keep(draft)
    if stays or request.form.get("stay"):
        return redirect(site_url("community.say"), 303)
    if not fine:
        return _page(form, draft, origin), 422
    return redirect(site_url("community.say_where"), 303)


def say_photo(photo_id: UUID) -> Response:
    """The preview of a photo that waits in this browser's own draft."""
    draft = drafts.find_draft()
    if draft is None or str(photo_id) not in {photo["id"] for photo in draft.photos}:
        raise Missing(_("没有找到这个文件。"))
    return picture_answer(photo_id, "small")


def _drop(draft: Draft) -> bool:
    photo, voice = request.form.get("drop"), request.form.get("drop_voice")
    if photo:
        drafts.drop_photo(draft, photo)
    if voice:
        drafts.drop_voice(draft, voice)
    return bool(photo or voice)


def _add(field: Any, kept: list[dict[str, Any]], most: int, keep: Any) -> None:
    """Keep the uploads of one field as far as they are good; ``kept`` is what the draft has of them already."""
    field.errors = list(field.errors)
    for upload in request.files.getlist(field.name):
        if not upload.filename:
            continue
        if len(kept) >= most:
            field.errors.append(_too_many(field.name, most))
            break
        try:
            keep(upload.stream)
        except (BadPhoto, BadSound) as error:
            field.errors.append(headed(upload.filename[:40], _why(error)))


def _too_many(name: str, most: int) -> str:
    return (
        _("最多 %(n)s 张照片，多的没有收。", n=most)
        if name == "photos"
        else _("最多 %(n)s 段语音，多的没有收。", n=most)
    )


def _why(error: DomainError | BadPhoto) -> str:
    return in_words(error.reason, error.values)


def _page(form: WhatForm, draft: Draft | None, origin: Origin) -> str:
    kept = [photo["id"] for photo in draft.photos] if draft else []
    label = origin.label or (draft.origin if draft else "")
    words = form.words.data or ""
    return page(
        "hall/say_what.html", form=form, kept=kept, most=rules.PHOTOS, limit=rules.WORDS, origin=label,
        origin_note=origin.note, voices=draft.voices if draft else [], similar=similar_panel(words) if words else {},
    )  # fmt: skip
