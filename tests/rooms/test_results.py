"""Results on the real database and through the doors: people counted once, things, money, and what never appears."""

from __future__ import annotations

from sqlalchemy import text

from app.matter.models import Matter
from app.records.result_queries import results, shelves, story
from tenants.database import db
from tests.cast import HOME
from tests.conftest import inside, later
from tests.rooms.results_stage import belongings, closed, people, pictures


def test_a_result_is_told_once_with_everything_that_came_of_it(app, browse, count_queries, now):
    with inside(app, HOME):
        matter = closed(now, category="addition", kind="joint", signers=2)
        people(matter, now)
        belongings(matter, now)
        before, after = pictures(matter, later(9))
        few = closed(now, satisfied=4, low=0, title="修一盏灯", category="repair")
        found = {one.matter_id: one for one in results()}
        assert set(found) == {matter.id, few.id}
        assert shelves() == [(2026, "repair", 1), (2026, "addition", 1)]
        assert [one.matter_id for one in results(year=2026, category="repair")] == [few.id]
        assert results(year=2025) == []
        # What is nobody else's business, what is hidden and what a child said is in no list.
        for private in (
            {"visibility": "parties"},
            {"track": "mediation"},
            {"hidden_at": now, "hidden_reason": "有人名"},
            {"has_minor": True, "opened_reason": "改写过"},
            {"stage": "reviewing"},
        ):
            was = {name: getattr(few, name) for name in private}
            assert (_set(few, private), len(results()), story(few.id), len(shelves())) == (None, 1, None, 1)
            _set(few, was)
        one = found[matter.id]
        # 王, 李 and 议事员1 are known; of the nameless the raters are the most, and 王 and 李 may be two of them.
        assert (one.heads.total, one.heads.at_least) == (3 + 19 - 2, True)
        assert one.heads.by_way == {"said": 1, "signed": 2, "attended": 2, "voted": 3, "asked": 2, "rated": 20}
        assert one.heads.total == _by_hand(matter)
        assert [(thing.what, thing.n, thing.unit) for thing in one.things] == [("晾衣架", 5, "组")]
        assert (one.spent, one.before, one.after, one.days) == ((470_050, False), before, after, 12)
        told = story(matter.id)
        assert (told.sittings, told.asked, told.reached, told.seen_at) == (2, 2, 2, later(10))
        assert [picture[2] for picture in told.pictures] == [False, True]
        hidden = closed(now, satisfied=5, low=0)
        hidden.hidden_at, hidden.hidden_reason = now, "有人名"
        ids = matter.id, few.id, [hidden.id]
        db.session.commit()
    _through_the_doors(browse, count_queries, *ids)


def _set(matter: Matter, values: dict[str, object]) -> None:
    for name, value in values.items():
        setattr(matter, name, value)
    db.session.flush()


def _by_hand(matter: Matter) -> int:
    """The same number by other words in plain SQL: no fewer than are known, than came, than signed, than rated."""
    return db.session.scalar(
        text("""
        with here as (select cast(:c as bigint) c, cast(:m as uuid) m),
        staff as (select account_id from membership, here where community_id = c and role in
                  ('secretary', 'community_worker', 'grid_leader', 'grid_worker')),
        came as (select distinct a.account_id, a.name from attendance a join agenda_item i on i.community_id =
                 a.community_id and i.sitting_id = a.sitting_id, here where a.community_id = c and i.matter_id = m
                 and a.state in ('present', 'left') and a.recused_matter_id is null
                 and (a.account_id is null or a.account_id not in (select account_id from staff))),
        cast_ as (select r.* from ballot_roll r join poll p on p.community_id = r.community_id and p.id = r.poll_id,
                  here where r.community_id = c and p.matter_id = m and r.channel <> ''),
        known as (select 'p' || person_id k from proposal, here where community_id = c and matter_id = m
                  and person_id is not null
                  union select 'p' || person_id from signature, here where community_id = c
                  and matter_id = m and withdrawn_at is null and person_id is not null
                  union select 'a' || account_id from came where account_id is not null
                  union select coalesce('p' || person_id, 'a' || account_id) from cast_)
        select greatest(
          (select count(*) from known), (select count(*) from came), (select count(*) from cast_),
          (select count(*) from signature, here where community_id = c and matter_id = m and withdrawn_at is null),
          (select count(distinct r.rater) from rating r join matter x on x.community_id = r.community_id
           and x.id = r.matter_id and x.round = r.round, here where r.community_id = c and r.matter_id = m))
        """),
        {"c": matter.community_id, "m": matter.id},
    )


def _through_the_doors(browse, count_queries, matter, few, secret):
    anybody = browse(HOME)
    with count_queries() as seen:
        page = anybody.get("/results").get_data(as_text=True)
    assert len(seen) <= 6
    assert all(words in page for words in ("增设共享晾衣架", "修一盏灯", "样本不足", "4,700.50 元", "按户算"))
    assert "增设共享晾衣架" not in anybody.get("/results?theme=repair").get_data(as_text=True)
    assert anybody.get("/results?year=1999&page=99&theme=repair").status_code == 200
    assert anybody.get("/results?year=x&theme=%00").status_code == 200
    with count_queries() as seen:
        page = anybody.get(f"/results/{matter}").get_data(as_text=True)
    assert len(seen) <= 6
    story_words = ("联名", "坐下来议了 2 回", "南盐道议决〔2026〕", "一起看过，办好了", "94.7%", "方便了大家晾晒")
    assert all(
        words in page
        for words in (
            *story_words,
            "去掉重复的，一共",
            "至少 20 位",
            "可能就是前面算过的人",
            'property="og:image"',
            "/files/",
        )
    )
    assert not [name for name in ("楼阿姨", "刘阿姨", "王淑芬") if name in page]
    svg = anybody.get(f"/results/{matter}/card.svg")
    assert (svg.mimetype, svg.get_data()[:5]) == ("image/svg+xml", b"<?xml")
    drawn = svg.get_data(as_text=True)
    assert (drawn.count("data:image/jpeg;base64,"), drawn.count(">20</text>"), drawn.count(">至少</text>")) == (2, 1, 1)
    assert "sandbox" in svg.headers["Content-Security-Policy"]
    for paper in ("card", "poster", "poster?size=a3"):
        assert "增设共享晾衣架" in anybody.get(f"/results/{matter}/{paper}").get_data(as_text=True)
    assert "data:image" not in anybody.get(f"/results/{few}/card.svg").get_data(as_text=True)
    assert f"/results/{matter}" in anybody.get("/").get_data(as_text=True) or "/results" in anybody.get("/").get_data(
        as_text=True
    )
    neighbour = browse("dianye", "shuji")
    assert "增设" not in neighbour.get("/results").get_data(as_text=True)
    for hidden in [*secret, "00000000-0000-0000-0000-000000000001"]:
        assert anybody.get(f"/results/{hidden}").status_code == 404
        assert anybody.get(f"/results/{hidden}/card.svg").status_code == 404
    assert neighbour.get(f"/results/{matter}").status_code == 404
    assert neighbour.get(f"/results/{matter}/card.svg").status_code == 404
