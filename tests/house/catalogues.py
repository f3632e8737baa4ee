"""Are the catalogues in step with the source? ``python -m tests.house.catalogues`` (``--write`` mends them).

Chinese is the message id, so a missing translation shows Chinese and never a key. In step means: every marked text of
the source stands in every catalogue, and no catalogue has lost one. Complete means: the traditional and the English
catalogue say every text, with the same places for values; English says it without a Chinese letter. ``--write``
writes the traditional letters itself, from those of the source; what they should say otherwise is corrected by hand.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path

import opencc
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parents[2]
TRANSLATIONS = ROOT / "translations"
LOCALES = ("zh_Hans", "zh_Hant", "en")
COMPLETE = ("zh_Hant", "en")
CJK = re.compile(r"[\u3400-\u9fff\u3000-\u303f\uff01-\uff5e]")
#: Marks that people write literally, in ready phrases and in Word templates.
LITERAL = re.compile(r"\{[^}]*\}|【[^】]*】")
PLACES = re.compile(r"%\(\w+\)[sd]|%%")
BABEL = [sys.executable, "-m", "babel.messages.frontend"]


def extract(to: Path) -> None:
    """All marked texts of the source."""
    command = [*BABEL, "-q", "extract", "-F", "translations/babel.cfg", "-k", "N_", "-k", "_l",
               "--omit-header", "--no-location",
               "--sort-output", "-o", str(to), "app", "tenants"]  # fmt: skip
    subprocess.run(command, cwd=ROOT, check=True)


def ids(catalog: Catalog) -> set[object]:
    """The message ids of a catalogue."""
    return {message.id if isinstance(message.id, str) else tuple(message.id) for message in catalog if message.id}


def problems(template: Path) -> list[str]:
    """What is out of step, a line each."""
    with template.open("rb") as file:
        wanted = ids(read_po(file))
    found = []
    for locale in LOCALES:
        path = TRANSLATIONS / locale / "LC_MESSAGES" / "messages.po"
        if not path.exists():
            found.append(f"{locale}: no catalogue")
            continue
        with path.open("rb") as file:
            have = ids(read_po(file, locale=locale))
        found += [f"{locale}: missing {message!r}" for message in sorted(wanted - have, key=str)]
        found += [f"{locale}: no longer in the source {message!r}" for message in sorted(have - wanted, key=str)]
        if locale in COMPLETE:
            found += unsaid(path, locale)
    return found


def unsaid(path: Path, locale: str) -> list[str]:
    """Texts of a complete catalogue that are empty, have lost a place for a value, or are Chinese in English."""
    found = []
    with path.open("rb") as file:
        catalogue = read_po(file, locale=locale)
    for message in catalogue:
        if not message.id:
            continue
        said = str(message.string)
        if not said:
            found.append(f"{locale}: not translated {message.id!r}")
        elif sorted(PLACES.findall(str(message.id))) != sorted(PLACES.findall(said)):
            found.append(f"{locale}: other places for values {message.id!r}")
        elif locale == "en" and CJK.search(LITERAL.sub("", said)):
            found.append(f"{locale}: Chinese is left in {said!r}")
    return found


def write(template: Path) -> None:
    """Bring every catalogue in step, keeping what is translated."""
    for locale in LOCALES:
        target = TRANSLATIONS / locale / "LC_MESSAGES" / "messages.po"
        target.parent.mkdir(parents=True, exist_ok=True)
        catalog = Catalog(locale=locale)
        if target.exists():
            with target.open("rb") as file:
                catalog = read_po(file, locale=locale)
        with template.open("rb") as file:
            catalog.update(read_po(file), no_fuzzy_matching=True)
        if locale == "zh_Hant":
            _write_traditional(catalog)
        with target.open("wb") as file:
            write_po(file, catalog, omit_header=True, sort_output=True, ignore_obsolete=True, no_location=True)


def _write_traditional(catalog: Catalog) -> None:
    letters = opencc.OpenCC("s2tw")
    for message in catalog:
        if message.id and not message.string:
            message.string = letters.convert(str(message.id))


def main() -> int:
    """Check, or mend with ``--write``."""
    with tempfile.TemporaryDirectory() as folder:
        template = Path(folder) / "messages.pot"
        extract(template)
        if "--write" in sys.argv:
            write(template)
        wrong = problems(template)
    for line in wrong[:40]:
        print(line)
    if wrong:
        print(f"{len(wrong)} texts out of step: python -m tests.house.catalogues --write")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
