"""The street's board: prepared figures with their age, definitions, drill-down, themes, the wall, and what it costs."""

from __future__ import annotations

import os
import re
from datetime import UTC, datetime, timedelta
from io import BytesIO

import pytest
from openpyxl import load_workbook
from sqlalchemy import text

from app import clock
from app.faces.jobs import figures as worker
from app.matter import escalation
from app.records import prepared
from tenants.database import db
from tests import cast
from tests.conftest import inside
from tests.rooms.board_town import FIRST, count_by_sql, fill_halls, open_halls, recount
from tests.rooms.cost import cheapest
from tests.rooms.stage_setting import matter_at, staff

TRIED = {"grid_attempt": "网格清过", "community_attempt": "社区谈过"}
#: Ten times the halls may cost so much more; beside other tests the caches are colder.
BOUND = 1.9 if "PYTEST_XDIST_WORKER" in os.environ else 1.5


def page(answer):
    assert answer.status_code == 200, answer.get_data(as_text=True)[:800]
    return answer.get_data(as_text=True)


def hand_in(app, slug, n=1, stage="surveying", **more):
    """``n`` matters of a hall; returns (community, id of the last)."""
    with inside(app, slug) as site:
        made = [matter_at(stage, now=clock.now(), **more) for _ in range(n)]
        db.session.commit()
        return site.scope.community, made[-1].id


def count(app, superuser, *halls):
    """Keep the figures of these communities, matters alone, and sum the street up."""
    count_by_sql(superuser, halls, now=datetime.now(UTC))
    with inside(app):
        prepared.sum_street(now=clock.now())
        db.session.commit()


def count_itself(app, slug):
    """Let a hall count all of itself, and the street sum up."""
    with inside(app, slug):
        prepared.recount_hall(now=clock.now())
        db.session.commit()
    with inside(app):
        prepared.sum_street(now=clock.now())
        db.session.commit()


def community(app, slug):
    with inside(app, slug) as site:
        return site.scope.community


def test_what_needs_looking_at_comes_first_and_is_opened(app, browse, superuser):
    now = datetime.now(UTC)
    hand_in(app, cast.HOME, 3, category="pets", due_at=now + timedelta(days=40), warn_at=now + timedelta(days=30))
    beside, _late = hand_in(app, cast.NEXT, 2, category="pets", due_at=now - timedelta(days=300), title="涵洞的灯")
    with inside(app, cast.HOME):
        asked = matter_at("surveying", now=now, title="树枝压电线")
        escalation.ask(asked, to="street", reason="请园林处一起看", by=staff(), now=now - timedelta(days=5), **TRIED)
        db.session.commit()
    officer = browse("", "zhuren")
    nothing = page(officer.get("/overview?period=year"))
    assert "这段时间的数还没数过" in nothing
    assert nothing.count("还没数出来</td>") == 2
    count(app, superuser, beside)
    half = page(officer.get("/overview"))
    assert "1 个社区还没数出来，没算在里面" in half
    count_itself(app, cast.HOME)
    found = page(officer.get("/overview"))
    table = found.split('id="heat-t"')[1]
    assert table.index("/communities/dianye") < table.index("/communities/nanyandao")
    assert "2 件刚超期" in table
    assert "电业社区 · 超期的 2 件" in table
    assert "涵洞的灯" in table
    assert "1 件等街道接，最长等了 5 天" in table
    assert "这些数是刚刚数的" in found
    assert "1 件等超 3 天" in found
    # The period stays where it was chosen, and every figure leads to what it means.
    assert 'aria-current="true">今年</a>' in found
    assert '/figures#K11"' in found
    assert "5 件 · 2 个社区" in found
    assert "树枝压电线" in page(officer.get("/overview?open=dianye"))
    # Filters are kept in every link, also in those of the sheet and the paper.
    narrowed = page(officer.get("/overview?q=电业&only=late"))
    assert "/communities/nanyandao" not in narrowed.split('id="heat-t"')[1].split("</table>")[0]
    assert "/overview.xlsx?q=%E7%94%B5%E4%B8%9A&amp;only=late" in narrowed
    assert "没有这样的社区" in page(officer.get("/overview?q=哪儿也没有"))
    assert "南盐道" not in page(officer.get("/overview/paper?only=late")).split("<tbody>")[1]
    book = load_workbook(BytesIO(officer.get("/overview.xlsx").data), read_only=True)
    rows = list(book.worksheets[0].iter_rows(values_only=True))
    assert [row[0] for row in rows[1:]] == ["电业社区", "南盐道社区"]
    assert rows[1][1] == 2


def test_every_figure_has_its_definition_and_two_numbers(app, browse, superuser):
    here, _matter = hand_in(app, cast.HOME, 2)
    beside, _matter = hand_in(app, cast.NEXT, 1)
    count(app, superuser, here, beside)
    officer = browse("", "zhuren")
    whole = page(officer.get("/figures?period=month"))
    for key in ("K1", "K5", "K8b", "K13", "K17"):
        assert f'<tr id="{key}">' in whole
    row = whole.split('<tr id="K2">')[1].split("</tr>")[0]
    assert "3 ÷ 3" in row
    mine = page(officer.get("/figures?community=nanyandao")).split('<tr id="K2">')[1].split("</tr>")[0]
    assert "2 ÷ 2" in mine
    assert officer.get("/figures?community=nowhere").status_code == 404
    assert "受理率" in page(officer.get("/figures/paper"))
    officer.post("/preferences/language", {"language": "en"})
    said = page(officer.get("/figures?period=month")).split('<p class="muted">')[1].split("</p>")[0]
    assert re.search(r"[.] [A-Z]", said), "English sentences stand apart"
    assert not re.search(r"[a-z][.][A-Z]", said), "every one of them"
    officer.post("/preferences/language", {"language": "zh_Hans"})
    sheet = load_workbook(BytesIO(officer.get("/figures.xlsx?community=nanyandao").data), read_only=True)
    told = {line[0]: line[2:6] for line in sheet.worksheets[0].iter_rows(min_row=2, values_only=True)}
    assert told["K2"] == ("100.0", "%", 2, 2)


def test_one_community_with_its_matters_and_filters(app, browse, superuser, count_queries):
    now = datetime.now(UTC)
    here, shown = hand_in(app, cast.HOME, 21, category="pets", due_at=now - timedelta(days=9))
    hand_in(
        app,
        cast.HOME,
        title="楼上漏水的纠纷",
        visibility="parties",
        track="mediation",
        number="NYD2026099999",
        category="pets",
    )
    count(app, superuser, here)
    officer = browse("", "zhuren")
    app.extensions.pop("matter.houses", None)
    with count_queries() as seen:
        found = page(officer.get("/communities/nanyandao?view=all"))
    assert len(seen) <= 9, seen
    assert "一共 22 件" in found
    assert "只给当事人看" in found
    late = page(officer.get("/communities/nanyandao?view=late&category=pets&q=铁路"))
    assert "一共 21 件" in late
    # Later pages and other tabs keep what was asked for.
    assert "view=late&amp;category=pets&amp;q=%E9%93%81%E8%B7%AF&amp;page=2#matters" in late
    # Of a restricted matter the number is found, and never its words or its kind.
    assert "一共 1 件" in page(officer.get("/communities/nanyandao?view=all&q=nyd2026099999"))
    assert "一共 0 件" in page(officer.get("/communities/nanyandao?view=all&q=漏水"))
    assert "漏水" not in found
    themes = page(officer.get("/themes/pets?period=year"))
    assert "公开的 21 件" in themes
    assert "漏水" not in themes
    assert f"/communities/nanyandao/matters/{shown}" in themes or "page=2" in themes
    assert officer.get("/themes/nothing").status_code == 404
    assert "公开的 0 件" in page(officer.get("/themes/pets?community=dianye"))


def test_the_wall_says_nothing_twice_and_names_nobody(app, browse, superuser, count_queries):
    now = datetime.now(UTC)
    hand_in(app, cast.HOME, stage="closed", closed_at=now - timedelta(hours=3), title="3 号楼的灯亮了")
    hand_in(app, cast.HOME, stage="closed", closed_at=now - timedelta(hours=2), title="谁家漏水", visibility="parties")
    count(app, superuser, community(app, cast.HOME))
    officer = browse("", "zhuren")
    with count_queries() as seen:
        answer = officer.get("/wall")
    found = page(answer)
    assert len(seen) <= 8, seen
    assert "3 号楼的灯亮了" in found
    assert "漏水" not in found
    assert "<nav" not in found
    assert '<noscript><meta http-equiv="refresh" content="60"></noscript>' in found
    assert officer.get("/wall", headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304
    hand_in(app, cast.NEXT, stage="closed", closed_at=now - timedelta(hours=1), title="井盖换好了")
    assert "井盖换好了" in page(officer.get("/wall", headers={"If-None-Match": answer.headers["ETag"]}))


def test_counting_anew_is_asked_once_and_shows_how_far_it_is(app, browse, superuser):
    officer = browse("", "zhuren")
    count(app, superuser, community(app, cast.HOME), community(app, cast.NEXT))
    queue = app.extensions["redis"]
    before = queue.llen("rq:queue:yiqilai")
    assert officer.post("/recounts").headers["Location"].endswith("/overview#age")
    assert officer.post("/recounts").status_code == 303
    assert queue.llen("rq:queue:yiqilai") == before + 1
    assert "2 个社区，数完 0 个" in page(officer.get("/overview"))
    with inside(app, cast.HOME):
        worker.recount_anew()
        db.session.commit()
    assert "2 个社区，数完 1 个" in page(officer.get("/overview"))
    with superuser.begin() as conn:
        conn.execute(text("update hall_count set counted_at = now()"))
    found = page(officer.get("/overview"))
    assert "这些数是刚刚数的" in found
    assert 'http-equiv="refresh"' not in found


@pytest.mark.parametrize("url", ["/overview", "/overview.xlsx", "/figures", "/figures.xlsx", "/wall", "/themes/pets",
                                 "/communities", "/communities/dianye"])  # fmt: skip
def test_only_the_streets_own_staff_comes_in(app, browse, url):
    assert browse("").get(url).status_code == 302
    assert browse(cast.HOME, "shuji").get(url).status_code == 404


def test_another_street_sees_none_of_it(app, browse, superuser):
    here, _matter = hand_in(app, cast.HOME, 2, category="pets")
    count(app, superuser, here)
    with inside(app) as site, superuser.begin() as conn:
        street = site.street_id
        conn.execute(
            text(
                "insert into street (id, host, name, short, phone, brand, settings, opened_at) "
                "select id + 1, 'other.test', '别的街道', 'BJ', '', '{}', '{}', opened_at from street"
            )
        )
        for table in ("community", "hall_count", "street_count", "matter"):
            conn.execute(text("set local session_replication_role = replica"))
            conn.execute(text(f"update {table} set street_id = :other"), {"other": street + 1})
    officer = browse("", "zhuren")
    found = page(officer.get("/overview?period=year"))
    assert "0 个社区" in found
    assert "还没有开通社区" in found
    assert officer.get("/communities/nanyandao").status_code == 404
    assert officer.get("/figures?community=nanyandao").status_code == 404
    assert "公开的 0 件" in page(officer.get("/themes/pets"))
    assert "0 个社区" not in page(officer.get("/wall"))


def test_many_halls_cost_what_few_cost(app, browse, superuser, count_queries):
    now = datetime.now(UTC)
    with inside(app) as site:
        street = site.street_id
    officer = browse("", "zhuren")

    def measured(halls):
        """Statements and CPU of the page with so many halls besides the two of the cast."""
        ids = range(FIRST, FIRST + halls)
        with superuser.begin() as conn:
            conn.execute(text("delete from hall_count"))
            conn.execute(text("delete from matter"))
            conn.execute(text("delete from community where id >= :first"), {"first": FIRST})
            open_halls(conn, street, halls)
        fill_halls(superuser, ids, 4)
        count_by_sql(superuser, ids, now=now)
        recount(app, street, [], now=now)
        app.extensions.pop("matter.houses", None)
        with count_queries() as seen:
            found = page(officer.get("/overview?period=year"))
        assert len(seen) <= 8, seen
        assert f"{halls + 2} 个社区，最需要看的排前面" in found
        return cheapest(superuser, officer, "/overview", 5)

    few = measured(40)
    many = measured(400)
    print(f"overview: {few * 1000:.1f} ms with 40 halls, {many * 1000:.1f} ms with 400")
    assert many <= BOUND * few
