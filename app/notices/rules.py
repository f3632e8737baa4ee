"""Who must hear of a timeline entry, and in which words. Pure.

Source: domain.md section 2 (progress reaches the proposer, a call before a sitting reaches those invited, whoever
carries a matter hears of it) and section 6 (channels).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from app.matter.situation import LABELS, Stage
from app.words import N_

PROPOSER, OWNER, COUNCIL, SECRETARY, INVITED = "proposer", "owner", "council", "secretary", "invited"
#: Named by a supervision order's line: its lead, or whoever issued it.
ORDER = "order"
PROPOSER_LABEL = N_("提出人")
#: Whoever signed a joint matter is told together, once, when it is finished: the slip hangs where they signed.
SIGNERS, SIGNERS_LABEL = "signers", N_("联名的各位")
ASKED_TO_RATE = "办得好不好，请您评一评：扫码、上网，或者打社区电话都行。"
#: Room verbs, besides the moves themselves, that the proposer hears of.
PROPOSER_VERBS = frozenset({"note_progress", "report_back", "escalate", "escalation_taken", "escalation_sent_back",
                            "escalation_answered", "expert_opinion", "extend", "reply", "review_kept", "retriage",
                            "sheet_ended", "order_issued", "street_order_issued", "hand_up", "hand_up_taken",
                            "hand_up_sent_back", "hand_up_answered", "escalation_climbed", "letter_sent",
                            "letter_visited", "letter_replied", "letter_closed"})  # fmt: skip
#: What whoever carries the matter hears of when somebody else did it.
OWNER_VERBS = frozenset({"accept", "submit", "supply", "send_back", "rework", "adopt", "reject", "escalation_taken",
                         "escalation_sent_back", "escalation_answered", "expert_accepts", "expert_declines",
                         "expert_opinion", "ask_review", "object", "redeliberate", "note_progress", "ask_extension",
                         "finish", "hand_up_taken", "hand_up_sent_back", "hand_up_answered", "escalation_climbed",
                         "letter_sent", "letter_visited", "letter_replied",
                         "expert_asks_again", "expert_reminder", "expert_silent"})  # fmt: skip
#: Calls that the council's members must get (会前公告).
COUNCIL_VERBS = frozenset({"schedule", "postpone", "notice"})
#: What is told of a sitting. A line that names its sitting reaches everybody on that register, once; the others of the
#: same sitting reach nobody besides their own people.
SITTING_VERBS = COUNCIL_VERBS | {"sitting_planned", "sitting_moved", "sitting_called_off", "invite_more"}
#: The street's orders go to the hall, and the secretary signs for it.
STREET_ORDER_VERBS = frozenset(
    f"street_order_{kind}"
    for kind in ("issued", "asked", "extension_granted", "extension_refused", "returned", "closed", "void")
)
#: What every secretary of the hall hears of: somebody of the street looked at a person or at a closed matter, a grid
#: hands a matter up, a request climbed by itself, the street wrote to an outside unit and heard from it.
SECRETARY_VERBS = (
    frozenset({"looked", "hand_up", "escalation_climbed", "letter_sent", "letter_replied"}) | STREET_ORDER_VERBS
)
#: What became of a request reaches whoever of the grid made it.
ASKER_VERBS = frozenset({"hand_up_taken", "hand_up_sent_back", "hand_up_answered", "escalation_climbed"})
#: What is said on a hall's own supervision order reaches those its line names.
ORDER_VERBS = frozenset(
    f"order_{kind}"
    for kind in ("issued", "signed", "asked", "progress", "extension_asked", "extension_granted", "extension_refused",
                 "reported", "returned", "closed", "void")
)  # fmt: skip


@dataclass(frozen=True)
class Entry:
    """A timeline entry as this rule sees it."""

    verb: str
    new_stage: str | None
    words: str
    public: bool
    is_private: bool
    actor_id: UUID | None
    number: str
    title: str
    owner_id: UUID | None = None
    owner_name: str = ""
    reason: str = ""
    invitation: str = ""
    told: tuple[tuple[UUID, str], ...] = ()
    signers: int = 1


@dataclass(frozen=True)
class Reader:
    """Somebody who must hear: ``kind`` and ``label`` make the message unique for its entry."""

    kind: str
    label: str
    id: UUID | None = None


def readers(
    entry: Entry, council: Sequence[tuple[UUID, str]], secretaries: Sequence[tuple[UUID, str]] = (),
    invited: Sequence[tuple[UUID | None, str]] | None = None,
) -> list[Reader]:  # fmt: skip
    """Say who must hear of ``entry``; ``council`` and ``secretaries`` list account id and name of those of today.

    ``invited`` is the register of the sitting the entry speaks of, empty where another entry invites already; None
    where no sitting is named, and a call then reaches the council.
    """
    found = []
    moved = entry.new_stage is not None
    is_internal = not entry.public and not entry.is_private
    if not is_internal and (moved or entry.verb in PROPOSER_VERBS):
        found.append(Reader(PROPOSER, PROPOSER_LABEL))
        if entry.new_stage == Stage.REVIEWING and entry.signers > 1:
            found.append(Reader(SIGNERS, SIGNERS_LABEL))
    if entry.owner_id and entry.verb in OWNER_VERBS and entry.owner_id != entry.actor_id:
        found.append(Reader(OWNER, entry.owner_name, entry.owner_id))
    if invited is not None:
        found += [
            Reader(INVITED, name, account) for account, name in invited if not account or account != entry.actor_id
        ]
    elif entry.verb in COUNCIL_VERBS:
        found += [Reader(COUNCIL, name, account) for account, name in council if account != entry.actor_id]
    if entry.verb in ORDER_VERBS | STREET_ORDER_VERBS:
        found += [Reader(ORDER, name, account) for account, name in entry.told if account != entry.actor_id]
    if entry.verb in ASKER_VERBS:
        heard = (entry.actor_id, entry.owner_id)
        found += [Reader(ORDER, name, account) for account, name in entry.told if account not in heard]
    if entry.verb in SECRETARY_VERBS:
        found += [Reader(SECRETARY, name, account) for account, name in secretaries]
    return found


def words_for(entry: Entry, reader: Reader, say: Mapping[str, str] | None = None) -> str:
    """The message in one or two sentences. A private matter is named by its number alone."""
    labels = say or {}
    stage = LABELS[Stage(entry.new_stage)] if entry.new_stage else ""
    stage = labels.get(stage, stage)
    name = entry.number if entry.is_private else f"{entry.number}「{entry.title}」"
    if reader.kind == INVITED:
        return entry.invitation
    if reader.kind == ORDER:
        return f"{name}：{entry.words.rstrip('。')}。{entry.reason}".rstrip("。") + "。"
    if reader.kind == SECRETARY:
        # The secretary handles every matter; the number is enough, and the reason is what must be judged.
        return f"{entry.number}：{entry.words.rstrip('。')}。{entry.reason}"
    asked = ASKED_TO_RATE if entry.new_stage == Stage.REVIEWING and reader.kind in (PROPOSER, SIGNERS) else ""
    if entry.words and not entry.is_private:
        return f"{name}：{entry.words}" + (f"{'' if entry.words.endswith('。') else '。'}{asked}" if asked else "")
    return f"{name}：现在到了「{stage}」。{asked}" if stage else f"{name}：有了新进展，请看办理页。"


@dataclass(frozen=True)
class Spoken:
    """One message to one reader about one matter; ``stage`` where it tells of a step, None where of anything else."""

    id: Any
    stage: str | None


def carried(lines: Sequence[Spoken]) -> list[Spoken]:
    """Of what one reader has not been told about one matter (the newest first), what still has to be said.

    Where the matter has gone further meanwhile, the earlier steps need not be carried there any more.
    """
    newest = next((line for line in lines if line.stage), None)
    return [line for line in lines if not line.stage or line is newest]
