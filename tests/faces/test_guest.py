"""A link in a browser: it opens one matter, once, and every other way in is a kind closed door."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app import clock
from app.matter.models import Matter, TimelineEntry
from app.talent import actions
from app.talent.models import Invitation, InvitationOpening, Opinion
from tenants.database import db
from tests import cast
from tests.conftest import inside
from tests.rooms.stage_setting import expert_id, matter_at, staff

BRIEF = "涵洞一下雨就积水，断路二十年。"


@pytest.fixture
def asked(app):
    """An invitation on its way: (matter id, invitation id, secret)."""
    with inside(app, cast.HOME):
        now = clock.now()
        matter = matter_at("surveying", now=now)
        invitation, secret = actions.invite(
            matter, expert_id(), brief=BRIEF, questions="先清淤还是先做泵站？", by=staff(), now=now
        )
        db.session.commit()
        return matter.id, invitation.id, secret


def rows(app, table):
    with inside(app, cast.HOME):
        return db.session.scalar(select(func.count()).select_from(table))


def state(app, invitation_id):
    with inside(app, cast.HOME):
        return db.session.scalar(select(Invitation.state).where(Invitation.id == invitation_id))


def test_the_whole_way(app, browse, asked):
    case, invitation, secret = asked
    expert = browse()
    letter = expert.get(f"/x/{secret}")
    page = letter.get_data(as_text=True)
    assert letter.status_code == 200
    assert BRIEF in page
    assert "铁路涵洞一下雨就积水" not in page
    assert letter.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert 'name="robots" content="noindex"' in page
    assert "<nav" not in page
    assert state(app, invitation) == "sent"
    taken = expert.post(f"/x/{secret}/acceptance")
    assert (taken.status_code, taken.headers["Location"]) == (303, f"/x?invitation={invitation}")
    cookie = next(c for c in taken.headers.getlist("Set-Cookie") if c.startswith("yiqilai_guest="))
    assert "HttpOnly" in cookie
    assert "Domain" not in cookie
    assert secret not in cookie
    assert "铁路涵洞一下雨就积水" in expert.get("/x").get_data(as_text=True)
    given = expert.post(
        "/x/opinion", {"invitation": str(invitation), "words": "先清淤。\r\n再做泵站。", "sign": "profession"}
    )
    assert given.status_code == 303
    assert "先清淤" in expert.get("/x").get_data(as_text=True)
    with inside(app, cast.HOME):
        opinion = db.session.scalar(select(Opinion))
        assert (opinion.words, opinion.expert_label, opinion.matter_id) == (
            "先清淤。\n再做泵站。",
            "一位工程专家",
            case,
        )
        verbs = db.session.scalars(select(TimelineEntry.verb).order_by(TimelineEntry.at, TimelineEntry.seq)).all()
    assert verbs == ["invite", "expert_accepts", "expert_opinion"]
    assert expert.post("/x/opinion", {"invitation": str(invitation), "words": "改主意"}).status_code == 303
    assert rows(app, Opinion) == 1


def test_the_spent_link_goes_on_here_and_nowhere_else(app, browse, asked):
    _, invitation, secret = asked
    expert, stranger = browse(), browse()
    expert.post(f"/x/{secret}/acceptance")
    again = expert.get(f"/x/{secret}")
    assert (again.status_code, again.headers["Location"]) == (303, f"/x?invitation={invitation}")
    assert expert.post(f"/x/{secret}/acceptance").status_code == 303
    other = stranger.get(f"/x/{secret}")
    assert other.status_code == 410
    assert "已经用过了" in other.get_data(as_text=True)
    assert stranger.post(f"/x/{secret}/acceptance").status_code == 410
    assert stranger.post("/x/opinion", {"words": "我来说", "invitation": str(invitation)}).status_code == 404
    assert rows(app, Opinion) == 0


def test_a_guest_reads_in_english(browse, asked):
    _case, _invitation, secret = asked
    expert = browse()
    page = expert.get(f"/x/{secret}").get_data(as_text=True)
    assert 'name="language" value="en"' in page
    back = expert.post("/preferences/language", {"language": "en", "next": f"/x/{secret}"})
    assert (back.status_code, back.headers["Location"]) == (303, f"/x/{secret}")
    assert '<html lang="en"' in expert.get(f"/x/{secret}").get_data(as_text=True)


def test_opening_is_logged_and_changes_nothing(app, browse, asked):
    _, invitation, secret = asked
    for _ in range(3):
        assert browse().get(f"/x/{secret}").status_code == 200
    assert rows(app, InvitationOpening) == 3
    assert state(app, invitation) == "sent"


def test_the_code_of_the_letter_opens_the_same(app, browse, asked):
    _, _, secret = asked
    expert = browse()
    assert expert.get("/x").status_code == 200
    assert expert.post("/x/code", {"code": "AB"}).status_code == 422
    sent = expert.post("/x/code", {"code": f"{secret.code[:4].lower()}-{secret.code[4:]}"})
    assert sent.status_code == 303
    assert BRIEF in expert.get(sent.headers["Location"]).get_data(as_text=True)
    assert expert.post(f"/x/{secret.code}/acceptance").status_code == 303
    assert browse().get(f"/x/{secret}").status_code == 410


@pytest.mark.parametrize("token", ["nonsense", "x" * 43, "%E5%BF%83", "A" * 500])
def test_nonsense_is_a_kind_404(app, browse, asked, token):
    answer = browse().get(f"/x/{token}")
    assert answer.status_code == 404
    page = answer.get_data(as_text=True)
    assert "这个链接打不开" in page
    assert "8555 0118" in page


def test_the_neighbours_hall_knows_nothing_of_it(app, browse, asked):
    _, invitation, secret = asked
    for knock in (browse(cast.NEXT), browse(cast.NEXT, "shuji")):
        assert knock.get(f"/x/{secret}").status_code == 404
        assert knock.post(f"/x/{secret}/acceptance").status_code == 404
        assert knock.post(f"/x/{secret}/refusal", {"reason": "x"}).status_code == 404
    assert browse("").get(f"/x/{secret}").status_code == 404
    assert state(app, invitation) == "sent"


def test_closed_doors_say_what_to_do_and_nothing_of_the_matter(app, browse, asked):
    case, invitation, secret = asked
    clock.advance(app, timedelta(hours=73))
    late = browse().get(f"/x/{secret}")
    assert (late.status_code, "到期了" in late.get_data(as_text=True)) == (410, True)
    with inside(app, cast.HOME):
        found, matter = actions.find(invitation), db.session.scalar(select(Matter).where(Matter.id == case))
        fresh = actions.renew(found, matter, by=staff(), now=clock.now())
        db.session.commit()
        assert "收回了" in browse().get(f"/x/{secret}").get_data(as_text=True)
    assert browse().get(f"/x/{fresh}").status_code == 200
    with inside(app, cast.HOME):
        db.session.scalar(select(Matter).where(Matter.id == case)).stage = "terminated"
        db.session.commit()
    over = browse().get(f"/x/{fresh}")
    assert over.status_code == 410
    for page in (late, over):
        assert "涵洞" not in page.get_data(as_text=True)


def test_a_matter_that_ends_ends_the_cookie(app, browse, asked):
    case, invitation, secret = asked
    expert = browse()
    expert.post(f"/x/{secret}/acceptance")
    with inside(app, cast.HOME):
        db.session.scalar(select(Matter).where(Matter.id == case)).stage = "terminated"
        db.session.commit()
    assert expert.get("/x").status_code == 410
    assert expert.post("/x/opinion", {"invitation": str(invitation), "words": "还想说"}).status_code == 410
    assert rows(app, Opinion) == 0


def test_declining_asks_for_a_reason(app, browse, asked):
    _, invitation, secret = asked
    expert = browse()
    assert expert.post(f"/x/{secret}/refusal", {"reason": " "}).status_code == 422
    assert state(app, invitation) == "sent"
    done = expert.post(f"/x/{secret}/refusal", {"reason": "", "interest": "1"})
    assert "社区会另请一位" in done.get_data(as_text=True)
    assert state(app, invitation) == "declined"
    assert "回绝过了" in expert.get(f"/x/{secret}").get_data(as_text=True)


@pytest.mark.parametrize("words", ["", "   ", "长" * 5001])
def test_a_bad_opinion_keeps_what_was_typed(app, browse, asked, words):
    _, invitation, secret = asked
    expert = browse()
    expert.post(f"/x/{secret}/acceptance")
    answer = expert.post("/x/opinion", {"invitation": str(invitation), "words": words})
    assert answer.status_code == 422
    assert words.strip() in answer.get_data(as_text=True)
    assert rows(app, Opinion) == 0


def test_two_invitations_in_one_browser(app, browse, asked):
    _, first, secret = asked
    with inside(app, cast.HOME):
        now = clock.now()
        second, other = actions.invite(
            matter_at("surveying", now=now, title="另一件事"),
            expert_id(),
            brief="另一件",
            questions="?",
            by=staff(),
            now=now,
        )
        db.session.commit()
        second_id = second.id
    expert = browse()
    expert.post(f"/x/{secret}/acceptance")
    expert.post(f"/x/{other}/acceptance")
    assert "另一件事" in expert.get("/x").get_data(as_text=True)
    assert BRIEF in expert.get(f"/x?invitation={first}").get_data(as_text=True)
    expert.post("/x/opinion", {"invitation": str(first), "words": "给第一件"})
    assert (state(app, first), state(app, second_id)) == ("handed_in", "accepted")


def test_staff_signed_in_on_the_same_browser_sees_what_a_guest_sees(app, browse, asked):
    _, _, secret = asked
    assert browse(cast.HOME, "shuji").get(f"/x/{secret}").status_code == 200 if _has_sign_in(app) else True


def _has_sign_in(app):
    return "community.sign_in" in app.view_functions
