"""An owner outside the hall answers by link: one task, again and again, and every other way in is a closed door."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from io import BytesIO
from uuid import uuid4

import pytest
from PIL import Image
from sqlalchemy import func, select, text
from sqlalchemy.exc import ProgrammingError

from app import clock
from app.faces.jobs import work
from app.flow.implement import actions, links
from app.flow.implement.models import ExtensionRequest, ProgressNote, TaskLink
from app.flow.resolve import actions as resolving
from app.flow.resolve.models import Commitment
from app.matter.actions import record
from app.matter.models import Attachment, Matter
from tenants.database import db
from tenants.hosts import find_site
from tenants.policies import kinds
from tenants.scope import Scope, bound
from tests import harness
from tests.cast import HOME, NEXT
from tests.conftest import inside
from tests.rooms import carrying_out
from tests.rooms.stage_setting import staff

NAME = "楼阿姨"


def photo() -> tuple[BytesIO, str]:
    out = BytesIO()
    Image.new("RGB", (40, 30), "white").save(out, "JPEG")
    return BytesIO(out.getvalue()), "rack.jpg"


@pytest.fixture
def task(app):
    """A measured task of a public matter and one beside it; ids of matter, task and the other task."""
    with inside(app, HOME):
        now = clock.now()
        matter = carrying_out.decided(now, level="grid", title=f"{NAME}家楼下装晾衣架")
        today = clock.local(now).date()
        tasks = [
            ("装晾衣架", "物业 何师傅", None, today + timedelta(20), 0, "property", "组", 5),
            ("刷墙", "施工队", None, today + timedelta(30)),
        ]
        carrying_out.write(matter, now=now, tasks=tasks)
        resolving.start_work(matter, board=resolving.Board(today, "门口"), by=staff(), now=now)
        ids = db.session.scalars(
            select(Commitment.id).where(Commitment.matter_id == matter.id).order_by(Commitment.position)
        ).all()
        found = matter.id, ids[0], ids[1]
        db.session.commit()
        return found


def make(browse, task_id, **more):
    """Through the desk's pages: the token shown once, and the link's row id."""
    desk = browse(HOME, "xiaoli")
    form = {"to_label": "物业 何师傅", "days": "90", "once": str(uuid4())} | more
    assert desk.post(f"/desk/tasks/{task_id}/links", form).status_code == 303
    page = desk.get(f"/desk/tasks/{task_id}/links").get_data(as_text=True)
    token = re.search(r"/t/([\w-]{22})", page)[1]
    assert "可以照着发的短信" in page
    assert token not in desk.get(f"/desk/tasks/{task_id}/links").get_data(as_text=True)
    return desk, token, form["once"]


def bound_guest(app, token, matter=None, task=None):
    site = find_site(app, harness.BASE, HOME)
    return bound(
        Scope("guest", street=site.street_id, community=site.community_id, case=matter, invitation=task,
              key=links.fingerprint(token))
    )  # fmt: skip


def test_without_scripts_a_chosen_photo_is_seen_and_one_lost_with_a_refusal_is_asked_for_again(browse, task):
    _desk, token, _link = make(browse, task[1])
    owner = browse(HOME)
    page = owner.get(f"/t/{token}").get_data(as_text=True)
    assert re.search(r'<noscript><link rel="stylesheet" href="[^"]*no-script[^"]*\.css', page)
    assert "照片要重新选" not in page
    wrong = {"evidence": "装好了", "reached": "5", "actual": "三千"}
    alone = owner.post(f"/t/{token}/completions", wrong)
    assert alone.status_code == 422
    assert "照片要重新选" not in alone.get_data(as_text=True)
    lost = owner.post(f"/t/{token}/completions", wrong | {"shown": photo()})
    assert lost.status_code == 422
    assert lost.get_data(as_text=True).count("照片要重新选") == 1


def test_the_whole_way_by_link(app, browse, task, count_queries):
    matter, mine, other = task
    desk, token, link_id = make(browse, mine)
    again = desk.post(f"/desk/tasks/{mine}/links", {"to_label": "何", "days": "90", "once": link_id})
    assert again.status_code == 303
    assert desk.post(f"/desk/tasks/{mine}/links", {"to_label": " ", "days": "400"}).status_code == 422
    slip = desk.post(f"/desk/task-links/{link_id}/slips", {"token": token}).get_data(as_text=True)
    assert token in slip
    assert "<svg" in slip
    assert desk.post(f"/desk/task-links/{link_id}/slips", {"token": "x" * 22}).status_code == 409
    owner, tab = browse(), browse()
    with count_queries() as seen:
        opened = owner.get(f"/t/{token}")
    assert len(seen) <= 12, seen
    page = opened.get_data(as_text=True)
    assert opened.status_code == 200
    assert (opened.headers["X-Robots-Tag"], opened.headers["Referrer-Policy"]) == ("noindex, nofollow", "no-referrer")
    assert opened.headers["Cache-Control"] == "no-store"
    assert "装晾衣架" in page
    assert "刷墙" not in page
    assert "<nav" not in page
    once = {"once": str(uuid4())}
    assert owner.post(f"/t/{token}/receipts", once).status_code == 303
    assert tab.post(f"/t/{token}/receipts", {"once": str(uuid4())}).status_code == 303
    note = {"words": "到了三组", "done": "3 组", "once": str(uuid4())}
    for _click in range(2):
        assert owner.post(f"/t/{token}/progress-notes", note).status_code == 303
    wrong = owner.post(f"/t/{token}/progress-notes", {"words": "都装了", "done": "许多"})
    assert wrong.status_code == 422
    assert "都装了" in wrong.get_data(as_text=True)
    sent = {"words": "", "after": photo(), "once": str(uuid4())}
    assert owner.post(f"/t/{token}/progress-notes", sent, content_type="multipart/form-data").status_code == 303
    later = {"due": "2031-01-01", "reason": "下雨", "once": str(uuid4())}
    assert owner.post(f"/t/{token}/extension-requests", later).status_code == 422
    later["due"] = (datetime.now(clock.SHANGHAI).date() + timedelta(40)).isoformat()
    assert owner.post(f"/t/{token}/extension-requests", later).status_code == 303
    with inside(app, HOME):
        notes = db.session.scalars(select(ProgressNote).order_by(ProgressNote.at)).all()
        assert [(one.words, one.by_label, one.done_count) for one in notes] == [
            ("收到，我们来办。", "物业 何师傅", None),
            ("到了三组", "物业 何师傅", 3),
            ("传了 1 张照片。", "物业 何师傅", None),
        ]
        picture = db.session.scalar(select(Attachment))
        assert (picture.about, picture.about_id, picture.public) == ("task_after", mine, False)
        assert db.session.scalar(select(ExtensionRequest.state)) == "asked"
        assert db.session.scalar(select(TaskLink.opened)) == 1
        due = db.session.get(Matter, (db.session.scalar(select(Matter.community_id)), matter)).due_at
        photo_id = picture.id
    assert owner.get(f"/t/{token}/pictures/{photo_id}").mimetype == "image/jpeg"
    assert owner.get(f"/t/{token}/pictures/{uuid4()}").status_code == 404
    done = {"evidence": "五组都装好", "reached": "4", "actual": "1,200.50"}
    short = owner.post(f"/t/{token}/completions", done)
    assert short.status_code == 422
    assert 'href="#done-form"' in short.get_data(as_text=True)
    assert owner.post(f"/t/{token}/completions", done | {"reached": "5"}).status_code == 303
    assert tab.post(f"/t/{token}/completions", done).status_code == 303
    assert "您报过完工了" in tab.get(f"/t/{token}").get_data(as_text=True)
    with inside(app, HOME):
        row = db.session.scalar(select(Commitment).where(Commitment.id == mine))
        assert (row.state, row.done_count, row.actual_fen) == ("done", 5, 120_050)
        thing = db.session.scalar(select(Matter))
        assert (thing.due_at, thing.costs_money) == (due, False)
        work.mend_promises()
        db.session.commit()
        thing = db.session.scalar(select(Matter))
        second = db.session.scalar(select(Commitment.due).where(Commitment.id == other))
        assert (clock.local(thing.due_at).date(), thing.costs_money) == (second, True)
        assert db.session.scalar(select(ExtensionRequest.state)) == "withdrawn"
        row = db.session.scalar(select(Commitment).where(Commitment.id == mine))
        row.state, row.done_at = "open", None
        record(thing, "send_back", by=staff(), now=clock.now(), words="少了一根横杆")
        db.session.commit()
    assert "少了一根横杆" in tab.get(f"/t/{token}").get_data(as_text=True)


def test_the_database_shows_a_link_one_task(app, browse, task):
    matter, mine, _other = task
    _desk, token, _id = make(browse, mine)
    with inside(app, HOME):
        carrying_out.matter_at("implementing", now=clock.now(), title="另一件")
        actions.note_progress(
            db.session.scalar(select(Matter).where(Matter.id == matter)), "别的话", by=staff(), now=clock.now()
        )
        db.session.commit()
    with app.app_context(), bound_guest(app, token, matter, mine):
        seen = {}
        for name, (table, kind, _access) in sorted(kinds().items()):
            if kind == "registry":
                continue
            try:
                with db.session.begin_nested():
                    seen[name] = db.session.execute(select(func.count()).select_from(table)).scalar()
            except ProgrammingError:
                seen[name] = None
        readable = {name: n for name, n in seen.items() if n}
        assert readable.pop("timeline") > 0
        assert readable == {"commitment": 1, "matter": 1, "task_link": 1}
        with pytest.raises(ProgrammingError):
            db.session.execute(text("update matter set title = 'x'"))
        db.session.rollback()
        changed = db.session.execute(text("update commitment set what = 'x' where state = 'open'"))
        assert changed.rowcount == 1
        db.session.rollback()
        db.session.remove()


def test_closed_doors(app, browse, task):
    _matter, mine, _other = task
    desk, token, link_id = make(browse, mine)
    assert "楼阿姨" in browse().get(f"/t/{token}").get_data(as_text=True)
    with inside(app, HOME):
        db.session.scalar(select(Matter)).visibility = "parties"
        db.session.commit()
    shut = browse().get(f"/t/{token}").get_data(as_text=True)
    assert "楼阿姨" not in shut
    assert "NYD2026" in shut
    with inside(app, HOME):
        db.session.scalar(select(Matter)).visibility = "public"
        db.session.commit()
    edited = token[:-1] + ("A" if token[-1] != "A" else "B")
    for bad in (edited, "nonsense", "x" * 22, "%E5%BF%83", "A" * 500):
        assert browse().get(f"/t/{bad}").status_code == 404
        assert browse().post(f"/t/{bad}/completions", {"evidence": "好"}).status_code == 404
    for stranger in (browse(NEXT), browse(NEXT, "shuji"), browse("")):
        assert stranger.get(f"/t/{token}").status_code == 404
        assert stranger.post(f"/t/{token}/receipts").status_code == 404
    assert browse(NEXT, "shuji").post(f"/desk/task-links/{link_id}/revocations").status_code == 404
    assert browse(NEXT, "shuji").get(f"/desk/tasks/{mine}/links").status_code == 404
    assert browse().post(f"/desk/tasks/{mine}/links").status_code in (302, 403)
    _desk, second, _id = make(browse, mine)
    assert "收回给" in desk.get(f"/desk/task-links/{link_id}/revocation").get_data(as_text=True)
    assert desk.post(f"/desk/task-links/{link_id}/revocations").status_code == 303
    gone = browse().post(f"/t/{token}/receipts")
    assert (gone.status_code, "收回了" in gone.get_data(as_text=True)) == (410, True)
    with inside(app, HOME):
        db.session.scalar(select(Commitment).where(Commitment.id == mine)).state = "dropped"
        db.session.commit()
    over = browse().get(f"/t/{second}")
    assert (over.status_code, "不用再报了" in over.get_data(as_text=True)) == (410, True)
    with inside(app, HOME):
        db.session.scalar(select(Commitment).where(Commitment.id == mine)).state = "open"
        db.session.commit()
        assert db.session.scalar(select(func.count()).select_from(ProgressNote)) == 0
    clock.advance(app, timedelta(days=91))
    late = browse().get(f"/t/{second}")
    assert (late.status_code, "装晾衣架" in late.get_data(as_text=True)) == (410, False)


def test_guessing_is_slowed_down(app, browse, monkeypatch):
    monkeypatch.setattr(app.extensions["slow_down"], "enabled", True)
    knocker = browse()
    answers = [knocker.get(f"/t/{'g' * 21}{n % 10}").status_code for n in range(14)]
    assert answers[0] == 404
    assert answers[-1] == 429
