"""Reply templates in the desk's forms: a link fills the field, with a script or without one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import g
from flask_babel import gettext as _

from app.faces.community.screening_forms import FILLS
from app.faces.look import masked_name
from app.flow.collect import rules
from app.flow.triage import replies
from app.flow.triage.reply_actions import offered
from app.matter.models import Matter
from tenants.hosts import site_url


@dataclass(frozen=True)
class Offer:
    """One template as the form shows it: ``words`` with the places filled in, ``field`` the id they go to."""

    title: str
    words: str
    field: str
    url: str


def templates_for(way: str, matter: Matter, proposals: Sequence[Any]) -> list[Offer]:
    """What can be said on this way, in one statement; nothing where a way says nothing."""
    if way not in FILLS:
        return []
    use, field = FILLS[way]
    values = _values(matter, proposals)
    return [
        Offer(
            _(reply.title), replies.fill(_(reply.words), values), field,
            site_url("community.screening", matter_id=matter.id, way=way, reply=reply.id),
        )
        for reply in _offered(use)
    ]  # fmt: skip


def start_with(way: str, matter: Matter, proposals: Sequence[Any], reply_id: str) -> dict[str, str]:
    """The field of the form filled with the chosen template, where there is one."""
    if way not in FILLS or not reply_id:
        return {}
    use, field = FILLS[way]
    chosen = next((reply for reply in _offered(use) if reply.id == reply_id), None)
    return {field: replies.fill(_(chosen.words), _values(matter, proposals))} if chosen else {}


def _offered(use: str) -> list[replies.Reply]:
    # The page asks twice, once to fill the field and once for the row of links.
    kept: dict[str, list[replies.Reply]] = g.setdefault("replies", {})
    if use not in kept:
        kept[use] = offered(use)
    return kept[use]


def _values(matter: Matter, proposals: Sequence[Any]) -> dict[str, str]:
    """How the proposer is called, never by the given name: a reply may be read out at a counter."""
    person = next((said.person for said in proposals if said.person is not None), None)
    organisation = next((said.organisation for said in proposals if said.organisation), "")
    called = organisation or (masked_name(person.name, rules.gender_of(person.title)) if person else "")
    return {
        "称呼": called or _("居民"), "编号": matter.number, "社区电话": g.site.phone or "", "事项": matter.title,
    }  # fmt: skip
