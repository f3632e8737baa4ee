"""What people and scripts send that they should not: a clear message in Chinese, and nothing half-written."""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from io import BytesIO
from uuid import UUID

import pytest
from PIL import Image
from sqlalchemy import func, select

from app.flow.collect.models import Proposal
from app.flow.decide.models import Ballot, Vote
from app.matter.models import Matter
from app.people.models import Person
from tenants.database import db
from tests.journeys.program import Program
from tests.journeys.wire import Answer, Wire

HALL = "nanyandao"
RARE = "𬱖先生说：㛃阿姨家门口的䶮字牌掉了，砸着人就不好了。"
CHINESE = re.compile(r"[\u4e00-\u9fff]{6}")
MEGABYTE = 1024 * 1024


@pytest.fixture
def visitor(program: Program) -> Wire:
    return Wire(program, HALL)


@contextmanager
def unchanged(program: Program, slug: str = HALL) -> Iterator[None]:
    """Whatever happens inside writes no row."""
    before = program.census(slug)
    yield
    assert program.census(slug) == before


def kind(answer: Answer, status: int, *words: str) -> None:
    """The answer has this status and says these words; it is a whole page in Chinese and no trace of the program."""
    assert answer.status == status, answer.words[:600]
    assert CHINESE.search(answer.words)
    assert "Traceback" not in answer.text
    for word in words:
        assert word in answer.words, answer.words[:1200]


def jpeg() -> bytes:
    """A real photo."""
    canvas = BytesIO()
    Image.effect_noise((640, 480), 60).save(canvas, "JPEG")
    return canvas.getvalue()


def test_a_hall_that_does_not_exist(program: Program) -> None:
    kind(Wire(program, host=f"meiyou.{program.base}").get("/"), 404, "这里没有议事厅")


def test_a_host_that_is_not_ours(program: Program) -> None:
    answer = Wire(program, host="nanyandao.example.com").get("/")
    assert answer.status in (400, 421)
    assert CHINESE.search(answer.words)
    assert "南盐道" not in answer.text


@pytest.mark.parametrize(
    ("typed", "told"), [("123456789012", "没找到这个码"), ("4026", "现在是 4 位"), ("", "请输上"), ("x" * 5000, "位")]
)
def test_a_code_nobody_has(visitor: Wire, typed: str, told: str) -> None:
    kind(visitor.post("/track", {"code": typed}), 422, told)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("记录.txt", "不是照片".encode()),
        ("狗.gif", b"GIF89a" + b"\0" * 400),
        ("照片.jpg", b"%PDF-1.7 not a picture"),
        ("照片.jpg", jpeg()[:400]),
        ("空.jpg", b""),
        ("大.jpg", jpeg() + b"\0" * (20 * MEGABYTE)),
    ],
    ids=["text", "gif", "pdf-as-jpg", "broken", "empty", "20-megabytes"],
)
def test_what_is_no_photo(visitor: Wire, program: Program, name: str, content: bytes) -> None:
    """The words typed beside it are kept, and a real photo sent with it is kept too."""
    with unchanged(program):
        files = [("photos", name, content), ("photos", "好的.jpg", jpeg())]
        answer = visitor.post("/say", {"words": "楼道灯坏了三天了", "wish": ""}, files)
        kind(answer, 422, name, "楼道灯坏了三天了")
    assert answer.text.count('class="h-photo"') == 1


@pytest.mark.parametrize(("words", "told"), [("", "一句话也行"), ("   \n ", "一句话也行"), ("水" * 100_000, "最多写")])
def test_words_that_are_none_or_too_many(visitor: Wire, program: Program, words: str, told: str) -> None:
    with unchanged(program):
        kind(visitor.say(words), 422, told)


@pytest.mark.parametrize("field", ["place", "organisation"])
def test_a_hundred_thousand_letters_anywhere(visitor: Wire, program: Program, field: str) -> None:
    with unchanged(program):
        visitor.post("/say", {"words": "路灯不亮", "wish": ""}, [])
        where = {
            "building": "none",
            "place": "门口",
            "who": "organisation",
            "organisation": "商店",
            field: "长" * 100_000,
        }
        kind(visitor.post("/say/where", where), 422, "最多写")


def test_rare_letters_come_back_as_they_were_written(visitor: Wire, program: Program) -> None:
    receipt = visitor.say(RARE, wish="把䶮字牌钉牢")
    matter_id = receipt.location.rsplit("/", 1)[1]
    assert RARE in visitor.get(f"/matters/{matter_id}").words
    with program.inside(HALL) as site:
        kept = db.session.scalar(
            select(Proposal.words).where(
                Proposal.community_id == site.community_id, Proposal.matter_id == UUID(matter_id)
            )
        )
    assert kept == RARE


def test_rare_letters_in_a_name(visitor: Wire, program: Program) -> None:
    visitor.post("/say", {"words": "井盖响", "wish": ""}, [])
    visitor.post("/say/where", {"building": "none", "place": "南门", "who": "self"})
    answer = visitor.post(
        "/say/check", {"name": "𬱖㛃", "title_of_address": "女士", "phone": "13800138000", "truth": "y"}
    )
    assert answer.status == 303, answer.words[:600]
    with program.inside(HALL) as site:
        found = (
            select(func.count())
            .select_from(Person)
            .where(Person.community_id == site.community_id, Person.name == "𬱖㛃")
        )
        assert db.session.scalar(found) == 1


def test_two_clicks_at_once_make_one_matter(visitor: Wire, program: Program) -> None:
    visitor.post("/say", {"words": "两次点提交", "wish": ""}, [])
    visitor.post("/say/where", {"building": "none", "place": "北门", "who": "self"})
    seen = visitor.get("/say/check")
    before = program.census(HALL)["matter"]
    with ThreadPoolExecutor(4) as crowd:
        fields = {"name": "", "phone": "", "truth": "y"}
        answers = list(crowd.map(lambda _n: visitor.post("/say/check", fields, seen=seen), range(4)))
    assert {answer.status for answer in answers} == {303}, [answer.words[:300] for answer in answers]
    assert len({answer.location for answer in answers}) == 1
    assert program.census(HALL)["matter"] == before + 1


def test_a_form_that_lay_too_long(visitor: Wire, program: Program) -> None:
    with unchanged(program):
        kind(visitor.post("/say", {"csrf_token": "old", "words": "x", "wish": ""}, []), 400, "放得太久")


def test_a_vote_after_the_count(program: Program) -> None:
    """A member who sat there and voted votes again when the result is out."""
    with program.inside(HALL) as site:
        here = Ballot.community_id == site.community_id
        ballot = db.session.scalars(
            select(Ballot).where(here, Ballot.state == "closed", Ballot.mode == "named")
        ).first()
        assert ballot is not None, "the demo has a counted ballot here"
        ballot_id, cast = (
            ballot.id,
            select(func.count()).select_from(Vote).where(Vote.community_id == site.community_id),
        )
        before = db.session.scalar(cast)
    member = Wire(program, HALL).sign_in("yishi1")
    seen = member.get("/password")
    kind(member.post(f"/ballots/{ballot_id}", {"choice": "yes"}, seen=seen), 409)
    with program.inside(HALL):
        assert db.session.scalar(cast) == before


@pytest.mark.parametrize(
    "path", ["/matters/not-an-id", "/matters/00000000-0000-7000-8000-000000000000", "/desk/nichts", "/x/abc"]
)
def test_addresses_that_lead_nowhere(visitor: Wire, path: str) -> None:
    kind(visitor.get(path), 404)


def test_the_matter_of_another_hall(program: Program, visitor: Wire) -> None:
    with program.inside("dianye") as site:
        foreign = db.session.scalar(select(Matter.id).where(Matter.community_id == site.community_id).limit(1))
    kind(visitor.get(f"/matters/{foreign}"), 404)
