"""M09 through the pages, from the counter to closed; a failure; and nobody outside the two homes learns a word."""

from __future__ import annotations

import html
import io
import zipfile
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from docx import Document
from sqlalchemy import select

from app import clock
from app.flow.resolve import agreements
from app.flow.resolve.agreements import Text
from app.flow.resolve.mediation_models import Agreement, AgreementTerm, Mediation, MediationPerson
from app.flow.triage.actions import accept
from app.matter.models import Matter
from app.people.permissions import ANYONE, HELD, Permission
from app.people.roles import Role
from tenants.database import db
from tests.cast import HOME, NEXT
from tests.conftest import inside
from tests.rooms.stage_setting import matter_at, staff
from tests.rooms.test_mediation import seated, term_of
from tests.rooms.test_mediation import talk as hold_talk

LIST = "/desk/mediations"
PRIVATE = ("金石开", "木子李", "何苦帮", "防水做坏了", "赔修顶棚", "13900008888", "人调字")


def text(answer: Any) -> str:
    return str(answer.get_data(as_text=True))


def one(app: Any, model: Any) -> Any:
    with inside(app, HOME):
        found = db.session.scalars(select(model).order_by(model.id.desc())).first()
        db.session.expunge(found)
        return found


def seats(app: Any) -> dict[str, str]:
    with inside(app, HOME):
        return {row.side: str(row.id) for row in db.session.scalars(select(MediationPerson))}


def post(desk: Any, url: str, data: dict[str, Any], status: int = 303) -> str:
    answer = desk.post(url, data)
    assert answer.status_code == status, text(answer)
    return text(answer)


def intake(app: Any, desk: Any) -> str:
    """The id of the mediation, with both sides, a mediator and the rights told."""
    with inside(app, HOME):
        owner = str(staff("zhao").id)
    form = {
        "once": "0197a000-0000-7000-8000-000000000001", "title": "卫生间渗漏", "dispute": "楼上金石开家防水做坏了",
        "wish": "赔钱", "place": "3 号楼", "name": "木子李", "phone": "13900008888", "other": "金石开",
        "applied_by": "party", "channel": "door", "category": "neighbours", "level": "grid", "owner": owner,
    }  # fmt: skip
    assert "念给本人听过" in post(desk, LIST, form, 422)
    for _twice in range(2):
        post(desk, LIST, form | {"read_back": "y"})
    here = f"{LIST}/{form['once']}"
    assert "木子李" in text(desk.get(here))
    assert "要双方都同意" in text(desk.get(here))
    typed = {"person-side": "supporter", "person-name": "何苦帮", "person-relation": "老邻居"}
    assert 'value="何苦帮"' in post(desk, f"{here}/people", typed, 422)
    post(desk, f"{here}/people", typed | {"person-agreed_how": "双方当面点头"})
    assert "不能自己来调" in post(desk, f"{here}/mediators", {"mediator-name": "金石开", "mediator-neutral": "y"}, 422)
    post(desk, f"{here}/mediators", {"mediator-name": "白长庚", "mediator-unit": "人才库", "mediator-neutral": "y"})
    post(desk, f"{here}/rights", {})
    return here


def talk(desk: Any, here: str, outcome: str = "near") -> None:
    day = (clock.today() - timedelta(1)).isoformat()
    post(desk, f"{here}/talks", {
        "talk-day": day, "talk-hour": "19:30", "talk-place": "调解室", "talk-present": "金石开\n木子李", "talk-outcome":
        outcome, "talk-words": "防水做坏了，楼上认",
    })  # fmt: skip


def test_m09_from_the_counter_to_closed(app: Any, browse: Any, count_queries: Any) -> None:
    zhao, boss, grid = browse(HOME, "zhao"), browse(HOME, "shuji"), browse(HOME, "xiaoli")
    here = intake(app, zhao)
    with app.app_context():
        talk(zhao, here)
        today, week = clock.today().isoformat(), (clock.today() + timedelta(7)).isoformat()
    matter_id = one(app, Matter).id
    terms = {"form": "written", "facts": "防水做坏了", "responsibility": "楼上负责", "term_who": seats(app)["b"],
             "term_what": "赔修顶棚", "term_pay": "2,600.00", "term_place": "调解室", "term_due": ""}  # fmt: skip
    assert 'value="赔修顶棚"' in post(zhao, f"{here}/agreements", terms, 422)
    post(zhao, f"{here}/agreements", terms | {"term_due": week})
    paper = one(app, Agreement)
    sign = {"sign-day": today, "how-mediator": "pen", f"how-{seats(app)['a']}": "fingerprint"}
    post(zhao, f"{here}/agreements/{paper.id}/signatures", sign)
    post(zhao, f"{here}/agreements/{paper.id}/signatures", {"sign-day": today, f"how-{seats(app)['b']}": "pen"})
    assert zhao.post(f"{here}/agreements/{paper.id}/seals", {}).status_code == 409
    assert zhao.get(f"{here}/agreement").status_code == 409
    assert "2,600.00" in text(boss.get(f"{here}/agreements/{paper.id}/seal"))
    post(boss, f"{here}/agreements/{paper.id}/seals", {})
    assert "卫生间渗漏" in said(zhao.get(f"{LIST}.xlsx"))
    assert one(app, Matter).stage == "implementing"
    papers(zhao, here, paper)
    with count_queries() as counted:
        zhao.get(here)
    assert len(counted) <= 10
    with count_queries() as counted:
        assert "正在履行" in text(zhao.get(LIST))
    assert len(counted) <= 6
    with count_queries() as counted:
        assert "去调解" in text(zhao.get(f"/desk/matters/{matter_id}"))
    assert len(counted) <= 8
    unseen(app, browse, matter_id, here)
    term = one(app, AgreementTerm)
    assert term.pay_fen == 260_000
    assert "2,600.00" in text(zhao.get(here))
    assert "看到什么" in post(zhao, f"{here}/terms/{term.id}/checks", {"day": today, "words": ""}, 422)
    post(zhao, f"{here}/terms/{term.id}/checks", {"day": today, "words": "收条看过了"})
    at = f"/desk/matters/{matter_id}"
    assert f"{at}/verification" in text(grid.get(at))
    looked_at = text(grid.get(f"{at}/verification"))
    assert "交上去" in looked_at
    assert "卫生间渗漏" not in looked_at
    post(grid, f"{at}/verifications", {"passed": "yes", "words": "钱收到了", "resident_name": "木子李"})
    assert one(app, Matter).stage == "reviewing"
    post(zhao, f"{at}/rating-rounds", {"source": "visit", "grade_5": "2"})
    post(zhao, f"{at}/visits", {"words": "不漏了，两家说话了", "reached": "2"})
    post(zhao, f"{at}/evaluations", {"words": "谈得成，也做到了"})
    post(zhao, f"{at}/closings", {"words": "都履行了，办结"})
    assert one(app, Matter).stage == "closed"
    assert "都履行了" in text(zhao.get(f"{LIST}?tab=performed"))
    assert "木子李" in text(zhao.get(f"{here}/file"))


def papers(desk: Any, here: str, paper: Agreement) -> None:
    """Every paper says what was agreed, and the Word files open."""
    for url in ("rights-notice", f"agreements/{paper.id}/paper", "file"):
        assert "木子李" in text(desk.get(f"{here}/{url}"))
    for url in (f"agreements/{paper.id}/paper.docx", "file.docx"):
        document = Document(io.BytesIO(desk.get(f"{here}/{url}").data))
        words = "\n".join(p.text for p in document.paragraphs)
        words += "\n".join(cell.text for table in document.tables for row in table.rows for cell in row.cells)
        assert all(one in words for one in (paper.number, "木子李", "金石开", "白长庚", "2,600元", "赔修顶棚"))


def said(answer: Any) -> str:
    """What a page, a feed or a workbook says."""
    if not answer.data.startswith(b"PK"):
        return answer.data.decode(errors="replace")
    with zipfile.ZipFile(io.BytesIO(answer.data)) as book:
        return html.unescape("".join(book.read(name).decode(errors="replace") for name in book.namelist()))


def open_doors(app: Any, face: str, matter_id: Any) -> list[tuple[str, Permission]]:
    """Every GET door of a face that needs nothing but the matter's id."""
    found = []
    for endpoint, (_site, door) in app.extensions["doors"].items():
        url = door.url.replace("<uuid:matter_id>", str(matter_id))
        if endpoint.startswith(f"{face}.") and door.method == "GET" and "<" not in url:
            found.append((url, door.permission))
    return found


def unseen(app: Any, browse: Any, matter_id: Any, here: str) -> None:
    """No page, list, feed, search or export outside its handlers says a word of it; the neighbour finds nothing."""
    everybody = [url for url, may in open_doors(app, "community", matter_id) if may in ANYONE]
    at_desk = [url for url, may in open_doors(app, "community", matter_id) if may in HELD[Role.AFFAIRS_SUPERVISOR]]
    assert min(len(everybody), len(at_desk)) >= 12
    street = ["/", "/overview", "/communities", "/communities/nanyandao", "/figures"]
    hidden = (*PRIVATE, "2,600", "卫生间渗漏")
    looks = [
        (browse(HOME), [*everybody, "/matters?q=防水", "/say/similar?words=防水坏了漏水"]),
        (browse(HOME, "yishi1"), ["/", "/matters", f"/matters/{matter_id}", "/me"]),
        (browse(HOME, "jiandu"), at_desk), (browse("", "zhuren"), street),
    ]  # fmt: skip
    for who, urls in looks:
        for url in urls:
            told = said(who.get(url))
            assert not [word for word in hidden if word in told], url
    at_street = text(browse("", "zhuren").get(f"/communities/nanyandao/matters/{matter_id}"))
    assert "一位当事人" in at_street
    assert not [word for word in (*hidden, "木某", "8888") if word in at_street]
    number = one(app, Matter).number
    assert all(number in text(who.get(f"/matters/{matter_id}")) for who, _urls in looks[:2])
    for who, status in ((looks[1][0], 403), (looks[2][0], 403), (browse(NEXT, "shuji"), 404)):
        for url in (here, f"{here}/file", f"{here}/file.docx", f"{here}/rights-notice"):
            assert who.get(url).status_code == status, url
    assert browse(NEXT, "shuji").post(f"{here}/rights", {}).status_code == 404


def test_an_accepted_quarrel_fails_and_the_three_routes_are_told(app: Any, browse: Any) -> None:
    boss = browse(HOME, "shuji")
    with inside(app, HOME):
        made = matter_at(
            "accepted", now=clock.now() - timedelta(1), title="大狗没拴", track="mediation", visibility="parties",
            triage="minor", level="grid", power="council", owner_id=staff("zhao").id, kind="individual",
        )  # fmt: skip
        matter_id = made.id
        db.session.commit()
    at = f"/desk/matters/{matter_id}"
    assert "大狗没拴" in text(boss.get(LIST))
    for list_of_topics in ("/desk/sittings/queue", "/desk/sittings/new"):
        assert "大狗没拴" in text(boss.get(list_of_topics))
        assert "大狗没拴" not in text(browse(HOME, "xiaoli").get(list_of_topics))
    assert f"{at}/mediation" in text(boss.get(at))
    post(boss, f"{at}/mediations", {"dispute": "狗咬了孩子", "applied_by": "both"})
    here = f"{LIST}/{one(app, Mediation).id}"
    assert boss.get(f"{at}/mediation").location.endswith(here)
    for side, name in (("a", "甲乙丙"), ("b", "丁戊己")):
        post(boss, f"{here}/people", {"person-side": side, "person-name": name})
    assert "还没定由谁来调" in post(boss, f"{here}/talks", {
        "talk-day": "2026-01-05", "talk-hour": "9:00", "talk-place": "x", "talk-present": "y", "talk-words": "z",
        "talk-outcome": "near",
    }, 422)  # fmt: skip
    ended = {"way": "failed", "reason": "价钱差太远", "closes": "y"}
    assert "三条路" in post(boss, f"{here}/endings", ended, 422)
    post(boss, f"{here}/endings", ended | {"told": "y"})
    assert one(app, Matter).stage == "terminated"
    assert "法院" in text(boss.get(here))
    assert boss.post(f"{here}/rights", {}).status_code == 409


@pytest.mark.parametrize("login", ["xiaoli", "jiandu", "sun"])
def test_only_the_office_writes(app: Any, browse: Any, login: str) -> None:
    assert browse(HOME, login).get(f"{LIST}/new").status_code == 403


def test_the_proposer_reads_what_was_settled_and_a_stranger_a_number(app: Any, browse: Any, count_queries: Any) -> None:
    resident, stranger = browse(HOME), browse(HOME)
    resident.post("/say", {"words": "楼上漏水，把我家顶棚泡了", "wish": "赔钱"})
    resident.post("/say/where", {"building": "none", "place": "3 号楼", "who": "self"})
    matter_id = resident.post("/say/check", {"truth": "y"}).location.rsplit("/", 1)[1]
    with inside(app, HOME):
        now, by = clock.now(), staff()
        matter = db.session.scalars(select(Matter).where(Matter.id == UUID(matter_id))).one()
        accept(matter, by=by, now=now, triage="minor", level="grid", owner_id=staff("zhao").id, power="council",
               category="neighbours", track="mediation")  # fmt: skip
        whole = seated(matter, now, by=by)
        hold_talk(whole, now, by=by)
        terms = [term_of(whole, "a", "赔修顶棚", 260_000, clock.today() + timedelta(7))]
        made = agreements.draft(whole(), Text("written", "漏水", "楼上负责"), terms, by=by, now=now)
        how = dict.fromkeys([*(str(one.id) for one in whole().here), "mediator"], "pen")
        agreements.sign(whole(), made.id, how, on=clock.today(), by=by, now=now)
        agreements.put_in_force(whole(), made.id, by=by, now=now)
        number = matter.number
        db.session.commit()
    with count_queries() as counted:
        page = text(resident.get(f"/matters/{matter_id}"))
    assert len(counted) <= 8
    assert all(word in page for word in ("说好的", "赔修顶棚", "2,600", "人调字第1号"))
    assert "金石开" not in page
    page = text(stranger.get(f"/matters/{matter_id}"))
    assert number in page
    assert not [word for word in ("赔修顶棚", "2,600", "顶棚", "调字") if word in page]
