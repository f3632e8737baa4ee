"""Photos from people's phones, made safe: decoded, turned upright, stripped of everything but the picture.

A phone writes where and when a picture was taken into the file. A hall publishes pictures of homes, so nothing of the
original bytes is kept: both sizes are drawn anew.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from io import BytesIO
from typing import BinaryIO

import pillow_heif
from PIL import ExifTags, Image, ImageCms

from app.errors import Refused
from app.words import N_

pillow_heif.register_heif_opener(thumbnails=False)

LIMIT_BYTES = 10 * 1024 * 1024
# The largest common phone camera mode is 48.8 million; a decoded picture takes 3 to 4 bytes for each.
LIMIT_PIXELS = 50_000_000
FULL_SIDE, SMALL_SIDE = 1600, 360
# Modes the scaler can average; palettes and sixteen-bit grey must be flattened first.
_SCALABLE = ("RGB", "RGBA", "L", "CMYK")
# What undoes each EXIF orientation (JEITA CP-3451, tag 0x0112).
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_FULL_QUALITY, _SMALL_QUALITY = 82, 78

_HEIF_BRANDS = {b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1"}
_OTHER_KINDS = (b"GIF8", b"BM", b"II*\0", b"MM\0*", b"%PDF", b"\0\0\1\0", b"8BPS")


class BadPhoto(Refused):
    """The upload is not a photo the hall can take; ``reason`` says why and what to do instead."""


@dataclass(frozen=True)
class Photo:
    """A cleaned photo: two JPEGs, the size of the full one in pixels, and the hex SHA-256 of the full one."""

    full: bytes
    small: bytes
    width: int
    height: int
    sha256: str


def _kind(data: bytes) -> str:
    """Which decoder may look at the bytes. Names and declared types are not asked: anybody can write them."""
    if data[:3] == b"\xff\xd8\xff":
        return "JPEG"
    if data[:8] == b"\x89PNG\r\n\x1a\n":
        return "PNG"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WEBP"
    if data[4:8] == b"ftyp":
        if data[8:12] in _HEIF_BRANDS:
            return "HEIF"
        raise BadPhoto(N_("这种格式打不开，请换成 JPG、PNG、WebP 或 HEIC 照片。"))
    if data.startswith(_OTHER_KINDS):
        raise BadPhoto(N_("这种格式打不开，请换成 JPG、PNG、WebP 或 HEIC 照片。"))
    raise BadPhoto(N_("这个文件不是照片，请重新选一张。"))


def _read(stream: BinaryIO, limit_bytes: int) -> bytes:
    data = stream.read(limit_bytes + 1)
    if len(data) > limit_bytes:
        raise BadPhoto(N_("照片太大，一张不能超过 %(limit)s MB。"), limit=limit_bytes // (1024 * 1024))
    if not data:
        raise BadPhoto(N_("这个文件是空的，请重新选一张照片。"))
    return data


def _decode(data: bytes, kind: str, limit_pixels: int) -> Image.Image:
    """Open and decode the first picture in ``data``; the size is judged from the header, before any memory is spent."""
    too_many = BadPhoto(N_("照片的像素太多，请把照片缩小后再传。"))
    try:
        image = Image.open(BytesIO(data), formats=(kind,))
        if image.width * image.height > limit_pixels:
            raise too_many
        # A JPEG can be decoded at a half or a quarter of its size, which spares most of the memory.
        image.draft(None, (FULL_SIDE, FULL_SIDE))
        image.load()
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise too_many from error
    except BadPhoto:
        raise
    # The decoders answer to broken bytes with many kinds of exception, and none of them is our fault or our news.
    except Exception as error:
        raise BadPhoto(N_("照片没有传完整或已损坏，请重新拍一张或再传一次。")) from error
    return image


def _orientation(image: Image.Image) -> int:
    """The EXIF orientation, 1 when there is none; metadata too broken to read does not spoil a good picture."""
    try:
        return int(image.getexif().get(ExifTags.Base.Orientation, 1))
    except Exception:
        return 1


def _to_srgb(image: Image.Image) -> Image.Image:
    """Move the colours into sRGB while the profile is still known; phones write wider ones that look pale without."""
    profile = image.info.get("icc_profile")
    if not profile or image.mode not in ("RGB", "CMYK", "L"):
        return image
    try:
        moved = ImageCms.profileToProfile(
            image, ImageCms.ImageCmsProfile(BytesIO(profile)), ImageCms.createProfile("sRGB"), outputMode="RGB"
        )
    except (ImageCms.PyCMSError, OSError, ValueError):
        return image
    return moved or image


def _flat(image: Image.Image) -> Image.Image:
    """Plain RGB on white ground, whatever the mode was."""
    if image.mode.startswith("I"):
        # Sixteen-bit grey would be clipped to white by a plain conversion.
        image = image.convert("I").point(lambda value: value / 256).convert("L")
    if image.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in image.info:
        image = image.convert("RGBA")
        ground = Image.new("RGB", image.size, "white")
        ground.paste(image, mask=image.getchannel("A"))
        return ground
    return image.convert("RGB")


def _jpeg(image: Image.Image, quality: int) -> bytes:
    # The encoder copies comments and the like from the picture's info, so the info must be gone by now.
    image.info = {}
    out = BytesIO()
    image.save(out, "JPEG", quality=quality, optimize=True, progressive=True)
    return out.getvalue()


def _fitted(image: Image.Image, side: int) -> Image.Image:
    copy = image.copy()
    copy.thumbnail((side, side), Image.Resampling.LANCZOS)
    return copy


def reencode(stream: BinaryIO, *, limit_bytes: int = LIMIT_BYTES, limit_pixels: int = LIMIT_PIXELS) -> Photo:
    """Read an uploaded photo (JPEG, PNG, WebP or HEIC) and draw it anew without any metadata.

    ``full`` fits into 1600 × 1600 px, ``small`` into 360 × 360; smaller pictures are not blown up.

    :raises BadPhoto: when it is too large (bytes or pixels), empty, no picture, of another kind, or broken.
    """
    data = _read(stream, limit_bytes)
    image = _decode(data, _kind(data), limit_pixels)
    try:
        turn = _TURNS.get(_orientation(image))
        if image.mode in _SCALABLE:
            # Scaling before the colours are moved keeps the costly steps to a picture of at most 1600 px.
            image.thumbnail((FULL_SIDE, FULL_SIDE), Image.Resampling.LANCZOS)
        full = _fitted(_flat(_to_srgb(image)), FULL_SIDE)
        full = full.transpose(turn) if turn is not None else full
        full_bytes, small_bytes = _jpeg(full, _FULL_QUALITY), _jpeg(_fitted(full, SMALL_SIDE), _SMALL_QUALITY)
    except (OSError, ValueError, SyntaxError, OverflowError) as error:
        raise BadPhoto(N_("照片没有传完整或已损坏，请重新拍一张或再传一次。")) from error
    return Photo(full_bytes, small_bytes, full.width, full.height, hashlib.sha256(full_bytes).hexdigest())
