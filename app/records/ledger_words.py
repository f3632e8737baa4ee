"""What a line of the ledger says where one cell tells several things: who, what came of it, what was promised. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from app import clock
from app.flow.decide.rules import OUTCOME_LABELS, Outcome
from app.matter.situation import END_STAGES, LABELS, Kind, Stage
from app.records.old_ledger_rules import mask_person
from app.words import N_

Say = Callable[..., str]
#: What a table said of a matter it did not vote on.
AT_THE_TABLE: dict[str, str] = {
    "adjourned": N_("人不够，改日再议"),
    "redeliberate": N_("再去了解"),
    "agreed": N_("商定了"),
    "passed": N_("表决通过"),
    "rejected": N_("表决没通过"),
    "left": N_("没议"),
    "polled": N_("交给大家投票"),
}
#: How a masked name ends, and the same name as it is said.
COURTESY = {"女士": N_("%(surname)s女士"), "先生": N_("%(surname)s先生"), "某": N_("%(surname)s某")}


def proposer(said: Mapping[str, Any] | None, kind: str, signers: int, say: Say) -> str | None:
    """张女士, 张女士等 19 人, or the body that handed it in."""
    found = said or {}
    if kind == Kind.ORGANISATION and found.get("organisation"):
        return str(found["organisation"])
    who = _polite(mask_person(found.get("name") or "", found.get("title") or ""), say)
    if kind == Kind.JOINT and signers > 1:
        return say(N_("%(who)s等 %(n)s 人"), {"who": who, "n": signers})
    return who


def _polite(masked: str, say: Say) -> str:
    for ending, form in COURTESY.items():
        if masked.endswith(ending) and len(masked) <= len(ending) + 2:
            return say(form, {"surname": masked.removesuffix(ending)})
    return masked or say(N_("一位居民"))


def result(vote: Mapping[str, Any] | None, outcome: str | None, stage: str, say: Say) -> str | None:
    """The newest count, else what the table said, else how the matter ended without either."""
    if vote:
        return _counted(vote, say)
    if outcome in AT_THE_TABLE:
        return say(AT_THE_TABLE[str(outcome)])
    ended = Stage(stage) in END_STAGES and Stage(stage) is not Stage.ARCHIVED
    return say(LABELS[Stage(stage)]) if ended else None


def _counted(vote: Mapping[str, Any], say: Say) -> str:
    known = {str(one) for one in Outcome}
    came = say(OUTCOME_LABELS[Outcome(vote["outcome"])]) if vote["outcome"] in known else say(
        N_("通过") if vote["passed"] else N_("没通过")
    )  # fmt: skip
    if vote["mode"] == "consensus":
        return say(N_("协商一致")) if vote["passed"] else say(N_("没谈拢"))
    if vote["options"]:
        label = next((one.get("label", "") for one in vote["options"] if one.get("key") == vote["winner"]), "")
        return say(N_("%(came)s：%(label)s"), {"came": came, "label": label}) if label else came
    counted = {"yes": vote["yes"], "no": vote["no"], "abstain": vote["abstain"], "came": came}
    return say(N_("同意 %(yes)s、不同意 %(no)s、弃权 %(abstain)s，%(came)s"), counted)


def doers(promises: Sequence[Mapping[str, Any]] | None, say: Say) -> str | None:
    """Everybody who promised something, each once."""
    return say(N_("、")).join(dict.fromkeys(one["who"] for one in promises or ())) or None


def promise(promises: Sequence[Mapping[str, Any]] | None, say: Say) -> str | None:
    """Each promise with its doer, its day, and how much of it is done where that is counted."""
    found = []
    for one in promises or ():
        due = date.fromisoformat(one["due"])
        text = say(
            N_("%(what)s（%(who)s，%(month)s月%(day)s日前）"),
            {"what": one["what"], "who": one["who"], "month": due.month, "day": due.day},
        )
        found.append(f"{text} {one['done']}/{one['target']} {one['unit']}" if one["target"] else text)
    return say(N_("；")).join(found) or None


def progress(note: Mapping[str, Any] | None, say: Say) -> str | None:
    """The newest line with its day."""
    if not note:
        return None
    day = clock.local(datetime.fromisoformat(note["at"]))
    return say(N_("%(month)s月%(day)s日：%(words)s"), {"month": day.month, "day": day.day, "words": note["words"]})


def note(row: Any, say: Say) -> str | None:
    """What does not fit elsewhere: a secretary's project, a merger, a rework, a further round, the street's help."""
    found = []
    if row.is_secretary_project:
        found.append(say(N_("书记项目")))
    if row.merged:
        found.append(say(N_("并入 %(number)s"), {"number": row.merged}))
    if row.escalated:
        found.append(say(N_("提请了街道")))
    if row.reworks:
        found.append(say(N_("返工 %(n)s 次"), {"n": row.reworks}))
    if row.round > 1:
        found.append(say(N_("第 %(n)s 轮"), {"n": row.round}))
    return say(N_("；")).join(found) or None
