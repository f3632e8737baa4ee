"""Mediation: who may sit at the table, who may mediate, what an agreement must say, when it is in force or has failed.

Source: domain.md section 4 (调解协议书) and the People's Mediation Act 2010 (F9): the mediator stands between the
parties (sections 13 to 15), supporters come with the parties' consent (20), their rights (23) and duties (24), failure
tells the other routes (26), a written agreement (28, 29), a spoken one (30), it binds and is looked after (31),
quarrels about it go to court (32), the court confirms it within 30 days (33). The usual limit of a month is F10. Pure.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple
from uuid import UUID

from app.errors import Verdict, no, yes
from app.flow.resolve.task_rules import CONTACT_MOST, DUE_MOST_DAYS, FEN_MOST, NAME_MOST, REASON_MOST, first_no, fits
from app.matter.situation import Situation, Stage, Track
from app.people.roles import OFFICE_STAFF, Role, Roles, as_roles
from app.words import N_

WORDS_MOST = 5000
TERMS_MOST = 12
PEOPLE_MOST = 20
#: F10: terms are usually due within one month.
USUAL_DAYS = 31
#: F9 section 33: both may ask the court to confirm the agreement within 30 days of its coming into force.
COURT_DAYS = 30

PARTIES = ("a", "b")
SIDES: Mapping[str, str] = {"a": N_("甲方"), "b": N_("乙方"), "supporter": N_("一起来的人")}
APPLIED: Mapping[str, str] = {
    "party": N_("一方当事人申请"), "both": N_("双方当事人申请"), "committee": N_("调委会主动调解，双方没有拒绝"),
}  # fmt: skip
STATES: Mapping[str, str] = {
    "open": N_("正在调"), "agreed": N_("谈成了"), "failed": N_("没谈成"), "withdrawn": N_("当事人不调了"),
}  # fmt: skip
OUTCOMES: Mapping[str, str] = {
    "near": N_("差不多了，可以写协议"), "again": N_("有进展，再约一次"), "stuck": N_("谈不下去"),
    "checked": N_("回头看了履行"),
}  # fmt: skip
FORMS: Mapping[str, str] = {"written": N_("书面协议"), "oral": N_("口头协议，由调解员记下")}
HOW: Mapping[str, str] = {
    "pen": N_("签名"), "fingerprint": N_("按指印"), "seal": N_("盖章"), "spoken": N_("口头认可"),
}  # fmt: skip
RIGHTS = (
    N_("自己选调解员，也可以不要这一位"), N_("接受调解，拒绝调解，或者中途不调了"), N_("要求公开调，或者不公开调"),
    N_("自己说了算，自愿达成协议"),
)  # fmt: skip
DUTIES = (N_("照实说"), N_("守现场的秩序，尊重调解员"), N_("尊重对方，让对方把话说完"))
ROUTES = N_("没谈成，还有三条路：找仲裁机构仲裁，找行政机关处理，或者向人民法院起诉。")
MEDIATOR = "mediator"
_GONE = N_("这件纠纷已经不在调解了，请刷新看看。")


class Term(NamedTuple):
    """One thing owed: by whom (the person's id), what, how many fen, where, by which day."""

    person_id: UUID
    what: str
    pay_fen: int
    place: str
    due: date


@dataclass(frozen=True)
class Seat:
    """Somebody at the table as the rules look at them."""

    id: UUID
    side: str
    name: str
    household_id: UUID | None = None


@dataclass(frozen=True)
class Mediator:
    """Who is to mediate: the name, the account's household where it is known, and the own statement."""

    name: str
    neutral: bool
    account_id: UUID | None = None
    household_id: UUID | None = None


def may_open(situation: Situation) -> Verdict:
    """A quarrel that was taken on and is not decided yet."""
    if situation.track is not Track.MEDIATION:
        return no(N_("这件事不是纠纷，走议一议，不走调解。"))
    if situation.stage not in (Stage.ACCEPTED, Stage.DELIBERATING):
        return no(N_("受理以后、定下来之前才能开始调解。"))
    return yes()


def may_work(roles: Roles, state: str) -> Verdict:
    """The office keeps the file while the dispute is open."""
    if not as_roles(roles) & OFFICE_STAFF:
        return no(N_("调解由社区书记和社区工作者来登记。"))
    return yes() if state == "open" else no(_GONE)


def good_person(side: str, name: str, relation: str, contact: str, *, minor: bool, guardian: str) -> Verdict:
    """A person has a side and a name; a party under eighteen has a guardian beside it (Civil Code sections 19, 27)."""
    if side not in SIDES:
        return no(N_("选一下是哪一方。"))
    if minor and side in PARTIES and not guardian.strip():
        return no(N_("未成年人要有监护人一起，写上监护人是谁。"))
    return first_no(
        fits(N_("姓名"), name, NAME_MOST), fits(N_("身份或者关系"), relation, NAME_MOST, required=False),
        fits(N_("电话"), contact, CONTACT_MOST, required=False),
        fits(N_("监护人"), guardian, NAME_MOST, required=False),
    )  # fmt: skip


def may_seat(seats: Collection[Seat], side: str, name: str, agreed_how: str) -> Verdict:
    """Nobody sits twice; a supporter comes only once both sides are there and their consent is on record (20)."""
    if len(seats) >= PEOPLE_MOST:
        return no(N_("一件纠纷最多登记 %(most)s 个人。"), most=PEOPLE_MOST)
    if plain(name) in {plain(seat.name) for seat in seats}:
        return no(N_("%(name)s已经在名单上了。"), name=name.strip())
    if side != "supporter":
        return yes()
    if not has_both(seats):
        return no(N_("先把双方当事人写上，再请别人来帮着劝。"))
    return fits(N_("双方怎么同意的"), agreed_how, REASON_MOST)


def has_both(seats: Collection[Seat]) -> bool:
    """Whether both sides have somebody."""
    return {"a", "b"} <= {seat.side for seat in seats}


def may_mediate(mediator: Mediator, seats: Collection[Seat]) -> Verdict:
    """Neither a party nor of a party's household nor a supporter, by the mediator's own statement too (13 to 15)."""
    name = plain(mediator.name)
    if len(name) < 2:
        return no(N_("写上由谁来调。"))
    if len(mediator.name.strip()) > NAME_MOST:
        return no(N_("名字最多 %(most)s 个字。"), most=NAME_MOST)
    if any(plain(seat.name) == name for seat in seats):
        return no(N_("%(name)s是当事人或者一起来的人，不能自己来调。"), name=mediator.name.strip())
    if mediator.household_id is not None and mediator.household_id in {seat.household_id for seat in seats}:
        return no(N_("%(name)s和一方当事人是一家人，换一位来调。"), name=mediator.name.strip())
    if not mediator.neutral:
        return no(N_("调解员要自己说明：和双方都没有亲属、利害关系。"))
    return yes()


def may_talk(seats: Collection[Seat], *, mediated: bool, rights_told: bool) -> Verdict:
    """Both sides, a mediator and the rights come first."""
    if not has_both(seats):
        return no(N_("双方当事人还没写全。"))
    if not mediated:
        return no(N_("还没定由谁来调。"))
    return yes() if rights_told else no(N_("先把权利和义务告诉双方，再坐下来谈。"))


def good_record(place: str, present: Sequence[str], words: str, outcome: str) -> Verdict:
    """Where, who was there, what was said, how far it came."""
    if not present:
        return no(N_("写上谁到场了。"))
    if outcome not in OUTCOMES or outcome == "checked":
        return no(N_("选一下谈到哪一步了。"))
    return first_no(fits(N_("在哪儿谈的"), place, 120), fits(N_("谈了什么"), words, WORDS_MOST))


def good_text(form: str, facts: str, responsibility: str, way: str) -> Verdict:
    """The parts of the paper (29): the dispute and its facts, who is responsible, how it is performed."""
    if form not in FORMS:
        return no(N_("选一下是书面协议还是口头协议。"))
    return first_no(
        fits(N_("纠纷的主要事实"), facts, WORDS_MOST),
        fits(N_("各方的责任"), responsibility, WORDS_MOST, required=form == "written"),
        fits(N_("怎么履行"), way, REASON_MOST, required=False),
    )


def good_terms(terms: Sequence[Term], seats: Collection[Seat], today: date, late_reason: str) -> Verdict:
    """Every term names a party, what is owed and a day; beyond a month the paper says why (F10)."""
    if not terms:
        return no(N_("至少写一条：谁要做什么、赔多少、哪天前。"))
    if len(terms) > TERMS_MOST:
        return no(N_("协议最多 %(most)s 条。"), most=TERMS_MOST)
    owing = {seat.id for seat in seats if seat.side in PARTIES}
    for n, term in enumerate(terms, start=1):
        verdict = _good_term(n, term, owing, today)
        if not verdict:
            return verdict
    if max(term.due for term in terms) > today + timedelta(USUAL_DAYS) and not late_reason.strip():
        return no(N_("一般一个月以内履行完，定得更晚的，写一句为什么。"))
    return fits(N_("为什么定得晚"), late_reason, REASON_MOST, required=False)


def _good_term(n: int, term: Term, owing: Collection[UUID], today: date) -> Verdict:
    if term.person_id not in owing:
        return no(N_("第 %(n)s 条：选一下由哪一方来做。"), n=n)
    if term.due < today or (term.due - today).days > DUE_MOST_DAYS:
        return no(N_("第 %(n)s 条：日子要从今天往后定，最多五年。"), n=n)
    if not 0 <= term.pay_fen <= FEN_MOST:
        return no(N_("第 %(n)s 条：钱写得不对。"), n=n)
    return first_no(fits(N_("做什么"), term.what, 200), fits(N_("在哪儿"), term.place, 120, required=False))


def may_sign(form: str, how: Mapping[str, str], today: date, on: date, drafted: date) -> Verdict:
    """A paper is signed with pen, fingerprint or seal, a spoken agreement is agreed to aloud (29, 30)."""
    fitting = {"spoken"} if form == "oral" else {"pen", "fingerprint", "seal"}
    if not how:
        return no(N_("选一下谁签了、怎么签的。"))
    if any(way not in (fitting | ({"pen"} if who == MEDIATOR else set())) for who, way in how.items()):
        return no(N_("书面协议要签名、按指印或者盖章；口头协议是念给双方听、都认可。"))
    if on > today or on < drafted:
        return no(N_("签字的日子在写好以后，不能是以后的日子。"))
    return yes()


def is_signed(seats: Collection[Seat], signed: Collection[str]) -> bool:
    """Whether every party and the mediator have signed; ``signed`` are ids as text, and ``mediator``."""
    return MEDIATOR in signed and all(str(seat.id) in signed for seat in seats if seat.side in PARTIES)


def may_seal(roles: Roles, signed_on: date | None, sealed_on: date | None) -> Verdict:
    """The committee's seal comes last and is the secretary's to put."""
    if Role.SECRETARY not in as_roles(roles):
        return no(N_("调委会的章由社区书记来盖。"))
    if signed_on is None:
        return no(N_("双方和调解员签齐了才能盖章。"))
    return no(N_("已经盖过章、生效了。")) if sealed_on is not None else yes()


def court_until(in_force_on: date) -> date:
    """The last day on which both may ask the court together (33)."""
    return in_force_on + timedelta(COURT_DAYS)


def may_confirm(in_force_on: date | None, confirmed_on: date | None, on: date, today: date) -> Verdict:
    """The court's confirmation is written down once, on a day that was."""
    if in_force_on is None:
        return no(N_("协议还没生效。"))
    if confirmed_on is not None:
        return no(N_("已经记过司法确认了。"))
    return yes() if in_force_on <= on <= today else no(N_("确认的日子在生效以后，不能是以后的日子。"))


def may_check(done_on: date | None, on: date, signed_on: date | None, today: date, words: str) -> Verdict:
    """A term is checked once, on a day between signing and today, with what was seen (31)."""
    if signed_on is None:
        return no(N_("协议还没生效。"))
    if done_on is not None:
        return no(N_("这一条已经核对过了。"))
    if not signed_on <= on <= today:
        return no(N_("履行的日子在签字以后，不能是以后的日子。"))
    return fits(N_("看到什么"), words, REASON_MOST)


def may_end(way: str, reason: str, told: bool) -> Verdict:
    """Why it ended; a failure also tells the three routes (26)."""
    if way not in ("failed", "withdrawn"):
        return no(N_("选一下是没谈成，还是当事人不调了。"))
    if way == "failed" and not told:
        return no(N_("没谈成的，要把仲裁、行政、诉讼三条路告诉双方。"))
    return fits(N_("原因"), reason, REASON_MOST)


def standing(state: str, sealed: bool, dues: Sequence[tuple[date, date | None]], today: date) -> str:
    """Where a mediation stands in the list: open, agreed, performing, late, performed, failed or withdrawn.

    ``dues`` are day due and day done of the terms in force.
    """
    if state != "agreed" or not sealed:
        return state
    owed = [due for due, done in dues if done is None]
    if not owed:
        return "performed"
    return "late" if min(owed) < today else "performing"


def plain(name: str) -> str:
    """A name as it is compared."""
    return "".join(unicodedata.normalize("NFKC", name).split()).casefold()
