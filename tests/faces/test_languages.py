"""A page is read in the language its reader chose, to the last mark; a paper stays in the office's."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import unescape
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, text

from app import clock
from app.faces import phrasing
from app.faces.edge import LANGUAGE_COOKIE
from app.matter.situation import Stage
from tenants.database import db
from tests.cast import HOME
from tests.conftest import Neighbour, inside
from tests.faces.paged import Paged, furnish
from tests.faces.test_carried_out import w1
from tests.rooms.people import said
from tests.rooms.stage_setting import matter_at

CHINESE = "[\u3000-\u303f\u3400-\u9fff\uff00-\uffef]"
#: A name in its own language says so (the choice of languages); what a script is told is not read.
OWN_TONGUE = re.compile(r"<(\w+)\b[^>]*\blang=\"zh[^>]*>.*?</\1>|<!--.*?-->", re.DOTALL)


@pytest.fixture
def latin(app: Any, superuser: Engine) -> str:
    """A hall with a matter told to its end, whose every row speaks Latin letters: what is Chinese, the page says."""
    furnish(app, 15, [("曹家巷小区", "3 号楼")])
    carried_out = Paged(app)
    w1(carried_out)
    with inside(app, HOME):
        now = clock.now()
        said(now, title="三号楼门前的灯坏了")
        for stage in (Stage.ACCEPTED, Stage.SURVEYING, Stage.DELIBERATING):
            matter_at(stage, now=now)
        db.session.commit()
    with superuser.begin() as conn:
        conn.execute(text("set local session_replication_role = replica"))
        for table in db.metadata.sorted_tables:
            _romanise(conn, table.name, {column.name: str(column.type) for column in table.columns})
    for kept in ("tenants.sites", "matter.houses"):
        app.extensions.pop(kept, None)
    app.extensions["redis"].flushdb()
    return str(carried_out.matter_id)


def _romanise(conn: Connection, table: str, columns: dict[str, str]) -> None:
    found = conn.execute(text(f"select string_agg(t::text, '') from {table} t where t::text ~ '{CHINESE}'")).scalar()
    letters = "".join(sorted(set(re.findall(CHINESE, found or ""))))
    if not letters:
        return
    latin = "".join(chr(97 + ord(letter) % 26) for letter in letters)
    kinds = dict(
        conn.execute(
            text("select attname, format_type(atttypid, atttypmod) from pg_attribute"
                 " where attrelid = cast(:name as regclass) and attnum > 0 and attgenerated = ''"), {"name": table}
        ).all()
    )  # fmt: skip
    told = [name for name in columns if re.match(r"character|text|json", kinds.get(name, ""))]
    sets = ", ".join(f'"{one}" = cast(translate(cast("{one}" as text), :a, :b) as {kinds[one]})' for one in told)
    conn.execute(text(f"update {table} t set {sets} where t::text ~ '{CHINESE}'"), {"a": letters, "b": latin})


def read(who: Neighbour, url: str, language: str) -> str:
    who.client.set_cookie(LANGUAGE_COOKIE, language, domain=who.host)
    answer = who.get(url)
    assert answer.status_code == 200, f"{url}: {answer.status_code}"
    return str(answer.get_data(as_text=True))


def chinese_of(page: str) -> list[str]:
    """Everything Chinese in a page, attributes included, with a little of what stands around it."""
    plain = unescape(OWN_TONGUE.sub("", page))
    return [found[0].strip() for found in re.finditer(rf".{{0,40}}{CHINESE}+.{{0,20}}", plain)]


def test_an_english_page_is_english_to_the_last_mark(latin: str, browse: Any) -> None:
    desk = browse(HOME, "shuji")
    rounds: Iterable[tuple[Neighbour, tuple[str, ...]]] = (
        (
            browse(),
            (
                "/",
                "/matters",
                "/done",
                f"/matters/{latin}",
                "/results",
                f"/results/{latin}",
                "/say",
                "/sign-in",
                "/places",
            ),
        ),
        (desk, ("/desk", "/desk/inbox", "/desk/matters", f"/desk/matters/{latin}")),
        (browse("", "zhuren"), ("/overview",)),
    )
    told = {url: found for who, urls in rounds for url in urls if (found := chinese_of(read(who, url, "en")))}
    assert not told, "\n".join(f"{url}: {one}" for url, found in told.items() for one in found)


def test_a_page_names_its_language_and_a_paper_keeps_the_office_s(app: Any, browse: Any) -> None:
    with inside(app, HOME):
        matter_at(Stage.ACCEPTED, now=clock.now())
        db.session.commit()
    who = browse(HOME, "shuji")
    named = {language: re.findall(r"<html[^>]*\blang=\"([\w-]+)\"", read(who, "/matters", language))
             for language in ("zh_Hans", "zh_Hant", "en", "xx")}  # fmt: skip
    assert named == {"zh_Hans": ["zh-CN"], "zh_Hant": ["zh-TW"], "en": ["en"], "xx": ["zh-CN"]}
    # What a printer takes is filed in the office, whatever the one who pressed the button reads.
    english, chinese = (
        re.sub(r"nonce-?=?\"?[\w-]+", "", read(who, "/desk/matters/paper", one)) for one in ("en", "zh_Hans")
    )
    assert english == chinese
    assert "，" in english


@pytest.mark.parametrize(
    ("language", "joined"),
    [("zh_Hans", "甲、乙（丙）。「丁」：戊，己；庚　"), ("zh_Hant", "甲、乙（丙）。「丁」：戊，己；庚　"),
     ("en", "甲, 乙 (丙). “丁”: 戊, 己; 庚\u2003")],
)  # fmt: skip
def test_marks_between_texts_are_the_reader_s(app: Any, language: str, joined: str) -> None:
    source = "{{ ['甲', '乙']|join('、') }}（{{ '丙' }}）。「丁」：戊，己{{ '；' if true }}庚　"
    with app.test_request_context("/", headers={"Cookie": f"{LANGUAGE_COOKIE}={language}"}):
        assert app.jinja_env.from_string(source).render() == joined
        said = phrasing.sentence(phrasing.aside(phrasing.listed(("甲", "乙")), "丙"))
        assert said == joined[: joined.index("丁") - 1].rstrip()
        assert app.jinja_env.from_string("{{ '一句。'.rstrip('。') }}").render() == "一句"
