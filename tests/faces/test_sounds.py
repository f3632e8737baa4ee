"""Who may hear a voice note, and how it is sent."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from app.flow.collect import voice_notes
from app.flow.collect.actions import Saying, submit
from app.flow.collect.models import Proposal
from app.matter.files import FileStore
from app.matter.models import Attachment
from app.people.actor import Actor
from tenants.database import db, uuid7
from tenants.scope import current_community
from tests.cast import HOME
from tests.conftest import inside

DATA = b"#!AMR\n" + b"\x3c" * 900


@pytest.fixture
def voice(app: Any, now: Any) -> dict[str, str]:
    """A matter with nothing but a voice."""
    voice_id = uuid7()
    with inside(app, HOME):
        saying = Saying(words=voice_notes.PLACEHOLDER, place="3 号楼门口", voices=1)
        matter = submit(saying, by=Actor("resident", "吴奶奶"), now=now).matter
        kept = {"id": str(voice_id), "media_type": "audio/amr", "size": len(DATA), "sha256": "0" * 64}
        voice_notes.keep_voices(matter, [kept], now=now)
        FileStore(Path(app.config["DATA_DIR"])).put(current_community(), voice_id, DATA)
        db.session.commit()
        return {"id": str(voice_id), "matter": str(matter.id)}


def test_the_office_hears_it_in_a_box_and_in_pieces(browse: Any, voice: dict[str, str]) -> None:
    office = browse(HOME, "zhao")
    answer = office.get(f"/files/{voice['id']}/voice")
    assert (answer.status_code, answer.mimetype, answer.data) == (200, "audio/amr", DATA)
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Content-Disposition"] == 'inline; filename="voice.amr"'
    piece = office.get(f"/files/{voice['id']}/voice", headers={"Range": "bytes=0-5"})
    assert (piece.status_code, piece.data) == (206, b"#!AMR\n")
    assert office.get(f"/files/{voice['id']}").status_code == 404


@pytest.mark.parametrize("login", [None, "yishi1", "sun", "xiaoli"])
def test_nobody_else_hears_it(app: Any, browse: Any, voice: dict[str, str], login: str | None) -> None:
    with inside(app, HOME):
        db.session.scalars(select(Attachment)).one().public = True
        db.session.commit()
    assert browse(HOME, login).get(f"/files/{voice['id']}/voice").status_code == 404


def test_the_neighbour_finds_nothing(app: Any, browse: Any, voice: dict[str, str]) -> None:
    next_door = browse("dianye", "shuji")
    assert next_door.get(f"/files/{voice['id']}/voice").status_code == 404
    assert next_door.get(f"/desk/voices/{voice['id']}/transcript").status_code == 404
    answer = next_door.post(f"/desk/voices/{voice['id']}/transcript", {"words": "改一改别人的话"})
    assert answer.status_code == 404
    with inside(app, HOME):
        assert db.session.scalars(select(Attachment.transcript)).one() == ""


def test_it_is_heard_on_the_screening_page_and_written_down(app: Any, browse: Any, voice: dict[str, str]) -> None:
    office = browse(HOME, "zhao")
    page = office.get(f"/desk/matters/{voice['matter']}/screening").get_data(as_text=True)
    assert f"/files/{voice['id']}/voice" in page
    assert "还没听写" in page
    door = f"/desk/voices/{voice['id']}/transcript"
    assert f"{door}?back=screening" in page
    assert "?tab=papers#voices" in office.get(f"/desk/matters/{voice['matter']}").get_data(as_text=True)
    bad = office.post(door, {"words": "啊", "back": "screening"})
    assert bad.status_code == 422
    assert "把听到的写下来" in bad.get_data(as_text=True)
    done = office.post(door, {"words": "门口的灯不亮，老人怕摔。", "back": "screening"})
    assert done.status_code == 303
    assert done.location.endswith("/screening")
    with inside(app, HOME):
        assert db.session.scalars(select(Proposal.words)).one() == "门口的灯不亮，老人怕摔。"
    shown = office.get(f"/desk/matters/{voice['matter']}?tab=papers").get_data(as_text=True)
    assert "改听写" in shown
    assert "门口的灯不亮" in shown
