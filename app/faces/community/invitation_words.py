"""What an invitation says on paper and in a message, and what the log of openings says of each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import g
from flask_babel import gettext as _

from app import clock
from app.matter.models import Attachment, Matter
from app.notices.channels import channel_of
from app.records.documents.invitation import Invitation as Letter
from app.records.qr import qr_png
from app.talent import queries, texts
from app.talent.models import Invitation
from app.words import N_
from tenants.hosts import site_url

#: What the log of openings says of each outcome.
OUTCOMES = {
    "open": N_("看了邀请"), "working": N_("打开了材料"), "done": N_("看了自己交的意见"),
    "spent": N_("别的地方打开，没让看"),
    "expired": N_("到期了，没让看"), "revoked": N_("收回了，没让看"), "declined": N_("回绝过了，没让看"),
    "closed": N_("事情完了，没让看"), "preview": N_("聊天软件探了一下地址"),
}  # fmt: skip


def handing_over(one: Invitation, token: str, code: str) -> dict[str, Any]:
    """Everything that is shown once: link, code, the text of a message and how many parts it makes."""
    text = message_text(one, code)
    return {
        "link": site_url("guest.letter", external=True, token=token), "token": token, "code": code, "text": text,
        "length": len(text), "parts": texts.parts(text), "ways": _ways(one.by_way),
        "sms_ready": channel_of("sms").is_configured(),
    }  # fmt: skip


def message_text(one: Invitation, code: str) -> str:
    """The message with the site's fixed address and the code, the kindest wording that fits into one part."""
    where = texts.bare_address(site_url("guest.desk", external=True))
    name = g.site.name
    until = f"{clock.local(one.expires_at):%-m月%-d日%-H时}"
    return texts.shortest_fit(
        [
            _("%(who)s请您帮着看一件事：上网开 %(where)s 输邀请码 %(code)s，%(until)s前有效，请别转发。",
              who=name, where=where, code=code, until=until),
            _("%(who)s请您看一件事：上网开 %(where)s 输 %(code)s，%(until)s前有效，别转发",
              who=name, where=where, code=code, until=until),
            _("%(who)s请您看件事：%(where)s 邀请码%(code)s，%(until)s前",
              who=name, where=where, code=code, until=until),
        ]
    )  # fmt: skip


def gateway_text(one: Invitation, code: str) -> str:
    """The one variable of the gateway's template: no address, because the template names the site itself."""
    until = f"{clock.local(one.expires_at):%-m月%-d日%-H时}"
    return _("%(who)s请您看一件事，邀请码%(code)s，%(until)s前有效，请勿转发", who=g.site.name, code=code, until=until)


def letter_of(one: Invitation, matter: Matter, token: str, code: str, papers: Sequence[Attachment]) -> Letter:
    """The printed letter; what is looked at stands behind the link, the sheet names it."""
    site, link = g.site, site_url("guest.letter", external=True, token=token)
    at_sitting, expert = one.sitting_at is not None, queries.expert_behind(one)
    return Letter(
        issuer=site.name, number=one.number, expert=one.expert_name, expert_unit=f"{one.profession}专家",
        matter_number=matter.number,
        matter_title=matter.title if matter.visibility == "public" else "一件只给当事人看的事",
        brief=one.brief, question=one.questions, starts_at=clock.local(one.sitting_at or one.expires_at),
        place=one.sitting_words if at_sitting else "打开链接写意见", minutes=60 if at_sitting else 30, link=link,
        link_expires_at=clock.local(one.expires_at), contact=f"{one.by_label}　{site.phone}",
        issued_on=clock.local(one.sent_at).date(), online=not at_sitting,
        reply_by=clock.local(one.expires_at).date(), qr_png=qr_png(link),
        fee=expert.fee if expert else "", code=f"{code[:4]} {code[4:]}" if code else "",
        code_at=texts.bare_address(site_url("guest.desk", external=True)),
        attachments=[paper.caption or f"照片 {n}" for n, paper in enumerate(papers, start=1)],
    )  # fmt: skip


def _ways(first: str) -> list[str]:
    return [first, *(way for way in ("link", "sms", "letter") if way != first)]
