"""Supervision orders on the real database: the hall's own, the street's into a hall, second orders, figures."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import ProgrammingError

from app.errors import Refused
from app.faces.jobs import work
from app.flow.implement import order_queries as queries
from app.flow.implement import order_rules as rules
from app.flow.implement import orders
from app.flow.implement.order_models import SupervisionOrder
from app.flow.implement.order_telling import take_up
from app.matter.models import Matter, TimelineEntry
from app.notices.actions import spread_news
from app.notices.models import Message
from app.people.roles import Role
from tenants.database import db
from tenants.scope import Scope, bound
from tests import cast
from tests.conftest import inside, later
from tests.rooms.carrying_out import only_task, working
from tests.rooms.stage_setting import matter_at, officer, staff

DUE = date(2026, 6, 8)
ASK = {"demand": "一周里把晾衣架装好", "due": DUE}


def grid():
    return staff("xiaoli", Role.GRID_WORKER)


def test_an_order_of_the_hall_from_issue_to_closing(hall, now):
    matter = working(now)
    task = only_task(matter)
    task.owner_id = staff("zhao").id
    db.session.flush()
    order = orders.issue_order(matter, level="grid", lead="随便写的", commitment=task, by=grid(), now=now, **ASK)
    assert (order.number, order.lead, order.lead_id) == ("南盐道督〔2026〕1号", "物业 何师傅", task.owner_id)
    assert order.resolution_number.startswith("南盐道议决〔2026〕")
    owner = staff("zhao", Role.COMMUNITY_WORKER)
    with pytest.raises(Refused):
        orders.report_order(order, "装好了", by=owner, now=later(1))
    orders.sign_order(order, by=owner, now=later(1))
    orders.note_order(order, "到货了", by=owner, now=later(2))
    orders.note_order(order, "哪天装？", by=grid(), now=later(2))
    orders.ask_more_time(order, "支架晚到", due=date(2026, 6, 12), by=owner, now=later(3))
    with pytest.raises(Refused, match="主办"):
        orders.decide_more_time(order, "行", granted=True, by=owner, now=later(3))
    orders.decide_more_time(order, "行", granted=True, by=grid(), now=later(3))
    orders.report_order(order, "五组装好", by=owner, now=later(9))
    orders.return_order(order, "有一组晃", by=grid(), now=later(9))
    orders.report_order(order, "紧过了", by=owner, now=later(10))
    with pytest.raises(Refused, match="自己办的事"):
        orders.close_order(order, "好了", by=owner, now=later(10))
    orders.close_order(order, "看过了，稳当", by=grid(), now=later(10))
    (stands,) = queries.orders_of(matter, now=later(11))
    assert (stands.state, stands.due, len(stands.events)) == (rules.State.CLOSED, date(2026, 6, 12), 9)
    assert stands.light.colour == "green"
    assert queries.counts([matter.id]) == {matter.id: 1}
    assert queries.kept_and_due(date(2026, 6, 1), date(2026, 6, 30)) == (1, 1, 0)
    assert queries.kept_and_due(date(2026, 6, 1), date(2026, 6, 8)) == (0, 0, 0)
    lines = {line.verb: line for line in db.session.scalars(select(TimelineEntry)) if "order_" in line.verb}
    assert lines["order_issued"].public
    assert not lines["order_extension_asked"].public
    assert lines["order_issued"].id == order.id
    # Two lines read from the same standing: the second writer is refused and nothing is written twice.
    other = orders.issue_order(
        matter, level="community", lead="物业", by=staff("zhao", Role.COMMUNITY_WORKER), now=later(11), demand="收尾",
        due=date(2026, 6, 12),
    )  # fmt: skip
    orders.sign_order(other, "何经理", by=staff(), now=later(11))
    with pytest.raises(Refused, match="刚才"):
        orders._write(other, 0, "signed", "何经理", by=staff(), now=later(11))
    assert [one.order.id for one in queries.open_orders(5, now=later(11))] == [other.id]
    orders.void_order(other, "发重了", by=staff(), now=later(12))
    assert queries.counts([matter.id]) == {matter.id: 1}
    for line in ("update order_event set words=''", "delete from supervision_order"):
        with pytest.raises(ProgrammingError), db.session.begin_nested():
            db.session.execute(text(line))


def test_the_streets_order_goes_into_the_hall_and_only_the_street_closes_it(app, now):
    with inside(app, cast.HOME):
        matter = matter_at("surveying", now=now, owner_id=staff("zhao").id)
        matter_id = matter.id
        db.session.commit()
    with inside(app):
        seen = db.session.scalar(select(Matter).where(Matter.id == matter_id))
        order = orders.issue_order(seen, level="street", lead="南盐道社区", by=officer(), now=now, **ASK)
        assert order.number == "中街督〔2026〕1号"
        order_id = order.id
        db.session.commit()
    with app.app_context(), bound(Scope("street", street=999_999)):
        assert queries.find_order(order_id) is None
        assert queries.orders_page("all", now=now) == ([], 0)
        db.session.remove()
    with inside(app, cast.NEXT):
        assert queries.find_order(order_id) is None
        assert take_up(now=now) == 0
    with inside(app, cast.HOME):
        work.take_up()
        db.session.commit()
        assert take_up(now=now) == 0
        told = db.session.scalar(select(TimelineEntry).where(TimelineEntry.id == order_id))
        assert (told.verb, told.actor_label, told.public) == ("street_order_issued", "赵主任", True)
        order = queries.find_order(order_id)
        with pytest.raises(Refused, match="书记签收"):
            orders.sign_order(order, by=grid(), now=later(1))
        orders.sign_order(order, by=staff(), now=later(1))
        orders.report_order(order, "涵洞清过了", by=staff(), now=later(2))
        with pytest.raises(Refused, match="由街道来定"):
            orders.close_order(order, "好了", by=staff(), now=later(2))
        db.session.commit()
    with inside(app):
        order = queries.find_order(order_id)
        orders.return_order(order, "还积水", by=officer(), now=later(3))
        seen = db.session.scalar(select(Matter).where(Matter.id == matter_id))
        second = orders.issue_order(
            seen, level="street", lead="南盐道社区", kind="rectify", second_of=order, by=officer(), now=later(3), **ASK
        )
        assert second.number == "中街督〔2026〕2号"
        with pytest.raises(Refused, match="已经发过二次督办"):
            orders.issue_order(seen, level="street", lead="社区", second_of=order, by=officer(), now=later(3), **ASK)
        db.session.commit()
        second_id = second.id
    with inside(app, cast.HOME):
        assert take_up(now=later(3)) == 2
        second = queries.find_order(second_id)
        orders.sign_order(second, by=staff(), now=later(4))
        orders.report_order(second, "水泵装好了", by=staff(), now=later(5))
        db.session.commit()
    with inside(app):
        orders.close_order(queries.find_order(second_id), "看过了", by=officer(), now=later(6))
        db.session.commit()
        rows, total = queries.orders_page("closed", now=later(7))
        assert total == 2
        assert {row.community.slug for row in rows} == {cast.HOME}
    with inside(app, cast.HOME):
        assert take_up(now=later(7)) == 2
        assert queries.kept_and_due(date(2026, 6, 1), date(2026, 6, 30)) == (2, 2, 1)
        assert queries.counts([matter_id]) == {matter_id: 2}


def test_whoever_is_named_hears_of_it(hall, now):
    matter = working(now)
    task = only_task(matter)
    task.owner_id = staff("sun").id
    order = orders.issue_order(matter, level="community", lead="", commitment=task, by=staff(), now=later(1), **ASK)
    orders.sign_order(order, by=staff("sun", Role.BUILDING_STEWARD), now=later(1))
    db.session.flush()
    spread_news(now=later(1))
    heard = {(m.to_kind, m.to_id): m.words for m in db.session.scalars(select(Message)) if "督办单" in m.words}
    assert "一周里把晾衣架装好" in heard[("order", staff("sun").id)]
    assert "签收" in heard[("order", staff().id)]
    assert ("proposer", None) in heard
    assert db.session.scalar(select(SupervisionOrder.id)) == order.id
