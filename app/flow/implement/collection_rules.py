"""Collecting money from door to door: how a sum is shared out, and what is voluntary about it.

Sources: Residents' Committees Act section 42 (means from residents are voluntary, the accounts are posted), Civil Code
section 283 (costs between owners: as agreed, else by the share of the area). There is no way in here from a vote: a
majority never makes anybody owe anything. Money is integer fen, areas are integer 0.01 m². Pure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from app.errors import Verdict, no, yes
from app.flow.resolve.rules import FEN_MOST, NAME_MOST, REASON_MOST, TITLE_MOST, first_no, fits
from app.people.roles import COMMUNITY_STAFF, Roles, as_roles
from app.words import N_

BASES: dict[str, str] = {
    "equal": N_("每户一样多"),
    "heads": N_("按人口"),
    "area": N_("按面积"),
    "agreed": N_("按大家说好的数"),
}
#: How a home said yes, or handed the money over.
AGREED_HOW: dict[str, str] = {"signature": N_("签字"), "phone": N_("打电话"), "in_person": N_("当面说")}
PAID_HOW: dict[str, str] = {"cash": N_("现金"), "transfer": N_("转账")}
STATES: dict[str, str] = {"draft": N_("还没开始"), "open": N_("正在收"), "closed": N_("收完了"), "void": N_("作废")}
HOMES_MOST = 400
HEADS_MOST = 99
AREA_MOST = 10_000_000
PURPOSE_MOST = 500
#: What every door is told first (Residents' Committees Act section 42).
VOLUNTARY = N_(
    "交不交由您家自己定。不同意的不用交，不记欠账，也不影响您家该得的服务。"
    "交了有收据，收了多少、花了多少都贴出来。（居民委员会组织法第四十二条）"
)
BY_AREA = N_("业主之间的维修费，有约定的按约定，没约定的按面积分摊。（民法典第二百八十三条）")


@dataclass(frozen=True)
class Home:
    """One door: who lives there is of no concern here. ``share_fen`` only where the shares were agreed one by one."""

    label: str
    household_id: UUID | None = None
    heads: int = 1
    area_dm2: int = 0
    share_fen: int = 0


def split(total: int, weights: Sequence[int]) -> list[int]:
    """Share ``total`` fen out by ``weights`` so that the shares add up to the fen (largest remainder).

    Whoever weighs more never gets less; a weight of 0 gets 0. Of equal remainders the earlier one gets the fen. Where
    nothing weighs anything, nothing is shared out.

    :raises ValueError: for a negative total or weight.
    """
    if total < 0 or any(weight < 0 for weight in weights):
        raise ValueError("neither a sum nor a weight is negative")
    whole = sum(weights)
    if not whole:
        return [0] * len(weights)
    shares = [total * weight // whole for weight in weights]
    # Of equal remainders the heavier one goes first, or a lighter home could end up a fen above it.
    order = sorted(range(len(weights)), key=lambda n: (-(total * weights[n] % whole), -weights[n], n))
    for n in order[: total - sum(shares)]:
        shares[n] += 1
    return shares


def shares_of(total: int, basis: str, homes: Sequence[Home]) -> list[int]:
    """The share of each home on this basis."""
    if basis == "agreed":
        return [home.share_fen for home in homes]
    weights = {
        "equal": [1] * len(homes), "heads": [home.heads for home in homes], "area": [home.area_dm2 for home in homes],
    }  # fmt: skip
    return split(total, weights[basis])


def may_collect(roles: Roles) -> Verdict:
    """Who goes from door to door: the office and the grid."""
    if as_roles(roles) & COMMUNITY_STAFF:
        return yes()
    return no(N_("收费由社区工作人员来办。"))


def good_draft(*, title: str, purpose: str, basis: str, total_fen: int, homes: Sequence[Home]) -> Verdict:
    """A collection says what for, how much and how it is shared, and it names its doors."""
    if basis not in BASES:
        return no(N_("选一种分摊的办法。"))
    if not 0 < total_fen <= FEN_MOST:
        return no(N_("一共要收多少，写大于 0 的数。"))
    if not homes:
        return no(N_("到哪几户收，选单元或者写门牌，至少一户。"))
    if len(homes) > HOMES_MOST:
        return no(N_("一笔最多 %(most)s 户，现在有 %(n)s 户，请分几笔。"), most=HOMES_MOST, n=len(homes))
    if any(not (1 <= home.heads <= HEADS_MOST and 0 <= home.area_dm2 <= AREA_MOST) for home in homes):
        return no(N_("人口写 1 到 99，面积写到小数点后两位。"))
    if any(not 0 <= home.share_fen <= FEN_MOST for home in homes):
        return no(N_("每户的数不能比 0 小。"))
    texts = [fits(N_("收费的名目"), title, TITLE_MOST), fits(N_("做什么用"), purpose, PURPOSE_MOST)]
    return first_no(*texts, *(fits(N_("门牌"), home.label, NAME_MOST * 2) for home in homes))


def may_open(*, state: str, total_fen: int, basis: str, homes: Sequence[Home]) -> Verdict:
    """Nobody is asked before the shares are right to the fen and rest on what they say they rest on."""
    if state != "draft":
        return no(N_("这笔收费已经开始了。"))
    missing = sum(home.area_dm2 == 0 for home in homes) if basis == "area" else 0
    if missing:
        return no(N_("还有 %(n)s 户没写面积，写齐了再开始。"), n=missing)
    summed = sum(home.share_fen for home in homes)
    if summed != total_fen:
        return no(N_("各户加起来和总数差 %(off)s 元，对齐了再开始。"), off=yuan(abs(total_fen - summed)))
    return yes()


def may_answer(*, collection: str, state: str) -> Verdict:
    """A home speaks for itself while the collection runs, until it has paid."""
    if collection != "open":
        return no(N_("这笔收费现在不收了。"))
    return yes() if state != "paid" else no(N_("这一户已经交了；记错了就先撤回交钱的那一笔。"))


def good_answer(*, agreed: bool, how: str, reason: str) -> Verdict:
    """How it was said is on record; a home that declines need not say why."""
    if agreed and how not in AGREED_HOW:
        return no(N_("选一个：签字、打电话还是当面说的。"))
    return fits(N_("为什么不交"), reason, 200, required=False)


def may_pay(*, collection: str, state: str, share_fen: int, how: str) -> Verdict:
    """Only who agreed pays, the whole share at once."""
    if collection != "open":
        return no(N_("这笔收费现在不收了。"))
    if state == "paid":
        return no(N_("这一户刚才已经交了。"))
    if state != "agreed":
        return no(N_("这一户还没同意，先问过、记下同意，再收钱。"))
    if share_fen == 0:
        return no(N_("这一户不用交钱。"))
    return yes() if how in PAID_HOW else no(N_("选一个：现金还是转账。"))


def may_undo(*, collection: str, state: str, reason: str) -> Verdict:
    """A payment is taken off only while the collection runs; once it has ended, it is opened again first."""
    if collection != "open":
        return no(N_("这笔收费已经结束，先接着收，再撤。"))
    if state != "paid":
        return no(N_("这一户没有交钱的记录可撤。"))
    return fits(N_("撤回的原因"), reason, REASON_MOST)


def may_share_anew(*, state: str, paid: int) -> Verdict:
    """Shares change only while nobody has paid; the homes whose share changes must agree anew."""
    if state not in ("draft", "open"):
        return no(N_("这笔收费现在不收了。"))
    if paid:
        return no(N_("已经有 %(n)s 户交了钱，份额不能再变。差的钱另找来源，或者作废退款后重新商量。"), n=paid)
    return yes()


def after_sharing(state: str, old_fen: int, new_fen: int) -> str:
    """A yes was said to one sum and to no other; a home that declined stays declined."""
    return "asked" if state == "agreed" and old_fen != new_fen else state


def may_close(*, state: str, unpaid: int) -> Verdict:
    """It ends when every home that agreed has paid or taken its word back; silence and a no end nothing."""
    if state != "open":
        return no(N_("这笔收费现在不收了。"))
    if unpaid:
        return no(N_("还有 %(n)s 户同意了没交。收到了记上，不交了就改成不同意，再结束。"), n=unpaid)
    return yes()


def may_reopen(*, state: str, posted: bool, refunds: int, reason: str) -> Verdict:
    """Ending it can be undone until the account hangs or money went back."""
    if state != "closed" or posted or refunds:
        return no(N_("账已经贴出来或者退过钱，不能再收。"))
    return fits(N_("为什么接着收"), reason, REASON_MOST)


def may_void(*, state: str, spent_fen: int, reason: str) -> Verdict:
    """Giving up a collection gives everything back, so nothing of it may be spent."""
    if state not in ("draft", "open", "closed"):
        return no(N_("这笔收费已经作废了。"))
    if spent_fen:
        return no(N_("已经花了 %(spent)s 元，不能作废。请结束这笔收费，把余下的退回。"), spent=yuan(spent_fen))
    return fits(N_("作废的原因"), reason, REASON_MOST)


def surplus(*, paid_fen: int, spent_fen: int) -> int:
    """What goes back to those who paid."""
    return max(0, paid_fen - spent_fen)


def may_settle(*, state: str, surplus_fen: int, handed_back: int) -> Verdict:
    """The surplus is shared out after the end, and anew as long as nobody has got any of it."""
    if state != "closed":
        return no(N_("先结束收费，再算余下的钱。"))
    if handed_back:
        return no(N_("已经退给 %(n)s 户了，不能再重算。"), n=handed_back)
    return yes() if surplus_fen else no(N_("没有余下的钱。"))


def may_post(*, state: str, owing: int) -> Verdict:
    """The account hangs once it is final: ended or void, and everything that was to go back went back."""
    if state not in ("closed", "void"):
        return no(N_("先结束收费，再贴出来。"))
    return yes() if not owing else no(N_("还有 %(n)s 户的钱没退到，退完了再贴。"), n=owing)


def nothing_left(*, state: str, left: int) -> Verdict:
    """Money from residents does not stay with the hall: it was spent for what it was given, or it goes back."""
    if state == "closed" and left > 0:
        return no(N_("还余 %(left)s 元，先算好退给各户，再贴出来。"), left=yuan(left))
    if left < 0:
        return no(N_("支的比收的多 %(off)s 元，把账对齐再贴。"), off=yuan(-left))
    return yes()


def yuan(fen: int) -> str:
    """``4,800.00`` from 480000 fen: an account is read to the fen."""
    return f"{'-' if fen < 0 else ''}{abs(fen) // 100:,}.{abs(fen) % 100:02d}"


_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_PLACES, _GROUPS = ("", "拾", "佰", "仟"), ("", "万", "亿")


def capitals(fen: int) -> str:
    """An amount as it is written on a receipt: 肆佰元整, 壹万零伍拾元零叁分 (票据法, 支付结算办法 annex 1).

    :raises ValueError: for a negative amount, or one of a trillion yuan and more.
    """
    yuan_part, rest = divmod(fen, 100)
    if fen < 0 or yuan_part >= 10**12:
        raise ValueError(f"no receipt is written over {fen} fen")
    jiao, cents = divmod(rest, 10)
    said = _whole(yuan_part) + "元" if yuan_part else ("" if rest else "零元")
    if not rest:
        return said + "整"
    if jiao:
        said += _DIGITS[jiao] + "角"
    elif yuan_part:
        said += "零"
    return said + (_DIGITS[cents] + "分" if cents else "整")


def _whole(number: int) -> str:
    said, gap = "", False
    for group in (2, 1, 0):
        part = number // 10 ** (4 * group) % 10**4
        if not part:
            gap = bool(said)
            continue
        if said and (gap or part < 1000):
            said += "零"
        said, gap = said + _thousands(part) + _GROUPS[group], False
    return said


def _thousands(part: int) -> str:
    said, gap = "", False
    for place in (3, 2, 1, 0):
        digit = part // 10**place % 10
        if not digit:
            gap = bool(said)
            continue
        said += ("零" if gap else "") + _DIGITS[digit] + _PLACES[place]
        gap = False
    return said
