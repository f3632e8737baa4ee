"""The street's own Word files: sent in, used by every hall's papers, tried, withdrawn; and nobody else's business."""

from __future__ import annotations

from io import BytesIO
from uuid import uuid4

from docx import Document
from sqlalchemy import select

from app.records.models import PaperTemplate
from tenants.database import db
from tests.cast import HOME, NEXT
from tests.conftest import inside
from tests.faces.test_resolutions import decided, written
from tests.rules.test_letterhead import letterhead


def send(who, data, *, kind="resolution", name="街道 模板.docx", once=None):
    form = {"kind": kind, "once": str(once or uuid4()), "file": (BytesIO(data), name)}
    return who.post("/templates", form, content_type="multipart/form-data")


def header_of(answer):
    return Document(BytesIO(answer.data)).sections[0].header.paragraphs[0].text


def test_a_file_is_sent_used_by_the_halls_tried_and_withdrawn(app, browse, count_queries):
    shuji = browse(HOME, "shuji")
    admin = browse("", "guanli")
    assert "用标准版面" in admin.get("/templates").get_data(as_text=True)
    blank = admin.get("/templates/blank.docx")
    assert "【正文】" in [paragraph.text for paragraph in Document(BytesIO(blank.data)).paragraphs]
    broken = send(admin, b"not a paper")
    page = broken.get_data(as_text=True)
    assert broken.status_code == 422
    assert "不是 Word" in page
    assert send(admin, letterhead(), kind="letter").status_code == 422
    once, data = uuid4(), letterhead()
    for _click in range(2):
        assert send(admin, data, once=once).status_code == 303
    again = send(admin, data)
    assert "同一个文件" in again.get_data(as_text=True)
    page = admin.get("/templates").get_data(as_text=True)
    assert "用第 1 版" in page
    assert "街道 模板.docx" in page
    assert admin.get(f"/templates/{once}/file.docx").data == data
    assert header_of(admin.get(f"/templates/{once}/sample.docx")) == "中华大街街道办事处"
    resolution = written(app, shuji, decided(app))
    paper = shuji.get(f"/resolutions/{resolution}/paper.docx")
    assert header_of(paper) == "中华大街街道办事处"
    assert "在 3 号楼前增设 5 组共享晾衣架。" in [line.text for line in Document(BytesIO(paper.data)).paragraphs]
    admin.get("/templates")
    with count_queries() as seen:
        assert admin.get("/templates").status_code == 200
    assert len(seen) <= 6
    assert admin.post(f"/templates/{once}/withdrawal", {}).status_code == 303
    assert header_of(shuji.get(f"/resolutions/{resolution}/paper.docx")) == ""
    assert admin.get(f"/templates/{uuid4()}/file.docx").status_code == 404


def test_only_the_street_s_administrator_comes_in(app, browse):
    for who in (browse("", "zhuren"), browse("")):
        assert who.get("/templates").status_code in (302, 403)
        assert send(who, letterhead()).status_code in (302, 403)
    assert browse(HOME, "shuji").get("/templates").status_code == 404
    for hall in (HOME, NEXT):
        with inside(app, hall):
            assert db.session.scalars(select(PaperTemplate)).all() == []
