"""What a matter leaves behind (晾衣架, 爱心椅): register it, change who looks after it, look at it, take it away.

The caller commits. ``now`` is UTC; days are days in Asia/Shanghai.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, update

from app.errors import Refused
from app.flow.implement import asset_rules as rules
from app.flow.implement.asset_rules import Draft
from app.flow.implement.models import Asset, AssetCheck
from app.flow.resolve.models import Commitment
from app.matter.actions import record
from app.matter.models import Matter
from app.matter.situation import Stage
from app.matter.workdays import local_day
from app.people.actor import Actor
from app.people.places import Building
from app.words import N_
from tenants.database import db, uuid7
from tenants.scope import current_community


def register(
    matter: Matter, draft: Draft, *, commitment: Commitment | None = None, by: Actor, now: datetime,
    id: UUID | None = None,
) -> Asset:  # fmt: skip
    """Write down what stands there now, and who promised to look after it; the public reads it on the matter's page."""
    if id is not None and (before := db.session.get(Asset, (current_community(), id))):
        return before
    rules.may_register(Stage(matter.stage)).or_refuse()
    today = local_day(now)
    _must_be_good(draft, today)
    if commitment is not None and commitment.matter_id != matter.id:
        raise Refused(N_("这一项不是这件事的任务。"))
    asset = Asset(
        id=id or uuid7(), matter_id=matter.id, commitment_id=commitment.id if commitment else None,
        **_columns(draft), next_check=rules.next_check(today, draft.check_months), created_at=now,
        created_label=by.label,
    )  # fmt: skip
    db.session.add(asset)
    db.session.flush()
    _tell(matter, "leave_asset", asset, f"留下 {in_words(asset)}", by, now)
    return asset


def change(asset: Asset, matter: Matter, draft: Draft, *, by: Actor, now: datetime) -> Asset:
    """Another keeper, another duty, another rhythm. A new rhythm counts from today."""
    _must_be_in_use(asset)
    today = local_day(now)
    _must_be_good(draft, today)
    rhythm = asset.check_months != draft.check_months
    for column, value in _columns(draft).items():
        setattr(asset, column, value)
    if rhythm:
        asset.next_check = rules.next_check(today, draft.check_months)
    db.session.flush()
    _tell(matter, "change_asset", asset, f"改了怎么管：{in_words(asset)}", by, now)
    return asset


def check(
    asset: Asset, matter: Matter, *, fine: bool, words: str = "", by: Actor, now: datetime, id: UUID | None = None
) -> AssetCheck:
    """Somebody looked: it is fine (again), or what is the matter with it. The next look is reckoned from today.

    Only a fault and its end are told in the matter's timeline; a look at which nothing was found is kept here alone.
    """
    if id is not None and (before := db.session.get(AssetCheck, (current_community(), id))):
        return before
    rules.may_check(asset.state, fine=fine, words=words).or_refuse()
    today, was = local_day(now), asset.state
    look = AssetCheck(
        id=id or uuid7(), asset_id=asset.id, on=today, fine=fine, words=words.strip(), by_id=by.id, by_label=by.label,
        at=now,
    )  # fmt: skip
    db.session.add(look)
    asset.state = "in_use" if fine else "broken"
    asset.next_check = rules.next_check(today, asset.check_months)
    db.session.flush()
    if not fine:
        _tell(matter, "asset_fault", asset, f"{named(asset)}坏了：{look.words}", by, now)
    elif was == "broken":
        _tell(
            matter, "asset_mended", asset, f"{named(asset)}修好了" + (f"：{look.words}" if look.words else ""), by, now
        )
    return look


def remove(asset: Asset, matter: Matter, *, reason: str, by: Actor, now: datetime) -> Asset:
    """It is not there any more, and why; it counts among what was left behind no longer."""
    rules.may_remove(asset.state, reason).or_refuse()
    gone = db.session.execute(
        update(Asset)
        .where(Asset.community_id == current_community(), Asset.id == asset.id, Asset.state != "removed")
        .values(state="removed", ended_on=local_day(now), ended_reason=reason.strip(), next_check=None)
        .execution_options(synchronize_session=False)
    )
    if gone.rowcount != 1:  # type: ignore[attr-defined]
        raise Refused(N_("这样东西已经撤了。"))
    db.session.refresh(asset)
    _tell(matter, "remove_asset", asset, f"撤了{named(asset)}：{asset.ended_reason}", by, now)
    return asset


def named(asset: Asset) -> str:
    """5 组晾衣架."""
    return f"{asset.count} {asset.unit}{asset.what}"


def in_words(asset: Asset) -> str:
    """5 组晾衣架，物业管：每月看一次，坏了三天内修."""
    return f"{named(asset)}，{asset.keeper}管：{asset.upkeep}"


def draft_of(asset: Asset) -> Draft:
    """What stands there, to be changed."""
    return Draft(
        asset.what, asset.count, asset.unit, asset.keeper, asset.upkeep, asset.promised_on, asset.place,
        asset.building_id, asset.keeper_kind, asset.check_months,
    )  # fmt: skip


def _must_be_good(draft: Draft, today: date) -> None:
    for verdict in rules.problems(draft, today).values():
        verdict.or_refuse()
    if draft.building_id is not None:
        known = select(Building.id).where(
            Building.community_id == current_community(), Building.id == draft.building_id
        )
        if db.session.scalar(known) is None:
            raise Refused(N_("没有这栋楼。"))


def _must_be_in_use(asset: Asset) -> None:
    if asset.state == "removed":
        raise Refused(N_("这样东西已经撤了。"))


def _columns(draft: Draft) -> dict[str, Any]:
    return {
        "what": draft.what.strip(), "count": draft.count, "unit": draft.unit.strip(), "keeper": draft.keeper.strip(),
        "upkeep": draft.upkeep.strip(), "promised_on": draft.promised_on, "place": draft.place.strip(),
        "building_id": draft.building_id, "keeper_kind": draft.keeper_kind, "check_months": draft.check_months,
    }  # fmt: skip


def _tell(matter: Matter, verb: str, asset: Asset, words: str, by: Actor, now: datetime) -> None:
    shown = {
        "what": asset.what,
        "count": asset.count,
        "unit": asset.unit,
        "keeper": asset.keeper,
        "upkeep": asset.upkeep,
    }
    record(matter, verb, by=by, now=now, words=words, data={"asset": str(asset.id), "state": asset.state, **shown})
