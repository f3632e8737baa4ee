"""When a joint proposal may be signed, when it is registered, and what a sheet of paper must say.

Source: domain.md section 1 (提案: 联名), section 2 (``submitted``: at least two signers; a joint matter is withdrawn
only when under two stay), section 6 (a signed paper is entered by staff). How many signers a hall asks for is its own
number within the street's bounds (``bounds.BOUNDS``). Pure: no Flask, no database, no clock.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.errors import Verdict, no, yes
from app.matter.situation import Stage, Visibility
from app.matter.stages import BEFORE_VOTING
from app.words import N_

OPEN_FOR = timedelta(days=30)
#: Letters of a sheet's code; it stands in an address and in a QR code, and nobody has to type it.
CODE = 8
PAPER_MOST = 5000
NAME = 40
REASON = 200

CLOSED = N_("联名已经截止了。")
SHUT = N_("这件事不公开，不能再从链接签名。")
VOTING = N_("这件事已经开始表决，名单不能再动了。")


@dataclass(frozen=True)
class Sheet:
    """A sheet as the rules see it, with the matter it belongs to."""

    stage: Stage
    visibility: Visibility
    is_hidden: bool
    threshold: int
    signers: int
    closes_at: datetime
    is_closed: bool

    @property
    def lacking(self) -> int:
        """How many signers are still missing."""
        return max(0, self.threshold - self.signers)


def is_shown(sheet: Sheet) -> bool:
    """Whether whoever holds the link may read the words; not once the matter turned out to be private or bad."""
    return sheet.visibility is Visibility.PUBLIC and not sheet.is_hidden


def may_sign(sheet: Sheet, now: datetime) -> Verdict:
    """Say whether the sheet takes another signature from its link now."""
    if not is_shown(sheet):
        return no(SHUT)
    if sheet.stage not in BEFORE_VOTING:
        return no(VOTING)
    return no(CLOSED) if sheet.is_closed or now >= sheet.closes_at else yes()


def may_enter_paper(sheet: Sheet) -> Verdict:
    """Paper that was signed in time may reach the desk after the sheet closed; not after the vote was called."""
    return yes() if sheet.stage in BEFORE_VOTING else no(VOTING)


def may_unsign(sheet: Sheet) -> Verdict:
    """A signature may be taken back until the vote is called, also after the sheet closed."""
    return yes() if sheet.stage in BEFORE_VOTING else no(VOTING)


def registers(sheet: Sheet) -> bool:
    """Whether a proposal that was waiting for signers has enough of them now."""
    return sheet.stage is Stage.COLLECTED and sheet.signers >= sheet.threshold


def may_go_alone(sheet: Sheet, now: datetime, others: int) -> Verdict:
    """The proposer may hand it in as one person when the sheet ended too thin, or nobody else has signed."""
    if sheet.stage is not Stage.COLLECTED:
        return no(N_("这件事已经登记了，不用再改。"))
    if sheet.is_closed or now >= sheet.closes_at or not others:
        return yes()
    return no(N_("已经有 %(n)s 个人签了名，等联名截止再说；他们都撤了也可以改。"), n=others)


def paper_problems(households: int | None, names: Sequence[str]) -> dict[str, Verdict]:
    """What is wrong with a sheet of paper as it was typed in; names are optional and never more than signatures."""
    if households is None or not 1 <= households <= PAPER_MOST:
        return {"households": no(N_("纸上签了几个，请写一个数，1 到 %(most)s。"), most=PAPER_MOST)}
    if len(names) > households:
        return {"names": no(N_("写了 %(n)s 个名字，比签名还多，请再数一遍。"), n=len(names))}
    if any(len(name) > NAME for name in names):
        return {"names": no(N_("一行写一个名字，每个最多 %(limit)s 个字。"), limit=NAME)}
    return {}


def may_strike(reason: str) -> Verdict:
    """Whoever takes a signature off the list for somebody says why."""
    if len(reason.strip()) < 2:
        return no(N_("为什么划掉，写一句。"))
    return yes() if len(reason.strip()) <= REASON else no(N_("最多写 %(limit)s 个字，请写短一点。"), limit=REASON)
