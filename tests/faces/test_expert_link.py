"""One link, one matter: every state of it answers with the right page, and a guest sees one matter's rows and no other.

Two flows besides: from the hall's choice of an expert to the grade, and the street's own care for its pool.
"""

from __future__ import annotations

import io
import re
import threading
import zipfile
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

from openpyxl import load_workbook
from PIL import Image
from sqlalchemy import func, select, text
from sqlalchemy.exc import ProgrammingError

import app.models  # noqa: F401
from app import clock
from app.faces.jobs import talent as jobs
from app.flow.deliberate.models import AgendaItem, Attendance, Sitting
from app.matter.models import Attachment, Matter, TimelineEntry
from app.notices.models import Delivery, Message
from app.talent import actions, queries
from app.talent.models import Expert, ExpertRating, Invitation, InvitationKey, InvitationOpening, Opinion
from tenants.database import Base, db, uuid7
from tenants.hosts import find_site
from tenants.scope import Scope, bound
from tests import cast, harness
from tests.conftest import inside
from tests.rooms.stage_setting import expert_id, matter_at, staff
from tests.tenants.rows import row

BRIEF, TITLE = "涵洞一下雨就积水，断路二十年。", "铁路涵洞一下雨就积水"


def page(answer):
    return answer.get_data(as_text=True)


def jpeg():
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "teal").save(out, "JPEG")
    return out.getvalue()


def made(app, code="X12", **more):
    """An invitation on its way: (matter id, invitation id, secret)."""
    with inside(app, cast.HOME):
        now = clock.now()
        matter = matter_at("surveying", now=now, owner_id=staff().id)
        invitation, secret = actions.invite(
            matter, expert_id(code), brief=BRIEF, questions="先清淤还是先做泵站？", by=staff(), now=now, **more
        )
        db.session.commit()
        return matter.id, invitation.id, secret


def one(app, thing):
    with inside(app, cast.HOME):
        return db.session.scalar(thing)


def test_every_state_of_the_link_has_its_page(app, browse):
    """Guessed, edited, of another hall, previewed, replayed, forwarded, renewed, revoked, expired, asked for again."""
    _case, invitation, secret = made(app)
    stranger, expert = browse(), browse()

    def stands(link, status, words, who=stranger):
        answer = who.get(f"/x/{link}")
        assert (answer.status_code, words in page(answer)) == (status, True), (link, answer.status_code)
        if status != 200:
            assert "涵洞" not in page(answer)
        assert answer.headers["Cache-Control"] == "no-store"

    guess = f"{secret[:-1]}{'A' if secret[-1] != 'A' else 'B'}"
    for bad in ("x" * 32, guess, f"{secret}%00", "ABCD2345"):
        stands(bad, 404, "打不开" if "%00" not in bad else "")
    assert browse(cast.NEXT).get(f"/x/{secret}").status_code == 404
    assert browse(cast.NEXT).post(f"/x/{secret}/fresh-link").status_code == 404
    # A chat's preview looks three times, once without asking for the page; the link is as good as before.
    for _ in range(2):
        stands(secret, 200, "请您帮着看一件事")
    assert stranger.client.head(f"/x/{secret}", base_url=f"http://{stranger.host}").status_code == 200
    assert expert.post(f"/x/{secret}/acceptance").status_code == 303
    # The answer was lost on the way: the same browser taps again, or opens the link again, and is in.
    for again in (lambda: expert.post(f"/x/{secret}/acceptance"), lambda: expert.get(f"/x/{secret}")):
        expert.client.delete_cookie("yiqilai_guest", domain=expert.host, path="/x")
        assert expert.get("/x").status_code == 200
        assert TITLE not in page(expert.get("/x"))
        assert again().status_code == 303
        assert TITLE in page(expert.get("/x"))
    assert stranger.post(f"/x/{secret}/acceptance").status_code == 410
    # Replayed in the same browser it goes on, also in a second tab; forwarded it is shut.
    assert expert.get(f"/x/{secret}").status_code == 303
    assert TITLE in page(expert.get(f"/x?invitation={invitation}"))
    stands(secret, 410, "请社区再给我一个")
    stands(secret.code, 410, "已经用过了")
    # Asking leaves one note for the hall, and never shows anything.
    for told in ("跟社区说过了", "已经跟社区说过了"):
        answer = stranger.post(f"/x/{secret}/fresh-link")
        assert (answer.status_code, told in page(answer), secret.code in page(answer)) == (200, True, False)
    notes = select(func.count()).where(TimelineEntry.verb == "expert_asks_again")
    assert one(app, notes) == 1
    worker = browse(cast.HOME, "zhao")
    assert "请您再给一个链接" in page(worker.get(f"/desk/invitations/{invitation}"))
    # A draft survives the fresh link, the old cookie does not.
    assert expert.post("/x/draft", {"invitation": str(invitation), "words": "先清淤。"}).status_code == 303
    shown = page(_follow(worker, worker.post(f"/desk/invitations/{invitation}/renewal")))
    fresh = re.search(r'value="http://[^"/]+/x/([^"]+)"', shown)[1]
    assert expert.get(f"/x?invitation={invitation}").status_code == 410
    stands(secret, 410, "收回了")
    assert stranger.post(f"/x/{fresh}/acceptance").status_code == 303
    assert "先清淤。" in page(stranger.get("/x"))
    assert one(app, select(Invitation.answered_at)) == one(app, select(InvitationKey.spent_at).order_by(
        InvitationKey.spent_at.asc().nulls_last()
    ))  # fmt: skip
    worker.post(f"/desk/invitations/{invitation}/revocation")
    assert stranger.get("/x").status_code == 410
    assert "请社区再给我一个" not in page(browse().get(f"/x/{fresh}"))
    with inside(app, cast.HOME):
        seen = set(db.session.scalars(select(InvitationOpening.outcome)))
    assert seen == {"open", "preview", "working", "spent", "revoked"}
    _case, _late, late = made(app)
    clock.advance(app, timedelta(hours=73))
    stands(late, 410, "请社区再给我一个")
    assert "到期了" in page(browse().get(f"/x/{late}"))


def _follow(who, answer):
    assert answer.status_code == 303, page(answer)
    return who.get(answer.headers["Location"])


def test_a_guest_reads_every_table_and_sees_one_matter(app, superuser):
    """As ``cm_guest``, through the guest's own engine: every table is asked for all its rows, and every table holds
    a row of the same hall that is none of the guest's business."""
    case, invitation, secret = made(app)
    with inside(app, cast.HOME) as site:
        hall, street = site.community_id, site.street_id
        db.session.add(
            Attachment(
                matter_id=case, kind="expert_photo", media_type="image/jpeg", size=1, sha256="0",
                created_at=clock.now(), about="expert", about_id=invitation,
            )
        )  # fmt: skip
        db.session.commit()
    with superuser.begin() as conn:
        # Rows without their parents: what is tried here is sight alone.
        conn.execute(text("set local session_replication_role = replica"))
        for table in Base.metadata.sorted_tables:
            if table.name not in ("street", "community"):
                conn.execute(table.insert(), row(table, street=street, community=hall, row_id=uuid7()))
    with app.app_context():
        scope = Scope("guest", street=street, community=hall, case=case, invitation=invitation,
                      key=actions.fingerprint(secret))  # fmt: skip
        with bound(scope):
            key = queries.key_behind(actions.fingerprint(secret))
            actions.log_opening(invitation, "open", now=clock.now())
            actions.accept(key, *queries.opened_by(key), now=clock.now())
            db.session.commit()
            seen, shut = _read_everything()
            assert db.session.scalars(select(Matter.id)).all() == [case]
            assert set(db.session.scalars(select(TimelineEntry.matter_id))) == {case}
            db.session.remove()
    assert seen == {
        "street": 1, "community": 1, "matter": 1, "invitation": 1, "invitation_key": 1, "invitation_opening": 1,
        "attachment": 1, "timeline": 2, "option": 0, "opinion": 0, "opinion_draft": 0, "expert_sign_in": 0,
        # The owner of a task is a guest too; this guest's key and invitation name none of their rows.
        **dict.fromkeys(TASK_TABLES, 0),
    }  # fmt: skip
    assert len(seen) + len(shut) == len(Base.metadata.tables)
    assert {"person", "account", "proposal", "expert", "expert_contact", "attendance", "sitting"} <= shut
    with superuser.connect() as conn:
        held = {name: conn.execute(select(func.count()).select_from(table)).scalar()
                for name, table in Base.metadata.tables.items()}  # fmt: skip
    assert min(held.values()) >= 1
    assert held["matter"] == held["invitation"] == held["attachment"] == 2


TASK_TABLES = ("commitment", "progress_note", "extension_request", "task_link")


def _read_everything():
    seen, shut = {}, set()
    for name, table in sorted(Base.metadata.tables.items()):
        try:
            with db.session.begin_nested():
                seen[name] = db.session.scalar(select(func.count()).select_from(table))
        except ProgrammingError as error:
            assert "permission denied" in str(error)
            shut.add(name)
    assert db.session.scalar(text("select current_user")) == "cm_guest"
    return seen, shut


def test_from_the_choice_to_the_grade(app, browse, count_queries, monkeypatch):
    """Who fits, a picture in the letter, the sitting; two tabs write; the expert signs in; the hall grades."""
    with inside(app):
        db.session.scalar(select(Expert).where(Expert.code == "X12")).specialties = ["涵洞", "积水"]
        db.session.scalar(select(Expert).where(Expert.code == "X08")).barred_in = [_home(app)]
        db.session.commit()
    with inside(app, cast.HOME):
        now = clock.now()
        matter = matter_at("surveying", now=now, owner_id=staff().id)
        meeting = Sitting(number="NYD-HY-2026-001", kind="council", title="板凳会", starts_at=now + timedelta(hours=1),
                          place="议事屋", base=17, state="noticed", noticed_at=now, created_at=now)  # fmt: skip
        db.session.add(meeting)
        db.session.flush()
        db.session.add(AgendaItem(sitting_id=meeting.id, matter_id=matter.id, position=1))
        db.session.commit()
        case, at = matter.id, meeting.id
    worker, expert = browse(cast.HOME, "zhao"), browse()
    with count_queries() as seen:
        form = page(worker.get(f"/desk/matters/{case}/invitations/new"))
    assert len(seen) <= 9, seen
    assert "对口：涵洞、积水" in form
    assert re.search(r"还有 1 位眼下不能请.*高明理.*在本社区要回避", form, re.S)
    with inside(app):
        good, kin = expert_id("X12"), expert_id("X08")
    letter = {"expert": str(good), "brief": BRIEF, "hours": "72", "questions": "先清淤还是先做泵站？",
              "once": str(uuid7()), "by_way": "sms", "sitting": str(at)}  # fmt: skip
    barred = {**letter, "expert": str(kin)}
    assert worker.post(f"/desk/matters/{case}/invitations", barred).status_code == 422
    desk = worker.post(f"/desk/matters/{case}/invitations", letter).headers["Location"]
    shown = page(worker.get(desk))
    message = re.search(r'id="sms"[^>]*>([^<]+)<', shown)[1]
    assert len(message) <= 70
    assert "短信未配置" in shown
    secrets = dict(re.findall(r'name="(token|code)" value="([^"]+)"', shown))
    paper = zipfile.ZipFile(io.BytesIO(worker.post(f"{desk}/letter", secrets).data)).read("word/document.xml").decode()
    assert f"{secrets['code'][:4]} {secrets['code'][4:]}" in paper
    assert worker.post(f"{desk}/letter", {**secrets, "code": "ABCD2345"}).status_code == 409
    _send_by_gateway(app, worker, desk, shown, monkeypatch)
    invitation = one(app, select(Invitation.id))
    sent = {"photos": (io.BytesIO(jpeg()), "a.jpg"), "caption": "涵洞口"}
    assert worker.post(f"{desk}/papers", sent, content_type="multipart/form-data").status_code == 409
    sent = {"photos": (io.BytesIO(jpeg()), "a.jpg"), "caption": "涵洞口", "checked": "1"}
    assert worker.post(f"{desk}/papers", sent, content_type="multipart/form-data").status_code == 303
    picture = f"/x/{invitation}/pictures/{one(app, select(Attachment.id))}"
    assert expert.get(picture).status_code == 404
    code = re.search(r"邀请码 ?([0-9A-Z]{8})|输 ?([0-9A-Z]{8})", message)
    typed = expert.post("/x/code", {"code": code[1] or code[2]}).headers["Location"]
    assert "涵洞口" not in page(expert.get(typed))
    expert.post(f"{typed}/acceptance")
    with count_queries() as seen:
        mine = page(expert.get("/x"))
    assert len(seen) <= 14, len(seen)
    assert "涵洞口" in mine
    assert expert.get(picture).status_code == 200
    assert browse().get(picture).status_code == 404
    _two_tabs(app, expert, invitation)
    assert expert.post("/x/sign-in", {"invitation": str(invitation)}).status_code == 303
    assert expert.post("/x/sign-in", {"invitation": str(invitation)}).status_code == 303
    assert worker.post(f"{desk}/register-lines").status_code == 303
    line = one(app, select(Attendance).where(Attendance.name == "陈工"))
    assert (line.state, line.counts, line.capacity) == ("present", False, "工程专家")
    assert worker.post(f"{desk}/rating", {"grade": "5"}).status_code == 409
    expert.post("/x/opinion", {"invitation": str(invitation), "words": "先清淤，再做泵站。", "sign": "name"})
    assert "您签到了" in page(expert.get("/x"))
    assert one(app, select(func.count()).select_from(Opinion)) == 1
    low = worker.post(f"{desk}/rating", {"grade": "1", "words": " "})
    assert (low.status_code, "差在哪儿" in page(low)) == (422, True)
    assert worker.post(f"{desk}/rating", {"grade": "1", "words": "没说到点上"}).status_code == 303
    assert worker.post(f"{desk}/rating", {"grade": "5", "words": ""}).status_code == 409
    assert one(app, select(ExpertRating.grade)) == 1
    neighbour = browse(cast.NEXT, "zhao")
    for act in ("rating", "papers", "sitting", "register-lines", "renewal"):
        assert neighbour.post(f"{desk}/{act}", {"grade": "5"}).status_code == 404, act


def _send_by_gateway(app, worker, desk, shown, monkeypatch):
    """Not configured nothing is sent; with a gateway once, and of number and code only masks are kept."""
    code = re.search(r'name="code" value="([^"]+)"', shown)[1]
    sms = {"code": code, "phone": "139 0013 9000"}
    assert worker.post(f"{desk}/text-messages", sms).status_code == 409
    for name, value in {
        "SMS_URL": "http://127.0.0.1:9/",
        "SMS_KEY": "k",
        "SMS_SIGN": "中街",
        "SMS_TEMPLATE": "T",
    }.items():
        monkeypatch.setitem(app.config, name, value)
    assert worker.post(f"{desk}/text-messages", {**sms, "phone": "12"}).status_code == 303
    # Nobody listens there, so surely nothing went out and no delivery is on record.
    assert worker.post(f"{desk}/text-messages", sms).status_code == 303
    assert "没发成" in page(worker.get(desk))
    assert one(app, select(func.count()).select_from(Delivery)) == 0
    with GatewayOnce() as gateway:
        monkeypatch.setitem(app.config, "SMS_URL", gateway.url)
        assert worker.post(f"{desk}/text-messages", sms).status_code == 303
        assert worker.post(f"{desk}/text-messages", sms).status_code == 409
    assert len(gateway.asked) == 1
    assert code in gateway.asked[0]
    assert "http" not in gateway.asked[0]
    kept = one(app, select(Delivery))
    assert (kept.state, kept.to_masked, code in kept.words) == ("sent", "139****9000", False)
    assert "139****9000" in one(app, select(TimelineEntry.words).where(TimelineEntry.verb == "expert_text").order_by(
        TimelineEntry.at.desc(), TimelineEntry.seq.desc()
    ))  # fmt: skip
    for name in ("SMS_URL", "SMS_KEY", "SMS_SIGN", "SMS_TEMPLATE"):
        monkeypatch.setitem(app.config, name, "")


class GatewayOnce:
    """A gateway on this machine that takes whatever comes and remembers it."""

    def __enter__(self):
        self.asked = asked = []

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                asked.append(self.rfile.read(int(self.headers["Content-Length"])).decode())
                body = b'{"code": "ok", "id": "g1"}'
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_parts):
                """Nothing is said."""

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_parts):
        self.server.shutdown()
        self.server.server_close()


def _home(app):
    return find_site(app, harness.BASE, cast.HOME).community_id


def _two_tabs(app, expert, invitation):
    """The second tab never overwrites silently: it is shown both texts, and only then its own is kept."""
    base = {"invitation": str(invitation), "sign": "profession"}
    json = {"Accept": "application/json"}
    first = expert.post("/x/draft", {**base, "words": "第一个窗口", "seen": ""}, headers=json)
    seen = first.get_json()["seen"]
    lost = expert.post("/x/draft", {**base, "words": "第二个窗口", "seen": ""}, headers=json)
    assert (lost.status_code, lost.get_json()["other"]) == (409, "第一个窗口")
    # Nothing stands below where the script speaks.
    assert "下面" not in lost.get_json()["problem"]
    both = expert.post("/x/draft", {**base, "words": "第二个窗口", "seen": ""})
    assert both.status_code == 409
    assert "第一个窗口" in page(both)
    assert "第二个窗口" in page(both)
    handed = expert.post("/x/opinion", {**base, "words": "第二个窗口", "seen": ""})
    assert (handed.status_code, "第一个窗口" in page(handed)) == (409, True)
    assert expert.post("/x/draft", {**base, "words": "第二个窗口", "seen": seen}).status_code == 303
    draft = re.search(r'name="words"[^>]*>([^<]*)<', page(expert.get("/x")))[1]
    assert draft == "第二个窗口"
    assert expert.post("/x/draft", {**base, "words": "长" * 5001, "seen": seen}).status_code == 422
    assert one(app, select(func.count()).select_from(Opinion)) == 0


def test_silence_is_reminded_once_and_somebody_else_is_offered(app, browse):
    """The clock: a reminder a day before, silence at the end, the next best instead; the street counts the load."""
    case, invitation, _secret = made(app)
    with inside(app):
        jobs.count_load()
        db.session.commit()
        assert db.session.scalar(select(Expert.open_now).where(Expert.code == "X12")) == 1
    for hours, told in ((10, 0), (40, 1), (1, 1), (25, 2), (1, 2)):
        clock.advance(app, timedelta(hours=hours))
        with inside(app, cast.HOME):
            jobs.tend()
            db.session.commit()
        verbs = TimelineEntry.verb.in_(("expert_reminder", "expert_silent"))
        assert one(app, select(func.count()).where(verbs)) == told, hours
    with inside(app, cast.HOME):
        found = db.session.scalars(select(Message.words).where(Message.words.contains("邀请"))).all()
        assert any("请提醒陈工老师" in words for words in found)
        assert db.session.scalar(select(Invitation.silent_at)) is not None
    with inside(app):
        jobs.count_load()
        db.session.commit()
        assert db.session.scalar(select(Expert.open_now).where(Expert.code == "X12")) == 0
    worker = browse(cast.HOME, "zhao")
    assert "另请一位" in page(worker.get(f"/desk/matters/{case}?tab=help"))
    assert "高明理" in page(worker.get(f"/desk/invitations/{invitation}"))
    form = page(worker.get(f"/desk/matters/{case}/invitations/new?replaces={invitation}"))
    best = re.search(r'name="expert"[^>]*value="([^"]+)"', form)[1]
    assert BRIEF in form
    letter = {"expert": best, "brief": BRIEF, "questions": "?", "hours": "72", "replaces": str(invitation)}
    assert worker.post(f"/desk/matters/{case}/invitations", letter).status_code == 303
    assert one(app, select(Invitation.replaces_id).where(Invitation.id != invitation)) == invitation
    assert one(app, select(Invitation.state).where(Invitation.id == invitation)) == "revoked"


def test_the_street_keeps_its_pool(app, browse):
    """Proposed by a hall, taken in, found, put into a sheet, merged with its double; refused with a reason."""
    worker, keeper, looker = browse(cast.HOME, "zhao"), browse("", "guanli"), browse("", "zhuren")
    proposal = {
        "name": "郑师傅",
        "profession": "工程",
        "skill": "给排水",
        "why": "修了三十年水管",
        "phone": "138 0000 0001",
    }
    refused = worker.post("/desk/experts/suggestions", proposal)
    assert (refused.status_code, "郑师傅" in page(refused)) == (422, True)
    proposal |= {"consent": "y", "once": str(uuid7())}
    for field, typed in (("phone", "找门卫"), ("skill", " "), ("why", "长" * 501), ("organisation", "长" * 201)):
        answer = worker.post("/desk/experts/suggestions", proposal | {field: typed})
        assert (answer.status_code, f'href="#{field}"' in page(answer)) == (422, True), field
    for _ in range(2):
        assert worker.post("/desk/experts/suggestions", proposal).status_code == 303
    assert browse(cast.HOME, "xiaoli").get("/desk/experts").status_code == 403
    listed = page(keeper.get("/pool/suggestions"))
    url = re.search(r'href="(/pool/suggestions/[0-9a-f-]+)"', listed)[1]
    assert listed.count(">郑师傅</a>") == 1
    assert looker.get(url).status_code == 403
    assert keeper.post(f"{url}/refusal", {"words": ""}).status_code == 422
    taken = keeper.post(f"{url}/approval", {
        **proposal, "code": "X31", "specialties": "给排水、下水管", "weekdays": ["2"], "most_open": "2",
        "barred_in": [str(_home(app))],
    })  # fmt: skip
    assert taken.status_code == 303, page(taken)
    assert keeper.post(f"{url}/refusal", {"words": "晚了"}).status_code in (409, 422)
    mine = page(worker.get("/desk/experts"))
    assert "进了人才库" in mine
    assert "在本社区要回避" in mine
    assert "0001" not in mine.replace("8555 0118", "")
    assert "138****0001" in page(looker.get("/pool"))
    assert "138 0000 0001" not in page(looker.get(taken.headers["Location"]))
    assert "138 0000 0001" in page(keeper.get(taken.headers["Location"]))
    keeper.post(
        "/pool", {"code": "X32", "name": "郑师傅", "profession": "工程", "skill": "水管", "conflicts": "住三号院"}
    )
    with inside(app):
        kept, double = (db.session.scalar(select(Expert.id).where(Expert.code == code)) for code in ("X31", "X32"))
    with inside(app, cast.HOME):
        asked = actions.invite(matter_at("surveying", now=clock.now()), double, brief="甲", questions="?", by=staff(),
                               now=clock.now())[0]  # fmt: skip
        db.session.commit()
        before = (asked.id, asked.expert_id)
    assert "并进" in page(keeper.get(f"/pool/{kept}/merger?other={double}"))
    for _ in range(2):
        assert keeper.post(f"/pool/{kept}/merger", {"other": str(double)}).status_code == 303
    assert looker.post(f"/pool/{kept}/merger", {"other": str(double)}).status_code == 403
    with inside(app):
        records = {expert.code: load for expert, load, _phone in queries.pool()}
    assert "X32" not in records
    assert records["X31"].asked == 1
    with inside(app, cast.HOME):
        still = db.session.scalar(select(Invitation).where(Invitation.id == before[0]))
        assert (still.id, still.expert_id) == before
        assert {one.before for one in queries.candidates(still.matter_id) if one.id == kept} == {"sent"}
    sheet = load_workbook(io.BytesIO(keeper.get("/pool/sheet?q=给排水").data)).active
    assert [row[0].value for row in sheet.iter_rows(min_row=2)] == ["X31"]
    assert keeper.get("/pool?state=suspended").status_code == 200
