"""A child's matter: who agrees, what may be opened, and that no trace of the child ever shows."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.errors import Refused
from app.flow.collect import actions, minors, queries
from app.flow.collect.evidence import evidence_of
from app.flow.collect.models import Proposal
from app.flow.collect.rules import Saying
from app.flow.triage import actions as triage
from app.matter.models import Matter, TimelineEntry
from app.matter.sight import Part, Viewer, may_see
from app.people.privacy import Consent
from app.people.roles import Role
from tenants.database import db
from tests.cast import HOME
from tests.conftest import inside, later
from tests.rooms.people import RESIDENT, account, person, said

CHILD_WORDS = "楼梯太高了，我奶奶每次爬到三楼都要坐在台阶上歇半天，能不能放个椅子。"
ANEW = {
    "title": "楼梯歇脚椅", "question": "歇脚椅用什么样式、放在哪几层？", "place": "曹家巷小区各楼道",
    "reason": "要占楼道，得全楼票决", "names_nobody": True,
}  # fmt: skip


def child(now: Any, **more: Any) -> Matter:
    saying = Saying(
        words=CHILD_WORDS, wish="放个椅子", place="3 号楼 2 单元三零一门口", name="小诺", category="elders",
        **{"birth_year": 2017, "guardian_consent": True, "guardian": "妈妈 13800001234", **more},
    )  # fmt: skip
    matter = actions.submit(saying, by=RESIDENT, now=now).matter
    db.session.commit()
    return matter


def accepted(now: Any) -> Matter:
    matter = child(now)
    triage.accept(
        matter, by=person("shuji", now), now=now, triage="minor", level="community", owner_id=account("zhao").id,
        power="council", category="elders",
    )  # fmt: skip
    db.session.commit()
    return matter


def test_accepting_never_opens_it(hall: Any, now: Any) -> None:
    matter = accepted(now)
    assert (matter.visibility, matter.has_minor, queries.is_told(matter)) == ("parties", True, False)


def test_no_code_path_opens_it_without_a_reason(hall: Any, now: Any) -> None:
    matter = accepted(now)
    for visibility in ("public", "members"):
        matter.visibility = visibility
        with pytest.raises(IntegrityError):
            db.session.flush()
        db.session.rollback()


def test_the_secretary_opens_it_without_the_child(hall: Any, now: Any) -> None:
    matter, shuji = accepted(now), person("shuji", now)
    minors.open_matter(matter, **ANEW, by=shuji, now=later(hours=1))
    triage.confirm_topic(matter, matter.question, False, by=shuji, now=later(hours=2))
    db.session.commit()
    assert (matter.visibility, matter.has_minor, matter.unit) == ("public", True, None)
    assert queries.is_told(matter)
    shown = [line for line in db.session.scalars(select(TimelineEntry)) if line.public]
    assert [line.verb for line in shown] == ["minor_opened", "confirm_topic"]
    told = " ".join([matter.title, matter.question, matter.place, *(line.words for line in shown)])
    for trace in ("小诺", "奶奶", "三零一", "岁"):
        assert trace not in told
    secrecy = queries.sensitivity_of(matter)
    council = Viewer(frozenset({Role.COUNCIL_MEMBER}))
    worker = Viewer(frozenset({Role.COMMUNITY_WORKER}), is_handler=True)
    assert may_see(Part.OPEN_FACTS, Viewer(), secrecy)
    assert may_see(Part.CONTENT, council, secrecy)
    for viewer in (Viewer(), council, worker):
        assert not may_see(Part.WORDS, viewer, secrecy)
        assert not may_see(Part.PERSONS, viewer, secrecy)


@pytest.mark.parametrize(
    "change",
    [{"title": "小诺想要椅子"}, {"title": "9岁孩子的椅子"}, {"question": CHILD_WORDS}, {"place": ""}, {"reason": ""},
     {"names_nobody": False}],
)  # fmt: skip
def test_a_trace_of_the_child_is_refused(hall: Any, now: Any, change: dict[str, Any]) -> None:
    matter = accepted(now)
    with pytest.raises(Refused):
        minors.open_matter(matter, **{**ANEW, **change}, by=person("shuji", now), now=now)
    db.session.rollback()
    assert matter.visibility == "parties"


def test_only_the_secretary_and_only_what_was_taken_on(hall: Any, now: Any) -> None:
    matter = child(now)
    with pytest.raises(Refused):
        minors.open_matter(matter, **ANEW, by=person("shuji", now), now=now)
    db.session.rollback()
    triage.accept(
        matter, by=person("shuji", now), now=now, triage="minor", level="community", owner_id=account("zhao").id,
        power="council", category="elders",
    )  # fmt: skip
    with pytest.raises(Refused):
        minors.open_matter(matter, **ANEW, by=person("zhao", now), now=now)


def test_what_showed_after_all_is_shut_again(hall: Any, now: Any) -> None:
    matter, shuji = accepted(now), person("shuji", now)
    minors.open_matter(matter, **ANEW, by=shuji, now=now)
    minors.shut_matter(matter, reason="有人认出来了", by=shuji, now=later(hours=1))
    db.session.commit()
    assert (matter.visibility, queries.is_told(matter)) == ("parties", False)


def test_it_is_never_put_among_other_people_s_words(hall: Any, now: Any) -> None:
    matter, shuji = accepted(now), person("shuji", now)
    minors.open_matter(matter, **ANEW, by=shuji, now=now)
    other = said(now)
    db.session.commit()
    with pytest.raises(Refused):
        triage.merge(matter, other, "一回事", by=shuji, now=now)
    db.session.rollback()
    triage.merge(other, matter, "一回事", by=shuji, now=now)
    assert other.stage == "merged"


def test_a_child_s_letter_waits_for_its_parents(hall: Any, now: Any) -> None:
    li = person("xiaoli", now)
    saying = Saying(
        words=CHILD_WORDS, place="3 号楼", channel="box", entered_by=li.id, read_back=True, birth_year=2017,
        consent_later=True,
    )  # fmt: skip
    matter = actions.collect(saying, by=li, now=now).matter
    db.session.commit()
    with pytest.raises(Refused):
        actions.register(matter, by=li, now=now)
    with pytest.raises(Refused):
        minors.ask_consent(matter, guardian="", own=True, by=li, now=now)
    minors.ask_consent(matter, guardian="妈妈 13800001234", own=False, by=li, now=later(hours=1))
    actions.register(matter, by=li, now=later(hours=2))
    db.session.commit()
    proposal = db.session.scalars(select(Proposal)).one()
    assert (matter.stage, proposal.guardian_consent) == ("submitted", True)
    assert "guardian" in {one.about for one in db.session.scalars(select(Consent))}
    assert evidence_of(matter)


def test_through_the_pages_of_the_desk(app: Any, browse: Any, now: Any) -> None:
    with inside(app, HOME):
        matter_id = accepted(now).id
    url = f"/desk/matters/{matter_id}/minor"
    secretary = browse(HOME, "shuji")
    assert secretary.get(url).status_code in (302, 303)
    looked = secretary.post(f"/desk/matters/{matter_id}/looks", {"reason": "要公开来议，先看原话"})
    assert looked.status_code == 303
    assert "能不能公开议" in secretary.get(url).get_data(as_text=True)
    assert "孩子提的事" in secretary.get(f"/desk/matters/{matter_id}").get_data(as_text=True)
    form = {**ANEW, "names_nobody": "y"}
    bad = secretary.post(f"{url}/openings", {**form, "title": "小诺想要歇脚椅"})
    assert bad.status_code == 422
    assert "小诺想要歇脚椅" in bad.get_data(as_text=True)
    assert secretary.post(f"{url}/openings", form).status_code == 303
    seen = browse().get(f"/matters/{matter_id}").get_data(as_text=True)
    assert "楼梯歇脚椅" in seen
    for trace in ("小诺", "奶奶", "三零一", "妈妈"):
        assert trace not in seen
    assert browse("dianye", "shuji").get(url).status_code == 404
    assert secretary.post(f"{url}/closings", {"why": ""}).status_code == 422
    assert secretary.post(f"{url}/closings", {"why": "有人认出来了"}).status_code == 303
    assert "楼梯歇脚椅" not in browse().get(f"/matters/{matter_id}").get_data(as_text=True)
