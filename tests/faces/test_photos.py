"""A matter's pictures at the desk: add, publish with consent, take back, hide; and what becomes of a hostile upload."""

from __future__ import annotations

import re
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from PIL import Image
from sqlalchemy import func, select

from app import clock
from app.matter.files import FileStore
from app.matter.models import Attachment, Matter, TimelineEntry
from app.people.privacy import Consent
from tenants.database import db, uuid7
from tests.cast import HOME, NEXT
from tests.conftest import inside
from tests.rooms.stage_setting import matter_at

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = b"<script>alert(document.domain)</script>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
AGREED = {"caption": "装好的灯", "note": "提出人电话里同意", "checked": "y"}


def text(answer: Any) -> str:
    return answer.get_data(as_text=True)


def picture(kind: str = "JPEG", *, exif: bool = True, after: bytes = b"") -> bytes:
    """A real picture that says where it was taken, with a page hidden in its comment and behind its end."""
    out, image = BytesIO(), Image.new("RGB", (640, 480), (200, 120, 40))
    data = Image.Exif()
    if exif:
        data[0x010E] = SCRIPT.decode()
        data.get_ifd(0x8825).update({1: "N", 2: (38.0, 2.0, 30.0), 3: "E", 4: (114.0, 30.0, 0.0)})
    more = {"comment": SCRIPT} if kind == "JPEG" else {}
    image.save(out, kind, exif=data, **more)
    return out.getvalue() + after


@pytest.fixture
def topic(app: Any) -> UUID:
    """An open public matter."""
    return make(app)


def make(app: Any, **values: Any) -> UUID:
    with inside(app, HOME):
        found = matter_at("implementing", now=clock.now(), **values).id
        db.session.commit()
    return found


def add(person: Any, topic: UUID, *files: tuple[bytes, str, str], **more: str) -> Any:
    uploads = [(BytesIO(data), name, kind) for data, name, kind in files]
    return person.post(
        f"/desk/matters/{topic}/photos", {"photos": uploads, "caption": "灯杆"} | more,
        content_type="multipart/form-data",
    )  # fmt: skip


def photos(app: Any) -> list[Attachment]:
    with inside(app, HOME):
        return list(db.session.scalars(select(Attachment).order_by(Attachment.created_at, Attachment.id)))


def added(app: Any, person: Any, topic: UUID) -> UUID:
    assert add(person, topic, (picture(), "a.jpg", "image/jpeg")).status_code == 303
    return photos(app)[-1].id


def test_a_picture_is_public_only_after_somebody_published_it(app: Any, browse: Any, topic: UUID) -> None:
    office, stranger, url = browse(HOME, "zhao"), browse(), f"/matters/{topic}"
    photo = added(app, browse(HOME, "xiaoli"), topic)
    for size in ("", "/small"):
        assert stranger.get(f"/files/{photo}{size}").status_code == 404
    assert str(photo) not in text(stranger.get(url))
    for lacking in ("caption", "note", "checked"):
        answer = office.post(f"/desk/photos/{photo}/publications", {k: v for k, v in AGREED.items() if k != lacking})
        assert answer.status_code == 422, lacking
        assert lacking == "caption" or "装好的灯" in text(answer)
    assert office.post(f"/desk/photos/{photo}/publications", AGREED).status_code == 303
    assert office.post(f"/desk/photos/{photo}/publications", AGREED).status_code == 422
    page = text(stranger.get(url))
    assert f'src="/files/{photo}/small" alt="装好的灯" loading="lazy"' in page
    assert f'href="/files/{photo}"' in page
    assert stranger.get(f"/files/{photo}").status_code == 200
    with inside(app, HOME):
        consent = db.session.scalars(select(Consent).where(Consent.about == "photo_public")).one()
        assert (consent.given, consent.matter_id) == (True, topic)
        inner = select(TimelineEntry.reason).where(TimelineEntry.verb == "photo_consent", ~TimelineEntry.public)
        assert db.session.scalars(inner).one() == "提出人电话里同意"
    assert "提出人电话里同意" not in page
    assert office.post(f"/desk/photos/{photo}/retractions").status_code == 303
    assert stranger.get(f"/files/{photo}").status_code == 404


def test_a_hidden_picture_is_gone_and_can_come_back(app: Any, browse: Any, topic: UUID) -> None:
    office, stranger = browse(HOME, "zhao"), browse()
    photo = added(app, office, topic)
    office.post(f"/desk/photos/{photo}/publications", AGREED)
    about = {"about": f"photo:{photo}", "reason": "privacy"}
    assert "装好的灯" in text(stranger.get(f"/matters/{topic}/reports"))
    assert stranger.post(f"/matters/{topic}/reports", about).status_code == 303
    assert "1 个人报告" in text(office.get("/desk/moderation?view=reports"))
    assert office.post(f"/desk/photos/{photo}/hidings", {"code": ""}).status_code == 422
    assert office.post(f"/desk/photos/{photo}/hidings", {"code": "privacy", "more": "拍到车牌"}).status_code == 303
    assert stranger.get(f"/files/{photo}").status_code == 404
    assert office.get(f"/files/{photo}").status_code == 200
    assert str(photo) not in text(stranger.get(f"/matters/{topic}"))
    assert stranger.post(f"/matters/{topic}/reports", about).status_code == 404
    assert "没有人报告" in text(office.get("/desk/moderation?view=reports"))
    assert "有一张照片不显示：写了别人的隐私，拍到车牌" in text(stranger.get(f"/matters/{topic}"))
    assert office.post(f"/desk/photos/{photo}/showings").status_code == 303
    assert stranger.get(f"/files/{photo}").status_code == 200
    assert office.post(f"/desk/photos/{photo}/showings").status_code == 409


@pytest.mark.parametrize("values", [{"visibility": "parties"}, {"track": "mediation"}])
def test_pictures_of_a_private_matter_stay_private(app: Any, browse: Any, values: dict[str, str]) -> None:
    office = browse(HOME, "shuji")
    topic = make(app, **values)
    photo = added(app, office, topic)
    answer = office.post(f"/desk/photos/{photo}/publications", AGREED)
    assert answer.status_code == 422
    assert "照片不能公开" in text(answer)
    assert browse().get(f"/files/{photo}").status_code == 404


def test_a_hidden_matter_closes_its_pictures(app: Any, browse: Any, topic: UUID) -> None:
    office, stranger = browse(HOME, "zhao"), browse()
    photo = added(app, office, topic)
    office.post(f"/desk/photos/{photo}/publications", AGREED)
    office.post(f"/desk/matters/{topic}/hidings", {"code": "privacy"})
    for size in ("", "/small"):
        assert stranger.get(f"/files/{photo}{size}").status_code == 404
        assert office.get(f"/files/{photo}{size}").status_code == 200


def test_who_may_do_what(app: Any, browse: Any, topic: UUID) -> None:
    photo = added(app, browse(HOME, "zhao"), topic)
    grid = browse(HOME, "xiaoli")
    assert grid.get(f"/desk/matters/{topic}/photos").status_code == 200
    assert grid.post(f"/desk/photos/{photo}/publications", AGREED).status_code == 403
    for login in ("jiandu", "sun", "yishi1"):
        assert add(browse(HOME, login), topic, (picture(), "a.jpg", "image/jpeg")).status_code == 403
    other = browse(NEXT, "shuji")
    for url in (f"/desk/matters/{topic}/photos", f"/desk/photos/{photo}", f"/files/{photo}", f"/files/{photo}/small"):
        assert other.get(url).status_code == 404, url
    assert add(other, topic, (picture(), "a.jpg", "image/jpeg")).status_code == 404
    for verb in ("publications", "retractions", "hidings", "showings"):
        assert other.post(f"/desk/photos/{photo}/{verb}", AGREED | {"code": "abuse"}).status_code == 404
    assert len(photos(app)) == 1
    assert (photos(app)[0].public, photos(app)[0].hidden_at) == (False, None)


def test_one_bad_file_spoils_nothing(app: Any, browse: Any, topic: UUID) -> None:
    office = browse(HOME, "zhao")
    answer = add(office, topic, (b"GIF89a" + SCRIPT, "坏.gif", "image/gif"), (picture(), "好.jpg", "image/jpeg"))
    assert answer.status_code == 422
    assert "坏.gif" in text(answer)
    assert "灯杆" in text(answer)
    assert len(photos(app)) == 1
    assert add(office, topic).status_code == 422
    assert add(office, topic, *[(picture(), "a.jpg", "image/jpeg")] * 7).status_code == 422
    long = add(office, topic, (picture(), "a.jpg", "image/jpeg"), caption="长" * 61)
    assert long.status_code == 422
    assert "最多写 60 个字" in text(long)


HOSTILE = {
    "page-as-jpg": (SCRIPT, "a.jpg", "image/jpeg"),
    "svg": (SVG, "a.svg", "image/svg+xml"),
    "svg-as-png": (SVG, "a.png", "image/png"),
    "xml-with-magic": (b"\xff\xd8\xff" + SVG, "a.jpg", "image/jpeg"),
    "gif-page": (b"GIF89a=1;" + SCRIPT, "a.gif", "text/html"),
    "pdf": (b"%PDF-1.7\n" + SCRIPT, "a.pdf", "application/pdf"),
    "zip": (b"PK\x03\x04" + SCRIPT, "a.jpg", "image/jpeg"),
    "page-after-jpeg": (picture(after=SCRIPT), "a.html", "text/html"),
    "page-in-exif": (picture(), "<img src=x onerror=alert(1)>.jpg", "text/html"),
    "png-with-page": (picture("PNG", after=SVG), "a.svg", "image/svg+xml"),
    "webp-with-page": (picture("WEBP"), "a.php", "application/x-php"),
    "path-as-name": (picture(), "../../../../etc/passwd", "image/jpeg"),
    "empty": (b"", "a.jpg", "image/jpeg"),
}


def harmless(data: bytes) -> None:
    """One of our own JPEGs: a picture and nothing else."""
    assert data.startswith(b"\xff\xd8\xff")
    assert data.endswith(b"\xff\xd9")
    for trace in (b"script", b"svg", b"Exif", b"GPS", b"http", b"alert"):
        assert trace not in data
    with Image.open(BytesIO(data)) as image:
        assert not dict(image.getexif())
        assert "comment" not in image.info


def shut_in(answer: Any) -> None:
    """No browser may take the answer for a page."""
    assert answer.headers["Content-Type"] == "image/jpeg"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
    assert "public" not in answer.headers["Cache-Control"]


@pytest.mark.parametrize("name", list(HOSTILE))
def test_whatever_is_sent_leaves_as_a_plain_picture_or_not_at_all(
    app: Any, browse: Any, topic: UUID, name: str
) -> None:
    """Through both doors that take pictures: the proposer's and the desk's."""
    data, filename, kind = HOSTILE[name]
    office, speaker = browse(HOME, "zhao"), browse()
    taken = add(office, topic, (data, filename, kind))
    assert taken.status_code in (303, 422)
    assert "<img src=x" not in text(taken)
    for photo in photos(app):
        for size in ("", "/small"):
            answer = office.get(f"/files/{photo.id}{size}")
            shut_in(answer)
            harmless(answer.data)
            with FileStore(Path(app.config["DATA_DIR"])).open(photo.community_id, photo.id, variant=size[1:]) as stored:
                assert stored.read() == answer.data
    said = speaker.post(
        "/say", {"words": "灯坏了", "photos": [(BytesIO(data), filename, kind)]}, content_type="multipart/form-data"
    )
    assert said.status_code == taken.status_code
    shown = text(speaker.get("/say"))
    assert "<img src=x" not in shown
    for preview in set(re.findall(r"/say/photos/[0-9a-f-]{36}", shown)):
        answer = speaker.get(preview)
        shut_in(answer)
        harmless(answer.data)
        assert browse(NEXT).get(preview).status_code == 404
        assert browse().get(preview).status_code == 404


@pytest.mark.parametrize("media_type", ["text/html", "image/svg+xml", "application/xhtml+xml", "application/pdf", ""])
@pytest.mark.parametrize("kind", ["photo", "paper", "voice"])
def test_no_file_door_serves_a_page_whatever_a_row_says(
    app: Any, browse: Any, topic: UUID, media_type: str, kind: str
) -> None:
    """Also a row that came in by another way cannot make any door hand out a page."""
    file_id = uuid7()
    with inside(app, HOME) as site:
        FileStore(Path(app.config["DATA_DIR"])).put(site.community_id, file_id, SVG)
        db.session.add(
            Attachment(
                id=file_id, matter_id=topic, kind=kind, media_type=media_type, size=len(SVG), sha256="0" * 64,
                public=True, created_at=clock.now(),
            )
        )  # fmt: skip
        db.session.commit()
    office = browse(HOME, "shuji")
    for url in file_urls(app, file_id):
        answer = office.get(url)
        if answer.status_code == 200:
            assert SVG not in answer.data, url
        else:
            assert answer.status_code in (302, 303, 404), url


def file_urls(app: Any, file_id: UUID) -> list[str]:
    """Every address of a hall that takes one id of a file, a picture, a voice, a letter or a paper."""
    about = re.compile(r"<uuid:(\w*(?:file|photo|voice|letter|sheet|paper|attachment|sound)\w*)>")
    return [
        about.sub(str(file_id), door.url)
        for site, door in app.extensions["doors"].values()
        if site == "community" and door.method == "GET" and about.search(door.url) and door.url.count("<") == 1
    ]


def test_the_file_doors_are_found_and_an_unknown_id_opens_none(app: Any, browse: Any) -> None:
    office, urls = browse(HOME, "shuji"), file_urls(app, uuid4())
    assert {url.rsplit("/", 2)[0] for url in urls} >= {"/files", ""}
    assert all(office.get(url).status_code == 404 for url in urls)


def test_lists_show_small_pictures_that_load_when_they_are_looked_at() -> None:
    """A full picture stands only on a page of its own, or on a poster that is going to be printed."""
    wrong = []
    for path in sorted((ROOT / "app/templates").rglob("*.html")):
        # A picture that waits to be looked at would stay white on paper.
        if path.name == "result_poster.html":
            continue
        for tag in re.findall(r"<img\b[^>]*?(?:\{\{.*?\}\}[^>]*?)*>", path.read_text(encoding="utf-8"), re.DOTALL):
            full = re.search(r"community\.file'", tag) and path.name != "photo.html"
            stored = "community.file" in tag
            if full or (stored and 'loading="lazy"' not in tag):
                wrong.append(f"{path.name}: {tag[:90]}")
    assert not wrong, "show community.file_small with loading=lazy:\n" + "\n".join(wrong)


def test_the_desk_page_costs_few_statements(app: Any, browse: Any, topic: UUID, count_queries: Any) -> None:
    with inside(app, HOME):
        for n in range(25):
            db.session.add(
                Attachment(
                    matter_id=topic, kind="photo", media_type="image/jpeg", size=1, sha256=str(n),
                    created_at=clock.now(),
                )
            )  # fmt: skip
        db.session.commit()
    office = browse(HOME, "zhao")
    office.get(f"/desk/matters/{topic}/photos")
    with count_queries() as seen:
        assert office.get(f"/desk/matters/{topic}/photos").status_code == 200
    assert len(seen) <= 6, seen
    with inside(app, HOME):
        assert db.session.scalar(select(func.count()).select_from(Matter).where(Matter.hidden_at.is_not(None))) == 0
