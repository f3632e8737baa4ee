"""What everybody reads of a sitting before it: the notice on the page and on paper, and the papers that are public."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask_babel import gettext as _

from app import clock
from app.errors import Missing
from app.faces.community.sitting_page import Table, read_table
from app.faces.doors import Door
from app.faces.look import say
from app.faces.pages import page
from app.faces.visitor import visitor
from app.flow.collect.queries import is_told
from app.flow.deliberate import queries, rules
from app.flow.deliberate.models import AgendaItem
from app.flow.deliberate.rules import KIND_LABELS, QUORUM_LABELS, Quorum, SittingKind, SittingState
from app.matter.house import house
from app.matter.models import Matter
from app.people.permissions import Permission
from app.records.qr import qr_svg
from app.words import N_
from tenants.hosts import site_url

#: How a vote passes, by kind of sitting (domain.md section 3); the council's follows the hall's own charter.
PASSES: dict[SittingKind, str] = {
    SittingKind.REPS: N_("到会的过半数同意才通过"),
    SittingKind.RESIDENTS: N_("到会的过半数同意才通过"),
    SittingKind.OWNERS: N_("参加表决的，人数和面积都要过半数同意；动用大事要四分之三"),
}
HALF, TWO_THIRDS = N_("到会的过半数同意才通过"), N_("到会的三分之二以上同意才通过")
#: Who is called, by kind.
CALLED: dict[SittingKind, str] = {
    SittingKind.COUNCIL: N_("议事会成员"),
    SittingKind.HEARING: N_("听证的各方"),
    SittingKind.TALK: N_("愿意来谈的人"),
    SittingKind.JOINT: N_("有关的各方"),
    SittingKind.BENCH: N_("有关的邻居"),
    SittingKind.REPS: N_("居民代表和居委会成员"),
    SittingKind.RESIDENTS: N_("全体居民"),
    SittingKind.OWNERS: N_("全体业主"),
    SittingKind.REPORT: N_("说过这些事的、用得着的、想问的，都请来"),
}


def told_items(table: Table) -> list[tuple[AgendaItem, Matter | None]]:
    """The order of business; what is nobody else's affair stands there without its matter."""
    return [(item, matter if _open(matter) else None) for item, matter in table.items]


def _open(matter: Matter) -> bool:
    return is_told(matter) and matter.visibility == "public" and matter.track != "mediation"


def facts(table: Table) -> dict[str, Any]:
    """Who, by which rule and base, and the papers each reader may open."""
    sitting = table.sitting
    kind, quorum = SittingKind(sitting.kind), Quorum(sitting.quorum_rule)
    council = TWO_THIRDS if house().settings.get("council_rule") == "council_two_thirds" else HALF
    votes = kind in rules.SEATED or kind in rules.RATIFYING
    papers = queries.papers_of(item for item, _matter in table.items)
    public = {
        matter.id: [one for one in papers.get(matter.id, []) if one.public]
        for _item, matter in table.items
        if _open(matter)
    }
    return {
        "called": say(CALLED[kind]), "quorum": say(QUORUM_LABELS[quorum]), "papers": public, "all_papers": papers,
        "passes": say(PASSES.get(kind, council)) if votes else "",
        "needed": rules.quorum_needed(sitting.base, quorum) if sitting.base and kind not in rules.TELLING else 0,
        "tells": kind in rules.TELLING,
        "reps": sitting.reps, "moved": sitting.change_words if sitting.changes else "",
    }  # fmt: skip


def mine(table: Table) -> dict[str, Any] | None:
    """The own line of whoever is asked to this sitting, and whether they may still answer."""
    me = visitor()
    line = next((one for one in table.register if me is not None and one.account_id == me.id), None)
    if line is None:
        return None
    return {"line": line, "may_reply": bool(rules.may_reply(SittingState(table.sitting.state)))}


def sitting_paper_notice(sitting_id: UUID) -> str:
    """The notice on A4, for the board downstairs."""
    table = read_table(sitting_id, whole=False)
    if table.sitting.noticed_at is None:
        raise Missing(N_("没有这个会。"))
    address = site_url("community.public_sitting", sitting_id=sitting_id, external=True)
    posted = clock.local(table.sitting.changed_at or table.sitting.noticed_at).date()
    return page(
        "hall/sitting_notice.html", sitting=table.sitting, items=told_items(table), notice=facts(table),
        kind=say(KIND_LABELS[SittingKind(table.sitting.kind)]), address=address, posted=posted,
        qr=qr_svg(address, label=_("二维码，扫了打开这个会的页面")),
        is_off=table.sitting.state == SittingState.CALLED_OFF,
    )  # fmt: skip


DOORS: list[Door] = [
    Door("GET", "/sittings/<uuid:sitting_id>/notice", sitting_paper_notice, Permission.ANYONE_ENTER),
]
