"""Doors of the hall: topics that wait for a table, the order of business, and what is read beforehand."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from flask import Response, flash, redirect, request
from flask_babel import gettext as _

from app import clock
from app.errors import Missing, Refused
from app.faces.community import sitting_forms as forms
from app.faces.community.desk import reader
from app.faces.community.files import picture_answer
from app.faces.community.matters import light_of
from app.faces.community.planning_forms import LayOutForm
from app.faces.community.sight import viewer_of
from app.faces.doors import Door
from app.faces.look import say
from app.faces.pages import desk
from app.faces.visitor import actor, visitor
from app.flow.collect.queries import find_file, is_told, sensitivity_of
from app.flow.deliberate import actions, queries
from app.flow.deliberate.models import Sitting
from app.matter.house import house
from app.matter.ledger import may_read
from app.matter.models import Matter
from app.matter.sight import Part, may_see
from app.matter.situation import LABELS, Stage, Track
from app.people.permissions import Permission
from app.words import N_
from tenants.hosts import site_url

NO_FILE = N_("没有找到这个文件。")


def queue(matters: Iterable[Matter]) -> list[dict[str, Any]]:
    """Topics that wait, each with its stage, how many days it has waited and its light."""
    now, calendar = clock.now(), house().calendar
    return [
        {
            "matter": matter, "stage": say(LABELS[Stage(matter.stage)]), "days": (now - matter.stage_since).days,
            "light": light_of(matter, now, calendar),
        }
        for matter in matters
    ]  # fmt: skip


def waiting() -> list[Matter]:
    """What may be put on a table and may be named to this reader: a quarrel is known to those who handle it."""
    ready = queries.ready_for_agenda()
    quarrels = [matter for matter in ready if matter.track == Track.MEDIATION]
    hidden = {matter.id for matter in quarrels if not may_read(matter, reader())}
    return [matter for matter in ready if matter.id not in hidden]


def sitting_queue() -> str:
    """Everything that could be put on a table: choose several, and plan a sitting on them."""
    coming = [row["sitting"] for row in queries.list_sittings(clock.now(), past=False, n=50)]
    return desk(
        "desk/sittings_queue.html", "council", rows=queue(waiting()),
        planned=[sitting for sitting in coming if sitting.state == "planned"],
    )  # fmt: skip


def queue_choice() -> Any:
    """Those chosen go onto the form of a new sitting, or onto the agenda of one that is planned already."""
    wanted = _chosen()
    sitting_id = forms.as_uuid(request.form.get("sitting_id"))
    if sitting_id is None:
        return redirect(site_url("community.plan_sitting", matter=[str(one) for one in wanted]), 303)
    return _put_on(_found(sitting_id), wanted)


def agenda(sitting_id: UUID) -> Any:
    """Put more matters on the agenda, in the order of the list."""
    return _put_on(_found(sitting_id), _chosen())


def _chosen() -> list[UUID]:
    wanted = [forms.as_uuid(text) for text in request.form.getlist("matter_id")]
    if None in wanted:
        raise Missing(N_("没有这件事。"))
    if not wanted:
        raise Refused(N_("先勾上要议的事。"))
    return [one for one in wanted if one]


def _put_on(sitting: Sitting, wanted: list[UUID]) -> Any:
    for matter_id in wanted:
        actions.add_to_agenda(sitting, matter_id, by=actor(), now=clock.now())
    return _back(sitting.id, _("加到议程里了。") if len(wanted) == 1 else _("%(n)s 件都加到议程里了。", n=len(wanted)))


def agenda_order(sitting_id: UUID, matter_id: UUID) -> Any:
    """One place up or down."""
    up = request.form.get("way") == "up"
    actions.move_on_agenda(_found(sitting_id), matter_id, up=up, by=actor(), now=clock.now())
    return redirect(site_url("community.sitting", sitting_id=sitting_id) + "#agenda", 303)


def agenda_removal(sitting_id: UUID, matter_id: UUID) -> Any:
    """Off the agenda again; the matter waits for another table."""
    actions.take_off_agenda(_found(sitting_id), matter_id, by=actor(), now=clock.now())
    return _back(sitting_id, _("从议程里拿下来了，还在等着上会的单子里。"))


def materials(sitting_id: UUID, matter_id: UUID) -> Any:
    """What is read beforehand: words and files of the matter."""
    found, form = _found(sitting_id), LayOutForm()
    papers = [forms.as_uuid(text) for text in request.form.getlist("paper")]
    if None in papers:
        raise Missing(NO_FILE)
    if not form.validate():
        raise Refused(N_("会前材料太长了：字在 5000 个以内，附件在 12 份以内。"))
    actions.lay_out(
        found, matter_id, form.words.data or "", [one for one in papers if one], by=actor(), now=clock.now()
    )
    return _back(sitting_id, _("会前材料存好了。"))


def paper(sitting_id: UUID, file_id: UUID) -> Response:
    """A paper of this sitting, for those who were invited to read it; in public only what is public anyway."""
    sitting, found = _found(sitting_id), find_file(file_id)
    laid_out = {one for item, _matter in queries.agenda_of(sitting.id) for one in item.papers}
    if found is None or str(file_id) not in laid_out or found[0].media_type != "image/jpeg":
        raise Missing(NO_FILE)
    attachment, matter = found
    if attachment.hidden_at is not None:
        raise Missing(NO_FILE)
    if not (attachment.public and is_told(matter)) and not _may_read(sitting, matter):
        raise Missing(NO_FILE)
    return picture_answer(file_id, "small" if request.args.get("small") else "")


def _may_read(sitting: Sitting, matter: Matter) -> bool:
    """Staff as everywhere; an invited person once the notice is out, but never into what a child said."""
    me = visitor()
    if me is None:
        return False
    if may_see(Part.CONTENT, viewer_of(matter), sensitivity_of(matter)) and me.can(Permission.MATTER_READ):
        return True
    return sitting.noticed_at is not None and not matter.has_minor and bool(queries.line_of(sitting.id, me.id))


def _back(sitting_id: UUID, words: str) -> Any:
    flash(words, "ok")
    return redirect(site_url("community.sitting", sitting_id=sitting_id) + "#agenda", 303)


def _found(sitting_id: UUID) -> Sitting:
    found = queries.find_sitting(sitting_id)
    if found is None:
        raise Missing(N_("没有这个会。"))
    return found


W = Permission.SITTING_WRITE
ONE = "/desk/sittings/<uuid:sitting_id>"
ON = ONE + "/matters/<uuid:matter_id>"
DOORS: list[Door] = [
    Door("GET", "/desk/sittings/queue", sitting_queue, W),
    Door("POST", "/desk/sittings/queue", queue_choice, W, name="sitting_queue_choice"),
    Door("POST", ONE + "/agenda", agenda, W, name="sitting_agenda"),
    Door("POST", ON + "/order", agenda_order, W, name="sitting_agenda_order"),
    Door("POST", ON + "/removal", agenda_removal, W, name="sitting_agenda_removal"),
    Door("POST", ON + "/materials", materials, W, name="sitting_materials"),
    Door(
        "GET", "/sittings/<uuid:sitting_id>/papers/<uuid:file_id>", paper, Permission.ANYONE_ENTER, name="sitting_paper"
    ),
]
