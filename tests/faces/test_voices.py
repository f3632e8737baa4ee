"""Comments, support and reports on a public matter, and the hall that reads first."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select

from app import clock
from app.faces.jobs.work import moderate
from app.flow.collect import hiding, voices_actions, word_list
from app.flow.collect import voices_queries as queries
from app.flow.collect.voices import Comment, ModerationTally, Report, Support
from app.matter.models import Matter, TimelineEntry
from app.people.privacy import Consent
from tenants.database import db
from tests.cast import HOME, HOUSEHOLD_CODE, NEXT
from tests.conftest import inside
from tests.rooms.stage_setting import matter_at

WORDS = "涵洞口再装一盏灯就更好了。"


def text(answer: Any) -> str:
    return answer.get_data(as_text=True)


@pytest.fixture
def topic(app: Any) -> UUID:
    """An open public matter."""
    return make(app, "surveying")


def make(app: Any, stage: str, slug: str = HOME, **values: Any) -> UUID:
    with inside(app, slug):
        found = matter_at(stage, now=clock.now(), **values).id
        db.session.commit()
    return found


def neighbour(browse: Any, name: str = "张桂兰", title: str = "女士") -> Any:
    """A resident who came in with the slip from their door."""
    person = browse()
    answer = person.post("/join", {"name": name, "title": title, "code": HOUSEHOLD_CODE, "adult": "y"})
    assert answer.status_code == 303, text(answer)[:500]
    return person


def say(person: Any, topic: UUID, words: str = WORDS, **more: str) -> Any:
    return person.post(f"/matters/{topic}/comments", {"words": words, "name": "surname"} | more)


def only_comment(app: Any) -> UUID:
    with inside(app, HOME):
        return db.session.scalars(select(Comment.id)).one()


def column(app: Any, topic: UUID, name: str) -> Any:
    with inside(app, HOME):
        return db.session.scalar(select(getattr(Matter, name)).where(Matter.id == topic))


def list_words(app: Any, *words: str) -> None:
    from app.people.actor import SYSTEM

    with inside(app):
        word_list.publish(words, "", seen=0, by=SYSTEM, now=clock.now())
        db.session.commit()


def test_a_comment_waits_for_a_person_of_the_hall(app: Any, browse: Any, topic: UUID) -> None:
    author, reader, stranger = neighbour(browse), browse(HOME, "zhao"), browse()
    url = f"/matters/{topic}"
    assert say(author, topic).status_code == 303
    mine = text(author.get(url))
    assert WORDS in mine
    assert "等社区看过再显示" in mine
    assert WORDS not in text(stranger.get(url))
    assert column(app, topic, "comments") == 0
    queue = text(reader.get("/desk/moderation"))
    assert WORDS in queue
    assert "张桂兰" in queue
    assert reader.post("/desk/moderation/showings", {"comment": str(only_comment(app))}).status_code == 303
    public = text(stranger.get(url))
    assert WORDS in public
    assert "张女士" in public
    assert "张桂兰" not in public
    assert column(app, topic, "comments") == 1
    with inside(app, HOME):
        month = db.session.scalars(select(ModerationTally)).one()
        assert (month.waiting, month.shown, month.hidden) == (0, 1, 0)


def test_hidden_says_that_it_is_hidden_and_why_and_can_be_shown_again(app: Any, browse: Any, topic: UUID) -> None:
    author, reader, stranger, url = neighbour(browse), browse(HOME, "zhao"), browse(), f"/matters/{topic}"
    say(author, topic)
    comment = only_comment(app)
    refused = reader.post(f"/desk/comments/{comment}/hidings", {"code": "other", "more": ""})
    assert refused.status_code == 422
    assert WORDS in text(refused)
    hide = {"code": "abuse", "more": "后半句"}
    assert reader.post(f"/desk/comments/{comment}/hidings", hide).status_code == 303
    public, mine = text(stranger.get(url)), text(author.get(url))
    for page in (public, mine):
        assert "这条留言没有显示：骂人、攻击人，后半句" in page
    assert WORDS not in public
    assert "张女士" not in public
    assert WORDS in mine
    assert reader.post(f"/desk/comments/{comment}/hidings", hide).status_code == 422
    assert reader.post(f"/desk/comments/{comment}/showings").status_code == 303
    assert WORDS in text(stranger.get(url))
    assert column(app, topic, "comments") == 1
    assert reader.post(f"/desk/comments/{comment}/showings").status_code == 409
    with inside(app, HOME):
        verbs = list(db.session.scalars(select(TimelineEntry.verb).where(TimelineEntry.matter_id == topic)))
        assert verbs == ["hide_comment", "unhide_comment"]


def test_the_author_takes_it_back(app: Any, browse: Any, topic: UUID) -> None:
    author, other = neighbour(browse), neighbour(browse, "李强", "先生")
    say(author, topic)
    comment = only_comment(app)
    browse(HOME, "zhao").post(f"/desk/comments/{comment}/showings")
    assert other.post(f"/comments/{comment}/withdrawals").status_code == 404
    assert browse().post(f"/comments/{comment}/withdrawals").status_code == 404
    assert author.post(f"/comments/{comment}/withdrawals").status_code == 303
    assert WORDS not in text(browse().get(f"/matters/{topic}"))
    assert column(app, topic, "comments") == 0


def test_words_are_kept_six_months_and_then_cleared(app: Any, browse: Any, topic: UUID) -> None:
    say(neighbour(browse), topic)
    comment = only_comment(app)
    browse(HOME, "zhao").post(f"/desk/comments/{comment}/hidings", {"code": "advert"})
    with inside(app, HOME):
        assert voices_actions.purge(now=clock.now() + timedelta(days=183)) == 0
        assert voices_actions.purge(now=clock.now() + timedelta(days=185)) == 1
        db.session.commit()
    with inside(app, HOME):
        moderate()
        row = db.session.scalars(select(Comment)).one()
        assert (row.words, row.shown_name, row.reason) == ("", "", "广告、拉人")
        assert row.purged_at is not None
        db.session.commit()
    assert browse(HOME, "zhao").post(f"/desk/comments/{comment}/showings").status_code == 409
    assert "这条留言没有显示：广告、拉人" in text(browse().get(f"/matters/{topic}"))


def test_a_name_stands_in_public_only_by_own_wish(app: Any, browse: Any, topic: UUID) -> None:
    author = neighbour(browse)
    say(author, topic, "第一条", name="whole")
    say(author, topic, "第二条", name="none")
    with inside(app, HOME):
        names = dict(db.session.execute(select(Comment.words, Comment.shown_name)).tuples().all())
        assert names == {"第一条": "张桂兰", "第二条": ""}
        consent = db.session.scalars(select(Consent).where(Consent.about == "name_public")).one()
        assert consent.matter_id == topic
        assert consent.person_id is not None


def test_without_an_account_the_page_says_how_and_keeps_the_words(browse: Any, topic: UUID) -> None:
    page = text(browse().get(f"/matters/{topic}"))
    for way in ("户码", "手机收一个验证码", "当面核实", f"/join?next=/matters/{topic}"):
        assert way in page
    answer = say(browse(), topic)
    assert answer.status_code == 403
    assert WORDS in text(answer)


@pytest.mark.parametrize(("words", "told"), [("", "还没写"), ("好" * 501, "最多写 500 个字")])
def test_no_words_and_too_many(app: Any, browse: Any, topic: UUID, words: str, told: str) -> None:
    answer = say(neighbour(browse), topic, words)
    assert answer.status_code == 422
    assert told in text(answer)
    assert words in text(answer)
    with inside(app, HOME):
        assert db.session.scalar(select(func.count()).select_from(Comment)) == 0


def test_five_may_wait_and_a_second_click_is_the_first(app: Any, browse: Any, topic: UUID) -> None:
    author, once = neighbour(browse), "01900000-0000-7000-8000-000000000001"
    assert [say(author, topic, once=once).status_code for _ in range(2)] == [303, 303]
    assert only_comment(app) == UUID(once)
    assert [say(author, topic, f"第 {n} 条").status_code for n in range(5)] == [303] * 4 + [422]


def test_the_hall_s_own_words_are_marked_as_the_hall_s(app: Any, browse: Any, topic: UUID) -> None:
    """Who may release comments has read their own; a grid worker's wait like anybody's."""
    say(browse(HOME, "zhao"), topic, "下周三有人来量灯杆。")
    say(browse(HOME, "xiaoli"), topic, "我去看过。")
    page = text(browse().get(f"/matters/{topic}"))
    assert "下周三有人来量灯杆。" in page
    assert "社区</span>" in page
    assert "我去看过" not in page


def test_what_holds_a_listed_word_is_read_one_by_one(app: Any, browse: Any, topic: UUID) -> None:
    list_words(app, "加微信")
    author, reader = neighbour(browse), browse(HOME, "zhao")
    say(author, topic, "想知道的加 微 信问我")
    say(author, topic, "灯早点装吧")
    page = text(reader.get("/desk/moderation"))
    assert "<mark>加 微 信</mark>" in page
    with inside(app, HOME):
        ids = [str(found) for found in db.session.scalars(select(Comment.id))]
    reader.post("/desk/moderation/showings", {"comment": ids})
    with inside(app, HOME):
        states = dict(db.session.execute(select(Comment.words, Comment.state)).tuples().all())
    assert states == {"想知道的加 微 信问我": "waiting", "灯早点装吧": "shown"}


def test_support_is_one_voice_that_can_be_taken_back(app: Any, browse: Any, topic: UUID) -> None:
    url, someone = f"/matters/{topic}", browse()
    for _ in range(2):
        assert someone.post(f"{url}/supports").status_code == 303
    assert column(app, topic, "supports") == 1
    page = text(someone.get(url))
    assert "1 位邻居也关心" in page
    assert "您关心着" in page
    browse().post(f"{url}/supports")
    assert column(app, topic, "supports") == 2
    for _ in range(2):
        assert someone.post(f"{url}/support-withdrawals").status_code == 303
    assert column(app, topic, "supports") == 1
    # Clicking before and after signing in is one voice.
    someone.post(f"{url}/supports")
    someone.post("/join", {"name": "张桂兰", "code": HOUSEHOLD_CODE, "adult": "y"})
    someone.post(f"{url}/supports")
    assert column(app, topic, "supports") == 2


def test_the_count_is_right_when_many_click_at_once(app: Any, topic: UUID) -> None:
    def click(n: int) -> None:
        with inside(app, HOME):
            matter = db.session.scalars(select(Matter).where(Matter.id == topic)).one()
            # Every voice clicks twice; the odd ones step back.
            browser = f"browser-{n % 6}"
            voices_actions.support(matter, account_id=None, browser=browser, now=clock.now())
            if n in (1, 3):
                voices_actions.unsupport(matter, account_id=None, browser=browser, now=clock.now())
            db.session.commit()

    with ThreadPoolExecutor(4) as crowd:
        list(crowd.map(click, range(12)))
    with inside(app, HOME):
        standing = select(func.count()).select_from(Support).where(Support.withdrawn_at.is_(None))
        assert db.session.scalar(standing) == column(app, topic, "supports")


def test_reports_of_one_thing_are_answered_together(app: Any, browse: Any, topic: UUID) -> None:
    say(neighbour(browse), topic)
    comment, reader = only_comment(app), browse(HOME, "zhao")
    reader.post(f"/desk/comments/{comment}/showings")
    url, about = f"/matters/{topic}/reports", f"comment:{comment}"
    people = [browse(), browse()]
    assert WORDS in text(people[0].get(f"{url}?comment={comment}"))
    empty = people[0].post(url, {"about": about, "words": "第三个字"})
    assert empty.status_code == 422
    assert "第三个字" in text(empty)
    for person in (*people, people[0]):
        assert person.post(url, {"about": about, "reason": "privacy"}).status_code == 303
    queue = text(reader.get("/desk/moderation?view=reports"))
    assert "2 个人报告" in queue
    found = re.search(r"/desk/reports/([0-9a-f-]{36})", queue)
    assert found
    page = f"/desk/reports/{found[1]}"
    assert WORDS in text(reader.get(page))
    assert reader.post(f"{page}/keepings", {"outcome": ""}).status_code == 422
    assert reader.post(f"{page}/keepings", {"outcome": "没有写到谁家的私事"}).status_code == 303
    assert reader.post(f"{page}/keepings", {"outcome": "再来一次"}).status_code == 409
    people[1].post(url, {"about": about, "reason": "privacy"})
    assert "没有写到谁家的私事" in text(people[1].get(f"/matters/{topic}"))
    with inside(app, HOME):
        assert set(db.session.scalars(select(Report.state))) == {"kept"}


def test_a_reported_comment_goes_out_of_sight(app: Any, browse: Any, topic: UUID) -> None:
    say(neighbour(browse), topic)
    comment, reader = only_comment(app), browse(HOME, "zhao")
    reader.post(f"/desk/comments/{comment}/showings")
    browse().post(f"/matters/{topic}/reports", {"about": f"comment:{comment}", "reason": "abuse"})
    with inside(app, HOME):
        report = db.session.scalars(select(Report.id)).one()
    assert reader.post(f"/desk/reports/{report}/hidings", {"code": "abuse"}).status_code == 303
    assert WORDS not in text(browse().get(f"/matters/{topic}"))
    assert "骂人、攻击人" in text(reader.get(f"/desk/reports/{report}"))
    # What is hidden is not there to be reported.
    answer = browse().post(f"/matters/{topic}/reports", {"about": f"comment:{comment}", "reason": "abuse"})
    assert answer.status_code == 404


def test_a_hidden_matter_shows_number_stage_and_reason(app: Any, browse: Any, topic: UUID) -> None:
    title, url, reader, stranger = "铁路涵洞一下雨就积水", f"/matters/{topic}", browse(HOME, "shuji"), browse()
    say(neighbour(browse), topic)
    reader.post(f"/desk/comments/{only_comment(app)}/showings")
    desk = f"/desk/matters/{topic}"
    assert text(stranger.get(url)).count(title) >= 1
    assert reader.post(f"{desk}/hidings", {"code": ""}).status_code == 422
    assert reader.post(f"{desk}/hidings", {"code": "privacy", "more": "题目里有门牌"}).status_code == 303
    for page in (url, "/matters", "/", "/track", "/matters?q=涵洞"):
        assert title not in text(stranger.get(page)), page
    page = text(stranger.get(url))
    assert "这件事暂时不显示：写了别人的隐私，题目里有门牌" in page
    assert WORDS not in page
    assert column(app, topic, "number") in page
    for shut in (f"{url}/comments", f"{url}/reports"):
        assert stranger.get(shut).status_code == 404
    assert stranger.post(f"{url}/supports").status_code == 404
    # Who works with it goes on.
    assert title in text(reader.get(desk))
    assert title in text(browse(HOME, "xiaoli").get(url))
    assert reader.post(f"{desk}/hidings", {"code": "privacy"}).status_code == 422
    assert reader.post(f"{desk}/showings").status_code == 303
    assert reader.post(f"{desk}/showings").status_code == 409
    again = text(stranger.get(url))
    assert title in again
    assert WORDS in again
    with inside(app, HOME):
        lines = select(TimelineEntry.verb, TimelineEntry.public).where(TimelineEntry.matter_id == topic)
        assert db.session.execute(lines.order_by(TimelineEntry.at, TimelineEntry.seq)).tuples().all() == [
            ("hide", True),
            ("unhide", True),
        ]


@pytest.mark.parametrize(
    "values", [{"visibility": "parties"}, {"accepted_at": None, "triage": None}, {"track": "mediation"}]
)
def test_nobody_talks_about_what_is_not_public(app: Any, browse: Any, values: dict[str, Any]) -> None:
    topic = make(app, "submitted", **values)
    author = neighbour(browse)
    assert say(author, topic).status_code == 404
    for door in ("supports", "support-withdrawals", "reports"):
        assert author.post(f"/matters/{topic}/{door}", {"about": "matter", "reason": "false"}).status_code == 404
    assert "邻居们说" not in text(author.get(f"/matters/{topic}"))


def test_thirty_days_after_the_end_it_is_quiet(app: Any, browse: Any) -> None:
    with inside(app, HOME):
        long_ago = clock.now() - timedelta(days=31)
        topic = matter_at("closed", now=long_ago, closed_at=long_ago).id
        db.session.commit()
    author = neighbour(browse)
    answer = say(author, topic)
    assert answer.status_code == 422
    assert "留言关了" in text(answer)
    assert author.post(f"/matters/{topic}/supports").status_code == 409


def test_the_next_hall_reaches_nothing(app: Any, browse: Any, topic: UUID) -> None:
    say(neighbour(browse), topic)
    comment = only_comment(app)
    browse().post(f"/matters/{topic}/reports", {"about": "matter", "reason": "false"})
    with inside(app, HOME):
        report = db.session.scalars(select(Report.id)).one()
        before = db.session.execute(select(Comment.state, Matter.supports, Matter.hidden_at).join_from(
            Comment, Matter, Comment.matter_id == Matter.id)).one()  # fmt: skip
    other = browse(NEXT, "shuji")
    for url in (f"/matters/{topic}/comments", f"/matters/{topic}/reports", f"/desk/comments/{comment}",
                f"/desk/reports/{report}", f"/desk/matters/{topic}/hidings"):  # fmt: skip
        assert other.get(url).status_code == 404, url
    for url in (f"/matters/{topic}/comments", f"/matters/{topic}/supports", f"/matters/{topic}/support-withdrawals",
                f"/matters/{topic}/reports", f"/comments/{comment}/withdrawals", f"/desk/comments/{comment}/showings",
                f"/desk/comments/{comment}/hidings", f"/desk/reports/{report}/keepings",
                f"/desk/reports/{report}/hidings", f"/desk/matters/{topic}/hidings",
                f"/desk/matters/{topic}/showings"):  # fmt: skip
        data = {"words": "x", "about": "matter", "reason": "false", "code": "abuse", "outcome": "xx"}
        assert other.post(url, data).status_code == 404, url
    other.post("/desk/moderation/showings", {"comment": str(comment)})
    with inside(app, HOME):
        after = db.session.execute(select(Comment.state, Matter.supports, Matter.hidden_at).join_from(
            Comment, Matter, Comment.matter_id == Matter.id)).one()  # fmt: skip
    assert after == before


@pytest.mark.parametrize("login", ["xiaoli", "sun", "jiandu", "yishi1"])
def test_only_the_office_reads_the_queue(browse: Any, topic: UUID, login: str) -> None:
    person = browse(HOME, login)
    assert person.get("/desk/moderation").status_code == 403
    assert person.post(f"/desk/matters/{topic}/hidings", {"code": "abuse"}).status_code == 403


def test_the_menu_counts_what_waits(browse: Any, topic: UUID) -> None:
    say(neighbour(browse), topic)
    browse().post(f"/matters/{topic}/reports", {"about": "matter", "reason": "false"})
    menu = text(browse(HOME, "zhao").get("/desk/moderation"))
    assert re.search(r"待审言论<span class=\"cnt\">2<", menu)


def test_pages_cost_few_statements_whatever_was_said(app: Any, browse: Any, topic: UUID, count_queries: Any) -> None:
    author, reader = neighbour(browse), browse(HOME, "zhao")
    say(author, topic)
    with inside(app, HOME):
        mine = db.session.scalars(select(Comment)).one()
        for n in range(30):
            db.session.add(
                Comment(
                    matter_id=topic,
                    account_id=mine.account_id,
                    person_id=mine.person_id,
                    mark=f"m{n}",
                    words=f"第 {n} 条",
                    state="shown",
                    decided_at=clock.now(),
                    written_at=clock.now(),
                )
            )
        for n in range(30):
            db.session.add(Comment(matter_id=topic, account_id=mine.account_id, mark=f"w{n}", words=f"等 {n}",
                                   state="waiting", written_at=clock.now()))  # fmt: skip
        db.session.commit()
    for person, url, most in (
        (author, f"/matters/{topic}", 8), (author, f"/matters/{topic}/comments?page=2", 6),
        (reader, "/desk/moderation", 6), (reader, "/desk/moderation?view=decided", 6),
    ):  # fmt: skip
        person.get(url)
        with count_queries() as seen:
            assert person.get(url).status_code == 200
        assert len(seen) <= most, (url, seen)
    with count_queries() as seen:
        assert say(author, topic, "再说一句").status_code == 303
    assert len(seen) <= 8, seen


def test_the_street_sees_numbers_and_no_words(app: Any, browse: Any, topic: UUID) -> None:
    say(neighbour(browse), topic)
    with inside(app, HOME):
        moderate()
        db.session.commit()
    page = text(browse("", "zhuren").get(f"/communities/{HOME}"))
    assert "等着看 1 条" in page
    assert WORDS not in page


def test_the_street_keeps_the_list_in_versions(app: Any, browse: Any) -> None:
    editor = browse("", "guanli")
    assert editor.post("/words", {"words": "加微信\n红包\n\n红包", "note": "第一次", "seen": "0"}).status_code == 303
    wrong = editor.post("/words", {"words": "红", "seen": "1"})
    assert wrong.status_code == 422
    assert "2 到 20 个字" in text(wrong)
    late = editor.post("/words", {"words": "加微信", "seen": "0"})
    assert late.status_code == 422
    assert "刚才有人改过词表" in text(late)
    assert editor.post("/words", {"words": "加微信", "note": "删了一个", "seen": "1"}).status_code == 303
    page = text(editor.get("/words"))
    assert "第 2 版，1 个词" in page
    assert "第 1 版，2 个词" in page
    with inside(app, HOME):
        assert word_list.words_now() == ["加微信"]
    assert browse("", "zhuren").get("/words").status_code == 403
    assert browse(HOME, "shuji").get("/words").status_code == 404


def test_own_report_of_a_matter_hides_it_and_answers(app: Any, browse: Any, topic: UUID) -> None:
    browse().post(f"/matters/{topic}/reports", {"about": "matter", "reason": "privacy", "words": "有门牌号"})
    with inside(app, HOME):
        found = queries.reported()[0]
        assert (found.report.subject, found.times, found.reasons) == ("matter", 1, [("privacy", "有门牌号")])
        from tests.rooms.stage_setting import staff

        hiding.hide_reported(found, "写了别人的隐私", by=staff("zhao"), now=clock.now())
        db.session.commit()
    assert column(app, topic, "hidden_reason") == "写了别人的隐私"
    with inside(app, HOME):
        assert db.session.scalars(select(Report.state)).one() == "hidden"
