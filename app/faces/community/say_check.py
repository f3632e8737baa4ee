"""Step 3 of saying something: read it through and hand it in; then the receipt."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import redirect, session
from flask_babel import gettext as _
from sqlalchemy.exc import IntegrityError

from app import clock
from app.errors import Missing, Verdict, no
from app.faces.community import drafts
from app.faces.community.drafts import Draft
from app.faces.community.inputs import as_uuid
from app.faces.community.say_draft import is_staff, start_again, writing
from app.faces.community.say_forms import KIND_OF, CheckForm, told
from app.faces.community.similar import similar_panel
from app.faces.pages import page
from app.faces.visitor import actor, owns, remember_mine, visitor
from app.flow.collect import actions, joint_queries, queries, rules
from app.flow.collect.rules import Saying, Source
from app.flow.collect.voice_notes import keep_voices
from app.matter.actions import find_matter
from app.matter.models import Matter
from app.matter.situation import Kind, Stage
from app.records.qr import qr_svg
from app.words import N_
from tenants.database import db
from tenants.hosts import site_url

#: Codes of the last few matters this browser handed in; they are shown on the receipt and nowhere else.
CODES_KEPT = 3


def say_check() -> Any:
    """Step 3: read it through."""
    draft = writing()
    if draft is None or not draft.who:
        return redirect(site_url("community.say" if draft is None else "community.say_where"))
    return _page(CheckForm(formdata=None, title_of_address="", name_public=""), draft)


def say_hand_in() -> Any:
    """Hand it in. A second click finds the first one's matter and shows the same receipt."""
    draft = drafts.find_draft()
    if draft is None:
        return start_again()
    if not draft.who:
        # The steps may be knocked at in any order; who speaks is asked at the second.
        return redirect(site_url("community.say_where"), 303)
    if draft.handed_in and find_matter(UUID(draft.matter_id)) is not None:
        return _to_receipt(draft)
    form = CheckForm()
    fine = form.validate()
    saying = _saying(draft, form)
    fine = told(form, rules.problems(saying, year=clock.today().year) | _of_the_child(form, saying)) and fine
    if not form.truth.data:
        form.truth.errors = [*form.truth.errors, _("请勾上这一条再交。")]
        fine = False
    if not fine:
        return _page(form, draft), 422
    _hand_in(draft, saying)
    draft.handed_in = True
    drafts.keep(draft)
    return _to_receipt(draft)


def say_receipt(matter_id: UUID) -> Any:
    """The tracking code in threes, once, and what happens next; for a joint one, how others sign."""
    if not owns(matter_id) and session.get("entered") != str(matter_id):
        raise Missing(_("收据只在交的那部手机上看得到。有查询码的话，请到「查进度」输码。"))
    matter = find_matter(matter_id)
    if matter is None:
        raise Missing(_("没有这件事。"))
    code = next((code for kept, code in session.get("codes", []) if kept == str(matter_id)), "")
    proposals = queries.proposals_of(matter)
    person = proposals[0].person if proposals else None
    return page(
        "hall/say_receipt.html", matter=matter, code=code, person=person,
        gender=rules.gender_of(person.title if person else ""), invite=invite_of(matter),
    )  # fmt: skip


def invite_of(matter: Matter) -> dict[str, Any] | None:
    """Link and QR code by which others sign, while the sheet is open; None for everything else."""
    found = joint_queries.signing_of(matter.id) if matter.kind == Kind.JOINT else None
    if found is None or found.sheet.closed_at is not None:
        return None
    link = site_url("community.sign_page", code=found.sheet.code, external=True)
    return {
        "code": found.sheet.code, "link": link, "qr": qr_svg(f"{link}?via=qr", label=_("扫码联名")),
        "signers": matter.signers, "threshold": found.sheet.threshold, "closes_at": found.sheet.closes_at,
        "waits": matter.stage == Stage.COLLECTED,
    }  # fmt: skip


def _hand_in(draft: Draft, saying: Saying) -> None:
    now = clock.now()
    try:
        done = actions.submit(
            saying, by=actor(), now=now, matter_id=UUID(draft.matter_id), photos=draft.pictures, code=draft.code
        )
        keep_voices(done.matter, draft.voices, now=now)
        db.session.flush()
    except IntegrityError:
        # The same draft is being handed in by another click, or its building went away meanwhile.
        db.session.rollback()
        if find_matter(UUID(draft.matter_id)) is None:
            raise


def _saying(draft: Draft, form: CheckForm) -> Saying:
    me = visitor()
    resident = me is not None and me.kind == "resident"
    another = draft.who == "another"
    typed = _is_typed(draft)
    guardian = f"{form.guardian_name.data or ''} {form.guardian_phone.data or ''}".strip()
    return Saying(
        words=draft.words, wish=draft.wish, kind=KIND_OF[draft.who], signers=draft.signers,
        invites=draft.signers < 2, voices=len(draft.voices), organisation=draft.organisation,
        organisation_kind=draft.organisation_kind, organisation_role=draft.organisation_role,
        building_id=UUID(draft.building_id) if draft.building_id else None,
        unit=draft.unit, place=draft.place, channel=draft.channel, point=draft.point, category=draft.category,
        name=form.name.data or "", title_of_address=form.title_of_address.data or "", phone=form.phone.data or "",
        name_public=bool(form.name_public.data), birth_year=form.birth_year.data,
        guardian_consent=form.guardian_consent.data, guardian=guardian, own_consent=form.own_consent.data,
        read_back=form.read_back.data, for_another=another,
        entered_by=me.id if typed and me else None, notice=bool(form.truth.data),
        source=Source(venue_id=as_uuid(draft.venue_id), campaign_id=as_uuid(draft.campaign_id)),
        person_id=me.account.person_id if resident and not another and me else None,  # type: ignore[union-attr]
    )  # fmt: skip


def _is_typed(draft: Draft) -> bool:
    """Whether staff writes down what others said: one person's words, or those above a list of signatures."""
    return is_staff() and draft.who in ("another", "joint")


def _of_the_child(form: CheckForm, saying: Saying) -> dict[str, Verdict]:
    """What only the form knows: that somebody ticked the child's box, and a guardian's name and phone apart."""
    year = clock.today().year
    if form.is_child.data and saying.birth_year is None and not form.birth_year.errors:
        return {"birth_year": no(N_("请写上哪年出生，好知道要谁同意。"))}
    if not rules.is_child(saying.birth_year, year) or year - (saying.birth_year or 0) >= rules.CHILD:
        return {}
    found: dict[str, Verdict] = {}
    wrong = rules.phone_problem(form.guardian_phone.data or "")
    if wrong is not None:
        found["guardian_phone"] = wrong
    elif not (form.guardian_phone.data or "").strip():
        found["guardian_phone"] = no(N_("请写上家长的电话，社区要能核实。"))
    if not (form.guardian_name.data or "").strip():
        found["guardian"] = no(N_("请写上同意的家长怎么称呼。"))
    return found


def _to_receipt(draft: Draft) -> Any:
    matter_id = UUID(draft.matter_id)
    if not is_staff():
        remember_mine(matter_id)
    else:
        # Staff write for others on a shared machine; the receipt is theirs to print, the matter is not theirs to own.
        session["entered"] = draft.matter_id
    codes = [(draft.matter_id, draft.code), *(kept for kept in session.get("codes", []) if kept[0] != draft.matter_id)]
    session["codes"] = codes[:CODES_KEPT]
    return redirect(site_url("community.say_receipt", matter_id=matter_id), 303)


def _page(form: CheckForm, draft: Draft) -> str:
    me = visitor()
    return page(
        "hall/say_check.html", form=form, draft=draft, staff=is_staff(), another=draft.who == "another",
        reads_back=draft.who == "another" or _is_typed(draft),
        by_account=me is not None and me.kind == "resident" and draft.who != "another",
        may_be_child=KIND_OF[draft.who] == Kind.INDIVIDUAL, organisations=rules.ORGANISATIONS,
        similar=similar_panel(draft.words), similar_only=True,
    )  # fmt: skip
