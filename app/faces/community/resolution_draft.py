"""The first draft of a resolution: what is on record already, so that nobody types it off again."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

from flask import g
from flask_babel import gettext as _

from app.faces import figures
from app.faces.community.tally_words import parts_of
from app.faces.community.task_rows import COLUMNS
from app.faces.look import day as day_words
from app.faces.look import money
from app.flow.deliberate.queries import agenda_of
from app.flow.research.queries import findings_of
from app.flow.resolve import rules
from app.flow.resolve.models import Resolution
from app.flow.resolve.queries import tasks_of
from app.flow.resolve.tally import Grounds
from app.matter.models import Matter
from app.words import N_

_QUESTION_END = re.compile(r"[，,]?\s*(?:同意|可以|行|好)?(?:吗|不)?\s*[？?]$|(?<![。！？?])$")


def prefilled(matter: Matter, grounds: Grounds) -> dict[str, str]:
    """The fields of the form by name, filled in from the ballot, the sitting and the options."""
    sitting, ballot = grounds.sitting, grounds.ballot
    basis = []
    if sitting is not None:
        held = day_words(sitting.opened_at or sitting.starts_at, week=False)
        paper = _("%(day)s %(title)s的协商和会议记录 %(number)s", day=held, title=sitting.title, number=sitting.number)
        basis.append(paper)
    parts = parts_of(grounds.tally) if ballot is not None else []
    asked = dict.fromkeys(part.get("question") or ballot.question for part in parts)
    talked = grounds.tally.get("rule") == "consensus"
    said = N_("当面商定：%(question)s") if talked else N_("表决：%(question)s")
    basis += [_(said, question=question) for question in asked]
    options = [one for one in findings_of(matter.id).options if not one.get("dropped")]
    words = "\n".join(
        _("%(label)s：%(words)s，花费 %(cost)s，%(payer)s出。") % {**o, "cost": money(o["cost_fen"])}
        for o in options
    )  # fmt: skip
    put = _put_to_the_table(sitting.id, matter.id) if talked and sitting is not None else []
    if len(put) == 1:
        # Where people settled it by talking, what they agreed to is what was put to the table, as written.
        words = put[0]
    elif len(options) > 1 and asked:
        # A yes to one sentence chose among no options: what was agreed to is that sentence, not every proposal.
        words = "\n".join(_QUESTION_END.sub("。", question.strip(), count=1) for question in asked)
    return {
        "title": _("关于%(title)s的决议", title=matter.title)[: rules.TITLE_MOST], "basis": "\n".join(basis),
        "words": getattr(ballot, "agreement", "") or "\n".join(_chosen(parts)) or words, "dissent": "",
        "dissent_answer": "", "signed_by": g.site.hall or g.site.name,
    }  # fmt: skip


def as_before(earlier: Resolution) -> tuple[dict[str, str], list[dict[str, str]]]:
    """The fields and rows of the paper that is written anew, so that one wrong day is no reason to type all again.

    A telephone number stays sealed; it is typed again where it is wanted.
    """
    rows = [
        dict.fromkeys(COLUMNS, "") | {
            "what": task.what, "who": task.who, "owner": str(task.owner_id or ""), "due": task.due.isoformat(),
            "planned": figures.typed_yuan(task.planned_fen or None), "target": str(task.target or ""),
            "unit": task.unit or "", "letter": task.letter_no or "",
            "kind": "" if task.owner_kind == "person" else task.owner_kind,
        }
        for task in tasks_of(earlier.id)
    ]  # fmt: skip
    return {name: getattr(earlier, name) or "" for name in rules.TEXT_FIELDS}, rows


def _put_to_the_table(sitting_id: UUID, matter_id: UUID) -> list[str]:
    # What was looked into beforehand has a letter, and its cost and payer stand among the findings.
    found = [item.options for item, one in agenda_of(sitting_id) if one.id == matter_id]
    put = [option for options in found for option in options]
    return [_QUESTION_END.sub("。", one["words"].strip(), count=1) for one in put if not one["label"]]


def _chosen(parts: list[dict[str, Any]]) -> list[str]:
    """What the questions with options chose, as the first draft of the text."""
    return [
        _("%(question)s：选定「%(option)s」。", question=part["question"].rstrip("？?。"), option=part["winner"])
        for part in parts
        if part.get("winner")
    ]
