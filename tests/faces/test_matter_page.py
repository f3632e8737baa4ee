"""One matter at the desk: steps, tabs, and a next-action panel that is never brighter than the action behind it."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from app import clock
from app.faces.community import panel, parts
from app.flow.research import actions as research
from app.flow.triage import actions
from app.matter.actions import record
from app.matter.models import Matter, TimelineEntry
from app.matter.situation import Stage
from app.matter.stages import MOVES, may
from app.people.roles import Role
from tenants.database import db
from tests.cast import HOME
from tests.conftest import inside
from tests.rooms.people import account, person, said
from tests.rooms.stage_setting import matter_at


def text(answer) -> str:
    return answer.get_data(as_text=True)


@pytest.fixture
def topic(app):
    """A hard matter being surveyed, with two options and everything but the expert's opinion."""
    with inside(app, HOME):
        now = clock.now()
        zhao, shuji, grid = person("zhao", now), person("shuji", now), person("xiaoli", now)
        matter = said(now, title="百货商店门口晚上太黑")
        actions.accept(matter, by=zhao, now=now, triage="hard", level="community", owner_id=zhao.id, power="council",
                       category="addition")  # fmt: skip
        actions.confirm_topic(matter, "装哪一种灯", False, by=shuji, now=now)
        research.name_stakeholders(matter, [("3 号楼", 36)], by=zhao, now=now)
        research.start_survey(matter, by=zhao, now=now)
        for words in ("壁灯", "太阳能灯"):
            research.add_option(matter, words=words, cost_fen=320_000, payer="社区", by=grid, now=now)
        research.note_site(matter, "夜里全黑", by=grid, now=now)
        found = matter.id
        db.session.commit()
    return found


def test_the_panel_lists_what_is_missing_and_where_to_put_it(browse, topic):
    page = text(browse(HOME, "zhao").get(f"/desk/matters/{topic}"))
    aside = page[page.index('aria-label="下一步"') :]
    assert "下一步：发会前公告" in aside
    assert aside.count('class="is-ok"') == 2
    assert aside.count('class="is-todo"') == 2
    assert re.search(r"<button[^>]*disabled>发会前公告", aside)
    assert "差 2 样" in aside
    assert f'href="/desk/matters/{topic}/research#canvass"' in aside
    assert f'href="/desk/matters/{topic}/invitations/new"' in aside


def test_the_seven_steps_stand_at_the_fourth(browse, topic):
    page = text(browse(HOME, "zhao").get(f"/desk/matters/{topic}"))
    assert page.count('class="is-done"') == 3
    assert 'class="is-now" aria-current="step"' in page
    assert "第 4 步，共 7 步：调查研究" in page


@pytest.mark.parametrize("tab", [*parts.TABS, "nonsense"])
def test_every_tab_opens(browse, topic, tab):
    answer = browse(HOME, "zhao").get(f"/desk/matters/{topic}?tab={tab}")
    assert answer.status_code == 200
    page = text(answer)
    assert "Project-Id-Version" not in page
    shown = page[page.index('<nav class="h-tabs') : page.index('<aside class="order-1')].partition("</nav>")[2]
    assert re.sub(r"<[^>]+>|\s", "", shown), "a tab without a word"


def test_every_part_has_what_the_page_needs(app):
    assert set(parts.modules()) == set(parts.NAMES)
    endpoints = set(app.extensions["doors"])
    assert set(parts.move_doors().values()) <= endpoints
    assert {endpoint for endpoint, _anchor in panel.WHERE.values()} <= endpoints
    moves = {move.name for move in MOVES if move.roles - {Role.PROPOSER, Role.RESIDENT, Role.SYSTEM}}
    # The hall's own job takes up what the street wrote on a refusal; no page of the desk does.
    assert moves - set(parts.move_doors()) - {"ratify", "reconsider"} == set()


@pytest.mark.parametrize("stage", [str(stage) for stage in Stage])
def test_the_page_opens_in_every_stage(app, browse, stage):
    with inside(app, HOME):
        now = clock.now()
        more = {"merged_into_id": matter_at("accepted", now=now).id} if stage == "merged" else {}
        more |= {"suspended_from": "implementing"} if stage == "suspended" else {}
        more |= {"closed_at": now} if stage in ("closed", "archived") else {}
        matter_id = matter_at(stage, now=now, **more).id
        db.session.commit()
    for login in ("shuji", "xiaoli", "jiandu", "sun"):
        answer = browse(HOME, login).get(f"/desk/matters/{matter_id}")
        assert answer.status_code == 200, stage


@pytest.mark.parametrize("stage", [str(stage) for stage in Stage if stage not in ("merged", "suspended")])
def test_no_button_is_brighter_than_its_action(app, stage):
    with inside(app, HOME), app.test_request_context(base_url="http://nanyandao.yard.test"):
        now = clock.now()
        matter = matter_at(stage, now=now, closed_at=now if stage in ("closed", "archived") else None)
        for login in ("shuji", "zhao", "xiaoli"):
            by = person(login, now)
            for step in panel.steps_of(matter, by, now):
                if step.reason or step.missing:
                    continue
                found = panel.evidence_now(matter, now) | panel.FILLED_IN_THE_FORM
                roles = by.roles | {Role.CHAIR, Role.CONVENER, Role.TELLER, Role.SCRUTINEER, Role.TASK_OWNER}
                whole = panel.situation_of(matter, found)
                barred = next(m for m in MOVES if m.name == step.name and matter.stage in m.sources).barred
                assert may(step.name, whole, roles - barred), (stage, login, step.name)


def test_what_is_done_at_once_leads_to_its_promises(app, browse):
    with inside(app, HOME):
        now = clock.now()
        matter_id = matter_at(
            "accepted", now=now, triage="minor", power="council", owner_id=person("zhao", now).id,
            is_plain_duty=True,
        ).id  # fmt: skip
        db.session.commit()
    page = text(browse(HOME, "shuji").get(f"/desk/matters/{matter_id}"))
    assert "下一步：直接去办" in page
    assert '/way-to-work">直接去办</a>' in page


def test_fifty_lines_cost_no_more_than_eight_statements(app, browse, topic, count_queries):
    with inside(app, HOME):
        now = clock.now()
        matter = db.session.scalar(select(Matter).where(Matter.id == topic))
        for n in range(60):
            record(matter, "progress", by=person("zhao", now), now=now, words=f"第 {n} 条进展")
        db.session.commit()
    zhao, figures = browse(HOME, "zhao"), {}
    for tab in parts.TABS:
        zhao.get(f"/desk/matters/{topic}?tab={tab}")
        with count_queries() as seen:
            zhao.get(f"/desk/matters/{topic}?tab={tab}")
        figures[tab] = len(seen)
    assert max(figures.values()) <= 8, figures
    story = text(zhao.get(f"/desk/matters/{topic}?tab=story"))
    assert story.count("条进展") == 50


def test_names_are_for_handlers_and_a_phone_leaves_a_trace(app, browse, topic):
    at = f"/desk/matters/{topic}"
    grid = browse(HOME, "xiaoli")
    assert "王桂兰" not in text(grid.get(at))
    assert "姓名已遮" in text(grid.get(at))
    assert grid.post(f"{at}/contact").status_code == 403
    zhao = browse(HOME, "zhao")
    assert "王桂兰" in text(zhao.get(at))
    assert "13800001234" not in text(zhao.get(at))
    shown = zhao.post(f"{at}/contact")
    assert "13800001234" in text(shown)
    with inside(app, HOME):
        lines = db.session.scalars(select(TimelineEntry).where(TimelineEntry.verb == "contact_shown")).all()
        assert [(line.actor_label, line.public) for line in lines] == [("赵师傅", False)]


def test_the_owner_on_the_grid_handles_it(app, browse, topic):
    with inside(app, HOME):
        actions.change_owner(
            db.session.scalar(select(Matter).where(Matter.id == topic)), account("xiaoli").id,
            by=person("zhao", clock.now()), now=clock.now(),
        )  # fmt: skip
        db.session.commit()
    assert "王桂兰" in text(browse(HOME, "xiaoli").get(f"/desk/matters/{topic}"))
