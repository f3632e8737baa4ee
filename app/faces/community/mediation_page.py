"""The page of one mediation: the work in its order, each part with its own form; the next one stands open."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from flask_babel import gettext as _

from app import clock
from app.errors import Missing
from app.faces.community import mediation_forms as forms
from app.faces.community.matter import readable
from app.faces.look import link
from app.faces.pages import desk
from app.faces.visitor import visitor
from app.flow.deliberate.queries import hall_people
from app.flow.resolve import mediation_queries as queries
from app.flow.resolve import mediation_rules as rules
from app.flow.resolve.mediation_queries import Paper, Whole
from app.matter.situation import LABELS, Stage
from app.people.permissions import Permission
from app.people.roles import GRID_STAFF, Role
from app.people.secrets import unseal
from app.talent.models import Invitation
from app.talent.queries import invitations_of
from app.words import N_
from tenants.database import uuid7

#: What stands before an invitation's id in the list of mediators.
EXPERT = "expert-"
GONE = N_("没有这件纠纷。")
STANDINGS = {
    "open": (N_("正在调"), "chat-dots", "brand"), "agreed": (N_("签了，等盖章"), "pencil-square", "soon"),
    "performing": (N_("正在履行"), "hourglass-split", "info"), "late": (N_("有一条过了日子"), "x-octagon-fill", "late"),
    "performed": (N_("都履行了"), "check-circle-fill", "ok"), "failed": (N_("没谈成"), "signpost-split", ""),
    "withdrawn": (N_("当事人不调了"), "slash-circle", ""),
}  # fmt: skip


def found_or_404(mediation_id: UUID) -> Whole:
    """The mediation, for those who handle its matter; another hall's is as unknown as none."""
    found = queries.find(mediation_id)
    if found is None:
        raise Missing(GONE)
    readable(found.matter.id)
    return found


def mediation(mediation_id: UUID) -> str:
    """One mediation as a working page."""
    return show(found_or_404(mediation_id))


def show(found: Whole, tried: dict[str, Any] | None = None, *, phones: bool = False) -> str:
    """The page; ``tried`` are forms that were refused, by name; ``phones`` opens the sealed numbers (logged)."""
    today, me = clock.today(), visitor()
    asked = invitations_of(found.matter.id)
    steps = _steps(found)
    now_step = next((step["key"] for step in steps if not step["ok"]), "")
    for step in steps:
        step["url"] = f"#{now_step}" if step["key"] == now_step else ""
    return desk(
        "desk/mediation.html", "mediations", whole=found, mediation=found.mediation, matter=found.matter,
        rules=rules, today=today, standing=_standing(found), steps=steps, now_step=now_step,
        forms=_forms(found, tried or {}, ready_experts(asked)), tried=tried or {},
        sides=[(side, label, [one for one in found.here if one.side == side]) for side, label in rules.SIDES.items()],
        gone=[one for one in found.people if one.left_at is not None],
        phones={one.id: unseal(one.contact_sealed) for one in found.here if one.contact_sealed} if phones else None,
        papers=[paper_view(found, paper) for paper in found.papers], names=names_of(found),
        works=bool(me and me.can(Permission.MEDIATION_WRITE)), is_open=found.state == "open",
        is_secretary=bool(me and Role.SECRETARY in me.roles), is_grid=bool(me and me.roles & GRID_STAFF),
        stage=_(LABELS[Stage(found.matter.stage)]), experts=[row[0] for row in asked],
        matter_url=link("community.desk_matter", matter_id=found.matter.id) or "",
    )  # fmt: skip


def names_of(found: Whole) -> dict[UUID, str]:
    """甲方 金石开, by person; also those who left."""
    return {one.id: f"{_(rules.SIDES[one.side])} {one.name}" for one in found.people}


def paper_view(found: Whole, paper: Paper) -> dict[str, Any]:
    """An agreement as the page shows it: who signed, who is still to sign, whether it binds."""
    signed = {one["who"]: one | {"on": date.fromisoformat(one["on"])} for one in paper.agreement.signed}
    to_sign = [(str(one.id), f"{_(rules.SIDES[one.side])} {one.name}") for one in found.here if one.side != "supporter"]
    to_sign.append((rules.MEDIATOR, _("调解员 %(name)s", name=found.mediation.mediator_label)))
    base = next((p.agreement.number for p in found.papers if p.agreement.id == paper.agreement.supplements_id), "")
    return {
        "agreement": paper.agreement, "terms": paper.terms, "in_force_on": paper.in_force_on,
        "signatures": [(label, signed.get(who)) for who, label in to_sign],
        "waiting": [(who, label) for who, label in to_sign if who not in signed],
        "is_signed": paper.agreement.signed_on is not None, "supplements": base,
        "ways": [
            (way, label) for way, label in rules.HOW.items() if (way == "spoken") is (paper.agreement.form == "oral")
        ],
    }  # fmt: skip


def _standing(found: Whole) -> dict[str, str]:
    label, icon, tone = STANDINGS[found.standing(clock.today())]
    return {"label": _(label), "icon": icon, "tone": tone}


def _steps(found: Whole) -> list[dict[str, Any]]:
    """The order of the work with what is on record; the first that is not is what comes next."""
    made, owed = found.mediation, found.owed
    talked = any(one.outcome != "checked" for one in found.records)
    done = [
        ("people", N_("双方当事人"), rules.has_both(found.seats)), ("mediator", N_("调解员"), made.mediator_neutral),
        ("rights", N_("告知权利和义务"), made.rights_told_at is not None), ("talks", N_("坐下来谈"), talked),
        ("agreement", N_("签协议、盖章"), bool(found.sealed)),
        ("terms", N_("核对履行"), bool(owed) and all(term.done_on for term in owed)),
        ("end", N_("核验、回访、办结"), found.matter.stage in ("closed", "archived")),
    ]  # fmt: skip
    return [{"key": key, "ok": ok, "label": _(label), "text": "", "link": _("去办")} for key, label, ok in done]


def ready_experts(asked: Sequence[Any]) -> dict[str, Invitation]:
    """Experts of the pool who said yes to this matter, by the value a form gives them."""
    return {f"{EXPERT}{row[0].id}": row[0] for row in asked if row[0].state in ("accepted", "handed_in")}


def _forms(found: Whole, tried: dict[str, Any], experts: dict[str, Invitation]) -> dict[str, Any]:
    today = clock.today().isoformat()
    mediator = forms.MediatorForm(
        formdata=None, prefix="mediator", account=str(found.mediation.mediator_id or ""),
        unit=found.mediation.mediator_unit, name="" if found.mediation.mediator_id else found.mediation.mediator_label,
    )  # fmt: skip
    fresh = {
        "person": forms.PersonForm(formdata=None, prefix="person", once=str(uuid7())),
        "mediator": mediator,
        "talk": forms.TalkForm(
            formdata=None, prefix="talk", once=str(uuid7()), day=today, place="",
            present="\n".join([one.name for one in found.here] + [found.mediation.mediator_label]).strip(),
        ),
        "sign": forms.SignForm(formdata=None, prefix="sign", day=today),
    } | tried  # fmt: skip
    people = [(str(account.id), account.display_name) for account in hall_people()]
    fresh["mediator"].account.choices = [
        ("", _("不在名单里，下面写名字")),
        *((key, _("人才库 %(name)s（%(profession)s）", name=one.expert_name, profession=one.profession))
          for key, one in experts.items()), *people,
    ]  # fmt: skip
    return fresh
