"""Doors of the hall: say it in three short steps, without an account and without JavaScript.

Each step is a page of its own; the answers wait in a draft on the server (``drafts``), so going back, a refused form
or a lost connection loses nothing. Staff use the same three steps to write down what somebody tells them (代录).
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, flash, redirect, request, session
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from sqlalchemy.exc import IntegrityError
from wtforms import BooleanField, IntegerField, MultipleFileField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import Optional

from app import clock
from app.errors import Missing, Verdict
from app.faces.community import drafts
from app.faces.community.drafts import Draft
from app.faces.community.files import picture_answer
from app.faces.community.inputs import whole_number
from app.faces.doors import Door
from app.faces.look import say as in_words
from app.faces.pages import page
from app.faces.visitor import actor, owns, remember_mine, visitor
from app.flow.collect import actions, queries, rules
from app.flow.collect.rules import Saying
from app.matter.actions import find_matter
from app.matter.photos import BadPhoto
from app.people.permissions import Permission
from app.people.places import Building
from tenants.database import db
from tenants.hosts import site_url

#: What a person says about who speaks, and the kind of proposal it makes.
KIND_OF = {"self": "individual", "joint": "joint", "another": "individual", "organisation": "organisation"}
#: Codes of the last few matters this browser handed in; they are shown on the receipt and nowhere else.
CODES_KEPT = 3


class WhatForm(FlaskForm):
    """Step 1."""

    words = TextAreaField(_l("什么事"))
    wish = TextAreaField(_l("盼着怎么办"))
    photos = MultipleFileField(_l("拍张照片"))


class WhereForm(FlaskForm):
    """Step 2; the choices of building and unit come from the hall's own places."""

    building = RadioField(_l("几号楼"), validators=[Optional()], validate_choice=False)
    unit = RadioField(_l("几单元"), validators=[Optional()], validate_choice=False)
    place = StringField(_l("具体位置"))
    who = RadioField(_l("谁提这件事"), validate_choice=False)
    signers = IntegerField(_l("一共几户"), validators=[Optional()])
    organisation = StringField(_l("单位名称"))
    channel = SelectField(_l("从哪儿听来的"), choices=list(rules.CHANNELS.items()), validate_choice=False)
    point = StringField(_l("哪个收集点、哪天的信箱"))
    category = SelectField(_l("哪一类"), choices=[("", _l("先不分")), *rules.CATEGORIES.items()], validate_choice=False)


class CheckForm(FlaskForm):
    """Step 3."""

    name = StringField(_l("怎么称呼您"))
    title_of_address = RadioField(_l("称呼"), choices=list(rules.TITLES_OF_ADDRESS.items()), validate_choice=False)
    phone = StringField(_l("手机号"))
    name_public = RadioField(_l("公开的时候写"), choices=[("", ""), ("y", "")], validate_choice=False)
    is_child = BooleanField(_l("说事的是不满 18 岁的孩子"))
    birth_year = IntegerField(_l("哪年出生"), validators=[Optional()])
    guardian_consent = BooleanField(_l("家长知道，也同意"))
    read_back = BooleanField(_l("已经念给本人听过，本人同意这样写"))
    truth = BooleanField(_l("我说的是实情，同意社区按隐私说明使用这些信息"))


def say() -> str:
    """Step 1, with whatever this browser had typed before."""
    draft = drafts.find_draft()
    if draft and draft.handed_in:
        draft = None
    form = WhatForm(formdata=None, words=draft.words if draft else "", wish=draft.wish if draft else "")
    return _what_page(form, draft)


def say_what() -> Any:
    """Take in step 1: words and photos. A photo is accepted or refused by itself, and accepted ones stay."""
    form, draft = WhatForm(), drafts.open_draft()
    fine = form.validate()
    if request.form.get("drop"):
        drafts.drop_photo(draft, request.form["drop"])
    _add_photos(form, draft)
    saying = Saying(words=form.words.data or "", wish=form.wish.data or "", place="-")
    fine = _told(form, rules.problems(saying, year=clock.today().year)) and fine and not form.photos.errors
    if len(saying.words) <= rules.WORDS and len(saying.wish) <= rules.WISH:
        draft.words, draft.wish = rules.tidy_words(saying.words), rules.tidy_words(saying.wish)
    drafts.keep(draft)
    if request.form.get("drop") or request.form.get("stay"):
        return redirect(site_url("community.say"), 303)
    if not fine:
        return _what_page(form, draft), 422
    return redirect(site_url("community.say_where"), 303)


def say_where() -> Any:
    """Step 2."""
    draft = _writing()
    if draft is None:
        return redirect(site_url("community.say"))
    form = WhereForm(
        formdata=None, building=draft.building_id or ("none" if draft.place else None),
        unit=str(draft.unit or ""), place=draft.place, who=draft.who or ("another" if _is_staff() else "self"),
        signers=draft.signers if draft.signers > 1 else None, organisation=draft.organisation,
        channel=draft.channel, point=draft.point, category=draft.category,
    )  # fmt: skip
    return _where_page(form, draft)


def say_place() -> Any:
    """Take in step 2."""
    draft = _writing()
    if draft is None:
        return _start_again()
    form, buildings = WhereForm(), queries.buildings()
    fine = form.validate()
    chosen = next((b for b in buildings if str(b.id) == form.building.data), None)
    fine = _told(form, _where_problems(form, chosen)) and fine
    if not fine:
        return _where_page(form, draft, buildings), 422
    draft.building_id, draft.building = (str(chosen.id), f"{chosen.estate.name} {chosen.name}") if chosen else ("", "")
    draft.unit = whole_number(form.unit.data) if chosen else None
    draft.place, draft.who = rules.tidy_words(form.place.data or ""), form.who.data
    draft.signers = form.signers.data or 1 if draft.who == "joint" else 1
    draft.organisation = (form.organisation.data or "").strip() if draft.who == "organisation" else ""
    if _is_staff():
        draft.channel, draft.point, draft.category = form.channel.data, form.point.data or "", form.category.data or ""
    drafts.keep(draft)
    return redirect(site_url("community.say_check"), 303)


def say_check() -> Any:
    """Step 3: read it through."""
    draft = _writing()
    if draft is None or not draft.who:
        return redirect(site_url("community.say" if draft is None else "community.say_where"))
    return _check_page(CheckForm(formdata=None, title_of_address="", name_public=""), draft)


def say_hand_in() -> Any:
    """Hand it in. A second click finds the first one's matter and shows the same receipt."""
    draft = drafts.find_draft()
    if draft is None:
        return _start_again()
    if not draft.who:
        # The steps may be knocked at in any order; who speaks is asked at the second.
        return redirect(site_url("community.say_where"), 303)
    if draft.handed_in and find_matter(UUID(draft.matter_id)) is not None:
        return _to_receipt(draft)
    form = CheckForm()
    fine = form.validate()
    saying = _saying(draft, form)
    fine = _told(form, rules.problems(saying, year=clock.today().year)) and fine
    if not form.truth.data:
        form.truth.errors = [*form.truth.errors, _("请勾上这一条再交。")]
        fine = False
    if not fine:
        return _check_page(form, draft), 422
    try:
        actions.submit(
            saying, by=actor(), now=clock.now(), matter_id=UUID(draft.matter_id), photos=draft.pictures, code=draft.code
        )
        db.session.flush()
    except IntegrityError:
        # The same draft is being handed in by another click, or its building went away meanwhile.
        db.session.rollback()
        if find_matter(UUID(draft.matter_id)) is None:
            raise
    draft.handed_in = True
    drafts.keep(draft)
    return _to_receipt(draft)


def say_receipt(matter_id: UUID) -> Any:
    """The tracking code in threes, once, and what happens next."""
    if not owns(matter_id) and session.get("entered") != str(matter_id):
        raise Missing(_("收据只在交的那部手机上看得到。有查询码的话，请到「查进度」输码。"))
    matter = find_matter(matter_id)
    if matter is None:
        raise Missing(_("没有这件事。"))
    code = next((code for kept, code in session.get("codes", []) if kept == str(matter_id)), "")
    proposals = queries.proposals_of(matter)
    person = proposals[0].person if proposals else None
    return page(
        "hall/say_receipt.html",
        matter=matter,
        code=code,
        person=person,
        gender=rules.gender_of(person.title if person else ""),
    )


def say_photo(photo_id: UUID) -> Response:
    """The preview of a photo that waits in this browser's own draft."""
    draft = drafts.find_draft()
    if draft is None or str(photo_id) not in {photo["id"] for photo in draft.photos}:
        raise Missing(_("没有找到这个文件。"))
    return picture_answer(photo_id, "small")


def _writing() -> Draft | None:
    draft = drafts.find_draft()
    return None if draft is None or draft.handed_in or not draft.words else draft


def _start_again() -> Any:
    flash(_("这一页放得太久了，请从头再说一遍。"), "warning")
    return redirect(site_url("community.say"), 303)


def _is_staff() -> bool:
    me = visitor()
    return me is not None and me.kind == "staff"


def _add_photos(form: WhatForm, draft: Draft) -> None:
    form.photos.errors = list(form.photos.errors)
    for upload in request.files.getlist("photos"):
        if not upload.filename:
            continue
        if len(draft.photos) >= rules.PHOTOS:
            form.photos.errors.append(_("最多 %(n)s 张照片，多的没有收。", n=rules.PHOTOS))
            break
        try:
            drafts.add_photo(draft, upload.stream)
        except BadPhoto as error:
            form.photos.errors.append(f"{upload.filename[:40]}：{in_words(error.reason, error.values)}")


def _told(form: FlaskForm, found: dict[str, Verdict]) -> bool:
    """Put each problem to its field; a field this step does not have is another step's business."""
    fields = {"kind": "who", "building": "building"}
    fine = True
    for name, verdict in found.items():
        target = form._fields.get(fields.get(name, name))
        if target is not None:
            target.errors = [*target.errors, in_words(verdict.reason, verdict.values)]
            fine = False
    return fine


def _where_problems(form: WhereForm, chosen: Building | None) -> dict[str, Verdict]:
    found = rules.problems(
        Saying(
            words="--", place=form.place.data or "", building_id=chosen.id if chosen else None,
            kind=KIND_OF.get(form.who.data or "", ""), signers=form.signers.data or 1,
            organisation=form.organisation.data or "", channel=(form.channel.data or "web") if _is_staff() else "web",
            point=form.point.data or "", category=form.category.data or "",
        ),
        year=clock.today().year,
    )  # fmt: skip
    unit = form.unit.data or ""
    if chosen and unit and not 1 <= (whole_number(unit) or 0) <= chosen.units:
        found["unit"] = Verdict(False, rules.NO_SUCH_UNIT, {"building": chosen.name, "n": chosen.units})
    return found


def _saying(draft: Draft, form: CheckForm) -> Saying:
    me = visitor()
    staff, resident = _is_staff(), me is not None and me.kind == "resident"
    another = draft.who == "another"
    return Saying(
        words=draft.words, wish=draft.wish, kind=KIND_OF[draft.who], signers=draft.signers,
        organisation=draft.organisation, building_id=UUID(draft.building_id) if draft.building_id else None,
        unit=draft.unit, place=draft.place, channel=draft.channel, point=draft.point, category=draft.category,
        name=form.name.data or "", title_of_address=form.title_of_address.data or "", phone=form.phone.data or "",
        name_public=bool(form.name_public.data), birth_year=form.birth_year.data if form.is_child.data else None,
        guardian_consent=form.guardian_consent.data, read_back=form.read_back.data, for_another=another,
        entered_by=me.id if staff and another and me else None,
        person_id=me.account.person_id if resident and not another and me else None,  # type: ignore[union-attr]
    )  # fmt: skip


def _to_receipt(draft: Draft) -> Any:
    matter_id = UUID(draft.matter_id)
    if not _is_staff():
        remember_mine(matter_id)
    else:
        # Staff write for others on a shared machine; the receipt is theirs to print, the matter is not theirs to own.
        session["entered"] = draft.matter_id
    codes = [(draft.matter_id, draft.code), *(kept for kept in session.get("codes", []) if kept[0] != draft.matter_id)]
    session["codes"] = codes[:CODES_KEPT]
    return redirect(site_url("community.say_receipt", matter_id=matter_id), 303)


def _what_page(form: WhatForm, draft: Draft | None) -> str:
    kept = [photo["id"] for photo in draft.photos] if draft else []
    return page("hall/say_what.html", form=form, kept=kept, most=rules.PHOTOS, limit=rules.WORDS)


def _where_page(form: WhereForm, draft: Draft, buildings: list[Building] | None = None) -> str:
    buildings = queries.buildings() if buildings is None else buildings
    estates: dict[str, list[Building]] = {}
    for building in buildings:
        estates.setdefault(building.estate.name, []).append(building)
    units = max((building.units for building in buildings), default=0)
    return page("hall/say_where.html", form=form, estates=estates, units=units, staff=_is_staff(), draft=draft)


def _check_page(form: CheckForm, draft: Draft) -> str:
    me = visitor()
    return page(
        "hall/say_check.html", form=form, draft=draft, staff=_is_staff(), another=draft.who == "another",
        by_account=me is not None and me.kind == "resident" and draft.who != "another",
    )  # fmt: skip


DOORS: list[Door] = [
    Door("GET", "/say", say, Permission.ANYONE_SUBMIT),
    Door("POST", "/say", say_what, Permission.ANYONE_SUBMIT, limit="60 per 10 minutes"),
    Door("GET", "/say/where", say_where, Permission.ANYONE_SUBMIT),
    Door("POST", "/say/where", say_place, Permission.ANYONE_SUBMIT),
    Door("GET", "/say/check", say_check, Permission.ANYONE_SUBMIT),
    Door("POST", "/say/check", say_hand_in, Permission.ANYONE_SUBMIT, limit="20 per 10 minutes"),
    Door("GET", "/say/receipts/<uuid:matter_id>", say_receipt, Permission.ANYONE_SUBMIT),
    Door("GET", "/say/photos/<uuid:photo_id>", say_photo, Permission.ANYONE_SUBMIT),
]
