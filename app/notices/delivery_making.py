"""From what is to be told to what goes out: by each person's own way, once a day or at once, never in quiet hours.

The unique key (source, id, channel) is the memory, so this may run as often as it likes. What a person has read on the
page meanwhile is not sent any more.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from flask import current_app
from flask_babel import gettext as _
from sqlalchemy import and_, func, literal, select, union_all
from sqlalchemy.dialects.postgresql import insert

from app import clock
from app.flow.collect.models import Proposal
from app.matter.house import house
from app.notices import delivery_rules as rules
from app.notices.channels import channel_of
from app.notices.delivery_rules import Told
from app.notices.models import Delivery, Digest, Message, Preference
from app.notices.preferences import reachable
from app.notices.reminder_rules import words_of
from app.notices.rules import PROPOSER
from app.people.models import Account
from app.people.secrets import unseal
from tenants.database import db, row_key
from tenants.registry import Community
from tenants.scope import current_community

#: Names the ids that are made of others, so that the same thing has the same id in every worker.
SPACE = UUID("6f6a1c2e-3f0b-4b1e-9a54-7a3b8f0c1d52")
#: What nobody has carried there yet.
UNTOLD = ("queued", "not_configured", "failed")


@dataclass(frozen=True)
class News:
    """One message for one account."""

    id: UUID
    account_id: UUID
    words: str
    number: str
    at: datetime
    is_own: bool


def prepare(*, now: datetime) -> int:
    """Write what newly has to go out of the bound hall; returns how much that was. A hall without wishes costs one
    statement."""
    here = current_community()
    people = [(row[0], row[1]) for row in db.session.execute(reachable()).all()]
    rows = _group(now)
    if people:
        news = _news([account.id for _wish, account in people], now)
        past = _past([account.id for _wish, account in people], now)
        urged = _urged([account.id for _wish, account in people], clock.local(now).date())
        phone = db.session.scalar(select(Community.phone).where(Community.id == here)) or ""
        for wish, account in people:
            if account.kind == "resident" and not channel_of(wish.way).is_configured():
                # As long as the street has no contract, residents hear as before: on paper and by telephone.
                continue
            own = [one for one in news if one.account_id == account.id and one.at > wish.changed_at]
            rows += _of(wish, account, own, past.get(account.id), urged, phone, now)
    if not rows:
        return 0
    written = db.session.execute(
        insert(Delivery.__table__).values(rows).on_conflict_do_nothing().returning(Delivery.__table__.c.id)
    )
    return len(written.all())


def _of(
    wish: Preference, account: Account, news: Sequence[News], last: datetime | None,
    urged: Mapping[UUID, Digest], phone: str, now: datetime,
) -> list[dict[str, Any]]:  # fmt: skip
    made = []
    if not wish.digest_only:
        for one in news:
            source = one.id if one.is_own else uuid5(SPACE, f"{one.id}:{account.id}")
            subject = _("%(hall)s：%(number)s 有新进展", hall=house().hall, number=one.number)
            made.append(_row("message", source, wish, subject, one.words, [one.id], now))
    digest = urged.get(account.id)
    if not (digest or wish.digest_only) or not _is_time(now, digest is not None):
        return made
    fresh = [one for one in news if last is None or one.at > last] if wish.digest_only else []
    lines = _lines(digest)
    if lines or fresh:
        day = clock.local(now).date()
        words = _daily(wish.way, lines, fresh, phone)
        subject = _("%(hall)s：今天有 %(n)s 件事告诉您", hall=house().hall, n=len(lines) + len(fresh))
        source = uuid5(SPACE, f"{account.id}:{day}")
        made.append(_row("digest", source, wish, subject, words, [one.id for one in fresh], now))
    return made


def _row(
    source: str, source_id: UUID, wish: Preference, subject: str, words: str, carries: Iterable[UUID], now: datetime
) -> dict[str, Any]:
    contact = unseal(wish.contact_sealed or "")
    words = rules.sms_text(words, current_app.config["SMS_SIGN"]) if wish.way == "sms" else words
    moment = rules.after_quiet(clock.local(now), wish.quiet_from, wish.quiet_to)
    return row_key() | {
        "source": source, "source_id": source_id, "account_id": wish.account_id, "channel": wish.way,
        "subject": subject, "words": words, "carries": [str(one) for one in carries],
        "to_masked": rules.masked_contact(wish.way, contact), "next_at": moment, "created_at": now,
        "state": "queued" if channel_of(wish.way).is_configured() else "not_configured", "attempts": 0,
    }  # fmt: skip


def _is_time(now: datetime, has_digest: bool) -> bool:
    """From eight in the morning; whoever is not urged waits an hour longer, for the urging may be on its way."""
    hour = clock.local(now).hour
    return hour > rules.DIGEST_HOUR or (has_digest and hour == rules.DIGEST_HOUR)


def _daily(way: str, lines: Sequence[str], news: Sequence[News], phone: str) -> str:
    if way == "sms":
        first = lines[0] if lines else f"{news[0].number}"
        n = len(lines) + len(news)
        return str(_("今天有 %(n)s 件事告诉您，头一件：%(first)s。登录看「我的消息」，或打 %(phone)s。",
                     n=n, first=first, phone=phone))  # fmt: skip
    labels = {
        "urged": _("提醒您："), "news": _("新进展："),
        "foot": _("登录后在「我的消息」里看，也可以打 %(phone)s。不想再收，在那一页改。", phone=phone),
    }  # fmt: skip
    return rules.daily_text(lines, [Told(one.words, one.at) for one in news], labels)


def _lines(digest: Digest | None) -> list[str]:
    if digest is None:
        return []
    found = []
    for line in digest.lines:
        words, values = words_of(line, digest.day)
        found.append(f"{line['number']} {line['what'] or line['title']}：{_(words, **values)}".replace(" ：", "："))
    return found


def _news(accounts: Sequence[UUID], now: datetime) -> list[News]:
    """What these people have not read and nobody has told them: to them by account, or as those who brought it."""
    columns = (Message.id, Message.words, Message.created_at, Message.matter_id)
    fresh = (
        Message.community_id == current_community(), Message.created_at > now - rules.STALE,
        Message.read_at.is_(None), Message.receipt.in_(UNTOLD),
    )  # fmt: skip
    direct = select(*columns, Message.to_id.label("account_id"), literal(True).label("is_own")).where(
        *fresh, Message.to_id.in_(accounts)
    )
    brought = (
        select(*columns, Account.id.label("account_id"), literal(False).label("is_own"))
        .join(Proposal, and_(Proposal.community_id == Message.community_id, Proposal.matter_id == Message.matter_id))
        .join(Account, and_(Account.community_id == Proposal.community_id, Account.person_id == Proposal.person_id))
        .where(*fresh, Message.to_kind == PROPOSER, Account.id.in_(accounts))
    )
    rows: Sequence[Any] = db.session.execute(union_all(direct, brought)).all()
    return [
        News(row.id, row.account_id, row.words, _number(row.words), row.created_at, row.is_own)
        for row in sorted(rows, key=lambda row: row.created_at)
    ]


def _number(words: str) -> str:
    """A message begins with the number of its matter, private or not; a call to a sitting names no matter."""
    return words.partition("：")[0].partition("「")[0][:30]


def _past(accounts: Sequence[UUID], now: datetime) -> dict[UUID, datetime]:
    """When the last daily letter of each was made."""
    rows = db.session.execute(
        select(Delivery.account_id, func.max(Delivery.created_at))
        .where(
            Delivery.community_id == current_community(), Delivery.account_id.in_(accounts),
            Delivery.source == "digest", Delivery.created_at > now - rules.STALE - timedelta(days=1),
        )
        .group_by(Delivery.account_id)
    )  # fmt: skip
    return {account: at for account, at in rows if account}


def _urged(accounts: Sequence[UUID], today: date) -> dict[UUID, Digest]:
    found = db.session.scalars(
        select(Digest).where(
            Digest.community_id == current_community(), Digest.day == today, Digest.to_id.in_(accounts),
            Digest.read_at.is_(None),
        )
    )  # fmt: skip
    return {one.to_id: one for one in found if one.to_id}


def _group(now: datetime) -> list[dict[str, Any]]:
    """The hall's one message of the day to its group, once the morning's urging has been said."""
    here, today = current_community(), clock.local(now).date()
    if clock.local(now).hour < rules.DIGEST_HOUR or not channel_of("wecom").is_configured():
        return []
    slug = db.session.scalar(select(Community.slug).where(Community.id == here)) or ""
    if not channel_of("wecom").is_configured(slug):
        return []
    digests = db.session.scalars(select(Digest).where(Digest.community_id == here, Digest.day == today)).all()
    lines: dict[str, str] = {}
    for digest in digests:
        # The same thing is said to whoever owes it and to the secretary; the group reads it once.
        for line, words in zip(digest.lines, _lines(digest), strict=True):
            lines.setdefault(line["subject"], words)
    if not lines:
        return []
    title = _("%(hall)s 今天的提醒，共 %(n)s 件", hall=house().hall, n=len(lines))
    words = "\n".join([title, *(f"{n}. {line}" for n, line in enumerate(lines.values(), 1))])
    row = row_key() | {
        "source": "digest", "source_id": uuid5(SPACE, f"hall:{here}:{today}"), "account_id": None,
        "channel": "wecom", "subject": title, "words": rules.wecom_text(words), "carries": [], "to_masked": "",
        "next_at": now, "created_at": now, "state": "queued", "attempts": 0,
    }  # fmt: skip
    return [row]
