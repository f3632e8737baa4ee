"""Photos as phones and mischief send them, and the folder they are kept in."""

from __future__ import annotations

import hashlib
import os
import random
import struct
import zlib
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from uuid import UUID, uuid4

import pillow_heif
import pytest
from PIL import Image, ImageCms, ImageDraw, ImageOps, PngImagePlugin

from app.errors import Missing, Refused
from app.matter import files as files_module
from app.matter.files import FileStore
from app.matter.photos import FULL_SIDE, LIMIT_BYTES, LIMIT_PIXELS, SMALL_SIDE, BadPhoto, reencode

RED, BLUE = (220, 20, 20), (20, 20, 220)


def scene(width: int = 640, height: int = 480) -> Image.Image:
    """Blue with a red upper left quarter, so that every turn and flip shows."""
    image = Image.new("RGB", (width, height), BLUE)
    ImageDraw.Draw(image).rectangle((0, 0, width // 2 - 1, height // 2 - 1), fill=RED)
    return image


def encoded(image: Image.Image, kind: str = "JPEG", **options: object) -> BytesIO:
    out = BytesIO()
    image.save(out, kind, **options)
    out.seek(0)
    return out


def opened(data: bytes) -> Image.Image:
    image = Image.open(BytesIO(data))
    image.load()
    return image


def near(pixel: tuple[int, ...], colour: tuple[int, int, int], within: int = 30) -> bool:
    return all(abs(a - b) <= within for a, b in zip(pixel, colour, strict=True))


def reason(data: bytes, **limits: int) -> str:
    with pytest.raises(BadPhoto) as refused:
        reencode(BytesIO(data), **limits)
    return refused.value.reason % refused.value.values


def exif_of_a_phone(orientation: int = 1) -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = "SecretPhone"
    gps = exif.get_ifd(0x8825)
    gps[1], gps[2], gps[3], gps[4] = "N", (38.0, 2.0, 30.0), "E", (114.0, 28.0, 11.0)
    return exif


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF"])
def test_every_kind_a_phone_sends_becomes_two_jpegs(kind: str) -> None:
    photo = reencode(encoded(scene(3000, 2000), kind))
    full, small = opened(photo.full), opened(photo.small)
    assert (full.format, small.format) == ("JPEG", "JPEG")
    assert (photo.width, photo.height) == full.size
    assert full.size == (FULL_SIDE, 1067)
    assert max(small.size) == SMALL_SIDE
    assert photo.sha256 == hashlib.sha256(photo.full).hexdigest()
    for image in (full, small):
        assert near(image.getpixel((10, 10)), RED)
        assert near(image.getpixel((image.width - 10, image.height - 10)), BLUE)


def test_small_pictures_are_not_blown_up() -> None:
    photo = reencode(encoded(scene(100, 50)))
    assert (photo.width, photo.height) == (100, 50)
    assert opened(photo.small).size == (100, 50)


def test_place_phone_and_comments_are_gone() -> None:
    exif = exif_of_a_phone()
    sent = encoded(scene(), exif=exif, comment=b"SecretPhone comment", xmp=b"<x>SecretPhone</x>", dpi=(72, 72))
    assert Image.open(sent).getexif().get_ifd(0x8825)[2] == (38.0, 2.0, 30.0)
    assert sent.getvalue().count(b"SecretPhone") == 3
    sent.seek(0)
    photo = reencode(sent)
    for data in (photo.full, photo.small):
        image = opened(data)
        assert b"SecretPhone" not in data
        assert b"Exif" not in data
        assert not dict(image.getexif())
        assert not image.info.keys() & {"exif", "comment", "xmp", "icc_profile", "photoshop"}


def test_png_text_is_gone() -> None:
    texts = PngImagePlugin.PngInfo()
    texts.add_itxt("Location", "SecretPhone")
    photo = reencode(encoded(scene(), "PNG", pnginfo=texts, exif=exif_of_a_phone()))
    assert b"SecretPhone" not in photo.full


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_orientation_stands_upright(orientation: int) -> None:
    undo = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    upright = scene(640, 480)
    sensor = upright.transpose(undo[orientation]) if orientation in undo else upright
    sent = encoded(sensor, exif=exif_of_a_phone(orientation))
    assert near(ImageOps.exif_transpose(Image.open(sent)).getpixel((20, 20)), RED), "the test's own picture is wrong"
    sent.seek(0)
    photo = reencode(sent)
    full = opened(photo.full)
    assert full.size == (640, 480)
    assert near(full.getpixel((20, 20)), RED)
    for corner in ((620, 20), (20, 460), (620, 460)):
        assert near(full.getpixel(corner), BLUE)


@pytest.mark.filterwarnings("ignore::UserWarning:PIL")
def test_broken_metadata_does_not_spoil_a_good_picture() -> None:
    photo = reencode(encoded(scene(), exif=b"Exif\0\0II*\0\xff\xff\xff\xff" + b"\xff" * 40))
    assert (photo.width, photo.height) == (640, 480)


@pytest.mark.parametrize(
    ("mode", "kind"), [("RGBA", "PNG"), ("LA", "PNG"), ("P", "PNG"), ("1", "PNG"), ("L", "JPEG"), ("CMYK", "JPEG")]
)
def test_every_colour_mode_is_flattened(mode: str, kind: str) -> None:
    photo = reencode(encoded(scene(2000, 1500).convert(mode), kind))
    assert opened(photo.full).mode == "RGB"
    assert (photo.width, photo.height) == (1600, 1200)


def test_transparent_ground_is_white_not_black() -> None:
    photo = reencode(encoded(Image.new("RGBA", (64, 64), (0, 0, 0, 0)), "PNG"))
    assert near(opened(photo.full).getpixel((32, 32)), (255, 255, 255), 3)


def test_sixteen_bit_grey_keeps_its_greys() -> None:
    grey = Image.new("I;16", (64, 64), 0x8000)
    assert near(opened(reencode(encoded(grey, "PNG")).full).getpixel((32, 32)), (128, 128, 128), 3)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF"])
def test_colours_of_another_profile_are_moved_not_relabelled(kind: str) -> None:
    ordinary = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    # A profile whose red light is blue and the other way round: a picture that only lost its label would keep its red.
    swapped = ordinary.replace(b"rXYZ", b"tmp_", 1).replace(b"bXYZ", b"rXYZ", 1).replace(b"tmp_", b"bXYZ", 1)
    photo = reencode(encoded(scene(), kind, icc_profile=swapped))
    assert near(opened(photo.full).getpixel((20, 20)), BLUE, 45)
    assert "icc_profile" not in opened(photo.full).info


def test_too_large_is_refused_before_it_is_looked_at() -> None:
    twenty = BytesIO(os.urandom(1024) * (20 * 1024))
    with pytest.raises(BadPhoto) as refused:
        reencode(twenty)
    assert refused.value.reason % refused.value.values == "照片太大，一张不能超过 10 MB。"
    assert twenty.tell() == LIMIT_BYTES + 1, "the rest of an oversized upload is not read into memory"


def test_the_limit_itself_is_allowed() -> None:
    sent = encoded(scene()).getvalue()
    assert reencode(BytesIO(sent), limit_bytes=len(sent)).width == 640
    assert "照片太大" in reason(sent, limit_bytes=len(sent) - 1)


@pytest.mark.parametrize(
    "data", ["说一件事：楼道灯坏了。\n".encode(), b"<svg onload='x()'/>", b"MZ\x90\0" * 50, b"PK\x03\x04" * 50]
)
def test_what_is_not_a_photo_is_refused(data: bytes) -> None:
    assert "不是照片" in reason(data)


def test_empty_file() -> None:
    assert "空的" in reason(b"")


@pytest.mark.parametrize("kind", ["GIF", "BMP", "TIFF", "PDF", "ICO", "AVIF"])
def test_other_kinds_are_named_as_such(kind: str) -> None:
    assert "换成 JPG" in reason(encoded(scene(64, 64), kind).getvalue())


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF"])
@pytest.mark.parametrize("part", [0.02, 0.5, 0.95])
def test_half_an_upload_is_refused(kind: str, part: float) -> None:
    noise = Image.frombytes("RGB", (200, 200), random.Random(7).randbytes(200 * 200 * 3))
    data = encoded(noise, kind).getvalue()
    assert "损坏" in reason(data[: max(16, int(len(data) * part))])


def png_header(width: int, height: int) -> bytes:
    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 100)) + chunk(b"IEND", b"")
    )


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
@pytest.mark.parametrize("side", [8_000, 12_000, 65_000])
def test_a_bomb_is_judged_by_its_header(side: int) -> None:
    assert side * side > LIMIT_PIXELS
    assert "像素太多" in reason(png_header(side, side))


def test_the_pixel_limit_itself_is_allowed() -> None:
    sent = encoded(scene(100, 100), "PNG").getvalue()
    assert reencode(BytesIO(sent), limit_pixels=10_000).width == 100
    assert "像素太多" in reason(sent, limit_pixels=9_999)


def test_a_bad_photo_is_an_ordinary_refusal() -> None:
    assert issubclass(BadPhoto, Refused)


@pytest.mark.filterwarnings("ignore::UserWarning:PIL", "ignore::PIL.Image.DecompressionBombWarning")
def test_mangled_bytes_only_ever_give_a_photo_or_a_refusal() -> None:
    chance = random.Random(2026)
    exif = exif_of_a_phone(6).tobytes()
    sources = [encoded(scene(80, 60), kind, exif=exif).getvalue() for kind in ("JPEG", "PNG", "WEBP", "HEIF")]
    for _ in range(200):
        data = bytearray(chance.choice(sources))
        for _ in range(chance.randint(1, 12)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        try:
            photo = reencode(BytesIO(bytes(data)))
        except BadPhoto:
            continue
        assert opened(photo.full).format == "JPEG"


def test_heif_decoder_is_the_real_one() -> None:
    assert pillow_heif.libheif_info()["HEIF"]


HALL, NEIGHBOUR = uuid4(), uuid4()


def test_what_is_put_is_read_back_and_only_by_its_own_community(tmp_path: Path) -> None:
    store, file_id = FileStore(tmp_path), uuid4()
    store.put(HALL, file_id, b"full")
    store.put(HALL, file_id, b"small", variant="small")
    with store.open(HALL, file_id) as full, store.open(HALL, file_id, variant="small") as small:
        assert (full.read(), small.read()) == (b"full", b"small")
    with pytest.raises(Missing):
        store.open(NEIGHBOUR, file_id)
    stored = tmp_path / "files" / str(HALL) / str(file_id)
    assert stored.stat().st_mode & 0o077 == 0
    assert stored.parent.stat().st_mode & 0o077 == 0


def test_putting_again_replaces_it_whole(tmp_path: Path) -> None:
    store, file_id = FileStore(tmp_path), uuid4()
    store.put(7, file_id, b"a long first version")
    store.put(7, file_id, b"short")
    with store.open(7, file_id) as data:
        assert data.read() == b"short"


def test_a_failing_disk_leaves_the_old_file_and_no_litter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store, file_id = FileStore(tmp_path), uuid4()
    store.put(HALL, file_id, b"old")

    def full_disk(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files_module.os, "fsync", full_disk)
    with pytest.raises(OSError, match="No space"):
        store.put(HALL, file_id, b"new")
    with store.open(HALL, file_id) as data:
        assert data.read() == b"old"
    assert [entry.name for entry in (tmp_path / "files" / str(HALL)).iterdir()] == [str(file_id)]


@pytest.mark.parametrize("community", ["../x", "7", b"7", True, 0, -1, None, 1.0])
def test_a_path_is_never_built_from_text(tmp_path: Path, community: object) -> None:
    with pytest.raises(TypeError):
        FileStore(tmp_path).put(community, uuid4(), b"")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("file_id", ["../../etc/passwd", "x", 7, None])
def test_a_file_is_named_by_a_uuid(tmp_path: Path, file_id: object) -> None:
    with pytest.raises(TypeError):
        FileStore(tmp_path).open(HALL, file_id)
    with pytest.raises(ValueError, match="variant"):
        FileStore(tmp_path).open(HALL, uuid4(), variant="../x")


def test_a_link_in_the_folder_is_not_followed(tmp_path: Path) -> None:
    store, file_id = FileStore(tmp_path), uuid4()
    store.put(HALL, uuid4(), b"")
    (tmp_path / "secret").write_bytes(b"key")
    (tmp_path / "files" / str(HALL) / str(file_id)).symlink_to(tmp_path / "secret")
    with pytest.raises(Missing):
        store.open(HALL, file_id)


def aged(path: Path, moment: datetime) -> None:
    os.utime(path, (moment.timestamp(), moment.timestamp()))


def test_sweeping_takes_only_what_is_old_and_unreferenced(tmp_path: Path) -> None:
    store = FileStore(tmp_path)
    limit = datetime(2026, 6, 5, tzinfo=UTC)
    ids: dict[str, UUID] = {name: uuid4() for name in ("kept", "orphan", "fresh", "neighbour")}
    folder = tmp_path / "files" / str(HALL)
    for name in ("kept", "orphan", "fresh"):
        store.put(HALL, ids[name], b"x")
        store.put(HALL, ids[name], b"x", variant="small")
    store.put(NEIGHBOUR, ids["neighbour"], b"x")
    (folder / ".unfinished-1").write_bytes(b"")
    (folder / "README").write_bytes(b"put here by hand")
    for entry in [*folder.iterdir(), *(tmp_path / "files" / str(NEIGHBOUR)).iterdir()]:
        aged(entry, limit if entry.name.startswith(str(ids["fresh"])) else limit - timedelta(hours=1))
    assert store.forget_unreferenced(HALL, {ids["kept"]}, older_than=limit) == [ids["orphan"]]
    names = {entry.name for entry in folder.iterdir()}
    expected = {str(ids["kept"]), f"{ids['kept']}.small", str(ids["fresh"]), f"{ids['fresh']}.small", "README"}
    assert names == expected
    with store.open(NEIGHBOUR, ids["neighbour"]) as data:
        assert data.read() == b"x"
    assert store.forget_unreferenced(uuid4(), (), older_than=limit) == []


def test_forgetting_takes_both_sizes_and_may_be_repeated(tmp_path: Path) -> None:
    store, file_id = FileStore(tmp_path), uuid4()
    store.put(HALL, file_id, b"x")
    store.put(HALL, file_id, b"x", variant="small")
    store.forget(HALL, file_id)
    store.forget(HALL, file_id)
    assert not list((tmp_path / "files" / str(HALL)).iterdir())
