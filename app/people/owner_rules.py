"""What an owner's line says: the unit's label, its area in 0.01 square metre, and who may ask for a meeting. Pure.

Source: Civil Code 278; the court's interpretation on shared ownership, sections 8 and 9 (area from the register, else
the survey, else the contract); the guidance for owners' assemblies, section 13 (a fifth of the owners may ask).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation

from app.errors import Verdict, no, yes
from app.words import N_

NAME, MARK, LABEL = 40, 20, 40
#: No single exclusive unit is larger than a hectare of floors; a bigger figure is a slip of the finger.
MOST_AREA_DM2 = 10_000_00
KINDS: Mapping[str, str] = {"person": N_("个人"), "company": N_("单位"), "developer": N_("建设单位")}
SOURCES: Mapping[str, str] = {"register": N_("产权登记"), "survey": N_("实测"), "contract": N_("买卖合同")}
NO_AREA = N_("面积写平方米数，最多两位小数，比如 88.50；「%(text)s」看不懂。")
AREA_BOUNDS = N_("面积要在 0.01 到 %(most)s 平方米之间。")
_PAD = 6


def area_in(text: str) -> int | None:
    """The area in 0.01 square metre that people typed (88.5, 88.50㎡, 1,024.3 平方米); None for what is no area.

    A spreadsheet writes 88.13000000000001 where its cell shows 88.13, so noise behind the sixth place is taken off;
    a third decimal that somebody meant is refused, because an area is never rounded for anybody.
    """
    tidy = re.sub(r"(平方米|平米|m2|㎡)$", "", unicodedata.normalize("NFKC", text).strip().casefold()).strip()
    tidy = tidy.replace(",", "").replace("，", "")
    if not re.fullmatch(r"\d{1,9}(\.\d{1,20})?", tidy) or not tidy.isascii():
        return None
    try:
        found = Decimal(tidy)
    except InvalidOperation:
        return None
    whole = int((found * 100).to_integral_value())
    return whole if abs(found * 100 - whole) < Decimal("0.0001") else None


def good_area(text: str) -> Verdict:
    """Whether the text is an area that an exclusive unit can have."""
    found = area_in(text)
    if found is None:
        return no(NO_AREA, text=text[:20])
    return yes() if 0 < found <= MOST_AREA_DM2 else no(AREA_BOUNDS, most=square_metres(MOST_AREA_DM2))


def square_metres(area_dm2: int) -> str:
    """9,600.00 as people write it; the digits are moved, never divided."""
    return f"{area_dm2 // 100:,}.{area_dm2 % 100:02d}"


def unit_label(text: str) -> str:
    """A unit as the hall writes it: 3-1-301 and 3号楼1单元301室 are 3 号楼 1 单元 301; any other words stay."""
    tidy = re.sub(r"\s+", " ", unicodedata.normalize("NFKC", text)).strip()
    found = address_in(tidy)
    return f"{found[0]} {found[1]} 单元 {found[2]}" if found else tidy


def address_in(text: str) -> tuple[str, int, str] | None:
    """Building, stairwell and door of a label that names all three, else None."""
    tidy = re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))
    found = re.fullmatch(r"(\d{1,4})(?:-|号楼?|#楼?|幢|栋)(\d{1,2})(?:-|单元|门)([0-9A-Za-z]{1,6})(?:室|号)?", tidy)
    return (f"{int(found[1])} 号楼", int(found[2]), found[3].upper()) if found else None


def natural_key(text: str) -> str:
    """A key by which 3 号楼 stands before 10 号楼, and by which two spellings of one unit are the same."""
    tidy = re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)).casefold()
    return re.sub(r"\d+", lambda digits: digits[0].lstrip("0").zfill(_PAD), tidy)


def name_key(name: str, mark: str = "") -> tuple[str, str]:
    """What makes two names one owner: blanks and full-width forms do not count, the mark does."""
    plain = (re.sub(r"\s+", "", unicodedata.normalize("NFKC", part)).casefold() for part in (name, mark))
    return next(plain), next(plain)


def full_name(name: str, mark: str) -> str:
    """王芳（甲）: the name with what tells this owner from another of the same name."""
    return f"{name}（{mark}）" if mark else name


def may_convene_owners(heads: int, asking: int) -> Verdict:
    """Owners' meeting: a fifth of the owners ask for it (guidance for owners' assemblies, section 13)."""
    if heads and 5 * asking >= heads:
        return yes()
    return no(N_("要 %(owners)s 位业主提议"), owners=max(1, -(-heads // 5)))
