"""Calls for ideas (宣传发动: 金点子征集, 社区治理我来说): made, changed, ended, found. Nothing here commits."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Select, select, update

from app import clock
from app.errors import Missing, Refused
from app.flow.collect import campaign_rules as rules
from app.flow.collect.campaign_rules import Call, Phase
from app.flow.collect.channels import Campaign
from app.people.actor import Actor
from app.people.desk import log_change
from app.people.secrets import new_code
from app.people.short_codes import LENGTH, free_code, meant, tidy
from app.words import N_
from tenants.database import db
from tenants.scope import current_community

MISSING = N_("没有这次征集。")
ENDED = N_("这次征集已经结束了。")


def find_campaign(code: str) -> Campaign | None:
    """The bound hall's call behind a printed code, as people type it; also one that is over. One statement."""
    if len(tidy(code)) != LENGTH:
        return None
    found = {call.code: call for call in db.session.scalars(every())}
    wanted = meant(code, found)
    return found[wanted] if wanted else None


def is_open(campaign: Campaign, today: date) -> bool:
    """Whether ideas sent today (a day in Asia/Shanghai) count as answers to this call.

    Nobody is refused outside these days: what is said then is an ordinary matter.
    """
    return phase_of(campaign, today) is Phase.OPEN


def phase_of(campaign: Campaign, today: date) -> Phase:
    """Where the call stands today."""
    return rules.phase(campaign.starts, campaign.ends, campaign.ended_at is not None, today)


def every() -> Select[tuple[Campaign]]:
    """The bound hall's calls, to be narrowed by the caller."""
    return select(Campaign).where(Campaign.community_id == current_community())


def campaign_by_id(campaign_id: UUID) -> Campaign:
    """The bound hall's call; raises ``Missing``."""
    found = db.session.scalar(every().where(Campaign.id == campaign_id))
    if found is None:
        raise Missing(MISSING)
    return found


def start_campaign(call: Call, *, id: UUID, by: Actor, now: datetime) -> Campaign:
    """Announce a call; its code is given here and stands on posters from then on. Raises ``Refused``."""
    starts, ends = _checked(call)
    if ends < clock.local(now).date():
        raise Refused(N_("截止那天已经过了，请选今天或者以后。"))
    taken = db.session.scalars(select(Campaign.code).where(Campaign.community_id == current_community())).all()
    made = Campaign(
        id=id, title=call.title.strip(), theme=call.theme.strip(), words=call.words.strip(), starts=starts, ends=ends,
        code=free_code(new_code, taken), created_at=now, created_label=by.label,
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    log_change("campaign", "add", by=by, now=now, subject_id=made.id, after=_words(made))
    return made


def change_campaign(campaign: Campaign, call: Call, *, by: Actor, now: datetime) -> Campaign:
    """Change what is said of a call that is not over. The code on the posters stays. Raises ``Refused``."""
    starts, ends = _checked(call)
    today, before = clock.local(now).date(), _words(campaign)
    if phase_of(campaign, today) is Phase.ENDED:
        raise Refused(ENDED)
    if ends < today:
        raise Refused(N_("截止那天已经过了。想现在就结束，请用「提前结束」，写上结束语。"))
    campaign.title, campaign.theme, campaign.words = call.title.strip(), call.theme.strip(), call.words.strip()
    campaign.starts, campaign.ends = starts, ends
    if _words(campaign) != before:
        log_change("campaign", "change", by=by, now=now, subject_id=campaign.id, before=before, after=_words(campaign))
    return campaign


def end_campaign(campaign: Campaign, result: str, *, by: Actor, now: datetime) -> Campaign:
    """End a call with the hall's closing words: before its day, or on the days after it. Once. Raises ``Refused``."""
    _good_closing(result)
    done = db.session.execute(
        update(Campaign)
        .where(
            Campaign.community_id == current_community(), Campaign.id == campaign.id, Campaign.ended_at.is_(None)
        )
        .values(ended_at=now, result=result.strip())
        .execution_options(synchronize_session=False)
    )  # fmt: skip
    if done.rowcount != 1:
        raise Refused(ENDED)
    db.session.refresh(campaign)
    log_change("campaign", "end", by=by, now=now, subject_id=campaign.id, before=campaign.title, after=result.strip())
    return campaign


def reword_result(campaign: Campaign, result: str, *, by: Actor, now: datetime) -> Campaign:
    """Say more about what came of a call that was ended; the old words stay in the change log."""
    _good_closing(result)
    if campaign.ended_at is None:
        raise Refused(N_("这次征集还没结束。"))
    before, campaign.result = campaign.result, result.strip()
    if campaign.result != before:
        log_change("campaign", "result", by=by, now=now, subject_id=campaign.id, before=before, after=campaign.result)
    return campaign


def _checked(call: Call) -> tuple[date, date]:
    for verdict in rules.problems(call).values():
        verdict.or_refuse()
    # The rule has just said that both days are there and in order.
    return call.starts or date.max, call.ends or date.max


def _good_closing(result: str) -> None:
    wrong = rules.closing_problem(result)
    if wrong is not None:
        wrong.or_refuse()


def _words(campaign: Campaign) -> str:
    return "｜".join([campaign.title, campaign.theme, f"{campaign.starts}—{campaign.ends}", campaign.words])
