"""The second step of signing in: setting it up, each code once, lost phones, and what it does not grant halfway."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pyotp
import pytest
from sqlalchemy import select

from app import clock
from app.faces import own_account
from app.people import rules, two_step
from app.people.actor import SYSTEM
from app.people.models import Account, ChangeLog, StreetAccount
from tenants.database import db
from tests.cast import HOME, HOUSEHOLD_CODE, NEXT, PASSWORD
from tests.conftest import inside


class Phone:
    """An authenticator and its owner's patience: ``later()`` lets half minutes pass for phone and program alike."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.moment = datetime.now(UTC)
        self.secret = ""
        monkeypatch.setattr(own_account, "_moment", lambda: self.moment)

    def later(self, steps: int = 1) -> Phone:
        self.moment += timedelta(seconds=30 * steps)
        return self

    @property
    def code(self) -> str:
        return pyotp.TOTP(self.secret).at(self.moment)


@pytest.fixture
def phone(monkeypatch: pytest.MonkeyPatch) -> Phone:
    return Phone(monkeypatch)


def text(answer: Any) -> str:
    return answer.get_data(as_text=True)


def set_up(person: Any, phone: Phone) -> list[str]:
    """Through the pages, as somebody does it; the ten codes for a lost phone."""
    assert person.post("/account/two-step").location.endswith("/account/two-step")
    page = person.get("/account/two-step")
    assert page.headers["Cache-Control"] == "no-store"
    phone.secret = re.search(r'h-plate is-long">([^<]+)<', text(page))[1].replace(" ", "")
    done = person.post("/account/two-step/confirmation", {"code": phone.code})
    assert done.status_code == 200, text(done)
    codes = re.findall(r'<b class="nb">([A-Z0-9-]{11})</b>', text(done))
    assert len(set(codes)) == 10
    phone.later()
    return codes


def halfway_in(browse: Any, login: str = "shuji", slug: str = HOME, **more: str) -> Any:
    person = browse(slug)
    answer = person.post("/sign-in", {"login": login, "password": PASSWORD, **more})
    assert answer.location.endswith("/sign-in/code")
    return person


def account(login: str = "shuji") -> Account:
    return db.session.scalars(select(Account).where(Account.login == login)).one()


def test_password_and_code_open_together_and_each_code_once(app: Any, browse: Any, phone: Phone) -> None:
    me, elsewhere = browse(HOME, "shuji"), browse(HOME, "shuji")
    set_up(me, phone)
    assert me.get("/desk").status_code == 200, "whoever set it up goes on with a fresh session"
    assert elsewhere.get("/desk").status_code == 302, "every other session ends"
    person = halfway_in(browse, next="/desk/ledger")
    assert person.get("/desk").status_code == 302, "the password alone grants nothing"
    wrong = person.post("/sign-in/code", {"code": "000000" if phone.code != "000000" else "111111"})
    assert (wrong.status_code, "验证码不对" in text(wrong)) == (422, True)
    assert re.search(r'name="code"[^>]*value=""', wrong.text), "the next code is typed into an empty field"
    right = phone.code
    # What a phone shows may be typed with a blank in it, or in full-width digits.
    entered = person.post("/sign-in/code", {"code": f" {right[:3]} {right[3:]}"})
    assert entered.location == "/desk/ledger"
    assert person.get("/desk").status_code == 200
    again = halfway_in(browse)
    assert again.post("/sign-in/code", {"code": right}).status_code == 422, "a code is used up"
    assert again.post("/sign-in/code", {"code": phone.later(2).code}).status_code == 303
    with inside(app, HOME):
        said = {row.what for row in db.session.scalars(select(ChangeLog).where(ChangeLog.subject == "account"))}
        assert "two_step_on" in said
        assert phone.secret not in (account().totp_sealed or "")


def test_a_code_of_the_next_door_phone_and_an_old_one_open_nothing(browse: Any, phone: Phone) -> None:
    set_up(browse(HOME, "shuji"), phone)
    old = phone.code
    person = halfway_in(browse)
    assert person.post("/sign-in/code", {"code": phone.later(3) and old}).status_code == 422
    here, phone.secret = phone.secret, pyotp.random_base32()
    assert person.post("/sign-in/code", {"code": phone.code}).status_code == 422
    phone.secret = here
    phone.moment += timedelta(seconds=30)
    code = phone.code
    phone.moment -= timedelta(seconds=30)
    assert person.post("/sign-in/code", {"code": code}).status_code == 303, "a phone half a minute ahead gets in"


def test_wrong_codes_rest_the_account_and_the_password_does_not_wipe_them(browse: Any, phone: Phone, app: Any) -> None:
    set_up(browse(HOME, "shuji"), phone)
    for _try in range(rules.TRIES):
        person = halfway_in(browse)
        person.post("/sign-in/code", {"code": "12345"})
    told = person.post("/sign-in/code", {"code": phone.code})
    assert (told.status_code, "先歇 15 分钟" in text(told)) == (422, True)
    assert "先歇 15 分钟" in text(browse().post("/sign-in", {"login": "shuji", "password": PASSWORD}))


def test_ten_codes_for_a_lost_phone_each_once(browse: Any, phone: Phone, app: Any) -> None:
    codes = set_up(browse(HOME, "shuji"), phone)
    person = halfway_in(browse)
    assert person.post("/sign-in/code", {"code": codes[3].lower()}).status_code == 303
    page = text(person.get("/account"))
    assert "还剩 9 个" in page
    assert "用掉了一个备用码" in page
    assert halfway_in(browse).post("/sign-in/code", {"code": codes[3]}).status_code == 422
    both = {"password": PASSWORD, "code": codes[4]}
    assert person.post("/account/recovery-codes", both | {"password": "wrong-wrong-1"}).status_code == 422
    fresh = re.findall(r'<b class="nb">([A-Z0-9-]{11})</b>', text(person.post("/account/recovery-codes", both)))
    assert len(fresh) == 10
    assert halfway_in(browse).post("/sign-in/code", {"code": codes[5]}).status_code == 422, "the old set is dead"
    assert halfway_in(browse).post("/sign-in/code", {"code": fresh[5]}).status_code == 303
    with inside(app, HOME):
        assert not set(account().recovery) & {code.replace("-", "") for code in fresh}


def test_halfway_lasts_five_minutes_and_ends_with_whatever_changes_the_account(
    app: Any, browse: Any, phone: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_up(browse(HOME, "zhao"), phone)
    person = halfway_in(browse, "zhao")
    with monkeypatch.context() as late:
        late.setattr(rules, "HALFWAY", timedelta(seconds=-1))
        assert person.post("/sign-in/code", {"code": phone.code}).location.endswith("/sign-in")
    assert person.get("/sign-in/code").location.endswith("/sign-in"), "what ran out does not come back"
    changed = halfway_in(browse, "zhao")
    with inside(app, HOME):
        account("zhao").epoch += 1
        db.session.commit()
    assert changed.post("/sign-in/code", {"code": phone.code}).location.endswith("/sign-in")
    assert not rules.is_halfway(clock_in(minutes=6), clock_in(minutes=0)), "a moment ahead of the clock is no moment"
    stranger = browse(NEXT)
    assert stranger.get("/sign-in/code").location.endswith("/sign-in")


def clock_in(*, minutes: int) -> datetime:
    return datetime(2026, 6, 1, tzinfo=UTC) + timedelta(minutes=minutes)


def test_switching_it_off_asks_for_both(browse: Any, phone: Phone) -> None:
    person = browse(HOME, "zhao")
    set_up(person, phone)
    for both in ({"password": "wrong-wrong-1", "code": phone.code}, {"password": PASSWORD, "code": "1"}):
        assert person.post("/account/two-step/removal", both).status_code == 422
    assert person.post("/account/two-step/removal", {"password": PASSWORD, "code": phone.code}).status_code == 303
    assert browse(HOME, "zhao").get("/desk").status_code == 200, "the password is enough again"


def test_the_secretary_resets_a_lost_phone_for_a_reason_and_not_the_own(app: Any, browse: Any, phone: Phone) -> None:
    set_up(browse(HOME, "zhao"), phone)
    secretary = browse(HOME, "shuji")
    with inside(app, HOME):
        zhao, me = account("zhao"), account()
        one, own, epoch = f"/desk/accounts/{zhao.id}/two-step", f"/desk/accounts/{me.id}/two-step", zhao.epoch
    assert browse(NEXT, "shuji").post(one, {"reason": "手机丢了", "epoch": epoch}).status_code == 404
    assert browse(HOME, "xiaoli").post(one, {"reason": "手机丢了", "epoch": epoch}).status_code == 403
    assert "重设两步登录" in text(secretary.get(one))
    assert secretary.post(one, {"reason": " ", "epoch": epoch}).status_code == 422
    assert secretary.post(one, {"reason": "手机丢在车上", "epoch": epoch + 7}).status_code == 409
    assert secretary.post(one, {"reason": "手机丢在车上", "epoch": epoch}).status_code == 303
    assert browse(HOME, "zhao").get("/desk").status_code == 200
    assert "手机丢在车上" in text(secretary.get("/desk/changes?subject=account"))
    set_up(secretary, phone)
    with inside(app, HOME):
        epoch = account().epoch
    assert secretary.post(own, {"reason": "自己来", "epoch": epoch}).status_code == 422


def test_where_it_is_asked_of_all_staff_they_set_it_up_before_anything_else(
    browse: Any, phone: Phone, app: Any
) -> None:
    secretary, worker, council = browse(HOME, "shuji"), browse(HOME, "zhao"), browse(HOME, "yishi1")
    assert secretary.post("/desk/two-step-rule", {"required": "yes"}).status_code == 409, "whoever asks it goes first"
    set_up(secretary, phone)
    assert secretary.post("/desk/two-step-rule", {"required": "yes"}).status_code == 303
    assert worker.get("/desk").location.endswith("/account")
    assert "都开两步登录" in text(worker.get("/account"))
    assert council.get("/council").status_code == 200, "the council may, and need not"
    assert browse(NEXT, "zhao").get("/desk").status_code == 200, "each hall asks for itself"
    set_up(worker, phone)
    assert worker.get("/desk").status_code == 200
    assert secretary.post("/desk/two-step-rule", {"required": "no"}).status_code == 303
    assert browse(HOME, "xiaoli").get("/desk").status_code == 200


def test_residents_have_none(app: Any, browse: Any) -> None:
    wang = browse()
    wang.post("/join", {"name": "王阿姨", "code": HOUSEHOLD_CODE, "adult": "y"})
    assert wang.get("/account").status_code == 404
    assert wang.post("/account/two-step").status_code == 404


def test_at_the_street_too(app: Any, browse: Any, phone: Phone) -> None:
    admin, watcher = browse("", "guanli"), browse("", "zhuren")
    set_up(watcher, phone)
    person = halfway_in(browse, "zhuren", "")
    assert person.get("/overview").status_code == 302
    assert person.post("/sign-in/code", {"code": phone.code}).status_code == 303
    assert person.get("/sign-in").location.endswith("/overview")
    with inside(app):
        zhuren = db.session.scalars(select(StreetAccount).where(StreetAccount.login == "zhuren")).one()
        one, epoch = f"/accounts/{zhuren.id}/two-step", zhuren.epoch
    assert "重设" in text(admin.get(one))
    assert admin.post(one, {"reason": "手机坏了", "epoch": epoch}).status_code == 303
    assert "手机坏了" in text(admin.get("/log?subject=account"))
    browse("", "zhuren")


def test_two_browsers_with_one_code_at_the_same_moment(app: Any, browse: Any, phone: Phone) -> None:
    """Both read the account before either used the code up; the second swap finds it used."""
    set_up(browse(HOME, "shuji"), phone)
    with inside(app, HOME):
        me = account()
        _stale = me.totp_step
        step = rules.step_of(phone.moment)
        assert two_step._use_step(me, step)
        me.__dict__["totp_step"] = _stale
        assert not two_step._use_step(me, step)
        with pytest.raises(two_step.WrongCode):
            two_step.check(me, phone.code, by=SYSTEM, now=clock.now(), moment=phone.moment)
        assert me.failed == 1


def test_who_came_in_and_who_did_not_is_in_the_log_without_a_name(browse: Any, phone: Phone, capsys: Any) -> None:
    set_up(browse(HOME, "shuji"), phone)
    browse().post("/sign-in", {"login": "shuji", "password": "wrong-wrong-1"})
    person = halfway_in(browse)
    person.post("/sign-in/code", {"code": "1"})
    person.post("/sign-in/code", {"code": phone.code})
    said = "".join(capsys.readouterr())
    told = re.findall(r"outcome\W+(wrong password|wrong code|password|in)\b", said)
    assert told == ["in", "wrong password", "password", "wrong code", "in"]
    assert "shuji" not in said
