"""The privacy desk: a notice in versions, consents that can be taken back, and requests that are answered."""

from __future__ import annotations

import json
import re
from io import BytesIO
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import select

from app import clock
from app.flow.collect import actions
from app.flow.collect.models import Proposal
from app.flow.collect.rules import Saying
from app.matter import privacy_requests as requests
from app.matter.models import Matter
from app.people.consents import give_consent
from app.people.models import Account, ChangeLog, Person
from app.people.privacy import Consent, Look, PrivacyNotice, PrivacyRequest
from app.people.secrets import unseal
from tenants.database import db
from tests import cast
from tests.conftest import inside
from tests.rooms.people import RESIDENT, WORDS

NOTICE = "电话｜告诉您进展｜办结一年｜经手的人\n不写电话也一样办。"


def text(answer: Any) -> str:
    return answer.get_data(as_text=True)


def join(browse: Any, name: str = "王桂兰") -> Any:
    browser = browse(cast.HOME)
    answer = browser.post("/join", {"name": name, "title": "女士", "code": cast.HOUSEHOLD_CODE, "adult": "y"})
    assert answer.status_code == 303
    return browser


def hand_in(app: Any, person_id: Any = None, **more: Any) -> tuple[Any, Any, str]:
    """A matter of 王桂兰: its id, hers, and the tracking code."""
    with inside(app, cast.HOME):
        own = (
            {"words": WORDS}
            if person_id
            else {"words": WORDS, "name": "王桂兰", "title_of_address": "女士", "phone": "13800001234"}
        )
        saying = Saying(title="装几组晾衣架", place="3 号楼门口", person_id=person_id, **(own | more))
        done = actions.submit(saying, by=RESIDENT, now=clock.now())
        db.session.flush()
        person = db.session.scalar(select(Proposal.person_id).where(Proposal.matter_id == done.matter.id))
        db.session.commit()
        return done.matter.id, person, done.code


def one(app: Any, model: Any, *conditions: Any) -> Any:
    with inside(app, cast.HOME):
        found = db.session.scalars(select(model).where(*conditions)).all()
        db.session.expunge_all()
        assert len(found) == 1, found
        return found[0]


def ask(browser: Any, **more: Any) -> Any:
    once = re.search(r'name="once"[^>]*value="([^"]+)"', text(browser.get("/privacy-requests")))[1]
    return browser.post("/privacy-requests", {"kind": "see", "once": once} | more)


def asked_by_code(app: Any, browse: Any, kind: str, **more: Any) -> PrivacyRequest:
    _matter, _person, code = hand_in(app)
    assert ask(browse(), kind=kind, code=code, **more).status_code == 303
    return one(app, PrivacyRequest)


# --- the notice


def test_the_first_notice_is_a_list_of_what_why_how_long_and_who(app, browse):
    page = text(browse().get("/privacy"))
    for words in ("收什么", "做什么用", "存多久", "谁看得到", "最早的一版"):
        assert words in page


def test_a_new_notice_is_looked_at_first_and_never_replaces_the_old_one(app, browse):
    secretary = browse(cast.HOME, "shuji")
    assert "电话" in text(secretary.get("/desk/privacy-notice"))
    shown = secretary.post("/desk/privacy-notice", {"words": NOTICE})
    assert shown.status_code == 200
    assert "贴出去是这个样子" in text(shown)
    assert "经手的人" not in text(browse().get("/privacy"))
    for words in (NOTICE, NOTICE + "\n再添一句。"):
        assert secretary.post("/desk/privacy-notice", {"words": words, "act": "publish"}).status_code == 303
    page = text(browse().get("/privacy"))
    assert "第 2 版" in page
    assert "再添一句。" in page
    assert "再添一句。" not in text(browse().get("/privacy/versions/1"))
    assert browse().get("/privacy/versions/0").status_code == 200
    assert browse().get("/privacy/versions/3").status_code == 404
    assert browse(cast.NEXT).get("/privacy/versions/1").status_code == 404


@pytest.mark.parametrize(
    "words", ["", "只有一句话", "电话｜告诉您进展｜办结一年", "电话｜｜办结一年｜经手的人", "字" * 5001]
)
def test_an_incomplete_notice_is_kept_in_the_form(app, browse, words):
    answer = browse(cast.HOME, "shuji").post("/desk/privacy-notice", {"words": words, "act": "publish"})
    assert answer.status_code == 422
    assert words[:100] in text(answer)
    with inside(app, cast.HOME):
        assert db.session.scalars(select(PrivacyNotice)).all() == []


def test_only_the_secretary_writes_the_notice_and_the_months(app, browse):
    worker = browse(cast.HOME, "zhao")
    for url in ("/desk/privacy-notice", "/desk/retention"):
        assert worker.get(url).status_code == 403
        assert worker.post(url, {"words": NOTICE, "act": "publish"}).status_code == 403


# --- consents


def test_a_name_once_public_is_masked_as_soon_as_it_is_taken_back(app, browse):
    resident = join(browse)
    account = one(app, Account, Account.kind == "resident")
    with inside(app, cast.HOME):
        person = db.session.get(Person, (account.community_id, account.person_id))
        person.name_public = True
        give_consent("name_public", by=RESIDENT, now=clock.now(), person_id=person.id)
        db.session.commit()
    assert "收回，不再公开" in text(resident.get("/me/data"))
    assert resident.post("/me/consent-withdrawals", {"about": "name_public"}).status_code == 303
    assert one(app, Person, Person.id == account.person_id).name_public is False
    assert "收回，不再公开" not in text(resident.get("/me/data"))
    assert resident.post("/me/consent-withdrawals", {"about": "name_public"}).status_code == 303
    with inside(app, cast.HOME):
        assert len(db.session.scalars(select(Consent).where(Consent.about == "name_public")).all()) == 2
    assert resident.post("/me/consent-withdrawals", {"about": "guardian"}).status_code == 409
    desk = text(browse(cast.HOME, "zhao").get("/desk/consents?about=name_public"))
    assert "王女士" in desk
    assert "桂兰" not in desk
    assert "收回了" in desk


def test_consents_are_a_bounded_list(app, browse, count_queries):
    worker = browse(cast.HOME, "zhao")
    with inside(app, cast.HOME):
        for _ in range(25):
            give_consent("notice", by=RESIDENT, now=clock.now())
        db.session.commit()
    worker.get("/desk/consents")
    with count_queries() as seen:
        assert worker.get("/desk/consents").status_code == 200
    assert len(seen) <= 6, seen


# --- requests


def test_a_resident_sees_and_takes_everything_at_once(app, browse):
    resident = join(browse)
    account = one(app, Account, Account.kind == "resident")
    hand_in(app, person_id=account.person_id)
    assert WORDS in text(resident.get("/me/data"))
    told = json.loads(resident.get("/me/data.json").get_data())
    assert told["parts"]["说过的事"][0]["原话"] == WORDS
    book = load_workbook(BytesIO(resident.get("/me/data.xlsx").get_data()))
    assert WORDS in [cell.value for row in book["说过的事"] for cell in row]
    assert browse(cast.HOME, "shuji").get("/me/data").status_code == 403
    assert browse().get("/me/data.json").status_code == 302


def test_a_typed_formula_stays_text(app, browse):
    resident = join(browse)
    account = one(app, Account, Account.kind == "resident")
    hand_in(app, person_id=account.person_id, words="=HYPERLINK(1) 这是一段足够长的话")
    book = load_workbook(BytesIO(resident.get("/me/data.xlsx").get_data()))
    cells = [cell for sheet in book for row in sheet for cell in row if "HYPERLINK" in str(cell.value)]
    assert cells
    assert all(cell.data_type == "s" and cell.value.startswith("'") for cell in cells)


def test_a_request_needs_somebody_it_is_about(app, browse):
    nobody = browse()
    answer = ask(nobody, words="请删掉", phone="13900005678", kind="delete")
    assert answer.status_code == 422
    assert "请删掉" in text(answer)
    assert ask(nobody, code="000 000 000 000").status_code == 422
    assert ask(nobody, kind="correct", words="").status_code == 422
    assert ask(nobody, kind="nonsense").status_code == 422
    _matter, _person, code = hand_in(app)
    assert ask(nobody, code=code, phone="123").status_code == 422
    with inside(app, cast.HOME):
        assert db.session.scalars(select(PrivacyRequest)).all() == []


def test_a_code_is_enough_and_a_second_click_the_same_request(app, browse):
    _matter, person, code = hand_in(app)
    browser = browse()
    once = re.search(r'name="once"[^>]*value="([^"]+)"', text(browser.get("/privacy-requests")))[1]
    form = {"kind": "see", "once": once, "code": code, "phone": "139 0000 5678"}
    first, second = browser.post("/privacy-requests", form), browser.post("/privacy-requests", form)
    assert first.status_code == second.status_code == 303
    assert first.headers["Location"] == second.headers["Location"]
    asked = one(app, PrivacyRequest)
    assert asked.person_id == person
    assert re.fullmatch(r"隐\d{4}-001", asked.number)
    assert (clock.local(asked.due_at).date() - clock.local(asked.asked_at).date()).days >= 15
    assert "13900005678" not in str(asked.contact_sealed)
    assert asked.number in text(browser.get(first.headers["Location"]))
    assert browse().get(first.headers["Location"]).status_code == 404
    assert (
        browse().post("/privacy-requests", form | {"kind": "export"}).headers["Location"] != first.headers["Location"]
    )


def test_the_desk_opens_the_data_only_for_somebody_recognised_and_leaves_a_row(app, browse):
    asked = asked_by_code(app, browse, "see")
    worker = browse(cast.HOME, "zhao")
    assert asked.number in text(worker.get("/desk/privacy"))
    url = f"/desk/privacy-requests/{asked.id}"
    page = text(worker.get(url))
    assert "王女士" in page
    assert "桂兰" not in page
    assert worker.post(f"{url}/data", {}).status_code == 422
    opened = worker.post(f"{url}/data", {"recognised": "y"})
    assert opened.headers["Cache-Control"] == "no-store"
    assert "王桂兰" in text(opened)
    assert worker.post(f"{url}/data", {"recognised": "y", "format": "json"}).mimetype == "application/json"
    with inside(app, cast.HOME):
        looks = db.session.scalars(select(Look)).all()
        assert {(look.subject, look.viewer_label, look.person_id) for look in looks} == {
            ("export", "赵师傅", asked.person_id)
        }
    assert worker.post(f"{url}/handing-over", {"recognised": "y"}).status_code == 303
    assert worker.post(f"{url}/handing-over", {"recognised": "y"}).status_code == 422
    assert one(app, PrivacyRequest).state == "done"


def test_a_correction_changes_the_person_and_its_log_keeps_no_value(app, browse):
    asked = asked_by_code(app, browse, "correct", words="电话错了")
    worker, url = browse(cast.HOME, "zhao"), f"/desk/privacy-requests/{asked.id}"
    fixed = {"name": "王桂蓝", "title": "女士", "phone": "13911112222", "recognised": "y"}
    assert worker.post(f"{url}/correction", fixed | {"phone": "123"}).status_code == 422
    assert worker.post(f"{url}/correction", fixed).status_code == 303
    person = one(app, Person, Person.id == asked.person_id)
    assert (person.name, unseal_in(app, person)) == ("王桂蓝", "13911112222")
    line = one(app, ChangeLog, ChangeLog.subject == "person")
    assert (line.before, line.after) == ("", "name phone")


def unseal_in(app: Any, person: Person) -> str:
    with app.app_context():
        return unseal(person.phone_sealed)


def test_a_refusal_says_why_to_the_person(app, browse):
    asked = asked_by_code(app, browse, "delete")
    worker, url = browse(cast.HOME, "zhao"), f"/desk/privacy-requests/{asked.id}"
    assert worker.post(f"{url}/refusal", {"reason": "  "}).status_code == 422
    assert worker.post(f"{url}/refusal", {"reason": "名字和电话都对不上"}).status_code == 303
    done = one(app, PrivacyRequest)
    assert (done.state, done.outcome) == ("refused", "名字和电话都对不上")
    assert worker.get(f"{url}/erasure").status_code == 409


def test_erasing_says_what_stays_and_leaves_nobody_behind(app, browse):
    resident = join(browse)
    account = one(app, Account, Account.kind == "resident")
    matter_id, _person, _code = hand_in(app, person_id=account.person_id)
    assert ask(resident, kind="delete").status_code == 303
    asked = one(app, PrivacyRequest)
    worker, url = browse(cast.HOME, "zhao"), f"/desk/privacy-requests/{asked.id}/erasure"
    page = text(worker.get(url))
    for words in ("删掉的", "留下的，和为什么", "说过的事", "第三十九条"):
        assert words in page
    assert worker.post(url, {}).status_code == 422
    assert one(app, Person, Person.id == account.person_id).name == "王桂兰"
    assert worker.post(url, {"recognised": "y"}).status_code == 303
    person = one(app, Person, Person.id == account.person_id)
    assert (person.name, person.title, person.phone_sealed, person.phone_index, person.household_id) == (
        "", "", None, None, None
    )  # fmt: skip
    gone = one(app, Account, Account.id == account.id)
    assert gone.disabled_at is not None
    assert gone.person_id is None
    assert "王" not in gone.display_name
    assert gone.login != account.login
    said = one(app, Proposal, Proposal.matter_id == matter_id)
    assert (said.person_id, said.words) == (None, WORDS)
    assert resident.get("/me/data").status_code == 302
    assert worker.post(url, {"recognised": "y"}).status_code == 409


def test_nothing_of_a_name_is_left_in_any_table_after_erasing(app, browse, superuser):
    """Whatever table comes to hold a resident's name or phone: after an erasure none of them does."""
    resident = join(browse, "欧阳翠花")
    account = one(app, Account, Account.kind == "resident")
    hand_in(app, person_id=account.person_id)
    assert ask(resident, kind="delete", phone="13977778888").status_code == 303
    asked = one(app, PrivacyRequest)
    url = f"/desk/privacy-requests/{asked.id}/erasure"
    assert browse(cast.HOME, "zhao").post(url, {"recognised": "y"}).status_code == 303
    with superuser.connect() as conn:
        for table in db.metadata.sorted_tables:
            rows = conn.exec_driver_sql(
                f"select t::text from {table.name} t where t::text ~ '翠花' or t::text ~ '13977778888'"
            ).all()
            assert rows == [], table.name


def test_staff_write_a_request_down_and_ask_which_of_a_family(app, browse):
    matter_id, person, _code = hand_in(app)
    _other, brother, _code = hand_in(app, name="王建国", title_of_address="先生")
    number = one(app, Matter, Matter.id == matter_id).number
    worker = browse(cast.HOME, "zhao")
    form = {"kind": "see", "channel": "counter", "words": "想看看"}
    assert worker.post("/desk/privacy-requests", form).status_code == 422
    asked_which = worker.post("/desk/privacy-requests", form | {"phone": "13800001234"})
    assert asked_which.status_code == 422
    assert str(brother) in text(asked_which)
    assert "想看看" in text(asked_which)
    assert worker.post("/desk/privacy-requests", form | {"number": number}).status_code == 303
    assert one(app, PrivacyRequest).person_id == person
    assert worker.post("/desk/privacy-requests", form | {"number": number}).status_code == 422
    both = form | {"phone": "13800001234", "person": str(brother)}
    assert worker.post("/desk/privacy-requests", both).status_code == 303


def test_the_queue_shows_what_is_due_first_in_few_statements(app, browse, count_queries):
    with inside(app, cast.HOME):
        now = clock.now()
        for n in range(22):
            requests.ask("see", by=RESIDENT, now=now, person_id=None, words=str(n))
        db.session.commit()
    worker = browse(cast.HOME, "zhao")
    worker.get("/desk/privacy")
    with count_queries() as seen:
        assert worker.get("/desk/privacy").status_code == 200
    assert len(seen) <= 6, seen


@pytest.mark.parametrize("login", ["xiaoli", "sun", "jiandu", "yishi1"])
def test_the_desk_is_the_office_s(app, browse, login):
    assert browse(cast.HOME, login).get("/desk/privacy").status_code == 403
    assert browse(cast.HOME, login).get("/desk/consents").status_code == 403


def test_the_neighbour_finds_no_request_of_ours(app, browse):
    asked = asked_by_code(app, browse, "delete")
    next_door, url = browse(cast.NEXT, "shuji"), f"/desk/privacy-requests/{asked.id}"
    assert next_door.get(url).status_code == 404
    for act in ("data", "handing-over", "correction", "erasure", "refusal"):
        assert next_door.post(f"{url}/{act}", {"recognised": "y", "reason": "试"}).status_code == 404
    assert browse(cast.NEXT).get(f"/privacy-requests/{asked.id}").status_code == 404
    assert one(app, PrivacyRequest).state == "open"


# --- how long


def test_the_secretary_sets_the_months_within_bounds(app, browse):
    secretary = browse(cast.HOME, "shuji")
    assert secretary.post("/desk/retention", {"phones": "40", "contacts": "12"}).status_code == 422
    assert secretary.post("/desk/retention", {"phones": "6", "contacts": "12"}).status_code == 303
    assert 'value="6"' in text(secretary.get("/desk/retention"))
    line = one(app, ChangeLog, ChangeLog.subject == "retention")
    assert (line.what, line.before, line.after) == ("set_phones", "12", "6")
    assert "改了电话留几个月" in text(secretary.get("/desk/changes?subject=retention"))
