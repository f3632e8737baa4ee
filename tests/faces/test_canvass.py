"""From door to door in a browser, and the lines of what was found out: put right, taken off, hidden, brought back."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from typing import Any
from uuid import uuid4

import pytest
from openpyxl import load_workbook
from PIL import Image
from sqlalchemy import select

from app.flow.research import canvass_queries as reading
from app.flow.research.actions import record_canvass
from app.flow.research.models import Canvass, CanvassDoor, CanvassTry, Option, SiteNote, Stakeholder
from app.flow.triage import actions as triage
from app.matter.models import Attachment, Matter, TimelineEntry
from app.people.places import Building, Household
from tenants.database import db
from tests.cast import HOME, NEXT
from tests.conftest import inside
from tests.rooms.people import account, person, said


@pytest.fixture
def topic(app: Any, now: Any) -> str:
    """A topic of 南盐道 with three doors behind the stairwell."""
    with inside(app, HOME):
        matter = said(now)
        triage.accept(
            matter, by=person("zhao", now), now=now, triage="hard", level="community",
            owner_id=account("xiaoli").id, power="residents", category="addition",
        )  # fmt: skip
        building = db.session.scalars(select(Building)).one()
        db.session.add_all(Household(building_id=building.id, unit=3, room=room) for room in ("302", "1001"))
        triage.confirm_topic(matter, "装不装电梯", False, by=person("shuji", now), now=now)
        db.session.commit()
        return str(matter.id)


def text(answer: Any) -> str:
    return answer.get_data(as_text=True)


def kept(app: Any, kind: Any, slug: str = HOME) -> list[Any]:
    with inside(app, slug):
        rows = db.session.scalars(select(kind)).all()
        db.session.expunge_all()
        return list(rows)


def opened(app: Any, browser: Any, topic: str, **changed: Any) -> str:
    with inside(app, HOME):
        unit = f"{db.session.scalar(select(Building.id))}:3"
    form = {"once": str(uuid4()), "question": "装电梯您家赞成吗", "units": [unit], "labels": "百货商店"} | changed
    answer = browser.post(f"/desk/matters/{topic}/canvass-rounds", form)
    assert answer.status_code == 303, text(answer)
    return answer.headers["Location"].rsplit("/", 1)[1]


def hidden(page: str, name: str) -> str:
    return re.search(rf'name="{name}"[^>]*value="([^"]*)"', page)[1]


def press(browser: Any, at: str, door: CanvassDoor, answer: str, **more: str) -> Any:
    page = text(browser.get(f"{at}/doors/{door.id}"))
    typed = {"once": hidden(page, "once"), "seen": hidden(page, "seen"), "channel": "door", "at": "1"}
    return browser.post(f"{at}/doors/{door.id}/answers", typed | {"answer": answer} | more)


def test_a_stairwell_with_a_phone_in_the_hand(app: Any, browse: Any, topic: str, now: Any) -> None:
    xiaoli = browse(HOME, "xiaoli")
    shown = text(xiaoli.get(f"/desk/matters/{topic}/canvass-rounds/new"))
    assert "3 单元（3 户）" in shown
    assert "不算表决" in shown
    at = f"/desk/canvass-rounds/{opened(app, xiaoli, topic)}"
    assert "3 户，问到 0 户" in text(xiaoli.get(at))
    doors = sorted(kept(app, CanvassDoor), key=lambda door: door.position)
    assert [door.label[-4:].strip() for door in doors] == ["301", "302", "1001", "百货商店"]
    assert press(xiaoli, at, doors[0], "against", words="怕挡光").status_code == 303
    assert press(xiaoli, at, doors[1], "nobody").status_code == 303
    assert press(xiaoli, at, doors[2], "for").status_code == 303
    grid = text(xiaoli.get(f"{at}?at=1"))
    assert "没人 1 次" in grid
    assert "怕挡光" not in grid
    assert "问到 2/4 户" in grid
    owing = text(xiaoli.get(f"{at}/closure"))
    assert "还有 2 户要去" in owing
    assert "还要换时间去 2 次" in owing
    assert xiaoli.post(f"{at}/closure").status_code == 409
    assert [c.state for c in kept(app, Canvass)] == ["open"]
    assert "怕挡光" in text(xiaoli.get(f"{at}/doors/{doors[0].id}"))
    assert "怕挡光" in text(xiaoli.get(f"{at}/paper"))


def test_the_second_phone_is_told_and_keeps_its_words(app: Any, browse: Any, topic: str) -> None:
    xiaoli, zhao = browse(HOME, "xiaoli"), browse(HOME, "zhao")
    at = f"/desk/canvass-rounds/{opened(app, xiaoli, topic)}"
    door = kept(app, CanvassDoor)[0]
    page = text(zhao.get(f"{at}/doors/{door.id}"))
    assert press(xiaoli, at, door, "against").status_code == 303
    late = {"once": hidden(page, "once"), "seen": hidden(page, "seen"), "channel": "phone", "answer": "for"}
    answer = zhao.post(f"{at}/doors/{door.id}/answers", late | {"words": "电话里说的"})
    assert answer.status_code == 409
    assert "刚才别人记过了" in text(answer)
    assert "电话里说的" in text(answer)
    assert [d.answer for d in kept(app, CanvassDoor) if d.id == door.id] == ["against"]
    again = {"once": hidden(text(answer), "once"), "seen": hidden(text(answer), "seen"), "channel": "phone"}
    assert zhao.post(f"{at}/doors/{door.id}/answers", again | {"answer": "for"}).status_code == 303
    seen = hidden(text(zhao.get(f"{at}/doors/{door.id}")), "seen")
    assert zhao.post(f"{at}/doors/{door.id}/retractions", {"seen": seen}).status_code == 303
    assert [d.answer for d in kept(app, CanvassDoor) if d.id == door.id] == ["against"]
    assert zhao.post(f"{at}/doors/{door.id}/retractions", {"seen": seen}).status_code == 409


def test_many_hands_at_one_moment_write_one_answer(app: Any, browse: Any, topic: str) -> None:
    hands = [browse(HOME, "xiaoli") for _hand in range(4)]
    with inside(app, HOME):
        unit = f"{db.session.scalar(select(Building.id))}:3"
    form = {"once": str(uuid4()), "question": "装电梯您家赞成吗", "units": [unit], "labels": ""}
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda one: one.post(f"/desk/matters/{topic}/canvass-rounds", form), hands))
        assert [answer.status_code for answer in made] == [303] * 4
        assert len({answer.headers["Location"] for answer in made}) == 1
        door = kept(app, CanvassDoor)[0]
        url = f"/desk/canvass-rounds/{door.canvass_id}/doors/{door.id}/answers"
        told = {"seen": "1", "channel": "door", "answer": "for"}
        said_so = list(pool.map(lambda one: one.post(url, told | {"once": str(uuid4())}), hands))
        assert sorted(answer.status_code for answer in said_so) == [303, 409, 409, 409]
        twice = {"seen": "2", "channel": "door", "answer": "against", "once": str(uuid4())}
        assert [answer.status_code for answer in pool.map(lambda one: one.post(url, twice), hands)] == [303] * 4
    assert [row.answer for row in kept(app, CanvassTry)] == ["for", "against"]


@pytest.mark.parametrize("changed", [{"answer": "yes"}, {"answer": ""}, {"channel": "letter"}, {"words": "长" * 201}])
def test_a_bad_answer_keeps_what_was_typed(app: Any, browse: Any, topic: str, changed: Any) -> None:
    xiaoli = browse(HOME, "xiaoli")
    at = f"/desk/canvass-rounds/{opened(app, xiaoli, topic)}"
    typed = {"answer": "for", "words": "先说一句"} | changed
    answer = press(xiaoli, at, kept(app, CanvassDoor)[0], **typed)
    assert answer.status_code == 422
    assert typed["words"] in text(answer)
    assert kept(app, CanvassTry) == []


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"question": " "}, "照原样写上"),
        ({"question": "问" * 201}, "问的话"),
        ({"units": [], "labels": ""}, "至少一户"),
        ({"units": ["x:y"], "labels": " "}, "至少一户"),
    ],
)
def test_a_bad_round_keeps_what_was_typed(app: Any, browse: Any, topic: str, changed: Any, told: str) -> None:
    form = {"question": "装电梯您家赞成吗", "units": [], "labels": "百货商店"} | changed
    answer = browse(HOME, "xiaoli").post(f"/desk/matters/{topic}/canvass-rounds", form)
    assert answer.status_code == 422
    assert told in text(answer)
    assert form["labels"].strip() in text(answer)
    assert kept(app, Canvass) == []


def test_a_chain_fills_in_what_has_no_answer(app: Any, browse: Any, topic: str) -> None:
    xiaoli = browse(HOME, "xiaoli")
    at = f"/desk/canvass-rounds/{opened(app, xiaoli, topic)}"
    doors = sorted(kept(app, CanvassDoor), key=lambda door: door.position)
    form = {f"seen-{door.id}": str(door.version) for door in doors}
    assert press(xiaoli, at, doors[1], "against").status_code == 303
    form |= {f"door-{doors[0].id}": "for", f"door-{doors[1].id}": "for", f"door-{uuid4()}": "for", "at": "1"}
    answer = xiaoli.post(f"{at}/chain", form, follow_redirects=True)
    assert "从接龙里记下 1 户" in text(answer)
    assert f"没动：{doors[1].label}" in text(answer)
    answers = {door.id: (door.answer, door.channel) for door in kept(app, CanvassDoor)}
    assert answers[doors[0].id] == ("for", "chain")
    assert answers[doors[1].id] == ("against", "door")
    assert doors[0].label not in text(xiaoli.get(f"{at}/chain?at=1"))


def test_all_answered_closes_and_the_public_sees_no_handful(app: Any, browse: Any, topic: str, now: Any) -> None:
    xiaoli, zhao = browse(HOME, "xiaoli"), browse(HOME, "zhao")
    at = f"/desk/canvass-rounds/{opened(app, xiaoli, topic)}"
    for door, answer in zip(kept(app, CanvassDoor), ("for", "for", "against", "no_opinion"), strict=True):
        assert press(xiaoli, at, door, answer).status_code == 303
    assert "赞成 2，反对 1，没意见 1" in text(zhao.get(f"{at}/closure"))
    assert zhao.post(f"{at}/closure").status_code == 303
    assert zhao.post(f"{at}/closure").status_code == 303
    with inside(app, HOME):
        closed = db.session.scalars(select(Canvass)).one()
        assert (closed.state, closed.reached, closed.in_favour, closed.against) == ("closed", 4, 2, 1)
    public = text(browse(HOME).get(f"/matters/{topic}"))
    assert "户数少，不公布数目" in public
    assert "4/4" not in public
    with inside(app, HOME):
        matter = db.session.scalars(select(Matter)).one()
        record_canvass(
            matter, question="再问一遍", target=12, reached=12, in_favour=9, against=2, tries=1,
            by=person("zhao", now), now=now,
        )  # fmt: skip
        db.session.commit()
    public = text(browse(HOME).get(f"/matters/{topic}"))
    assert "问到 12/12 户：赞成 9 户，不赞成 2 户" in public
    assert "百货商店" not in public


def test_the_table_is_taken_away_by_name(app: Any, browse: Any, topic: str) -> None:
    xiaoli = browse(HOME, "xiaoli")
    at = f"/desk/canvass-rounds/{opened(app, xiaoli, topic, labels='=1+1')}"
    assert press(xiaoli, at, kept(app, CanvassDoor)[0], "for", words="=cmd()").status_code == 303
    answer = xiaoli.post(f"{at}/workbook")
    assert answer.status_code == 200
    sheet = load_workbook(BytesIO(answer.data)).active
    cells = [cell for row in sheet.iter_rows() for cell in row]
    assert {"=1+1", "=cmd()"} <= {cell.value for cell in cells}
    assert all(cell.data_type != "f" for cell in cells)
    verbs = [line.verb for line in kept(app, TimelineEntry) if not line.public]
    assert "canvass_export" in verbs


def test_a_round_opened_by_mistake_is_dropped(app: Any, browse: Any, topic: str) -> None:
    xiaoli = browse(HOME, "xiaoli")
    at = f"/desk/canvass-rounds/{opened(app, xiaoli, topic)}"
    assert xiaoli.get(f"/desk/matters/{topic}/canvass-rounds/new").status_code == 303
    assert xiaoli.post(f"{at}/cancellation", {"reason": ""}).status_code == 422
    assert xiaoli.post(f"{at}/cancellation", {"reason": "单元选错了"}).status_code == 303
    assert "单元选错了" in text(xiaoli.get(at))
    assert xiaoli.get(f"/desk/matters/{topic}/canvass-rounds/new").status_code == 200


def test_the_neighbour_and_the_council_find_no_doors(app: Any, browse: Any, topic: str) -> None:
    xiaoli = browse(HOME, "xiaoli")
    canvass_id = opened(app, xiaoli, topic)
    at, door = f"/desk/canvass-rounds/{canvass_id}", kept(app, CanvassDoor)[0]
    posts = {
        f"{at}/doors/{door.id}/answers": {"answer": "for", "seen": "1", "channel": "door"},
        f"{at}/doors/{door.id}/retractions": {"seen": "1"}, f"{at}/chain": {f"door-{door.id}": "for"},
        f"{at}/closure": {}, f"{at}/cancellation": {"reason": "不问了"}, f"{at}/workbook": {},
        f"/desk/matters/{topic}/canvass-rounds": {"question": "问", "labels": "一户"},
        f"/desk/matters/{topic}/survey-extension": {"reason": "x"},
        f"/desk/matters/{topic}/party-study": {"on": "2026-01-01", "who": "党委", "note": "同意"},
    }  # fmt: skip
    for slug, login, status in ((NEXT, "shuji", 404), (HOME, "yishi1", 403), (HOME, "sun", 403)):
        other = browse(slug, login)
        for page in (at, f"{at}/doors/{door.id}", f"{at}/paper", f"{at}/closure", f"{at}/chain"):
            assert other.get(page).status_code == status, page
        for url, form in posts.items():
            assert other.post(url, form).status_code == status, url
    assert kept(app, CanvassTry) == []
    assert [c.state for c in kept(app, Canvass)] == ["open"]
    assert browse(HOME).get(at).status_code == 302


def test_the_page_of_a_round_stays_within_its_statements(app: Any, browse: Any, topic: str, count_queries: Any) -> None:
    xiaoli = browse(HOME, "xiaoli")
    labels = "\n".join(f"门面 {number}" for number in range(60))
    at = f"/desk/canvass-rounds/{opened(app, xiaoli, topic, labels=labels)}"
    xiaoli.get(at)
    for url in (at, f"{at}?at=1", f"/desk/matters/{topic}/research"):
        with count_queries() as seen:
            assert xiaoli.get(url).status_code == 200
        assert len(seen) <= 8, (url, seen)
    with inside(app, HOME):
        assert len(reading.round_of(db.session.scalars(select(Canvass)).one()).doors) > 60


def photo() -> tuple[BytesIO, str]:
    out = BytesIO()
    Image.new("RGB", (40, 30), "red").save(out, "JPEG")
    return BytesIO(out.getvalue()), "a.jpg"


def test_a_site_note_keeps_its_photos_for_those_who_handle_it(app: Any, browse: Any, topic: str) -> None:
    xiaoli, at = browse(HOME, "xiaoli"), f"/desk/matters/{topic}"
    once = str(uuid4())
    for _again in range(2):
        sent = {"once": once, "seen": "楼道窄，量了 1.2 米", "photos": [photo(), photo()]}
        assert xiaoli.post(f"{at}/site-notes", sent, content_type="multipart/form-data").status_code == 303
    pictures = kept(app, Attachment)
    note = kept(app, SiteNote)[0]
    assert [(p.about, p.about_id, p.public) for p in pictures] == [("site_note", note.id, False)] * 2
    url = f"/files/{pictures[0].id}"
    assert xiaoli.get(f"{url}/small").status_code == 200
    assert browse(HOME).get(url).status_code == 404
    assert browse(NEXT, "shuji").get(url).status_code == 404
    broken = {"seen": "又去了一趟", "photos": [(BytesIO(b"no photo"), "b.jpg")]}
    answer = xiaoli.post(f"{at}/site-notes", broken, content_type="multipart/form-data")
    assert answer.status_code == 422
    assert "又去了一趟" in text(answer)
    assert len(kept(app, SiteNote)) == 1
    assert xiaoli.post(f"{at}/site-notes/{note.id}/hiding", {"reason": ""}).status_code == 422
    assert xiaoli.post(f"{at}/site-notes/{note.id}/hiding", {"reason": "量错楼了"}).status_code == 303
    shown = text(xiaoli.get(f"{at}/research"))
    assert "量错楼了" in shown
    assert "量了 1.2 米" not in shown
    assert all(p.hidden_at for p in kept(app, Attachment))
    assert xiaoli.post(f"{at}/site-notes/{note.id}/return").status_code == 303
    assert not any(p.hidden_at for p in kept(app, Attachment))


def test_words_are_put_right_by_whoever_wrote_them(app: Any, browse: Any, topic: str) -> None:
    xiaoli, zhao, at = browse(HOME, "xiaoli"), browse(HOME, "zhao"), f"/desk/matters/{topic}"
    xiaoli.post(f"{at}/site-notes", {"seen": "量了 1.2 米"})
    note = f"{at}/site-notes/{kept(app, SiteNote)[0].id}"
    assert "1.2 米" in text(xiaoli.get(note))
    assert xiaoli.post(note, {"words": " "}).status_code == 422
    assert zhao.post(note, {"words": "量了 1.5 米"}).status_code == 422
    assert xiaoli.post(note, {"words": "量了 1.5 米"}).status_code == 303
    assert "量了 1.5 米" in text(zhao.get(f"{at}/research"))


def test_lines_and_options_are_put_right_and_brought_back(app: Any, browse: Any, topic: str) -> None:
    xiaoli, at = browse(HOME, "xiaoli"), f"/desk/matters/{topic}"
    xiaoli.post(f"{at}/stakeholders", {"touched": "3 号楼 36 户\n商店"})
    first, second = sorted(kept(app, Stakeholder), key=lambda who: who.position)
    line = f"{at}/stakeholders/{second.id}"
    assert "商店" in text(xiaoli.get(line))
    for bad in ({"name": " "}, {"name": "3 号楼"}, {"name": "商店", "households": "很多"}, {"name": "名" * 41}):
        assert xiaoli.post(line, bad).status_code == 422
    assert xiaoli.post(line, {"name": "百货商店", "households": "2"}).status_code == 303
    assert xiaoli.post(f"{at}/stakeholders/{first.id}/removal").status_code == 303
    assert xiaoli.post(f"{line}/removal").status_code == 409
    assert "百货商店 2 户" in text(xiaoli.get(f"{at}/research"))
    xiaoli.post(f"{at}/options", {"option": "外挂电梯", "cost": "30万", "payer": "住户分摊"})
    option = f"{at}/options/{kept(app, Option)[0].id}"
    assert "方案 A 不再议？" in text(xiaoli.get(f"{option}/withdrawal"))
    assert kept(app, Option)[0].dropped_at is None
    assert xiaoli.post(f"{option}/withdrawal").status_code == 303
    assert kept(app, Option)[0].dropped_at is not None
    assert xiaoli.post(f"{option}/return").status_code == 303
    assert kept(app, Option)[0].dropped_at is None
    stranger = browse(NEXT, "shuji")
    for url in (line, f"{option}/withdrawal"):
        assert stranger.get(url).status_code == 404
        assert stranger.post(url, {"name": "别的"}).status_code == 404


def test_the_party_s_discussion_and_one_extension(app: Any, browse: Any, topic: str) -> None:
    zhao, shuji, at = browse(HOME, "zhao"), browse(HOME, "shuji"), f"/desk/matters/{topic}"
    zhao.post(f"{at}/stakeholders", {"touched": "3 号楼 36 户"})
    assert zhao.post(f"{at}/survey").status_code == 409
    study = {"on": "2026-01-05", "who": "社区党委", "note": "同意提请"}
    for bad in ({"on": ""}, {"on": "2999-01-01"}, {"who": ""}, {"note": ""}):
        answer = zhao.post(f"{at}/party-study", study | bad)
        assert answer.status_code == 422
    assert zhao.post(f"{at}/party-study", study).status_code == 303
    assert "社区党委先议过了" in text(zhao.get(f"{at}/research"))
    assert zhao.post(f"{at}/survey").status_code == 303
    before = kept(app, Matter)[0].due_at
    assert "为什么要延长" not in text(zhao.get(f"{at}/research"))
    assert "为什么要延长" in text(shuji.get(f"{at}/research"))
    assert zhao.post(f"{at}/survey-extension", {"reason": "等图纸"}).status_code == 422
    assert shuji.post(f"{at}/survey-extension", {"reason": " "}).status_code == 422
    assert shuji.post(f"{at}/survey-extension", {"reason": "等管线图"}).status_code == 303
    assert kept(app, Matter)[0].due_at > before
    assert shuji.post(f"{at}/survey-extension", {"reason": "还等"}).status_code == 422
    assert "因为等管线图" in text(zhao.get(f"{at}/research"))
