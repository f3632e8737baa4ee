"""Small drawings for the demo's pictures, sent through the same pipeline as a phone's photo."""

from __future__ import annotations

from functools import lru_cache
from io import BytesIO

from PIL import Image, ImageDraw, ImageFilter

WIDTH, HEIGHT = 1200, 900
SKY, WALL, WINDOW, GROUND = "#cfdfe8", "#c9a98b", "#5f7684", "#a9a49a"
QUILTS = ("#b4524a", "#7a93b8", "#d9b36a", "#8fa37a", "#c98aa0")


def _yard() -> tuple[Image.Image, ImageDraw.ImageDraw]:
    """A brick building of four floors behind a paved yard."""
    image = Image.new("RGB", (WIDTH, HEIGHT), SKY)
    draw = ImageDraw.Draw(image)
    draw.rectangle((120, 90, 1080, 600), fill=WALL)
    draw.rectangle((120, 70, 1080, 95), fill="#8d6f57")
    for floor in range(4):
        for row in range(7):
            x, y = 165 + row * 130, 125 + floor * 118
            draw.rectangle((x, y, x + 80, y + 72), fill=WINDOW, outline="#efe6da", width=6)
            draw.line((x + 40, y, x + 40, y + 72), fill="#efe6da", width=4)
    draw.rectangle((0, 600, WIDTH, HEIGHT), fill=GROUND)
    for line in range(620, HEIGHT, 46):
        draw.line((0, line, WIDTH, line), fill="#9b968c", width=2)
    return image, draw


def _quilt(draw: ImageDraw.ImageDraw, x: int, y: int, colour: str, width: int = 120, height: int = 150) -> None:
    draw.polygon([(x, y), (x + width, y + 6), (x + width - 6, y + height), (x + 8, y + height - 8)], fill=colour)
    for stripe in range(1, 4):
        at = x + stripe * width // 4
        draw.line((at, y + 4, at, y + height - 8), fill="#f3ece2", width=3)


def _photo(image: Image.Image) -> bytes:
    out = BytesIO()
    image.filter(ImageFilter.GaussianBlur(0.8)).save(out, "JPEG", quality=88)
    return out.getvalue()


@lru_cache(maxsize=1)
def racks_before() -> bytes:
    """Ropes from a pole to a tree, quilts on them, one caught on a wire."""
    image, draw = _yard()
    draw.rectangle((150, 330, 172, 860), fill="#6c6258")
    draw.rectangle((1010, 420, 1045, 860), fill="#5b4633")
    draw.ellipse((890, 230, 1170, 480), fill="#5d7f4c")
    draw.line((160, 350, 1200, 300), fill="#2f2f2f", width=4)
    for rope, (left, right) in enumerate(((520, 560), (600, 640))):
        draw.line((160, left, 1025, right), fill="#efe9dd", width=5)
        for place in range(4):
            x = 230 + place * 190 + rope * 60
            _quilt(draw, x, left + (right - left) * (x - 160) // 865 + 2, QUILTS[(place + rope) % 5])
    _quilt(draw, 560, 332, QUILTS[2], 90, 120)
    return _photo(image)


@lru_cache(maxsize=1)
def racks_after() -> bytes:
    """Five steel racks in a row on slip-proof tiles."""
    image, draw = _yard()
    draw.polygon([(90, 660), (1110, 660), (1180, 860), (20, 860)], fill="#b9683f")
    for line in range(680, 860, 30):
        draw.line((20, line, 1180, line), fill="#a45a35", width=3)
    for rack in range(5):
        x = 130 + rack * 195
        for foot in (x, x + 150):
            draw.line((foot, 520, foot, 800), fill="#e8ecef", width=12)
        for bar in (530, 570):
            draw.line((x - 10, bar, x + 160, bar), fill="#e8ecef", width=9)
        if rack % 2 == 0:
            _quilt(draw, x + 18, 532, QUILTS[rack], 110, 160)
    return _photo(image)
