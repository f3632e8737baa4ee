"""人民调解协议书: who settled what, by when, and who signed; a spoken agreement prints as the mediator's own record.

Source: domain.md §4; People's Mediation Act 2010 sections 28 to 33; F10 for one copy each and one kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from app.records.documents.page import Paper
from app.records.documents.wording import chinese_ordinal, full_date, one_line, yuan

WRITTEN, ORAL, SUPPLEMENT = "人民调解协议书", "口头调解协议记录", "人民调解补充协议书"
RIGHTS_DOCUMENT = "人民调解权利义务告知书"
MEDIATOR = "人民调解员"


@dataclass(frozen=True)
class Party:
    """Somebody of a side (甲方, 乙方) or who came along (side 参加人); ``guardian`` beside somebody under age."""

    side: str
    name: str
    relation: str = ""
    guardian: str = ""


@dataclass(frozen=True)
class Term:
    """One thing owed: by whom, what, how many fen (0: no money), where, by which day."""

    who: str
    what: str
    pay_fen: int
    place: str
    due: date


@dataclass(frozen=True)
class Signed:
    """Who signed, how (签名, 按指印 …), on which day; ``on`` is None while the line still waits for a hand."""

    label: str
    name: str
    how: str = ""
    on: date | None = None


@dataclass(frozen=True)
class Agreement:
    """Everything an agreement prints. ``issuer`` is the mediation committee; ``copies`` one each and one kept."""

    issuer: str
    number: str
    parties: Sequence[Party]
    others: Sequence[Party]
    facts: str
    responsibility: str
    terms: Sequence[Term]
    way: str
    late_reason: str
    mediator: str
    signatures: Sequence[Signed]
    made_on: date
    sealed_on: date | None
    copies: int
    is_oral: bool = False
    supplements: str = ""
    court_until: date | None = None

    @property
    def title(self) -> str:
        """What stands over it."""
        return ORAL if self.is_oral else SUPPLEMENT if self.supplements else WRITTEN

    @property
    def binding(self) -> str:
        """What the law says of it, in one paragraph."""
        if self.is_oral:
            begins = "由调解员记下，双方听过、认可，自双方达成协议之日起生效"
        else:
            begins = (
                f"一式{self.copies}份，当事人各执一份，调委会留存一份，"
                "自各方签名、盖章或者按指印，调解员签名并加盖调委会印章之日起生效"
            )
        return (
            f"本协议{begins}，对双方具有法律约束力，双方应当按约定履行。"
            "双方认为有必要的，可以自协议生效之日起三十日内共同向人民法院申请司法确认；"
            "就协议的履行或者内容发生争议的，一方可以向人民法院提起诉讼。"
        )  # fmt: skip


def person_words(person: Party) -> str:
    """名字（关系，监护人某某）."""
    more = "，".join(part for part in (person.relation, f"监护人{person.guardian}" if person.guardian else "") if part)
    return f"{one_line(person.name)}（{one_line(more)}）" if more else one_line(person.name)


def _people(paper: Paper, agreement: Agreement) -> None:
    for side in dict.fromkeys(party.side for party in agreement.parties):
        names = "、".join(person_words(one) for one in agreement.parties if one.side == side)
        paper.labelled(side, names)
    if agreement.others:
        paper.labelled("参加人", "、".join(person_words(one) for one in agreement.others))
    paper.labelled("人民调解员", agreement.mediator)
    if agreement.supplements:
        paper.labelled("补充", f"双方就{agreement.supplements}另行约定如下，没有改动的条款照旧。")


def _terms(paper: Paper, agreement: Agreement) -> None:
    for n, term in enumerate(agreement.terms, start=1):
        money = f"，计{yuan(term.pay_fen)}" if term.pay_fen else ""
        text = one_line(term.what).rstrip("。")
        paper.labelled(f"第{chinese_ordinal(n)}条", f"{one_line(term.who)}在{full_date(term.due)}前，{text}{money}。")


def _performance(paper: Paper, agreement: Agreement) -> None:
    if agreement.way:
        paper.labelled("方式", agreement.way)
    rows = [
        [str(n), term.who, yuan(term.pay_fen) if term.pay_fen else "—", term.place or "—", full_date(term.due)]
        for n, term in enumerate(agreement.terms, start=1)
    ]
    paper.table(["条", "谁来履行", "金额", "地点", "期限"], rows, [10, 42, 29, 30, 45])
    if agreement.late_reason:
        paper.labelled("期限超过一个月的原因", agreement.late_reason)


def _signatures(paper: Paper, agreement: Agreement) -> None:
    paper.gap()
    for one in agreement.signatures:
        label = f"{one_line(one.label)}（{one_line(one.name)}）"
        if one.on is None or one.how in ("签名", "按指印", "盖章"):
            # The paper is signed by hand whatever the register says; the line stays open for the hand.
            paper.signature_line(f"{label}签名" + ("" if one.label == MEDIATOR else "或者按指印"))
        else:
            paper.text(f"{label}：{one.how}，{full_date(one.on)}")


def agreement_docx(agreement: Agreement) -> bytes:
    """The agreement as .docx bytes; a pure function of its input."""
    paper = Paper(title=f"{agreement.title} {agreement.number}", issuer=agreement.issuer, day=agreement.made_on)
    paper.title(agreement.title, number=agreement.number)
    _people(paper, agreement)
    paper.heading("纠纷的主要事实和争议事项")
    paper.text(agreement.facts)
    paper.heading("各方当事人的责任")
    paper.text(agreement.responsibility or "双方互相谅解，不再分责任。")
    paper.heading("协议内容")
    _terms(paper, agreement)
    paper.heading("履行的方式、地点和期限")
    _performance(paper, agreement)
    paper.heading("效力")
    paper.text(agreement.binding)
    _signatures(paper, agreement)
    paper.sign_off(agreement.issuer, agreement.sealed_on or agreement.made_on, mark="（印章）", gaps=1)
    return paper.bytes()
