"""Who may cast a ballot, how it is cast, and whether the papers add up: the edge rules of domain.md section 3. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from app.errors import Verdict, no, yes
from app.words import N_

VOTING_AGE = 18
#: A breakdown of a smaller group would tell who voted how.
SMALLEST_GROUP_SHOWN = 5


class Mode(StrEnum):
    """How a ballot is cast; consensus is spoken and marked name by name."""

    NAMED = "named"
    HANDS = "hands"
    SECRET = "secret"  # noqa: S105  A secret ballot, not a password.
    CONSENSUS = "consensus"


class Subject(StrEnum):
    """What a ballot is about, which decides how it is cast."""

    PERSONS = "persons"
    MONEY_SHARES = "money_shares"
    OWNERS = "owners"
    SITING_OR_STYLE = "siting_or_style"
    OTHER = "other"


MODE_LABELS: dict[Mode, str] = {
    Mode.NAMED: N_("记名投票"),
    Mode.HANDS: N_("举手表决"),
    Mode.SECRET: N_("无记名投票"),
    Mode.CONSENSUS: N_("当面商定"),
}


def may_use(mode: Mode, subject: Subject, objections: int = 0) -> Verdict:
    """Persons are chosen in secret; money shares and owners sign; siting or style goes by hands if nobody objects."""
    if subject is Subject.PERSONS and mode is not Mode.SECRET:
        return no(N_("选人要无记名投票"))
    if subject in (Subject.MONEY_SHARES, Subject.OWNERS) and mode is not Mode.NAMED:
        return no(N_("分摊费用和业主表决要记名签字"))
    if subject is Subject.SITING_OR_STYLE and mode is not Mode.SECRET and objections:
        return no(N_("有 %(n)s 位不愿公开表态，改用无记名投票"), n=objections)
    return yes()


@dataclass(frozen=True)
class Voter:
    """What the roll knows of one person: ``age`` None when not on file, which the roll's maker has checked.

    ``channel`` is the way by which this voter's ballot came in, empty when none has.
    """

    on_roll: bool
    present: bool = True
    recused: bool = False
    has_cast: bool = False
    age: int | None = None
    channel: str | None = ""


def may_cast(voter: Voter, mode: Mode, is_open: bool, *, online: bool = True, changeable: bool = True) -> Verdict:
    """Say whether this person may put in a ballot online now.

    A named vote may be changed until the ballot closes where the poll allows it, because it replaces the earlier one; a
    secret one cannot, because nobody may know which paper it was. The first ballot locks the voter, by whichever way.
    """
    if not is_open:
        return no(N_("投票已经结束"))
    if not voter.on_roll:
        return no(N_("这次表决的名单上没有您"))
    if voter.recused:
        return no(N_("这件事和您有关，说完要回避，不参加表决"))
    if voter.age is not None and voter.age < VOTING_AGE:
        return no(N_("满 18 周岁才能投票，可以发言"))
    if not voter.present:
        return no(N_("到会的人才能投票"))
    if not online:
        return no(N_("这次不在网上投，请用纸票或者到会上投"))
    if voter.channel in ("paper", "hands"):
        return no(N_("您的票已经用别的方式投进来了，先投的那张算数"))
    if voter.has_cast and mode is Mode.SECRET:
        return no(N_("您已经投过了，无记名票不能改"))
    if voter.has_cast and not changeable:
        return no(N_("您已经投过了，这次投了就不能改"))
    return yes()


def may_replace(reason: str, staff: int) -> Verdict:
    """A ballot locked by an earlier one, on paper or online, is replaced only by two staff with a reason."""
    if not reason.strip():
        return no(N_("作废一张票要写明原因"))
    return yes() if staff >= 2 else no(N_("作废一张票要两位工作人员签字"))


def may_count_paper(online_is_open: bool) -> Verdict:
    """Online voting closes before the first paper is counted."""
    return no(N_("先结束网上投票，再数纸票")) if online_is_open else yes()


def may_show_breakdown(group: int) -> Verdict:
    """A secret result is broken down only for groups in which nobody can be recognised."""
    return yes() if group >= SMALLEST_GROUP_SHOWN else no(N_("不到 5 人的组不显示明细"))


def hides_its_voters(ballots: int) -> bool:
    """Whether so many secret ballots may be laid open together; of fewer even the total tells who chose what."""
    return ballots == 0 or ballots >= SMALLEST_GROUP_SHOWN


def counted_by(teller: str, scrutineer: str, mover: str) -> Verdict:
    """At least two different people count, never the mover."""
    if not teller or not scrutineer or teller == scrutineer:
        return no(N_("计票和监票要两个人"))
    if mover in (teller, scrutineer):
        return no(N_("提出人不能计票、监票"))
    return yes()


def without_recused(eligible: int, present: int, recused: int, recused_present: int) -> tuple[int, int]:
    """Return N and P after recusal: a party speaks, then leaves, and drops out of both."""
    if not 0 <= recused_present <= recused <= eligible or not recused_present <= present <= eligible:
        raise ValueError("nobody can be recused who is not eligible, nor leave who is not present")
    return eligible - recused, present - recused_present


@dataclass(frozen=True)
class Papers:
    """What the tellers wrote down; ``options`` are the votes for all options together, where one was chosen."""

    issued: int
    returned: int
    out: int
    valid: int
    spoiled: int
    yes: int
    no: int
    abstain: int
    options: int = 0


def adds_up(papers: Papers) -> Verdict:
    """Check the three sums of the tally sheet, naming the first that is wrong."""
    if papers.issued != papers.returned + papers.out:
        return no(
            N_("发出 %(issued)s 张，收回 %(returned)s 张加没收回 %(out)s 张，对不上"),
            issued=papers.issued,
            returned=papers.returned,
            out=papers.out,
        )
    if papers.returned != papers.valid + papers.spoiled:
        return no(
            N_("收回 %(returned)s 张，有效 %(valid)s 张加废票 %(spoiled)s 张，对不上"),
            returned=papers.returned,
            valid=papers.valid,
            spoiled=papers.spoiled,
        )
    if papers.valid != papers.yes + papers.no + papers.abstain + papers.options:
        return no(
            N_("有效 %(valid)s 张，赞成 %(yes)s、反对 %(no)s、弃权 %(abstain)s，对不上"),
            valid=papers.valid,
            yes=papers.yes + papers.options,
            no=papers.no,
            abstain=papers.abstain,
        )
    return yes()
